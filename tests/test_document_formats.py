"""PDF, Word and HTML of one paper: the same bytes each time, every number in them, nothing read as markup."""

from __future__ import annotations

import io
import re
import zipfile
from html import unescape
from pathlib import Path

import pandas as pd
import pytest
from papers import EVERYTHING, INPUTS, Desk, publish_small_study

from research.report.artefacts import ArtefactStore
from research.report.document_openxml import bookmark
from research.report.nouns import Column, Table

ZH = (
    EVERYTHING.replace("A small study", "一项小型研究")
    .replace("Introduction", "引言")
    .replace("We asked", "共调查")
    .replace(
        "See @tbl:reliability, @fig:paths and @sec:results.", "见@tbl:reliability、@fig:paths和@sec:results。"
    )
)
CITING = "\nAs [@fornell1981; @four2019] say, and [@wen2004].\n"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return publish_small_study(tmp_path_factory.mktemp("study"))


def part(docx: bytes, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(docx)) as archive:
        return archive.read(name).decode("utf-8")


def text_of(docx: bytes) -> str:
    paragraphs = part(docx, "word/document.xml").split("</w:p>")
    return unescape("\n".join("".join(re.findall(r"<w:t(?: [^>]*)?>([^<]*)", p)) for p in paragraphs))


def words_of(html: bytes) -> str:
    body = html.decode("utf-8").split("<body>")[1]
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_two_builds_in_different_folders_give_identical_bytes(tmp_path: Path, lang: str) -> None:
    built = [
        publish_small_study(tmp_path / name).build(EVERYTHING + CITING, lang, simulated=True)
        for name in ("first", "a second folder")
    ]
    assert set(built[0]) == {".pdf", ".docx", ".html"}
    assert built[0] == built[1]


def test_no_folder_of_the_machine_is_written_into_a_document(desk: Desk) -> None:
    built = desk.build(EVERYTHING + CITING)
    with zipfile.ZipFile(io.BytesIO(built[".docx"])) as archive:
        contents = [built[".html"], built[".pdf"], *(archive.read(name) for name in archive.namelist())]
    assert not any(
        str(desk.folder).encode() in content or b"site-packages" in content for content in contents
    )


