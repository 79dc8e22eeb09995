"""A progress bar for work that takes more than two seconds."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")
PATIENCE = 2.0  # seconds


def tracked(work: Iterable[T], total: int, what: str, *, show: bool | None = None) -> Iterator[T]:
    """The items of `work`, with a bar on standard error once it is clear that they take over two seconds.

    `show`: None decides by the clock and by whether standard error is a terminal; True and False force it.
    """
    begun = time.monotonic()
    wanted = sys.stderr.isatty() if show is None else show
    items = iter(work)
    done = 0
    for item in items:
        done += 1
        yield item
        elapsed = time.monotonic() - begun
        if wanted and done < total and elapsed / done * total > PATIENCE:
            break
    else:
        return
    yield from _with_bar(items, done, total, what)


def _with_bar(items: Iterator[T], done: int, total: int, what: str) -> Iterator[T]:
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total, completed=done)
        for item in items:
            bar.advance(task)
            yield item
