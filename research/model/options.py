"""The options of cfa, sem and growth, with lavaan's names, meanings and defaults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Function = Literal["cfa", "sem", "growth"]


@dataclass(frozen=True, slots=True)
class Options:
    """Options with every default resolved; None only where the model text decides (`meanstructure`)."""

    fun: Function = "sem"
    estimator: str = "ML"
    missing: str = "listwise"
    ordered: tuple[str, ...] | bool = ()
    group: str | None = None
    group_equal: tuple[str, ...] = ()
    group_partial: tuple[str, ...] = ()
    std_lv: bool = False
    orthogonal: bool = False
    meanstructure: bool | None = None
    fixed_x: bool = True
    likelihood: str = "normal"
    information: str = "expected"
    se: str = "standard"
    test: str = "standard"
    bootstrap: int = 1000
    parameterization: str = "delta"
    effect_coding: tuple[str, ...] = ()
    bounds: str = "none"
    cluster: str | None = None
    sampling_weights: str | None = None
    sample_cov_rescale: bool = True
    rotation: str = "geomin"
    rotation_args: Mapping[str, object] = field(default_factory=dict)
    max_iter: int = 10_000
    seed: int = 1
