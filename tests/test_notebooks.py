"""Notebooks are kept without outputs and run from the first cell to the last."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from shared import shared

from research.errors import BuildError
from research.notebook import run_notebook

NOTEBOOKS = sorted((Path(__file__).resolve().parents[1] / "notebooks").glob("*.ipynb"))
DATA = {  # the others run on simulated answers
    "ecsi_mobile": "realdata/ecsi_mobile_250.csv",
    "corporate_reputation": "realdata/corp_rep_344.csv",
}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_outputs_are_kept(path: Path) -> None:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            assert cell["outputs"] == []
            assert cell["execution_count"] is None


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_cell_runs(path: Path, tmp_path: Path) -> None:
    settings = {"RESEARCH_OUT": str(tmp_path), "RESEARCH_DRAWS": "100"}
    if path.stem in DATA:
        settings["RESEARCH_DATA"] = str(shared(DATA[path.stem]))
    before = path.read_bytes()
    run_notebook(path, settings)
    assert path.read_bytes() == before
    assert (tmp_path / "artefacts" / "manifest.json").exists()


def test_a_failing_cell_is_named(tmp_path: Path) -> None:
    import nbformat

    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell("x = 1"), nbformat.v4.new_code_cell("# divide\nx / 0")]
    )
    path = tmp_path / "broken.ipynb"
    nbformat.write(notebook, path)
    with pytest.raises(BuildError, match=r"code cell 2 \(# divide\): ZeroDivisionError"):
        run_notebook(path, {})
