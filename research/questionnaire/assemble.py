"""From the checked shape of a file to the frozen nouns that the other rooms know."""

from __future__ import annotations

from collections.abc import Mapping

from research.questionnaire.definition import (
    Analysis,
    AttentionCheck,
    Construct,
    Hypothesis,
    Item,
    Option,
    Point,
    Population,
    Question,
    Questionnaire,
    Scale,
    Screening,
    SkipRule,
    Text,
)
from research.questionnaire.entry import ONLY_LANGUAGE, Worded
from research.questionnaire.reading import Reading
from research.questionnaire.schema import File, MissingEntry, ScaleEntry
from research.questionnaire.theory import Theory, line_path


def assemble(reading: Reading, theory: Theory, population: Population | None, sha256: str) -> Questionnaire:
    """The questionnaire of a reading without faults."""
    file = reading.file
    screening = file.screening
    asked = [line.group.text for line in theory.lines.values() if line.group]
    return Questionnaire(
        name=file.name,
        title=_text(file, file.title),
        languages=tuple(file.languages),
        scales={name: _scale(file, name, scale) for name, scale in file.scales.items()},
        constructs=_constructs(file),
        background=_background(file),
        checks=_checks(file),
        skips=_skips(file),
        hypotheses=_hypotheses(reading, theory),
        controls=tuple(file.controls),
        groups=tuple(dict.fromkeys([*file.groups, *asked])),
        screening=Screening(
            seconds_per_item=screening.seconds_per_item,
            longest_run=screening.longest_run,
            duration_column=screening.duration_column,
            id_column=screening.id_column,
            drop=tuple(dict.fromkeys(screening.drop)),
        ),
        analysis=Analysis(file.analysis.estimator, file.analysis.missing),
        population=population,
        data=file.data,
        paper=file.paper,
        notebook=file.notebook,
        bibliography=file.bibliography,
        path=reading.document.path,
        sha256=sha256,
    )


def _text(file: File, entry: Worded) -> Text:
    wording = entry.wording
    if ONLY_LANGUAGE in wording:
        return {file.languages[0]: wording[ONLY_LANGUAGE]}
    return {language: wording[language] for language in file.languages}


def _missing(file: File, own: Mapping[str, MissingEntry]) -> dict[str, Text]:
    return {code: _text(file, entry) for code, entry in (file.missing | dict(own)).items()}


def _named(labels: Mapping[str, Text]) -> dict[str, str]:
    return {code: next(iter(label.values())) for code, label in labels.items()}


def _scale(file: File, name: str, scale: ScaleEntry) -> Scale:
    labels = {value: _text(file, point) for value, point in scale.points.items()}
    values = range(min(labels), max(labels) + 1)
    missing = _missing(file, scale.missing)
    return Scale(
        name=name,
        points=tuple(Point(value, labels.get(value, {})) for value in values),
        missing=_named(missing),
        missing_labels=missing,
    )


def _only_scale(file: File) -> str:
    return next(iter(file.scales))


def _constructs(file: File) -> tuple[Construct, ...]:
    return tuple(
        Construct(
            name=name,
            label=_text(file, construct),
            items=tuple(
                Item(
                    id=item,
                    wording=_text(file, entry),
                    scale=entry.scale or construct.scale or _only_scale(file),
                    reverse=item in construct.reverse,
                    column=entry.column,
                )
                for item, entry in construct.items.items()
            ),
            components=tuple(construct.components),
            mode=construct.mode,
            source=tuple(construct.source),
        )
        for name, construct in file.constructs.items()
    )


def _background(file: File) -> tuple[Question, ...]:
    questions = []
    for name, question in file.background.items():
        missing = _missing(file, question.missing)
        questions.append(
            Question(
                id=name,
                wording=_text(file, question),
                kind=question.kind,
                options=tuple(Option(code, _text(file, entry)) for code, entry in question.options.items()),
                missing=_named(missing),
                personal=question.personal,
                column=question.column,
                missing_labels=missing,
                label=_text(file, question.label) if question.label else {},
            )
        )
    return tuple(questions)


def _checks(file: File) -> tuple[AttentionCheck, ...]:
    return tuple(
        AttentionCheck(
            id=name,
            wording=_text(file, check),
            scale=check.scale or _only_scale(file),
            expect=check.expect,
            column=check.column,
        )
        for name, check in file.checks.items()
    )


def _skips(file: File) -> tuple[SkipRule, ...]:
    return tuple(
        SkipRule(
            question=rule.when,
            values=tuple(rule.is_),
            skip=tuple(dict.fromkeys(asked for name in rule.skip for asked in _asked(file, name))),
        )
        for rule in file.skips
    )


def _asked(file: File, name: str) -> list[str]:
    """What is asked under a name: itself, or the items of the construct and of its components."""
    construct = file.constructs.get(name)
    if construct is None:
        return [name]
    return [
        *construct.items,
        *(item for component in construct.components for item in _asked(file, component)),
    ]


def _hypotheses(reading: Reading, theory: Theory) -> tuple[Hypothesis, ...]:
    file = reading.file
    hypotheses = []
    for name, line in theory.lines.items():
        entry = file.hypotheses[name]
        wording = entry.wording
        hypotheses.append(
            Hypothesis(
                id=name,
                kind=line.kind,
                path=line.names,
                sign=line.sign,
                moderator=line.moderator.text if line.moderator else None,
                group=line.group.text if line.group else None,
                text=entry.line,
                label={language: wording[language] for language in file.languages if language in wording},
                line=reading.document.value(line_path(reading, name)).line,
            )
        )
    return tuple(hypotheses)
