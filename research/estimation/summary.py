"""A fit as text: how it ended and how well it fits, then its parameters under the headings of the field."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from research.readable import Text

if TYPE_CHECKING:
    import pandas as pd

    from research.estimation.fit import Fit

HEADINGS = {
    "=~": "Loadings",
    "<~": "Composites",
    "~": "Regressions",
    "~~": "Covariances",
    "~1": "Intercepts",
    "|": "Thresholds",
    "~~ itself": "Variances",
    "~*~": "Scales of y*",
    ":=": "Defined parameters",
}
INDICES = {
    "chisq": "chisq",
    "df": "df",
    "p": "pvalue",
    "CFI": "cfi",
    "TLI": "tli",
    "RMSEA": "rmsea",
    "90 % low": "rmsea_ci_lower",
    "high": "rmsea_ci_upper",
    "SRMR": "srmr",
    "AIC": "aic",
    "BIC": "bic",
}
COLUMNS = ["estimate", "se", "z", "p", "low", "high", "std_all"]


def summary(fit: Fit) -> Text:
    """What `overview` tells, then one table a kind of parameter, by group and level, and R2."""
    tidy = fit.tidy()
    by_block = tidy.groupby(["group", "level"], sort=False)
    parts = [overview(fit)]
    for (group, level), rows in by_block:
        if len(by_block) > 1 and (place := _place(str(group), str(level))):
            parts.append(place)
        parts += _tables(rows)
    explained = fit.r_squared()
    if len(explained):
        shown = explained if fit.n_groups > 1 else explained[["variable", "r_squared"]]
        parts.append("R2\n" + _text(shown.rename(columns={"r_squared": "R2"})))
    return Text("\n\n".join(parts))


def overview(fit: Fit) -> str:
    """Estimator, sample and search; tests and indices, the corrected ones beside the plain; the notes."""
    options = fit.options
    estimator = options.estimator + (f", {options.missing}" if options.missing != "listwise" else "")
    rows = (
        " + ".join(f"{group.size:g}" for group in fit.sample.groups) if fit.n_groups > 1 else str(fit.n_obs)
    )
    ended = f"converged in {fit.n_steps} steps" if fit.converged else "NOT CONVERGED"
    lines = [f"Model by {estimator}: {rows} rows, {fit.n_parameters} parameters; {ended}"]
    if fit.converged:
        lines.append(_text(_indices(fit.measures())))
        if not fit.admissible:
            lines.append("  NOT ADMISSIBLE")
    lines += [f"  - {note}" for note in fit.notes]
    return "\n".join(lines)


def _indices(measures: dict[str, float]) -> pd.DataFrame:
    """A row a kind of test and indices (plain, scaled, robust), those columns that one of them has."""
    import pandas as pd

    rows = {
        kind or "plain": {
            head: measures.get(f"{name}_{kind}" if kind else name) for head, name in INDICES.items()
        }
        for kind in ("", "scaled", "robust")
    }
    frame = pd.DataFrame(rows, dtype=float).T.dropna(how="all", axis=0).dropna(how="all", axis=1)
    return frame.reset_index(names="")


def _tables(rows: pd.DataFrame) -> Iterator[str]:
    kinds = rows["op"].where((rows["op"] != "~~") | (rows["lhs"] != rows["rhs"]), "~~ itself")
    for kind, heading in HEADINGS.items():
        part = rows[kinds == kind]
        known = part["se"].notna().any() or kind not in ("~1", "~*~")  # not a column of noughts or ones
        if len(part) and known:
            named = part.assign(parameter=[_name(*key) for key in part[["lhs", "op", "rhs"]].to_numpy()])
            labels = ["label"] if (part["label"] != "").any() else []
            yield f"{heading}\n" + _text(named[["parameter", *labels, *COLUMNS]])


def _name(lhs: str, op: str, rhs: str) -> str:
    if op in ("~1", ":="):
        return lhs
    return lhs if op in ("~~", "~*~") and lhs == rhs else f"{lhs} {op} {rhs}"


def _text(frame: pd.DataFrame) -> str:
    import pandas as pd

    left = frame.select_dtypes(exclude="number").columns
    wide = {name: max(map(len, [name, *frame[name]])) for name in left}
    padded = frame.assign(**{name: frame[name].str.ljust(wide[name]) for name in left})
    headed = padded.rename(columns={name: f"{name:<{wide[name]}}" for name in left})
    with pd.option_context("display.unicode.east_asian_width", True):
        text = headed.to_string(index=False, float_format=_number, na_rep="", line_width=200)
    return "\n".join("  " + line.rstrip() for line in text.split("\n"))


def _number(value: float) -> str:
    return f"{value:g}" if value == int(value) and abs(value) > 1 else f"{value:.3f}"


def _place(group: str, level: str) -> str:
    words = [f"Group {group}" if group else "", f"Level {level}" if level else ""]
    return ", ".join(word for word in words if word).upper()
