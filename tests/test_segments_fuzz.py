"""Damaged data: every function of the room gives a result or an error that names the matter, nothing else."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from bad_frames import DAMAGES, whole

import research
from research.errors import ResearchError

CALLS: dict[str, Callable[[Any], object]] = {
    "typology": lambda data: research.typology(data, "x1", "x2", numbers=["x3"], categories=["g"]),
    "mixture cut": lambda data: research.typology(data, "x1", "x2", "mixture", numbers=[]),
    "kmeans": lambda data: research.clusters(data, ["x1", "x2"], k=(2, 3), starts=2),
    "ward": lambda data: research.clusters(data, ["x1", "x2"], k=(2, 3), method="ward"),
    "mixture": lambda data: research.clusters(
        data, ["x1", "x2"], k=(1, 2), method="mixture", models=("EEI", "VVV"), starts=2
    ),
    "classes": lambda data: research.clusters(data, ["x1", "g"], k=2, method="classes", starts=2),
    "nps": lambda data: research.nps(data, "x1", group="g", promoter=1, detractor=0),
    "core": lambda data: research.core_customers(data, profit="x1", loyalty="x2", share="w", rival="x3"),
    "codes": lambda data: research.count_codes(data, "x1", group="g"),
    "rfm": lambda data: research.rfm(data, "g", "x1", "w", bins=2),
    "retention": lambda data: research.retention(data, "g", "x1"),
    "value": lambda data: research.customer_lifetime_value(data, "g", "x1", "w", margin=0.3, draws=100),
    "purchases": lambda data: research.simulate_transactions(data, loyalty="x1"),
}


@pytest.mark.parametrize("call", list(CALLS))
@pytest.mark.parametrize("damage", list(DAMAGES))
def test_damaged_data_give_a_result_or_an_error_that_names_it(damage: str, call: str) -> None:
    rng = np.random.default_rng(7)
    data = DAMAGES[damage](whole(rng), rng, "x1")
    with contextlib.suppress(ResearchError):
        assert CALLS[call](data) is not None
