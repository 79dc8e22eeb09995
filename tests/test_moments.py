"""Moments add up: blocks, groups and files give the numbers of the whole."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import research
from research.responses.moments import Moments, MomentsAccumulator


def frame(n: int = 400, seed: int = 5) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    f = rng.normal(size=(n, 1))
    data = pd.DataFrame(f + rng.normal(size=(n, 4)) + 1e4, columns=list("abcd"))
    data["half"] = np.where(np.arange(n) % 3, "left", "right")
    return data


def test_blocks_give_the_moments_of_the_whole() -> None:
    data = frame()
    total = MomentsAccumulator(list("abcd"))
    for begin in range(0, len(data), 37):
        total.update(data[begin : begin + 37])
    found = total.moments()
    np.testing.assert_allclose(found.mean, data[list("abcd")].mean(), rtol=1e-13)
    np.testing.assert_allclose(found.cov, data[list("abcd")].cov(), rtol=1e-11)
    assert found.n == 400


def test_a_stream_of_blocks_gives_the_estimates_of_the_whole() -> None:
    data = frame()
    stream = research.moments((data[at : at + 50] for at in range(0, 400, 50)), columns=list("abcd"))
    model = "f =~ a + b + c + d"
    whole, streamed = research.cfa(model, data), research.cfa(model, stream)
    np.testing.assert_allclose(streamed.theta, whole.theta, rtol=1e-10)
    assert streamed.statistic.chisq == pytest.approx(whole.statistic.chisq, rel=1e-9)


def test_groups_are_merged_by_label() -> None:
    data = frame()
    first = research.moments(data[:100], list("abcd"), group="half")
    second = research.moments(data[100:], list("abcd"), group="half")
    both = first.merge(second)
    for group in both.groups:
        part = data[data["half"] == group.label][list("abcd")]
        np.testing.assert_allclose(group.cov, part.cov(), rtol=1e-10)
        assert group.n == len(part)


def test_rows_with_missing_values_are_counted() -> None:
    data = frame()
    data.loc[[3, 7], "b"] = np.nan
    found = research.moments(data, list("abcd"))
    assert (found.n, found.groups[0].n_left_out) == (398, 2)
    np.testing.assert_allclose(found.cov, data[list("abcd")].dropna().cov(), rtol=1e-10)


def test_weights_count_rows() -> None:
    data = frame(60)
    data["w"] = np.arange(60) % 3 + 1.0
    repeated = data.loc[data.index.repeat(data["w"].astype(int))]
    found = research.moments(data, list("abcd"), weights="w")
    np.testing.assert_allclose(found.cov, repeated[list("abcd")].cov(), rtol=1e-9)


def test_saved_and_read_back(tmp_path: Path) -> None:
    found = research.moments(frame(), list("abcd"), group="half")
    again = Moments.load(found.save(tmp_path / "moments.npz"))
    assert again.variables == found.variables
    assert [group.label for group in again.groups] == [group.label for group in found.groups]
    np.testing.assert_array_equal(again.groups[1].scatter, found.groups[1].scatter)


def test_other_frames_and_matrices() -> None:
    polars = pytest.importorskip("polars")
    data = frame()
    other = research.moments(polars.from_pandas(data[list("abcd")]))
    np.testing.assert_allclose(other.cov, data[list("abcd")].cov(), rtol=1e-10)
    groups = {"one": data[list("abcd")].to_numpy()[:200], "two": data[list("abcd")].to_numpy()[200:]}
    assert research.moments(groups, columns=list("abcd")).n == 400


@pytest.mark.parametrize(
    ("columns", "message"), [(["a", "bb"], "no column 'bb'"), (["a", "half"], "holds text: 'right' in row 1")]
)
def test_what_cannot_be_added_up(columns: list[str], message: str) -> None:
    with pytest.raises(research.ResearchError, match=message):
        research.moments(frame(), columns)


def test_a_file_of_another_kind(tmp_path: Path) -> None:
    path = tmp_path / "no.npz"
    path.write_text("nothing")
    with pytest.raises(research.ResearchError, match=r"no\.npz"):
        Moments.load(path)
