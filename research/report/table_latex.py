"""A table as LaTeX: booktabs rules, threeparttable note, every character safe for any engine."""

from __future__ import annotations

from research.report.nouns import Table
from research.report.printed import Cell, Printed, pieces, printed, width_of

# Characters that TeX reads as commands, and those that an 8-bit engine has no glyph for.
_ESCAPES = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_",
    "{": r"\{", "}": r"\}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", '"': r"\textquotedbl{}",
    "`": r"\textasciigrave{}", "−": r"\ensuremath{-}", "–": "--", "—": "---", "…": r"\ldots{}",
    "×": r"\ensuremath{\times}", "√": r"\ensuremath{\surd}", "→": r"\ensuremath{\rightarrow}",
    "≤": r"\ensuremath{\leq}", "≥": r"\ensuremath{\geq}", "±": r"\ensuremath{\pm}",
    "²": r"\ensuremath{^2}", "∞": r"\ensuremath{\infty}", "Δ": r"\ensuremath{\Delta}",
    "α": r"\ensuremath{\alpha}", "β": r"\ensuremath{\beta}", "χ": r"\ensuremath{\chi}",
    "λ": r"\ensuremath{\lambda}", "ρ": r"\ensuremath{\rho}", "ω": r"\ensuremath{\omega}",
    "“": "``", "”": "''", "‘": "`", "’": "'",
}  # fmt: skip
_TABLE = str.maketrans(_ESCAPES)
_LONG = 34  # typewriter columns beyond which a text column is set as a paragraph


def to_latex(table: Table, lang: str = "en", *, caption: bool = True) -> str:
    """The table for `booktabs`, `threeparttable` and `array`; Chinese needs `ctex` or `xeCJK`.

    With `caption=False` the float, its caption and the note's environment are left out, so that a
    document can wrap the bare `tabular`.
    """
    grid = printed(table, lang)
    lines = [rf"\begin{{tabular}}{{@{{}}{_column_spec(grid)}@{{}}}}", r"\toprule"]
    if grid.spans:
        lines += [" & ".join(_span(span.text, span.width) for span in grid.spans) + r" \\", _cmidrules(grid)]
    lines += [" & ".join(_prose(heading) for heading in grid.headings) + r" \\", r"\midrule"]
    lines += [" & ".join(_cell(cell) for cell in row) + r" \\" for row in grid.rows]
    lines += [r"\bottomrule", r"\end{tabular}"]
    if not caption:
        return "\n".join(lines) + "\n"
    note = []
    if grid.notes:
        lead = grid.lead if lang == "zh" else rf"\textit{{{grid.lead}}} "
        note = [r"\begin{tablenotes}[flushleft]", rf"\item {lead}{_prose(grid.note)}", r"\end{tablenotes}"]
    return "\n".join(
        [
            r"\begin{table}[htbp]",
            r"\centering",
            r"\begin{threeparttable}",
            rf"\caption{{{escape_latex(grid.title)}}}",
            *lines,
            *note,
            r"\end{threeparttable}",
            r"\end{table}",
            "",
        ]
    )


def escape_latex(text: str) -> str:
    r"""The text with every special character of TeX, and every sign outside its fonts, as a command.

    >>> escape_latex("50% of R_1 & −.45")
    '50\\% of R\\_1 \\& \\ensuremath{-}.45'
    """
    return text.translate(_TABLE)


def _column_spec(grid: Printed) -> str:
    long = [_width(grid, index) > _LONG for index in range(len(grid.headings))]
    share = 0.62 / max(1, sum(long))
    return "".join(
        "r"
        if side == "right"
        else rf">{{\raggedright\arraybackslash}}p{{{share:.2f}\linewidth}}"
        if wide
        else "l"
        for side, wide in zip(grid.align, long, strict=True)
    )


def _width(grid: Printed, index: int) -> int:
    return max((width_of(row[index].text) for row in grid.rows), default=0)


def _span(text: str, width: int) -> str:
    return rf"\multicolumn{{{width}}}{{c}}{{{_prose(text)}}}"


def _cmidrules(grid: Printed) -> str:
    rules, first = [], 1
    for span in grid.spans:
        if span.text:
            rules.append(rf"\cmidrule(lr){{{first}-{first + span.width - 1}}}")
        first += span.width
    return " ".join(rules)


def _cell(cell: Cell) -> str:
    text = escape_latex(cell.text)
    text = rf"\textbf{{{text}}}" if cell.strong and text else text
    guard = "{}" if text.startswith("[") else ""  # a row that begins with [ would read as a length
    text = guard + text
    return text + (rf"\phantom{{{'*' * cell.pad}}}" if cell.pad else "")


def _prose(text: str) -> str:
    return "".join(
        rf"\textit{{{escape_latex(part)}}}" if italic else escape_latex(part) for part, italic in pieces(text)
    )
