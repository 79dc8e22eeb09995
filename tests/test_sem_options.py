"""Options together: groups, fixed x, weights, clusters, Wishart likelihood, as lavaan combines them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from reference_cases import data_path

import research

TWO = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\n"
COVARIATES = TWO + "visual ~ sex + ageyr\ntextual ~ visual + sex"


def pupils() -> pd.DataFrame:
    frame = pd.read_csv(data_path("HolzingerSwineford1939.csv"))
    row = np.arange(len(frame))
    return frame.assign(w=1 + row * 37 % 61 / 30, cl=row % 30)


# lavaan 0.6-14: chi-square, scaled chi-square (0: none), standard errors of visual =~ x3 and textual =~ x5
# (of the first group)
Expected = tuple[float, float, float, float]
OF_LAVAAN: dict[str, tuple[str, dict[str, Any], Expected]] = {
    "MLM given x": (COVARIATES, {"estimator": "MLM"}, (46.574261, 45.053245, 0.130215178, 0.0657910377)),
    "scaled-shifted given x": (
        COVARIATES,
        {"test": "scaled_shifted"},
        (46.574261, 42.905186, 0.120106922, 0.0647812729),
    ),
    "MLM given x by group": (
        COVARIATES,
        {"estimator": "MLM", "group": "school"},
        (49.984188, 49.856613, 0.151977156, 0.108749212),
    ),
    "MLMV given x, equal loadings": (
        COVARIATES,
        {"estimator": "MLMV", "group": "school", "group_equal": ["loadings"]},
        (58.144767, 54.300693, 0.135205894, 0.0684277903),
    ),
    "GLS by group": (
        COVARIATES,
        {"estimator": "GLS", "group": "school", "meanstructure": True},
        (40.49693, 0.0, 0.139861213, 0.107242058),
    ),
    "GLS, observed information": (
        TWO,
        {"estimator": "GLS", "information": "observed"},
        (22.157193, 0.0, 0.130410144, 0.0678074748),
    ),
    "Wishart by group": (
        COVARIATES,
        {"likelihood": "wishart", "group": "school"},
        (49.659128, 0.0, 0.152740716, 0.102407985),
    ),
    "Wishart, MLR": (
        TWO,
        {"likelihood": "wishart", "estimator": "MLR"},
        (24.280369, 24.454799, 0.16177417, 0.0655901361),
    ),
    "Wishart, MLM": (
        TWO,
        {"likelihood": "wishart", "estimator": "MLM"},
        (24.280369, 22.630233, 0.124929635, 0.0663144221),
    ),
    "scaled-shifted, observed information": (
        TWO,
        {"test": "scaled_shifted", "information": "observed"},
        (24.361304, 21.602232, 0.128644185, 0.0649269399),
    ),
    "weights by group": (
        TWO,
        {"sampling_weights": "w", "group": "school"},
        (30.23361348, 31.22740866, 0.19935660, 0.10448301),
    ),
    "clusters, MLM": (
        TWO,
        {"cluster": "cl", "estimator": "MLM"},
        (24.36130385, 19.18333843, 0.10609319, 0.04351495),
    ),
    "clusters and weights": (
        TWO,
        {"cluster": "cl", "sampling_weights": "w"},
        (26.42694239, 22.29396177, 0.15121572, 0.04100714),
    ),
}


@pytest.mark.parametrize("name", OF_LAVAAN)
def test_combination_of_lavaan(name: str) -> None:
    text, options, (chisq, scaled, se_visual, se_textual) = OF_LAVAAN[name]
    fit = research.sem(text, pupils(), **options)
    measures = fit.measures()
    assert measures["chisq"] == pytest.approx(chisq, rel=2e-7, abs=1e-6)
    if scaled:
        # lavaan's observed information is a numerical derivative of the gradient, good to five digits
        assert measures["chisq_scaled"] == pytest.approx(scaled, rel=1e-5)
    se = fit.tidy().query("op == '=~'").drop_duplicates("rhs").set_index("rhs")["se"]
    assert se["x3"] == pytest.approx(se_visual, rel=2e-5)
    assert se["x5"] == pytest.approx(se_textual, rel=2e-5)


def test_likelihood_of_weighted_groups() -> None:
    measures = research.sem(TWO, pupils(), sampling_weights="w", group="school").measures()
    assert measures["logl"] == pytest.approx(-2479.55992731, rel=1e-9)
    assert measures["bic"] == pytest.approx(5175.99004468, rel=1e-9)


def test_intercepts_of_groups_count_by_rows() -> None:
    """With divisor n - 1 the information of the groups is still added up by n."""
    fit = research.sem(COVARIATES, pupils(), estimator="GLS", group="school", meanstructure=True)
    row = fit.tidy().query("lhs == 'x1' and op == '~1'").iloc[0]
    assert row["se"] == pytest.approx(1.20619607, rel=1e-5)


@pytest.mark.parametrize(
    "options",
    [
        {"sampling_weights": "w", "estimator": "DWLS"},
        {"sampling_weights": "w", "estimator": "MLM"},
        {"information": "first_order", "estimator": "GLS"},
        {"missing": "pairwise", "estimator": "MLR"},
    ],
)
def test_what_is_not_carried_out_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(research.ResearchError):
        research.sem(TWO, pupils(), **options)