def test_the_date_of_the_build_is_source_date_epoch(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    built = desk.build(EVERYTHING)
    assert "2023-11-14T22:13:20Z" in part(built[".docx"], "docProps/core.xml")
    assert b"2023" in built[".pdf"]


def test_numbers_stand_in_html_and_word_as_their_language_prints_them(desk: Desk) -> None:
    for lang, text, wanted in (
        ("en", EVERYTHING, ("We asked 1,090 customers", "CFI = .925", "< .001", ".812", ".706")),
        ("zh", ZH, ("1090", "CFI = 0.925", "< 0.001", "0.812", "0.706")),
    ):
        built = desk.build(text, lang)
        for words in wanted:
            assert words in text_of(built[".docx"])
            assert words in words_of(built[".html"]).replace("&lt;", "<")


def test_a_formula_holds_the_numbers_too(desk: Desk) -> None:
    html = desk.build(EVERYTHING)[".html"].decode()
    formula = re.sub(r"<[^>]+>", "", html[html.index("<math") : html.index("</math>")])
    assert "(231)=452.32" in formula.replace(" ", "")


def test_references_to_tables_figures_and_sections_are_numbered_links(desk: Desk) -> None:
    built = desk.build(EVERYTHING)
    html = built[".html"].decode().replace("\u00a0", " ")
    for anchor, label in (
        ("tbl-reliability", "Table 1"),
        ("fig-paths", "Figure 1"),
        ("sec-results", "Section 2"),
    ):
        assert f'<a href="#{anchor}">{label}</a>' in html
        assert f'id="{anchor}"' in html
    document = part(built[".docx"], "word/document.xml")
    for anchor in ("tbl-reliability", "fig-paths", "sec-results"):
        assert f'w:anchor="{anchor}"' in document
        assert f'w:name="{anchor}"' in document
    chinese = desk.build(ZH, "zh")[".html"].decode()
    assert all(f">{label}</a>" in chinese for label in ("表1", "图1", "第2节"))


def test_word_captions_are_numbered_by_fields_and_pictures_have_their_text(desk: Desk) -> None:
    document = part(desk.build(EVERYTHING)[".docx"], "word/document.xml")
    assert 'w:instr=" SEQ Table \\* ARABIC "' in document
    assert 'w:instr=" SEQ Figure \\* ARABIC "' in document
    assert 'descr="Two boxes and an arrow"' in document
    assert "表" in re.findall(
        r'w:instr=" SEQ (\S+)', part(desk.build(ZH, "zh")[".docx"], "word/document.xml")
    )


def test_a_long_anchor_is_the_bookmark_that_pandoc_links_to(tmp_path: Path) -> None:
    key = "a-key-that-is-longer-than-the-forty-characters-of-word"
    table = Table({"en": "T"}, pd.DataFrame({"x": [1.0]}), (Column("x", {"en": "x"}, "number"),))
    ArtefactStore(tmp_path / "artefacts", languages=["en"]).put(table, key, inputs=INPUTS)
    document = part(
        Desk(tmp_path).build(f"See @tbl:{key}.\n\n{{{{table:{key}}}}}\n")[".docx"], "word/document.xml"
    )
    assert f'w:anchor="{bookmark(f"tbl-{key}")}"' in document
    assert f'w:name="{bookmark(f"tbl-{key}")}"' in document


def test_words_of_a_table_are_never_read_as_markup(tmp_path: Path) -> None:
    nasty = '#panic("x") ] <script>alert(1)</script> & {{fit.cfi}} $x$ *y* \\ "q" `c` @wen2004'
    desk = publish_small_study(tmp_path, title={"en": nasty}, note={"en": nasty})
    built = desk.build(EVERYTHING)
    assert "<script>" not in built[".html"].decode()
    assert (
        words_of(built[".html"]).count("&lt;script&gt;alert(1)&lt;/script&gt; &amp; {{fit.cfi}} $x$ *y* \\")
        == 2
    )
    assert text_of(built[".docx"]).count("<script>alert(1)</script> & {{fit.cfi}} $x$ *y* \\") == 2
    assert built[".pdf"].startswith(b"%PDF")


def test_a_published_text_is_never_read_as_markup(tmp_path: Path) -> None:
    nasty = "<b>x</b> *y* #panic() $z$ {{n}} [@wen2004]"
    ArtefactStore(tmp_path / "artefacts").put({"en": nasty}, "remark", inputs=INPUTS)
    built = Desk(tmp_path).build("It says: {{remark}}\n")
    assert nasty in text_of(built[".docx"])
    assert "&lt;b&gt;x&lt;/b&gt; *y* #panic() $z$ {{n}} [@wen2004]" in words_of(built[".html"])


def test_simulated_data_are_marked_on_the_first_page_the_head_and_every_table_and_figure(desk: Desk) -> None:
    for lang, text, mark, note in (
        ("en", EVERYTHING, "SIMULATED DATA", "computed from generated responses"),
        ("zh", ZH, "模拟数据", "由生成的作答计算得出"),
    ):
        built = desk.build(text, lang, simulated=True)
        assert mark in part(built[".docx"], "word/header1.xml")
        assert text_of(built[".docx"]).index(mark) < text_of(built[".docx"]).index(
            "1090" if lang == "zh" else "1,090"
        )
        assert text_of(built[".docx"]).count(note) == 2
        assert words_of(built[".html"]).startswith(mark)
        assert words_of(built[".html"]).count(note) == 2
        real = desk.build(text, lang)
        assert mark not in text_of(real[".docx"]) + words_of(real[".html"])
        assert mark not in part(real[".docx"], "word/header1.xml")


def test_the_provenance_page_holds_command_commit_seed_versions_and_hashes(desk: Desk) -> None:
    text = text_of(desk.build(EVERYTHING)[".docx"])
    page = text[text.rindex("Provenance") :]
    for fact in (
        "python -m research build survey.yaml",
        "not under version control",
        "7; seed 7: bootstrap",
        "numpy 2.4",
        f"survey.yaml: {'a' * 64}",
        f"answers.csv: {'b' * 64}",
    ):
        assert fact in page
    assert "SIMULATED" not in page
    simulated = text_of(desk.build(EVERYTHING, simulated=True)[".docx"])
    assert "SIMULATED" in simulated[simulated.rindex("Provenance") :]


def test_uncommitted_changes_are_told_in_the_language_of_the_paper() -> None:
    import json

    from research.report.artefacts import Artefacts
    from research.report.document_provenance import Provenance, provenance_page

    facts = Provenance("x", {}, {}, commit="0123abc, with uncommitted changes")
    pages = {
        lang: json.dumps(
            provenance_page(facts, Artefacts(Path(), {}), lang, simulated=False), ensure_ascii=False
        )
        for lang in ("en", "zh")
    }
    assert "uncommitted" in pages["en"]
    assert "uncommitted" not in pages["zh"]
    assert "含未提交的修改" in pages["zh"]


def test_english_papers_cite_in_apa_and_chinese_ones_in_gb_t_7714(desk: Desk) -> None:
    english = text_of(desk.build(EVERYTHING + CITING)[".docx"])
    assert "(Fornell & Larcker, 1981; Hair et al., 2019)" in english
    assert (
        "Fornell, C., & Larcker, D. F. (1981). Evaluating models. Journal of Marketing Research, 18"
        in english
    )
    chinese = text_of(desk.build(ZH + CITING, "zh")[".docx"])
    assert "[1,2]" in chinese
    assert (
        "FORNELL C, LARCKER D F. Evaluating models[J]. Journal of Marketing Research, 1981, 18: 39-50"
        in chinese
    )
    assert "HAIR J F, BLACK W C, BABIN B J, et\u00a0al. Multivariate data analysis[M]. 8th ed." in chinese
    assert "温忠麟, 侯杰泰, 马什赫伯特, 等. 结构方程模型检验[J]" in chinese


@pytest.mark.parametrize(
    ("condition", "kept"),
    [
        ('if="table:reliability"', True),
        ('unless="table:reliability"', False),
        ('if="figure:reliability"', False),
        ('if="fit"', True),
        ('if="fit.cfi"', True),
        ('if="fit.tli"', False),
        ('if="fit.nothing"', False),
        ('unless="fit.nothing"', True),
        ('if="fit.cfi<0.95"', True),
        ('if="fit.cfi >= 0.95"', False),
        ('if="fit.df=231"', True),
        ('if="fit.df!=231"', False),
        ('if="fit.tli<1"', False),
        ('if="simulated"', False),
        ('if="fit.cfi>0.9" unless="fit.cfi>0.92"', False),
    ],
)
def test_a_condition_keeps_or_drops_words_and_blocks(desk: Desk, condition: str, kept: bool) -> None:
    text = EVERYTHING + f"\nThe [inner]{{{condition}}} word.\n\n::: {{{condition}}}\nOuter block.\n:::\n"
    html = words_of(desk.build(text)[".html"])
    assert ("inner" in html) is kept
    assert ("Outer block" in html) is kept


def test_chinese_pages_say_their_language_and_word_uses_chinese_faces(desk: Desk) -> None:
    built = desk.build(ZH, "zh")
    assert b'<html lang="zh-Hans">' in built[".html"]
    styles = part(built[".docx"], "word/styles.xml")
    assert 'w:eastAsia="宋体"' in styles
    assert 'w:eastAsia="黑体"' in styles
    assert 'w:firstLineChars="200"' in styles
    assert b"NotoSerifSC" in built[".pdf"]
    assert b"/Lang (zh" in built[".pdf"] or b"/Lang(zh" in built[".pdf"]


def test_a_page_fetches_nothing_from_elsewhere(desk: Desk) -> None:
    html = desk.build(EVERYTHING + CITING)[".html"].decode()
    assert re.findall(r'src="(?!data:)[^"]*"|url\([^)]*\)|<link[^>]*>|<script', html) == []


def test_code_and_escaped_braces_are_left_alone(desk: Desk) -> None:
    text = EVERYTHING + "\nWrite `{{fit.cfi}}` or \\{{x}.\n\n```\n{{nothing}} @tbl:nothing\n```\n"
    html = words_of(desk.build(text)[".html"])
    assert "Write {{fit.cfi}} or {{x}." in html
    assert "{{nothing}} @tbl:nothing" in html
