"""Options resolve as lavaan resolves them, and refuse what they do not know by name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from surveys import hs

import research
from research.errors import OptionError
from research.model.options import Options, read_options

WITNESS = Path(__file__).parent / "reference" / "lavaan_options.json"
ROWS: list[dict[str, Any]] = json.loads(WITNESS.read_text(encoding="utf-8"))


def given(row: dict[str, Any]) -> dict[str, Any]:
    return {name.replace(".", "_"): value for name, value in row["given"].items()}


def underscored(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(underscored(one) for one in value)
    return value.replace(".", "_") if isinstance(value, str) else value


@pytest.mark.parametrize("row", ROWS, ids=lambda row: " ".join(map(str, row["given"].values())))
def test_defaults_are_lavaans(row: dict[str, Any]) -> None:
    want = {name.replace(".", "_"): underscored(value) for name, value in row["expected"].items()}
    if "error" in want:
        with pytest.raises(OptionError):
            read_options("cfa", **given(row))
        return
    if row["given"].get("se") == "first.order" and want["estimator"] != "ML":
        with pytest.raises(OptionError, match="standard, bootstrap, none"):
            read_options("cfa", **given(row))  # lavaan warns and computes something else; ours refuses
        return
    got = read_options("cfa", **given(row))
    assert got.discrepancy == want["estimator"]
    assert bool(got.meanstructure) == want["meanstructure"]
    assert got.likelihood == want["likelihood"]
    assert got.information == want["information"]
    assert got.se == want["se"]
    assert got.tests == (want["test"] if isinstance(want["test"], tuple) else (want["test"],))
    assert got.sample_cov_rescale == want["sample_cov_rescale"]
    assert got.h1_information == want["h1_information"]
    assert got.observed_information == want["observed_information"]
    assert got.conditional_x == want["conditional_x"]
    if "two" not in got.missing:  # asked without exogenous variables: lavaan says FALSE for want of any
        assert got.fixed_x == want["fixed_x"]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"estimatr": "ML"}, "unknown option 'estimatr'"),
        ({"estimatr": "ML"}, "Did you mean estimator?"),
        ({"estimator": "MLX"}, "MLR"),
        ({"estimator": 3}, "allowed are ML, GLS"),
        ({"se": "robust.hubber.white"}, "Did you mean robust_huber_white?"),
        ({"test": "yuan.bentler.mplu"}, "Did you mean yuan_bentler_mplus?"),
        ({"missing": "fiml", "estimator": "GLS"}, "needs estimator ML, MLR or MLF"),
        ({"missing": "em"}, "fiml"),
        ({"group_equal": ["loadings", "intercept"]}, "Did you mean intercepts?"),
        ({"group_equal": 1}, "a string or a list of strings"),
        ({"std_lv": "yes"}, "True or False"),
        ({"bootstrap": 0}, "above 0"),
        ({"bootstrap": True}, "above 0"),
        ({"max_iter": 1.5}, "whole number"),
        ({"std_lv": True, "effect_coding": "loadings"}, "twice"),
        ({"likelihood": "wishart", "estimator": "ULS"}, "maximum likelihood only"),
        ({"ordered": ["x1"], "estimator": "ML"}, "WLSMV"),
        ({"se": "robust", "estimator": "GLS"}, "standard, bootstrap, none"),
        ({"se": "robust_cluster"}, "needs option 'cluster'"),
        ({"rotation": "geomax"}, "geomin"),
        ({"rotation_args": {"epsilon": 1}}, "geomin_epsilon"),
        ({"rotation_args": [1]}, "is a dict"),
        ({"group": 4}, "one column"),
        ({"bounds": "tight"}, "pos_var"),
    ],
)
def test_refusals_name_the_option_and_what_is_allowed(options: dict[str, Any], says: str) -> None:
    with pytest.raises(OptionError) as caught:
        read_options("sem", **options)
    assert says in str(caught.value)


def test_dots_underscores_case_none_and_default_are_accepted() -> None:
    dotted = read_options(
        "cfa", **{"std.lv": True, "group.equal": "residual.covariances", "estimator": "mlr"}
    )
    plain = read_options("cfa", std_lv=True, group_equal=["residual_covariances"], estimator="MLR")
    assert dotted == plain
    assert read_options("cfa", estimator=None, se="default", group=None) == Options(fun="cfa")


def test_the_estimators_own_test_scales_the_measures_before_one_that_was_asked_for() -> None:
    # lavaan 0.6-14: with estimator = "MLR", test = "satorra.bentler" chisq.scaled stays yuan.bentler.mplus
    assert read_options("cfa", estimator="MLR", test="satorra.bentler").test == "yuan_bentler_mplus"
    assert read_options("cfa", ordered=True, test="mean.var.adjusted").test == "scaled_shifted"
    assert read_options("cfa", estimator="MLR").test == "yuan_bentler_mplus"
    assert read_options("cfa", test=["browne.residual.adf", "satorra.bentler"]).test == "satorra_bentler"
    assert read_options("growth").meanstructure is True


def test_tests_beside_the_estimators_own_have_their_own_names() -> None:
    # lavaan 0.6-14, lavInspect(cfa(..., test = c("satorra.bentler", "mean.var.adjusted")), "test")
    model = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6"
    two = ["satorra.bentler", "mean.var.adjusted"]
    by_rows = research.cfa(model, hs(), estimator="MLMV", test=two).measures()
    assert by_rows["chisq_scaled"] == pytest.approx(21.93844, abs=1e-5)
    assert by_rows["chisq_satorra_bentler"] == pytest.approx(22.55505, abs=1e-5)
    assert by_rows["chisq_mean_var_adjusted"] == pytest.approx(20.68448, abs=1e-5)
    squares = research.cfa(model, hs(), estimator="WLSM", test=two).measures()
    assert squares["chisq_scaled"] == pytest.approx(25.9446, abs=1e-4)
    assert squares["chisq_mean_var_adjusted"] == pytest.approx(13.56512, abs=1e-5)
    assert "chisq_satorra_bentler" not in squares
    likely = research.cfa(model, hs(), estimator="MLR", test="satorra_bentler").measures()
    assert likely["chisq_scaled"] == pytest.approx(22.98585, abs=1e-5)
    assert "chisq_satorra_bentler" in likely
