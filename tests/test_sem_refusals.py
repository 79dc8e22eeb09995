"""An option that is not carried out is refused: never plain maximum likelihood under another name."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from reference_cases import data_path

import research


def frame() -> pd.DataFrame:
    rng = np.random.default_rng(4)
    values = rng.normal(size=(120, 1)) + rng.normal(size=(120, 4))
    return pd.DataFrame(values, columns=["a", "b", "c", "d"])


@pytest.mark.parametrize("option", [{"ordered": ["a"]}, {"ordered": True}])
def test_refused_options_are_named(option: dict[str, object]) -> None:
    with pytest.raises(research.ResearchError, match=next(iter(option))):
        research.cfa("f =~ a + b + c + d", frame(), **option)


def test_two_levels_need_clusters() -> None:
    with pytest.raises(research.ResearchError, match="cluster"):
        research.sem("level: 1\nf =~ a + b + c\nlevel: 2\ng =~ a + b + c", frame())


TWO_LEVELS = "level: 1\nwithin =~ y1 + y2 + y3\nlevel: 2\nbetween =~ y1 + y2 + y3"


@pytest.mark.parametrize("method", ["scores", "modification_indices", "score_test"])
def test_two_level_fits_refuse_what_is_for_one_level(method: str) -> None:
    fit = research.sem(TWO_LEVELS, pd.read_csv(data_path("Demo.twolevel.csv")), cluster="cluster")
    with pytest.raises(research.ResearchError, match="two-level"):
        getattr(fit, method)()


@pytest.mark.parametrize(
    "text",
    [
        "f =~ a + u*b + v*c + d\nu == v^2",
        "f =~ a + u*b + v*c + d\nu > 0.1",
        "f =~ a + lower(.1)*b + c + d",
        'efa("e")*f =~ a + b + c + d',
    ],
)
def test_models_that_batches_do_not_search_are_resampled_one_by_one(text: str) -> None:
    fit = research.sem(text, frame())
    draws = fit.bootstrap(20, seed=1, workers=1, progress=False)
    assert draws.n_draws == 20
    assert draws.n_failed < 10
