"""Ours, semopy and lavaan timed side by side; prints a Markdown table of ratios and whether targets are met.

python tests/benchmarks/engine.py [ROUNDS] [WORD]     WORD: only the rows that have it, as in "whole"

CPU time, one BLAS thread. The three take turns in every round, and each one's best round counts, so that
whatever else runs on the machine slows all of them alike. A missed target gives exit status 1.
"""

from __future__ import annotations

import os

os.environ["OMP_NUM_THREADS"] = "1"
os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["MKL_NUM_THREADS"] = "1"

import platform
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import IO

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
import pandas as pd

import research
from research.estimation.fit import Fit

HERE = Path(__file__).resolve().parent
DATA = HERE.parents[2] / "shared" / "reference" / "data"
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
MEMORY = 500  # MB, of 10,000 bootstrap draws at 40 items


@dataclass
class Task:
    """One row of the table: `unit` is "ms" for a job and "/s" for refits a second."""

    key: str
    title: str
    unit: str
    repeats: tuple[int, int, int]  # of ours, semopy and lavaan in one round; 0: not done
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
            (20, 3, 3),
            40,
            15,
        ),
        Task("whole m40", "the same: 8 factors × 5 items, n = 1000", "ms", (10, 2, 2), 40, 15),
        Task("mlr m40", "MLR, all of it: 40 items, n = 1000", "ms", (5, 0, 1), 200),
        Task("fiml hs", "FIML, all of it: 9 items with holes, n = 301", "ms", (10, 0, 1), 40),
        Task("wlsmv bfi", "WLSMV, all of it: 25 items of 6 categories, n = 2436", "ms", (5, 0, 1), 60),
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


Job = Callable[[int], float]  # repeats → the chi-square, which all three must agree on


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


class Lavaan:
    """R in a process of its own that waits for tasks, so that it can take turns with the others."""

    def __init__(self, known: dict[str, tuple[str, pd.DataFrame]], folder: Path) -> None:
        for name, (text, frame) in known.items():
            (folder / f"{name}.txt").write_text(text, encoding="utf-8")
            frame.to_csv(folder / f"{name}.csv", index=False)
        command = [shutil.which("Rscript") or "Rscript", "--vanilla", str(HERE / "engine.R"), str(folder)]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        self.version = self._answer("READY")

    def run(self, key: str, repeats: int) -> tuple[float, float]:
        """CPU seconds a repeat, and the chi-square."""
        to: IO[str] | None = self.process.stdin
        assert to is not None
        to.write(f"{key}|{repeats}\n")
        to.flush()
        seconds, chisq = self._answer("RESULT").split()
        return float(seconds), float(chisq)

    def close(self) -> None:
        """End the process."""
        if self.process.stdin:
            self.process.stdin.close()
        self.process.wait(timeout=60)

    def _answer(self, word: str) -> str:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith(word):
                return line[len(word) :].strip()
        raise RuntimeError("R ended without an answer")


def lavaan_is_absent() -> str:
    """Why lavaan cannot be timed, or the empty string."""
    if not shutil.which("Rscript"):
        return "lavaan: skipped, Rscript is not installed (Debian: apt-get install r-cran-lavaan)"
    probe = subprocess.run(
        ["Rscript", "--vanilla", "-e", "library(lavaan)"], capture_output=True, check=False
    )
    return "lavaan: skipped, R has no package lavaan (Debian: r-cran-lavaan)" if probe.returncode else ""


def timed(job: Job, repeats: int) -> tuple[float, float]:
    """CPU seconds a repeat of a job in this process, and its chi-square."""
    begun = time.process_time()
    chisq = job(repeats)
    return (time.process_time() - begun) / repeats, chisq


def measure(rows: list[Task], rounds: int, jobs: dict[str, dict[str, Job]], lavaan: Lavaan | None) -> None:
    """Fill in the times of all tasks; one round before the first is for warming up."""
    for number in range(rounds + 1):
        for row in rows:
            for who, repeats in zip(("ours", "semopy", "lavaan"), row.repeats, strict=True):
                if repeats and who == "lavaan" and lavaan is not None:
                    spent, chisq = lavaan.run(row.key, repeats if number else 1)
                elif repeats and row.key in jobs.get(who, {}):
                    spent, chisq = timed(jobs[who][row.key], repeats if number else 2)
                else:
                    continue
                row.chisq[who] = chisq
                if number:
                    row.seconds.setdefault(who, []).append(spent)


