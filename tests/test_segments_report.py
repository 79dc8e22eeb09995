"""Figures and tables of segments in both languages: nothing cut off or overlapping, simulated data said."""

from __future__ import annotations

import pandas as pd
import pytest
from segments_gallery import KINDS, figures, results, tables

from research.errors import DataError
from research.report import tables_segments
from research.report.figure_customers import retention_figure
from research.report.figure_ipma import importance_performance_figure
from research.report.figure_segments import profile_figure
from research.report.printed import printed
from research.report.segment_words import segment_label
from research.report.style import journal_style, paint, picture
from research.report.table_markdown import to_markdown
from research.report.tables_customers import core_table, lifetime_table
from research.segments.rfm import SEGMENTS

LANGUAGES = ["en", "zh"]
TABLES = ["typology", "profile", "background", "clusters", "kmeans", "sizes", "map", "index", "nps", "rfm"]
TABLES += ["retention", "value", "core", "codes"]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_no_text_is_cut_off_or_overlapped(kind: str, lang: str) -> None:
    from matplotlib.text import Text

    with journal_style():
        canvas = paint(figures()[kind], lang)
        canvas.draw_without_rendering()
        frame = canvas.bbox
        texts = [t for t in canvas.findobj(Text) if t.get_visible() and t.get_text().strip()]
        boxes = [(t.get_text(), t.get_window_extent(), t.get_fontsize(), t.get_rotation()) for t in texts]
    assert boxes
    for text, box, size, _ in boxes:
        assert size >= 6.5, text
        assert min(box.x0, box.y0) >= 0, f"{text!r} is cut off"
        assert box.x1 <= frame.x1, f"{text!r} is cut off"
        assert box.y1 <= frame.y1, f"{text!r} is cut off"
    level = [entry for entry in boxes if entry[3] in (0, 90)]
    for index, (text, box, _, _) in enumerate(level):
        for other, second, _, _ in level[:index]:
            wide = min(box.x1, second.x1) - max(box.x0, second.x0)
            tall = min(box.y1, second.y1) - max(box.y0, second.y0)
            assert wide <= 0.5 or tall <= 0.35 * min(box.height, second.height), f"{text!r} lies on {other!r}"


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_bytes_twice_and_the_simulation_said(kind: str) -> None:
    figure = figures()[kind]
    assert picture(figure, "zh", "svg") == picture(figure, "zh", "svg")
    if kind != "nps":  # of a frame that was built from answers, which does not say where it comes from
        assert any("Simulated" in note["en"] and "模拟" in note["zh"] for note in figure.notes)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", TABLES)
def test_every_table_is_printed_in_the_language(name: str, lang: str) -> None:
    printed = to_markdown(tables()[name], lang)
    assert ("模拟数据" if lang == "zh" else "Simulated data") in printed
    if lang == "zh":
        assert "Share" not in printed
        assert "Segment" not in printed
    assert "nan" not in printed


def test_types_and_segments_have_names_in_both_languages() -> None:
    for name in (*SEGMENTS, "true", "latent", "spurious", "none", "3", ""):
        label = segment_label(name)
        assert label["en"] != label["zh"]


def test_a_level_that_the_map_lacks_is_named() -> None:
    with pytest.raises(DataError, match="no level 'item'; there are construct, component, indicator"):
        importance_performance_figure(results()["map"], level="item")


def test_too_many_cohorts_are_refused() -> None:
    import numpy as np
    import pandas as pd

    import research

    days = pd.date_range("2022-01-01", periods=400, freq="D")
    sales = pd.DataFrame({"customer": np.arange(400).astype(str), "date": days})
    with pytest.raises(DataError, match="too many to read"):
        retention_figure(research.retention(sales, period="week"))


def test_values_stand_in_the_order_of_the_segments_and_say_where_these_come_from() -> None:
    frame = pd.DataFrame({"segment": ["", "lost", "champions"], "customers": [3, 1, 2]})
    frame = frame.assign(margin=1.0, retention=0.5, value=2.0, low=1.0, high=3.0)
    english = printed(lifetime_table(frame), "en")
    assert [row[0].text for row in english.rows] == ["Everybody", "Champions", "Lost"]
    assert "made from the same purchases" in english.note
    numbered = printed(lifetime_table(frame.assign(segment=["", "2", "1"])), "en")
    assert [row[0].text for row in numbered.rows] == ["Everybody", "Segment 1", "Segment 2"]
    assert "same purchases" not in numbered.note


def test_a_single_criterion_of_core_customers_is_told_once() -> None:
    counts = pd.DataFrame({"criterion": ["profitable_loyal", "core"], "n": [1, 1], "known": [5, 5]})
    counts = counts.assign(share=0.2, low=0.1, high=0.5)
    assert len(printed(core_table(counts), "en").rows) == 1
    both = pd.concat([counts.iloc[:1], counts.assign(criterion=["largest_share", "core"])])
    assert len(printed(core_table(both), "en").rows) == 3
    assert "above 1,498.08;" in printed(core_table(both, {"profit": 1498.0844, "loyalty": 4.0}), "en").note
    english = printed(core_table(both, {"profit": 30.0, "loyalty": 4.5, "share": 0.5}), "en").note
    assert "Profitable: above 30; loyal: above 4.5; largest share: above 50%." in english
    assert "Not asked, and left out: worth more to us than to rivals." in english
    chinese = printed(core_table(both, {"share": 0.5}), "zh").note
    assert "未询问、故未纳入的标准：“对本企业的价值高于对竞争对手”。" in chinese


def test_the_legend_of_a_profile_has_the_shares_of_everybody() -> None:
    means = pd.DataFrame({"segment": ["true", "none"], "variable": "trust", "n": [10, 30], "z": [0.5, -0.5]})
    means = means.assign(z_low=means["z"] - 0.1, z_high=means["z"] + 0.1)
    alone, told = profile_figure(means), profile_figure(means, shares={"true": 0.4, "none": 0.6})
    assert [list(each.frame["share"]) for each in (alone, told)] == [[0.25, 0.75], [0.4, 0.6]]


def test_a_table_of_mixtures_says_what_its_codes_suppose_and_no_test_that_it_has_not() -> None:
    frame = pd.DataFrame({"model": ["EEI", "EEE"], "k": [2, 1], "bic": [20.0, 10.0], "chosen": [False, True]})
    english = printed(tables_segments.clusters_table(frame), "en").note
    assert "EEI: variances equal in all classes, no correlations; EEE: covariances equal" in english
    assert "BLRT" not in english
    tested = printed(tables_segments.clusters_table(frame.assign(blrt_p=0.01)), "zh").note
    assert "BLRT" in tested
