"""The Word reference document: A4, styles, Chinese faces, page numbers, the mark of simulated data.

It is pandoc's own reference document with styles of ours, made anew for each build and always the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from xml.sax.saxutils import escape

from research.report.archive import unzip_bytes, zip_bytes
from research.report.table_docx import TYPE_SIZES

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_TYPES = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RED = "A11919"


@dataclass(frozen=True, slots=True)
class _Style:
    """A paragraph style: sizes in half points, spacing in twentieths of a point.

    `indent`: first line by that many hundredths of a character; `hang`: hanging, in twentieths of a point.
    """

    id: str
    name: str
    based: str = "Normal"
    size: int = 0
    heavy: bool = False
    italic: bool = False
    color: str = ""
    align: Literal["", "left", "center", "both"] = ""
    before: int = 0
    after: int = 0
    line: int = 0
    indent: int | None = None
    hang: int = 0
    keep: bool = False
    level: int = 0
    boxed: bool = False


def reference_document(default: bytes, lang: str, mark: str) -> bytes:
    """pandoc's `default` reference document with our styles; `mark` stands in the header of every page."""
    parts = unzip_bytes(default)
    parts["word/styles.xml"] = (_HEAD + _styles_xml(lang)).encode()
    parts["word/header1.xml"] = (_HEAD + _header(mark)).encode()
    parts["word/footer1.xml"] = (_HEAD + _footer()).encode()
    parts["[Content_Types].xml"] = _insert(
        parts["[Content_Types].xml"],
        "</Types>",
        f'<Override PartName="/word/header1.xml" ContentType="{_TYPES}.header+xml"/>'
        f'<Override PartName="/word/footer1.xml" ContentType="{_TYPES}.footer+xml"/>',
    )
    parts["word/_rels/document.xml.rels"] = _insert(
        parts["word/_rels/document.xml.rels"],
        "</Relationships>",
        f'<Relationship Type="{_RELATION}/header" Id="rId101" Target="header1.xml"/>'
        f'<Relationship Type="{_RELATION}/footer" Id="rId102" Target="footer1.xml"/>',
    )
    document = parts["word/document.xml"].decode()
    start = document.rindex("<w:sectPr")
    end = document.rindex("</w:body>")
    parts["word/document.xml"] = (document[:start] + _SECTION + document[end:]).encode()
    return zip_bytes(parts)


_SECTION = (
    '<w:sectPr><w:headerReference w:type="default" r:id="rId101"/>'
    '<w:footerReference w:type="default" r:id="rId102"/>'
    '<w:pgSz w:w="11906" w:h="16838"/>'
    '<w:pgMar w:top="1417" w:right="1417" w:bottom="1417" w:left="1417" w:header="709" w:footer="709" '
    'w:gutter="0"/>'
    "</w:sectPr>"
)


def _insert(part: bytes, before: str, xml: str) -> bytes:
    return part.decode().replace(before, xml + before).encode()


def _header(mark: str) -> str:
    run = (
        f'<w:r><w:rPr><w:b/><w:color w:val="{_RED}"/></w:rPr><w:t>{escape(mark)}</w:t></w:r>' if mark else ""
    )
    return f'<w:hdr {_W} {_R}><w:p><w:pPr><w:pStyle w:val="Header"/></w:pPr>{run}</w:p></w:hdr>'


def _footer() -> str:
    field = '<w:fldSimple w:instr=" PAGE "><w:r><w:t>1</w:t></w:r></w:fldSimple>'
    return f'<w:ftr {_W} {_R}><w:p><w:pPr><w:pStyle w:val="Footer"/></w:pPr>{field}</w:p></w:ftr>'


