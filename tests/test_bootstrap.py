"""Refits to resampled rows: lavaan's minima on the same rows, true minima only, the same bits everywhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from shared import shared

import research
from research.estimation.bootstrap import Bootstrap
from research.estimation.problem import problem_of
from research.numerics.latent_step import latent_steps
from research.numerics.likelihood import MaximumLikelihood, sample_moments
from research.numerics.newton import minimize
from research.numerics.newton_batch import minimize_damped
from research.numerics.resample import draw_counts, product_table, resampled_moments
from research.numerics.stacks import cholesky_roots, solve_definite
from research.provenance import seed_sequence

REFERENCE = Path(__file__).parent / "reference" / "bootstrap_resamples.json"
DRAWS = 40


def lavaan(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(REFERENCE.read_text(encoding="utf-8"))[name]
    return found


def frame(name: str) -> pd.DataFrame:
    return pd.read_csv(shared(lavaan(name)["data"]))


@cache
def drawn(name: str) -> Bootstrap:
    fit = research.sem(lavaan(name)["model"], frame(name))
    return fit.bootstrap(DRAWS, seed=1, workers=1)


def counts(name: str) -> np.ndarray:
    return np.array([[int(digit) for digit in sample] for sample in lavaan(name)["samples"]])


def problem(name: str) -> MaximumLikelihood:
    fit = drawn(name).fit
    rows = fit.sample.groups[0].data
    assert rows is not None
    cov, mean = resampled_moments(*product_table(rows), counts(name).astype(float))
    return MaximumLikelihood(fit.compiled.blocks, (sample_moments(cov, mean, 1.0),))


def estimates(name: str) -> np.ndarray:
    """Regressions and defined effects of every draw, in lavaan's order, NaN for those that failed."""
    draws = drawn(name)
    free = [p.free - 1 for p in draws.fit.table.parameters if p.op == "~"]
    out = np.full((DRAWS, len(free) + draws.defined.shape[1]), np.nan)
    out[draws.refits.converged] = np.hstack([draws.draws[:, free], draws.defined])
    return out


@pytest.mark.parametrize("name", ["ecsi", "democracy"])
def test_lavaan_had_the_same_rows(name: str) -> None:
    seeds = seed_sequence(1, "bootstrap").spawn(DRAWS)
    assert np.array_equal(draw_counts(len(frame(name)), seeds), counts(name))


@pytest.mark.parametrize("name", ["ecsi", "democracy"])
def test_no_minimum_of_lavaan_is_lower(name: str) -> None:
    found = drawn(name).refits
    theirs = lavaan(name)["fits"]
    ours = dict(enumerate(found.discrepancy))
    lower = [at for at, fit in enumerate(theirs) if fit["converged"] and ours[at] > 2 * fit["fmin"] + 1e-7]
    assert lower == []
    assert found.converged.sum() >= sum(fit["converged"] for fit in theirs)


@pytest.mark.parametrize(("name", "least"), [("ecsi", 20), ("democracy", 40)])
def test_estimates_agree_where_the_minimum_is_the_same(name: str, least: int) -> None:
    draws, theirs, ours = drawn(name), lavaan(name)["fits"], estimates(name)
    compared = 0
    for at, fit in enumerate(theirs):
        if fit["converged"] and abs(draws.refits.discrepancy[at] - 2 * fit["fmin"]) < 1e-8:
            if np.isnan(ours[at]).any():
                continue
            want = np.array(fit["estimates"])
            # lavaan stops when the fall in F is below 1e-10 or so, in flat valleys 1e-3 from the minimum
            assert ours[at] == pytest.approx(want, rel=5e-3, abs=5e-3)
            compared += 1
    assert compared >= least


@pytest.mark.parametrize("name", ["ecsi", "democracy"])
def test_what_converged_is_a_minimum(name: str) -> None:
    found, whole = drawn(name).refits, problem(name)
    rows = np.flatnonzero(found.converged)
    with np.errstate(all="ignore"):
        point = whole.point(found.theta[rows], rows)
        H = whole.hessian(point)
    scale = np.sqrt(np.diagonal(H, axis1=1, axis2=2))
    scaled = H / (scale[:, :, None] * scale[:, None, :])
    assert np.linalg.eigvalsh(scaled)[:, 0].min() > 0
    step = np.linalg.solve(H, point.gradient[..., None])[..., 0]
    assert (point.gradient * step).sum(axis=1).max() < 1e-9


