"""The questionnaire to start from: small, bilingual, commented, and without faults."""

from __future__ import annotations

import re
from importlib import resources

from research.errors import OptionError

# Names that Windows keeps for devices, whatever their extension.
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)", flags=re.IGNORECASE)


def new_questionnaire(name: str) -> str:
    """The text of a new questionnaire file called `name`.

    Raises `OptionError` where `name` cannot name files: it takes letters, digits, _ and -, and
    starts with a letter.

    >>> new_questionnaire("loyalty_2026").splitlines()[5]
    'name: loyalty_2026 # letters, digits, _ and -; output files are named after it'
    """
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]{0,63}", name) or _DEVICES.fullmatch(name):
        better = re.sub(r"[^A-Za-z0-9_-]+", "_", name.removesuffix(".yaml")).strip("_-")[:60]
        better = (
            better if re.match(r"[A-Za-z]", better) and not _DEVICES.fullmatch(better) else f"study_{better}"
        )
        raise OptionError(
            f"'{name}' cannot name a questionnaire. Use letters, digits, _ and -, starting with a letter, "
            f"for example {better.rstrip('_')}."
        )
    template = (
        resources.files("research").joinpath("templates/questionnaire.yaml").read_text(encoding="utf-8")
    )
    return template.replace("name: my_study", f"name: {name}", 1)
