"""Bytes of a text file to rows of cells: which encoding, which delimiter."""

from __future__ import annotations

import csv
import io
from collections import Counter

from research.errors import DataError
from research.responses.nouns import Finding

DELIMITERS = (",", ";", "\t")
_SAMPLE = 50  # records that the choice of the delimiter looks at


def read_delimited(content: bytes, path: str) -> tuple[list[list[str]], str, tuple[Finding, ...]]:
    """Rows of cells (blank lines as empty rows, so that numbering is a spreadsheet's), encoding, findings.

    Encodings tried: a byte order mark (UTF-8, UTF-16), UTF-8, UTF-16 without a mark, GB 18030,
    Windows-1252 (with a warning). Delimiters: comma, semicolon, tab.
    """
    text, encoding, findings = _decode(content, path)
    if "\x00" in text:
        raise DataError(
            f"{path}: this is no text file (it holds zero bytes). Save the answers as CSV (UTF-8) or XLSX."
        )
    hint = text[:5].lower()
    delimiter = text[4] if hint.startswith("sep=") and hint[4:] in DELIMITERS else _delimiter(text)
    csv.field_size_limit(1 << 24)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error:
        rows, doubtful = _loosely_quoted(text, delimiter, path)
        findings += doubtful
    if hint.startswith("sep=") and rows:
        rows[0] = []  # a spreadsheet's own hint, "sep=;", is no header
    return rows, encoding, findings


def _loosely_quoted(text: str, delimiter: str, path: str) -> tuple[list[list[str]], tuple[Finding, ...]]:
    """Rows of a file whose quotation marks break the rules of CSV; refused where a line was swallowed.

    A mark that is not closed makes the lines below it one cell, and their respondents would be lost.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows: list[list[str]] = []
    before = 0
    try:
        for row in reader:
            if reader.line_num > before + 1:
                raise DataError(_unclosed(path, before + 1, reader.line_num))
            rows.append(row)
            before = reader.line_num
    except csv.Error as error:
        raise DataError(f"{_unclosed(path, before + 1, reader.line_num)} ({error})") from None
    note = "quotation marks stand inside texts without being doubled; marks may be lost from these texts"
    return rows, (Finding("warning", "quotation", note),)


def _unclosed(path: str, first: int, last: int) -> str:
    return (
        f"{path}: a quotation mark that opens in line {first} is not closed there, and lines {first} to "
        f"{last} would be read as one respondent. Close the mark, or save the file again as CSV from a "
        "spreadsheet."
    )


def _decode(content: bytes, path: str) -> tuple[str, str, tuple[Finding, ...]]:
    marks = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
    for mark, encoding in marks:
        if content.startswith(mark):
            try:
                return content.decode(encoding), encoding, ()
            except UnicodeDecodeError as error:
                raise DataError(_broken(path, encoding, content, error)) from None
    guess = _utf16_without_mark(content)
    if guess:
        try:
            return content.decode(guess), guess, ()
        except UnicodeDecodeError as error:
            raise DataError(_broken(path, guess, content, error)) from None
    try:
        return content.decode("utf-8"), "utf-8", ()
    except UnicodeDecodeError as error:
        return _decode_legacy(content, path, error)


def _decode_legacy(
    content: bytes, path: str, first: UnicodeDecodeError
) -> tuple[str, str, tuple[Finding, ...]]:
    """GB 18030 where its characters are everyday Chinese ones, else Windows-1252."""
    try:
        text = content.decode("gb18030")
    except UnicodeDecodeError:
        text = ""
    if text and _everyday_chinese(text):
        note = "read as GB 18030, the encoding that Chinese spreadsheets write"
        return text, "gb18030", (Finding("info", "encoding", note, value="gb18030"),)
    try:
        western = content.decode("cp1252")
    except UnicodeDecodeError:
        raise DataError(_broken(path, "utf-8", content, first)) from None
    note = "read as Windows-1252; where letters look wrong, save the file again as CSV UTF-8"
    return western, "cp1252", (Finding("warning", "encoding", note, value="cp1252"),)


def _everyday_chinese(text: str) -> bool:
    """Whether most characters beyond ASCII belong to GB 2312 (6,763 characters in daily use)."""
    foreign = [char for char in text if ord(char) > 127]
    everyday = 0
    for char, count in Counter(foreign).items():
        try:
            char.encode("gb2312")
        except UnicodeEncodeError:
            continue
        everyday += count
    return everyday >= 0.8 * len(foreign)


def _utf16_without_mark(content: bytes) -> str:
    head = content[:2000]
    if len(head) < 4 or b"\x00" not in head:
        return ""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd > 0.3 * len(head) / 2 and even == 0:
        return "utf-16-le"
    return "utf-16-be" if even > 0.3 * len(head) / 2 and odd == 0 else ""


def _broken(path: str, encoding: str, content: bytes, error: UnicodeDecodeError) -> str:
    row = content[: error.start].count(b"\n") + 1
    return (
        f"{path}: the text cannot be decoded as {encoding}: byte {error.start + 1}, in line {row}, "
        f"is 0x{content[error.start]:02x}. Save the file again as CSV UTF-8."
    )


def _delimiter(text: str) -> str:
    """The delimiter whose rows agree best on their number of cells, and have the most of them."""
    head = text[:200_000]
    best, delimiter = (0.0, 0), ","
    for candidate in DELIMITERS:
        widths = []
        try:
            for row in csv.reader(io.StringIO(head, newline=""), delimiter=candidate):
                if any(cell.strip() for cell in row):
                    widths.append(len(row))
                if len(widths) == _SAMPLE:
                    break
        except csv.Error:
            continue
        if not widths or widths[0] < 2:
            continue
        agreement = sum(width == widths[0] for width in widths) / len(widths)
        # Ragged rows lower the agreement of the right delimiter a little; a wrong one has few cells.
        score = (round(agreement, 1), widths[0])
        if score > best:
            best, delimiter = score, candidate
    return delimiter
