"""The notebooks of the five studies run from first cell to last, and make what the README says they do."""

from __future__ import annotations

from pathlib import Path

import pytest
from notebook_runs import STUDIES, every_cell_runs
from readme_table import shown

from research.report.artefacts import load_artefacts


@pytest.mark.parametrize("path", STUDIES, ids=lambda path: path.stem)
def test_every_cell_runs(path: Path, tmp_path: Path) -> None:
    every_cell_runs(path, tmp_path)
    made = load_artefacts(tmp_path / "artefacts").rows
    promised = shown(path.stem.partition("_")[2])
    assert promised
    assert promised <= made.keys()
