"""Fonts with Chinese glyphs: where they are, whether they hold every character, how they enter a PDF."""

from __future__ import annotations

import atexit
import hashlib
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from research.errors import BuildError

if TYPE_CHECKING:
    from fontTools.ttLib import TTFont

# Open fonts on the package index: (package, file, name). The variable one has a bold, but drawing
# libraries take its thinnest weight, so that figures do not use it.
_PACKAGED = (
    ("pylopdf_fonts_zh_cn", "NotoSansSC-Regular.otf", "Noto Sans SC"),
    ("pylopdf_fonts_zh_cn", "NotoSerifSC-Regular.otf", "Noto Serif SC"),
    ("manimgx_fonts_cjk", "NotoSansCJK-VF.otf.ttc", "Noto Sans CJK SC (variable)"),
)
_SYSTEM = (
    "Noto Sans SC", "Noto Sans CJK SC", "Source Han Sans SC", "Source Han Sans CN", "Microsoft YaHei",
    "PingFang SC", "Hiragino Sans GB", "SimHei", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei",
    "Noto Sans CJK JP", "Droid Sans Fallback", "Arial Unicode MS",
)  # fmt: skip
LATIN = "DejaVu Sans"  # comes with matplotlib
REMEDY = "pip install 'survey-research[paper]'"
_POINT = 25.4 / 72  # millimetres
_NO_TIME = 0x7C259DC0  # the first of January 1970, in seconds since 1904; earlier ones are warned of


@dataclass(frozen=True, slots=True)
class FontFile:
    """One font file, by the family name that it carries."""

    name: str
    path: Path


def fonts_found() -> tuple[str, ...]:
    """Names of the fonts with Chinese glyphs that are installed: packaged ones first, then the system's."""
    names = [font.name for font in packaged_fonts()]
    system = _system_font()
    return tuple(dict.fromkeys([*names, system.name] if system else names))


def packaged_fonts() -> tuple[FontFile, ...]:
    """The open fonts that came as Python packages, found without importing them."""
    found = []
    for package, file, name in _PACKAGED:
        spec = find_spec(package)
        if (
            spec is not None
            and spec.origin is not None
            and (path := Path(spec.origin).parent / file).is_file()
        ):
            found.append(FontFile(name, path))
    return tuple(found)


@cache
def figure_families() -> tuple[str, ...]:
    """Font families for figures, best first, made known to matplotlib; DejaVu Sans is always the last."""
    from matplotlib.font_manager import fontManager

    for font in packaged_fonts():
        if font.path.suffix == ".otf" and "Sans" in font.name:
            fontManager.addfont(str(font.path))
            return (font.name, LATIN)
    system = _system_font()
    return (system.name, LATIN) if system else (LATIN,)


def check_glyphs(texts: Iterable[str], what: str) -> None:
    """BuildError where the fonts at hand lack a character of the texts: never a box in a figure."""
    known: set[int] = set()
    for family in figure_families():
        known |= _characters(_path(family))
    missing = sorted({ch for text in texts for ch in text if not ch.isspace() and ord(ch) not in known})
    if missing:
        shown = "".join(missing[:12]) + ("…" if len(missing) > 12 else "")
        raise BuildError(
            f"{what}: no font at hand has glyphs for '{shown}' (searched {', '.join(figure_families())}). "
            f"Remedy: {REMEDY}"
        )


@lru_cache(maxsize=20_000)
def text_extent(text: str, size: float) -> tuple[float, float]:
    """Width and height in millimetres of one or more lines set at `size` points in the figures' font."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    lines = text.split("\n")
    properties = FontProperties(family=list(figure_families()), size=size)
    widths = [text_to_path.get_text_width_height_descent(line or " ", properties, False)[0] for line in lines]
    return max(widths) * _POINT, size * (1.25 * (len(lines) - 1) + 1.0) * _POINT


def embeddable_family(texts: Iterable[str]) -> str | None:
    """A family of TrueType outlines holding just the characters of the texts, for PDF; None: not needed.

    Matplotlib writes OpenType fonts with PostScript outlines (as Noto's are) into a PDF under the
    type of TrueType ones, which strict readers refuse; so the few glyphs needed are converted.
    """
    first = _path(figure_families()[0])
    if first.suffix.lower() not in {".otf", ".ttc", ".otc"}:
        return None
    needed = frozenset(ord(ch) for text in texts for ch in text) & _characters(first)
    return _converted(first, needed) if needed else None


@cache
def _converted(source: Path, characters: frozenset[int]) -> str | None:
    """The family of a new font file that holds the outlines of these characters, as quadratic curves.

    They differ from the cubic ones of the source by at most a thousandth of the em.
    """
    from fontTools.fontBuilder import FontBuilder
    from fontTools.pens.cu2quPen import Cu2QuPen
    from fontTools.pens.ttGlyphPen import TTGlyphPen
    from matplotlib.font_manager import fontManager

    font = _opened(source)
    if "CFF " not in font or "fvar" in font:
        return None
    names = {code: name for code, name in font.getBestCmap().items() if code in characters}
    order = list(dict.fromkeys([".notdef", *(names[code] for code in sorted(names))]))
    outlines, widths, em = font.getGlyphSet(), font["hmtx"], font["head"].unitsPerEm
    glyphs = {}
    for name in order:
        pen = TTGlyphPen(outlines)
        outlines[name].draw(Cu2QuPen(pen, max_err=em / 1000, reverse_direction=True))
        glyphs[name] = pen.glyph()
    digest = hashlib.sha256(repr(sorted(characters)).encode()).hexdigest()[:10]
    family = f"{source.stem} {digest}".replace("-", " ")  # a hyphen would begin a size
    small = FontBuilder(em, isTTF=True)
    small.updateHead(created=_NO_TIME, modified=_NO_TIME)  # the time of the build is no part of a figure
    small.setupGlyphOrder(order)
    small.setupCharacterMap(names)
    small.setupGlyf(glyphs)
    small.setupHorizontalMetrics({name: (widths[name][0], glyphs[name].xMin) for name in order})
    small.setupHorizontalHeader(ascent=font["hhea"].ascent, descent=font["hhea"].descent)
    small.setupNameTable({"familyName": family, "styleName": "Regular", "fullName": family, "psName": family})
    small.setupOS2()
    small.setupPost(keepGlyphNames=False)
    target = _folder() / f"{source.stem}-{digest}.ttf"
    small.save(target)
    fontManager.addfont(str(target))
    return family


@cache
def _opened(source: Path) -> TTFont:
    from fontTools.ttLib import TTFont

    return TTFont(source, fontNumber=0, lazy=True)


@cache
def _characters(path: Path) -> frozenset[int]:
    from matplotlib.ft2font import FT2Font

    return frozenset(FT2Font(str(path)).get_charmap())


@cache
def _path(family: str) -> Path:
    from matplotlib.font_manager import FontProperties, findfont

    return Path(findfont(FontProperties(family=family), fallback_to_default=False))


@cache
def _system_font() -> FontFile | None:
    from matplotlib.font_manager import fontManager

    known = {font.name: Path(font.fname) for font in fontManager.ttflist}
    return next((FontFile(name, known[name]) for name in _SYSTEM if name in known), None)


@cache
def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="survey-fonts-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
