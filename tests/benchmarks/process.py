"""Conditional process analysis timed beside pingouin; prints a table and whether the targets are met.

python tests/benchmarks/process.py [ROUNDS]

CPU and wall time of whole calls, one BLAS thread, 10,000 bootstrap draws of n = 1,000; the best round counts.
pingouin refits every draw in Python, so it draws fewer and the times per draw are compared. A missed target
gives exit status 1.
"""

from __future__ import annotations

import os

os.environ["OMP_NUM_THREADS"] = "1"
os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["MKL_NUM_THREADS"] = "1"

import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
import pandas as pd
import pingouin

import research

DRAWS, PEER_DRAWS = 10_000, 200
COVARIATES = ["c1", "c2", "c3"]


def answers(n: int = 1000) -> pd.DataFrame:
    """Two mediators, a moderator, three covariates."""
    rng = np.random.default_rng(1)
    x, w, e, f, g = rng.normal(size=(5, n))
    c = rng.normal(size=(n, 3))
    m1, m2 = 0.4 * x + 0.2 * x * w + c[:, 0] + e, 0.3 * x + 0.5 * e + f
    y = 0.2 * x + 0.4 * m1 + 0.3 * m2 + g
    return pd.DataFrame(
        np.column_stack([x, w, m1, m2, y, c]), columns=["x", "w", "m1", "m2", "y", *COVARIATES]
    )


def best(call: Callable[[], object], rounds: int) -> tuple[float, float]:
    """Seconds of CPU and of the clock."""
    found = []
    for _ in range(rounds):
        cpu, wall = time.process_time(), time.perf_counter()
        call()
        found.append((time.process_time() - cpu, time.perf_counter() - wall))
    return min(cpu for cpu, _ in found), min(wall for _, wall in found)


def main(rounds: int = 5) -> int:
    """Time all of it."""
    warnings.simplefilter("ignore")
    data = answers()
    common = {"x": "x", "y": "y", "covariates": COVARIATES, "bootstrap": DRAWS}

    def ours(model: int, **options: object) -> Callable[[], object]:
        return lambda: research.process(data, model, **common, **options).effects()

    def peer() -> object:
        return pingouin.mediation_analysis(
            data, x="x", m=["m1", "m2"], y="y", covar=COVARIATES, n_boot=PEER_DRAWS, seed=1
        )

    cases = {
        "model 4, two mediators": (ours(4, m=["m1", "m2"]), 0.5),
        "model 8, one mediator": (ours(8, m=["m1"], w="w"), 1.0),
        "model 59, two mediators": (ours(59, m=["m1", "m2"], w="w"), float("inf")),
    }
    theirs = best(peer, 2)[0] / PEER_DRAWS
    print("| 10,000 draws, n = 1,000 | CPU s | wall s | target s | pingouin / ours, a draw |")
    print("|---|---|---|---|---|")
    missed = 0
    for name, (call, target) in cases.items():
        cpu, wall = best(call, rounds)
        missed += cpu > target  # the clock also counts what else runs on the machine
        ratio = f"{theirs / (cpu / DRAWS):.0f}" if name.startswith("model 4") else "–"
        print(f"| {name} | {cpu:.3f} | {wall:.3f} | {target:g} | {ratio} |")
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
