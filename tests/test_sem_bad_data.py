"""Whatever the data, a result or a `ResearchError` that names the variable and the remedy."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pandas as pd
import pytest
from bad_frames import DAMAGES, ITEMS, damaged

import research
from research.numerics.stacks import cholesky_roots, positive_definite

MODEL = "f =~ x1 + x2 + x3\ng =~ x4 + x5 + x6"


def outcome(model: str, data: Any, options: dict[str, Any]) -> str:
    """`result`, `not converged`, `error` or `error that says too little`; anything else is raised."""
    try:
        fit = research.sem(model, data, **options)
        found, measures = fit.tidy(), fit.measures()
        fit.standardized()
    except research.ResearchError as error:
        return "error" if len(str(error)) > 15 else "error that says too little"
    if not fit.converged:
        assert not measures
        assert any("converge" in note for note in fit.notes)
        return "not converged"
    assert np.isfinite(found["estimate"]).all()
    assert np.isfinite(measures["chisq"])
    if fit.vcov is None:
        assert any("no standard errors" in note for note in fit.notes)
    return "result"


def test_damaged_frames_give_a_result_or_an_error() -> None:
    begun = time.perf_counter()
    kinds, found = set(), []
    for kind, data, model, options in damaged(5, 112):
        kinds.add(kind.split(" + ")[0])
        found.append(outcome(model, data, options))
    assert time.perf_counter() - begun < 60
    assert kinds == set(DAMAGES)
    assert set(found) <= {"result", "not converged", "error"}
    assert found.count("result") > 25
    assert found.count("error") > 25


def sound(n: int = 60) -> pd.DataFrame:
    rng = np.random.default_rng(8)
    return pd.DataFrame(rng.normal(size=(n, 1)) + rng.normal(size=(n, 6)), columns=ITEMS)


def refusal(data: Any, model: str = MODEL, **options: Any) -> str:
    with pytest.raises(research.ResearchError) as caught:
        research.cfa(model, data, **options)
    return str(caught.value)


def assert_says(message: str, *parts: str) -> None:
    missing = [part for part in parts if part not in message]
    assert not missing, f"{missing} not in: {message}"


def test_a_constant_item_is_named_with_its_value() -> None:
    assert_says(refusal(sound().assign(x3=4.0)), "'x3'", "constant", "4", "leave it out")


def test_a_collinear_pair_is_named() -> None:
    frame = sound()
    message = refusal(frame.assign(x5=2 * frame["x2"] + 1))
    assert_says(message, "x2", "x5", "not positive definite", "leave one of them out")
    assert "x1" not in message


def test_too_few_rows() -> None:
    assert_says(refusal(sound(5)), "5 rows", "6 variables", "more rows")
    assert_says(refusal(sound(1)), "1 usable row", "more rows")
    assert_says(refusal(sound(0)), "0 usable rows")


def test_text_is_named_with_its_row_and_value() -> None:
    frame = sound().astype({"x4": object})
    frame.loc[6, "x4"] = "agree"
    assert_says(refusal(frame), "'x4'", "'agree'", "row 7", "code it as numbers")


def test_dates_and_categories_are_no_numbers() -> None:
    assert_says(refusal(sound().assign(x1=pd.Timestamp("2024-01-01"))), "'x1'", "datetime", "code it")
    assert_says(refusal(sound().assign(x1=pd.Categorical(["a", "b"] * 30))), "'x1'", "category", "code it")


def test_an_infinite_value_is_placed() -> None:
    frame = sound()
    frame.loc[2, "x6"] = -np.inf
    assert_says(refusal(frame), "'x6'", "infinite", "row 3", "missing")


def test_an_unknown_variable_comes_with_the_nearest_name() -> None:
    assert_says(refusal(sound().rename(columns={"x2": "x02"})), "'x2'", "no column", "x02")


def test_a_name_that_two_columns_have() -> None:
    assert_says(
        refusal(sound().set_axis([*ITEMS[:5], "x1"], axis=1), "f =~ x1 + x2 + x3"), "'x1'", "more than one"
    )


def test_all_values_missing() -> None:
    empty = sound().assign(x2=np.nan)
    assert_says(refusal(empty, missing="fiml"), "'x2'", "no values")
    assert_says(refusal(empty), "0 usable rows")


def test_a_model_larger_than_the_data_has_no_standard_errors_and_says_so() -> None:
    fit = research.cfa("f =~ x1 + x2", sound())
    assert fit.df < 0
    assert fit.vcov is None
    assert any("not identified" in note for note in fit.notes)


def test_what_is_not_identified_is_named() -> None:
    fit = research.cfa("f =~ NA*x1 + x2 + x3 + x4", sound())
    assert fit.vcov is None
    note = next(note for note in fit.notes if "not identified" in note)
    assert_says(note, "f=~x1", "Fix one of them")
    assert fit.tidy()["se"].isna().all()


def test_a_heywood_case_is_named() -> None:
    S = pd.DataFrame([[1, 0.9, 0.9], [0.9, 1, 0.7], [0.9, 0.7, 1]], index=list("abc"), columns=list("abc"))
    fit = research.cfa("f =~ a + b + c", sample_cov=S, sample_nobs=200)
    assert fit.converged
    assert not fit.admissible
    assert_says(" ".join(fit.notes), "Heywood", "'a'", "negative", "do not interpret")


def test_variables_without_variance_between_clusters_are_named() -> None:
    frame = sound(120).assign(c=np.arange(120) // 4)
    flat = frame.assign(
        **{name: frame[name] - frame.groupby("c")[name].transform("mean") for name in ITEMS[:3]}
    )
    model = "level: 1\nf =~ x1 + x2 + x3\nlevel: 2\nf =~ x1 + x2 + x3"
    assert_says(refusal(flat, model, cluster="c"), "'x1' (-0.333)", "intraclass correlation", "drop level 2")


def test_roots_of_borderline_matrices_are_given_or_not() -> None:
    rng = np.random.default_rng(4)
    for size in (3, 6, 10):
        half = rng.normal(size=(500, size, size - 1))
        stack = half @ half.transpose(0, 2, 1)  # singular but for rounding
        roots = cholesky_roots(stack)
        proper = np.isfinite(roots).all(axis=(1, 2))
        assert 0 < proper.sum() < len(stack)
        np.testing.assert_array_equal(proper, positive_definite(stack))
        back = roots[proper] @ roots[proper].transpose(0, 2, 1)
        np.testing.assert_allclose(back, stack[proper], atol=1e-12)
