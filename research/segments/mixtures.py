"""Latent profiles and latent classes for several numbers of classes, and the test between neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from research.numerics.arrays import Indices, Matrix, Vector
from research.numerics.gaussian_mixture import (
    FLAT,
    CovarianceModel,
    GaussianMixture,
    draw_mixture,
    fit_mixture,
    run_em,
)
from research.numerics.latent_classes import (
    LatentClasses,
    count_class_parameters,
    draw_classes,
    fit_classes,
    refit_classes,
)
from research.numerics.mixture_measures import (
    average_posteriors,
    bootstrap_p,
    information_criteria,
    relative_entropy,
)
from research.provenance import seed_sequence, stream
from research.segments.solution import Solution

_DRAW_STARTS = 3  # random starts of the larger model in each sample, beside that from its generating classes


def profile_solutions(
    X: Matrix,
    spread: Vector,
    numbers: Sequence[int],
    models: Sequence[CovarianceModel],
    starts: int,
    draws: int,
    seed: int,
) -> list[Solution]:
    """Gaussian mixtures of the standardized X (n, p); log-likelihoods are those of X times `spread`."""
    n = len(X)
    shift = -n * float(np.log(spread).sum())
    found: list[Solution] = []
    fits: dict[tuple[str, int], GaussianMixture] = {}
    for model in models:
        for k in numbers:
            rng = stream(seed, f"clusters/mixture/{model}/{k}")
            fit = fit_mixture(X, k, model, rng, n_starts=starts)
            if fit is None:
                why = "every start ended in a class without volume or with too few rows"
                found.append(Solution(model, k, None, {}, refused=why))
                continue
            fits[model, k] = fit
            measures = _measures(fit.loglik + shift, fit.n_parameters, fit.posterior)
            measures |= {
                "reached": float(fit.reached),
                "starts": float(fit.n_starts),
                "degenerate": float(fit.n_degenerate),
                "converged": float(fit.converged),
            }
            found.append(Solution(model, k, fit.posterior, measures, fit.weights))
    if draws:
        best = lowest_bic(found)
        found = [
            _tested(each, _profile_test(X, fits, each, draws, seed)) if each.model == best.model else each
            for each in found
        ]
    return found


def class_solutions(
    codes: Indices, sizes: Sequence[int], numbers: Sequence[int], starts: int, draws: int, seed: int
) -> list[Solution]:
    """Latent classes of codes (n, items), -1 where missing."""
    found: list[Solution] = []
    fits: dict[int, LatentClasses] = {}
    patterns = float(np.prod(np.array(sizes, dtype=float)))
    for k in numbers:
        parameters = count_class_parameters(k, sizes)
        if parameters > min(len(codes), patterns - 1):
            held = min(float(len(codes)), patterns - 1)
            why = f"not identified: {parameters} parameters, and {held:.0f} rows or free cells"
            found.append(Solution("classes", k, None, {}, refused=why))
            continue
        fit = fit_classes(codes, sizes, k, stream(seed, f"clusters/classes/{k}"), n_starts=starts)
        fits[k] = fit
        measures = _measures(fit.loglik, fit.n_parameters, fit.posterior)
        measures |= {
            "reached": float(fit.reached),
            "starts": float(fit.n_starts),
            "converged": float(fit.converged),
        }
        found.append(
            Solution("classes", k, fit.posterior, measures, fit.weights, probabilities=fit.probabilities)
        )
    if draws:
        found = [_tested(each, _class_test(codes, sizes, fits, each, draws, seed)) for each in found]
    return found


def lowest_bic(found: Sequence[Solution]) -> Solution:
    """The solution with the lowest BIC among those that there are."""
    return min(found, key=lambda each: each.measures.get("bic", np.inf))


def _measures(loglik: float, n_parameters: int, posterior: Matrix) -> dict[str, float]:
    return {
        "loglik": loglik,
        "n_parameters": float(n_parameters),
        **information_criteria(loglik, n_parameters, len(posterior)),
        "entropy": relative_entropy(posterior),
        "least_posterior": float(np.nanmin(average_posteriors(posterior))),
    }


def _tested(one: Solution, test: dict[str, float]) -> Solution:
    return replace(one, measures={**one.measures, **test})


def _profile_test(
    X: Matrix, fits: dict[tuple[str, int], GaussianMixture], one: Solution, draws: int, seed: int
) -> dict[str, float]:
    """Likelihood ratio of k - 1 against k classes in samples from the former; McLachlan (1987)."""
    larger, smaller = fits.get((one.model, one.k)), fits.get((one.model, one.k - 1))
    if larger is None or smaller is None:
        return {}
    observed = 2 * (larger.loglik - smaller.loglik)
    ratios = np.full(draws, np.nan)
    for at, each in enumerate(seed_sequence(seed, f"clusters/blrt/{one.model}/{one.k}").spawn(draws)):
        rng = np.random.default_rng(each)
        rows, own = draw_mixture(smaller, len(X), rng)
        rows = rows - rows.mean(axis=0)
        floor = FLAT * float(rows.var(axis=0).min())
        null = run_em(rows, 0.98 * own + 0.02 / own.shape[1], smaller.model, floor, 300, 1e-6)
        full = fit_mixture(
            rows, one.k, larger.model, rng, n_starts=_DRAW_STARTS, max_steps=300, tolerance=1e-6
        )
        if null is not None and full is not None:
            ratios[at] = max(0.0, 2 * (full.loglik - null.loglik))
    return _test(observed, ratios)


def _class_test(
    codes: Indices,
    sizes: Sequence[int],
    fits: dict[int, LatentClasses],
    one: Solution,
    draws: int,
    seed: int,
) -> dict[str, float]:
    larger, smaller = fits.get(one.k), fits.get(one.k - 1)
    if larger is None or smaller is None:
        return {}
    observed = 2 * (larger.loglik - smaller.loglik)
    ratios = np.full(draws, np.nan)
    missing: Matrix = (codes < 0).astype(float)
    for at, each in enumerate(seed_sequence(seed, f"clusters/blrt/classes/{one.k}").spawn(draws)):
        rng = np.random.default_rng(each)
        rows = draw_classes(smaller, missing, rng)
        null = refit_classes(rows, sizes, smaller)
        full = fit_classes(rows, sizes, one.k, rng, n_starts=_DRAW_STARTS, max_steps=500, tolerance=1e-7)
        ratios[at] = max(0.0, 2 * (full.loglik - null.loglik))
    return _test(observed, ratios)


def _test(observed: float, ratios: Vector) -> dict[str, float]:
    known = int((~np.isnan(ratios)).sum())
    p = bootstrap_p(observed, ratios) if known else np.nan
    return {"blrt": observed, "blrt_p": p, "blrt_draws": float(known)}
