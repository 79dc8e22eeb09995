"""semopy as a second witness."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from reference_cases import data_path, fit_case

import research


@pytest.mark.parametrize(
    "name", ["001-hs-cfa-ml", "003-hs-cfa-stdlv", "010-pd-sem-ml", "020-mimic-fixedx", "031-crosslag"]
)
def test_semopy_finds_the_same_minimum(name: str) -> None:
    fit = fit_case(name)
    found = fit.verify()
    assert found.largest < 1e-6
    assert found.chisq_deviation == pytest.approx(0.0, abs=1e-8)
    assert found.n_compared == fit.compiled.n_parameters
    assert found.version in found.sentence()
    assert found.parameter not in found.sentence("zh")  # a reader of a paper does not know `f =~ x1`
    assert "× 10⁻" in found.sentence()
    assert "e-0" not in found.sentence("zh")


def test_without_standard_errors_the_sentence_has_none() -> None:
    found = replace(fit_case("001-hs-cfa-ml").verify(), in_se=float("nan"))
    assert "differ by at most" in found.sentence()
    assert "standard errors" not in found.sentence()
    assert "标准误" not in found.sentence("zh")


def test_groups_are_verified_one_by_one() -> None:
    assert fit_case("090-mg-configural").verify().largest < 1e-6


@pytest.mark.parametrize(
    ("name", "reason"),
    [("091-mg-metric", "equalities across groups"), ("028-growth-linear", "means"), ("040-hs-cfa-mlr", "")],
)
def test_what_semopy_cannot_estimate(name: str, reason: str) -> None:
    fit = fit_case(name)
    if not reason:
        assert fit.verify().largest < 1e-6
        return
    with pytest.raises(research.ResearchError, match=reason):
        fit.verify()


def test_a_heywood_case_shows() -> None:
    fit = research.cfa("f =~ y1 + y2 + y3", pd.read_csv(data_path("heywood.csv")))
    assert fit.verify().chisq_deviation > 1.0  # semopy stops at variance zero
