"""The table of common method bias in a paper: labels for names, and whom the models rest on."""

from __future__ import annotations

import ecsi

import research
from research import standard
from research.build import ROOT
from research.report import tables
from research.report.printed import printed


def test_the_construct_is_named_as_its_reader_knows_it() -> None:
    survey = ecsi.questionnaire()
    found = research.method_bias(ecsi.answers(), survey.item_columns(), tests=["harman", "vif"])
    worst = found.vif.sort_values("vif")["construct"].iloc[-1]
    assert worst == "Quality"
    english = printed(tables.method_bias_table(found, survey, n_obs=250), "en")
    assert "(Perceived quality)" in english.rows[-1][-1].text
    assert "(n = 250)" in english.note
    chinese = printed(tables.method_bias_table(found, survey), "zh")
    assert "（感知质量）" in chinese.rows[-1][-1].text
    assert "250" not in chinese.note


def test_the_packaged_analysis_has_four_tests() -> None:
    study = research.open_study(ROOT / "questionnaires" / "ecsi_mobile.yaml")
    table = standard.method_bias(study)
    assert table is not None
    assert len(table.frame) == 4
    assert "n = 250" in printed(table, "en").note