def bootstrap_memory() -> float:
    """Peak memory in MB of a fresh process that draws 10,000 bootstrap samples at 40 items."""
    out = subprocess.run(
        [sys.executable, str(HERE / "engine.py"), "--memory"], capture_output=True, text=True, check=True
    )
    return float(out.stdout.split()[-1])


def draw_ten_thousand() -> float:
    """Peak memory in MB of this process after the bootstrap and its table."""
    fit = research.sem(FORTY, forty_items())
    fit.bootstrap(10_000, seed=1, workers=1, progress=False).tidy()
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024.0
    return float("nan")


def table(rows: list[Task], memory: float | None) -> tuple[list[str], list[str]]:
    """Lines of a Markdown table, and the targets that were missed."""
    lines = [
        "| task | ours | semopy | lavaan | over semopy | over lavaan | target |",
        "|---|---:|---:|---:|---:|---:|---|",
    ]
    missed = []
    for row in rows:
        best = {who: min(seconds) for who, seconds in row.seconds.items()}
        ours = best["ours"]
        ratios = {who: best[who] / ours if who in best else float("nan") for who in ("semopy", "lavaan")}
        targets = {"lavaan": row.target_lavaan, "semopy": row.target_semopy}
        wanted = ", ".join(f"≥ {want:g}× {who}" for who, want in targets.items() if want)
        missed += [
            f"{row.title}: {ratios[who]:.1f}× {who}, target {want:g}×"
            for who, want in targets.items()
            if want and ratios[who] < want
        ]
        shown = [_amount(best.get(who), row.unit) for who in ("ours", "semopy", "lavaan")]
        over = [f"{ratios[who]:.0f}×" if who in best else "–" for who in ("semopy", "lavaan")]
        lines.append(f"| {row.title} | {' | '.join([*shown, *over])} | {wanted} |")
        if "lavaan" in row.chisq and abs(row.chisq["ours"] / row.chisq["lavaan"] - 1.0) > 1e-4:
            missed.append(
                f"{row.title}: chi-square {row.chisq['ours']} is not lavaan's {row.chisq['lavaan']}"
            )
    if memory is not None:
        lines.append(
            f"| memory of 10,000 draws at 40 items | {memory:.0f} MB | – | – | – | – | < {MEMORY} MB |"
        )
        missed += [] if memory < MEMORY else [f"memory {memory:.0f} MB, target {MEMORY} MB"]
    return lines, missed


def _amount(seconds: float | None, unit: str) -> str:
    if seconds is None:
        return "–"
    return f"{1.0 / seconds:,.0f} /s" if unit == "/s" else f"{seconds * 1e3:,.1f} ms"


def machine(lavaan: Lavaan | None) -> str:
    """One line: processor, interpreter and versions."""
    info = Path("/proc/cpuinfo")
    models = [line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if "model name" in line]
    names = [f"{name} {version(name)}" for name in ("numpy", "pandas", "scipy", "semopy")]
    python = f"Python {platform.python_version()}"
    r = [lavaan.version] if lavaan else []
    return ", ".join([models[0] if models else platform.processor(), platform.system(), python, *names, *r])


def main(rounds: int = 5, word: str = "") -> int:
    """Measure, print, and say which targets were missed."""
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    known = inputs()
    wanted = [row for row in tasks() if word in row.key]
    rows = [row for row in wanted if row.key.split()[1] in known]
    if len(rows) < len(wanted):
        print("PoliticalDemocracy, FIML, WLSMV: skipped, ../shared/reference/data is missing")
    reason = lavaan_is_absent()
    if reason:
        print(reason)
    with tempfile.TemporaryDirectory() as folder:
        lavaan = None if reason else Lavaan(known, Path(folder))
        measure(rows, rounds, {"ours": our_jobs(known), "semopy": semopy_jobs(known)}, lavaan)
        lines, missed = table(rows, None if word else bootstrap_memory())
        print("\n".join(lines))
        print(f"\n{machine(lavaan)}. CPU time, one BLAS thread, best of {rounds} interleaved rounds.")
        if lavaan:
            lavaan.close()
    for each in missed:
        print(f"missed: {each}")
    return 1 if missed else 0


if __name__ == "__main__":
    if sys.argv[1:] == ["--memory"]:
        print(draw_ten_thousand())
    else:
        sys.exit(main(int((sys.argv[1:2] or ["5"])[0]), *sys.argv[2:3]))
