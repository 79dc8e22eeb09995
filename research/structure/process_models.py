"""The numbered models of conditional process analysis, as one small table, and specifications in its place.

A row says how the mediators are arranged and which path is moderated by what. Paths are `x y`, `x m` (every
mediator), `m y`, `m m`, or one of them by number: `x m1`, `m1 m2`. A moderation is `w`, `w + z` (each on
its own) or `w * z` (and their product).       Hayes (2022), appendix A; Hayes & Preacher (2013)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

from research.errors import ModelError, OptionError, did_you_mean
from research.structure.formula import Factor, Formula, Term, parse_formula

Specification = int | Mapping[str, str] | Sequence[str]
Moderation = Mapping[str, str]

# Mediators: none; parallel; serial (each affects all after it); fan in (all but the last affect the last);
# fan out (the first affects all others); two chains (the first affects the second, the third the fourth).
MODELS: Mapping[int, tuple[str, Moderation]] = {
    1: ("none", {"x y": "w"}),
    2: ("none", {"x y": "w + z"}),
    3: ("none", {"x y": "w * z"}),
    4: ("parallel", {}),
    5: ("parallel", {"x y": "w"}),
    6: ("serial", {}),
    7: ("parallel", {"x m": "w"}),
    8: ("parallel", {"x m": "w", "x y": "w"}),
    9: ("parallel", {"x m": "w + z"}),
    10: ("parallel", {"x m": "w + z", "x y": "w + z"}),
    11: ("parallel", {"x m": "w * z"}),
    12: ("parallel", {"x m": "w * z", "x y": "w * z"}),
    13: ("parallel", {"x m": "w * z", "x y": "w"}),
    14: ("parallel", {"m y": "w"}),
    15: ("parallel", {"m y": "w", "x y": "w"}),
    16: ("parallel", {"m y": "w + z"}),
    17: ("parallel", {"m y": "w + z", "x y": "w + z"}),
    18: ("parallel", {"m y": "w * z"}),
    19: ("parallel", {"m y": "w * z", "x y": "w * z"}),
    20: ("parallel", {"m y": "w * z", "x y": "w"}),
    21: ("parallel", {"x m": "w", "m y": "z"}),
    22: ("parallel", {"x m": "w", "m y": "z", "x y": "w"}),
    28: ("parallel", {"x m": "w", "m y": "z", "x y": "z"}),
    29: ("parallel", {"x m": "w", "m y": "z", "x y": "w + z"}),
    58: ("parallel", {"x m": "w", "m y": "w"}),
    59: ("parallel", {"x m": "w", "m y": "w", "x y": "w"}),
    72: ("parallel", {"x m": "w * z", "m y": "w * z"}),
    73: ("parallel", {"x m": "w * z", "m y": "w * z", "x y": "w * z"}),
    75: ("parallel", {"x m": "w + z", "m y": "w + z"}),
    76: ("parallel", {"x m": "w + z", "m y": "w + z", "x y": "w + z"}),
    80: ("fan in", {}),
    81: ("fan out", {}),
    82: ("two chains", {}),
    83: ("serial", {"x m1": "w"}),
    91: ("serial", {"m m": "w"}),
    92: ("serial", {"x m": "w", "m m": "w", "m y": "w", "x y": "w"}),
}
_FEWEST = {"none": 0, "parallel": 1, "serial": 2, "fan in": 3, "fan out": 3, "two chains": 4}
_MOST = {"none": 0, "parallel": 10, "serial": 4, "fan in": 6, "fan out": 6, "two chains": 4}


def process_formulas(
    model: Specification,
    x: str,
    y: str,
    mediators: Sequence[str],
    w: str | None,
    z: str | None,
    covariates: Mapping[str, Sequence[str]],
) -> tuple[Formula, ...]:
    """One formula an outcome, causes before effects; `covariates` of each outcome stand last in it.

    Raises ModelError where the model needs a variable that is not given, or has no place for one.
    """
    if isinstance(model, int):
        found = _numbered(model, x, y, mediators, w, z)
    else:
        found = _specified(model, x, y, mediators, w, z)
    for outcome in covariates:
        if outcome not in {formula.outcome for formula in found}:
            raise ModelError(f"covariates name the outcome {outcome!r}, which the model does not explain.")
    return tuple(_with_covariates(formula, covariates.get(formula.outcome, ())) for formula in found)


def _numbered(
    model: int, x: str, y: str, mediators: Sequence[str], w: str | None, z: str | None
) -> list[Formula]:
    if model not in MODELS:
        raise OptionError(
            f"model={model} is not in the table; it holds {', '.join(map(str, MODELS))}. Any other path "
            "model is given by its regressions, such as model={'m ~': 'x * w', 'y ~': 'x + m'}."
        )
    arrangement, moderation = MODELS[model]
    _check_roles(model, arrangement, moderation, mediators, {"w": w, "z": z})
    order = [*mediators, y]
    formulas = []
    for place, outcome in enumerate(order):
        terms: list[Term] = []
        sources = [
            x,
            *(m for at, m in enumerate(mediators) if _affects(arrangement, at, place, len(mediators))),
        ]
        for source in sources:
            by = _moderation(moderation, source, outcome, x, y, mediators)
            terms += _products(Factor(source), by, {"w": w, "z": z})
        ordered = tuple(sorted(dict.fromkeys(terms), key=len))
        formulas.append(_formula(outcome, _main_effects_in_order(ordered, sources)))
    return formulas


def _affects(arrangement: str, source: int, target: int, k: int) -> bool:
    """Whether mediator `source` acts on mediator `target`; k is the outcome, which all act on."""
    if target == k:
        return True
    return {
        "serial": source < target,
        "fan in": target == k - 1 and source < target,
        "fan out": source == 0 < target,
        "two chains": target == source + 1 and source % 2 == 0,
    }.get(arrangement, False)


def _moderation(
    moderation: Moderation, source: str, outcome: str, x: str, y: str, mediators: Sequence[str]
) -> str:
    """What moderates a path: by its number where the table names it so, else by its kind."""

    def role(name: str) -> tuple[str, str]:
        if name in (x, y):
            letter = "x" if name == x else "y"
            return letter, letter
        return "m", f"m{mediators.index(name) + 1}"

    for pair in product(reversed(role(source)), reversed(role(outcome))):
        if " ".join(pair) in moderation:
            return moderation[" ".join(pair)]
    return ""


def _products(source: Factor, by: str, roles: Mapping[str, str | None]) -> list[Term]:
    """The source, its moderators, and their products."""
    if not by:
        return [(source,)]
    moderators = [Factor(str(roles[letter])) for letter in by.replace("*", "+").replace(" ", "").split("+")]
    sets: list[Term] = [(), *((moderator,) for moderator in moderators)]
    if "*" in by:
        sets.append(tuple(moderators))
    return [*((source, *chosen) for chosen in sets), *(chosen for chosen in sets if chosen)]


def _main_effects_in_order(terms: Sequence[Term], sources: Sequence[str]) -> tuple[Term, ...]:
    """X, the mediators, then the moderators, then the products."""
    main = [term for term in terms if len(term) == 1]
    first = [term for name in sources for term in main if term[0].name == name]
    return (*first, *(term for term in main if term not in first), *(term for term in terms if len(term) > 1))


def _check_roles(
    model: int,
    arrangement: str,
    moderation: Moderation,
    mediators: Sequence[str],
    moderators: Mapping[str, str | None],
) -> None:
    fewest, most = _FEWEST[arrangement], _MOST[arrangement]
    count = len(mediators)
    if not fewest <= count <= most:
        wanted = (
            "no mediator" if most == 0 else f"{fewest} to {most} mediators" if fewest < most else f"{most}"
        )
        raise ModelError(f"model {model} takes {wanted}; m names {count or 'none'} ({', '.join(mediators)}).")
    needed = {letter for by in moderation.values() for letter in by if letter in "wz"}
    for letter, name in moderators.items():
        if letter in needed and name is None:
            paths = ", ".join(path.replace(" ", " -> ") for path, by in moderation.items() if letter in by)
            raise ModelError(
                f"model {model} needs the moderator {letter} (of the path {paths}): give {letter}='column'."
            )
        if letter not in needed and name is not None:
            which = f"only {' and '.join(sorted(needed))}" if needed else "no moderator"
            raise ModelError(
                f"model {model} has {which}, so that {letter}={name!r} has no place in it; leave it out, "
                "name it as a covariate, or choose a model that is moderated by it."
            )


def _specified(
    model: Mapping[str, str] | Sequence[str],
    x: str,
    y: str,
    mediators: Sequence[str],
    w: str | None,
    z: str | None,
) -> list[Formula]:
    texts = _texts(model)
    formulas = [parse_formula(text) for text in texts]
    outcomes = [formula.outcome for formula in formulas]
    for name in outcomes:
        if outcomes.count(name) > 1:
            raise ModelError(f"the specification explains {name!r} twice; one formula an outcome.")
    for formula in formulas:
        if not formula.intercept or not formula.terms:
            raise ModelError(f"{formula.text}: every regression has an intercept and at least one term.")
    if y not in outcomes:
        raise ModelError(f"the specification has no regression of y={y!r}.{did_you_mean(y, outcomes)}")
    if x in outcomes:
        raise ModelError(f"x={x!r} is explained by a regression; the focal cause has none.")
    used = {factor.name for formula in formulas for term in formula.terms for factor in term}
    for role, given in (("x", x), ("w", w), ("z", z)):
        if given and given not in used:
            raise ModelError(
                f"{role}={given!r} stands in none of the regressions.{did_you_mean(given, used)}"
            )
    for name in mediators:
        if name not in outcomes:
            raise ModelError(f"m names {name!r}, which no regression explains.{did_you_mean(name, outcomes)}")
    return _causes_first(formulas)


def _texts(model: Mapping[str, str] | Sequence[str]) -> list[str]:
    if isinstance(model, Mapping):
        return [f"{str(name).rstrip().rstrip('~').rstrip()} ~ {terms}" for name, terms in model.items()]
    if isinstance(model, str) or not isinstance(model, Sequence):
        raise OptionError(
            f"model={model!r} is neither a number nor regressions, such as {{'m ~': 'x * w', 'y ~': 'x + "
            "m'}} or ['m ~ x * w', 'y ~ x + m']."
        )
    return list(model)


def _causes_first(formulas: Sequence[Formula]) -> list[Formula]:
    """Outcomes in an order in which none stands before one that it depends on; ModelError for a circle."""
    left, ordered = list(formulas), list[Formula]()
    while left:
        waiting = {formula.outcome for formula in left}
        ready = [formula for formula in left if not waiting & set(formula.names[1:])]
        if not ready:
            raise ModelError(
                f"{' and '.join(sorted(waiting))} depend on each other; the model must be recursive "
                "(no variable may cause itself)."
            )
        ordered += ready
        left = [formula for formula in left if formula not in ready]
    return ordered


def _with_covariates(formula: Formula, covariates: Sequence[str]) -> Formula:
    added: list[Term] = []
    for name in covariates:
        (term,) = parse_formula(f"{Factor(formula.outcome)} ~ {_quoted(name)}").terms
        if term in (*formula.terms, *added):
            raise ModelError(f"covariate {name!r} stands in the model of {formula.outcome!r} already.")
        added.append(term)
    return _formula(formula.outcome, (*formula.terms, *added))


def _quoted(name: str) -> str:
    return name if name.startswith("C(") and name.endswith(")") else str(Factor(name))


def _formula(outcome: str, terms: tuple[Term, ...]) -> Formula:
    text = " + ".join(":".join(map(str, term)) for term in terms)
    return Formula(outcome, terms, True, f"{Factor(outcome)} ~ {text}")
