"""Figures: every glyph there, nothing cut off or overlapping, exact sizes, the same bytes twice."""

from __future__ import annotations

import io
import math
import re
import struct
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import ecsi
import numpy as np
import pandas as pd
import pytest
from shared import shared

from research.errors import BuildError, DataError, OptionError
from research.questionnaire.definition import Construct, Item, Point, Questionnaire, Scale
from research.report import fonts
from research.report.figure_likert import likert_shares
from research.report.figure_moderation import score_bins
from research.report.figures import (
    coefficients_figure,
    correlation_figure,
    johnson_neyman_figure,
    likert_figure,
    loadings_figure,
    moderation_figure,
    path_figure,
    process_figure,
    scree_figure,
)
from research.report.nouns import Figure
from research.report.path_frame import path_frame
from research.report.path_geometry import Layout, Rect, crosses, inside, overlaps
from research.report.style import diverging, ink_on, journal_style, paint, picture, save, texts_of
from research.structure.process import process

SHORTEST_PRINT = 6.5  # points


def standardized() -> pd.DataFrame:
    tidy = ecsi.tidy("cfa_ML")
    return tidy.assign(estimate=tidy["std_all"], low=tidy["std_all"] - 0.1, high=tidy["std_all"] + 0.1).drop(
        columns=["std_all"]
    )


@cache
def gallery() -> dict[str, Figure]:
    """One of each kind, from real data."""
    survey = ecsi.questionnaire()
    ids = [item.id for item in survey.items]
    latent = ecsi.square(ecsi.golden()["cfa_ML"]["lv_cor"])
    paths = ecsi.tidy()[ecsi.tidy()["op"] == "~"]
    models = {"ml": paths, "robust": ecsi.tidy("sem_MLR")[ecsi.tidy("sem_MLR")["op"] == "~"]}
    words = {"ml": {"en": "Maximum likelihood", "zh": "最大似然"}, "robust": {"en": "Robust", "zh": "稳健"}}
    eigenvalues = np.sort(np.linalg.eigvalsh(ecsi.answers().corr().to_numpy()))[::-1]
    scree = pd.DataFrame({"observed": eigenvalues, "simulated": np.linspace(1.6, 0.5, len(eigenvalues))})
    return {
        "likert": likert_figure(ecsi.answers(), survey),
        "items": correlation_figure(ecsi.answers()[ids].corr(), survey),
        "constructs": correlation_figure(latent, survey, width=88),
        "loadings": loadings_figure(standardized(), survey),
        "coefficients": coefficients_figure(models, survey, labels=words),
        "paths": path_figure(ecsi.tidy(), survey, r_squared=ecsi.r_squared()),
        "inner": path_figure(ecsi.tidy(), survey, r_squared=ecsi.r_squared(), detail="components"),
        "scree": scree_figure(scree),
        **moderated(survey),
    }


def moderated(survey: Questionnaire) -> dict[str, Figure]:
    """Figures of conditional processes: one panel, several, categories, a region, a diagram."""
    items = {construct.name: list(construct.item_ids) for construct in survey.constructs}
    scores = pd.DataFrame({name: ecsi.answers()[ids].mean(axis=1) for name, ids in items.items()})
    scores["town"] = np.array(["Trier", "Bonn", "Köln"])[np.arange(len(scores)) % 3]
    roles = {"x": "Satisfaction", "y": "Loyalty", "bootstrap": 0}
    one = process(scores, 59, m="Complaints", w="Image", covariates=["Expectation"], **roles)
    two = process(scores, 3, w="Image", z="Value", **roles)
    towns = process(scores, 1, "town", "Loyalty", w="Image", bootstrap=0, categorical={"town": "effect"})
    images = scores["Image"].tolist()
    return {
        "moderation": moderation_figure(one.predictions("Loyalty", "Satisfaction"), images, survey),
        "panels": moderation_figure(two.predictions(), images, survey),
        "categories": moderation_figure(towns.predictions(), images, survey),
        "region": johnson_neyman_figure(one.region(outcome="Complaints"), images, survey),
        "process": process_figure(one.models(), one.measures(), survey, without=["Expectation"]),
    }


