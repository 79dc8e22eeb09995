"""The linter and the type checker are part of the suite: strict, and without exemptions."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def run(*command: str) -> None:
    if importlib.util.find_spec(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed: pip install 'survey-research[dev]'")
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_ruff_check() -> None:
    run("ruff", "check", "--no-cache", ".")


def test_ruff_format() -> None:
    run("ruff", "format", "--no-cache", "--check", ".")


def test_types() -> None:
    run("mypy")


def test_no_exemptions() -> None:
    """Nothing is switched off in a line: `noqa`, `type: ignore` and the like do not occur."""
    switch = re.compile(r"#\s*(noqa|type:\s*ignore|pragma:\s*no cover|mypy:)")
    for path in sorted((ROOT / "research").rglob("*.py")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            assert not switch.search(line), f"{path}:{number}: {line.strip()}"


def test_lock_names_no_host() -> None:
    lock = (ROOT / ".ci" / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in lock
    pinned = re.findall(r"^[a-z0-9][^ ]*==", lock, flags=re.MULTILINE)
    assert len(pinned) > 100
    assert lock.count("--hash=sha256:") >= len(pinned)
