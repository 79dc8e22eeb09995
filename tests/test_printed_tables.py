"""Printed measurement tables: what cannot follow from what, given rounding."""

from __future__ import annotations

import json
import re
from itertools import product

import numpy as np
import pandas as pd
import pytest
from shared import shared

import research
from research.errors import DataError, OptionError
from research.numerics.rounded import composite_reliability_range, loading_sums, nearest_definite
from research.report.nouns import Column, Table
from research.report.table_docx import to_openxml


def published() -> tuple[dict[str, list[float]], dict[str, dict[str, float]]]:
    path = shared("published/A_ha2023_switching_costs.json")
    found = json.loads(path.read_text(encoding="utf-8"))["constructs"]
    return {k: v["loadings"] for k, v in found.items()}, {k: v["published"] for k, v in found.items()}


def test_the_one_number_of_a_published_table_that_does_not_follow_is_found() -> None:
    """Ha, Nguyen & Doan (2023), table 4: CR of service quality .896, its loadings give .898."""
    found = research.audit_table(*published(), kind="composite")
    wrong = found[found["verdict"] == "does not follow"]
    assert wrong[["construct", "quantity"]].to_numpy().tolist() == [["ServiceQuality", "cr"]]
    assert wrong["value"].iloc[0] == pytest.approx(0.89832, abs=5e-6)
    followed = found[found["follows"].eq(True)]
    assert len(followed) == 6 + 7 + 3  # CR, AVE, and alpha of the three scales of two items


def test_alpha_of_two_items_follows_from_loadings_of_a_composite() -> None:
    loadings, reported = published()
    table = research.audit_table(loadings, reported, kind="composite").set_index(["construct", "quantity"])
    for name in ("ProceduralSC", "FinancialSC", "RelationalSC"):
        assert table.loc[(name, "alpha"), "value"] == pytest.approx(reported[name]["alpha"], abs=0.0012)
    reported["ProceduralSC"] = {"alpha": 0.80}
    table = research.audit_table(loadings, reported, kind="composite").set_index(["construct", "quantity"])
    assert table.loc[("ProceduralSC", "alpha"), "verdict"] == "does not follow"
    plain = research.audit_table(loadings, reported).set_index(["construct", "quantity"])
    assert plain.loc[("ProceduralSC", "alpha"), "verdict"] == "cannot be checked"


def test_ranges_hold_every_table_that_would_be_printed_so() -> None:
    """By search: corners of the box of loadings, and what is truly rounded always follows."""
    rng = np.random.default_rng(3)
    for digits in (1, 2, 3):
        half = 0.5 * 10.0**-digits
        for _ in range(40):
            true = rng.uniform(0.3, 0.99, size=rng.integers(2, 6))
            cr = true.sum() ** 2 / (true.sum() ** 2 + (1 - true**2).sum())
            printed = [f"{value:.{digits}f}" for value in true]
            reported = {"CR": f"{cr:.{digits}f}", "AVE": f"{(true**2).mean():.{digits}f}"}
            reported["sqrt_AVE"] = f"{np.sqrt((true**2).mean()):.{digits}f}"
            found = research.audit_table({"a": printed}, {"a": reported})
            assert (found["verdict"] == "follows").all()
            low, high = composite_reliability_range(
                loading_sums(np.array(printed, dtype=float), np.full(len(true), half))
            )
            corners = []
            for signs in product((-1, 1), repeat=len(true)):
                each = np.clip(np.array(printed, dtype=float) + half * np.array(signs), -1, 1)
                corners.append(each.sum() ** 2 / (each.sum() ** 2 + (1 - each**2).sum()))
            assert low == pytest.approx(min(corners), abs=1e-12)
            assert high == pytest.approx(max(corners), abs=1e-12)