def _paragraph_styles(lang: str) -> list[_Style]:
    zh = lang == "zh"
    indent = 200 if zh else 0
    centered: Literal["left", "center"] = "center" if zh else "left"
    return [
        _Style("BodyText", "Body Text", align="both", after=0 if zh else 120, line=360, indent=indent),
        _Style("FirstParagraph", "First Paragraph", "BodyText"),
        _Style("Compact", "Compact", after=40, line=320),
        _Style("Title", "Title", size=36, heavy=True, align="center", before=240, after=160, keep=True),
        _Style("Subtitle", "Subtitle", size=26, align="center", after=120, keep=True),
        _Style("Author", "Author", size=24, align="center", after=60),
        _Style("Date", "Date", size=21, align="center", after=120),
        _Style(
            "AbstractTitle",
            "Abstract Title",
            size=22,
            heavy=True,
            align="center",
            before=200,
            after=60,
            keep=True,
        ),
        _Style("Abstract", "Abstract", size=21, align="both", after=120, line=300),
        _Style("Bibliography", "Bibliography", size=21, align="left", after=80, line=280, hang=420),
        _Style("Heading1", "heading 1", size=28, heavy=True, before=360, after=160, keep=True, level=1),
        _Style("Heading2", "heading 2", size=25, heavy=True, before=280, after=120, keep=True, level=2),
        _Style("Heading3", "heading 3", size=24, heavy=True, before=240, after=100, keep=True, level=3),
        _Style(
            "Heading4",
            "heading 4",
            size=24,
            heavy=True,
            italic=not zh,
            before=200,
            after=80,
            keep=True,
            level=4,
        ),
        _Style("BlockText", "Block Text", align="both", after=120, line=320),
        _Style("FootnoteText", "footnote text", size=19),
        _Style("Caption", "caption", size=22),
        _Style(
            "TableCaption",
            "Table Caption",
            "Caption",
            heavy=zh,
            size=21,
            align=centered,
            before=280,
            after=80,
        ),
        _Style(
            "ImageCaption",
            "Image Caption",
            "Caption",
            heavy=zh,
            size=21,
            align=centered,
            before=80,
            after=200,
        ),
        _Style("Figure", "Figure", align="center", before=240, after=60, keep=True),
        _Style("CaptionedFigure", "Captioned Figure", "Figure"),
        _Style("TableText", "Table Text", size=19, before=20, after=20),
        *(
            _Style(name, name.replace("Table", "Table "), "TableText", size=round(2 * size))
            for name, size in TYPE_SIZES.items()
            if name != "TableText"
        ),
        _Style("TableNote", "Table Note", size=18, before=60, after=200),
        _Style("SimulatedNote", "Simulated Note", size=18, heavy=True, color=_RED, after=200),
        _Style("SimulatedBox", "Simulated Box", size=21, before=120, after=200, color=_RED, boxed=True),
        _Style("Provenance", "Provenance", size=19, after=80, line=280),
        _Style("Header", "header", size=18, align="left"),
        _Style("Footer", "footer", size=18, align="center"),
        _Style("DefinitionTerm", "Definition Term", heavy=True, keep=True),
        _Style("Definition", "Definition", after=80),
        _Style("TOCHeading", "TOC Heading", "Heading1"),
    ]


def _styles_xml(lang: str) -> str:
    defaults = (
        '<w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" '
        'w:eastAsia="宋体" w:cs="Times New Roman"/><w:sz w:val="24"/><w:szCs w:val="24"/>'
        '<w:lang w:val="en-US" w:eastAsia="zh-CN" w:bidi="ar-SA"/></w:rPr></w:rPrDefault>'
        "<w:pPrDefault/></w:docDefaults>"
    )
    normal = (
        '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/>'
        "</w:style>"
    )
    return (
        f"<w:styles {_W}>{defaults}{normal}{_CHARACTER_STYLES}"
        + "".join(_style_xml(style) for style in _paragraph_styles(lang))
        + "</w:styles>"
    )


