"""The house keeps its shape: imports go one way, modules stay small, the top level stays as declared."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "research"

# From the ground up: a room may import the rooms before it, never one after it.
FLOORS = (
    "errors",
    "provenance",
    "readable",
    "numerics",
    "questionnaire",
    "responses",
    "simulation",
    "model",
    "estimation",
    "measurement",
    "structure",
    "segments",
    "report",
    "study",
    "standard",
    "notebook",
    "build",
    "doctor",
    "__main__",
)
OUTSIDE = {"__init__", "fresh"}  # the lazy door, and the script that runs before anything is installed
TOP_LEVEL = {
    "pyproject.toml",
    "research",
    "notebooks",
    "questionnaires",
    "tests",
    "paper",
    "README.md",
    "LICENSE",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
}
# What the numerics must not know: frames, files and plots.
NOT_IN_NUMERICS = {"pandas", "matplotlib", "pathlib", "narwhals", "yaml", "pydantic", "semopy", "statsmodels"}
LONGEST_MODULE = 350

MODULES = sorted(PACKAGE.rglob("*.py"))


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> list[tuple[str, list[str], int]]:
    """(module, names, line) of every import in a file, wherever it stands."""
    found: list[tuple[str, list[str], int]] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [(alias.name, [], node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative import"
            found.append((node.module or "", [alias.name for alias in node.names], node.lineno))
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_down(path: Path) -> None:
    here = room(path)
    if here in OUTSIDE:
        return
    assert here in FLOORS, f"{here} is not a room of the house: name its floor in {Path(__file__).name}"
    for module, names, line in imports(path):
        if module != "research" and not module.startswith("research."):
            continue
        targets = [module.split(".")[1]] if "." in module else names
        for target in targets:
            if target == "__version__":
                continue
            assert target in FLOORS, f"{path}:{line}: imports {module} ({target}) through the lazy door"
            assert FLOORS.index(target) <= FLOORS.index(here), f"{path}:{line}: {here} imports {target}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_private_name_crosses_a_module(path: Path) -> None:
    for module, names, line in imports(path):
        if module.startswith("research"):
            private = [name for name in names if name.startswith("_") and not name.startswith("__")]
            assert not private, f"{path}:{line}: {private}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_has_one_job(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_MODULE
    assert path.stem not in {"utils", "helpers", "common", "misc", "tools"}


def test_numerics_know_arrays_only() -> None:
    for path in (PACKAGE / "numerics").rglob("*.py"):
        known = {module.split(".")[0] for module, _, _ in imports(path)}
        assert not known & NOT_IN_NUMERICS, path


def test_top_level_is_as_declared() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.split("\0")
    if listed == [""]:
        pytest.skip("not a git checkout: the list of the project's files is not known")
    top = {name.split("/")[0] for name in listed if name}
    assert {name for name in top if not name.startswith(".")} == TOP_LEVEL


def test_import_is_cheap() -> None:
    """`import research` loads nothing heavy: those packages come where they are used."""
    code = "import sys, research; print('\\n'.join(sorted({name.split('.')[0] for name in sys.modules})))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    heavy = {
        "numpy",
        "pandas",
        "scipy",
        "statsmodels",
        "pingouin",
        "semopy",
        "matplotlib",
        "pydantic",
        "typer",
        "rich",
    }
    assert not heavy & set(loaded.split())
