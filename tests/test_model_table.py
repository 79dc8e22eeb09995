"""Parameter tables equal lavaan's, row by row: which rows, in which order, free, fixed, equal, labelled."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from shared import SHARED, shared

from research.errors import ModelError, OptionError
from research.model.build import parameter_table
from research.model.options import read_options
from research.model.table import ParameterTable

HERE = Path(__file__).parent
RANDOM: list[dict[str, Any]] = json.loads(
    (HERE / "reference" / "model_tables.json").read_text(encoding="utf-8")
)
CONSTRAINTS = ("==", "<", ">", ":=")


def listed(x: Any) -> list[Any]:
    return x if isinstance(x, list) else [x]


def reference_cases() -> list[str]:
    folder = SHARED / "reference" / "cases"
    names = []
    for path in sorted(folder.glob("*.json")):
        case = json.loads(path.read_text(encoding="utf-8"))
        if case["kind"] == "sem" and "parameters" in case["expected"] and "pooled" not in case["id"]:
            names.append(path.stem)
    return names or ["001-hs-cfa-ml"]  # skipped with a reason where the folder is missing


def options_of(case: dict[str, Any]) -> dict[str, Any]:
    given = dict(case["input"].get("options") or {})
    given.pop("control", None)
    if "rotation.args" in given:
        given["rotation.args"] = dict(given["rotation.args"])
    return given


@pytest.mark.parametrize("name", reference_cases())
def test_rows_are_those_of_the_reference_battery(name: str) -> None:
    case = json.loads(shared(f"reference/cases/{name}.json").read_text(encoding="utf-8"))
    want = case["expected"]
    table = want["parameters"]
    rows = [k for k, op in enumerate(table["op"]) if op not in CONSTRAINTS]
    groups = table.get("group", [1] * len(table["op"]))
    levels = table.get("level", [1] * len(table["op"]))
    thresholds: dict[str, int] = {}
    for k in rows:
        if table["op"][k] == "|" and groups[k] == 1:
            thresholds[table["lhs"][k]] = thresholds.get(table["lhs"][k], 0) + 1
    options = read_options(case["input"]["fun"], **options_of(case))
    got = parameter_table(
        case["input"]["model"],
        options,
        fun=case["input"]["fun"],
        groups=want["group_label"],
        thresholds=thresholds,
    )
    assert [(p.lhs, p.op, p.rhs, p.group, p.level) for p in got.parameters] == [
        (table["lhs"][k], table["op"][k], table["rhs"][k], groups[k], levels[k]) for k in rows
    ]
    assert [p.free > 0 for p in got.parameters] == [table["free"][k] > 0 for k in rows]
    # lavaan's `exo` also marks slopes on covariates that an ordinal model conditions on; they are estimated
    assert [p.exogenous for p in got.parameters] == [
        table["exo"][k] == 1 and table["op"][k] != "~" for k in rows
    ]
    if "label" in table:
        assert [p.label for p in got.parameters] == [table["label"][k] for k in rows]
    fixed = [k for k in rows if table["free"][k] == 0 and table["exo"][k] == 0 and not table.get("efa")]
    if want.get("converged") and not thresholds:
        for at, k in enumerate(rows):
            if k in fixed:
                assert got.parameters[at].value == pytest.approx(table["est"][k], abs=1e-12)
    if "fit" in want:
        equalities = sum(one.op == "==" for one in got.constraints)
        assert got.n_free - equalities == want["fit"]["npar"]
    assert list(got.observed) == listed(want["ov_names"])
    assert list(got.latent) == listed(want["lv_names"] or [])
    assert [one.name for one in got.defined] == [
        lhs for lhs, op in zip(table["lhs"], table["op"], strict=True) if op == ":="
    ]


def shared_places(rows: dict[str, Any], equal: dict[str, Any]) -> list[int]:
    """lavaan's free parameters with its equality constraints between plabels put in, numbered from 1."""
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        while name in parent:
            name = parent[name]
        return name

    for left, right in zip(listed(equal.get("lhs", [])), listed(equal.get("rhs", [])), strict=True):
        if left.count(".") == right.count(".") == 2 and left != right:
            parent[root(right)] = root(left)
    numbers: dict[str, int] = {}
    return [
        numbers.setdefault(root(f".p{k + 1}."), len(numbers) + 1) if free else 0
        for k, free in enumerate(rows["free"])
    ]


def table_of(case: dict[str, Any]) -> ParameterTable:
    groups = [f"g{k + 1}" for k in range(case["groups"])] if case["groups"] > 1 else []
    options = read_options(case["fun"], **(case["options"] or {}))
    return parameter_table(case["model"], options, fun=case["fun"], groups=groups)


