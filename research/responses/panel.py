"""Answers of the same respondents at several times, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from research.errors import DataError
from research.responses.nouns import Responses

if TYPE_CHECKING:
    import pandas as pd

KEY = "respondent_id"


def join_waves(waves: Sequence[Responses], *, by: str = KEY) -> pd.DataFrame:
    """One row a respondent, every column of every wave: `trust1_w1`, `trust1_w2`, … and `by` itself.

    Respondents who are absent from a wave are kept, with missing answers there; the frame's attribute
    `attrs["present"]` counts who answered each wave and who answered all. Rows are in the order in which
    respondents first appear. `DataError`: fewer than two waves; no column `by`; an empty or repeated one,
    by its rows.

    >>> import research
    >>> answers = research.example_responses()
    >>> waves = [research.simulate(answers.questionnaire, 50, wave=number) for number in (1, 2)]
    >>> joined = research.join_waves(waves)
    >>> len(joined), joined.filter(like="trust1").columns.tolist()
    (50, ['trust1_w1', 'trust1_w2'])
    """
    if len(waves) < 2:
        raise DataError(f"{len(waves)} wave was given; a panel has two or more, in their order in time.")
    frames = []
    for number, wave in enumerate(waves, 1):
        frame = wave.frame
        _checked(wave, by, number)
        frame = frame.set_index(by)
        frames.append(frame.rename(columns={name: f"{name}_w{number}" for name in frame.columns}))
    joined = frames[0]
    for frame in frames[1:]:
        joined = joined.join(frame, how="outer", sort=False)
    order = dict.fromkeys(name for frame in frames for name in frame.index)
    joined = joined.loc[list(order)].rename_axis(by).reset_index()
    counts = {f"w{number}": len(frame) for number, frame in enumerate(frames, 1)}
    everywhere = set(frames[0].index).intersection(*(frame.index for frame in frames[1:]))
    joined.attrs["present"] = {**counts, "all": len(everywhere)}
    return joined


def _checked(wave: Responses, by: str, number: int) -> None:
    where = f"wave {number} ({wave.source.path or wave.source.kind})"
    if by not in wave.frame.columns:
        raise DataError(
            f"{where} has no column '{by}', by which respondents are recognised. Name the column of the file "
            "under `screening: {id_column: …}`."
        )
    ids = wave.frame[by]
    for what, mask in (("no", ids.isna()), ("the same", ids.duplicated(keep=False) & ids.notna())):
        if mask.any():
            rows = [str(wave.rows[at]) for at in mask.to_numpy().nonzero()[0][:5]]
            more = ", …" if mask.sum() > len(rows) else ""
            raise DataError(
                f"{int(mask.sum())} respondents of {where} have {what} '{by}' "
                f"(rows {', '.join(rows)}{more}). Correct or remove these rows."
            )
