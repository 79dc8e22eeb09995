"""Survey research from the questionnaire to the printed paper.

Every public name loads the room it lives in when it is first used, so that `import research` is cheap.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from research.build import build_study as build_study
    from research.errors import ResearchError as ResearchError
    from research.estimation.comparison import compare as compare
    from research.estimation.run import cfa as cfa
    from research.estimation.run import growth as growth
    from research.estimation.run import sem as sem
    from research.measurement.correlations import correlations as correlations
    from research.measurement.correlations import partial_correlations as partial_correlations
    from research.measurement.dimensionality import bartlett as bartlett
    from research.measurement.dimensionality import kmo as kmo
    from research.measurement.dimensionality import parallel_analysis as parallel_analysis
    from research.measurement.dimensionality import velicer_map as velicer_map
    from research.measurement.exploratory import efa as efa
    from research.measurement.judgements import judge_scales as judge_scales
    from research.measurement.normality import normality as normality
    from research.measurement.polychoric import polychoric as polychoric
    from research.measurement.reliability import average_variance_extracted as average_variance_extracted
    from research.measurement.reliability import composite_reliability as composite_reliability
    from research.measurement.reliability import item_statistics as item_statistics
    from research.measurement.reliability import reliability as reliability
    from research.measurement.thresholds import THRESHOLDS as THRESHOLDS
    from research.measurement.validity import cross_loadings as cross_loadings
    from research.measurement.validity import fornell_larcker as fornell_larcker
    from research.measurement.validity import htmt as htmt
    from research.model.build import parameter_table as parameter_table
    from research.model.hypotheses import measurement_text as measurement_text
    from research.model.hypotheses import model_text as model_text
    from research.model.syntax import parse as parse
    from research.questionnaire.reader import read_questionnaire as read_questionnaire
    from research.responses.describe import answer_shares as answer_shares
    from research.responses.describe import describe as describe
    from research.responses.describe import sample_profile as sample_profile
    from research.responses.location import locate_data as locate_data
    from research.responses.moments import moments as moments
    from research.responses.panel import join_waves as join_waves
    from research.responses.reading import read_responses as read_responses
    from research.responses.scores import scale_scores as scale_scores
    from research.responses.screening import screen as screen
    from research.responses.writing import write_responses as write_responses
    from research.simulation.simulate import simulate as simulate
    from research.simulation.truth import declared_effects as declared_effects
    from research.structure.hierarchical import hierarchical as hierarchical
    from research.structure.outcomes import run_regressions as run_regressions
    from research.structure.process import process as process
    from research.structure.regression import regress as regress
    from research.structure.verdicts import verdict_table as verdict_table
    from research.study import open_study as open_study

__version__ = "0.1.0"

_HOME = {
    "ResearchError": "research.errors",
    "THRESHOLDS": "research.measurement.thresholds",
    "answer_shares": "research.responses.describe",
    "average_variance_extracted": "research.measurement.reliability",
    "bartlett": "research.measurement.dimensionality",
    "build_study": "research.build",
    "cfa": "research.estimation.run",
    "compare": "research.estimation.comparison",
    "composite_reliability": "research.measurement.reliability",
    "correlations": "research.measurement.correlations",
    "cross_loadings": "research.measurement.validity",
    "declared_effects": "research.simulation.truth",
    "describe": "research.responses.describe",
    "efa": "research.measurement.exploratory",
    "fornell_larcker": "research.measurement.validity",
    "growth": "research.estimation.run",
    "hierarchical": "research.structure.hierarchical",
    "htmt": "research.measurement.validity",
    "item_statistics": "research.measurement.reliability",
    "join_waves": "research.responses.panel",
    "judge_scales": "research.measurement.judgements",
    "kmo": "research.measurement.dimensionality",
    "locate_data": "research.responses.location",
    "measurement_text": "research.model.hypotheses",
    "model_text": "research.model.hypotheses",
    "moments": "research.responses.moments",
    "normality": "research.measurement.normality",
    "open_study": "research.study",
    "parallel_analysis": "research.measurement.dimensionality",
    "parameter_table": "research.model.build",
    "parse": "research.model.syntax",
    "partial_correlations": "research.measurement.correlations",
    "polychoric": "research.measurement.polychoric",
    "process": "research.structure.process",
    "read_questionnaire": "research.questionnaire.reader",
    "read_responses": "research.responses.reading",
    "regress": "research.structure.regression",
    "reliability": "research.measurement.reliability",
    "run_regressions": "research.structure.outcomes",
    "sample_profile": "research.responses.describe",
    "scale_scores": "research.responses.scores",
    "screen": "research.responses.screening",
    "sem": "research.estimation.run",
    "simulate": "research.simulation.simulate",
    "velicer_map": "research.measurement.dimensionality",
    "verdict_table": "research.structure.verdicts",
    "write_responses": "research.responses.writing",
}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'research' has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOME])
