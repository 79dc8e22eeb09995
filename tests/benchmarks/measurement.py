"""Reliability and factors, ours beside psych and semTools: CPU seconds, ratios, and whether targets are met.

python tests/benchmarks/measurement.py [ROUNDS]

One BLAS thread; the two take turns, and each one's best round counts. The million rows are in a process of
their own, whose peak memory is asked for. Without R the ratios are left out. A missed target gives exit
status 1.
"""

from __future__ import annotations

import os

os.environ["OMP_NUM_THREADS"] = "1"
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
import pandas as pd

import research

HERE = Path(__file__).resolve().parent
DATA = HERE.parents[2] / "shared" / "reference" / "data"
SURVEYS = HERE.parents[2] / "shared" / "realdata"
ROWS, PEER_ROWS = 1_000_000, 50_000
FORTY = {f"f{k}": [f"i{5 * k + j}" for j in range(5)] for k in range(8)}
MOBILE = {
    name: [f"{stem}{i}" for i in range(1, k + 1)]
    for name, stem, k in (
        *(("Image", "IMAG", 5), ("Expectation", "CUEX", 3), ("Quality", "PERQ", 7), ("Value", "PERV", 2)),
        *(("Satisfaction", "CUSA", 3), ("Loyalty", "CUSL", 3)),
    )
} | {"Complaints": ["CUSCO"]}
TARGETS = {"reliability": 2.0, "parallel": 10.0, "htmt": 3.0}  # CPU seconds
MEMORY = 1000  # MB, of the whole process that holds the million rows
WHAT = {
    "reliability": "alpha, CR, AVE with intervals, 1,000,000 x 40 (psych: alpha alone, 50,000 rows x 20)",
    "parallel": "parallel analysis, 40 items, n = 1,000, 1,000 draws (psych: 20 draws x 50)",
    "bootstrap": "bootstrap of alpha, 5 items, n = 2,436, 2,000 draws (psych: 200 x 10)",
    "splits": "all 462 splits of 12 items",
    "efa": "5 factors of 25 items, minres, oblimin (ours 31 starts, psych 1)",
    "omega": "omega hierarchical of 25 items, 5 factors",
    "ordinal": "categorical omega and ordinal alpha, 3 constructs",
    "htmt": "bootstrap of HTMT, 7 constructs x 24 items, n = 250, 5,000 draws (semTools: 20 draws x 250)",
    "mardia": "Mardia's coefficients, 25 items, n = 2,436",
}


def large(n: int) -> pd.DataFrame:
    """Forty items of eight constructs, made in place: no second copy adds to the peak."""
    rng = np.random.default_rng(1)
    values = np.empty((n, 40))
    for k in range(8):
        common = rng.standard_normal(n)
        for j in range(5):
            values[:, 5 * k + j] = 0.8 * common + rng.standard_normal(n)
    return pd.DataFrame(values, columns=[item for items in FORTY.values() for item in items], copy=False)


def million() -> None:
    """In a process of its own: CPU seconds and peak memory in MB of the reliability of a million rows."""
    frame = large(ROWS)
    best = min(cpu(lambda: research.reliability(frame, FORTY)) for _ in range(3))
    print(best, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def cpu(job: Callable[[], object]) -> float:
    begin = time.process_time()
    job()
    return time.process_time() - begin


def ours() -> dict[str, float]:
    bfi = pd.read_csv(DATA / "bfi.csv").iloc[:, :25].dropna()
    ordinal = pd.read_csv(DATA / "hs_ordinal.csv")
    forty = large(1000)
    mobile = pd.read_csv(SURVEYS / "ecsi_mobile_250.csv")
    five, twelve = {"s": list(bfi.columns[5:10])}, {"s": list(bfi.columns[:12])}
    constructs = {name: [f"o{3 * k + j}" for j in (1, 2, 3)] for k, name in enumerate("vts")}
    jobs: dict[str, Callable[[], object]] = {
        "parallel": lambda: research.parallel_analysis(forty, 1000),
        "bootstrap": lambda: research.reliability_intervals(bfi, five, n_draws=2000),
        "splits": lambda: research.split_half(bfi, twelve),
        "efa": lambda: research.efa(bfi, 5),
        "omega": lambda: research.omega(bfi, n_factors=5),
        "ordinal": lambda: research.ordinal_reliability(ordinal, constructs),
        "htmt": lambda: research.htmt_intervals(mobile, MOBILE, n_draws=5000),
        "mardia": lambda: research.normality(bfi),
    }
    for job in jobs.values():
        job()  # what is imported on first use is not measured, nor are psych's packages
    return {name: cpu(job) for name, job in jobs.items()}


def theirs(work: Path) -> dict[str, float]:
    if shutil.which("Rscript") is None:
        return {}
    command = ["Rscript", str(HERE / "measurement.R"), str(DATA), str(work)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"psych is left out: {done.stderr.strip()[-200:]}")
        return {}
    lines = [line.split() for line in done.stdout.splitlines() if line.split()[:1][0] in WHAT]
    return {name: float(seconds) for name, seconds in lines}


def best(rounds: list[dict[str, float]]) -> dict[str, float]:
    return {name: min(each[name] for each in rounds) for name in rounds[0]} if rounds[0] else {}


def main(rounds: int) -> int:
    if not DATA.exists():
        print(f"reference data missing: {DATA}")
        return 1
    alone = [sys.executable, str(Path(__file__).resolve()), "million"]
    seconds, peak = subprocess.run(alone, capture_output=True, text=True, check=True).stdout.split()
    found: list[dict[str, float]] = []
    peers: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory() as folder:
        large(PEER_ROWS).round(6).to_csv(Path(folder) / "large.csv", index=False)
        for _ in range(rounds):
            found.append(ours())
            peers.append(theirs(Path(folder)))
    mine, other = {"reliability": float(seconds), **best(found)}, best(peers)
    print("| job | ours, CPU s | psych / semTools | ratio | target |\n|---|---|---|---|---|")
    missed = []
    for name, text in WHAT.items():
        peer = f"{other[name]:.2f} | {other[name] / mine[name]:.0f}x" if name in other else "– | –"
        target = f"{TARGETS[name]:.0f} s" if name in TARGETS else ""
        print(f"| {text} | {mine[name]:.3f} | {peer} | {target} |")
        if name in TARGETS and mine[name] > TARGETS[name]:
            missed.append(name)
    print(f"\nPeak memory of the process with the million rows: {float(peak):.0f} MB (target {MEMORY} MB)")
    if not other:
        print("R with psych and semTools is not there: no ratios.")
    if float(peak) > MEMORY:
        missed.append("memory")
    print(f"missed: {', '.join(missed)}" if missed else "all targets met")
    return 1 if missed else 0


if __name__ == "__main__":
    if sys.argv[1:] == ["million"]:
        million()
    else:
        sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 3))
