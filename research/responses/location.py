"""Where the answers that a questionnaire names by default lie."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from research.errors import DataError, did_you_mean
from research.questionnaire.definition import Questionnaire

PACKAGE = "package:"


def locate_data(questionnaire: Questionnaire) -> Path | None:
    """The file that `data:` of the questionnaire names, or None where it names none.

    `package:NAME/path/file.csv` is a file that an installed package carries; the package is not
    imported. Any other path counts from the folder of the questionnaire.
    `DataError`: the package is not installed, or there is no such file.

    >>> import research
    >>> answers = research.example_responses()
    >>> research.locate_data(answers.questionnaire) is None
    True
    """
    if not questionnaire.data:
        return None
    if questionnaire.data.startswith(PACKAGE):
        return _in_package(questionnaire.data.removeprefix(PACKAGE), questionnaire.path)
    path = as_path(questionnaire.data)
    if not path.is_absolute():
        path = Path(questionnaire.path).parent / path
    if not path.is_file():
        beside = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
        raise DataError(
            f"{questionnaire.path or questionnaire.name}: `data: {questionnaire.data}` names {path}, "
            f"which does not exist.{did_you_mean(path.name, beside)} The path counts from the folder "
            "of the questionnaire."
        )
    return path


def as_path(text: str | Path) -> Path:
    """A path as a user may paste it: in quotation marks, with `~`, with the backslashes of Windows."""
    if isinstance(text, Path):
        return text
    path = Path(text.strip().strip("\"'")).expanduser()
    if "\\" in text and not path.exists():
        turned = Path(str(path).replace("\\", "/"))
        return turned if turned.exists() or not path.is_absolute() else path
    return path


def _in_package(inside: str, asked_by: str) -> Path:
    package, _, rest = inside.partition("/")
    try:
        spec = find_spec(package) if package.isidentifier() else None
    except (ImportError, ValueError):
        spec = None
    folders = list(spec.submodule_search_locations or []) if spec is not None else []
    for folder in folders:
        if (Path(folder) / rest).is_file():
            return Path(folder) / rest
    if not folders:
        raise DataError(
            f"{asked_by or 'the questionnaire'}: its data lie in the package '{package}', which is "
            f"not installed. Install it (pip install {package}), or name a file of answers (--data FILE)."
        )
    raise DataError(
        f"{asked_by or 'the questionnaire'}: the package '{package}' is installed, but holds no file "
        f"'{rest}'. Install another version of it, or name a file of answers yourself (--data FILE)."
    )