def _style_xml(style: _Style) -> str:
    box = "".join(f'<w:{side} w:val="single" w:sz="6" w:space="4" w:color="{_RED}"/>' for side in _SIDES)
    spacing = f'<w:spacing w:before="{style.before}" w:after="{style.after}"' + (
        f' w:line="{style.line}" w:lineRule="auto"/>' if style.line else "/>"
    )
    inherits = style.based not in {"Normal", "Caption"} and not style.size
    paragraph = [
        "<w:keepNext/>" if style.keep else "",
        f"<w:pBdr>{box}</w:pBdr>" if style.boxed else "",
        "" if inherits else spacing,
        f'<w:ind w:firstLineChars="{style.indent}" w:firstLine="{style.indent * 24 // 10}"/>'
        if style.indent
        else "",
        f'<w:ind w:left="{style.hang}" w:hanging="{style.hang}"/>' if style.hang else "",
        f'<w:jc w:val="{style.align}"/>' if style.align else "",
        f'<w:outlineLvl w:val="{style.level - 1}"/>' if style.level else "",
    ]
    run = [
        '<w:rFonts w:eastAsia="黑体"/>' if style.heavy else "",
        "<w:b/><w:bCs/>" if style.heavy and not style.id.endswith("Caption") else "",
        "<w:i/>" if style.italic else "",
        f'<w:color w:val="{style.color}"/>' if style.color else "",
        f'<w:sz w:val="{style.size}"/><w:szCs w:val="{style.size}"/>' if style.size else "",
    ]
    custom = ' w:customStyle="1"' if style.id in _CUSTOM else ""
    follow = '<w:next w:val="BodyText"/>' if style.level else ""
    return (
        f'<w:style w:type="paragraph"{custom} w:styleId="{style.id}"><w:name w:val="{style.name}"/>'
        f'<w:basedOn w:val="{style.based}"/>{follow}<w:qFormat/>'
        f"<w:pPr>{''.join(paragraph)}</w:pPr><w:rPr>{''.join(run)}</w:rPr></w:style>"
    )


_SIDES = ("top", "left", "bottom", "right")
_CUSTOM = {
    *TYPE_SIZES,
    "TableNote",
    "SimulatedNote",
    "SimulatedBox",
    "Provenance",
    "Figure",
}
_CHARACTER_STYLES = (
    '<w:style w:type="character" w:default="1" w:styleId="DefaultParagraphFont">'
    '<w:name w:val="Default Paragraph Font"/><w:uiPriority w:val="1"/><w:semiHidden/></w:style>'
    '<w:style w:type="character" w:customStyle="1" w:styleId="VerbatimChar"><w:name w:val="Verbatim Char"/>'
    '<w:rPr><w:rFonts w:ascii="Courier New" w:hAnsi="Courier New" w:cs="Courier New"/><w:sz w:val="17"/>'
    "</w:rPr>"
    "</w:style>"
    '<w:style w:type="character" w:customStyle="1" w:styleId="SectionNumber"><w:name w:val="Section Number"/>'
    "</w:style>"
    '<w:style w:type="character" w:styleId="FootnoteReference"><w:name w:val="footnote reference"/>'
    '<w:rPr><w:vertAlign w:val="superscript"/></w:rPr></w:style>'
    '<w:style w:type="character" w:styleId="Hyperlink"><w:name w:val="Hyperlink"/>'
    '<w:rPr><w:color w:val="1F3F77"/></w:rPr></w:style>'
    '<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/><w:tblPr>'
    '<w:tblCellMar><w:left w:w="70" w:type="dxa"/><w:right w:w="70" w:type="dxa"/></w:tblCellMar></w:tblPr>'
    "</w:style>"
    '<w:style w:type="table" w:customStyle="1" w:styleId="Table"><w:name w:val="Table"/>'
    '<w:basedOn w:val="TableNormal"/>'
    '<w:tblPr><w:tblBorders><w:top w:val="single" w:sz="12" w:space="0" w:color="auto"/>'
    '<w:bottom w:val="single" w:sz="12" w:space="0" w:color="auto"/></w:tblBorders></w:tblPr>'
    '<w:tblStylePr w:type="firstRow"><w:tcPr><w:tcBorders>'
    '<w:bottom w:val="single" w:sz="6" w:space="0" w:color="auto"/></w:tcBorders></w:tcPr></w:tblStylePr>'
    "</w:style>"
)
