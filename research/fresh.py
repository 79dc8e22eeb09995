"""From a fresh machine to a finished job: makes a virtual environment, installs the locked packages, runs.

    python3 -m research.fresh build [ARGUMENTS]   the paper of the embedded study (or of the file named)
    python3 -m research.fresh test  [ARGUMENTS]   the test suite

Only the standard library is used here, because nothing else is there yet. The environment
(`.venv`) is made anew when the lock file, the interpreter or the project's own metadata have changed, and
used as it is otherwise. Needs a clone: the lock file is not part of the installed package.
"""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST_PYTHON = (3, 11)
LOCK = ROOT / ".ci" / "requirements.lock"
COMMANDS = {
    "build": ("-m", "research", "build"),
    "test": ("-m", "pytest", "-n", "2", "--dist", "loadfile"),
}


def main(arguments: list[str]) -> int:
    """Run one command in the project's own environment; the exit status is that of the command."""
    if not arguments or arguments[0] not in COMMANDS:
        sys.stderr.write(__doc__ or "")
        return 2
    if tuple(int(part) for part in platform.python_version_tuple()[:2]) < OLDEST_PYTHON:
        sys.stderr.write(f"Python 3.11 or newer is needed; this is {platform.python_version()}.\n")
        return 1
    if not LOCK.exists():
        sys.stderr.write(f"{LOCK} is missing: run this from a clone of the project.\n")
        return 1
    python = environment(ROOT / os.environ.get("RESEARCH_VENV", ".venv"))
    command = [str(python), *COMMANDS[arguments[0]], *arguments[1:]]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def environment(folder: Path) -> Path:
    """The interpreter of an environment that holds exactly the locked packages and this project."""
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    stamp = folder / "installed.sha256"
    wanted = fingerprint()
    if python.exists() and stamp.exists() and stamp.read_text(encoding="ascii") == wanted:
        return python
    if folder.exists() and any(folder.iterdir()) and not (folder / "pyvenv.cfg").exists():
        raise SystemExit(f"{folder} holds other files and is no virtual environment: it is left as it is.")
    sys.stderr.write(f"Setting up {folder} (about two minutes, once) ...\n")
    # As `python -m venv`: a copied interpreter of a shared build would not find its library.
    venv.create(folder, clear=True, with_pip=True, symlinks=os.name != "nt")
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--require-hashes", "-r", str(LOCK)], cwd=ROOT, check=True)
    subprocess.run([*pip, "--no-deps", "--no-build-isolation", "-e", "."], cwd=ROOT, check=True)
    stamp.write_text(wanted, encoding="ascii")
    return python


def fingerprint() -> str:
    """What the environment depends on: the lock file, the project's metadata and the interpreter."""
    content = LOCK.read_bytes() + (ROOT / "pyproject.toml").read_bytes() + sys.version.encode()
    return hashlib.sha256(content).hexdigest()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
