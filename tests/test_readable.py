"""What results show at a prompt: short, right, and with what a reader has to know."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass
from importlib import import_module

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

import research
from research.model.syntax import ModelText
from research.readable import Readable, Text, table

rng = np.random.default_rng(8)
FACTORS = rng.multivariate_normal([0, 0], [[1, 0.5], [0.5, 1]], size=300)
DATA = pd.DataFrame(
    {
        f"{name}{i}": 0.8 * FACTORS[:, k] + 0.6 * rng.normal(size=300)
        for k, name in enumerate("ab")
        for i in (1, 2, 3)
    }
)
MODEL = "A =~ a1 + a2 + a3\nB =~ b1 + b2 + b3\nB ~ A"
LIKERT = DATA.apply(lambda column: pd.cut(column, [-9, -1, 0, 1, 9], labels=False) + 1)


def classes() -> list[type]:
    """The classes of this package that a public function says it returns."""
    found = set()
    for name in research.__all__:
        function = getattr(research, name)
        if inspect.isfunction(function):
            module = import_module(function.__module__)
            said = str(inspect.signature(function).return_annotation).split(".")[-1]
            kind = getattr(module, said, None)
            if isinstance(kind, type) and kind.__module__.startswith("research"):
                found.add(kind)
    found -= {ModelText}  # texts and numbers only: what `repr` is for
    return sorted(found, key=lambda kind: kind.__name__)


def test_the_public_results_are_found() -> None:
    assert len(classes()) >= 30


@pytest.mark.parametrize("kind", classes(), ids=lambda kind: kind.__name__)
def test_no_public_result_shows_its_arrays(kind: type) -> None:
    """A generated `repr` of a dataclass prints every array and every frame within."""
    assert issubclass(kind, Readable) or "def __repr__" in inspect.getsource(kind), kind.__name__


@pytest.mark.parametrize("options", [{}, {"estimator": "MLR"}, {"missing": "fiml"}], ids=str)
def test_the_overview_has_the_numbers_of_the_measures(options: dict[str, str]) -> None:
    fit = research.sem(MODEL, DATA, **options)
    text, measures = repr(fit), fit.measures()
    head, *rows = text.splitlines()[1:]
    shown = dict(zip(head.split()[:3], rows[0].split()[1:], strict=False))
    assert shown == {
        "chisq": f"{measures['chisq']:.3f}",
        "df": f"{measures['df']:g}",
        "p": f"{measures['pvalue']:.3f}",
    }
    for name in ("cfi", "tli", "rmsea", "rmsea_ci_upper", "srmr", "aic", "bic"):
        assert f"{measures[name]:.3f}" in rows[0], name
    scaled = [row for row in rows if row.split()[0] == "scaled"]
    assert len(scaled) == ("chisq_scaled" in measures)
    assert all(f"{measures['chisq_scaled']:.3f}" in row for row in scaled)


def test_the_summary_has_every_estimate_under_its_heading() -> None:
    fit = research.sem(MODEL, DATA)
    text = fit.summary()
    loadings = text.split("Loadings\n")[1].split("\n\n")[0]
    for row in fit.tidy().query("op == '=~'").itertuples():
        assert re.search(rf"{row.lhs} =~ {row.rhs} +{row.estimate:.3f}", loadings)
    b = fit.tidy().query("op == '~'").iloc[0]
    regression = text.split("Regressions\n")[1].split("\n\n")[0].splitlines()[1]
    shown = [float(word) for word in regression.split()[3:]]
    assert shown == [round(b[name], 3) for name in ("estimate", "se", "z", "p", "low", "high", "std_all")]
    assert f"B        {fit.r_squared().set_index('variable').r_squared['B']:.3f}" in text


def test_a_summary_by_group_names_the_groups() -> None:
    grouped = DATA.assign(性别=np.where(np.arange(300) % 3 == 0, "女", "男"))
    text = research.cfa("A =~ a1 + a2 + a3", grouped, group="性别").summary()
    assert "100 + 200 rows" in text
    assert text.index("GROUP 女") < text.index("GROUP 男")
    assert text.count("Loadings") == 2


def test_thresholds_are_shown_and_columns_of_ones_are_not() -> None:
    text = research.cfa("A =~ a1 + a2 + a3", LIKERT, ordered=True).summary()
    assert "a1 | t1" in text
    assert "Scales" not in text
    assert "Intercepts" not in text


def test_a_failed_search_shows_no_number() -> None:
    fit = research.sem(MODEL, DATA, max_iter=1)
    assert not fit.converged
    assert "NOT CONVERGED" in repr(fit)
    assert "CFI" not in repr(fit)
    assert fit.notes[0] in repr(fit)


def test_what_is_not_admissible_is_said() -> None:
    bad = DATA.assign(a1=DATA["a2"] * 0.2 + rng.normal(size=300), a3=DATA["a2"] + 0.05 * DATA["a3"])
    fit = research.cfa("A =~ a1 + a2 + a3", bad)
    assert fit.admissible == ("NOT ADMISSIBLE" not in repr(fit))
    assert not fit.admissible


@dataclass(frozen=True, repr=False)
class Example(Readable):
    """One field of each sort."""

    number: float
    names: tuple[str, ...]
    frame: pd.DataFrame
    array: npt.NDArray[np.float64]
    nothing: None = None
    empty: tuple[str, ...] = ()
    notes: tuple[str, ...] = ("One sentence.", "Another one.")

    def method(self) -> None:
        """Nothing."""


def test_fields_of_every_sort() -> None:
    shown = repr(Example(1 / 3, ("a", "b"), pd.DataFrame({"x": [0.5]}), np.eye(3)))
    assert shown.splitlines() == [
        "Example",
        "  number  0.3333",
        "  names   a b",
        "  frame",
        "      x",
        "    0.5",
        "  notes   - One sentence.",
        "          - Another one.",
        "  more    method()",
    ]
    assert "array" not in shown
    assert "nothing" not in shown
    assert "empty" not in shown


def test_a_long_frame_shows_its_head_and_counts_the_rest() -> None:
    text = table(pd.DataFrame({"x": np.arange(1000.0)}))
    assert text.endswith("… 995 more rows")
    assert len(text.splitlines()) == 7


def test_text_is_shown_with_its_line_breaks() -> None:
    assert repr(Text("one\ntwo")) == "one\ntwo"
    assert isinstance(Text("one"), str)
