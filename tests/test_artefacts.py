"""Artefacts by key: what is written, what is refused, what the next run sees."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from matplotlib.figure import Figure as Canvas

from research.errors import BuildError
from research.provenance import sha256_of_file
from research.report.artefacts import ArtefactStore, load_artefacts
from research.report.nouns import Column, Figure, Table

INPUTS = {"survey.yaml": "a" * 64}


def small_table() -> Table:
    frame = pd.DataFrame(
        {"name": [{"en": "Trust", "zh": "信任"}, {"en": "Loyalty", "zh": "忠诚"}], "alpha": [0.81234, 0.7]}
    )
    columns = (
        Column("name", {"en": "Construct", "zh": "构念"}),
        Column("alpha", {"en": "α", "zh": "α"}, "statistic"),
    )
    return Table({"en": "Reliability", "zh": "信度"}, frame, columns)


def draw(canvas: Canvas, frame: pd.DataFrame, lang: str) -> None:
    canvas.subplots().set_title({"en": "Paths", "zh": "路径"}[lang])


def small_figure() -> Figure:
    return Figure({"en": "Paths", "zh": "路径"}, pd.DataFrame({"x": [1.0]}), draw, 88, 50)


def test_a_table_is_written_in_every_language_and_format(tmp_path: Path) -> None:
    row = ArtefactStore(tmp_path).put(small_table(), "reliability", inputs=INPUTS, stream="seed 1")
    suffixes = ("csv", "xlsx", "docx", "md", "html", "tex")
    wanted = {f"tables/reliability.{lang}.{suffix}" for lang in ("en", "zh") for suffix in suffixes}
    assert set(row.files) == wanted | {"tables/reliability.json"}
    assert all(sha256_of_file(tmp_path / name) == digest for name, digest in row.files.items())
    assert "信任" in (tmp_path / "tables/reliability.zh.csv").read_text(encoding="utf-8-sig")
    assert "0.81234" in (tmp_path / "tables/reliability.en.csv").read_text(encoding="utf-8-sig")
    assert ".812" in (tmp_path / "tables/reliability.en.md").read_text(encoding="utf-8")


def test_a_figure_is_written_as_pdf_svg_and_png_in_every_language(tmp_path: Path) -> None:
    row = ArtefactStore(tmp_path).put(small_figure(), "path_diagram", inputs=INPUTS)
    suffixes = ("pdf", "svg", "png")
    wanted = {f"figures/path_diagram.{lang}.{suffix}" for lang in ("en", "zh") for suffix in suffixes}
    assert set(row.files) == wanted | {"figures/path_diagram.json"}
    legend = load_artefacts(tmp_path).legend("path_diagram", "zh")
    assert (legend.title, legend.alt, legend.width) == ("路径", "路径", 88)


def test_numbers_keep_every_digit_and_texts_their_languages(tmp_path: Path) -> None:
    store = ArtefactStore(tmp_path)
    found = {
        "cfi": 0.1 + 0.2,
        "df": 24,
        "alpha": {"Trust": float("nan")},
        "best": {"en": "trust", "zh": "信任"},
    }
    store.put(found, "fit", inputs=INPUTS)
    store.put(7, "n", inputs=INPUTS)
    members = store.load().members("fit", "zh")
    assert members["cfi"] == 0.1 + 0.2
    assert members["df"] == 24
    assert isinstance(members["df"], int)
    assert str(members["alpha.Trust"]) == "nan"
    assert members["best"] == "信任"
    assert store.load().members("n", "en") == {"": 7}


def test_numpy_scalars_are_numbers(tmp_path: Path) -> None:
    import numpy as np

    store = ArtefactStore(tmp_path)
    store.put({"n": np.int64(3), "r": np.float64(0.25), "ok": np.bool_(True)}, "numpy", inputs=INPUTS)
    assert store.load().members("numpy", "en") == {"n": 3, "r": 0.25, "ok": 1}


@pytest.mark.parametrize("key", ["Fit", "1st", "fit.cfi", "", "fit cfa", "../fit", "信度"])
def test_a_key_that_cannot_be_quoted_is_refused(tmp_path: Path, key: str) -> None:
    with pytest.raises(BuildError, match="cannot be a key"):
        ArtefactStore(tmp_path).put(1, key, inputs=INPUTS)
    assert list(tmp_path.iterdir()) == []


def test_a_key_used_twice_in_one_run_is_an_error_unless_it_is_to_be_replaced(tmp_path: Path) -> None:
    store = ArtefactStore(tmp_path)
    store.put(1, "n", inputs=INPUTS)
    with pytest.raises(BuildError, match="'n' was published twice in one run"):
        store.put(2, "n", inputs=INPUTS)
    again = ArtefactStore(tmp_path, replace=True)
    again.put(3, "n", inputs=INPUTS)
    again.put(4, "n", inputs=INPUTS)
    assert again.load().members("n", "en") == {"": 4}


def test_a_new_run_leaves_nothing_of_the_run_before_and_nothing_else_is_touched(tmp_path: Path) -> None:
    ArtefactStore(tmp_path).put(small_table(), "reliability", inputs=INPUTS)
    (tmp_path / "tables" / "mine.txt").write_text("mine", encoding="utf-8")
    ArtefactStore(tmp_path).put(1, "n", inputs=INPUTS)
    assert list(load_artefacts(tmp_path).rows) == ["n"]
    assert [path.name for path in (tmp_path / "tables").iterdir()] == ["mine.txt"]


def test_a_manifest_that_names_files_outside_the_store_deletes_nothing(tmp_path: Path) -> None:
    outside = tmp_path / "outside.txt"
    outside.write_text("keep", encoding="utf-8")
    store = tmp_path / "store"
    store.mkdir()
    row = {
        "key": "n",
        "kind": "number",
        "files": {"../outside.txt": "0"},
        "inputs": {},
        "versions": {},
        "stream": "",
    }
    (store / "manifest.json").write_text(json.dumps([row]), encoding="utf-8")
    ArtefactStore(store).put(1, "n", inputs=INPUTS)
    assert outside.read_text(encoding="utf-8") == "keep"


def test_the_manifest_records_inputs_versions_and_the_random_stream(tmp_path: Path) -> None:
    store = ArtefactStore(tmp_path)
    store.put(1, "n", inputs=INPUTS, stream="seed 1: bootstrap")
    row = store.load().rows["n"]
    assert row.inputs == INPUTS
    assert row.stream == "seed 1: bootstrap"
    assert row.versions["numpy"]


def test_the_same_artefacts_give_the_same_bytes(tmp_path: Path) -> None:
    rows = []
    for folder in ("a", "b"):
        store = ArtefactStore(tmp_path / folder)
        store.put(small_table(), "reliability", inputs=INPUTS)
        store.put(small_figure(), "path_diagram", inputs=INPUTS)
        rows.append((tmp_path / folder / "manifest.json").read_bytes())
    assert rows[0] == rows[1]


@pytest.mark.parametrize(("x", "message"), [({}, "nothing to publish"), ({"x": [1]}, "'fit.x' is a list")])
def test_what_cannot_be_quoted_is_refused(tmp_path: Path, x: dict[str, object], message: str) -> None:
    with pytest.raises(BuildError, match=message):
        ArtefactStore(tmp_path).put(x, "fit", inputs=INPUTS)


def test_a_store_without_manifest_or_with_a_damaged_one_says_so(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="run the analysis first"):
        load_artefacts(tmp_path)
    (tmp_path / "manifest.json").write_text("[{]", encoding="utf-8")
    with pytest.raises(BuildError, match="damaged"):
        load_artefacts(tmp_path)


def test_no_csv_holds_a_formula(tmp_path: Path) -> None:
    frame = pd.DataFrame({"value": ['=HYPERLINK("http://x")', "@SUM(A1)", "-7"], "n": [-1.5, 2.0, 3.0]})
    table = Table(
        {"en": "Odd"}, frame, (Column("value", {"en": "Value"}), Column("n", {"en": "n"}, "number"))
    )
    ArtefactStore(tmp_path, languages=["en"]).put(table, "odd", inputs=INPUTS)
    again = pd.read_csv(tmp_path / "tables" / "odd.en.csv", dtype=str)
    assert again["value"].tolist() == ['\'=HYPERLINK("http://x")', "'@SUM(A1)", "-7"]
    assert again["n"].tolist() == ["-1.5", "2.0", "3.0"]
