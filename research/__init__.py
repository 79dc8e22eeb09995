"""Survey research from the questionnaire to the printed paper.

Every public name loads the room it lives in when it is first used, so that `import research` is cheap.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from research.errors import ResearchError as ResearchError
    from research.questionnaire.reader import read_questionnaire as read_questionnaire

__version__ = "0.1.0"

_HOME = {
    "ResearchError": "research.errors",
    "read_questionnaire": "research.questionnaire.reader",
}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'research' has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOME])
