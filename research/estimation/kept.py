"""What depends on the rows alone is computed once, however many models are fitted to them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from weakref import ref

from research.numerics.arrays import Matrix

LIMIT = 160_000_000  # bytes: a dozen of the matrices that belong to 48 items


class KeptMatrices:
    """The matrices used last, up to `limit` bytes; one is lost with the object that it belongs to.

    >>> class Rows: pass
    >>> import numpy as np
    >>> rows, kept = Rows(), KeptMatrices(limit=100)
    >>> kept.of(rows, "two", lambda: np.eye(2)) is kept.of(rows, "two", lambda: np.eye(3))
    True
    >>> len(kept.of(rows, "three", lambda: np.eye(3))), len(kept.of(rows, "two", lambda: np.eye(4)))
    (3, 4)
    """

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._found: OrderedDict[tuple[int, str], tuple[ref[object], Matrix]] = OrderedDict()

    def of(self, owner: object, name: str, make: Callable[[], Matrix]) -> Matrix:
        """The matrix of that name that belongs to `owner`, made where it is not kept; to be read only."""
        key = (id(owner), name)
        known = self._found.get(key)
        if known is not None and known[0]() is owner:
            self._found.move_to_end(key)
            return known[1]
        matrix = make()
        self._found[key] = (ref(owner), matrix)
        self._drop()
        return matrix

    def _drop(self) -> None:
        for key in [key for key, (owner, _) in self._found.items() if owner() is None]:
            self._found.pop(key, None)
        while len(self._found) > 1 and sum(one.nbytes for _, one in self._found.values()) > self._limit:
            self._found.popitem(last=False)
