"""Rotation of exploratory factors inside a model (ESEM; Asparouhov & Muthen 2009)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, get_args

import numpy as np

from research.errors import ModelError, OptionError
from research.estimation.compiled import Compiled, compile_table
from research.estimation.constraints import constraints_of, null_space
from research.estimation.problem import problem_of
from research.numerics.arrays import Indices, Matrix, Vector
from research.numerics.implied import Implied, implied
from research.numerics.rotation import Name, geomin, quartimin, rotate
from research.numerics.standardize import row_values
from research.provenance import stream

if TYPE_CHECKING:
    from research.estimation.fit import Fit
    from research.model.options import Options
    from research.model.table import Parameter, ParameterTable

_STEP = 1e-5


def rotated(fit: Fit) -> Fit:
    """The same fit with every block of exploratory factors rotated.

    The loadings of the block, divided by the standard deviations of the items, are rotated; everything that
    touches the factors turns with them, so that the implied moments stay. The rotated parameters are those of
    a larger table under the condition that the criterion is stationary (Jennrich 1973), from which their
    standard errors come. Factors are put in the order of their items and turned so that loadings sum to
    more than zero.
    """
    name = _name(fit.options)
    _check_arguments(fit.options)
    if not fit.converged or name == "none":
        return fit
    oblique = name != "varimax"
    table = _freed(fit.table, oblique)
    compiled = compile_table(table)
    theta = parameters_of(compiled, turned(fit))
    larger = replace(fit, table=table, compiled=compiled, theta=theta, constraints=constraints_of(table))
    problem = problem_of(compiled, fit.sample, fit.options)
    point = problem.point(theta)
    blocks = tuple(piece[0] for piece in point.blocks)
    if abs(float(point.value) - fit.discrepancy) > 1e-8 * (1.0 + abs(fit.discrepancy)):
        raise ModelError(
            "the model is not the same after rotation: paths and covariances of the exploratory factors of a "
            "block must be all free or all absent"
        )
    extra = table.n_free - fit.table.n_free
    vcov, exact, constraints, notes = None, None, larger.constraints, list(fit.notes)
    if name == "promax":
        notes.append(
            "Promax has no criterion that is stationary, so there are no standard errors; use geomin."
        )
    elif fit.vcov is not None:
        bordered = fit.options.rotation_se == "bordered"
        basis = null_space(_stationarity_jacobian(larger, name, bordered))
        if basis.shape[1] != fit.compiled.n_parameters:
            notes.append("The rotation is not unique, so there are no standard errors.")
        else:
            constraints = replace(larger.constraints, basis=basis)
            vcov = _covariance(larger, basis)
            if bordered:
                exact = _covariance(larger, null_space(_stationarity_jacobian(larger, name, False)))
    return replace(
        larger,
        vcov=vcov,
        vcov_standardized=exact,
        constraints=constraints,
        implied_blocks=blocks,
        n_equalities=fit.n_equalities + extra,
        notes=tuple(notes),
        unrotated=fit,
    )


def turned(fit: Fit) -> tuple[Implied, ...]:
    """The matrices of the blocks of a fit before rotation, rotated; W is not turned with them."""
    name = _name(fit.options)
    return tuple(_turn(fit, place, name) for place in range(len(fit.compiled.blocks)))


def parameters_of(compiled: Compiled, blocks: Sequence[Implied]) -> Vector:
    """The free parameters that stand in the matrices of all blocks, (q,)."""
    theta = np.zeros(compiled.n_parameters)
    for cells, at in zip(compiled.rows, blocks, strict=True):
        free = cells.parameter >= 0
        theta[cells.parameter[free]] = row_values(cells, at)[free]
    return theta


def _name(options: Options) -> Name:
    """The rotation asked for, if it is one of those carried out."""
    names: tuple[Name, ...] = get_args(Name)
    wanted = "oblimin" if options.rotation == "quartimin" else options.rotation  # oblimin has gamma 0 here
    for name in names:
        if name == wanted:
            return name
    known = ", ".join(names)
    raise OptionError(f"rotation '{options.rotation}' is not carried out in a model; there are {known}")


def _check_arguments(options: Options) -> None:
    """Refuse an argument that would turn the factors otherwise than they are turned here."""
    usual = {
        "orthogonal": options.rotation == "varimax",
        "order_lv_by": "index",
        "reflect": True,
        "oblimin_gamma": 0,
        "promax_kappa": 4,
    }
    for argument, value in options.rotation_args.items():
        if argument == "row_weights":
            carried_out = value in ("default", "kaiser" if options.rotation == "varimax" else "none")
        else:
            carried_out = argument not in usual or value == usual[argument]
        if not carried_out:
            raise OptionError(f"rotation_args: {argument} = {value!r} is understood, but not carried out")


def _freed(table: ParameterTable, oblique: bool) -> ParameterTable:
    """The table with all loadings of exploratory factors free, and with their covariances."""
    block_of = {p.lhs: p.efa for p in table.parameters if p.op == "=~" and p.efa}
    if any(p.label and p.efa for p in table.parameters):
        raise ModelError(
            "labels on loadings of exploratory factors, also by group_equal, do not survive the rotation"
        )
    rows: list[Parameter] = []
    count = 0
    seen: dict[int, int] = {}
    for p in table.parameters:
        within = p.op == "~~" and p.lhs != p.rhs and block_of.get(p.lhs, "") == block_of.get(p.rhs, "-")
        if (p.op == "=~" and p.efa) or (within and oblique):
            count += 1
            rows.append(p._replace(free=count, value=float("nan")))
            continue
        if p.free:
            if p.free not in seen:
                count += 1
                seen[p.free] = count
            rows.append(p._replace(free=seen[p.free]))
        else:
            rows.append(p)
    return replace(table, parameters=tuple(rows))


def exploratory_blocks(fit: Fit, place: int) -> list[tuple[Indices, Indices]]:
    """Places of the factors of each exploratory block, and of the items that measure them."""
    names = fit.compiled.names_of(place)
    found: dict[str, tuple[dict[int, None], dict[int, None]]] = {}
    for p in fit.table.parameters:
        if p.op == "=~" and p.efa:
            factors, items = found.setdefault(p.efa, ({}, {}))
            factors[names.index(p.lhs)] = None
            items[names.index(p.rhs)] = None
    return [(np.array(list(factors)), np.array(sorted(items))) for factors, items in found.values()]


def _turn(fit: Fit, place: int, name: Name) -> Implied:
    """A block after the rotation: A -> M^-1 A M, S -> M^-1 S M^-T, alpha -> M^-1 alpha, and the rest."""
    at = fit.implied_blocks[place]
    p = fit.compiled.blocks[place].layout.n_observed
    M = np.eye(len(at.A))
    sd = _lengths(at, p, fit.options, correlated=False)
    for factors, items in exploratory_blocks(fit, place):
        loadings = at.A[np.ix_(items, factors)] / sd[items, None]
        M[np.ix_(factors, factors)] = _transformation(loadings, name, fit.options)
    inverse = np.linalg.inv(M)
    return at._replace(
        A=inverse @ at.A @ M,
        S=inverse @ at.S @ inverse.T,
        alpha=inverse @ at.alpha,
        G=inverse @ at.G @ M,
        V=inverse @ at.V @ inverse.T,
        eta=inverse @ at.eta,
    )


def _transformation(loadings: Matrix, name: Name, options: Options) -> Matrix:
    """M with L = A M for the rotated loadings L of A: it turns the old factors into the new ones."""
    rng = stream(options.seed, "rotation")
    L = rotate(loadings, name, rng=rng, epsilon=_epsilon(options), exact=True).loadings
    M, *_ = np.linalg.lstsq(loadings, L, rcond=None)
    order = np.argsort((np.arange(len(L)) @ L**2) / (L**2).sum(axis=0), kind="stable")
    sign = np.where(L.sum(axis=0) < 0, -1.0, 1.0)
    return np.asarray((M * sign)[:, order])


def _stationarity_jacobian(fit: Fit, name: str, bordered: bool) -> Matrix:
    """Derivatives of what the criterion sets to zero, by central differences, (r, q)."""
    theta = fit.theta
    rows = []
    for at in range(len(theta)):
        step = np.zeros_like(theta)
        step[at] = _STEP * max(1.0, abs(theta[at]))
        rows.append(
            (
                _stationarity(fit, theta + step, name, bordered)
                - _stationarity(fit, theta - step, name, bordered)
            )
            / (2.0 * step[at])
        )
    return np.array(rows).T


def _stationarity(fit: Fit, theta: Vector, name: str, bordered: bool) -> Vector:
    """Off-diagonal of L'G - diag(L'G) Phi, G = dQ/dL; for orthogonal factors L'G less its transpose."""
    parts: list[Vector] = []
    for place, (block, group) in enumerate(zip(fit.compiled.blocks, fit.sample.groups, strict=True)):
        at = implied(block, theta, *block.with_sample(group.cov, group.mean))
        p = block.layout.n_observed
        for factors, items in exploratory_blocks(fit, place):
            L = at.A[:p, factors] / _lengths(at, p, fit.options, correlated=not bordered)[:, None]
            L = L[items]
            k = len(factors)
            if name == "varimax":
                normal = L / np.sqrt((L**2).sum(axis=1, keepdims=True))
                G = normal * (normal**2 - (normal**2).mean(axis=0))
                turn = normal.T @ G
                parts.append((turn - turn.T)[np.triu_indices(k, 1)])
                continue
            G = quartimin(L)[1] if name == "oblimin" else geomin(L, _epsilon(fit.options))[1]
            turn = L.T @ G
            turn = turn - np.diagonal(turn)[:, None] * at.S[np.ix_(factors, factors)]
            parts.append(turn[~np.eye(k, dtype=bool)])
    return np.concatenate(parts)


