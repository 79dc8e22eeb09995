"""Repeated waves as tables and a figure: what lavaan estimated, named so that a reader knows the wave."""

from __future__ import annotations

from typing import Any

import pytest
from shared import shared

import research
from research.errors import ModelError
from research.model.longitudinal import cross_lagged, latent_growth
from research.report.figures import growth_figure, picture
from research.report.tables import growth_table, panel_table

WAVES = ["t1", "t2", "t3", "t4"]
TIMES = [0.0, 1.0, 2.0, 3.0]


def grown() -> Any:
    import pandas as pd

    data = pd.read_csv(shared("reference/data/Demo.growth.csv"))
    return research.growth(latent_growth(WAVES, TIMES), data)


def test_a_curve_is_level_and_change_at_every_time() -> None:
    fit = grown()
    curve = research.growth_curve(fit, scores=TIMES)
    tidy = fit.tidy().set_index(["lhs", "op", "rhs"])
    level, change = (tidy.loc[(name, "~1", "")] for name in ("i", "s"))
    assert curve["estimate"].iloc[0] == pytest.approx(level["estimate"], abs=1e-12)
    assert curve["se"].iloc[0] == pytest.approx(level["se"], abs=1e-12)  # at time 0 there is no change
    assert curve["estimate"].diff().iloc[1:].tolist() == pytest.approx([change["estimate"]] * 3, abs=1e-12)
    implied = fit.implied().set_index(["lhs", "op", "rhs"])["estimate"]
    for wave, mean, sd in zip(WAVES, curve["estimate"], curve["person_sd"], strict=True):
        assert implied[wave, "~1", ""] == pytest.approx(mean, abs=1e-10)
        residual = tidy.loc[(wave, "~~", wave), "estimate"]
        assert implied[wave, "~~", wave] - residual == pytest.approx(sd**2, abs=1e-10)


def test_the_interval_of_the_mean_at_the_last_wave_is_that_of_a_curve_timed_from_there() -> None:
    import pandas as pd

    data = pd.read_csv(shared("reference/data/Demo.growth.csv"))
    turned = research.growth(latent_growth(WAVES, [time - 3 for time in TIMES]), data).tidy()
    level = turned[(turned["lhs"] == "i") & (turned["op"] == "~1")].iloc[0]
    last = research.growth_curve(grown(), scores=TIMES).iloc[-1]
    assert (last["estimate"], last["se"]) == pytest.approx((level["estimate"], level["se"]), abs=1e-5)
    assert (last["low"], last["high"]) == pytest.approx((level["low"], level["high"]), abs=1e-5)


def test_a_model_without_a_curve_is_refused_in_words() -> None:
    import pandas as pd

    data = pd.read_csv(shared("reference/data/Demo.growth.csv"))
    with pytest.raises(ModelError, match="no mean of i and s"):
        research.growth_curve(research.sem("t2 ~ t1", data))


def test_the_tables_name_the_waves() -> None:
    import pandas as pd

    data = pd.read_csv(shared("reference/data/Demo.growth.csv"))
    renamed = data.rename(columns={f"{a}{k}": f"{a}_w{k}" for a in "tc" for k in (1, 2, 3)})
    columns = {a: [f"{a}_w{k}" for k in (1, 2, 3)] for a in "tc"}
    table = panel_table(research.sem(cross_lagged(columns), renamed).tidy())
    assert [path["en"] for path in table.frame["path"]][:2] == [
        "t (wave 1) → t (wave 2)",
        "c (wave 1) → t (wave 2)",
    ]
    assert [kind["zh"] for kind in table.frame["kind"]][:2] == ["稳定性", "交叉滞后"]
    growth = growth_table(grown().tidy(), construct="t")
    assert [what["en"] for what in growth.frame["what"]] == [
        "Mean level at the first wave",
        "Mean change from wave to wave",
        "Variance of levels",
        "Variance of changes",
        "Covariance of level and change",
    ]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_curve_is_drawn(lang: str) -> None:
    figure = growth_figure(research.growth_curve(grown(), scores=TIMES), construct="t")
    assert picture(figure, lang, "png")[:4] == b"\x89PNG"
