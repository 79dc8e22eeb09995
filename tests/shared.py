"""Where the reference data lie. They are not part of the project; tests that need them skip without."""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


def shared(name: str) -> Path:
    """The path of a reference file, or skip the test with a reason."""
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"reference data missing: ../shared/{name}")
    return path
