"""Factor scores are lavaan's, in every group and for variables in regressions."""

from __future__ import annotations

import numpy as np
import pytest
from reference_cases import case_names, fit_case, load_case
from surveys import hs

import research

SCORED = [n for n in case_names() if "factor_scores_regression" in load_case(n)["expected"]]

# lavPredict of lavaan 0.6-14 with a mean structure, first three rows of Holzinger and Swineford's data
WITH_REGRESSIONS = {
    "visual =~ x1+x2+x3\nvisual~sex\nx1~sex+ageyr": (
        [-1.212642779214, -0.711020908583, -0.971386395922],
        [-1.65720919267, -0.68753371894, -1.08650951676],
    ),
    "visual =~ x1+x2+x3\nx9 ~ visual": (
        [-0.528261689275, 0.424034282365, -0.479987014245],
        [-0.758576747192, 0.608907579604, -0.689254957065],
    ),
    "visual =~ x1+x2+x3\nx9 ~ x1": (
        [-0.7104159497991, -0.0632882077761, -0.3190957237426],
        [-1.0766510677937, -0.0959146771694, -0.4835966194073],
    ),
}


@pytest.mark.parametrize("method", ["regression", "bartlett"])
@pytest.mark.parametrize("name", SCORED)
def test_scores_of_lavaan(name: str, method: str) -> None:
    fit = fit_case(name)
    scores = fit.scores(method)
    for label, table in load_case(name)["expected"][f"factor_scores_{method}"].items():
        groups = [group for group in fit.sample.groups if label in ("all", group.label)]
        want = np.array(table["values"], dtype=float)
        got = scores.loc[groups[0].rows, table["cols"]].to_numpy()[: len(want)]
        np.testing.assert_allclose(got, want, atol=2e-5)


@pytest.mark.parametrize("text", WITH_REGRESSIONS)
def test_observed_variables_in_regressions(text: str) -> None:
    fit = research.sem(text, hs(), meanstructure=True)
    for method, want in zip(("regression", "bartlett"), WITH_REGRESSIONS[text], strict=True):
        np.testing.assert_allclose(fit.scores(method)["visual"].iloc[:3], want, atol=2e-6)


def test_the_only_indicator_is_the_score() -> None:
    fit = research.cfa("visual =~ x1 + x2 + x3\ns =~ x4", hs())
    x4 = hs()["x4"]
    for method in ("regression", "bartlett"):
        np.testing.assert_allclose(fit.scores(method)["s"], x4 - x4.mean(), atol=1e-10)


def test_rows_left_out_are_seen_in_the_index() -> None:
    frame = hs()
    frame.loc[[0, 7], "x2"] = np.nan
    scores = research.cfa("visual =~ x1 + x2 + x3 + x4", frame).scores()
    assert list(scores.index[:7]) == [1, 2, 3, 4, 5, 6, 8]


def test_no_scores_without_rows() -> None:
    cov = hs()[["x1", "x2", "x3"]].cov()
    fit = research.cfa("visual =~ x1 + x2 + x3", sample_cov=cov, sample_nobs=301)
    with pytest.raises(research.ResearchError, match="rows"):
        fit.scores()
    with pytest.raises(research.ResearchError, match="regression"):
        research.cfa("visual =~ x1 + x2 + x3", hs()).scores(method="thurstone")
