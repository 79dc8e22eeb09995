"""The roles of the variables of a path model, checked, and what a reader has to know of rows and products."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from research.errors import DataError, ModelError, OptionError
from research.structure.formula import Formula
from research.structure.process_columns import Variable
from research.structure.process_models import Specification, process_formulas
from research.structure.process_system import ProcessFamily

FEWEST_DRAWS = 100  # fewer leave no 2.5 % of them on either side


def check_covariance(cov_type: str) -> None:
    """Clusters are for single regressions: the samples of a path model are of rows."""
    if cov_type == "cluster":
        raise OptionError(
            "process() takes cov_type='nonrobust' or 'HC0' to 'HC4': its bootstrap draws rows, not clusters. "
            "regress(…, cov_type='cluster', cluster=…) has errors of clusters for one regression, "
            "sem(…, cluster=…) for paths."
        )


def check_draws(bootstrap: int) -> None:
    """The number of samples is none or enough."""
    if bootstrap != 0 and not bootstrap >= FEWEST_DRAWS:
        raise OptionError(
            f"bootstrap={bootstrap!r} is the number of samples: 0 for none, else {FEWEST_DRAWS} or more."
        )


def by_outcome(
    covariates: Sequence[str] | Mapping[str, Sequence[str]],
    mediators: Sequence[str],
    y: str,
    model: Specification,
) -> dict[str, tuple[str, ...]]:
    """The covariates of every outcome."""
    if isinstance(covariates, Mapping):
        return {outcome: tuple(names) for outcome, names in covariates.items()}
    shared = (covariates,) if isinstance(covariates, str) else tuple(covariates)
    if isinstance(model, int) or not shared:
        return dict.fromkeys((*mediators, y), shared) if shared else {}
    outcomes = [formula.outcome for formula in process_formulas(model, "", y, (), None, None, {})]
    return dict.fromkeys(outcomes, shared)


def check_roles(
    x: str, y: str, mediators: Sequence[str], w: str | None, z: str | None, covariates: Sequence[str]
) -> None:
    """Every variable has one role."""
    roles = [("x", x), ("y", y), *((f"m{at}", name) for at, name in enumerate(mediators, start=1))]
    roles += [(letter, name) for letter, name in (("w", w), ("z", z)) if name is not None]
    roles += [
        ("a covariate", name.removeprefix("C(").removesuffix(")")) for name in dict.fromkeys(covariates)
    ]
    seen: dict[str, str] = {}
    for role, name in roles:
        if not name:
            raise ModelError(f"{role}={name!r} is not the name of a column.")
        if name in seen:
            raise ModelError(
                f"{name!r} is {seen[name]} and {role} at once; every variable has one role in the model."
            )
        seen[name] = role


def family_of_y(
    outcomes: Sequence[str], variables: Mapping[str, Variable], y: str, family: ProcessFamily | None
) -> ProcessFamily:
    """How y is explained; DataError for a mediator with two values, whose effects have no common scale."""
    if family not in (None, "ols", "logit"):
        raise OptionError(f"family={family!r} is not known; allowed: 'ols', 'logit', or None.")
    if family == "logit" and not variables[y].is_dichotomous:
        raise DataError(f"family='logit' needs an outcome with two values; {y!r} takes more. Leave it out.")
    for name in outcomes:
        if name != y and variables[name].is_dichotomous and family != "ols":
            low, high = variables[name].distinct.tolist()
            raise DataError(
                f"the mediator {name!r} takes two values only ({low:g}, {high:g}); effects on it and of it "
                "are on different scales, and their product means nothing. family='ols' models a probability."
            )
    return family or ("logit" if variables[y].is_dichotomous else "ols")


def family_notes(variables: Mapping[str, Variable], y: str, family: ProcessFamily, robust: bool) -> list[str]:
    """On which scale effects on a y with two values are."""
    if family == "ols":
        if variables[y].is_dichotomous:
            return [
                f"{y} takes two values and is explained by least squares: effects are on its probability."
            ]
        return []
    low, high = variables[y].distinct.tolist()
    notes = [
        f"{y} takes two values: its regression is logistic, and effects on it are in log odds of {high:g} "
        f"against {low:g}. Direct and indirect effects do not add up to a total there."
    ]
    if robust:
        notes.append(f"Robust errors are those of the least-squares regressions; {y} has conventional ones.")
    return notes


def row_notes(dropped: int, n_rows: int) -> tuple[str, ...]:
    """How many rows are not used."""
    if not dropped:
        return ()
    return (f"{dropped} of {n_rows} rows were left out: a value is missing in one of the columns.",)


def form_notes(formulas: Sequence[Formula]) -> list[str]:
    """Products without their parts: their coefficient depends on where the parts have their zero."""
    notes = []
    for formula in formulas:
        known = {frozenset(term) for term in formula.terms}
        for term in formula.terms:
            missing = [factor for factor in term if len(term) > 1 and frozenset((factor,)) not in known]
            if missing:
                shown = ":".join(map(str, term))
                notes.append(
                    f"{formula.outcome}: {shown} stands without {missing[0]}; its coefficient depends on "
                    f"where {missing[0]} is zero."
                )
    return notes
