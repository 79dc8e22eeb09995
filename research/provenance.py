"""Where a number comes from: hashes of inputs, versions, named random streams, atomic writes."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


def sha256_of_bytes(content: bytes) -> str:
    """Hexadecimal SHA-256 of `content`."""
    return hashlib.sha256(content).hexdigest()


def sha256_of_file(path: Path) -> str:
    """Hexadecimal SHA-256 of a file, read in blocks."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def seed_sequence(seed: int, name: str) -> np.random.SeedSequence:
    """The seed sequence of the stream `name`: the same for any number of workers.

    The name enters through its SHA-256, so that streams of different names are
    independent and none depends on the order in which others are opened. Spawn one
    child a draw where work is spread over workers.
    """
    import numpy as np

    words = np.frombuffer(hashlib.sha256(name.encode()).digest(), dtype=np.uint32)
    return np.random.SeedSequence([seed, *(int(word) for word in words)])


def stream(seed: int, name: str) -> np.random.Generator:
    """A random generator of its own for one named purpose.

    >>> float(stream(1, "a").normal()) == float(stream(1, "a").normal())
    True
    >>> float(stream(1, "a").normal()) == float(stream(1, "b").normal())
    False
    """
    import numpy as np

    return np.random.default_rng(seed_sequence(seed, name))


def versions(packages: Iterable[str]) -> dict[str, str]:
    """Installed version of each distribution; `"not installed"` where it is missing."""
    found = {}
    for package in packages:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            found[package] = "not installed"
    return found


def write_atomically(path: Path, content: bytes) -> None:
    """Write `content` to `path` so that a reader sees the old file or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
