"""What a questionnaire file means: defaults, short forms, and the files that are shipped."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import jsonschema
import numpy as np
import pytest
import yaml
from shared import shared

from research.errors import FaultyFileError, OptionError
from research.questionnaire.definition import Questionnaire, say
from research.questionnaire.entry import Entry, fields
from research.questionnaire.outline import outline
from research.questionnaire.reader import parse_questionnaire, read_questionnaire
from research.questionnaire.schema import File, json_schema
from research.questionnaire.template import new_questionnaire

ROOT = Path(__file__).resolve().parents[1]
SHIPPED = sorted((ROOT / "questionnaires").glob("*.yaml"))
TEMPLATE = new_questionnaire("demo")

SMALL = """\
name: small
title: A small study
languages: [en]
scales:
  likert3: {points: {1: low, 3: high}}
constructs:
  trust:
    en: Trust
    items: {t1: I trust it., t2: {en: It is honest., column: 'Q2'}}
"""


def read(text: str) -> Questionnaire:
    return parse_questionnaire(text.encode())


def test_a_file_in_one_language_is_short() -> None:
    """A bare text is the wording, and the only scale need not be named."""
    small = read(SMALL)
    assert small.title == {"en": "A small study"}
    assert [(point.value, dict(point.label)) for point in small.scales["likert3"].points] == [
        (1, {"en": "low"}),
        (2, {}),
        (3, {"en": "high"}),
    ]
    first, second = small.items
    assert (first.id, first.wording, first.scale, first.reverse) == (
        "t1",
        {"en": "I trust it."},
        "likert3",
        False,
    )
    assert (second.column, first.column) == ("Q2", None)
    assert small.population is None
    assert small.screening.seconds_per_item == 2.0
    assert small.screening.drop == ()


def test_words_that_other_readers_turn_into_something_else() -> None:
    """`no`, `on`, `012`, `12:30` and the like are what they look like: the words that stand there."""
    text = (
        SMALL
        + """\
background:
  norway:
    en: no
    options: {012: on, 12:30: off, 1_000: 2024-05-01, 0x1F: yes, 1e3: 1.50}