@pytest.mark.parametrize("place", range(len(RANDOM)))
def test_rows_are_those_of_lavaanify(place: int) -> None:
    case = RANDOM[place]
    rows = case["expected"]["rows"]
    got = table_of(case).parameters
    assert [(p.lhs, p.op, p.rhs, p.group) for p in got] == list(
        zip(rows["lhs"], rows["op"], rows["rhs"], rows["group"], strict=True)
    )
    assert [p.free for p in got] == shared_places(rows, case["expected"]["equal"] or {})
    assert [p.exogenous for p in got] == [exo == 1 for exo in rows["exo"]]
    for p, value in zip(got, rows["ustart"], strict=True):
        ours = p.start if p.free else p.value
        assert value is None if math.isnan(ours) else ours == pytest.approx(value, abs=1e-12)
    # a parameter that is equal to another by equal("f=~x2") shows the shared plabel here, the words there
    assert [p.label for p in got if "=~" not in p.label] == [
        p.label if "=~" in label else label for p, label in zip(got, rows["label"], strict=True)
    ]


def test_effect_coding_constrains_sums_once_for_each_distinct_set() -> None:
    text = "f =~ x1 + x2 + x3\ng =~ y1 + y2 + y3"
    coded = {"effect_coding": True, "meanstructure": True}
    one = parameter_table(text, read_options("cfa", **coded), fun="cfa")
    assert [f"{c.left.text}{c.op}{c.right.text}" for c in one.constraints] == [
        ".p1.==3-.p2.-.p3.",
        ".p16.==0-.p17.-.p18.",
        ".p4.==3-.p5.-.p6.",
        ".p19.==0-.p20.-.p21.",
    ]
    equal = read_options("cfa", **coded, group="g", group_equal=["loadings", "intercepts"])
    two = parameter_table(text, equal, fun="cfa", groups=["a", "b"])
    assert len(two.constraints) == 4  # equal across groups: the second group's sums say nothing new


def test_labels_share_a_place_and_definitions_stand_on_labels_only() -> None:
    text = "y ~ a*x + b*m\nm ~ a*x\ntotal := ind + b\nind := a*b\nind > 0"
    table = parameter_table(text, observed=["x", "m", "y"])
    places = {(p.lhs, p.rhs): p.free for p in table.parameters}
    assert places["y", "x"] == places["m", "x"]
    assert [(one.name, one.expression.names) for one in table.defined] == [
        ("total", ("a", "b")),
        ("ind", ("a", "b")),
    ]
    assert table.constraints[0].left.names == ("a", "b")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("f =~ x1 + x2 + nosuch", "model:1:16: the data have no column 'nosuch'"),
        ("f =~ x1 + x2 + x33", "Did you mean x3?"),
        ("f =~ x1 + x2\nx9 ~ f", "model:2:1: the data have no column 'x9'"),
        ("x3 =~ x1 + x2", "is a column of the data too"),
        ("f =~ x1 + x2 + x3\nx3 ~ f:x1", "product of latent variables"),
        ("x3 ~ x1:zz", "the data have no column 'zz'"),
        ("f =~ f + x1", "measured by itself"),
        ("x3 ~ a*x1\nb := a*c", "model:2:8: no parameter has the label 'c'; there are a"),
        ("x3 ~ a*x1\na := 2*a", "is the label of a parameter"),
        ("x3 ~ a*x1\nb := c + a\nc := 2*b", "'b' is defined by itself: b -> c -> b"),
        ("x3 ~ a*x1\n1 == 2", "names no parameter"),
        ("x3 ~ c(a, b)*x1", "gives 2 labels, but there is 1 group"),
        ("group: 1\nx3 ~ x1\ngroup: 2\nx3 ~ x1", "2 group blocks, but there is 1 group"),
        ('x3 ~ equal("x2~x1")*x1', "names no parameter"),
        ("", "no formula"),
        ("b := 2", "no formula"),
    ],
)
def test_a_model_that_does_not_fit_the_data_is_refused_at_its_place(text: str, says: str) -> None:
    with pytest.raises(ModelError) as caught:
        parameter_table(text, observed=["x1", "x2", "x3"])
    assert says in str(caught.value)


def test_products_of_columns_are_observed_variables() -> None:
    table = parameter_table("y ~ x:z + x", observed=["x", "y", "z"])
    assert table.observed == ("y", "x:z", "x")
    assert table.exogenous == ("x:z", "x")


def test_group_partial_that_names_nothing_is_refused() -> None:
    options = read_options("cfa", group="g", group_equal="loadings", group_partial="f=~x9")
    with pytest.raises(OptionError, match="f=~x9"):
        parameter_table("f =~ x1 + x2 + x3", options, fun="cfa", groups=["a", "b"])
