"""Artefacts about the scales that a study may ask for: tables in both languages, printed by the paper."""

from __future__ import annotations

import re
import sys
from importlib.resources import files
from pathlib import Path
from types import SimpleNamespace

import pytest

import research
from research.errors import OptionError
from research.report import tables
from research.report.nouns import Table
from research.report.table_markdown import to_markdown
from research.standard import OPTIONAL, STANDARD, publish
from research.study import Study

FILE = Path(__file__).parents[1] / "questionnaires" / "ecsi_mobile.yaml"
SAYS = {  # seminr and lavaan on the same survey
    "item_analysis": "13.01",
    "htmt_intervals": "0.929",
    "method_factor": "162.79",
    "scorecard": "0.433",
}


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    opened = research.open_study(FILE, out=tmp_path_factory.mktemp("ecsi"), draws=200)
    if opened.data is None and not opened.questionnaire.data:
        pytest.skip("the survey's answers are missing")
    try:
        _ = opened.responses
    except research.ResearchError as error:
        pytest.skip(str(error))
    publish(opened, *OPTIONAL)
    return opened


@pytest.mark.parametrize("key", OPTIONAL)
def test_each_is_a_table_in_both_languages(study: Study, key: str) -> None:
    for lang in ("en", "zh"):
        text = (study.out / "artefacts" / "tables" / f"{key}.{lang}.md").read_text(encoding="utf-8")
        assert SAYS[key] in text or SAYS[key].lstrip("0") in text
        assert not re.search(r"\bnan\b", text)


def test_none_is_published_by_default() -> None:
    assert not set(STANDARD) & set(OPTIONAL)


@pytest.mark.parametrize("key", OPTIONAL)
def test_the_packaged_papers_print_each_where_it_was_published(key: str) -> None:
    for lang in ("en", "zh"):
        template = files("research").joinpath("templates", f"paper.{lang}.md").read_text(encoding="utf-8")
        assert f'::: {{if="table:{key}"}}' in template
        assert f"@tbl:{key}" in template
        assert f"\n{{{{table:{key}}}}}\n" in template


def test_a_misspelt_key_names_the_nearest(study: Study) -> None:
    with pytest.raises(OptionError, match="Did you mean method_factor"):
        publish(study, "methodfactor")


def test_a_checked_table_says_what_does_not_follow() -> None:
    """Numbers of `test_printed_tables`: CR .881 follows from the loadings, AVE .56 does not."""
    found = research.audit_table(
        {"value": [0.809, 0.785, 0.81, 0.82]}, {"value": {"CR": 0.881, "AVE": 0.56, "alpha": 1.2}}
    )
    table = tables.audited_table(found)
    english, chinese = to_markdown(table, "en"), to_markdown(table, "zh")
    assert "**does not follow**" in english
    assert "**impossible**" in english
    assert "Of 3 numbers that can be checked, 2 do not agree" in english
    assert "[0.8809, 0.8816\\]" in english
    assert "**不符**" in chinese
    assert "3 个数值中有 2 个" in chinese


def test_in_a_notebook_what_stands_before_the_last_is_shown(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[object] = []
    notebook = SimpleNamespace(get_ipython=object, display=SimpleNamespace(display=shown.append))
    monkeypatch.setitem(sys.modules, "IPython", notebook)
    last = publish(study, "sample", "instrument", "screening")
    assert [each.title["en"] for each in shown if isinstance(each, Table)] == ["Constructs and items"]
    assert len(shown) == 1  # numbers are for the paper, and the last value is shown by the notebook itself
    assert isinstance(last, Table)
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: None))
    publish(study, "instrument", "screening")
    assert len(shown) == 1
