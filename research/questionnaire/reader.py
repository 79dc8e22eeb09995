"""The door of the room: a YAML file in, a `Questionnaire` or all of its faults out."""

from __future__ import annotations

from pathlib import Path

from research.errors import ResearchError, did_you_mean
from research.provenance import sha256_of_bytes
from research.questionnaire.definition import Questionnaire
from research.questionnaire.tree import parse_tree


def read_questionnaire(path: str | Path) -> Questionnaire:
    """Read a questionnaire file; `questionnaires/FORMAT.md` describes its keys.

    Raises `FaultyFileError` with every fault of the file at once, each with line, column and remedy, and
    `ResearchError` where there is no file to read.

    >>> import research
    >>> import pathlib, tempfile
    >>> from research.questionnaire.template import new_questionnaire
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "shop.yaml"
    >>> _ = file.write_text(new_questionnaire("shop"), encoding="utf-8")
    >>> [construct.name for construct in research.read_questionnaire(file).constructs]
    ['quality', 'trust', 'satisfaction', 'loyalty']
    """
    path = Path(path)
    try:
        content = path.read_bytes()
    except (OSError, ValueError) as error:
        raise ResearchError(_unreadable(path, error)) from None
    return parse_questionnaire(content, str(path))


def parse_questionnaire(content: bytes, path: str = "questionnaire.yaml") -> Questionnaire:
    """The questionnaire in the bytes of a file; `path` is what faults call it, and where a `.bib` is beside.

    Raises `FaultyFileError` as `read_questionnaire` does.
    """
    from research.questionnaire.answers import check_answers
    from research.questionnaire.assemble import assemble
    from research.questionnaire.identifiers import check_identifiers
    from research.questionnaire.population import read_population
    from research.questionnaire.reading import read_shape
    from research.questionnaire.references import check_references
    from research.questionnaire.theory import check_theory
    from research.questionnaire.wording import check_wordings

    reading = read_shape(parse_tree(content, path))
    check_wordings(reading)
    check_identifiers(reading)
    check_answers(reading)
    check_references(reading)
    theory = check_theory(reading)
    population = read_population(reading, theory)
    reading.finish()
    return assemble(reading, theory, population, sha256_of_bytes(content))


def _unreadable(path: Path, error: Exception) -> str:
    if path.is_dir():
        return f"{path} is a folder. Name the questionnaire file in it."
    if isinstance(error, FileNotFoundError):
        folder = path.parent
        names = sorted(p.name for p in folder.glob("*.y*ml")) if folder.is_dir() else []
        return f"{path}: no such file.{did_you_mean(path.name, names)}"
    return f"{path} cannot be read: {getattr(error, 'strerror', None) or error}."
