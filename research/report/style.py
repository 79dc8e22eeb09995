"""The look of every figure, and saving one: journal sizes, palette, the same bytes on every run."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from research.errors import OptionError
from research.provenance import write_atomically
from research.questionnaire.definition import say
from research.report.fonts import LATIN, check_glyphs, embeddable_family, figure_families
from research.report.nouns import Figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

COLUMN_MM, PAGE_MM = 88.0, 180.0  # one and two columns of a journal page
SMALL, BODY, LARGE = 6.5, 7.5, 8.5  # points; journals ask for 6 to 8 at the printed size
HAIR, LINE, HEAVY = 0.5, 0.8, 1.2  # points
INK, MUTED, FAINT, PAPER = "#1A1A1A", "#5A5A5A", "#C9CDD2", "#FFFFFF"
ACCENT, WARM = "#0072B2", "#D55E00"
# Okabe & Ito (2008), Color Universal Design; ordered so that neighbours differ in grey as well.
PALETTE = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#000000")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")

PictureForm = Literal["pdf", "svg", "png"]
_FORMS: dict[str, PictureForm] = {".pdf": "pdf", ".svg": "svg", ".png": "png"}


def save(figure: Figure, path: Path | str, lang: str = "en", *, dpi: int = 300) -> Path:
    """Write the figure as `.pdf`, `.svg` or `.png` at its width and height; returns the path.

    Two calls give identical bytes. `dpi` (300, or 600 for line art) matters to PNG only. BuildError
    where no font at hand has a glyph, OptionError on another suffix.
    """
    target = Path(path)
    if target.suffix.lower() not in _FORMS:
        raise OptionError(f"{target.name}: a figure is saved as {', '.join(_FORMS)}, not '{target.suffix}'")
    write_atomically(target, picture(figure, lang, _FORMS[target.suffix.lower()], dpi=dpi))
    return target


def picture(figure: Figure, lang: str, form: PictureForm, *, dpi: int = 300) -> bytes:
    """The figure in one format, as bytes."""
    return pictures(figure, lang, (form,), dpi=dpi)[form]


def pictures(
    figure: Figure, lang: str, forms: Sequence[PictureForm], *, dpi: int = 300
) -> dict[PictureForm, bytes]:
    """The figure in several formats, painted once."""
    with journal_style():
        canvas = paint(figure, lang)
        # a PDF comes last, since its texts are set in a font of their own
        last = sorted(forms, key=lambda form: form == "pdf")
        made = {form: _printed(canvas, figure, lang, form, dpi) for form in last}
    return {form: made[form] for form in forms}


def _printed(canvas: Canvas, figure: Figure, lang: str, form: PictureForm, dpi: int) -> bytes:
    from matplotlib import rc_context

    family = embeddable_family(texts_of(canvas)) if form == "pdf" else None
    if family:
        _set_family(canvas, [family, LATIN])
    buffer = io.BytesIO()
    with rc_context({"mathtext.rm": family} if family else {}):
        canvas.savefig(buffer, format=form, dpi=dpi, metadata=_metadata(figure, lang, form))
    return buffer.getvalue()


def paint(figure: Figure, lang: str) -> Canvas:
    """A canvas of the figure's size with everything drawn; call it inside `journal_style()`."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure as Canvas

    canvas = Canvas(figsize=(figure.width / 25.4, figure.height / 25.4))
    FigureCanvasAgg(canvas)
    figure.draw(canvas, figure.frame, lang)
    check_glyphs(texts_of(canvas), f"figure '{say(figure.title, lang)}'")
    return canvas


