"""Nonlinear equalities, inequalities and bounds: estimates, standard errors and df of lavaan."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest
from reference_cases import data_path
from surveys import hs

import research

THREE = "visual =~ x1 + a*x2 + b*x3\ntextual =~ x4 + c*x5 + d*x6\nspeed =~ x7 + x8 + e*x9\n"
TWO = "visual =~ x1 + a*x2 + b*x3\ntextual =~ x4 + c*x5 + d*x6\n"
CURVED = THREE + "a*b == c - .5\nd == exp(e) - 2\nq := a*b*c"

# cfa() of lavaan 0.6-14: free parameters, chi-square, df; estimate and standard error of rows.
OF_LAVAAN: dict[
    str, tuple[str, Mapping[str, object], tuple[int, float, int], dict[str, tuple[float, float]]]
] = {
    "active inequality": (
        TWO + "a > 0.7\nb < c\nb < .9",
        {},
        (13, 25.50307102, 8),
        {"visual=~x3": (0.80164932, 0.11256507), "textual=~x5": (1.11220573, 0.06551474)},
    ),
    "three active inequalities": (
        TWO + "b < a\nc > 1.2\nd > a + b",
        {"estimator": "GLS"},
        (13, 27.34080239, 8),
        {"visual=~x2": (0.49059636, 0.02561570), "textual=~x6": (0.98119274, 0.05123140)},
    ),
    "curved equalities": (
        CURVED,
        {},
        (19, 86.9675671, 26),
        {
            "visual=~x2": (0.68048842, 0.06780074),
            "textual=~x6": (0.91562292, 0.05327809),
            "speed=~x9": (1.07008344, 0.01827331),
            "q:=a*b*c": (0.63759754, 0.09873089),
        },
    ),
    "curved equalities, MLR": (
        CURVED,
        {"estimator": "MLR"},
        (19, 86.9675671, 26),
        {"visual=~x2": (0.68048842, 0.06246956), "q:=a*b*c": (0.63759754, 0.10883835)},
    ),
    "bounds of parameters": (
        "visual =~ x1 + lower(.7)*x2 + x3\ntextual =~ x4 + x5 + upper(.9)*x6",
        {},
        (13, 25.7297756, 8),
        {
            "visual=~x2": (0.7, 0.11986731),
            "visual=~x3": (0.80126938, 0.12794673),
            "textual=~x6": (0.9, 0.05408414),
        },
    ),
    "a constraint that identifies": (
        "visual =~ NA*x1 + a*x2 + b*x3\nvisual ~~ v*visual\na^2 + b^2 + v == 2",
        {},
        (6, 0.0, 0),
        {"visual=~x1": (0.81041604, 0.25192042), "visual=~x3": (0.89733721, 0.15805248)},
    ),
}


@pytest.mark.parametrize("name", OF_LAVAAN)
def test_constrained_fit_of_lavaan(name: str) -> None:
    text, options, (n_free, chisq, df), rows = OF_LAVAAN[name]
    fit = research.cfa(text, hs(), **options)
    assert (fit.converged, fit.n_parameters, fit.df) == (True, n_free, df)
    assert fit.measures()["chisq"] == pytest.approx(chisq, abs=5e-6)
    table = fit.tidy()
    table.index = pd.Index(table["lhs"] + table["op"] + table["rhs"])
    for row, (estimate, se) in rows.items():
        assert table.loc[row, "estimate"] == pytest.approx(estimate, abs=1e-5)
        assert table.loc[row, "se"] == pytest.approx(se, abs=1e-5)


def test_constraints_hold_at_the_estimates() -> None:
    values = research.cfa(CURVED, hs()).tidy().drop_duplicates("label").set_index("label")["estimate"]
    assert values["a"] * values["b"] == pytest.approx(values["c"] - 0.5, abs=1e-9)
    assert values["d"] == pytest.approx(np.exp(values["e"]) - 2, abs=1e-9)


def test_an_inequality_that_does_not_bind_changes_nothing() -> None:
    free, fenced = research.cfa(TWO, hs()), research.cfa(TWO + "a > 0\nb < 5", hs())
    np.testing.assert_allclose(fenced.theta, free.theta, atol=1e-8)
    np.testing.assert_allclose(fenced.tidy()["se"], free.tidy()["se"], atol=1e-8)
    assert fenced.notes == ()


def test_what_binds_is_noted() -> None:
    assert "a > 0.7" in research.cfa(TWO + "a > 0.7", hs()).notes[0]
    bounded = research.cfa("visual =~ x1 + lower(.7)*x2 + x3 + x4", hs())
    assert "visual=~x2" in bounded.notes[0]


def test_the_same_equality_twice_counts_once() -> None:
    text = "visual =~ x1 + a*x2 + b*x3 + x4\na^2 == b\nb == a^2"
    assert research.cfa(text, hs()).df == 3


@pytest.mark.parametrize("text", ["a > 1\na < .5", "a^2 + b^2 == -1"])
def test_constraints_that_cannot_be_met(text: str) -> None:
    fit = research.cfa(f"visual =~ x1 + a*x2 + b*x3 + x4\n{text}", hs())
    assert not fit.converged
    assert fit.measures() == {}
    assert any("did not converge" in note for note in fit.notes)


def test_bounded_estimation_of_a_heywood_case() -> None:
    """The variance ends at zero; standard errors ignore the bound, as in lavaan."""
    frame = pd.read_csv(data_path("heywood.csv"))
    for bounds in ("standard", "pos_var"):
        fit = research.cfa("f =~ y1 + y2 + y3", frame, bounds=bounds)
        assert fit.measures()["chisq"] == pytest.approx(38.32128218, abs=1e-6)
        rows = fit.tidy().set_index(["lhs", "rhs"])
        assert rows.loc[("y1", "y1"), "estimate"] == 0.0
        assert rows.loc[("y1", "y1"), "se"] == pytest.approx(0.0769508754, abs=1e-6)
        assert rows.loc[("f", "y2"), "se"] == pytest.approx(0.0838621291, abs=1e-6)
        assert fit.admissible


# lavaan 0.6-14, parTable() with bounds = "standard" and "wide", on x1..x6 with g regressed on ageyr.
SECOND = """visual =~ x1 + x2 + x3
textual =~ x4 + x5 + x6 + x1
speed =~ x7 + x8 + x9
g =~ visual + textual + speed
x1 ~~ x4
g ~ ageyr"""
RANGES = {
    "standard": {
        "visual=~x2": (-3.189415075, 3.189415075),
        "textual=~x1": (-3.171284991, 3.171284991),
        "g=~speed": (-np.inf, np.inf),
        "x1~~x4": (-1.216622407, 1.216622407),
        "x1~~x1": (0.0, 1.222532861),
        "x2~~x2": (0.0, 1.381783866),
        "speed~~speed": (0.005, 1.183139464),
        "g~~g": (0.005, 1.659785764),
    },
    "wide": {
        "visual=~x2": (-3.82729808991, 3.827298090),
        "textual=~x1": (-3.80554198924, 3.805541989),
        "x1~~x4": (-1.46287263339, 1.462872633),
        "x1~~x1": (-0.06112664305, 1.467039433),
        "speed~~speed": (0.005, 1.536581304),
        "g~~g": (0.005, 2.156221493),
    },
}


@pytest.mark.parametrize("kind", RANGES)
def test_ranges_of_bounded_estimation(kind: str) -> None:
    from research.estimation.bounds import bounds_of
    from research.estimation.compiled import compile_table
    from research.estimation.sample import sample_from_frame
    from research.model.build import parameter_table
    from research.model.options import read_options

    options = read_options("sem", bounds=kind)
    table = parameter_table(SECOND, options, observed=list(hs().columns))
    compiled = compile_table(table)
    lower, upper = bounds_of(compiled, sample_from_frame(hs(), table.observed), options)
    for name, want in RANGES[kind].items():
        at = compiled.names.index(name)
        np.testing.assert_allclose((lower[at], upper[at]), want, rtol=1e-9)