KINDS = ["likert", "items", "constructs", "loadings", "coefficients", "paths", "inner", "scree"]
KINDS += ["moderation", "panels", "categories", "region", "process"]
LANGUAGES = ["en", "zh"]


@pytest.fixture(autouse=True)
def _needs_reference_data() -> None:
    shared("realdata/golden/mobi_lavaan.json")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_no_text_is_cut_off_overlapped_or_too_small(kind: str, lang: str) -> None:
    from matplotlib.text import Text

    figure = gallery()[kind]
    with journal_style():
        canvas = paint(figure, lang)
        canvas.draw_without_rendering()
        frame = canvas.bbox
        texts = [t for t in canvas.findobj(Text) if t.get_visible() and t.get_text().strip()]
        boxes = [(t.get_text(), t.get_window_extent(), t.get_fontsize()) for t in texts]
    assert boxes
    for text, box, size in boxes:
        assert size >= SHORTEST_PRINT, text
        assert min(box.x0, box.y0) >= 0, f"{text!r} is cut off"
        assert box.x1 <= frame.x1, f"{text!r} is cut off"
        assert box.y1 <= frame.y1, f"{text!r} is cut off"
    for index, (text, box, _) in enumerate(boxes):
        for other, second, _ in boxes[:index]:
            wide = min(box.x1, second.x1) - max(box.x0, second.x0)
            tall = min(box.y1, second.y1) - max(box.y0, second.y0)
            assert wide <= 0.5 or tall <= 0.35 * min(box.height, second.height), f"{text!r} lies on {other!r}"


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_bytes_twice_in_every_format(kind: str) -> None:
    figure = gallery()[kind]
    for form in ("pdf", "svg", "png"):
        assert picture(figure, "zh", form, dpi=100) == picture(figure, "zh", form, dpi=100)


@pytest.mark.parametrize(("dpi", "kind"), [(300, "constructs"), (600, "constructs"), (300, "paths")])
def test_a_png_has_the_size_in_millimetres_and_the_resolution_asked_for(
    dpi: int, kind: str, tmp_path: Path
) -> None:
    figure = gallery()[kind]
    content = save(figure, tmp_path / "figure.png", "en", dpi=dpi).read_bytes()
    width, height = struct.unpack(">II", content[16:24])
    assert abs(width - figure.width / 25.4 * dpi) <= 1
    assert abs(height - figure.height / 25.4 * dpi) <= 1
    per_metre = struct.unpack(">I", content[content.index(b"pHYs") + 4 :][:4])[0]
    assert abs(per_metre - dpi / 0.0254) < 2


def test_a_pdf_embeds_every_font_as_truetype_and_has_the_size_in_points(tmp_path: Path) -> None:
    figure = gallery()["paths"]
    content = save(figure, tmp_path / "figure.pdf", "zh").read_bytes()
    assert b"/Type3" not in content
    assert b"/CreationDate" not in content
    fonts_named = set(re.findall(rb"/FontName /([A-Za-z0-9+-]+)", content))
    assert fonts_named
    assert content.count(b"/FontFile2") >= len(fonts_named)
    assert b"/FontFile3" not in content  # PostScript outlines under a TrueType dictionary
    box = re.search(rb"/MediaBox \[ ?0 0 ([\d.]+) ([\d.]+) ?\]", content)
    assert box is not None
    assert float(box[1]) == pytest.approx(figure.width * 72 / 25.4, abs=0.01)
    assert float(box[2]) == pytest.approx(figure.height * 72 / 25.4, abs=0.01)


def test_an_svg_needs_no_font_where_it_is_shown(tmp_path: Path) -> None:
    content = save(gallery()["paths"], tmp_path / "figure.svg", "zh").read_text(encoding="utf-8")
    assert "<text" not in content
    assert "font-family" not in content