def _lengths(at: Implied, p: int, options: Options, *, correlated: bool) -> Vector:
    """What the loadings of the items are divided by, (p,): standard deviations for factors of variance one.

    That is how loadings are divided before the rotation, where the factors are orthogonal. lavaan (0.6)
    leaves out the correlations also where it differentiates the criterion for rotation_se "bordered", which
    moves the standard errors of small loadings by up to a fifth; `correlated` puts them in.
    """
    if not options.rotation_args.get("std_ov", True):
        return np.ones(p)
    L = at.A[:p, p:]
    shared = (L @ at.S[p:, p:] * L) if correlated else L**2
    return np.asarray(np.sqrt(shared.sum(axis=1) + np.diagonal(at.S)[:p]))


def _epsilon(options: Options) -> float:
    """The smoothing of geomin: what was asked for, else lavaan's."""
    return float(options.rotation_args.get("geomin_epsilon", 0.001))


def _covariance(fit: Fit, basis: Matrix) -> Matrix | None:
    """Sampling covariance of the rotated parameters inside the stationary ones."""
    from research.estimation.run import sampling_covariance

    problem = problem_of(fit.compiled, fit.sample, fit.options)
    point = problem.point(fit.theta)
    return sampling_covariance(problem, point, fit.compiled, fit.sample, fit.options, basis).vcov
