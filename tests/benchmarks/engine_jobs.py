"""What `engine.py` times: the tasks with their targets, the data, and the jobs of this project and semopy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

import research
from research.estimation.fit import Fit

DATA = Path(__file__).resolve().parents[3] / "shared" / "reference" / "data"
POLITICAL_DEMOCRACY = """
ind60 =~ x1 + x2 + x3
dem60 =~ y1 + y2 + y3 + y4
dem65 =~ y5 + y6 + y7 + y8
dem60 ~ ind60
dem65 ~ ind60 + dem60
y1 ~~ y5
y2 ~~ y4 + y6
y3 ~~ y7
y4 ~~ y8
y6 ~~ y8
"""
HOLZINGER = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9\n"
PATHS = "f4 ~ f1 + f2\nf5 ~ f2 + f3\nf6 ~ f4 + f5\nf7 ~ f4 + f6\nf8 ~ f6 + f7\n"
FORTY = (
    "".join(f"f{k} =~ " + " + ".join(f"i{k}_{j}" for j in range(1, 6)) + "\n" for k in range(1, 9)) + PATHS
)
FIVE = "".join(f"{k} =~ " + " + ".join(f"{k}{j}" for j in range(1, 6)) + "\n" for k in "ACENO")
Job = Callable[[int], float]  # repeats → the chi-square, which all three must agree on


@dataclass
class Task:
    """One row of the table: `unit` is "ms" for a job and "/s" for refits a second."""

    key: str
    title: str
    unit: str
    repeats: tuple[int, int, int]  # of ours, semopy, lavaan in a round, a like share of time; 0: not done
    target_lavaan: float
    target_semopy: float = 0.0
    seconds: dict[str, list[float]] = field(default_factory=dict)
    chisq: dict[str, float] = field(default_factory=dict)


def tasks() -> list[Task]:
    """What is timed, with the targets."""
    return [
        Task(
            "whole pd",
            "text → estimates, SE, fit, standardized: PoliticalDemocracy",
            "ms",
            (120, 8, 4),
            40,
            15,
        ),
        Task("whole m40", "the same: 8 factors × 5 items, n = 1000", "ms", (40, 3, 2), 40, 15),
        Task("mlr m40", "MLR, all of it: 40 items, n = 1000", "ms", (20, 0, 1), 200),
        Task("fiml hs", "FIML, all of it: 9 items with holes, n = 301", "ms", (15, 0, 1), 40),
        Task("wlsmv bfi", "WLSMV, all of it: 25 items of 6 categories, n = 2436", "ms", (12, 0, 1), 60),
        Task("bootstrap pd", "bootstrap: PoliticalDemocracy", "/s", (2000, 15, 15), 60),
        Task("bootstrap m40", "bootstrap: 40 items", "/s", (300, 8, 15), 15),
    ]


def forty_items(n: int = 1000, seed: int = 40) -> pd.DataFrame:
    """Data of the model `FORTY`: eight factors, five items each, loadings .6 to .9."""
    rng = np.random.default_rng(seed)
    f = rng.normal(size=(n, 8))
    f[:, 1] += 0.3 * f[:, 0]
    f[:, 2] += 0.3 * f[:, 0]
    for outcome, causes in ((3, (0, 1)), (4, (1, 2)), (5, (3, 4)), (6, (3, 5)), (7, (5, 6))):
        f[:, outcome] += 0.4 * f[:, causes].sum(axis=1)
    loadings = np.linspace(0.6, 0.9, 5)
    items = (f[:, :, None] * loadings).reshape(n, 40) + rng.normal(size=(n, 40)) * 0.7
    return pd.DataFrame(items, columns=[f"i{k}_{j}" for k in range(1, 9) for j in range(1, 6)])


def inputs() -> dict[str, tuple[str, pd.DataFrame]]:
    """Model text and data by name; what lies in the reference folder only where that exists."""
    found = {"m40": (FORTY, forty_items())}
    if (DATA / "PoliticalDemocracy.csv").exists():
        found["pd"] = (POLITICAL_DEMOCRACY, pd.read_csv(DATA / "PoliticalDemocracy.csv"))
    if (DATA / "hs_missing.csv").exists():
        frame = pd.read_csv(DATA / "hs_missing.csv")
        found["hs"] = (HOLZINGER, frame[[f"x{k}" for k in range(1, 10)]])
    if (DATA / "bfi.csv").exists():
        found["bfi"] = (
            FIVE,
            pd.read_csv(DATA / "bfi.csv")[[f"{k}{j}" for k in "ACENO" for j in range(1, 6)]].dropna(),
        )
    return found


def our_jobs(known: dict[str, tuple[str, pd.DataFrame]]) -> dict[str, Job]:
    """What this project does for each task."""
    jobs: dict[str, Job] = {}
    for name, (text, frame) in known.items():
        if name == "hs":
            jobs["fiml hs"] = _whole_ours(text, frame, missing="fiml")
            continue
        if name == "bfi":
            jobs["wlsmv bfi"] = _whole_ours(text, frame, estimator="WLSMV", ordered=True)
            continue
        jobs[f"whole {name}"] = _whole_ours(text, frame)
        jobs[f"bootstrap {name}"] = _bootstrap_ours(research.sem(text, frame))
        if name == "m40":
            jobs["mlr m40"] = _whole_ours(text, frame, estimator="MLR")
    return jobs


def _whole_ours(text: str, frame: pd.DataFrame, **options: object) -> Job:
    def job(times: int) -> float:
        for _ in range(times):
            fit = research.sem(text, frame, **options)
            fit.tidy()
            found = fit.measures()
            fit.standardized()
        return found["chisq"]

    return job


def _bootstrap_ours(fit: Fit) -> Job:
    def job(times: int) -> float:
        fit.bootstrap(times, seed=1, workers=1, progress=False)
        return fit.measures()["chisq"]

    return job


def semopy_jobs(known: dict[str, tuple[str, pd.DataFrame]]) -> dict[str, Job]:
    """What semopy does; its MLR and its FIML give other numbers and are not timed."""
    import semopy

    def whole(text: str, frame: pd.DataFrame) -> Job:
        def job(times: int) -> float:
            for _ in range(times):
                model = semopy.Model(text)
                model.fit(frame)
                model.inspect(std_est=True)
                found = semopy.calc_stats(model)
            return float(found["chi2"].iloc[0])

        return job

    def redrawn(text: str, frame: pd.DataFrame) -> Job:
        rng = np.random.default_rng(1)

        def job(times: int) -> float:
            model = semopy.Model(text)
            model.fit(frame)
            for _ in range(times):
                model.fit(frame.iloc[rng.integers(len(frame), size=len(frame))], clean_slate=True)
            return float("nan")

        return job

    jobs: dict[str, Job] = {}
    for name, (text, frame) in known.items():
        if name not in ("hs", "bfi"):
            jobs[f"whole {name}"] = whole(text, frame)
            jobs[f"bootstrap {name}"] = redrawn(text, frame)
    return jobs
