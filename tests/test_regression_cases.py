"""The regression cases of the reference battery (R 4.2.2): every quantity of every case."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from cases import case_data, close, reference_case
from shared import shared

import research
from research.structure.regression import Regression

Answer = dict[str, Any]
KINDS = ("HC0", "HC1", "HC2", "HC3", "HC4")


def coefficients(fit: Regression) -> Answer:
    table = fit.tidy()
    names = {"term": "term", "est": "estimate", "se": "se", "p": "p"}
    answer = {theirs: table[ours].tolist() for theirs, ours in names.items()}
    if fit.family == "ols":
        return answer | {"t": table["statistic"], "lo": table["low"], "hi": table["high"]}
    exp = fit.ratios()["ratio"]
    return answer | {"z": table["statistic"], "wald_lo": table["low"], "wald_hi": table["high"], "exp": exp}


def least_squares(fit: Regression) -> Answer:
    names = ("r2", "adj_r2", "sigma", "df1", "df2", "p", "aic", "bic", "loglik", "rss")
    measures = fit.measures()
    return {"coef": coefficients(fit), "F": measures["f"], **{name: measures[name] for name in names}}


def by_term(fit: Regression, column: str) -> Answer:
    table = fit.tidy().set_index("term")[column].dropna()
    return {str(term): value for term, value in table.items()}


def attitude(case: Answer) -> Answer:
    data, formula = case_data(case), case["input"]["formula"]
    fit = research.regress(formula, data)
    found = fit.diagnostics()
    tests, rows = found.tests.set_index("test"), found.rows
    robust = {kind: research.regress(formula, data, cov_type=kind).tidy()["se"] for kind in KINDS}
    return {
        **least_squares(fit),
        "std_beta": by_term(fit, "beta"),
        "vif": by_term(fit, "vif"),
        "robust_se": {"term": fit.tidy()["term"].tolist(), **robust},
        "cooks": rows["cooks_distance"],
        "leverage": rows["leverage"],
        "rstudent": rows["studentized"],
        "dffits": rows["dffits"],
        "durbin_watson": tests.loc["durbin_watson", "statistic"],
        "breusch_pagan_koenker": {
            "LM": tests.loc["breusch_pagan", "statistic"],
            "df": tests.loc["breusch_pagan", "df1"],
            "p": tests.loc["breusch_pagan", "p"],
        },
        "condition_index": found.collinearity["index"],
        "shapiro": {"W": tests.loc["shapiro_wilk", "statistic"], "p": tests.loc["shapiro_wilk", "p"]},
        "anova_type1": sums_of_squares(fit),
        "drop1_type3": left_out(fit),
    }


def sums_of_squares(fit: Regression) -> Answer:
    names = {"term": "term", "Df": "df", "Sum Sq": "ss", "Mean Sq": "ms", "F value": "f", "Pr(>F)": "p"}
    table = fit.effect_sizes(sequential=True)
    return {theirs: table[ours].tolist() for theirs, ours in names.items()}


def left_out(fit: Regression) -> Answer:
    """R's order: the whole model first."""
    table = fit.effect_sizes()
    whole = table.iloc[[-1]].assign(term="<none>", df=np.nan, ss=np.nan)
    ordered = pd.concat([whole, table.iloc[:-1]])
    names = {"term": "term", "Df": "df", "Sum of Sq": "ss", "RSS": "rss", "AIC": "aic", "F value": "f"}
    return {theirs: ordered[ours].tolist() for theirs, ours in {**names, "Pr(>F)": "p"}.items()}


def steps(case: Answer) -> Answer:
    blocks = [[block] if isinstance(block, str) else block for block in case["input"]["blocks"]]
    found = research.hierarchical([f"rating ~ {' + '.join(block)}" for block in blocks], case_data(case))
    names = {"dR2": "delta_r2", "F": "delta_f", "df1": "df1", "df2": "df2", "p": "p"}
    later = found.steps.iloc[1:]
    return {
        "models": [least_squares(fit) for fit in found.fits],
        "steps": [{theirs: row[ours] for theirs, ours in names.items()} for _, row in later.iterrows()],
        "std_beta": [by_term(fit, "beta") for fit in found.fits],
        "cohens_f2": [fit.measures()["cohens_f2"] for fit in found.fits],
    }


def longley(case: Answer) -> Answer:
    fit = research.regress(case["input"]["formula"], case_data(case))
    table, measures = fit.tidy(), fit.measures()
    certified = {
        "coef": table["estimate"],
        "se": table["se"],
        "sigma": measures["sigma"],
        "r2": measures["r2"],
    }
    return {**least_squares(fit), "certified": {**certified, "F": measures["f"]}}


def mediation(case: Answer) -> Answer:
    given, data = case["input"], case_data(case)
    x, m, y = given["x"], given["m"], given["y"]
    fits = [research.regress(text, data) for text in (f"{m} ~ {x}", f"{y} ~ {x} + {m}", f"{y} ~ {x}")]
    a, b = fits[0].tidy().set_index("term").loc[x], fits[1].tidy().set_index("term").loc[m]
    effects = research.process(data, 4, x=x, y=y, m=[m], bootstrap=0).effects().set_index("effect")
    indirect = effects.loc["indirect"]
    first = b["estimate"] ** 2 * a["se"] ** 2 + a["estimate"] ** 2 * b["se"] ** 2
    product = a["se"] ** 2 * b["se"] ** 2
    answers = dict(zip(("a_model", "b_model", "c_model"), map(least_squares, fits), strict=True))
    for name, variance in (("sobel", first), ("goodman", first - product)):
        z = indirect["estimate"] / np.sqrt(variance)
        answers[name] = {"se": np.sqrt(variance), "z": z, "p": normal_p(z)}
    z = indirect["estimate"] / indirect["se"]
    answers["aroian"] = {"se": indirect["se"], "z": z, "p": indirect["p"]}
    return {**answers, "indirect": indirect["estimate"]}


