"""README's table of the five studies: where each thing that was asked for is declared and shown."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

README = Path(__file__).resolve().parents[1] / "README.md"
HEAD = "| study | what is asked | declared as | shown in |"


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    study: str
    asked: str
    declared: str
    shown: tuple[str, ...]  # keys of artefacts

    @property
    def hypotheses(self) -> list[str]:
        """`H1–H3, H7` written out."""
        found: list[str] = []
        for first, last in re.findall(r"\bH(\d+)(?:–H(\d+))?", self.declared):
            found += [f"H{number}" for number in range(int(first), int(last or first) + 1)]
        return found

    @property
    def named(self) -> list[str]:
        """What stands in code marks where it is declared: constructs, questions, keys of the file."""
        return re.findall(r"`([^`]+)`", self.declared)


@cache
def rows() -> tuple[Row, ...]:
    """The table, with the study's name in every row."""
    lines = README.read_text(encoding="utf-8").splitlines()
    found: list[Row] = []
    study = ""
    for line in lines[lines.index(HEAD) + 2 :]:
        if not line.startswith("|"):
            break
        name, asked, declared, shown = (cell.strip() for cell in line.strip("|").split("|"))
        study = name.split("`")[1] if name else study
        found.append(Row(study, asked, declared, tuple(re.findall(r"`([^`]+)`", shown))))
    return tuple(found)


def shown(study: str) -> set[str]:
    """Every artefact that the table names for the study."""
    return {key for row in rows() if row.study == study for key in row.shown}