def test_another_suffix_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match=r"\.pdf, \.svg, \.png"):
        save(gallery()["scree"], tmp_path / "figure.jpg")


def test_a_missing_glyph_is_an_error_with_the_remedy() -> None:
    def draw(canvas: object, _frame: pd.DataFrame, _lang: str) -> None:
        canvas.text(0.5, 0.5, "ab\U00013000")  # an Egyptian hieroglyph

    with pytest.raises(BuildError, match=r"glyphs for '\U00013000'.*pip install 'survey-research\[paper\]'"):
        picture(Figure({"en": "T"}, pd.DataFrame(), draw), "en", "png")


def test_without_chinese_fonts_chinese_is_refused_and_english_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "figure_families", lambda: (fonts.LATIN,))
    fonts.check_glyphs(["Loyalty β ≥ .45 − R²"], "figure")
    with pytest.raises(BuildError, match="忠诚"):
        fonts.check_glyphs(["忠诚"], "figure")


def test_a_label_with_dollars_is_a_label() -> None:
    def draw(canvas: object, _frame: pd.DataFrame, _lang: str) -> None:
        canvas.text(0.1, 0.5, "costs $5 or $6 ^_")

    assert picture(Figure({"en": "T"}, pd.DataFrame(), draw), "en", "png", dpi=50)


# --- answers


def small_survey(count: int) -> Questionnaire:
    points = tuple(
        Point(value, {"en": f"point {value}", "zh": f"第{value}级"}) for value in range(1, count + 1)
    )
    construct = Construct(
        "Trust", {"en": "Trust", "zh": "信任"}, (Item("T1", {"en": "w"}, "s"), Item("T2", {"en": "w"}, "s"))
    )
    return Questionnaire("q", {"en": "q"}, ("en", "zh"), {"s": Scale("s", points)}, (construct,))


def test_shares_are_of_valid_answers_and_sum_to_one() -> None:
    survey = small_survey(5)
    shares = likert_shares(
        pd.DataFrame({"T1": [1, 1, 5, np.nan], "T2": [3, 3, 3, 3]}), survey, survey.scales["s"]
    )
    first = shares[shares["item"] == "T1"].set_index("value")
    assert first["share"].tolist() == pytest.approx([2 / 3, 0, 0, 0, 1 / 3])
    assert first["n"].sum() == 3
    assert first["mean"].iloc[0] == pytest.approx(7 / 3)


@pytest.mark.parametrize("count", [2, 5, 7, 10])
def test_the_middle_of_the_scale_stands_at_zero(count: int) -> None:
    """Bars of a symmetric distribution reach as far to the left of zero as to the right."""
    from matplotlib.collections import PolyCollection

    survey = small_survey(count)
    answers = pd.DataFrame({"T1": np.tile(np.arange(1, count + 1.0), 5)})
    with journal_style():
        canvas = paint(likert_figure(answers, survey), "en")
        bars = [path.get_extents() for path in canvas.findobj(PolyCollection)[0].get_paths()]
        zero = next(
            t.get_position()[0] for t in canvas.findobj(lambda a: getattr(a, "get_text", str)() == "0")
        )
    left, right = bars[0].x0, bars[-1].x1
    assert len(bars) == count
    assert all(bar.height == pytest.approx(3.7) for bar in bars)
    assert zero - left == pytest.approx(right - zero)


