"""Models of every estimator and the rows of their first bootstrap samples, for lavaan to fit the same ones.

Run in this folder: python bootstrap_estimators.py bootstrap_estimators_draws.json, then
Rscript bootstrap_estimators.R bootstrap_estimators_draws.json bootstrap_estimators.json.
A sample is a string of digits: how often each row is in it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from research.numerics.resample import draw_counts
from research.provenance import seed_sequence

DRAWS, SEED = 12, 1
PUPILS, HOLES, ORDERED, DEMOCRACY, TALK = (
    f"reference/data/{name}.csv"
    for name in ("HolzingerSwineford1939", "hs_missing", "hs_ordinal", "PoliticalDemocracy", "Tal_Or")
)
THREE = "visual =~ x1 + a*x2 + b*x3\ntextual =~ x4 + c*x5 + x6\nspeed =~ x7 + x8 + x9"
FEW = "visual =~ x1 + a*x2 + b*x3\ntextual =~ x4 + c*x5 + d*x6"
PLAIN = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6"
ITEMS = ["o1", "o2", "o3", "o4", "o5", "o6"]
ANSWERS = "visual =~ o1 + a*o2 + b*o3\ntextual =~ o4 + c*o5 + d*o6"
PATH = "pmi ~ a*cond\nreaction ~ cp*cond + b*pmi\nindirect := a*b"
CASES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "GLS": (THREE, PUPILS, {"estimator": "GLS"}),
    "ULS": (THREE, PUPILS, {"estimator": "ULS"}),
    "WLS": (FEW, PUPILS, {"estimator": "WLS"}),
    "DWLS": (FEW, PUPILS, {"estimator": "DWLS"}),
    "Wishart": (FEW, PUPILS, {"likelihood": "wishart"}),
    "full information": (THREE, HOLES, {"missing": "fiml"}),
    "two stages": (FEW, HOLES, {"missing": "two.stage"}),
    "sampling weights": (FEW, PUPILS, {"sampling.weights": "ageyr"}),
    "curved equality": (FEW + "\na*b == c - .5", PUPILS, {}),
    "linear equality": (FEW + "\na == b", PUPILS, {"meanstructure": True}),
    "inequality": (FEW + "\na > .6", PUPILS, {}),
    "bounds": (FEW, PUPILS, {"bounds": "pos.var"}),
    "groups": (PLAIN, PUPILS, {"group": "school", "group.equal": ["loadings"]}),
    "ordered, DWLS": (ANSWERS, ORDERED, {"estimator": "WLSMV", "ordered": ITEMS}),
    "ordered, ULS": (ANSWERS, ORDERED, {"estimator": "ULS", "ordered": ITEMS}),
    "ordered, theta": (ANSWERS, ORDERED, {"ordered": ITEMS, "parameterization": "theta"}),
    "path, GLS": (PATH, TALK, {"estimator": "GLS"}),
}


def samples(frame: pd.DataFrame, group: str | None) -> list[str]:
    seeds = seed_sequence(SEED, "bootstrap").spawn(DRAWS)
    if group is None:
        counts = draw_counts(len(frame), seeds)
    else:
        labels = list(dict.fromkeys(frame[group]))
        own = [seed.spawn(len(labels)) for seed in seeds]
        counts = np.zeros((DRAWS, len(frame)))
        for at, label in enumerate(labels):
            rows = np.flatnonzero(frame[group] == label)
            counts[:, rows] = draw_counts(len(rows), [seed[at] for seed in own])
    return ["".join(map(str, draw)) for draw in counts.astype(int)]


def main(target: str) -> None:
    shared = Path(__file__).resolve().parents[3] / "shared"
    out = {}
    for name, (model, data, options) in CASES.items():
        drawn = samples(pd.read_csv(shared / data), options.get("group"))
        out[name] = {"model": model, "data": data, "options": options, "samples": drawn}
    Path(target).write_text(json.dumps(out), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
