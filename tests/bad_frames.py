"""Data frames damaged in every way that files and scripts damage them, and the models they are given to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

Damage: TypeAlias = Callable[[pd.DataFrame, np.random.Generator, str], Any]
ITEMS = [f"x{k}" for k in range(1, 7)]
MODELS = (
    "f =~ x1 + x2 + x3\nh =~ x4 + x5 + x6",
    "f =~ x1 + x2 + x3\nx5 ~ f + x4",
    "x1 ~ a*x2 + x3\nx4 ~ b*x1 + x2\nab := a*b",
    "f =~ x1 + x2 + x3 + x4 + x5 + x6\nx1 ~~ x2",
)
ANSWERS = (ITEMS, ["x1", "x2", "x3", "x5"], ["x1", "x4"], ITEMS)  # which of them may be ordered: no covariate
OPTIONS: tuple[dict[str, Any], ...] = (
    {},
    {"estimator": "MLR"},
    {"estimator": "MLM"},
    {"missing": "fiml"},
    {"estimator": "MLR", "missing": "fiml"},
    {"estimator": "GLS"},
    {"estimator": "ULS"},
    {"estimator": "WLS"},
    {"estimator": "DWLS"},
    {"group": "g"},
    {"group": "g", "group_equal": ["loadings", "intercepts"], "estimator": "MLR"},
    {"cluster": "g"},
    {"sampling_weights": "w", "estimator": "MLR"},
    {"meanstructure": True, "std_lv": True, "likelihood": "wishart"},
    {"missing": "two_stage"},
    {"missing": "robust_two_stage", "estimator": "MLR"},
    {"missing": "pairwise"},
    {"missing": "fiml", "group": "g"},
    {"missing": "fiml", "cluster": "c"},
    {"missing": "fiml", "sampling_weights": "w"},
    {"missing": "fiml_x", "fixed_x": False},
    {"estimator": "MLMV"},
    {"estimator": "MLMVS", "group": "g"},
    {"estimator": "MLF"},
    {"se": "robust", "test": "yuan_bentler"},
    {"se": "bootstrap", "bootstrap": 20, "seed": 1},
    {"se": "bootstrap", "bootstrap": 20, "seed": 1, "missing": "fiml"},
    {"test": "bollen_stine", "bootstrap": 20, "seed": 1},
    {"bounds": "standard"},
    {"bounds": "wide", "estimator": "DWLS"},
    {"fixed_x": False, "orthogonal": True, "information": "observed"},
    {"effect_coding": True, "meanstructure": True},
)
ORDINAL: tuple[dict[str, Any], ...] = (
    {},
    {"estimator": "WLSM"},
    {"estimator": "ULSMV"},
    {"estimator": "DWLS"},
    {"estimator": "WLS"},
    {"group": "g", "group_equal": ["loadings", "thresholds"]},
    {"parameterization": "theta"},
    {"missing": "pairwise"},
    {"se": "bootstrap", "bootstrap": 20, "seed": 1},
)
LEVELS = (
    "level: 1\nf =~ x1 + x2 + x3\nlevel: 2\nf =~ x1 + x2 + x3",
    "level: 1\nx1 ~ x2 + x3\nlevel: 2\nx1 ~~ x1",
)


def whole(rng: np.random.Generator) -> pd.DataFrame:
    """A sound frame: six items of one factor, a group `g`, a weight `w` and clusters of four `c`."""
    n = int(rng.integers(8, 120))
    factor = rng.normal(size=(n, 1))
    frame = pd.DataFrame(factor + rng.normal(size=(n, 6)), columns=ITEMS)
    place, w = np.arange(n), rng.uniform(0.5, 2.0, size=n)
    return frame.assign(g=np.where(place % 2, "a", "b"), w=w, c=place // 4)


def _cut(frame: pd.DataFrame) -> pd.DataFrame:
    """Answers on a scale from 1 to 4."""
    return frame.assign(**{name: np.clip(np.round(frame[name]), -1, 2) + 2.0 for name in ITEMS})


def _holes(share: float) -> Damage:
    def damage(frame: pd.DataFrame, rng: np.random.Generator, _: str) -> pd.DataFrame:
        return frame.assign(**{name: frame[name].mask(rng.random(len(frame)) < share) for name in ITEMS})

    return damage


def _cell(value: object) -> Damage:
    def damage(frame: pd.DataFrame, rng: np.random.Generator, name: str) -> pd.DataFrame:
        column = frame[name].astype(object)
        column.iloc[int(rng.integers(len(frame)))] = value
        return frame.assign(**{name: column})

    return damage


def _column(make: Callable[[pd.Series], Any]) -> Damage:
    return lambda frame, _rng, name: frame.assign(**{name: make(frame[name])})


def _polars(frame: pd.DataFrame, _rng: np.random.Generator, _name: str) -> Any:
    import polars as pl

    return pl.DataFrame({name: frame[name].tolist() for name in frame.columns}, strict=False)


DAMAGES: dict[str, Damage] = {
    "none": lambda frame, _rng, _name: frame,
    "few holes": _holes(0.1),
    "many holes": _holes(0.6),
    "empty column": _column(lambda column: np.full(len(column), np.nan)),
    "nothing but holes": _holes(2.0),
    "infinite": _cell(np.inf),
    "text": _cell("n/a"),
    "None": _cell(None),
    "list": _cell([1, 2]),
    "complex": _cell(1 + 2j),
    "huge integer": _cell(10**400),
    "text numbers": _column(lambda column: column.round(1).astype(str)),
    "constant": _column(lambda column: np.full(len(column), 3.0)),
    "constant but one": _column(lambda column: np.r_[1.0, np.zeros(len(column) - 1)]),
    "copy": lambda frame, _rng, name: frame.assign(**{name: frame["x2"]}),
    "sum": lambda frame, _rng, name: frame.assign(**{name: frame["x2"] - 2 * frame["x5"]}),
    "almost a copy": lambda frame, rng, name: frame.assign(
        **{name: frame["x2"] + rng.normal(size=len(frame)) * 1e-9}
    ),
    "huge scale": _column(lambda column: column * 1e12),
    "beyond scale": _column(lambda column: column * 1e200),
    "tiny scale": _column(lambda column: column * 1e-12),
    "vanishing scale": _column(lambda column: column * 1e-200),
    "far from zero": _column(lambda column: column + 1e9),
    "outlier": _cell(1e15),
    "one row": lambda frame, _rng, _name: frame.iloc[:1],
    "two rows": lambda frame, _rng, _name: frame.iloc[:2],
    "six rows": lambda frame, _rng, _name: frame.iloc[:6],
    "no rows": lambda frame, _rng, _name: frame.iloc[:0],
    "no columns": lambda frame, _rng, _name: frame[[]],
    "one value": lambda frame, _rng, _name: frame.iloc[[0] * 40],
    "bool": _column(lambda column: column > 0),
    "category": _column(lambda column: pd.Categorical(np.where(column > 0, "yes", "no"))),
    "numeric category": _column(lambda column: pd.Categorical((column > 0).astype(int))),
    "date": _column(lambda column: pd.date_range("2024-01-01", periods=len(column))),
    "duration": _column(lambda column: pd.to_timedelta(np.arange(len(column)), unit="D")),
    "nullable": _column(lambda column: column.round().astype("Int64").mask(column > 1)),
    "nullable float": _column(lambda column: column.astype("Float64").mask(column > 1.5)),
    "nullable bool": _column(lambda column: (column > 0).astype("boolean").mask(column > 1)),
    "small integers": _column(lambda column: column.fillna(0).clip(-99, 99).round().astype("int8")),
    "float32": _column(lambda column: column.astype("float32")),
    "same name twice": lambda frame, _rng, name: frame.rename(columns={"x6": name}),
    "name missing": lambda frame, _rng, name: frame.drop(columns=name),
    "name in capitals": lambda frame, _rng, name: frame.rename(columns={name: name.upper()}),
    "names are numbers": lambda frame, _rng, _name: frame.set_axis(range(frame.shape[1]), axis=1),
    "two-level names": lambda frame, _rng, _name: frame.set_axis(
        pd.MultiIndex.from_product([["x"], frame.columns]), axis=1
    ),
    "repeated index": lambda frame, _rng, _name: frame.set_axis([0] * len(frame)),
    "negative weights": lambda frame, _rng, _name: frame.assign(w=-1.0),
    "weights with holes": lambda frame, _rng, _name: frame.assign(w=frame["w"].mask(frame["w"] > 1)),
    "one group": lambda frame, _rng, _name: frame.assign(g="a"),
    "groups of one": lambda frame, _rng, _name: frame.assign(g=[f"g{k}" for k in range(len(frame))]),
    "groups unknown": lambda frame, _rng, _name: frame.assign(g=frame["g"].mask(frame["x1"] > 0)),
    "polars": _polars,
    "series": lambda frame, _rng, name: frame[name],
    "array": lambda frame, _rng, _name: frame[ITEMS].to_numpy(),
    "dictionary": lambda frame, _rng, _name: frame.to_dict("list"),
    "records": lambda frame, _rng, _name: frame.to_dict("records"),
    "text as data": lambda _frame, _rng, _name: "data.csv",
}


def _is_plain(frame: pd.DataFrame) -> bool:
    """Whether another damage can be done to it."""
    return set(ITEMS) <= set(frame.columns) and {str(frame[name].dtype) for name in ITEMS} == {"float64"}


def damaged(seed: int, count: int) -> Iterator[tuple[str, Any, str, dict[str, Any]]]:
    """`count` times: the name of the damage, the data, a model text, options."""
    rng = np.random.default_rng(seed)
    names = list(DAMAGES)
    for place in range(count):
        kind = names[place % len(names)]
        model, options = _job(rng)
        data: Any = _cut(whole(rng)) if "ordered" in options else whole(rng)
        for one in (kind, names[int(rng.integers(len(names)))] if rng.random() < 0.2 else "none"):
            if isinstance(data, pd.DataFrame) and len(data) and _is_plain(data):
                kind = kind if one in (kind, "none") else f"{kind} + {one}"
                data = DAMAGES[one](data, rng, str(rng.choice(ITEMS)))
        yield kind, data, model, options


def _job(rng: np.random.Generator) -> tuple[str, dict[str, Any]]:
    """A model with options: mostly continuous data, else ordered answers or two levels."""
    which, draw = int(rng.integers(len(MODELS))), rng.random()
    if draw < 0.15:
        ordered = ANSWERS[which][: None if rng.random() < 0.7 else 3]
        return MODELS[which], {"ordered": ordered, **ORDINAL[int(rng.integers(len(ORDINAL)))]}
    if draw < 0.2:
        return LEVELS[int(rng.integers(len(LEVELS)))], {"cluster": "c"}
    return MODELS[which], OPTIONS[int(rng.integers(len(OPTIONS)))]
