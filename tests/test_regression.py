"""Regression against R, NIST StRD and statsmodels, and what a user with bad data is told."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from cases import case_data, close, reference_case
from shared import shared

from research.errors import DataError, ModelError, OptionError, ResearchError
from research.numerics.least_squares import dependent_columns, least_squares
from research.structure.formula import parse_formula
from research.structure.regression import regress

NIST = ["norris", "pontius", "noint1", "noint2", "filip", "longley", *(f"wampler{i}" for i in range(1, 6))]
COLUMNS = {"estimate": "est", "se": "se", "statistic": "t", "p": "p", "low": "lo", "high": "hi"}
PSEUDO = ["loglik", "loglik_null", "deviance", "aic", "bic", "mcfadden", "cox_snell", "nagelkerke"]


def lre(got: object, certified: object) -> float:
    """Smallest log relative error; of a certified zero, the log absolute error."""
    got, certified = np.asarray(got, dtype=float), np.asarray(certified, dtype=float)
    zero = certified == 0
    error = np.abs(got - certified) / np.where(zero, 1, np.abs(certified))
    return float(np.min(-np.log10(np.maximum(error, 1e-15))))


@pytest.mark.parametrize("name", ["400-ols-attitude", "402-longley-nist"])
def test_ols_equals_r(name: str) -> None:
    reference = reference_case(name)
    fit = regress(reference["input"]["formula"], case_data(reference))
    expected, tolerance = reference["expected"], float(reference["tolerance"])
    table, measures = fit.tidy(), fit.measures()
    assert table["term"].tolist() == expected["coef"]["term"]
    for ours, theirs in COLUMNS.items():
        close(table[ours], expected["coef"][theirs], tolerance)
    close(measures["f"], expected["F"], tolerance)
    for name in ("r2", "adj_r2", "sigma", "df1", "df2", "p", "aic", "bic", "loglik", "rss"):
        close(measures[name], expected[name], tolerance)


def test_standardized_vif_and_robust_errors_equal_r() -> None:
    reference = reference_case("400-ols-attitude")
    data, formula, expected = case_data(reference), reference["input"]["formula"], reference["expected"]
    table = regress(formula, data).tidy().set_index("term")
    for term, beta in expected["std_beta"].items():
        close(table.loc[term, "beta"], beta, 1e-12)
        close(table.loc[term, "vif"], expected["vif"][term], 1e-12)
    assert np.isnan(table.loc["(Intercept)", ["beta", "vif"]].to_numpy(dtype=float)).all()
    for kind in ("HC0", "HC1", "HC2", "HC3", "HC4"):
        close(regress(formula, data, cov_type=kind).tidy()["se"], expected["robust_se"][kind], 1e-10)


@pytest.mark.parametrize("name", NIST)
def test_nist_linear_least_squares(name: str) -> None:
    """All eleven, 9 right digits at the least; 7 for Filip, whose powers of x are rounded to doubles."""
    stored = json.loads(shared("published/C_nist_strd.json").read_text(encoding="utf-8"))["datasets"][name]
    data = pd.read_csv(shared(f"published/{stored['data']}"))
    certified = {key: np.array(value, dtype=float) for key, value in stored["certified"].items()}
    if "polynomial" in stored["model"]:
        powers = range(1, len(certified["b"]))
        data = pd.DataFrame({"y": data["y"], **{f"x{power}": data["x"] ** power for power in powers}})
    names = [column for column in data.columns if column != "y"]
    formula = f"y ~ {'0 + ' if 'no intercept' in stored['model'] else ''}{' + '.join(names)}"
    fit = regress(formula, data)
    wanted = 7.0 if name == "filip" else 9.0
    assert lre(fit.tidy()["estimate"], certified["b"]) >= wanted
    assert lre(fit.tidy()["se"], certified["se"]) >= wanted
    assert lre(fit.measures()["sigma"], certified["rsd"]) >= wanted
    assert lre(fit.measures()["r2"], certified["r2"]) >= wanted


@pytest.mark.parametrize("name", ["wampler5", "filip"])
def test_the_normal_equations_do_not_reach_the_digits(name: str) -> None:
    """The refined QR is there for a reason; and reordering the rows does not cost a digit."""
    stored = json.loads(shared("published/C_nist_strd.json").read_text(encoding="utf-8"))["datasets"][name]
    data = pd.read_csv(shared(f"published/{stored['data']}"))
    certified = np.array(stored["certified"]["b"], dtype=float)
    X = np.column_stack([data["x"].to_numpy(dtype=float) ** power for power in range(len(certified))])
    y = data["y"].to_numpy(dtype=float)
    assert lre(np.linalg.lstsq(X.T @ X, X.T @ y, rcond=None)[0], certified) < 7
    refined = least_squares(X, y).coefficients
    assert lre(refined, certified) >= 7
    assert lre(least_squares(X[::-1], y[::-1]).coefficients, refined) >= 12


def test_binary_and_count_equal_r() -> None:
    for name, families in (("406-logistic", ("logit", "probit")), ("408-poisson-glm", ("poisson",))):
        reference = reference_case(name)
        for family in families:
            expected = reference["expected"][family]
            fit = regress(reference["input"]["formula"], case_data(reference), family)
            table, measures = fit.tidy(), fit.measures()
            for ours, theirs in (COLUMNS | {"statistic": "z", "low": "wald_lo", "high": "wald_hi"}).items():
                close(table[ours], expected["coef"][theirs], float(reference["tolerance"]))
            close(measures["chisq"], expected["lr"], 1e-9)
            for measure in PSEUDO:
                close(measures[measure], expected[measure], 1e-9)
            if family == "logit":
                close(fit.estimates.fitted, reference["expected"]["fitted"], 1e-6)


@pytest.mark.parametrize(
    ("family", "estimates", "errors", "loglik"),
    [
        # MASS 7.3-58.2, polr(ordered(education) ~ age + gender + ACT), relative tolerance 1e-15; its
        # standard errors come from a numerical Hessian.
        (
            "ordinal",
            [0.1757581211930002, 0.4981647795555907, 0.0505903532965724, 3.568674876330856,
             4.3176390144720962, 4.8179730220898564, 7.1283312071845657, 8.6471434913873733],
            [0.0122918933973107, 0.1505184437340324, 0.0144959134420363, 0.5526370886250761,
             0.5517324731016144, 0.5544919318806969, 0.5900829054573962, 0.6237556639028051],
            -924.032225181022,
        ),
        (
            "ordinal_probit",
            [0.0858441943679207, 0.2571860472878659, 0.0272013702504370, 1.6404844175987185,
             2.0646312613685578, 2.3504000221175625, 3.6732219820783958, 4.4825400595770653],
            [0.00536417580422188, 0.08610972413519501, 0.00853223759481506, 0.30819967883542398,
             0.30854925002218597, 0.30957987681814048, 0.32098261828910052, 0.33089283559951127],
            -938.038139437984,
        ),
    ],
)  # fmt: skip
def test_ordinal_equals_polr(family: str, estimates: list[float], errors: list[float], loglik: float) -> None:
    data = pd.read_csv(shared("reference/data/sat.act.csv"))
    fit = regress("education ~ age + gender + ACT", data, family)
    close(fit.tidy()["estimate"], estimates, 1e-5)
    close(fit.tidy()["se"], errors, 1e-5)
    close(fit.measures()["loglik"], loglik, 1e-10)
    assert fit.tidy()["term"].tolist() == ["age", "gender", "ACT", "0|1", "1|2", "2|3", "3|4", "4|5"]


def test_statsmodels_is_the_second_witness() -> None:
    """Coefficients, clustered and robust errors of statsmodels on a model with categories and a product."""
    import statsmodels.formula.api as smf

    rng = np.random.default_rng(1)
    data = pd.DataFrame(
        {"x": rng.normal(size=90), "g": np.tile(["b", "a", "c"], 30), "firm": np.repeat(range(15), 6)}
    )
    data["y"] = data["x"] + (data["g"] == "c") * 2 + rng.normal(size=90)
    theirs = smf.ols("y ~ x * C(g)", data)
    ours = regress("y ~ x * C(g)", data)
    renamed = {"Intercept": "(Intercept)"}
    plain = theirs.fit()
    want = plain.params.rename(renamed)
    got = ours.tidy().set_index("term")
    close(got.loc[want.index, "estimate"], want, 1e-10)
    close(got.loc[want.index, "se"], plain.bse.rename(renamed), 1e-10)
    clustered = theirs.fit(cov_type="cluster", cov_kwds={"groups": data["firm"]}, use_t=True)
    got = regress("y ~ x * C(g)", data, cov_type="cluster", cluster="firm").tidy().set_index("term")
    close(got.loc[want.index, "se"], clustered.bse.rename(renamed), 1e-10)
    close(got.loc[want.index, "p"], clustered.pvalues.rename(renamed), 1e-10)
    robust = regress("y ~ x * C(g)", data, cov_type="HC3")
    close(robust.measures()["f"], theirs.fit(cov_type="HC3", use_t=True).fvalue, 1e-9)


def test_categories_without_their_margin_have_no_reference() -> None:
    data = pd.DataFrame({"y": [1.0, 2, 4, 3, 5, 7], "g": ["b", "b", "a", "a", "c", "c"]})
    fit = regress("y ~ 0 + C(g)", data).tidy()
    assert fit["term"].tolist() == ["C(g)[a]", "C(g)[b]", "C(g)[c]"]
    assert fit["estimate"].tolist() == pytest.approx([3.5, 1.5, 6.0])


def test_missing_rows_are_counted_and_said() -> None:
    data = pd.DataFrame({"y": [1.0, 2, 3, 5, np.nan], "x": [1.0, np.nan, 2, 3, 4], "z": [1.0, 1, 1, 1, 1]})
    fit = regress("y ~ x", data)
    assert fit.measures()["n_obs"] == 3
    assert fit.measures()["n_dropped"] == 2
    assert fit.notes == ("2 of 5 rows were left out: a value is missing in one of the columns.",)


NOT_FORMULAS = """
y ~ I(__import__("os"))
y ~ log(x)
y ~ x ** 2
y ~ x - 1
y ~ x.mean()
y
~ x
y ~
y ~ x +
y ~ 2
y ~ 0
y ~ x + y
y ~ x + C(x)
y ~ x z
"""


@pytest.mark.parametrize("text", NOT_FORMULAS.strip().splitlines())
def test_a_formula_is_never_evaluated(text: str) -> None:
    with pytest.raises(ModelError) as caught:
        regress(text, pd.DataFrame({"y": [1.0, 2, 3], "x": [1.0, 3, 2], "z": [1.0, 3, 2]}))
    assert text in str(caught.value)


def bad(**columns: object) -> pd.DataFrame:
    frame = pd.DataFrame({"y": [1.0, 2, 4, 3, 6], "x": [1.0, 2, 3, 4, 5], "w": [2.0, 1, 4, 4, 0]})
    return frame.assign(**columns)


@pytest.mark.parametrize(
    ("formula", "data", "told"),
    [
        ("y ~ x + prise", bad(price=[1, 2, 3, 4, 6]), "prise.*Did you mean price"),
        ("y ~ x + w + z", bad(z=lambda d: d["x"] + d["w"]), "'z' is an exact linear combination of x, w"),
        ("y ~ x + z", bad(z=3.0), "'z' is constant"),
        ("y ~ x", bad(y=1.0), "outcome 'y' is constant"),
        ("y ~ x + w + x:w", bad().head(4), "too few for 4 coefficients"),
        ("y ~ x + C(z)", bad(z="a"), "one level only"),
        ("y ~ z", bad(z=["a", "b", "a", "b", "c"]), r"C\(z\) reads it as categories"),
        ("y ~ z", bad(z=np.nan), "'z' has no values"),
        ("y ~ z", bad(z=[1e150, 1, 2, 3, 4]), "'z' holds values up to 1e\\+150; give it in another unit"),
        (
            "y ~ x + z",
            bad(z=[1.0, np.nan, np.nan, np.nan, np.nan], x=[np.nan, 1, 2, 3, 4]),
            "no row has a value in all",
        ),
    ],
)
def test_bad_data_are_named(formula: str, data: pd.DataFrame, told: str) -> None:
    with pytest.raises(DataError, match=told):
        regress(formula, data)


def test_bad_outcomes_are_named() -> None:
    data = bad(b=[0, 0, 1, 1, 1], half=[0.5, 1, 2, 3, 4])
    with pytest.raises(DataError, match="separate"):
        regress("b ~ x", data, "logit")
    with pytest.raises(DataError, match="0 and 1; it holds 1, 2, 3, 4, 6"):
        regress("y ~ x", data, "logit")
    with pytest.raises(DataError, match=r"holds 0\.5"):
        regress("half ~ x", data, "poisson")
    with pytest.raises(DataError, match="2 levels"):
        regress("b ~ x", data, "ordinal")
    with pytest.raises(OptionError, match="Did you mean logit"):
        regress("b ~ x", data, "logist")
    with pytest.raises(OptionError, match="HC3"):
        regress("b ~ w", data, "logit", cov_type="HC3")
    with pytest.raises(OptionError, match="together"):
        regress("y ~ x", data, cov_type="cluster")


def test_dependence_is_found_where_it_is() -> None:
    rng = np.random.default_rng(3)
    X = rng.normal(size=(50, 4)) * [1, 1e6, 1e-6, 1]
    assert dependent_columns(X).size == 0
    assert dependent_columns(np.column_stack([X, X @ [1, 2, 3, 4.0]])).tolist() == [4]


def test_the_unit_of_a_predictor_does_not_matter() -> None:
    data = bad(b=[0, 1, 0, 1, 1], level=[1, 3, 2, 1, 3])
    for family, outcome in (("ols", "y"), ("logit", "b"), ("poisson", "y"), ("ordinal", "level")):
        plain = regress(f"{outcome} ~ w", data, family).tidy()
        scaled = regress(f"{outcome} ~ w", data.assign(w=data["w"] * 1e6 + 1e3), family).tidy()
        of = plain["term"] == "w"
        close(scaled.loc[of, "estimate"] * 1e6, plain.loc[of, "estimate"], 1e-8)
        close(scaled.loc[of, "p"], plain.loc[of, "p"], 1e-8)


def test_every_error_is_a_research_error() -> None:
    for formula, data in (
        ("y ~ x", 3),
        ("y ~ x", pd.DataFrame()),
        (5, bad()),
        ("y ~ x", bad(x=[np.inf, 1, 2, 3, 4])),
    ):
        with pytest.raises(ResearchError):
            regress(formula, data)


def test_module_has_no_eval() -> None:
    source = Path(__file__).parents[1].joinpath("research/structure/formula.py").read_text(encoding="utf-8")
    assert "eval(" not in source.replace("evaluated", "")


@pytest.mark.parametrize("kind", ["nonrobust", "HC0", "HC1", "HC2", "HC3", "HC4", "cluster"])
def test_verify_compares_with_statsmodels(kind: str) -> None:
    data = case_data(reference_case("400-ols-attitude")).assign(site=np.repeat(range(6), 5))
    fit = regress(
        "rating ~ complaints + learning", data, cov_type=kind, cluster="site" if kind == "cluster" else None
    )
    found = fit.verify()
    assert found.largest < 1e-10
    assert np.isnan(found.largest_se) if kind == "HC4" else found.largest_se < 1e-10
    assert "statsmodels" in found.sentence("en")
    assert "标准误" in found.sentence("zh")
    with pytest.raises(OptionError, match="least squares"):
        regress("site ~ learning", data.assign(site=data["site"] > 2), "logit").verify()


def test_statsmodels_loses_the_digits_that_verify_would_miss() -> None:
    """On Filip the pseudo-inverse is off; the disagreement is reported, not hidden."""
    data = pd.read_csv(shared("published/data/nist_filip.csv"))
    data = pd.DataFrame({"y": data["y"], **{f"x{power}": data["x"] ** power for power in range(1, 11)}})
    fit = regress(f"y ~ {' + '.join(name for name in data if name != 'y')}", data)
    assert fit.verify().largest > 1


FORMULAS = {
    "y ~ a": ["a"],
    "y ~ 1": [],
    "y ~ a + b + a": ["a", "b"],
    "y ~ a:b + a": ["a", "a:b"],
    "y ~ a * b": ["a", "b", "a:b"],
    "y ~ a * b:c": ["a", "b:c", "a:b:c"],
    "y ~ a*b*c": ["a", "b", "c", "a:b", "a:c", "b:c", "a:b:c"],
    "y ~ a:a": ["a"],
    "y ~ 0 + C(g)": ["C(g)"],
    "忠诚 ~ 信任 * C(渠道)": ["信任", "C(渠道)", "信任:C(渠道)"],
    "y ~ `how long?` + x.1": ["`how long?`", "x.1"],
}


@pytest.mark.parametrize(("text", "terms"), FORMULAS.items(), ids=list(FORMULAS))
def test_the_grammar(text: str, terms: list[str]) -> None:
    parsed = parse_formula(text)
    assert [":".join(map(str, term)) for term in parsed.terms] == terms
    assert parsed.intercept != text.startswith("y ~ 0")
