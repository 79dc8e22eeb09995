"""What a reader has to know before trusting a scale's coefficients, said in sentences that name the item."""

from __future__ import annotations

import numpy as np

from research.measurement.inputs import ItemData
from research.numerics.reliability import cronbach_alpha, is_singular, item_totals, wrongly_keyed


def scale_notes(part: ItemData) -> tuple[str, ...]:
    """Notes on the items of one construct: wrong keys, gaps, few rows, copies, negative correlations."""
    if len(part.names) == 1:
        return ("A single item has no reliability.",)
    return (*_keys(part), *_rows(part), *_matrix(part))


def _keys(part: ItemData) -> list[str]:
    """Items on the other side of the first principal component, with their item-rest correlation."""
    signs, rest = wrongly_keyed(part.cov), item_totals(part.cov).r_rest
    sides = zip(part.names, signs, rest, strict=True)
    against = [(name, f"{r:.2f}") for name, sign, r in sides if sign < 0 and r == r]
    if not against:
        return []
    names, found = ", ".join(name for name, _ in against), ", ".join(r for _, r in against)
    word = "is" if len(against) == 1 else "are"
    return [
        f"{names} {word} keyed against the other items (item-rest r = {found}): use reverse, or check the "
        "wording."
    ]


def _rows(part: ItemData) -> list[str]:
    notes = []
    if part.n_complete < part.n_obs:
        gaps = part.n_obs - part.n_complete
        notes.append(
            f"{gaps} of {part.n_obs} rows miss an answer; alpha uses pairwise covariances, its interval the "
            f"{part.n_least} rows of the pair with the fewest."
        )
    if not part.n_obs:
        notes.append("No n_obs was given with the matrix, so that there is no interval.")
    elif part.n_obs <= len(part.names):
        notes.append(f"{part.n_obs} rows for {len(part.names)} items are too few for stable estimates.")
    return notes


def _matrix(part: ItemData) -> list[str]:
    notes = []
    if is_singular(part.cov):
        values, vectors = np.linalg.eigh(part.cor)
        names = [name for name, w in zip(part.names, vectors[:, 0], strict=True) if abs(w) > 1e-6]
        if values[0] < -1e-10:
            notes.append(
                "The correlations contradict each other, as they come from different rows: no complete "
                "answers could have them."
            )
        else:
            notes.append(f"At least one item is an exact combination of the others: see {', '.join(names)}.")
    if part.cov.sum() <= 0:
        notes.append("The items' sum has no variance: they cancel out, and no coefficient exists.")
    elif cronbach_alpha(part.cov) < 0:
        notes.append("The items correlate negatively on average: a negative alpha is no reliability.")
    return notes
