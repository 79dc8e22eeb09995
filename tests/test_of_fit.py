"""CR, AVE and construct correlations of the loadings that a paper prints."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from shared import shared

import research
from research.errors import DataError
from research.measurement.of_fit import composite_quantities, construct_correlations, reliability_of_fit

THREE = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9"
BLOCKS = {"visual": ["x1", "x2", "x3"], "textual": ["x4", "x5", "x6"], "speed": ["x7", "x8", "x9"]}


@pytest.fixture(scope="module")
def pupils() -> pd.DataFrame:
    return pd.read_csv(shared("published/data/holzinger_swineford_raw301.csv"))


def test_from_the_loadings_that_the_lavaan_tutorial_prints(pupils: pd.DataFrame) -> None:
    """Rosseel's tutorial prints these standardized loadings; the rest is arithmetic by hand."""
    printed = {
        "visual": (0.772, 0.424, 0.581),
        "textual": (0.852, 0.855, 0.838),
        "speed": (0.570, 0.723, 0.665),
    }
    found = composite_quantities(research.cfa(THREE, pupils)).set_index("construct")
    for name, loadings in printed.items():
        squares = [loading**2 for loading in loadings]
        total = sum(loadings) ** 2
        assert found.loc[name, "ave"] == pytest.approx(sum(squares) / 3, abs=1e-3)
        assert found.loc[name, "cr"] == pytest.approx(total / (total + 3 - sum(squares)), abs=1e-3)
    assert list(found["n_items"]) == [3, 3, 3]


def test_correlations_are_those_that_the_tutorial_prints(pupils: pd.DataFrame) -> None:
    found = construct_correlations(research.cfa(THREE, pupils), ["speed", "visual", "textual", "absent"])
    assert list(found.index) == ["speed", "visual", "textual"]
    assert found.loc["visual", "textual"] == pytest.approx(0.459, abs=1e-3)
    assert found.loc["visual", "speed"] == pytest.approx(0.471, abs=1e-3)
    assert found.loc["textual", "speed"] == pytest.approx(0.283, abs=1e-3)
    assert np.diag(found) == pytest.approx(1)


def test_agrees_with_reliability_where_the_model_is_the_same(pupils: pd.DataFrame) -> None:
    own = research.reliability(pupils, BLOCKS)
    found = reliability_of_fit(pupils, research.cfa(THREE, pupils), BLOCKS)
    assert found["cr"].tolist() == pytest.approx(own["cr"].tolist(), abs=1e-6)
    assert found["ave"].tolist() == pytest.approx(own["ave"].tolist(), abs=1e-6)
    assert found["alpha"].tolist() == own["alpha"].tolist()
    assert not found["ordered"].any()


def test_a_second_order_construct_has_a_row_of_its_own(pupils: pd.DataFrame) -> None:
    fit = research.cfa(THREE + "\nability =~ visual + textual + speed", pupils)
    found = reliability_of_fit(pupils, fit, BLOCKS)
    assert list(found["construct"]) == ["visual", "textual", "speed", "ability"]
    above = found.loc["ability"]
    rows = fit.standardized()
    loadings = rows[(rows["op"] == "=~") & (rows["lhs"] == "ability")]["estimate"].to_numpy()
    assert above["ave"] == pytest.approx(float((loadings**2).mean()))
    assert np.isnan(above["alpha"])
    assert above["n_items"] == 3
    assert construct_correlations(fit, ["visual", "ability"]).iloc[0, 1] == pytest.approx(loadings[0])


def test_ordered_answers_take_the_loadings_of_the_variables_behind_them(pupils: pd.DataFrame) -> None:
    cut = pupils[[item for items in BLOCKS.values() for item in items]].apply(
        lambda column: pd.cut(column, 4, labels=False) + 1
    )
    fit = research.cfa(THREE, cut, estimator="WLSMV", ordered=True)
    found = reliability_of_fit(cut, fit, BLOCKS)
    assert found["ordered"].all()
    answers = research.reliability(cut, BLOCKS)
    assert (found["ave"] > answers["ave"]).all()  # coarse answers correlate less than what lies behind them


def test_a_single_item_has_neither_and_groups_are_refused(pupils: pd.DataFrame) -> None:
    fit = research.cfa("visual =~ x1 + x2 + x3\nalone =~ x4", pupils)
    assert composite_quantities(fit).set_index("construct").loc["alone", ["cr", "ave"]].isna().all()
    with pytest.raises(DataError, match="2 groups"):
        composite_quantities(research.cfa(THREE, pupils.assign(half=pupils.index % 2), group="half"))
