"""Ticks of a drawn axis that all lie within it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def ticks_inside(axes: Axes, which: Literal["x", "y"], most: int = 8) -> None:
    """Round numbers within the limits of an axis, at most about `most`; the limits stay as they are.

    Matplotlib's own ticks reach beyond the limits, where their labels are not shown but take room.
    """
    from matplotlib.ticker import MaxNLocator

    low, high = axes.get_xlim() if which == "x" else axes.get_ylim()
    values = np.asarray(MaxNLocator(nbins=most, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high))
    slack = 1e-9 * (high - low)
    inside = values[(values >= low - slack) & (values <= high + slack)]
    if which == "x":
        axes.set_xticks(inside.tolist())
        axes.set_xlim(low, high)
    else:
        axes.set_yticks(inside.tolist())
        axes.set_ylim(low, high)
