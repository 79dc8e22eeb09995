"""Does each scale measure what it should?

The room has the name of its one call for everything, so that it can be called itself:
`research.measurement(data)` is `research.measurement.overview.measurement`.

>>> import research
>>> found = research.measurement(research.example_responses()).verdicts
>>> found.loc[found["criterion"] == "alpha", "verdict"].unique().tolist()
['met']
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from research.measurement.overview import Measurement


class _Room(ModuleType):
    """A module that can be called."""

    def __call__(self, *args: Any, **options: Any) -> Measurement:
        from research.measurement.overview import measurement as everything

        return everything(*args, **options)


sys.modules[__name__].__class__ = _Room
measurement = sys.modules[__name__]
