"""The packaged analysis: what a survey paper of this field shows, each artefact by one function of the study.

A notebook calls the same functions cell by cell; a build without one calls all of `STANDARD` in order.
A function returns None where its artefact does not apply, and the paper then has no such table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from research.standard.model import (
    admissible,
    bootstrap,
    coefficients,
    fit,
    fit_sem,
    indirect,
    path,
    path_diagram,
    paths,
)
from research.standard.respondents import (
    correlation_map,
    correlations,
    descriptives,
    instrument,
    likert,
    profile,
    sample,
    screening,
)
from research.standard.scales import (
    constructs,
    fit_cfa,
    fornell_larcker,
    htmt,
    htmt_range,
    latent,
    loading,
    loadings,
    loadings_plot,
    reliability,
    reliability_range,
)
from research.standard.theory import hypotheses, regression, steps, term, verdicts, witness

if TYPE_CHECKING:
    from research.report.nouns import Figure, Numbers, Table
    from research.study import Study

STANDARD: Mapping[str, Callable[[Study], Table | Figure | Numbers | None]] = {
    "sample": sample,
    "instrument": instrument,
    "profile": profile,
    "screening": screening,
    "descriptives": descriptives,
    "likert": likert,
    "correlations": correlations,
    "correlation_map": correlation_map,
    "reliability": reliability,
    "reliability_range": reliability_range,
    "constructs": constructs,
    "loadings": loadings,
    "loading": loading,
    "latent": latent,
    "loadings_plot": loadings_plot,
    "fornell_larcker": fornell_larcker,
    "htmt": htmt,
    "htmt_range": htmt_range,
    "fit": fit,
    "fit_cfa": fit_cfa,
    "fit_sem": fit_sem,
    "admissible": admissible,
    "paths": paths,
    "path": path,
    "path_diagram": path_diagram,
    "coefficients": coefficients,
    "indirect": indirect,
    "bootstrap": bootstrap,
    "regression": regression,
    "term": term,
    "steps": steps,
    "verdicts": verdicts,
    "hypotheses": hypotheses,
    "witness": witness,
}
