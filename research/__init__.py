"""Survey research from the questionnaire to the printed paper.

Every public name loads the room it lives in when it is first used, so that `import research` is cheap.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from research.errors import ResearchError as ResearchError
    from research.questionnaire.reader import read_questionnaire as read_questionnaire
    from research.structure.hierarchical import hierarchical as hierarchical
    from research.structure.regression import regress as regress
    from research.structure.scores import scale_scores as scale_scores

__version__ = "0.1.0"

_HOME = {
    "ResearchError": "research.errors",
    "hierarchical": "research.structure.hierarchical",
    "read_questionnaire": "research.questionnaire.reader",
    "regress": "research.structure.regression",
    "scale_scores": "research.structure.scores",
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
