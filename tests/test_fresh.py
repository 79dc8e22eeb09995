"""The script that sets up the environment never clears a folder that it did not make."""

from __future__ import annotations

from pathlib import Path

import pytest

from research import fresh


@pytest.mark.skipif(not fresh.LOCK.exists(), reason="needs a clone with its lock file")
def test_a_folder_that_is_no_environment_is_left_as_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "thesis.docx").write_bytes(b"years of work")
    with pytest.raises(SystemExit, match="left as it is"):
        fresh.environment(folder)
    assert (folder / "thesis.docx").read_bytes() == b"years of work"


@pytest.mark.skipif(not fresh.LOCK.exists(), reason="needs a clone with its lock file")
def test_an_environment_that_is_up_to_date_is_used_as_it_is(tmp_path: Path) -> None:
    python = tmp_path / ("Scripts/python.exe" if fresh.os.name == "nt" else "bin/python")
    python.parent.mkdir()
    python.touch()
    (tmp_path / "installed.sha256").write_text(fresh.fingerprint(), encoding="ascii")
    assert fresh.environment(tmp_path) == python


def test_an_unknown_command_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert fresh.main(["publish"]) == 2
    assert "python3 -m research.fresh build" in capsys.readouterr().err