def test_a_figure_of_fifty_items_stands_in_columns_on_one_page() -> None:
    from matplotlib.collections import PolyCollection

    options = tuple(Point(k, {"en": str(k)}) for k in range(1, 6))
    constructs = tuple(
        Construct(f"C{c}", {"en": f"C{c}"}, tuple(Item(f"C{c}_{k}", {"en": "x"}, "s") for k in range(4)))
        for c in range(13)
    )
    survey = Questionnaire("q", {"en": "q"}, ("en",), {"s": Scale("s", options)}, constructs)
    ids = [item.id for item in survey.items]
    answers = pd.DataFrame({name: [1.0, 2, 3, 4, 5] for name in ids})
    rows = [(name.split("_")[0], "=~", name, 0.7, 0.6, 0.8) for name in ids]
    loadings = pd.DataFrame(rows, columns=["lhs", "op", "rhs", "estimate", "low", "high"])
    for figure in (likert_figure(answers, survey), loadings_figure(loadings, survey)):
        assert figure.width == 180
        assert figure.height <= 235
        with journal_style():
            canvas = paint(figure, "en")
        shown = [text for text in texts_of(canvas) if text in ids]
        assert shown == ids
    with journal_style():
        bars = paint(likert_figure(answers, survey), "en").findobj(PolyCollection)
    assert [len(column.get_paths()) for column in bars] == [24 * 5, 28 * 5]


def test_no_answers_at_all_is_said() -> None:
    with pytest.raises(DataError, match="no item on scale 's'"):
        likert_figure(pd.DataFrame({"T1": [np.nan]}), small_survey(5))


# --- path diagrams


def simulated(
    names: list[str], pairs: list[tuple[int, int]], items: int
) -> tuple[pd.DataFrame, dict[str, float]]:
    rng = np.random.default_rng(7)
    rows = [
        (name, "=~", f"{name[:3].upper()}{k}", rng.uniform(0.5, 0.95), 1e-5)
        for name in names
        for k in range(1, items + 1)
    ]
    rows += [(names[b], "~", names[a], rng.uniform(-0.3, 0.6), 10 ** rng.uniform(-5, 0)) for a, b in pairs]
    return pd.DataFrame(rows, columns=["lhs", "op", "rhs", "std_all", "p"]), {names[b]: 0.5 for _, b in pairs}


FOUR = (["Quality", "Trust", "Satisfaction", "Loyalty"], [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)], 3)
_TEN_NAMES = (
    "Reputation, Service, Price, Ease of use, Trust, Perceived value, Satisfaction, Commitment, Loyalty, "
    "Word of mouth"
)
_TEN_PATHS = "04 14 15 16 25 36 35 46 47 56 67 68 78 79 89"
TEN = (_TEN_NAMES.split(", "), [(int(pair[0]), int(pair[1])) for pair in _TEN_PATHS.split()], 4)


def layout_of(figure: Figure) -> Layout:
    return figure.draw.keywords["layout"]


@pytest.mark.parametrize("detail", ["indicators", "components"])
@pytest.mark.parametrize("model", ["ecsi", "four", "ten"])
def test_nothing_in_a_path_diagram_lies_on_anything(model: str, detail: str) -> None:
    if model == "ecsi":
        figure = path_figure(ecsi.tidy(), ecsi.questionnaire(), r_squared=ecsi.r_squared(), detail=detail)
    else:
        tidy, shares = simulated(*(FOUR if model == "four" else TEN))
        figure = path_figure(tidy, r_squared=shares, detail=detail)
    layout = layout_of(figure)
    assert overlaps(layout) == []
    assert figure.width == 180
    assert figure.height <= 235
    sources = {node.name: node for node in layout.nodes}
    for arrow in layout.arrows:  # each ends at its constructs' edges
        for name, point in ((arrow.source, arrow.points[0]), (arrow.target, arrow.points[-1])):
            assert not inside(sources[name], point[None, :], -0.05).any()
            assert inside(sources[name], point[None, :], 0.05).all()
        assert crosses(arrow.label, arrow.points)  # the number stands on its own arrow


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("model", ["ecsi", "four", "ten"])
def test_words_fit_the_shapes_that_were_laid_out_for_them(model: str, lang: str) -> None:
    """What is drawn is as large as the layout took it for: so that its check holds for the picture."""
    from matplotlib.text import Text

    if model == "ecsi":
        figure = gallery()["paths"]
    else:
        tidy, shares = simulated(*(FOUR if model == "four" else TEN))
        figure = path_figure(tidy, r_squared=shares)
    layout = layout_of(figure)
    rects = [arrow.label for arrow in layout.arrows] + [
        part for s in layout.spokes for part in (s.label, s.box)
    ]
    with journal_style():
        canvas = paint(figure, lang)
        canvas.draw_without_rendering()
        unit = 25.4 / canvas.dpi
        for text in (t for t in canvas.findobj(Text) if t.get_visible() and t.get_text()):
            box = text.get_window_extent()
            shape = Rect(
                (box.x0 + box.x1) / 2 * unit,
                (box.y0 + box.y1) / 2 * unit,
                box.width * unit,
                box.height * unit,
            )
            room = [r for r in rects if abs(r.x - shape.x) < 0.4 and abs(r.y - shape.y) < 0.8]
            if room:
                assert shape.width <= room[0].width + 0.3, text.get_text()
            else:
                corners = np.array([[shape.x + i * shape.width / 2, shape.y] for i in (-1, 1)])
                assert any(bool(inside(node, corners).all()) for node in layout.nodes), text.get_text()