def test_numbers_do_not_depend_on_workers() -> None:
    fit = research.sem(lavaan("democracy")["model"], frame("democracy"))
    one, two, four = (fit.bootstrap(600, seed=3, workers=n).refits for n in (1, 2, 4))
    for other in (two, four):
        assert np.array_equal(one.theta, other.theta)
        assert np.array_equal(one.standardized, other.standardized)


def test_numbers_do_not_depend_on_threads() -> None:
    code = (
        "import sys, numpy as np; from research.numerics.resample import product_table, resampled_moments\n"
        "rng = np.random.default_rng(1); table = product_table(rng.normal(size=(250, 24)))\n"
        "cov, _ = resampled_moments(*table, rng.integers(0, 4, (143, 250)).astype(float))\n"
        "sys.stdout.write(cov.tobytes().hex()[:200_000])"
    )
    answers = [
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads},
            capture_output=True,
            check=True,
        ).stdout
        for threads in ("1", "2")
    ]
    assert answers[0] == answers[1]


@pytest.mark.parametrize("at", [1, 8, 36])
def test_a_hard_resample_is_solved_alone_too(at: int) -> None:
    theirs = lavaan("ecsi")["fits"][at]
    data = frame("ecsi")
    again = research.sem(lavaan("ecsi")["model"], data.loc[np.repeat(data.index, counts("ecsi")[at])])
    assert again.converged
    assert again.discrepancy <= 2 * theirs["fmin"] + 1e-8


def test_damped_search_finds_what_newton_s_method_does_not() -> None:
    """From the estimates of the whole sample: Newton's method walks along a valley and never arrives."""
    fit, whole, at = drawn("ecsi").fit, problem("ecsi"), 0
    (sample,) = whole.samples
    alone = replace(whole, samples=(sample_moments(sample.cov[at], sample.mean[at], 1.0),))
    start = fit.compiled.start([sample.cov[at]], [sample.mean[at]])
    with np.errstate(all="ignore"):
        assert not minimize(alone, fit.theta, max_iter=50).converged
        found = minimize_damped(alone, start)
    assert found.converged
    assert found.value == pytest.approx(2 * lavaan("ecsi")["fits"][at]["fmin"], abs=1e-8)


def test_bent_steps_agree_with_straight_ones_to_first_order() -> None:
    fit = drawn("ecsi").fit
    (bend,) = latent_steps(fit.compiled.blocks)
    step = np.random.default_rng(1).normal(size=(1, len(fit.theta)))
    gaps = []
    for length in (1e-3, 1e-4):
        trial = fit.theta + length * step
        bend.bend(fit.theta[None], length * step, trial)
        gaps.append(np.abs(trial - fit.theta - length * step).max())
    assert gaps[1] < gaps[0] / 50  # a hundredth, if the difference is of second order
    assert gaps[0] > 0


@pytest.mark.parametrize(
    "options",
    [{}, {"meanstructure": True}, {"group": "half", "group_equal": ["loadings", "intercepts"]}],
)
def test_hessian_is_the_derivative_of_the_gradient(options: dict[str, Any]) -> None:
    data = frame("democracy").assign(half=lambda d: np.arange(len(d)) % 2)
    fit = research.sem(
        lavaan("democracy")["model"].replace("a*", "").replace("indirect := a*b", ""), data, **options
    )
    whole = problem_of(fit.compiled, fit.sample, fit.options)
    assert isinstance(whole, MaximumLikelihood)
    theta = fit.theta * 1.05 + 0.01
    H = whole.hessian(whole.point(theta))
    for k in range(len(theta)):
        shift = np.zeros(len(theta))
        shift[k] = 1e-5
        slope = (whole.point(theta + shift).gradient - whole.point(theta - shift).gradient) / 2e-5
        assert H[k] == pytest.approx(slope, rel=1e-6, abs=1e-6 * np.abs(H).max())


def test_stacks_tell_their_bad_members_apart() -> None:
    rng = np.random.default_rng(2)
    stack = np.array([np.cov(rng.normal(size=(4, 20))) for _ in range(6)])
    stack[1, 0, 0] = -1.0
    stack[4] = np.nan
    roots = cholesky_roots(stack)
    good = [0, 2, 3, 5]
    assert np.isnan(roots[[1, 4]]).all()
    assert roots[good] @ np.swapaxes(roots[good], 1, 2) == pytest.approx(stack[good])
    right = rng.normal(size=(6, 4))
    solution, proper = solve_definite(stack.copy(), right)
    assert proper.tolist() == [True, False, True, True, False, True]
    assert (stack[good] @ solution[good][..., None])[..., 0] == pytest.approx(right[good])
