"""What `research` offers: every public function has an example, which the doctests run."""

from __future__ import annotations

import inspect

import pytest

import research

# An example of these would write papers.
WITHOUT_EXAMPLE = {"build_study"}
FUNCTIONS = [name for name in research.__all__ if not inspect.isclass(getattr(research, name))]
FUNCTIONS.remove("THRESHOLDS")


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_public_function_has_an_example(name: str) -> None:
    text = inspect.getdoc(getattr(research, name)) or ""
    assert (">>>" in text) == (name not in WITHOUT_EXAMPLE)


def test_the_example_answers_are_the_callers_own() -> None:
    first = research.example_responses()
    first.frame["trust1"] = 0
    assert research.example_responses().frame["trust1"].max() == 5
    assert not research.example_responses(seed=2).frame.equals(research.example_responses().frame)
