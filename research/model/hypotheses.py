"""A questionnaire's constructs and hypotheses as lavaan text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from research.errors import ModelError
from research.questionnaire.definition import Construct, Hypothesis, Questionnaire

Edge = tuple[str, str]  # (from, to)

_NAME = re.compile(r"(?:[^\W\d]|\.(?!\d))[\w.]*\Z")


def measurement_text(questionnaire: Questionnaire, constructs: Iterable[str] | None = None) -> str:
    """The measurement model in lavaan's syntax: one line a construct, in the order of the file.

    `constructs` limits it to some constructs and what these are made of. A construct with one item
    is measured by it without error, as lavaan does by default. A second-order construct is
    measured by its components. Composites have no measurement model and are left out.

    >>> import research
    >>> answers = research.example_responses()
    >>> print(research.measurement_text(answers.questionnaire, ["trust", "loyalty"]))
    trust =~ trust1 + trust2 + trust3
    loyalty =~ loyalty1 + loyalty2 + loyalty3
    """
    wanted = _with_components(questionnaire, constructs)
    lines = [
        f"{quoted(one.name)} =~ {' + '.join(map(quoted, _indicators(one)))}"
        for one in questionnaire.constructs
        if one.name in wanted and one.mode == "reflective"
    ]
    return "\n".join(lines) + "\n"


def model_text(
    questionnaire: Questionnaire, controls: Sequence[str] | None = None, *, labelled: bool = True
) -> str:
    """The structural equation model that the hypotheses declare, in lavaan's syntax.

    Measurement of every construct that a hypothesis names; one labelled path for each arrow of a
    hypothesis (`path_label`); a moderator predicts the outcome it moderates (the product is tested
    by `research.process`, not here); the control variables predict every outcome. Each
    mediated hypothesis defines its indirect effect `ind_H3` as the product of its paths, and
    `total_X_Y` as the sum over all ways from its first to its last construct.

    `controls` are columns of numbers; None takes the file's controls that are number questions
    (a choice question has to be coded as numbers first). `labelled=False` leaves out labels and effects,
    as a model of several groups needs it: a label would hold its path equal in all of them.

    >>> import research
    >>> answers = research.example_responses()
    >>> research.model_text(answers.questionnaire).splitlines()[4:6]
    ['trust ~ p_quality_trust*quality + age',
     'satisfaction ~ p_quality_satisfaction*quality + p_trust_satisfaction*trust + age']
    """
    edges = structural_edges(questionnaire)
    named = {construct.name for construct in questionnaire.constructs}
    used = [name for edge in edges for name in edge]
    parts = [measurement_text(questionnaire, used if edges else None)]
    parts.append(_composites(questionnaire, {source for source, _ in edges}))
    if controls is None:
        controls = _number_controls(questionnaire)
    order = {construct.name: place for place, construct in enumerate(questionnaire.constructs)}
    outcomes = sorted({target for _, target in edges}, key=lambda name: order.get(name, len(order)))
    for outcome in outcomes:
        sources = [source for source, target in edges if target == outcome]
        sources.sort(key=lambda name: order.get(name, len(order)))
        mark = "{}*" if labelled else ""
        terms = [mark.format(path_label(source, outcome)) + quoted(source) for source in sources]
        terms += [quoted(control) for control in controls if control not in named]
        parts.append(f"{quoted(outcome)} ~ {' + '.join(terms)}\n")
    if labelled:
        parts += [f"{line}\n" for line in _effects(questionnaire.hypotheses, edges)]
    return "".join(parts)


def structural_edges(questionnaire: Questionnaire) -> tuple[Edge, ...]:
    """The paths that the hypotheses stand on, each once, in the order of the file."""
    constructs = {construct.name for construct in questionnaire.constructs}
    edges: dict[Edge, None] = {}
    for hypothesis in questionnaire.hypotheses:
        edges.update(dict.fromkeys(hypothesis.edges))
        if hypothesis.kind == "moderated" and hypothesis.moderator in constructs:
            edges[hypothesis.moderator, hypothesis.path[-1]] = None
    return tuple(edges)


def path_label(source: str, target: str) -> str:
    """The label of the path from `source` to `target` in `model_text`.

    >>> path_label("Trust", "Loyalty")
    'p_Trust_Loyalty'
    """
    return f"p_{_word(source)}_{_word(target)}"


def indirect_name(hypothesis: Hypothesis) -> str:
    """The name under which `model_text` defines the indirect effect of a mediated hypothesis."""
    return f"ind_{_word(hypothesis.id)}"


def total_name(source: str, target: str) -> str:
    """The name under which `model_text` defines the total effect of `source` on `target`."""
    return f"total_{_word(source)}_{_word(target)}"


def _with_components(questionnaire: Questionnaire, names: Iterable[str] | None) -> frozenset[str]:
    """The named constructs and the components that second-order ones are made of."""
    known = {construct.name: construct for construct in questionnaire.constructs}
    pending = list(known if names is None else names)
    found: set[str] = set()
    while pending:
        name = pending.pop()
        if name in found or name not in known:
            continue
        found.add(name)
        pending += known[name].components
    return frozenset(found)


def _indicators(construct: Construct) -> tuple[str, ...]:
    indicators = construct.item_ids or construct.components
    if not indicators:
        raise ModelError(f"construct '{construct.name}' has neither items nor components to be measured by")
    return indicators


def _composites(questionnaire: Questionnaire, sources: set[str]) -> str:
    """Composites that predict something: weights, the first fixed at one."""
    lines = []
    for construct in questionnaire.constructs:
        if construct.mode == "composite" and construct.name in sources:
            first, *rest = map(quoted, _indicators(construct))
            lines.append(f"{quoted(construct.name)} <~ {' + '.join([f'1*{first}', *rest])}\n")
    return "".join(lines)


def _number_controls(questionnaire: Questionnaire) -> tuple[str, ...]:
    numbers = {question.id for question in questionnaire.background if question.kind == "number"}
    return tuple(name for name in questionnaire.controls if name in numbers)


def _effects(hypotheses: Sequence[Hypothesis], edges: Sequence[Edge]) -> list[str]:
    """Indirect effects of the mediated hypotheses, then the total effects of their ends."""
    mediated = [one for one in hypotheses if one.kind == "mediated"]
    lines = [f"{indirect_name(one)} := {_product(one.path)}" for one in mediated]
    targets: dict[str, list[str]] = {}
    for source, target in edges:
        targets.setdefault(source, []).append(target)
    ends = dict.fromkeys((one.path[0], one.path[-1]) for one in mediated)
    lines += [f"{total_name(*pair)} := {_total(pair[:1], pair[1], targets)}" for pair in ends]
    return lines


def _product(path: Sequence[str]) -> str:
    return "*".join(path_label(source, target) for source, target in pairwise(path))


def _total(way: tuple[str, ...], target: str, targets: Mapping[str, Sequence[str]]) -> str:
    """The sum over all ways that go on from the end of `way` to `target` and pass no construct twice."""
    here = way[-1]
    terms = [path_label(here, target)] if target in targets.get(here, ()) else []
    for after in targets.get(here, ()):
        if after != target and after not in way:
            rest = _total((*way, after), target, targets)
            if rest:
                rest = f"({rest})" if " + " in rest else rest
                terms.append(f"{path_label(here, after)}*{rest}")
    return " + ".join(terms)


def quoted(name: str) -> str:
    """A variable's name, in quotes where it is no plain name."""
    return name if _NAME.match(name) else f'"{name}"'


def _word(name: str) -> str:
    """A name with everything that a label cannot hold replaced."""
    return re.sub(r"[^\w.]", "_", name)