def test_the_overlap_check_finds_what_is_wrong() -> None:
    layout = layout_of(gallery()["paths"])
    arrow, node = layout.arrows[0], layout.nodes[0]
    on_node = replace(arrow, label=replace(arrow.label, x=node.x, y=node.y))
    assert any(
        "on node" in fault for fault in overlaps(replace(layout, arrows=(on_node, *layout.arrows[1:])))
    )
    moved = replace(layout.nodes[1], x=node.x + 1, y=node.y)
    assert any(
        "on node" in fault for fault in overlaps(replace(layout, nodes=(node, moved, *layout.nodes[2:])))
    )
    assert any("off the canvas" in fault for fault in overlaps(replace(layout, height=layout.height - 20)))
    third = next(n for n in layout.nodes if n.name not in (arrow.source, arrow.target))
    start, end = np.array([third.x - 30, third.y]), np.array([third.x + 30, third.y])
    under = replace(arrow, points=start + np.linspace(0, 1, 90)[:, None] * (end - start))
    assert any(
        "under node" in fault for fault in overlaps(replace(layout, arrows=(under, *layout.arrows[1:])))
    )


def test_causes_stand_left_and_outcomes_right() -> None:
    at = {node.name: node.x for node in layout_of(gallery()["paths"]).nodes}
    assert at["Image"] == min(at.values())
    assert at["Loyalty"] == max(at.values())


def test_a_path_frame_holds_what_lavaan_estimated() -> None:
    frame = path_frame(ecsi.tidy(), ecsi.questionnaire(), r_squared=ecsi.r_squared())
    assert frame["kind"].value_counts().to_dict() == {"loading": 24, "path": 12, "node": 7}
    quality = frame[(frame["kind"] == "path") & (frame["target"] == "Quality")].iloc[0]
    assert quality["source"] == "Expectation"
    assert quality["estimate"] == pytest.approx(0.99480, abs=1e-4)
    nodes = frame[frame["kind"] == "node"].set_index("source")["r2"]
    assert np.isnan(nodes["Image"])  # not explained by anything
    assert nodes["Complaints"] == pytest.approx(0.350483850281031)


def test_a_non_significant_path_is_dashed() -> None:
    with journal_style():
        canvas = paint(gallery()["inner"], "en")
        styles = [line.get_linestyle() for line in canvas.axes[0].lines]
    p = gallery()["inner"].frame.query("kind == 'path'")["p"]
    assert styles.count("--") == int((p >= 0.05).sum()) == 8
    assert styles.count("-") == 4


