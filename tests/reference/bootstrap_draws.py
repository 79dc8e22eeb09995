"""Which rows the first forty bootstrap samples take, for lavaan to fit the same ones.

Run in this folder: python bootstrap_draws.py bootstrap_draws.json, then
Rscript bootstrap_resamples.R bootstrap_draws.json bootstrap_resamples.json.
A sample is a string of digits: how often each row is in it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from research.model.hypotheses import model_text
from research.numerics.resample import draw_counts
from research.provenance import seed_sequence
from research.questionnaire.reader import read_questionnaire

DRAWS, SEED = 40, 1
DEMOCRACY = """
ind60 =~ x1 + x2 + x3
dem60 =~ y1 + y2 + y3 + y4
dem65 =~ y5 + y6 + y7 + y8
dem60 ~ a*ind60
dem65 ~ c*ind60 + b*dem60
y1 ~~ y5
y2 ~~ y4 + y6
y3 ~~ y7
y4 ~~ y8
y6 ~~ y8
indirect := a*b
"""


def samples(rows: int) -> list[str]:
    counts = draw_counts(rows, seed_sequence(SEED, "bootstrap").spawn(DRAWS)).astype(int)
    return ["".join(map(str, draw)) for draw in counts]


def main(target: str) -> None:
    root = Path(__file__).resolve().parents[2]
    ecsi = model_text(read_questionnaire(root / "questionnaires" / "ecsi_mobile.yaml"))
    cases = {
        "ecsi": {"data": "realdata/ecsi_mobile_250.csv", "model": ecsi, "samples": samples(250)},
        "democracy": {
            "data": "reference/data/PoliticalDemocracy.csv",
            "model": DEMOCRACY,
            "samples": samples(75),
        },
    }
    Path(target).write_text(json.dumps(cases), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