"""
    )
    (question,) = read(text).background
    assert question.wording == {"en": "no"}
    assert [(option.value, option.label["en"]) for option in question.options] == [
        ("012", "on"),
        ("12:30", "off"),
        ("1_000", "2024-05-01"),
        ("0x1F", "yes"),
        ("1e3", "1.50"),
    ]


def test_hypotheses_keep_their_line_and_their_place() -> None:
    study = read(TEMPLATE)
    by_id = {hypothesis.id: hypothesis for hypothesis in study.hypotheses}
    serial, group = by_id["H6"], by_id["H7"]
    assert serial.kind == "mediated"
    assert serial.edges == (("quality", "trust"), ("trust", "satisfaction"), ("satisfaction", "loyalty"))
    assert serial.text == "quality -> trust -> satisfaction -> loyalty"
    assert TEMPLATE.splitlines()[serial.line - 1].strip().startswith("H6:")
    assert (group.kind, group.group, group.sign) == ("group", "channel", 0)
    assert study.groups == ("channel",)  # a group of a hypothesis is one of the study


def test_missing_codes_hold_for_every_scale_and_question() -> None:
    study = read(TEMPLATE)
    assert study.scales["agree5"].missing == {"-99": "not answered"}
    assert study.scales["agree5"].missing_labels == {"-99": {"en": "not answered", "zh": "未作答"}}
    assert all(question.missing == {"-99": "not answered"} for question in study.background)


def test_a_skip_of_a_construct_skips_its_items() -> None:
    text = TEMPLATE.replace(
        "# skips:\n#   - {when: channel, is: 2, skip: [quality3]}",
        "skips:\n  - {when: channel, is: 2, skip: [trust, age]}",
    )
    (rule,) = read(text).skips
    assert (rule.question, rule.values, rule.skip) == (
        "channel",
        ("2",),
        ("trust1", "trust2", "trust3", "age"),
    )


def test_every_loading_of_a_population_is_spelt_out() -> None:
    text = TEMPLATE.replace(
        "  # experience: {en: Experience, zh: 体验, components: [quality, trust]}",
        "  experience: {en: Experience, zh: 体验, components: [quality, trust]}",
    ).replace(
        "loadings: {trust3: 0.65}",
        "loadings: {trust: 0.7, trust3: 0.65}\n  components: {trust: 0.5, quality: 0.6}",
    )
    population = read(text).population
    assert population is not None
    assert {
        name: population.loadings[name] for name in ("quality1", "trust1", "trust3", "trust", "quality")
    } == {
        "quality1": 0.8,
        "trust1": 0.7,
        "trust3": 0.65,
        "trust": 0.5,
        "quality": 0.6,
    }
    assert population.paths["quality", "trust"] == 0.55


def test_ecsi_is_the_model_of_the_literature() -> None:
    """Constructs, items in their order, and structural paths as in the reference run of lavaan."""
    study = read_questionnaire(ROOT / "questionnaires" / "ecsi_mobile.yaml")
    with shared("realdata/golden/mobi_lavaan.json").open(encoding="utf-8") as file:
        meta = json.load(file)["meta"]
    measurement = {
        line.split(" =~ ")[0]: line.split(" =~ ")[1].split("+")
        for line in meta["syntax_measurement"].split("\n")
    }
    assert study.item_columns() == measurement
    edges = {
        (cause, line.split(" ~ ")[0])
        for line in meta["syntax_structural"].split("\n")
        for cause in line.split(" ~ ")[1].split("+")
    }
    assert {edge for hypothesis in study.hypotheses for edge in hypothesis.edges} == edges
    with shared("realdata/ecsi_mobile_250.csv").open(encoding="utf-8") as file:
        assert set(next(csv.reader(file))) == {item.id for item in study.items}
    assert {(scale.low, scale.high) for scale in study.scales.values()} == {(1, 10)}


def test_corporate_reputation_fits_its_data() -> None:
    study = read_questionnaire(ROOT / "questionnaires" / "corporate_reputation.yaml")
    with shared("realdata/corp_rep_344.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for item in study.items:
        scale = study.scales[item.scale]
        allowed = {str(point.value) for point in scale.points} | set(scale.missing)
        assert {row[item.id] for row in rows} <= allowed, item.id
    coarser = {"1": "1", "2": "1", "3": "2", "4": "3", "5": "4"}
    assert all(row["switch_4"] == coarser[row["switch_1"]] for row in rows)  # why the file leaves it out
    (question,) = study.background
    assert {row["servicetype"] for row in rows} == {option.value for option in question.options}
    moderated = next(h for h in study.hypotheses if h.kind == "moderated")
    assert (moderated.path, moderated.moderator, moderated.sign) == (("CUSA", "CUSL"), "SC", -1)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_files_are_sound(path: Path) -> None:
    study = read_questionnaire(path)
    assert study.name == path.stem
    assert study.languages == ("en", "zh")
    assert study.sha256
    for item in study.items:
        assert say(item.wording, "en") != say(item.wording, "zh")


@pytest.mark.parametrize("text", [TEMPLATE, SMALL, *(path.read_text(encoding="utf-8") for path in SHIPPED)])
def test_the_schema_takes_what_the_reader_takes(text: str) -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema())
    jsonschema.validate(as_editors_see_it(text), json_schema())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("name: demo", "nam: demo"),
        ("kind: number", "kind: numeric"),
        ("expect: 4", "expect: four"),
        ("n: 300", "n: many"),
        ("  H1: quality -> trust\n", "  H1: [quality, trust]\n"),
        ("    zh: 信任\n", "    chinese: 信任\n"),
        ("missing: 0.01", "missing: 0.9"),
    ],
)
def test_the_schema_refuses_what_the_reader_refuses(old: str, new: str) -> None:
    assert TEMPLATE.count(old) == 1
    text = TEMPLATE.replace(old, new)
    with pytest.raises(FaultyFileError):
        read(text)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(as_editors_see_it(text), json_schema())


def as_editors_see_it(text: str) -> object:
    """The file as YAML editors read it: numbers and booleans typed, keys as text."""

    def texts(node: object) -> object:
        if isinstance(node, dict):
            return {str(key): texts(value) for key, value in node.items()}
        return [texts(value) for value in node] if isinstance(node, list) else node

    return texts(yaml.safe_load(text))


def test_the_format_page_describes_every_key() -> None:
    page = (ROOT / "questionnaires" / "FORMAT.md").read_text(encoding="utf-8")
    todo: list[type[Entry]] = [Entry]
    while todo:
        entry = todo.pop()
        todo += entry.__subclasses__()
        for key in fields(entry):
            assert f"`{key}`" in page, f"{key} of {entry.__name__}"
    assert File.__name__ == "File"


def test_the_examples_of_the_format_page_are_sound() -> None:
    page = (ROOT / "questionnaires" / "FORMAT.md").read_text(encoding="utf-8")
    examples = page.split("```yaml\n")[1:]
    whole = [example.split("```")[0] for example in examples]
    files = [text for text in whole if text.startswith("name:")]
    assert files
    for text in files:
        assert read(text).hypotheses


@pytest.mark.parametrize("name", ["demo", "Loyalty-2026", "a"])
def test_a_new_questionnaire_is_sound(name: str) -> None:
    study = read(new_questionnaire(name))
    assert study.name == name
    assert study.population is not None
    assert study.data is None
    assert {construct.name for construct in study.constructs} == {
        "quality",
        "trust",
        "satisfaction",
        "loyalty",
    }


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        ".",
        "..",
        "../demo",
        "a/b",
        "a\\b",
        "con",
        "LPT1",
        "1a",
        "-a",
        "_a",
        "a b",
        "a.yaml",
        "问卷",
        "a" * 65,
        "a\n",
    ],
)
def test_a_new_questionnaire_needs_a_file_name(name: str) -> None:
    with pytest.raises(OptionError, match="cannot name a questionnaire"):
        new_questionnaire(name)


def test_outline() -> None:
    frame = outline(read(TEMPLATE), "zh")
    assert list(frame["item"])[:3] == ["quality1", "quality2", "quality3"]
    assert list(frame.loc[frame["reverse"], "item"]) == ["trust3"]
    check = frame.loc[frame["item"] == "attention1"].iloc[0]
    assert (check["part"], check["scale"], check["low"], check["high"]) == ("check", "agree5", 1.0, 5.0)
    question = frame.loc[frame["item"] == "channel"].iloc[0]
    assert (question["part"], question["answers"]) == ("background", "1 = 手机应用; 2 = 网站")
    assert len(frame) == 12 + 1 + 3


def test_two_thousand_mutilated_files() -> None:
    """Whatever happens to a file, reading it gives a questionnaire or its faults, and nothing else."""
    draw = np.random.default_rng(20260101)
    sources = [TEMPLATE.encode(), SMALL.encode()]
    outcomes = {"sound": 0, "faulty": 0}
    silent = 0
    for _ in range(2000):
        content = mutilated(draw, sources[draw.integers(2)])
        try:
            parse_questionnaire(content)
            outcomes["sound"] += 1
        except FaultyFileError as error:
            outcomes["faulty"] += 1
            told = [fault for fault in error.faults if fault.line >= 1 and fault.column >= 1 and str(fault)]
            silent += len(told) != len(error.faults) or not told
    assert not silent
    assert min(outcomes.values()) > 50, outcomes


STRAY = [
    b":",
    b"- ",
    b"[",
    b"]",
    b"{",
    b"}",
    b"'",
    b'"',
    b"#",
    b"&a ",
    b"*a ",
    b"!x ",
    b"|",
    b"> ",
    b"%",
    b"@",
    b"\t",
    b"\n",
    b"\x00",
    b"\xff",
    b"\xe4\xbf",
    "→".encode(),
    b"99999999999999999999",
    b"-> ",
    b"null",
    b"~",
    b"1e999",
    b"? ",
    b"---\n",
    b"...\n",
    b"<<: ",
    b"  ",
]


def mutilated(draw: np.random.Generator, content: bytes) -> bytes:
    for _ in range(draw.choice([1, 1, 2, 4])):
        lines = content.split(b"\n")
        at = draw.integers(len(content))
        kind = draw.integers(7)
        if kind == 0:
            content = content[:at] + STRAY[draw.integers(len(STRAY))] + content[at:]
        elif kind == 1:
            content = content[:at] + content[at + draw.integers(1, 30) :]
        elif kind == 2:
            del lines[draw.integers(len(lines))]
            content = b"\n".join(lines)
        elif kind == 3:
            one, other = draw.integers(len(lines)), draw.integers(len(lines))
            lines[one], lines[other] = lines[other], lines[one]
            content = b"\n".join(lines)
        elif kind == 4:
            lines.insert(draw.integers(len(lines)), lines[draw.integers(len(lines))])
            content = b"\n".join(lines)
        elif kind == 5:
            at = draw.integers(len(lines))
            lines[at] = b" " * int(draw.integers(5)) + lines[at].lstrip()
            content = b"\n".join(lines)
        else:
            content = content[:at] + bytes([int(draw.integers(256))]) + content[at + 1 :]
    return content or b" "