@contextmanager
def journal_style() -> Iterator[None]:
    """Matplotlib's settings for a journal: fonts with Chinese, thin rules, text as text, fixed ids."""
    from matplotlib import rc_context, rcdefaults, rcParams

    families = list(figure_families())
    with rc_context():
        rcdefaults()
        rcParams.update(
            {
                "font.family": families,
                "font.size": BODY,
                "mathtext.fontset": "custom",
                "mathtext.rm": families[0],
                "mathtext.it": f"{LATIN}:italic",
                **dict.fromkeys(
                    ("mathtext.cal", "mathtext.sf", "mathtext.tt", "mathtext.bf", "mathtext.bfit"), LATIN
                ),
                "text.parse_math": False,  # a label with a dollar sign is a label
                "text.color": INK,
                "axes.titlesize": BODY,
                "axes.labelsize": BODY,
                "axes.labelcolor": INK,
                "axes.edgecolor": MUTED,
                "axes.linewidth": HAIR,
                "axes.unicode_minus": True,
                "axes.spines.top": False,
                "axes.spines.right": False,
                "xtick.labelsize": SMALL,
                "ytick.labelsize": SMALL,
                "xtick.color": MUTED,
                "ytick.color": MUTED,
                "xtick.labelcolor": INK,
                "ytick.labelcolor": INK,
                "xtick.major.width": HAIR,
                "ytick.major.width": HAIR,
                "xtick.major.size": 2.5,
                "ytick.major.size": 0.0,
                "legend.fontsize": SMALL,
                "legend.frameon": False,
                "lines.linewidth": LINE,
                "pdf.fonttype": 42,
                "svg.fonttype": "path",
                "svg.hashsalt": "survey-research",
                "savefig.facecolor": PAPER,
                "figure.facecolor": PAPER,
            }
        )
        yield


def texts_of(canvas: Canvas) -> list[str]:
    """Every visible text on the canvas; of a formula only the characters that it prints."""
    from matplotlib.text import Text

    texts = []
    for artist in canvas.findobj(Text):
        if artist.get_visible():
            text = artist.get_text()
            texts.append(
                "".join(ch for ch in text if ch not in "$^{}\\") if artist.get_parse_math() else text
            )
    return texts


def _set_family(canvas: Canvas, families: list[str]) -> None:
    from matplotlib.text import Text

    for artist in canvas.findobj(Text):
        artist.set_fontfamily(families)


def _metadata(figure: Figure, lang: str, form: PictureForm) -> dict[str, str | None]:
    title = say(figure.title, lang)
    if form == "pdf":
        return {"CreationDate": None, "Title": title}
    return {"Date": None, "Title": title} if form == "svg" else {"Title": title, "Software": None}


def sheet(canvas: Canvas) -> Axes:
    """An empty plane over the whole canvas whose unit is the millimetre, origin at the lower left."""
    width, height = canvas.get_size_inches() * 25.4
    axes = canvas.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, width), ylim=(0, height))
    axes.set_axis_off()
    return axes


def draw_rects(
    axes: Axes,
    rects: Sequence[tuple[float, float, float, float]],
    colours: Sequence[str],
    *,
    edge: float = 0.4,
) -> None:
    """Filled rectangles (left, bottom, width, height) as one artist, with edges of white.

    Hundreds of patches of their own would take most of the time of a figure.
    """
    from matplotlib.collections import PolyCollection

    corners = [[(x, y), (x + w, y), (x + w, y + h), (x, y + h)] for x, y, w, h in rects]
    axes.add_collection(
        PolyCollection(corners, facecolors=list(colours), edgecolors=PAPER, linewidths=edge), autolim=False
    )


def diverging(position: float) -> str:
    """A colour between orange (−1), near white (0) and dark blue (1); the ends differ in grey as well."""
    low, middle, high = (224, 130, 20), (240, 239, 237), (0, 76, 127)
    end = high if position > 0 else low
    part = min(1.0, abs(position)) ** 0.85
    return "#" + "".join(f"{round(m + (e - m) * part):02X}" for m, e in zip(middle, end, strict=True))


def ink_on(colour: str) -> str:
    """Black or white, whichever is read better on the colour (WCAG relative luminance)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return INK if luminance > 0.22 else PAPER