def normal_p(z: float) -> float:
    from scipy.special import ndtr

    return float(2 * ndtr(-abs(z)))


class Splined:
    """R 4.2.2 interpolates its profiles with a spline; the roots themselves are held by the test below."""

    def __init__(self, values: object) -> None:
        self.values = values


def by_likelihood(case: Answer, family: str) -> Answer:
    fit = research.regress(case["input"]["formula"], case_data(case), family)
    measures, ratios = fit.measures(), fit.ratios(profile=True)
    names = ("loglik", "loglik_null", "deviance", "null_deviance", "aic", "bic", "mcfadden", "cox_snell")
    return {
        "coef": coefficients(fit),
        "profile_ci": {
            "rows": ratios["term"].tolist(),
            "cols": ["2.5 %", "97.5 %"],
            "values": Splined(ratios[["low", "high"]].to_numpy()),
        },
        **{name: measures[name] for name in (*names, "nagelkerke")},
        "lr": measures["chisq"],
    }


def binary(case: Answer) -> Answer:
    fit = research.regress(case["input"]["formula"], case_data(case), "logit")
    found = fit.classification()
    return {
        **{family: by_likelihood(case, family) for family in ("logit", "probit")},
        "auc": found.auc,
        "table": found.table.to_numpy().ravel(order="F"),
        "fitted": fit.estimates.fitted,
    }


def correlated(case: Answer) -> Answer:
    data = case_data(case)
    names = list(data.columns)
    answers: Answer = {}
    for method in ("pearson", "spearman", "kendall"):
        found = research.correlations(data, method=method)
        p = found.p.to_numpy(dtype=float).copy()
        np.fill_diagonal(p, 0.0)  # R's zero of a variable with itself; ours is NaN, a test that nobody made
        squares = {"r": found.r.to_numpy(), "p": p}
        answers[method] = {name: {"rows": names, "cols": names, "values": v} for name, v in squares.items()}
    pair = research.correlations(data).tidy().set_index(["x", "y"]).loc[("rating", "complaints")]
    partial = research.partial_correlations(data)
    return {
        **answers,
        "fisher_ci_rating_complaints": [pair["low"], pair["high"]],
        "partial_all_others": {"rows": names, "cols": names, "values": partial.to_numpy()},
    }


CASES: dict[str, Callable[[Answer], Answer]] = {
    "400-ols-attitude": attitude,
    "401-hierarchical": steps,
    "402-longley-nist": longley,
    "405-ols-mediation-sobel": mediation,
    "406-logistic": binary,
    "408-poisson-glm": lambda case: {"poisson": by_likelihood(case, "poisson")},
    "410-correlations": correlated,
}
ELSEWHERE = {"409-group-tests": "test_group_comparison.py"}


@pytest.mark.parametrize("name", CASES)
def test_every_quantity_of_the_case(name: str) -> None:
    case = reference_case(name)
    assert hold(case["expected"], CASES[name](case), float(case["tolerance"])) > 10


def test_every_case_of_its_kind_is_here() -> None:
    there = {path.stem for path in shared("reference/cases").glob("4*.json")}
    assert there == CASES.keys() | ELSEWHERE.keys()


def hold(want: Any, got: Any, tolerance: float, path: str = "") -> int:
    """Compare everything that is expected; the count of numbers compared."""
    if isinstance(got, Splined):
        return hold(want, got.values, 2e-3, path)
    if isinstance(want, dict):
        missing = want.keys() - got.keys() - {"warnings"}
        assert not missing, f"{path}: nothing answers {missing}"
        return sum(hold(want[key], got[key], tolerance, f"{path}/{key}") for key in want if key != "warnings")
    if isinstance(want, list) and want and isinstance(want[0], dict):
        assert len(got) == len(want), path
        return sum(
            hold(one, own, tolerance, f"{path}/{at}")
            for at, (one, own) in enumerate(zip(want, got, strict=True))
        )
    flat = np.asarray(want).ravel()
    if flat.dtype.kind in "US":
        assert list(np.asarray(got).ravel()) == list(flat), path
        return flat.size
    try:
        close(np.asarray(got, dtype=float), np.asarray(want, dtype=float), tolerance)
    except AssertionError as error:
        raise AssertionError(f"{path}: {error}") from error
    if path.rsplit("/", 1)[-1] in ("p", "Pr(>F)"):  # a small p has to be right in its digits, not only small
        np.testing.assert_allclose(
            np.asarray(got, dtype=float), np.asarray(want, dtype=float), rtol=1e-5, atol=1e-30
        )
    return flat.size


def test_profile_limits_are_where_the_deviance_has_risen_by_the_quantile() -> None:
    """A second witness of the roots: statsmodels refitted with the coefficient held at the limit."""
    import statsmodels.api as sm

    cars = pd.read_csv(shared("reference/data/mtcars.csv"))
    fit = research.regress("am ~ wt + hp", cars, "logit")
    limits = fit.ratios(profile=True).set_index("term")
    for name, other in (("wt", "hp"), ("hp", "wt")):
        for side in ("low", "high"):
            offset = cars[name].to_numpy() * limits.loc[name, side]
            model = sm.Logit(cars["am"], sm.add_constant(cars[[other]]), offset=offset)
            start = model.fit(method="nm", maxiter=5000, disp=0).params
            held = model.fit(start_params=start, method="newton", tol=1e-13, disp=0)
            risen = -2 * held.llf - fit.measures()["deviance"]
            assert risen == pytest.approx(3.841458820694124, abs=1e-8)
