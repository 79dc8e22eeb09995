"""The notebooks of the five studies run from first cell to last. They are slow: a file of their own."""

from __future__ import annotations

from pathlib import Path

import pytest
from notebook_runs import STUDIES, every_cell_runs


@pytest.mark.parametrize("path", STUDIES, ids=lambda path: path.stem)
def test_every_cell_runs(path: Path, tmp_path: Path) -> None:
    every_cell_runs(path, tmp_path)
