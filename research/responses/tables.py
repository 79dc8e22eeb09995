"""A file of answers to a table of texts, with the spreadsheet row of every record."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from research.errors import DataError, did_you_mean
from research.numerics.arrays import Indices, Mask
from research.provenance import sha256_of_bytes
from research.responses.delimited import read_delimited
from research.responses.nouns import Finding, Kind, RawColumn, RawTable, Source
from research.responses.workbooks import read_parquet, read_spss, read_workbook

_SUFFIXES: dict[Kind, tuple[str, ...]] = {
    "csv": (".csv", ".tsv", ".txt", ".tab", ".dat"),
    "xlsx": (".xlsx", ".xlsm", ".xlsb"),
    "xls": (".xls",),
    "sav": (".sav", ".zsav"),
    "parquet": (".parquet", ".pq"),
}


def read_table(path: Path) -> RawTable:
    """The first sheet or table of a CSV, XLSX, XLS, SAV or Parquet file as texts.

    What the file is, its first bytes say; a suffix that says otherwise is a warning. Empty rows
    and columns are left out (with an `info`), rows keep the number that a spreadsheet shows.
    `DataError`: no such file, empty, only a header, damaged, or no table of a known kind.
    """
    content = _bytes_of(path)
    kind = _kind_of(content, path)
    findings: tuple[Finding, ...] = ()
    encoding = ""
    if kind in ("sav", "parquet"):
        columns = read_spss(path) if kind == "sav" else read_parquet(path)
        rows = tuple(range(2, 2 + (len(columns[0].codes) if columns else 0)))
    else:
        if kind == "csv":
            cells, encoding, findings = read_delimited(content, str(path))
        else:
            cells, findings = read_workbook(path)
        header, records, rows = _split(cells)
        columns, ragged = _columns(header, records, rows)
        findings += ragged + _empty_rows(rows)
    source = Source(str(path), sha256_of_bytes(content), kind, encoding)
    if path.suffix.lower() not in _SUFFIXES[kind]:
        note = f"the name ends in '{path.suffix}', the content is {kind.upper()}; it was read as that"
        findings += (Finding("warning", "suffix", note, value=path.suffix),)
    if not columns:
        raise DataError(f"{path} is empty: no header, no answers. Export the answers again.")
    if not rows:
        raise DataError(
            f"{path} holds only a header of {len(columns)} columns and no answers. "
            "Export the answers again, or name the file that holds them."
        )
    return RawTable(columns, rows, source, findings)


def keep_rows(table: RawTable, mask: Mask) -> RawTable:
    """The table with the records where `mask` is true; texts that no longer occur are forgotten."""
    columns = tuple(
        encode([column.texts[code] for code in column.codes[mask]], column) for column in table.columns
    )
    rows = tuple(row for row, kept in zip(table.rows, mask, strict=True) if kept)
    return replace(table, columns=columns, rows=rows)


def encode(cells: Sequence[str], like: RawColumn) -> RawColumn:
    """A column as `like` with other cells."""
    texts = list(dict.fromkeys(cells))
    code_of = {text: code for code, text in enumerate(texts)}
    codes: Indices = np.fromiter(map(code_of.__getitem__, cells), dtype=np.intp, count=len(cells))
    return replace(like, texts=tuple(texts), codes=codes)


def _bytes_of(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except IsADirectoryError:
        raise DataError(f"{path} is a folder; name the file of answers in it.") from None
    except PermissionError:
        raise DataError(
            f"{path} cannot be opened; close it in the spreadsheet and check who may read it."
        ) from None
    except (FileNotFoundError, NotADirectoryError):
        beside = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
        raise DataError(
            f"there is no file {path}.{did_you_mean(path.name, beside)} The path counts from "
            f"{'its own root' if path.is_absolute() else 'the folder ' + str(Path.cwd())}."
        ) from None
    except (OSError, ValueError) as error:
        raise DataError(f"{path} cannot be read: {error}.") from None
    if not content.strip(b" \t\r\n\x00\xef\xbb\xbf\xff\xfe"):
        raise DataError(f"{path} is empty: no header, no answers. Export the answers again.")
    return content


def _kind_of(content: bytes, path: Path) -> Kind:
    if content.startswith(b"PK\x03\x04"):
        if b"opendocument" in content[:200]:
            raise DataError(f"{path} is an OpenDocument file; save it as XLSX or CSV.")
        return "xlsx"
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        return "xls"
    if content.startswith((b"$FL2", b"$FL3")):
        return "sav"
    if content.startswith(b"PAR1"):
        return "parquet"
    head = content[:2000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<html", b"<!doctype", b"<table", b"<?xml", b"<meta")):
        raise DataError(
            f"{path} is a web page, not a spreadsheet, whatever its name says. "
            "Open it in a spreadsheet and save it as XLSX."
        )
    if head.startswith((b"%pdf", b"{\\rtf")):
        raise DataError(f"{path} is a document, not a table of answers. Export the answers as CSV or XLSX.")
    return "csv"


def _split(cells: list[list[str]]) -> tuple[list[str], list[list[str]], tuple[int, ...]]:
    """The first row that holds anything is the header; wholly empty rows are no records."""
    filled = [(row, record) for row, record in enumerate(cells, start=1) if any(map(str.strip, record))]
    if not filled:
        return [], [], ()
    (_, header), *records = filled
    return (
        [cell.strip(" \t\r\n\u3000\ufeff\xa0") for cell in header],
        [record for _, record in records],
        tuple(row for row, _ in records),
    )


def _columns(
    header: list[str], records: list[list[str]], rows: tuple[int, ...]
) -> tuple[tuple[RawColumn, ...], tuple[Finding, ...]]:
    """Columns with a heading; cells beyond the header are an error, as they are shifted or without a name."""
    width = max([len(header), *map(len, records)])
    named = header + [""] * (width - len(header))
    columns: list[RawColumn] = []
    findings: list[Finding] = []
    for position, name in enumerate(named):
        cells = [record[position] if position < len(record) else "" for record in records]
        column = encode(cells, RawColumn(name, position, (), np.empty(0, dtype=np.intp)))
        if name:
            columns.append(column)
            continue
        findings += _nameless(column, rows)
    return tuple(columns), tuple(findings)


def _nameless(column: RawColumn, rows: tuple[int, ...]) -> Iterable[Finding]:
    for code, text in enumerate(column.texts):
        if not text.strip():
            continue
        row = rows[int(np.flatnonzero(column.codes == code)[0])]
        note = (
            f"a cell without a heading, in column {column.letter}: row {row} has more cells than the header. "
            "A delimiter inside a text must stand in quotation marks, and each column needs a heading"
        )
        yield Finding("error", "no_heading", note, row=row, value=text[:40], letter=column.letter)


def _empty_rows(rows: tuple[int, ...]) -> tuple[Finding, ...]:
    if not rows:
        return ()
    inside = rows[-1] - rows[0] + 1 - len(rows)
    if not inside:
        return ()
    kept = set(rows)
    empty = [row for row in range(rows[0], rows[-1]) if row not in kept]
    shown = ", ".join(map(str, empty[:5])) + (" …" if len(empty) > 5 else "")
    note = f"{inside} wholly empty row{'s' if inside > 1 else ''} left out (row {shown})"
    return (Finding("info", "empty_rows", note, row=empty[0]),)
