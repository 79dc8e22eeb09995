"""Settings for every test: helpers are imported by plain name, and the longest files start first."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

os.environ.setdefault("MPLBACKEND", "agg")
# Workers share the cores already: threads of linear algebra would wait for each other (here, and in the
# processes that tests start). numpy reads this when it is first imported, which is after this file.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")
sys.path.insert(0, str(Path(__file__).parent))

# Files of a few tests that take minutes, the longest first.
LONG = ("test_study_notebooks", "test_studies", "test_notebooks", "test_build", "test_command_line")


def pytest_configure(config: pytest.Config) -> None:
    """Workers take whole files, by default those of many tests first, which leaves the long ones for last."""
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long files first; the others as they stand."""
    places = {name: place for place, name in enumerate(LONG)}
    items.sort(key=lambda item: places.get(item.path.stem, len(LONG)))
