"""Exploratory factor analysis: which items go together, when nobody says in advance."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Literal, get_args

import numpy as np

from research.errors import DataError, OptionError, did_you_mean
from research.measurement.dimensionality import invertible_correlations
from research.measurement.factor_solution import FactorAnalysis
from research.measurement.inputs import ItemData, item_data
from research.measurement.polychoric import with_correlations
from research.numerics.correlation import smooth_correlations
from research.numerics.extraction import Extraction, Method, extract_factors
from research.numerics.rotation import Name, Rotation, rotate
from research.provenance import stream


def efa(
    data: object,
    n_factors: int,
    method: Method = "minres",
    rotation: Name = "oblimin",
    n_obs: int | None = None,
    *,
    cor: Literal["pearson", "polychoric"] = "pearson",
    items: Iterable[str] | None = None,
    normalize: bool | None = None,
    seed: int = 1,
) -> FactorAnalysis:
    """Explore the correlations of items for common factors.

    `data` as in `reliability`; `items` limits it to some columns. `method`: minres (least squares on the
    residual correlations), ml (maximum likelihood), pa (principal axis with its customary early stop).
    `rotation`: none, varimax, promax (power 4), oblimin (gamma 0, which is quartimin), geomin (epsilon .01);
    the oblique criteria have local minima, and the best of 31 starts drawn from `seed` is taken (psych tries
    one). A note says where other starts end elsewhere. `normalize`: Kaiser's row weights while rotating; None
    is the custom of each, which is yes for varimax only (SPSS takes yes for promax too). `cor`: "polychoric"
    takes the answers for ordered categories; its chi-square and what follows from it are then approximate.
    Polychoric or pairwise correlations that contradict each other (a negative eigenvalue) are smoothed, and a
    note says so.

    Raises DataError for more factors than the items can carry, or items that determine each other.

    >>> import research
    >>> answers = research.example_responses()
    >>> scales = answers.questionnaire.item_columns()
    >>> found = research.efa(answers, 2, items=scales["quality"] + scales["loyalty"])
    >>> found.loadings.abs().round(1).to_numpy().tolist()
    [[0.8, 0.0], [0.7, 0.1], [0.8, 0.0], [0.0, 0.7], [0.1, 0.8], [0.1, 0.7]]
    """
    _check("method", method, get_args(Method))
    _check("rotation", rotation, get_args(Name))
    found, cor_notes = _smooth(*with_correlations(item_data(data, items, n_obs=n_obs), cor), cor)
    p = len(found.names)
    if n_factors < 1:
        raise OptionError(f"n_factors is {n_factors}; it is a whole number from 1.")
    df = ((p - n_factors) ** 2 - p - n_factors) // 2
    if df < 0:
        raise DataError(f"{p} items cannot carry {n_factors} factors: that leaves {df} degrees of freedom.")
    matrix = invertible_correlations(found)
    extracted = extract_factors(matrix, n_factors, method)
    rotated = rotate(extracted.loadings, rotation, normalize=normalize, rng=stream(seed, "efa starts"))
    ordered = _by_variance(rotated)
    factors = tuple(f"F{number}" for number in range(1, n_factors + 1))
    return FactorAnalysis(
        found.names,
        factors,
        matrix,
        ordered.loadings,
        ordered.phi,
        extracted.uniquenesses,
        found.n_obs,
        method,
        rotation,
        (*cor_notes, *_notes(extracted, found.names), *_rotation_notes(rotated, rotation)),
        found.values,
    )


def principal_components(
    data: object,
    n_components: int,
    rotation: Name = "varimax",
    n_obs: int | None = None,
    *,
    cor: Literal["pearson", "polychoric"] = "pearson",
    items: Iterable[str] | None = None,
    normalize: bool | None = None,
    seed: int = 1,
) -> FactorAnalysis:
    """Principal components, rotated: they summarize all variance of the items, not only the shared.

    Options as in `efa`, of which it returns the same noun with `method` "pca": loadings are correlations of
    items with components, the uniqueness is the variance left out. There is no test of fit.  Hotelling (1933)

    >>> import research
    >>> answers = research.example_responses()
    >>> scales = answers.questionnaire.item_columns()
    >>> found = research.principal_components(answers, 1, items=scales["trust"])
    >>> found.loadings.abs().round(1).to_numpy().ravel().tolist()
    [0.9, 0.8, 0.7]
    """
    _check("rotation", rotation, get_args(Name))
    found, cor_notes = _smooth(*with_correlations(item_data(data, items, n_obs=n_obs), cor), cor)
    p = len(found.names)
    if not 1 <= n_components <= p:
        raise OptionError(f"n_components is {n_components}; it is a whole number from 1 to the {p} items.")
    values, vectors = np.linalg.eigh(found.own_cor)
    loadings = vectors[:, ::-1][:, :n_components] * np.sqrt(np.clip(values[::-1][:n_components], 0, None))
    loadings = loadings * np.where(loadings.sum(axis=0) < 0, -1.0, 1.0)
    rotated = rotate(loadings, rotation, normalize=normalize, rng=stream(seed, "efa starts"))
    ordered = _by_variance(rotated)
    return FactorAnalysis(
        found.names,
        tuple(f"C{number}" for number in range(1, n_components + 1)),
        found.own_cor,
        ordered.loadings,
        ordered.phi,
        1 - (loadings**2).sum(axis=1),
        found.n_obs,
        "pca",
        rotation,
        (*cor_notes, *_rotation_notes(rotated, rotation)),
        found.values,
    )


def _smooth(items: ItemData, notes: tuple[str, ...], cor: str) -> tuple[ItemData, tuple[str, ...]]:
    """The items with positive definite correlations, and one more note where they were not.

    Product-moment correlations of complete answers, and matrices that were given, are left alone.
    """
    if items.values is None or (cor == "pearson" and items.n_complete == items.n_obs):
        return items, notes
    lowest = float(np.linalg.eigvalsh(items.own_cor)[0])
    if lowest > -1e-10:
        return items, notes
    said = (
        f"The correlations contradict each other (smallest eigenvalue {lowest:.3f}), as each was estimated "
        "by itself; the matrix was smoothed: negative eigenvalues were raised to .0001."
    )
    return replace(items, cov=smooth_correlations(items.own_cor), pair_cor=None), (*notes, said)


def _check(what: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        hint = did_you_mean(str(value), allowed)
        raise OptionError(f"{what}={value!r} is not known; allowed: {', '.join(allowed)}.{hint}")


def _by_variance(rotated: Rotation) -> Rotation:
    """Factors by the variance they explain, each turned so that its loadings sum to a positive number."""
    L, phi = rotated.loadings, rotated.phi
    order = np.argsort(-np.diag(phi @ L.T @ L), kind="stable")
    signs = np.where(L.sum(axis=0) < 0, -1.0, 1.0)
    turned, between = L * signs, phi * np.outer(signs, signs)
    return replace(rotated, loadings=turned[:, order], phi=between[np.ix_(order, order)])


def _notes(extracted: Extraction, names: tuple[str, ...]) -> tuple[str, ...]:
    notes = []
    if not extracted.converged:
        notes.append("The extraction did not converge; take fewer factors.")
    pairs = list(zip(names, extracted.uniquenesses.tolist(), strict=True))
    ultra = [f"{name} ({1 - unique:.2f})" for name, unique in pairs if unique < 0]
    heywood = [name for name, unique in pairs if 0 <= unique < 0.006]
    if ultra:
        notes.append(f"Ultra-Heywood case: communality above 1 of {', '.join(ultra)}; take fewer factors.")
    if heywood:
        notes.append(f"Heywood case: the factors explain {', '.join(heywood)} in full; take fewer factors.")
    return tuple(notes)


def _rotation_notes(rotated: Rotation, name: Name) -> tuple[str, ...]:
    if rotated.agreed * 2 > rotated.starts:
        return ()
    return (
        f"Only {rotated.agreed} of {rotated.starts} starts of the {name} rotation ended in this solution, "
        "the best; others are nearly as simple. Compare rotations before reading much into it.",
    )
