"""The notebooks of the project, and how the suite runs one: few draws, its own output folder."""

from __future__ import annotations

from pathlib import Path

from shared import shared

from research.notebook import run_notebook

NOTEBOOKS = sorted((Path(__file__).resolve().parents[1] / "notebooks").glob("*.ipynb"))
STUDIES = [path for path in NOTEBOOKS if path.stem[:2] in {"01", "02", "03", "04", "05"}]
DATA = {  # the others run on simulated answers
    "ecsi_mobile": "realdata/ecsi_mobile_250.csv",
    "corporate_reputation": "realdata/corp_rep_344.csv",
}


def every_cell_runs(path: Path, folder: Path) -> None:
    """Run the notebook; it publishes, and its file stays as it is."""
    settings = {"RESEARCH_OUT": str(folder), "RESEARCH_DRAWS": "100"}
    if path.stem in DATA:
        settings["RESEARCH_DATA"] = str(shared(DATA[path.stem]))
    before = path.read_bytes()
    run_notebook(path, settings)
    assert path.read_bytes() == before
    assert (folder / "artefacts" / "manifest.json").exists()
