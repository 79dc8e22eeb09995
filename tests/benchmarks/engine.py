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
from importlib.metadata import version
from pathlib import Path
from typing import IO

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
import pandas as pd
from engine_jobs import FORTY, Job, Task, forty_items, inputs, our_jobs, semopy_jobs, tasks

import research

HERE = Path(__file__).resolve().parent
MEMORY = 500  # MB, of 10,000 bootstrap draws at 40 items


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
