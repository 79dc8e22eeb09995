"""A paper that quotes what is not there, or what is stale, is not built, and every fault is named."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from papers import EVERYTHING, INPUTS, Desk, publish_small_study

from research.errors import BuildError


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish_small_study(tmp_path_factory.mktemp("published")).folder


@pytest.fixture
def desk(published: Path, tmp_path: Path) -> Desk:
    """A fresh copy of the published study: publishing draws a figure, copying does not."""
    shutil.copytree(published / "artefacts", tmp_path / "artefacts")
    return Desk(tmp_path)


ALL = "---\ntitle: T\nunused: [sample, fit, reliability, paths]\n---\n\n"


@pytest.mark.parametrize(
    ("line", "column", "message"),
    [
        ("We asked {{smaple.n}} people.", 10, "unknown number 'smaple'. Did you mean sample?"),
        ("CFI = {{fit.cfl}}.", 7, "'fit' has no member 'cfl'. Did you mean cfi?"),
        ("CFI = {{fit}}.", 7, "'fit' has members; quote one, such as {{fit.chisq}}"),
        ("TLI = {{fit.tli}}.", 7, "'fit.tli' has no value (NaN)"),
        ("CFI = {{fit.cfi:3}}.", 7, "'fit.cfi' unknown number format '3'"),
        ("df = {{fit.chisq:n}}.", 6, "'fit.chisq' is 452.317, not a whole number"),
        ("{{table:reliabilty}}", 1, "unknown table 'reliabilty'. Did you mean reliability?"),
        ("{{table:paths}}", 1, "'paths' is a figure, not a table; quote it as {{figure:paths}}"),
        ("{{reliability.alpha}}", 1, "is a table, not a number; quote it as {{table:reliability}}"),
        ("Here: {{table:reliability}}", 7, "must stand alone on its line"),
        ("{{figure:paths.png}}", 1, "unknown figure 'paths.png'. Did you mean paths?"),
        ("Brace {{fit.cfi}.", 7, "without its partner"),
        ("{{}}", 1, "is not a quotation"),
        ("See @tbl:reliability.", 5, "@tbl:reliability refers to no table of this paper"),
        ("See @sec:nowhere.", 5, "@sec:nowhere refers to no numbered section"),
        ("As [@fornel1981] say.", 5, "'fornel1981' is not in references.bib. Did you mean fornell1981?"),
        ("<b>bold</b>", 1, "'<b>' is HTML, which not every format can print"),
        ('[A witness [@fornell1981][, too]{if="sample"}.]{if="fit"}', 25, "these brackets would be printed"),
        ("\\textbf{bold}", 1, "is TEX, which not every format can print"),
        ("$x = {{sample.source}}$", 6, "'a survey' is no number and cannot stand in a formula"),
        ('[few]{if="fit.cfi<many"}', 11, "cannot read the condition 'fit.cfi<many'"),
        ('[few]{if="fit.cfl<1"}', 11, "'fit' has no member 'cfl'. Did you mean cfi?"),
        ('[few]{if="sample.source<3"}', 11, "compares what is not a number"),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_line_column_and_remedy(
    desk: Desk, line: str, column: int, message: str
) -> None:
    with pytest.raises(BuildError) as caught:
        desk.build(ALL + line + "\n")
    assert f"paper.md:6:{column}: " in str(caught.value)
    assert message in str(caught.value)
    assert line in str(caught.value)


def test_all_faults_are_named_at_once_in_the_order_of_their_lines(desk: Desk) -> None:
    text = ALL + "{{nothing}} and @tbl:nothing.\n\nThen {{fit.nothing}} and [@nothing].\n"
    (desk.store / "numbers" / "sample.json").write_text("{}", encoding="utf-8")
    with pytest.raises(BuildError) as caught:
        desk.build(text, inputs={"survey.yaml": "c" * 64, "answers.csv": "b" * 64})
    lines = [line for line in str(caught.value).splitlines() if line.startswith("paper.md")]
    assert [line.split(":")[1] for line in lines] == ["6", "6", "8", "8"]
    assert "'fit' is stale: survey.yaml has changed" in str(caught.value)
    assert "'sample' was altered after it was published: numbers/sample.json" in str(caught.value)


def test_an_artefact_that_is_not_quoted_is_named(desk: Desk) -> None:
    with pytest.raises(BuildError, match="published but not quoted: reliability, paths"):
        desk.build("{{sample.n}} {{fit.cfi}}\n")


def test_the_front_matter_excuses_unused_artefacts(desk: Desk) -> None:
    assert desk.build("---\nunused: [reliability, paths, fit]\n---\n{{sample.n}}\n")


def test_an_input_that_changed_or_vanished_makes_its_artefacts_stale(desk: Desk) -> None:
    with pytest.raises(BuildError) as caught:
        desk.build(EVERYTHING, inputs={"survey.yaml": "a" * 64, "answers.csv": "c" * 64})
    stale = [line for line in str(caught.value).splitlines() if "is stale" in line]
    assert len(stale) == 4
    assert all("answers.csv has changed" in line for line in stale)
    with pytest.raises(BuildError, match=r"made from answers.csv, no input of this build"):
        desk.build(EVERYTHING, inputs={"survey.yaml": "a" * 64})


def test_a_number_changed_by_hand_is_refused(desk: Desk) -> None:
    path = desk.store / "numbers" / "fit.json"
    path.write_text(path.read_text(encoding="utf-8").replace("0.9253", "0.9853"), encoding="utf-8")
    with pytest.raises(BuildError, match=r"'fit' was altered after it was published: numbers/fit\.json"):
        desk.build(EVERYTHING)


def test_a_failed_build_leaves_the_last_good_documents(desk: Desk) -> None:
    good = desk.build(EVERYTHING)
    with pytest.raises(BuildError):
        desk.build(EVERYTHING.replace("fit.cfi", "fit.cfl"))
    out = desk.folder / "out"
    assert {path.suffix: path.read_bytes() for path in out.iterdir()} == good


def test_a_failed_first_build_writes_nothing(desk: Desk) -> None:
    with pytest.raises(BuildError):
        desk.build("{{nothing}}\n")
    assert not (desk.folder / "out").exists()


def test_a_citation_without_a_bibliography_of_the_study_is_named(desk: Desk) -> None:
    with pytest.raises(
        BuildError, match="'four2019' is not in the packaged bibliography, and no other is named"
    ):
        desk.build(ALL + "As [@four2019] and [@fornell1981] say.\n", bibliography=False)


def test_the_methods_literature_is_packaged_and_the_entries_of_the_study_come_first(desk: Desk) -> None:
    html = desk.build(ALL + "As [@cronbach1951] and [@fornell1981] say.\n")[".html"].decode()
    assert "Coefficient alpha and the internal structure of tests" in html
    assert "Evaluating models" in html  # the study's own entry of that key
    assert "unobservable variables" not in html


def test_what_stands_in_a_dropped_block_is_neither_quoted_nor_at_fault(desk: Desk) -> None:
    text = ALL + '::: {if="table:indirect"}\n{{table:indirect}}\n\nSee {{indirect.n}}.\n:::\n\nDone.\n'
    assert b"Done." in desk.build(text)[".html"]


def test_a_table_quoted_twice_is_a_fault(desk: Desk) -> None:
    with pytest.raises(BuildError, match="table 'reliability' stands here again"):
        desk.build(ALL + "{{table:reliability}}\n\n{{table:reliability}}\n")


def test_a_source_that_is_not_there_or_not_utf8_is_named(desk: Desk) -> None:
    from research.report.artefacts import load_artefacts
    from research.report.document import build_document
    from research.report.document_provenance import Provenance

    provenance = Provenance("x", INPUTS, {})
    artefacts = load_artefacts(desk.store)
    with pytest.raises(BuildError, match=r"none\.md cannot be read"):
        build_document(desk.folder / "none.md", artefacts, desk.folder, "en", provenance=provenance)
    (desk.folder / "gbk.md").write_bytes("中文".encode("gb18030"))
    with pytest.raises(BuildError, match=r"gbk\.md is not UTF-8"):
        build_document(desk.folder / "gbk.md", artefacts, desk.folder, "en", provenance=provenance)
