"""The study object: what it says about where its numbers come from, and which settings it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_survey import HEADER, ROWS, write

from research.errors import OptionError
from research.questionnaire.template import new_questionnaire
from research.study import open_study


@pytest.fixture
def demo(tmp_path: Path) -> Path:
    path = tmp_path / "demo.yaml"
    path.write_text(new_questionnaire("demo"), encoding="utf-8")
    return path


def test_simulated_answers_are_an_input_with_a_name(demo: Path) -> None:
    inputs = open_study(demo).inputs()
    assert list(inputs) == ["demo.yaml", "simulated answers"]
    assert all(len(digest) == 64 for digest in inputs.values())


def test_the_printed_command_names_the_answers_that_were_given(demo: Path, tmp_path: Path) -> None:
    from research.study import Study

    data = write(tmp_path, HEADER, *ROWS, name="wave 1.csv")
    plain = open_study(demo)
    study = Study(plain.questionnaire, data=data, out=tmp_path, seed=7, draws=200)
    # what a reader types beside the files: no folder of this machine, and the blank in quotation marks
    expected = "python -m research build demo.yaml --data 'wave 1.csv' --seed 7 --draws 200"
    study.raw = plain.raw
    assert study.provenance().command == expected
    assert "--data" not in plain.provenance().command


def test_settings_that_are_no_numbers_are_refused(demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(OptionError, match="seed=-1"):
        open_study(demo, seed=-1)
    monkeypatch.setenv("RESEARCH_DRAWS", "many")
    with pytest.raises(OptionError, match="RESEARCH_DRAWS is 'many'"):
        open_study(demo)
