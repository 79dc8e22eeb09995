"""Notebooks are kept without outputs and run from the first cell to the last."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from notebook_runs import NOTEBOOKS, STUDIES, every_cell_runs

from research.errors import BuildError
from research.notebook import run_notebook


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_outputs_are_kept(path: Path) -> None:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            assert cell["outputs"] == []
            assert cell["execution_count"] is None


@pytest.mark.parametrize(
    "path", [path for path in NOTEBOOKS if path not in STUDIES], ids=lambda path: path.stem
)
def test_every_cell_runs(path: Path, tmp_path: Path) -> None:
    every_cell_runs(path, tmp_path)


def test_a_failing_cell_is_named(tmp_path: Path) -> None:
    import nbformat

    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell("x = 1"), nbformat.v4.new_code_cell("# divide\nx / 0")]
    )
    path = tmp_path / "broken.ipynb"
    nbformat.write(notebook, path)
    with pytest.raises(BuildError, match=r"code cell 2 \(# divide\): ZeroDivisionError"):
        run_notebook(path, {})
