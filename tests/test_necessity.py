"""Necessary conditions: cases computed by hand, areas by counting, and what must hold for any data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from small_survey import survey

import research
from research.errors import DataError, OptionError
from research.numerics.ceiling import Scope, area_above_hull, area_above_line, hull, regression_ceiling
from research.responses.nouns import Responses, Source


def steps() -> pd.DataFrame:
    """Corners (1, 2), (3, 4), (4, 5); the other points lie below. Scope (1-5) by (1-5)."""
    return pd.DataFrame({"x": [1.0, 1, 2, 3, 3, 4, 5, 5], "y": [2.0, 1, 2, 4, 3, 5, 4, 1]})


def test_both_ceilings_by_hand() -> None:
    """CE: 2 * 3 + 1 * 1 = 7 of 16. CR: through (1, 2), (3, 4), (4, 5) goes y = 1 + x: triangle of 3 by 3."""
    found = research.nca(steps(), "x", "y", permutations=0)
    ce, cr = found.effects.iloc[0], found.effects.iloc[1]
    assert ce["d"] == pytest.approx(7 / 16)
    assert cr["d"] == pytest.approx(4.5 / 16)
    assert (cr["slope"], cr["intercept"]) == (pytest.approx(1), pytest.approx(1))
    assert ce[["scope", "ceiling_zone", "accuracy", "n_above", "n_corners"]].tolist() == [16, 7, 1, 0, 3]
    assert cr[["accuracy", "n_above"]].tolist() == [1, 0]
    assert ce[["condition_inefficiency", "outcome_inefficiency"]].tolist() == [0.25, 0.25]
    assert cr[["condition_inefficiency", "outcome_inefficiency"]].tolist() == pytest.approx([0.25, 0.25])
    assert found.effects["size"].tolist() == ["large", "medium"]
    assert np.isnan(ce["p"])


def test_the_published_analysis_of_28_countries() -> None:
    """Dul (2016): individualism for innovation; ceiling zones, accuracies and effect sizes as printed.

    The data are in the paper (and in the NCA package as its example).
    """
    data = pd.read_csv(Path(__file__).parent / "reference/dul_2016.csv", index_col="country")
    ce, cr = research.nca(data, "individualism", "innovation", permutations=0).effects.to_dict("records")
    assert ce["scope"] == pytest.approx((91 - 18) * (214.4 - 1.2))
    assert (round(ce["ceiling_zone"], 2), round(cr["ceiling_zone"], 2)) == (6466.8, 4772.54)
    assert (round(ce["d"], 2), round(cr["d"], 2)) == (0.42, 0.31)
    assert (ce["accuracy"], round(cr["accuracy"], 2)) == (1, 0.93)


def test_points_above_the_line_cost_accuracy() -> None:
    """Corners (0, 0), (1, 3), (2, 4): slope 2, intercept 1/3; only (1, 3) lies above it."""
    data = pd.DataFrame({"x": [0.0, 1, 2, 2], "y": [0.0, 3, 4, 1]})
    row = research.nca(data, "x", "y", permutations=0).effects.iloc[1]
    assert (row["slope"], row["intercept"]) == (pytest.approx(2), pytest.approx(1 / 3))
    assert (row["n_above"], row["accuracy"]) == (1, 0.75)
    reach = (4 - 1 / 3) / 2  # where the line meets the top; a triangle left of it
    assert row["ceiling_zone"] == pytest.approx(reach * (4 - 1 / 3) / 2)


def test_the_bottleneck_table_by_hand() -> None:
    found = research.nca(steps(), "x", "y", permutations=0)
    ce = found.bottleneck(steps=4, unit="actual")
    assert ce["y"].tolist() == [1, 2, 3, 4, 5]
    assert ce["x"].tolist() == pytest.approx([np.nan, np.nan, 3, 3, 4], nan_ok=True)
    assert found.bottleneck(steps=[50, 100])["x"].tolist() == [50, 75]
    assert found.bottleneck("cr_fdh", steps=4, unit="actual")["x"].tolist() == pytest.approx(
        [np.nan, np.nan, 2, 3, 4], nan_ok=True
    )
    assert found.bottleneck(steps=[100], unit="percentile")["x"].tolist() == [62.5]


@pytest.mark.parametrize("seed", range(4))
def test_areas_are_what_a_fine_grid_counts(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(0, 3, 30), rng.uniform(1, 7, 30)
    scope = Scope(-0.5, 3.25, 0.5, 7.5)
    found = hull(x, y[None])
    grid = np.linspace(scope.x_low, scope.x_high, 200_001)
    tops = np.array([y[x <= at].max() if (x <= at).any() else scope.y_low for at in grid[::100]])
    step = (scope.y_high - tops).mean() * (scope.x_high - scope.x_low)
    assert area_above_hull(found, scope)[0] == pytest.approx(step, rel=2e-3)
    a, b = regression_ceiling(found)
    corners = [
        (at, top)
        for at, top in zip(x, y, strict=True)
        if (y[x <= at] <= top).all() and (y[x < at] < top).all()
    ]
    slope, intercept = np.polyfit(*np.array(corners).T, 1)
    assert (b[0], a[0]) == (pytest.approx(slope), pytest.approx(intercept))
    line = np.clip(scope.y_high - (intercept + slope * grid), 0, scope.y_high - scope.y_low)
    want = line.mean() * (scope.x_high - scope.x_low)
    assert area_above_line(a, b, scope)[0] == pytest.approx(want, rel=1e-4)


def random_data(n: int = 60, needed: bool = True) -> pd.DataFrame:
    rng = np.random.default_rng(4)
    x, z, y = rng.uniform(0, 10, n), rng.uniform(0, 10, n), rng.uniform(0, 10, n)
    return pd.DataFrame({"x": x, "z": z, "y": np.minimum(y, x + 1) if needed else y})


def test_units_and_directions_do_not_matter() -> None:
    data = random_data()
    plain = research.nca(data, "x", "y", permutations=200).effects
    scaled = research.nca(
        data.assign(x=5 + 3 * data["x"], y=100 * data["y"]), "x", "y", permutations=200
    ).effects
    assert plain["d"].tolist() == pytest.approx(scaled["d"].tolist(), abs=1e-12)
    assert plain["p"].tolist() == scaled["p"].tolist()
    for corner, flips in (("upper_right", (-1, 1)), ("lower_left", (1, -1)), ("lower_right", (-1, -1))):
        turned = research.nca(
            data.assign(x=flips[0] * data["x"], y=flips[1] * data["y"]),
            "x",
            "y",
            corner=corner,
            permutations=200,
        )
        assert turned.effects["d"].tolist() == pytest.approx(plain["d"].tolist(), abs=1e-12)
        ours = research.nca(data, "x", "y", permutations=0).bottleneck(unit="actual")["x"]
        assert (flips[0] * turned.bottleneck(unit="actual")["x"]).tolist() == pytest.approx(
            ours.tolist(), nan_ok=True
        )
        points = turned.points()
        assert (flips[0] * points["x"]).tolist() == data["x"].tolist()


def test_permutation_p_is_that_of_shuffles_one_by_one_and_small_where_it_should() -> None:
    found = research.nca(random_data(), ["x", "z"], "y", permutations=2000, seed=3)
    again = research.nca(random_data(), ["x", "z"], "y", permutations=2000, seed=3)
    pd.testing.assert_frame_equal(found.effects, again.effects)
    effects = found.effects.set_index(["x", "ceiling"])
    assert effects.loc[("x", "ce_fdh"), "p"] == pytest.approx(1 / 2001)
    assert effects.loc[("z", "ce_fdh"), "p"] > 0.05
    assert effects.loc[("x", "ce_fdh"), "p_holm"] == pytest.approx(2 / 2001)
    rng, data = np.random.default_rng(8), random_data()
    z, y, box = (
        data["z"].to_numpy(),
        data["y"].to_numpy(),
        Scope(data["z"].min(), data["z"].max(), data["y"].min(), data["y"].max()),
    )
    drawn = np.array([area_above_hull(hull(z, rng.permutation(y)[None]), box)[0] for _ in range(1000)])
    share = (drawn >= effects.loc[("z", "ce_fdh"), "ceiling_zone"] - 1e-9).mean()
    assert effects.loc[("z", "ce_fdh"), "p"] == pytest.approx(share, abs=5 * np.sqrt(0.25 / 1000))


def test_p_is_uniform_without_a_necessity() -> None:
    """Over 150 data sets of independent x and y, p below .25 about a quarter of the time."""
    rng = np.random.default_rng(5)
    below = 0
    for number in range(150):
        data = pd.DataFrame(rng.integers(1, 8, (25, 2)).astype(float), columns=["x", "y"])
        p = research.nca(data, "x", "y", permutations=100, seed=number).effects["p"].iloc[0]
        below += p <= 0.25
    assert 0.25 * 150 - 3 * np.sqrt(150 * 0.1875) < below < 0.25 * 150 + 3 * np.sqrt(150 * 0.1875)


def test_the_theoretical_scope_is_the_answer_scale() -> None:
    rng = np.random.default_rng(6)
    frame = pd.DataFrame(
        rng.integers(2, 5, (40, 5)).astype(float), columns=["TR1", "TR2", "TR3", "LO1", "LO2"]
    )
    given = Responses(frame, survey(), Source("", "", "csv"))
    found = research.nca(given, ["trust", "TR1"], "loyalty", scope="theoretical", permutations=0).effects
    assert found["scope"].tolist() == [16.0] * 4
    assert found["d"].iloc[0] > research.nca(given, "trust", "loyalty", permutations=0).effects["d"].iloc[0]
    by_hand = research.nca(steps(), "x", "y", scope={"x": (0, 5), "y": (0, 6)}, permutations=0)
    assert by_hand.effects["ceiling_zone"].iloc[0] == 1 * 6 + 2 * 4 + 1 * 2 + 1 * 1
    assert by_hand.bottleneck(steps=[100], unit="actual")["x"].tolist() == [5.0]


def test_no_empty_corner_is_no_necessity() -> None:
    data = pd.DataFrame({"x": [1.0, 2, 3, 3], "y": [5.0, 2, 1, 5]})
    found = research.nca(data, "x", "y", permutations=200)
    assert found.effects["d"].tolist() == [0, 0]
    assert found.effects["p"].tolist() == [1, 1]
    assert found.effects["size"].tolist() == ["none", "none"]
    assert found.bottleneck("cr_fdh")["x"].isna().all()
    assert found.lines()["ceiling"].unique().tolist() == ["ce_fdh"]


def test_what_is_drawn_is_the_hull_and_the_line() -> None:
    found = research.nca(steps(), "x", "y", permutations=0)
    assert found.points()["corner"].tolist() == [True, False, False, True, False, True, False, False]
    line = found.lines()
    cr = line[line["ceiling"] == "cr_fdh"][["x", "y"]].to_numpy()
    assert cr == pytest.approx(np.array([[1, 2], [4, 5]]))


@pytest.mark.parametrize(
    ("options", "error", "told"),
    [
        ({"x": "w"}, DataError, "no column 'w'"),
        ({"x": "c"}, DataError, r"'c' is constant \(1\)"),
        ({"x": "y"}, OptionError, "its own condition"),
        ({"x": []}, OptionError, "no condition"),
        ({"x": "t"}, DataError, "holds text"),
        ({"x": "big"}, DataError, "another unit"),
        ({"x": "m"}, DataError, "2 rows have a value"),
        ({"corner": "top_left"}, OptionError, "upper_left"),
        ({"permutations": 9}, OptionError, "at least 100"),
        ({"scope": "theoretical"}, OptionError, "no answer scale is known for 'y'"),
        ({"scope": "teoretical"}, OptionError, "Did you mean theoretical"),
        ({"scope": {"x": (2, 5)}}, DataError, "outside its scope 2 to 5"),
        ({"scope": {"z": (2, 5)}}, OptionError, "'z', which is not analysed"),
    ],
)
def test_what_cannot_be_analysed_is_said(options: dict[str, Any], error: type[Exception], told: str) -> None:
    data = steps().assign(c=1.0, big=[1e150] + [1.0] * 7, t="a", m=[1.0, 2.0, *[np.nan] * 6])
    with pytest.raises(error, match=told):
        research.nca(data, **{"x": "x", "y": "y", **options})


def test_options_of_the_bottleneck_are_checked_and_rows_counted() -> None:
    found = research.nca(steps().assign(x=lambda d: d["x"].mask(d.index == 7)), "x", "y", permutations=0)
    assert found.notes == ("1 of 8 rows were left out: a value is missing.",)
    for options, told in (
        ({"ceiling": "cefdh"}, "Did you mean ce_fdh"),
        ({"unit": "percent"}, "percent_range"),
        ({"steps": 0}, "at least one"),
        ({"steps": [120]}, "0 to 100"),
    ):
        with pytest.raises(OptionError, match=told):
            found.bottleneck(**options)
    with pytest.raises(OptionError, match="not one of the conditions"):
        found.points("z")
