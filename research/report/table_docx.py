"""A table as Word: three rules in plain OOXML, so that the bytes are ours and the same every time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from research.provenance import write_atomically
from research.report.archive import zip_bytes
from research.report.nouns import Table
from research.report.printed import Cell, Printed, pieces, printed, width_of

_THICK, _THIN = 12, 6  # eighths of a point
_FIGURE_SPACE = "\u2007"  # as wide as a digit, and as an asterisk of the usual serif faces
_NAMESPACE = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_PORTRAIT, _LANDSCAPE = (11906, 16838), (16838, 11906)  # A4 in twentieths of a point
_MARGIN = 1134  # 2 cm
_NARROW = 16  # to which a column of text is narrowed; numbers are never broken
_WIDE, _WIDER = 95, 145  # typewriter columns that a page holds at 10 pt, upright and on its side
TYPE_SIZES = {"TableText": 9.5, "TableTextMedium": 8.5, "TableTextSmall": 7.5, "TableTextTiny": 6.5}
_TINY = "TableTextTiny"
_USUAL = TYPE_SIZES[
    "TableText"
]  # points, as in a paper's style sheet; the others where columns need the room
_AIR, _LEAST_AIR = 4, 2  # typewriter columns between two columns, and where the page is full


def to_docx(table: Table, path: Path | str, lang: str = "en") -> Path:
    """Write the table as a Word file of its own (A4, on its side where it is wide); returns the path.

    Two calls give identical bytes.
    """
    grid = printed(table, lang)
    page = _LANDSCAPE if sum(_lengths(grid)) > _WIDE else _PORTRAIT
    turned = ' w:orient="landscape"' if page is _LANDSCAPE else ""
    margins = "".join(f' w:{side}="{_MARGIN}"' for side in ("top", "right", "bottom", "left"))
    section = (
        f'<w:sectPr><w:pgSz w:w="{page[0]}" w:h="{page[1]}"{turned}/>'
        f'<w:pgMar{margins} w:header="567" w:footer="567" w:gutter="0"/></w:sectPr>'
    )
    room = _WIDER if page is _LANDSCAPE else _WIDE
    content = _fragment(grid, lang, caption=True, room=room) + section
    body = f"<w:document {_NAMESPACE}><w:body>{content}</w:body></w:document>"
    parts = {
        "[Content_Types].xml": _CONTENT_TYPES,
        "_rels/.rels": _RELATIONS,
        "word/_rels/document.xml.rels": _DOCUMENT_RELATIONS,
        "word/document.xml": body,
        "word/styles.xml": _styles(lang),
    }
    target = Path(path)
    write_atomically(target, zip_bytes({name: (_HEAD + text).encode() for name, text in parts.items()}))
    return target


def to_openxml(table: Table, lang: str = "en", *, caption: bool = True) -> str:
    """The table as a fragment of `word/document.xml`: caption paragraph, table, note paragraph.

    Fonts and sizes come from the document's styles `TableCaption`, `TableNote` and those in `TYPE_SIZES`.
    """
    return _fragment(printed(table, lang), lang, caption=caption)


def _fragment(grid: Printed, lang: str, *, caption: bool, room: int = _WIDE) -> str:
    parts = []
    if caption and grid.title:
        parts.append(_paragraph(_run(grid.title), "TableCaption", keep=True))
    lengths, text = _sized(_lengths(grid), grid.align, room)
    beside = 25 if text == _TINY else 70  # twentieths of a point
    margins = "".join(f'<w:{side} w:w="{beside}" w:type="dxa"/>' for side in ("left", "right"))
    share = [round(5000 * length / sum(lengths)) for length in lengths]
    columns = "".join(f'<w:gridCol w:w="{width * 2}"/>' for width in share)
    parts.append(
        '<w:tbl><w:tblPr><w:tblW w:w="5000" w:type="pct"/><w:jc w:val="center"/><w:tblBorders>'
        f'{_border("top", _THICK)}{_border("bottom", _THICK)}</w:tblBorders><w:tblLayout w:type="autofit"/>'
        f"<w:tblCellMar>{margins}</w:tblCellMar>"
        f'<w:tblLook w:val="0020"/></w:tblPr><w:tblGrid>{columns}</w:tblGrid>'
    )
    parts.extend(_header_rows(grid, text))
    for row in grid.rows:
        cells = [
            _cell(cell, side, width, text) for cell, side, width in zip(row, grid.align, share, strict=True)
        ]
        parts.append(f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{''.join(cells)}</w:tr>")
    parts.append("</w:tbl>")
    if grid.notes:
        lead = _run(grid.lead) if lang == "zh" else _run(grid.lead, italic=True) + _run(" ")
        parts.append(_paragraph(lead + _prose(grid.note), "TableNote"))
    else:
        parts.append(_paragraph("", "TableNote"))  # two tables in a row would grow into one
    return "".join(parts)


def _lengths(grid: Printed) -> list[int]:
    longest = []
    for index, heading in enumerate(grid.headings):
        texts = [heading, *(row[index].text + "*" * row[index].pad for row in grid.rows)]
        longest.append(min(60, max(3, *(_breadth(text) for text in texts))) + _AIR)
    return longest


def _sized(lengths: list[int], align: Sequence[str], room: int) -> tuple[list[int], str]:
    """The lengths and the largest style of type at which no number has to be broken; else the smallest."""
    rooms = {style: int(room * _USUAL / size) for style, size in TYPE_SIZES.items()}
    air = dict.fromkeys(rooms, _LEAST_AIR) | {_TINY: 1}
    tried = {style: _fitted(lengths, align, wider, air[style]) for style, wider in rooms.items()}
    enough = (style for style, fitted in tried.items() if sum(fitted) <= rooms[style])
    style = next(enough, list(rooms)[-1])
    return tried[style], style


def _fitted(lengths: list[int], align: Sequence[str], room: int, air: int) -> list[int]:
    """The lengths; where the page is full, less air, then narrower text, which takes more lines."""
    less = _AIR - air if sum(lengths) > room else 0
    fitted = [length - less for length in lengths]
    texts = [index for index, side in enumerate(align) if side == "left"]
    while sum(fitted) > room and texts:
        widest = max(texts, key=lambda index: fitted[index])
        if fitted[widest] <= _NARROW:
            break
        fitted[widest] -= 1
    return fitted


def _breadth(text: str) -> int:
    """Typewriter columns, with capitals as wide as they are in a serif face."""
    return width_of(text) + -(-3 * sum(ch.isupper() for ch in text) // 5)


def _header_rows(grid: Printed, style: str) -> list[str]:
    rows = []
    if grid.spans:
        cells = []
        for span in grid.spans:
            rule = _cell_border("bottom", _THIN) if span.text else ""
            properties = f'<w:tcPr><w:gridSpan w:val="{span.width}"/>{rule}</w:tcPr>'
            cells.append(
                f"<w:tc>{properties}{_paragraph(_prose(span.text), style, 'center', keep=True)}</w:tc>"
            )
        rows.append(f"<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{''.join(cells)}</w:tr>")
    properties = f'<w:tcPr>{_cell_border("bottom", _THIN)}<w:vAlign w:val="bottom"/></w:tcPr>'
    cells = [
        f"<w:tc>{properties}{_paragraph(_prose(text), style, side, keep=True)}</w:tc>"
        for text, side in zip(grid.headings, grid.align, strict=True)
    ]
    rows.append(f"<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{''.join(cells)}</w:tr>")
    return rows


def _cell(cell: Cell, side: str, width: int, style: str) -> str:
    text = _run(cell.text + _FIGURE_SPACE * cell.pad, bold=cell.strong)
    content = _paragraph(text, style, side)
    return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="pct"/></w:tcPr>{content}</w:tc>'


def _paragraph(runs: str, style: str, side: str = "left", *, keep: bool = False) -> str:
    keep_next = "<w:keepNext/>" if keep else ""
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{keep_next}<w:jc w:val="{side}"/></w:pPr>{runs}</w:p>'


def _prose(text: str) -> str:
    return "".join(_run(part, italic=italic) for part, italic in pieces(text))


def _run(text: str, *, bold: bool = False, italic: bool = False) -> str:
    look = ("<w:b/>" if bold else "") + ("<w:i/>" if italic else "")
    properties = f"<w:rPr>{look}</w:rPr>" if look else ""
    return f'<w:r>{properties}<w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def _border(side: str, eighths: int) -> str:
    return f'<w:{side} w:val="single" w:sz="{eighths}" w:space="0" w:color="auto"/>'


def _cell_border(side: str, eighths: int) -> str:
    return f"<w:tcBorders>{_border(side, eighths)}</w:tcBorders>"


def _styles(lang: str) -> str:
    def style(name: str, title: str, size: int, before: int, after: int, extra: str = "") -> str:
        return (
            f'<w:style w:type="paragraph" w:customStyle="1" w:styleId="{name}"><w:name w:val="{title}"/>'
            f'<w:pPr><w:spacing w:before="{before}" w:after="{after}"/></w:pPr>'
            f'<w:rPr>{extra}<w:sz w:val="{size}"/><w:szCs w:val="{size}"/></w:rPr></w:style>'
        )

    code = "zh-CN" if lang == "zh" else "en-US"
    return (
        f"<w:styles {_NAMESPACE}><w:docDefaults><w:rPrDefault><w:rPr>"
        '<w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:eastAsia="宋体" '
        'w:cs="Times New Roman"/>'
        f'<w:lang w:val="{code}" w:eastAsia="zh-CN"/></w:rPr></w:rPrDefault></w:docDefaults>'
        + style("TableCaption", "Table Caption", 22, 0, 80, "<w:i/>" if lang != "zh" else "")
        + "".join(
            style(name, name.replace("Table", "Table "), round(20 * size / _USUAL), 20, 20)
            for name, size in TYPE_SIZES.items()
        )
        + style("TableNote", "Table Note", 18, 60, 120)
        + "</w:styles>"
    )


_CONTENT_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/word/document.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>'
    '<Override PartName="/word/styles.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml"/></Types>'
)
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELATIONS = (
    f'<Relationships xmlns="{_PACKAGE}">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>'
)
_DOCUMENT_RELATIONS = (
    f'<Relationships xmlns="{_PACKAGE}">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>'
)
