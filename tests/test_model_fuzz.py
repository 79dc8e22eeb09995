"""Any text gives a table or a `ResearchError` with a message, and quickly."""

from __future__ import annotations

import time

import pytest
from model_texts import COLUMNS, random_texts

from research.errors import ResearchError
from research.model.build import parameter_table
from research.model.options import read_options

OPTIONS = [
    read_options("sem"),
    read_options("cfa", std_lv=True, orthogonal=True, meanstructure=True),
    read_options("growth", fixed_x=False),
    read_options("cfa", group="g", group_equal=["loadings", "intercepts", "lv_variances"]),
    read_options("sem", effect_coding=True),
]


def outcome(text: str, place: int) -> str:
    """`table`, or `error`; anything else is raised."""
    options = OPTIONS[place % len(OPTIONS)]
    groups = ("a", "b") if options.group else ()
    try:
        table = parameter_table(text, options, fun=options.fun, observed=COLUMNS, groups=groups)
    except ResearchError as error:
        return "error" if len(str(error)) > 15 else "error that says too little"
    places = sorted({p.free for p in table.parameters if p.free})
    assert places == list(range(1, table.n_free + 1))
    keys = [(p.lhs, p.op, p.rhs, p.group, p.level) for p in table.parameters]
    assert len(set(keys)) == len(keys)
    return "table"


@pytest.mark.parametrize("seed", range(4))
def test_random_texts_give_a_table_or_an_error(seed: int) -> None:
    begin = time.perf_counter()
    found = [outcome(text, place) for place, text in enumerate(random_texts(seed, 300))]
    assert time.perf_counter() - begin < 10
    assert set(found) == {"table", "error"}
    assert found.count("table") > 30  # the texts are not all noise