def test_a_second_order_construct_and_an_observed_cause_are_drawn() -> None:
    rows = [("Q", "=~", name, 0.8, 1e-4) for name in ("A", "B")]
    rows += [(name, "=~", f"{name}{k}", 0.7, 1e-4) for name in ("A", "B", "Y") for k in (1, 2, 3)]
    rows += [("Y", "~", "Q", 0.5, 1e-3), ("Y", "~", "age", -0.1, 0.3)]
    figure = path_figure(pd.DataFrame(rows, columns=["lhs", "op", "rhs", "std_all", "p"]))
    layout = layout_of(figure)
    assert overlaps(layout) == []
    assert {node.name: node.shape for node in layout.nodes}["age"] == "box"
    assert ("Q", "A") in {(arrow.source, arrow.target) for arrow in layout.arrows}
    assert len(layout.spokes) == 9


def test_the_components_of_a_second_order_construct_can_be_left_out() -> None:
    rows = [
        ("speed", "=~", "q1", 0.8, 0.001),
        ("care", "=~", "q2", 0.8, 0.001),
        ("quality", "=~", "speed", 0.7, 0.001),
        ("quality", "=~", "care", 0.7, 0.001),
        ("loyalty", "=~", "l1", 0.9, 0.001),
        ("loyalty", "~", "quality", 0.5, 0.001),
    ]
    tidy = pd.DataFrame(rows, columns=["lhs", "op", "rhs", "std_all", "p"])
    drawn = path_figure(tidy, detail="structure")
    assert list(drawn.frame["source"][drawn.frame["kind"] == "node"]) == ["quality", "loyalty"]
    assert not drawn.frame["observed"].any()  # a construct of components is not an observed variable
    assert "not drawn" in drawn.notes[-1]["en"]


_LARGE_PATHS = "sq-tr sq-sa tr-sa sq-va sq-wo sq-lo tr-lo sa-lo va-lo wo-lo pr-lo sa-pr lo-re"
_COMPONENTS = {"sq": "security ease speed support care news fairness price", "lo": "attitude behaviour"}


def large(controls: int = 0) -> pd.DataFrame:
    """Eighteen constructs with three items each, ten of them components of two, and observed controls."""
    paths = [pair.split("-") for pair in _LARGE_PATHS.split()]
    paths += [[f"age{k}", target] for k in range(controls) for target in ("tr", "sa", "va", "wo", "pr")]
    parts = [(whole, part) for whole, names in _COMPONENTS.items() for part in names.split()]
    measured = [part for _, part in parts] + ["tr", "sa", "va", "wo", "pr", "re"]
    rows = [(name, "=~", f"{name}{k}", 0.8, 1e-4) for name in measured for k in (1, 2, 3)]
    rows += [(whole, "=~", part, 0.7, 1e-4) for whole, part in parts]
    rows += [(target, "~", source, 0.31, 0.001) for source, target in paths]
    return pd.DataFrame(rows, columns=["lhs", "op", "rhs", "std_all", "p"])


def test_a_large_model_is_drawn_with_the_detail_that_reads_well() -> None:
    figure = path_figure(large(), r_squared={"lo": 0.5, "sa": 0.4})
    layout = layout_of(figure)
    assert overlaps(layout) == []
    assert (len(layout.nodes), len(layout.arrows), len(layout.spokes)) == (18, 23, 0)
    assert figure.height <= 235
    assert "Indicators are not drawn." in [note["en"] for note in figure.notes]
    at = {node.name: node.x for node in layout.nodes}
    assert at["sq"] < at["lo"]
    structure = layout_of(path_figure(large(), detail="structure"))
    assert overlaps(structure) == []
    assert {node.name for node in structure.nodes} == {"sq", "lo", "tr", "sa", "va", "wo", "pr", "re"}


