"""Score tests of what a model holds and Wald tests of what it does not: lavaan's numbers."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2
from surveys import hs

import research

THREE = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9"
LABELLED = "visual =~ x1 + a*x2 + b*x3\ntextual =~ x4 + c*x5 + d*x6\ne := a*b"
CURVED = """visual =~ x1 + a*x2 + b*x3
textual =~ x4 + a*x5 + b2*x6
speed =~ x7 + x8 + c*x9
b == 2*c
b2 == c^2 + .1"""


# lavTestScore() of lavaan 0.6-14: everything at once, then one by one. It stops at a gradient of 1e-6, with
# curved constraints at a violation of 1e-7, hence five digits.
SCORES = {
    "loadings": (
        THREE,
        {"group": "school", "group_equal": "loadings"},
        "",
        [7.25586162, 0.66781882, 0.51580720, 4.64900697, 2.71221747, 0.01640302, 0.05904338],
    ),
    "loadings, GLS": (
        THREE,
        {"group": "school", "group_equal": "loadings", "estimator": "GLS"},
        "",
        [5.01448542, 0.50777423, 0.62307914, 1.85059547, 1.19917557, 0.66887210, 0.05157499],
    ),
    "labels and curved constraints": (CURVED, {}, "", [19.46079959, 12.66979948, 2.65354007, 0.21843408]),
    "added": (THREE, {}, "x1 ~~ x2\nvisual =~ x7", [22.23662909, 3.60596006, 18.63066902]),
    "added to both groups": (
        THREE,
        {"group": "school", "group_equal": "loadings"},
        "x8 ~~ x7",
        [31.43237893, 2.77969839, 16.41338351],
    ),
}


@pytest.mark.parametrize("name", SCORES)
def test_score_tests_of_lavaan(name: str) -> None:
    text, options, add, want = SCORES[name]
    found = research.cfa(text, hs(), **options).score_test(add)
    np.testing.assert_allclose(found["chisq"], want, rtol=2e-5, atol=1e-5)
    assert found["lhs"].iloc[0] == "all"
    assert found["df"].tolist() == [len(want) - 1] + [1] * (len(want) - 1)
    np.testing.assert_allclose(found["p"], chi2.sf(found["chisq"], found["df"]))


# lavTestWald() of lavaan 0.6-14
WALD = [
    ({}, "a == b\nc == d", 10.819365294655, 2),
    ({"estimator": "MLR"}, "a*b == c^2", 12.444930291167, 1),
    ({"estimator": "MLR"}, "a == 0", 11.80708744, 1),
    ({"estimator": "MLR"}, "e == .5", 0.2768297118, 1),
]


@pytest.mark.parametrize(("options", "text", "want", "df"), WALD)
def test_wald_tests_of_lavaan(options: dict[str, str], text: str, want: float, df: int) -> None:
    found = research.cfa(LABELLED, hs(), **options).wald(text)
    assert found.df == df
    assert found.chisq == pytest.approx(want, rel=1e-5)
    assert found.p == pytest.approx(chi2.sf(want, df), rel=1e-4)


def test_one_parameter_by_wald_is_its_z_squared() -> None:
    fit = research.cfa(LABELLED, hs())
    z = fit.tidy().set_index("label").loc["a", "z"]
    assert fit.wald("a == 0").chisq == pytest.approx(z**2, rel=1e-10)


@pytest.mark.parametrize("text", ["a == zz", "a < b", "x1 ~ x2", "a =="])
def test_what_is_no_wald_test(text: str) -> None:
    with pytest.raises(research.ResearchError):
        research.cfa(LABELLED, hs()).wald(text)


@pytest.mark.parametrize("text", ["x1 ~~ x1", "x1 ~~ x77", "a == b", ""])
def test_what_is_no_score_test(text: str) -> None:
    with pytest.raises(research.ResearchError):
        research.cfa(LABELLED, hs()).score_test(text)
