"""Workbooks, SPSS and Parquet files to texts. Each foreign reader is called here and nowhere else."""

from __future__ import annotations

import datetime
import math
import re
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from research.errors import DataError
from research.responses.nouns import Finding, RawColumn
from research.responses.wording import number_text

if TYPE_CHECKING:
    import pandas as pd

_MOST_CELLS = 50_000_000
_DIMENSION = re.compile(rb'<dimension ref="(?:[A-Z]+\d+:)?([A-Z]{1,3})(\d{1,7})"')


def read_workbook(path: Path) -> tuple[list[list[str]], tuple[Finding, ...]]:
    """Rows of cells as texts of the first sheet that holds anything, of an XLSX or XLS file.

    Further sheets that hold anything are named in a warning: nothing in them is read. `DataError` for a
    damaged workbook, and for a sheet of more than 50 million cells, which a stray cell far away makes.
    """
    import python_calamine

    _refuse_vast_sheets(path)
    try:
        book = python_calamine.CalamineWorkbook.from_path(str(path))
        filled: dict[str, list[list[str]]] = {}
        for name in book.sheet_names:
            rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            if any(cell != "" for row in rows for cell in row):
                filled[name] = [] if filled else [[cell_text(cell) for cell in row] for row in rows]
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise DataError(
            f"{path}: the workbook cannot be opened ({error}). It may be damaged or protected by a password; "
            "open it in a spreadsheet and save it again as XLSX."
        ) from None
    if not filled:
        return [], ()
    first, *others = filled
    if not others:
        return filled[first], ()
    listed = ", ".join(f"'{name}'" for name in others)
    note = f"only the sheet '{first}' was read; nothing was taken from the other filled sheets ({listed})"
    return filled[first], (Finding("warning", "other_sheets", note, value=listed),)


def _refuse_vast_sheets(path: Path) -> None:
    """`DataError` where an XLSX sheet declares more cells than fit into memory as a table."""
    if not zipfile.is_zipfile(path):
        return
    try:
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                if not re.fullmatch(r"xl/worksheets/[^/]+\.xml", name):
                    continue
                with archive.open(name) as sheet:
                    declared = _DIMENSION.search(sheet.read(4096))
                if declared is None:
                    continue
                letters, rows = declared[1].decode(), int(declared[2])
                if rows * _column_number(letters) > _MOST_CELLS:
                    raise DataError(
                        f"{path}: a sheet reaches to cell {letters}{rows}, far beyond any answers; a stray "
                        "cell or format stands there. Delete the empty rows and columns, or save it as CSV."
                    )
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError, zlib.error):
        return  # the reader of workbooks says what is wrong with it


def _column_number(letters: str) -> int:
    """The number of a column, from 1.

    >>> _column_number("A"), _column_number("XFD")
    (1, 16384)
    """
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - 64
    return number


def read_spss(path: Path) -> tuple[RawColumn, ...]:
    """Columns of an SPSS file with labels; user-missing codes stay codes and carry their names."""
    import pyreadstat

    try:
        frame, meta = pyreadstat.read_sav(str(path), user_missing=True)
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, OSError, ValueError) as error:
        raise DataError(
            f"{path}: the SPSS file cannot be read ({error}). Save it again from SPSS or PSPP."
        ) from None
    columns = []
    for position, name in enumerate(frame.columns):
        named = meta.variable_value_labels.get(name, {})
        labels = {cell_text(code): str(label) for code, label in named.items()}
        texts, codes = _factorize(frame.iloc[:, position])
        ranges = [_edges(part) for part in meta.missing_ranges.get(name, [])]
        missing = {text: labels.get(text, "") for text in texts if _declared_missing(text, ranges)}
        label = meta.column_names_to_labels.get(name) or ""
        columns.append(RawColumn(str(name).strip(), position, texts, codes, label, labels, missing))
    return tuple(columns)


def read_parquet(path: Path) -> tuple[RawColumn, ...]:
    """Columns of a Parquet file; a named index of the frame that wrote it is a column again."""
    import pandas as pd

    try:
        frame = pd.read_parquet(path)
    except (OSError, ValueError, TypeError, NotImplementedError, KeyError) as error:
        raise DataError(f"{path}: the Parquet file cannot be read ({error}). Write it again.") from None
    if frame.index.name is not None:
        frame = frame.reset_index()
    columns = []
    for position, name in enumerate(frame.columns):
        texts, codes = _factorize(frame.iloc[:, position])
        columns.append(RawColumn(str(name).strip(), position, texts, codes))
    return tuple(columns)


def cell_text(cell: object) -> str:
    """A cell as the text that a CSV export of the same sheet would hold.

    >>> cell_text(5.0), cell_text(None), cell_text(datetime.date(2024, 5, 1)), cell_text(True)
    ('5', '', '2024-05-01', 'TRUE')
    """
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, (bool, np.bool_)):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, (int, np.integer)):
        return str(int(cell))
    if isinstance(cell, (float, np.floating)):
        return "" if math.isnan(cell) else _float_text(float(cell))
    if isinstance(cell, datetime.timedelta):
        return number_text(cell.total_seconds())
    if isinstance(cell, (datetime.datetime, datetime.date, datetime.time)):
        return cell.isoformat(" ") if isinstance(cell, datetime.datetime) else cell.isoformat()
    if isinstance(cell, bytes):
        return cell.decode("utf-8", errors="replace")
    text = str(cell)
    return "" if text in ("NaT", "<NA>", "nan") else text


def _float_text(value: float) -> str:
    return number_text(value) if math.isfinite(value) else str(value)


def _factorize(column: pd.Series) -> tuple[tuple[str, ...], np.ndarray[tuple[int], np.dtype[np.intp]]]:
    """Each distinct text once and the position of every cell's text among them."""
    seen: dict[str, int] = {}
    cells = column.tolist()
    known: dict[object, int] = {}
    codes = np.empty(len(cells), dtype=np.intp)
    for position, cell in enumerate(cells):
        key = (type(cell), cell) if _hashable(cell) else None
        code = known.get(key) if key is not None else None
        if code is None:
            code = seen.setdefault(cell_text(cell), len(seen))
            if key is not None:
                known[key] = code
        codes[position] = code
    return tuple(seen), codes


def _hashable(cell: object) -> bool:
    return isinstance(cell, (str, int, float, bool))


def _edges(part: object) -> tuple[float | str, float | str]:
    """Low and high end of a missing range, or one code twice."""
    if not isinstance(part, dict):
        return _edge(part), _edge(part)
    return _edge(part["lo"]), _edge(part["hi"])


def _edge(value: object) -> float | str:
    return float(value) if isinstance(value, (int, float)) else str(value)


def _declared_missing(text: str, ranges: list[tuple[float | str, float | str]]) -> bool:
    try:
        number = float(text)
    except ValueError:
        return any(text == low for low, _ in ranges)
    return any(
        low <= number <= high for low, high in ranges if isinstance(low, float) and isinstance(high, float)
    )