def test_many_causes_of_one_construct_stand_before_it_and_its_components_behind() -> None:
    causes = [f"c{k}" for k in range(10)]
    rows = [(name, "=~", f"{name}{k}", 0.8, 1e-4) for name in [*causes, "p1", "p2", "p3"] for k in (1, 2, 3)]
    rows += [("whole", "=~", part, 0.8, math.nan if part == "p1" else 1e-4) for part in ("p1", "p2", "p3")]
    rows += [("whole", "~", name, 0.1, 0.01) for name in causes]
    figure = path_figure(pd.DataFrame(rows, columns=["lhs", "op", "rhs", "std_all", "p"]))
    layout = layout_of(figure)
    assert overlaps(layout) == []
    at = {node.name: node.x for node in layout.nodes}
    assert all(at[name] <= at["whole"] for name in causes)
    assert all(at[part] >= at["whole"] for part in ("p1", "p2", "p3"))
    assert any("fixed to set the scale" in note["en"] for note in figure.notes)


def test_the_same_large_model_has_the_same_layout() -> None:
    one, other = (layout_of(path_figure(large())) for _ in range(2))
    assert one.nodes == other.nodes


def test_controls_are_left_out_where_they_hide_the_hypotheses() -> None:
    constructs = [Construct(name, {"en": name}, ()) for name in ("sq", "tr")]
    survey = replace(ecsi.questionnaire(), constructs=tuple(constructs), hypotheses=())
    figure = path_figure(large(controls=4), survey)
    drawn = set(figure.frame["source"][figure.frame["kind"] == "node"])
    assert not any(name.startswith("age") for name in drawn)
    assert "Control variables are estimated and not drawn." in [note["en"] for note in figure.notes]
    without = path_figure(large(controls=1), detail="structure")  # nobody says which are controls
    assert "age0" in set(without.frame["source"])


def test_numbers_without_room_move_into_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    from research.report import figure_paths

    full, refused = figure_paths.lay_out_columns, []

    def narrow(*args: object, thorough: bool, **options: object) -> Layout:
        if not thorough:
            refused.append(True)
            raise OptionError("no room")
        return full(*args, thorough=thorough, **options)

    monkeypatch.setattr(figure_paths, "lay_out_columns", narrow)
    figure = path_figure(large())
    assert refused
    layout, key = layout_of(figure), figure.draw.keywords["key"]
    assert overlaps(layout) == []
    assert key.count == len(layout.arrows) == 13
    assert min(node.y - node.ry for node in layout.nodes) > key.height
    with journal_style():
        words = texts_of(paint(figure, "en"))
    assert "1  sq → tr .31**" in words
    assert "13" in words


def test_a_model_without_paths_and_a_multigroup_model_are_refused_in_words() -> None:
    tidy = ecsi.tidy("cfa_ML")
    with pytest.raises(DataError, match="no structural path"):
        path_figure(tidy)
    two = pd.concat([ecsi.tidy().assign(group="a"), ecsi.tidy().assign(group="b")])
    with pytest.raises(OptionError, match="groups a, b"):
        path_figure(two)
    with pytest.raises(OptionError, match="no group 'c'"):
        path_figure(two, group="c")


# --- the rest


def test_numbers_in_a_correlation_map_are_the_correlations() -> None:
    with journal_style():
        canvas = paint(gallery()["constructs"], "en")
        texts = {t.get_text() for t in canvas.axes[0].texts}
    square = ecsi.square(ecsi.golden()["cfa_ML"]["lv_cor"]).to_numpy()
    expected = {f"{square[i, j]:.2f}".lstrip("0") for i in range(7) for j in range(i)}
    assert expected <= texts


def test_loadings_of_a_tidy_frame_have_no_interval_that_is_not_theirs() -> None:
    assert loadings_figure(ecsi.tidy(), ecsi.questionnaire()).frame["low"].isna().all()
    assert gallery()["loadings"].frame["low"].notna().all()


@pytest.mark.parametrize("make", [loadings_figure, coefficients_figure])
def test_nothing_to_draw_is_said(make: Callable[[pd.DataFrame], Figure]) -> None:
    with pytest.raises(DataError):
        make(
            pd.DataFrame(
                {"lhs": ["a"], "op": ["~~"], "rhs": ["a"], "estimate": [1.0], "low": [0.0], "high": [1.0]}
            )
        )


