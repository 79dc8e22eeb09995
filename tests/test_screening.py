"""Careless answers: each index against R or by hand, each rule on planted cases, nothing dropped unasked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from shared import shared
from small_survey import HEADER, ROWS, items_only, survey, write

from research.errors import OptionError
from research.questionnaire.definition import Screening
from research.responses.carelessness import (
    even_odd,
    individual_variability,
    longest_run,
    mahalanobis_p,
)
from research.responses.nouns import Responses
from research.responses.reading import read_responses
from research.responses.screening import RULES, screen


@pytest.fixture(scope="module")
def ecsi() -> Responses:
    """The real survey, items in the order of the file, as R read it."""
    path = shared("realdata/ecsi_mobile_250.csv")
    names = path.read_text().splitlines()[0].split(",")
    return read_responses(path, items_only(names))


def test_longest_runs_equal_r(ecsi: Responses) -> None:
    """max(rle(x)$lengths) of each row in R, counted; five rows have 12 or more."""
    flags = screen(ecsi, Screening(longest_run=12)).flags
    counted = flags["longest_run"].value_counts().to_dict()
    assert counted == {2: 59, 3: 83, 4: 46, 5: 24, 6: 14, 7: 11, 8: 5, 9: 3, 13: 1, 15: 2, 16: 1, 24: 1}
    assert flags.index[flags["straightline"]].tolist() == [25, 122, 136, 144, 229]


def test_mahalanobis_equals_r(ecsi: Responses) -> None:
    """stats::mahalanobis and pchisq(, 24) in R."""
    flags = screen(ecsi).flags
    wanted = [26.2488738581, 12.8027792554, 11.9991875385, 20.3535302083]
    np.testing.assert_allclose(flags["mahalanobis_d2"].iloc[[0, 1, 2, 249]], wanted, rtol=1e-10)
    assert flags["mahalanobis_d2"].idxmax() == 153
    assert flags["mahalanobis_d2"].max() == pytest.approx(105.892851075, rel=1e-10)
    assert flags["mahalanobis"].sum() == 16


def test_mahalanobis_is_not_judged_where_items_depend_on_others() -> None:
    x = np.random.default_rng(1).standard_normal((50, 3))
    assert mahalanobis_p(np.column_stack([x, x[:, 0] + x[:, 1]])) is None
    assert mahalanobis_p(np.column_stack([x, np.ones(50)])) is None
    assert mahalanobis_p(x[:4]) is None
    found = mahalanobis_p(np.vstack([x, [np.nan, 0, 0]]))
    assert found is not None
    assert np.isnan(found[0][-1])


def test_variability_is_the_standard_deviation_within_a_person() -> None:
    x = np.array([[1.0, 2.0, 4.0], [3.0, np.nan, 5.0], [2.0, 2.0, 2.0], [np.nan, 1.0, np.nan]])
    found = individual_variability(x)
    assert found[0] == pytest.approx(np.std([1, 2, 4], ddof=1))
    assert found[1] == pytest.approx(np.std([3, 5], ddof=1))
    assert found[2] == 0
    assert np.isnan(found[3])


def test_runs_end_at_missing_answers() -> None:
    x = np.array([[2.0, 2.0, np.nan, 2.0, 2.0, 2.0]])
    assert longest_run(x).tolist() == [3]


def test_even_odd_is_the_stepped_up_correlation_of_halves() -> None:
    rng = np.random.default_rng(3)
    x = rng.integers(1, 6, (10, 12)).astype(float)
    blocks = [[0, 1, 2], [3, 4], [5, 6, 7, 8], [9, 10, 11]]
    found = even_odd(x, blocks)
    for row in range(10):
        odd = [x[row, block[0::2]].mean() for block in blocks]
        even = [x[row, block[1::2]].mean() for block in blocks]
        r = stats.pearsonr(odd, even).statistic
        assert found[row] == pytest.approx(max(2 * r / (1 + r), -1), rel=1e-9)


def test_even_odd_without_variation_is_unknown() -> None:
    assert np.isnan(even_odd(np.full((1, 8), 3.0), [[0, 1], [2, 3], [4, 5], [6, 7]])).all()


def lines(*extra: str) -> list[str]:
    """Thirty ordinary respondents and `extra`, with an id and a duration."""
    rng = np.random.default_rng(7)
    ordinary = []
    for k in range(30):
        level = int(rng.integers(2, 5))
        tr = np.clip(level + rng.integers(-1, 2, 5), 1, 5)
        ordinary.append(f"{tr[0]},{tr[1]},{6 - tr[2]},{tr[3]},{tr[4]},f,{20 + k},pay,,4,o{k},{30 + k}")
    return [f"{HEADER},respondent_id,duration_seconds", *ordinary, *extra]


PLANTED = (
    "4,4,2,4,5,m,61,pay,,2,attention,40",  # row 32: wrong answer to the check
    "4,4,2,4,5,m,62,pay,,4,fast,9",  # row 33: 9 seconds for six questions
    "4,4,4,4,4,m,63,pay,,4,straight,40",  # row 34: one answer throughout, reverse-keyed item included
    "3,4,2,5,5,m,64,chat,same,4,first,40",  # row 35
    "3,4,2,5,5,m,64,chat,same,4,second,41",  # row 36: row 35 again
    ",,,,,m,65,pay,,,silent,40",  # row 37: nothing answered
)


def test_planted_cases_are_flagged_and_nobody_is_dropped(tmp_path: Path) -> None:
    responses = read_responses(write(tmp_path, *lines(*PLANTED)), survey())
    screened = screen(responses, Screening(longest_run=5))
    flags = screened.flags.set_index("row")
    for rule, row in (("attention", 32), ("speed", 33), ("straightline", 34), ("duplicate", 36)):
        assert flags.index[flags[rule]].tolist() == [row], rule
    assert flags.loc[36, "duplicate_of_row"] == 35
    assert flags.loc[33, "seconds_per_item"] == 1.5
    assert flags.loc[37, "n_flags"] == 0
    assert not flags["dropped"].any()
    assert screened.responses is responses
    assert screened.table["dropped"].sum() == 0
    assert (screened.table["n_after"] == 36).all()


def test_only_what_the_study_asks_for_is_dropped(tmp_path: Path) -> None:
    rules = Screening(longest_run=5, drop=("attention", "duplicate"))
    responses = read_responses(write(tmp_path, *lines(*PLANTED)), survey(screening=rules))
    screened = screen(responses)
    table = screened.table.set_index("rule")
    assert table.index.tolist() == list(RULES)
    assert table.loc["attention", ["n_before", "flagged", "dropped", "n_after"]].tolist() == [36, 1, 1, 35]
    assert table.loc["speed", ["n_before", "flagged", "dropped", "n_after"]].tolist() == [35, 1, 0, 35]
    assert table.loc["duplicate", ["n_before", "flagged", "dropped", "n_after"]].tolist() == [35, 1, 1, 34]
    left = screened.responses
    assert set(responses.rows) - set(left.rows) == {32, 36}
    assert left.frame.index.tolist() == list(range(34))
    assert left.frame["respondent_id"].tolist()[-4:] == ["fast", "straight", "first", "silent"]
    assert all(set(absence.rows) <= set(left.rows) for absence in left.absent)
    assert screened.flags["dropped"].sum() == 2


def test_a_straight_line_is_judged_as_ticked_not_as_turned(tmp_path: Path) -> None:
    """4,4,4 with the third item reverse-keyed is a straight line; 4,4,2 is none."""
    rows = ["4,4,4,4,4,f,30,pay,,4", "4,4,2,4,4,f,31,pay,,4"]
    flags = screen(read_responses(write(tmp_path, HEADER, *rows), survey())).flags
    assert flags["longest_run"].tolist() == [5, 2]
    assert flags["irv"].tolist()[0] == 0
    assert flags["irv"].tolist()[1] > 0


def test_short_questionnaires_are_not_called_straight(tmp_path: Path) -> None:
    """Five equal answers to five items may be meant: by default fewer than six say nothing."""
    flags = screen(read_responses(write(tmp_path, HEADER, "4,4,4,4,4,f,3,pay,,4", ROWS[0]), survey())).flags
    assert not flags["straightline"].any()


def test_rules_that_cannot_be_applied_say_so(tmp_path: Path) -> None:
    asked = replace(survey(), checks=())
    screened = screen(read_responses(write(tmp_path, HEADER, *ROWS), asked))
    table = screened.table.set_index("rule")
    assert table["applied"].to_dict() == {
        "attention": False,
        "speed": False,
        "straightline": True,
        "duplicate": True,
        "evenodd": False,
        "mahalanobis": False,
    }
    assert len(screened.notes) == len(RULES)
    for note in screened.notes:
        assert set(note) == {"en", "zh"}
        assert all(note.values())


def test_even_odd_is_not_judged_where_scales_go_together(ecsi: Responses) -> None:
    screened = screen(ecsi)
    assert not screened.table.set_index("rule").loc["evenodd", "applied"]
    assert any("too alike" in note["en"] for note in screened.notes)


def test_an_unknown_rule_is_refused(tmp_path: Path) -> None:
    responses = read_responses(write(tmp_path, HEADER, *ROWS), survey())
    with pytest.raises(
        OptionError, match=r"'atention', which is no screening rule.*Did you mean attention\?"
    ):
        screen(responses, Screening(drop=("atention",)))


def test_duplicated_ids_are_flagged_where_files_were_put_together(tmp_path: Path) -> None:
    responses = read_responses(write(tmp_path, *lines()), survey())
    frame = responses.frame.copy()
    frame.loc[29, "respondent_id"] = "o3"
    screened = screen(replace(responses, frame=frame))
    assert screened.flags.loc[29, "duplicate_of_row"] == 5
    assert screened.flags["duplicate"].sum() == 1
    pd.testing.assert_series_equal(screened.flags["row"], pd.Series(range(2, 32), name="row"))
