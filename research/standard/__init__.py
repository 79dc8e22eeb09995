"""The packaged analysis: what a survey paper of this field shows, each artefact by one function of the study.

A notebook calls the same functions cell by cell; a build without one calls all of `STANDARD` in order.
A function returns None where its artefact does not apply, and the paper then has no such table.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from research.errors import OptionError, did_you_mean
from research.standard.bias import method_bias
from research.standard.comparisons import (
    group_differences,
    group_invariance,
    moderation,
    moderation_numbers,
    path_differences,
    simple_slopes,
)
from research.standard.measurement import (
    htmt_intervals,
    item_analysis,
    method_factor,
    scorecard,
)
from research.standard.model import (
    admissible,
    bootstrap,
    coefficients,
    estimation,
    fit,
    fit_sem,
    indirect,
    path,
    path_diagram,
    paths,
    robustness,
    robustness_summary,
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
    discriminant,
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
    "discriminant": discriminant,
    "htmt": htmt,
    "htmt_range": htmt_range,
    "method_bias": method_bias,
    "estimation": estimation,
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
    "moderation": moderation,
    "moderation_numbers": moderation_numbers,
    "simple_slopes": simple_slopes,
    "group_invariance": group_invariance,
    "path_differences": path_differences,
    "group_differences": group_differences,
    "regression": regression,
    "term": term,
    "steps": steps,
    "robustness": robustness,
    "robustness_summary": robustness_summary,
    "verdicts": verdicts,
    "hypotheses": hypotheses,
    "witness": witness,
}

# Published where a notebook names them, and printed by the paper where they are; never by default.
OPTIONAL: Mapping[str, Callable[[Study], Table | Figure | Numbers | None]] = {
    "item_analysis": item_analysis,
    "htmt_intervals": htmt_intervals,
    "method_factor": method_factor,
    "scorecard": scorecard,
}


def publish(study: Study, *keys: str) -> Table | Figure | Numbers | None:
    """Publish these artefacts under their keys; returns the last one, which a notebook then shows.

    The tables and figures before it are shown, too, where a notebook is running.
    `ResearchError`: a key that neither `STANDARD` nor `OPTIONAL` has.
    """
    made = None
    for number, key in enumerate(keys, start=1):
        made = _published(study, key)
        if number < len(keys):
            _show(made)
    return made


def publish_rest(study: Study) -> list[str]:
    """Publish every artefact that was not published yet, so that the packaged paper finds all it quotes."""
    left = [key for key in STANDARD if key not in study.store.keys]
    for key in left:
        _published(study, key)
    return left


def _published(study: Study, key: str) -> Table | Figure | Numbers | None:
    known = {**STANDARD, **OPTIONAL}
    if key not in known:
        raise OptionError(
            f"no artefact is called '{key}'; there is {', '.join(known)}.{did_you_mean(key, known)}"
        )
    made = known[key](study)
    return None if made is None else study.publish(made, key)


def _show(made: Table | Figure | Numbers | None) -> None:
    """A notebook shows only the value of a cell's last line: what stands before it is shown from here."""
    ipython = sys.modules.get("IPython")
    if ipython is None or ipython.get_ipython() is None or made is None or isinstance(made, Mapping):
        return
    ipython.display.display(made)