def test_negative_loadings_have_a_range_that_is_never_too_narrow() -> None:
    rng = np.random.default_rng(8)
    printed, half = np.array([0.71, -0.42, 0.05, -0.6]), np.full(4, 0.05)
    low, high = composite_reliability_range(loading_sums(printed, half))
    each = printed + rng.uniform(-0.05, 0.05, size=(2000, 4))
    cr = each.sum(axis=1) ** 2 / (each.sum(axis=1) ** 2 + (1 - each**2).sum(axis=1))
    assert low <= cr.min()
    assert high >= cr.max()


def test_digits_are_those_of_the_page() -> None:
    """.90 as text is known to .005; as a float beside .896 to .0005, alone to .05."""
    loadings = {"a": ["0.95", "0.95", ".95**"]}
    cr = 0.95**2 * 9 / (0.95**2 * 9 + 3 * (1 - 0.95**2))
    assert cr == pytest.approx(0.96524, abs=1e-5)
    verdicts = {}
    for written in ("0.96", 0.97, "0.970", "1.0", 1.0, "−0.97"):
        found = research.audit_table(loadings, {"a": {"CR": written}})
        verdicts[written] = found["verdict"].iloc[0]
    assert verdicts["0.96"] == "follows"  # .965 - .0038 is .9616
    assert verdicts[0.97] == "follows"
    assert verdicts["0.970"] == "does not follow"  # at most .9688 from loadings of .955
    assert verdicts["1.0"] == "follows"
    assert verdicts["−0.97"] == "impossible"
    assert (
        research.audit_table(loadings, {"a": {"CR": 0.9}}, digits=3)["verdict"].iloc[0] == "does not follow"
    )
    assert research.audit_table(loadings, {"a": {"CR": 0.99}})["verdict"].iloc[0] == "does not follow"


def test_frames_other_spellings_and_alpha_above_cr() -> None:
    loadings = pd.DataFrame({"construct": ["a", "a", "b"], "loading": ["0.80", "0.90", "0.70"]})
    reported = pd.DataFrame(
        {"construct": ["a", "b"], "组合信度": [0.84, None], "√AVE": [0.85, 0.7], "α": [0.93, None]}
    )
    found = research.audit_table(loadings, reported).set_index(["construct", "quantity"])
    assert found.loc[("a", "alpha"), "verdict"] == "unusual"
    assert found.loc[("a", "cr"), "verdict"] == "follows"
    assert found.loc[("b", "sqrt_ave"), "verdict"] == "follows"
    assert ("b", "cr") not in found.index
    diagonal = pd.DataFrame([["0.80", ""], ["0.40", "0.70"]], index=["a", "b"], columns=["a", "b"])
    roots = research.audit_table(loadings, {"a": {"AVE": 0.75}}, correlations=diagonal)
    assert roots.set_index(["construct", "quantity"])["verdict"].to_dict() == {
        ("a", "ave"): "does not follow",
        ("a", "sqrt_ave"): "does not follow",
        ("b", "sqrt_ave"): "follows",
    }


def test_faults_of_a_printed_table_are_named() -> None:
    with pytest.raises(OptionError, match="'CRR' is not a quantity"):
        research.audit_table({"a": [0.8, 0.9]}, {"a": {"CRR": 0.84}})
    with pytest.raises(DataError, match="'high' is not a number"):
        research.audit_table({"a": [0.8, "high"]}, {"a": {"CR": 0.84}})
    with pytest.raises(DataError, match="no column 'loading'"):
        research.audit_table(pd.DataFrame({"construct": ["a"]}), {"a": {"CR": 0.84}})
    with pytest.raises(DataError, match="nothing is reported"):
        research.audit_table({"a": [0.8, 0.9]}, {"a": {"CR": None}})
    with pytest.raises(OptionError, match="factor, composite"):
        research.audit_table({"a": [0.8]}, {"a": {"CR": 0.8}}, kind="pls")
    beyond = research.audit_table({"a": [1.08, 0.9]}, {"a": {"CR": 0.98}, "z": {"AVE": 0.5}})
    assert "1.08 lies outside" in beyond["note"].iloc[0]
    assert beyond["verdict"].tolist()[1] == "cannot be checked"


