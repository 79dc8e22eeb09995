"""What a path diagram shows, as a tidy frame; and what of it may be left out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from research.errors import DataError, OptionError
from research.questionnaire.definition import Questionnaire
from research.report.labels import label_of

if TYPE_CHECKING:
    import pandas as pd


def path_frame(
    tidy: pd.DataFrame,
    questionnaire: Questionnaire | None = None,
    *,
    r_squared: Mapping[str, float] | None = None,
    group: str | None = None,
) -> pd.DataFrame:
    """What a path diagram shows: `kind source target label estimate p r2 observed`.

    kind `node` (a construct or an observed variable, with its label and R²), `loading`, `path`.
    A loading on another construct (second order) is a path.
    """
    import pandas as pd

    rows = _one_group(tidy, group)
    measured = rows[rows["op"] == "=~"]
    latents = list(dict.fromkeys(str(name) for name in measured["lhs"]))
    records: list[dict[str, object]] = []
    names: dict[str, None] = dict.fromkeys(latents)
    for op in ("=~", "~"):
        part = rows[rows["op"] == op]
        for lhs, rhs, estimate, p in zip(part["lhs"], part["rhs"], part["std_all"], part["p"], strict=True):
            source, target = (str(lhs), str(rhs)) if op == "=~" else (str(rhs), str(lhs))
            kind = "path" if op == "~" or target in latents else "loading"
            if kind == "path":
                names |= dict.fromkeys((source, target))
            label = label_of(target, questionnaire)
            records.append(
                {
                    "kind": kind,
                    "source": source,
                    "target": target,
                    "label": label,
                    "estimate": estimate,
                    "p": p,
                }
            )
    if not any(record["kind"] == "path" for record in records):
        raise DataError("the model has no structural path (no line with ~), so that there is no path diagram")
    ordered = _in_order(list(names), questionnaire)
    nodes = [
        {
            "kind": "node",
            "source": name,
            "label": label_of(name, questionnaire),
            "r2": (r_squared or {}).get(name, math.nan),
            "observed": name not in latents,
        }
        for name in ordered
    ]
    columns = ["kind", "source", "target", "label", "estimate", "p", "r2", "observed"]
    frame = pd.DataFrame([*nodes, *records], columns=columns)
    endogenous = set(frame["target"][frame["kind"] == "path"])
    frame.loc[(frame["kind"] == "node") & ~frame["source"].isin(list(endogenous)), "r2"] = math.nan
    return frame.assign(observed=frame["observed"].map(lambda seen: seen is True))


def without_indicators(frame: pd.DataFrame) -> pd.DataFrame:
    """Constructs and paths alone."""
    return frame[frame["kind"] != "loading"].reset_index(drop=True)


def without_components(frame: pd.DataFrame, tidy: pd.DataFrame) -> pd.DataFrame:
    """Without loadings on constructs, and without the constructs that stand in no other path."""
    measured = tidy[tidy["op"] == "=~"]
    higher = measured[measured["rhs"].isin(list(measured["lhs"]))]
    pairs = set(zip(higher["lhs"].astype(str), higher["rhs"].astype(str), strict=True))
    regressions = tidy[tidy["op"] == "~"]
    inner = {target for _, target in pairs} - set(regressions["lhs"]) - set(regressions["rhs"])
    kept = [
        (str(source), str(target)) not in pairs and str(source) not in inner
        for source, target in zip(frame["source"], frame["target"], strict=True)
    ]
    return frame[kept].reset_index(drop=True)


def without_controls(frame: pd.DataFrame, questionnaire: Questionnaire | None) -> pd.DataFrame:
    """Without the observed causes that no hypothesis names; all stay where there is no questionnaire."""
    if questionnaire is None:
        return frame
    named = {name for one in questionnaire.hypotheses for name in (*one.path, one.moderator)}
    caused = set(frame["target"][frame["kind"] == "path"])
    left_out = {
        str(name)
        for name, observed in zip(frame["source"], frame["observed"], strict=True)
        if observed and name not in caused and name not in named
    }
    return frame[~frame["source"].isin(list(left_out))].reset_index(drop=True)


def measured_paths(frame: pd.DataFrame, tidy: pd.DataFrame) -> set[tuple[str, str]]:
    """The paths that are loadings of components on their second-order construct."""
    rows = tidy[tidy["op"] == "=~"]
    loadings = set(zip(rows["lhs"].astype(str), rows["rhs"].astype(str), strict=True))
    paths = frame[frame["kind"] == "path"]
    return loadings & set(zip(paths["source"], paths["target"], strict=True))


def _one_group(tidy: pd.DataFrame, group: str | None) -> pd.DataFrame:
    groups = list(dict.fromkeys(str(name) for name in tidy["group"])) if "group" in tidy else [""]
    if group is None and len(groups) > 1:
        named = [name for name in groups if name]
        if len(named) > 1:
            raise OptionError(f"the model has groups {', '.join(named)}; choose the one to draw with group=")
        group = named[0]
    if group is not None and group not in groups:
        raise OptionError(f"the model has no group '{group}'; it has {', '.join(groups)}")
    return tidy if group is None else tidy[tidy["group"].isin([group, ""])]


def _in_order(names: Sequence[str], questionnaire: Questionnaire | None) -> list[str]:
    """Constructs in the order of the questionnaire, others after them as they come."""
    asked = [construct.name for construct in questionnaire.constructs] if questionnaire else []
    return sorted(names, key=lambda name: asked.index(name) if name in asked else len(asked))