def test_the_ends_of_the_palette_differ_in_grey_and_are_read_well() -> None:
    def grey(colour: str) -> float:
        return float(np.dot([int(colour[at : at + 2], 16) for at in (1, 3, 5)], [0.299, 0.587, 0.114]))

    assert grey(diverging(-1)) - grey(diverging(1)) > 60
    for position in np.linspace(-1, 1, 21):
        assert abs(grey(ink_on(diverging(position))) - grey(diverging(position))) > 75


def test_a_notebook_shows_a_picture() -> None:
    from PIL import Image

    with Image.open(io.BytesIO(gallery()["scree"]._repr_png_())) as image:
        assert image.size == (int(88 / 25.4 * 150), int(62 / 25.4 * 150))


def test_items_on_scales_with_the_same_points_share_a_figure_and_others_are_named() -> None:
    survey = small_survey(5)
    more = Construct(
        "Other",
        {"en": "Other"},
        (
            Item("O1", {"en": "w"}, "same"),
            Item("O2", {"en": "w"}, "long"),
            Item("O3", {"en": "w"}, "s", reverse=True),
        ),
    )
    ends = tuple(Point(value, {"en": f"other {value}"}) for value in range(1, 6))
    longer = tuple(Point(value, {}) for value in range(1, 8))
    scales = {**survey.scales, "same": Scale("same", ends), "long": Scale("long", longer)}
    survey = replace(survey, constructs=(*survey.constructs, more), scales=scales)
    answers = pd.DataFrame({key: [1.0, 5.0] for key in ("T1", "T2", "O1", "O2", "O3")})
    figure = likert_figure(answers, survey)
    assert list(dict.fromkeys(figure.frame["item"])) == ["T1", "T2", "O1", "O3"]
    notes = " ".join(note["en"] for note in figure.notes)
    assert "other points: O2." in notes
    assert "shown turned: O3." in notes
    with journal_style():
        words = {t.get_text() for t in paint(figure, "zh").axes[0].texts}
    assert {"最低", "最高"} <= words


@pytest.mark.parametrize("reach", [0.003, 0.04, 0.085, 0.11, 0.7, 0.85, 1.3, 8.5, 23.0, 180.0])
def test_the_numbers_at_an_axis_are_where_they_say(reach: float) -> None:
    frame = pd.DataFrame(
        {"term": ["x", "z"], "estimate": [0.2 * reach, -0.1 * reach], "low": -0.6 * reach, "high": reach}
    )
    with journal_style():
        axes = paint(coefficients_figure(frame), "zh").axes[0]
        below = min(t.get_position()[1] for t in axes.texts if t.get_text() == "0")
        places = [
            (t.get_position()[0], float(t.get_text().replace("−", "-")))
            for t in axes.texts
            if t.get_position()[1] == below
        ]
    x, numbers = np.array(places).T
    assert len(x) >= 4
    slope, start = np.polyfit(numbers, x, 1)
    assert x == pytest.approx(start + slope * numbers, abs=1e-6)


def test_a_histogram_of_scale_scores_has_no_gaps_that_the_sample_has_not() -> None:
    scores = np.arange(1.0, 5.001, 1 / 3).repeat(7)  # every possible mean of three items, equally often
    edges = score_bins(scores, np.unique(scores))
    counts, _ = np.histogram(scores, edges)
    assert set(counts) == {7}
    few = np.append(np.arange(1.0, 9.001, 0.2).repeat(5), [1.25, 1.5])  # two rows lack an answer
    assert np.ptp(np.diff(score_bins(few, np.unique(few))) / 0.2) < 1e-9
    assert round(np.diff(score_bins(few, np.unique(few)))[0] / 0.2, 9).is_integer()
    wide = np.linspace(0.0, 1.0, 997) ** 2  # no common step: bins of equal width over the range
    assert np.diff(score_bins(wide, np.unique(wide))).std() < 1e-12