def test_a_printed_correlation_matrix_is_checked() -> None:
    names = ["a", "b", "c"]
    wrong = pd.DataFrame([[1, 0.52, 0.3], [0.53, 1, 1.2], [0.9, -0.95, 1]], index=names, columns=names)
    found = research.audit_correlations(wrong)
    faults = found[found["holds"].eq(False)]
    assert faults["check"].tolist() == ["symmetric", "symmetric", "range", "positive definite"]
    assert faults["place"].tolist() == ["c, a", "c, b", "b, c", ""]
    halves = pd.DataFrame(
        [[".81", "", ""], [".52**", ".75", ""], ["−.30", ".15", ".80"]], index=names, columns=names
    )
    lower = research.audit_correlations(halves).set_index("check")
    assert lower.loc["positive definite", "holds"] is True
    assert lower.loc["symmetric", "holds"] is None
    assert "square roots of AVE" in lower.loc["diagonal", "note"]
    mixed = pd.DataFrame([[1, 0.8, 0.9], [0.5, 1, 0.7], [0.4, 0.3, 1]], index=names, columns=names)
    assert not research.audit_correlations(mixed)["holds"].eq(True).all()
    assert research.audit_correlations(mixed, triangle="lower")["holds"].isin([True, None]).all()
    assert research.audit_correlations(mixed, triangle="upper").set_index("check")["value"][
        "positive definite"
    ] == pytest.approx(np.linalg.eigvalsh([[1, 0.8, 0.9], [0.8, 1, 0.7], [0.9, 0.7, 1]])[0])
    with pytest.raises(DataError, match="square"):
        research.audit_correlations(mixed.iloc[:2])
    with pytest.raises(OptionError, match="triangle"):
        research.audit_correlations(mixed, triangle="both sides")


def test_rounding_excuses_what_it_can_and_no_more() -> None:
    """Singular matrices rounded to two digits always could be one; a third correlation bounds the others."""
    rng = np.random.default_rng(5)
    negative = 0
    for _ in range(40):
        k = int(rng.integers(3, 12))
        L = rng.normal(size=(k, k - 1))
        sd = np.sqrt((L**2).sum(axis=1))
        printed = np.round(L @ L.T / np.outer(sd, sd), 2)
        negative += np.linalg.eigvalsh(printed)[0] < 0
        assert nearest_definite(printed, np.full((k, k), 0.005) * (1 - np.eye(k))) == "yes"
    assert negative > 10
    r = 0.7  # r_13 is at least 2 r^2 - 1 = -.02
    for third, possible in ((-0.02, "yes"), (-0.05, "no"), (-0.038, "yes"), (-0.5, "no")):
        three = np.array([[1, r, third], [r, 1, r], [third, r, 1]])
        # .705^2 * 2 - 1 = -.00595 … .695^2 * 2 - 1 = -.03395, and third up to .005 higher
        assert nearest_definite(three, 0.005 * (1 - np.eye(3))) == possible


def test_a_word_table_takes_smaller_type_before_it_breaks_a_number() -> None:
    def styles(n_columns: int) -> set[str]:
        frame = pd.DataFrame({"name": ["Service quality"], **{f"x{k}": [1234.567] for k in range(n_columns)}})
        columns = (Column("name", {"en": "Construct"}),)
        columns += tuple(Column(f"x{k}", {"en": f"x{k}"}, "number", 2) for k in range(n_columns))
        return set(re.findall(r"TableText\w*", to_openxml(Table({"en": "Wide"}, frame, columns))))

    assert [styles(n) for n in (4, 8, 10, 12)] == [
        {"TableText"}, {"TableTextMedium"}, {"TableTextSmall"}, {"TableTextTiny"}
    ]  # fmt: skip
