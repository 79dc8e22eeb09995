"""An option that is not carried out is refused: never plain maximum likelihood under another name."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

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
