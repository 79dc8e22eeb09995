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
    from research.measurement.agreement import icc as icc
    from research.measurement.agreement import retest_reliability as retest_reliability
    from research.measurement.correlations import correlations as correlations
    from research.measurement.correlations import partial_correlations as partial_correlations
    from research.measurement.dimensionality import bartlett as bartlett
    from research.measurement.dimensionality import kmo as kmo
    from research.measurement.dimensionality import parallel_analysis as parallel_analysis
    from research.measurement.dimensionality import velicer_map as velicer_map
    from research.measurement.exploratory import efa as efa
    from research.measurement.exploratory import principal_components as principal_components
    from research.measurement.invariance import invariance as invariance
    from research.measurement.item_analysis import item_analysis as item_analysis
    from research.measurement.item_response import normal_ogive as normal_ogive
    from research.measurement.judgements import judge_scales as judge_scales
    from research.measurement.latent_means import latent_means as latent_means
    from research.measurement.method_bias import method_bias as method_bias
    from research.measurement.normality import normality as normality
    from research.measurement.omega import omega as omega
    from research.measurement.ordinal_reliability import ordinal_reliability as ordinal_reliability
    from research.measurement.polychoric import polychoric as polychoric
    from research.measurement.printed_correlations import audit_correlations as audit_correlations
    from research.measurement.printed_tables import audit_table as audit_table
    from research.measurement.purification import purify as purify
    from research.measurement.reliability import average_variance_extracted as average_variance_extracted
    from research.measurement.reliability import composite_reliability as composite_reliability
    from research.measurement.reliability import item_statistics as item_statistics
    from research.measurement.reliability import maximal_reliability as maximal_reliability
    from research.measurement.reliability import reliability as reliability
    from research.measurement.reliability import rho_a as rho_a
    from research.measurement.reliability_intervals import reliability_intervals as reliability_intervals
    from research.measurement.rival_models import rival_models as rival_models
    from research.measurement.second_order import second_order_reliability as second_order_reliability
    from research.measurement.second_order import total_reliability as total_reliability
    from research.measurement.split_half import guttman as guttman
    from research.measurement.split_half import split_half as split_half
    from research.measurement.thresholds import THRESHOLDS as THRESHOLDS
    from research.measurement.validity import cross_loadings as cross_loadings
    from research.measurement.validity import discriminant_validity as discriminant_validity
    from research.measurement.validity import fornell_larcker as fornell_larcker
    from research.measurement.validity import htmt as htmt
    from research.measurement.validity import htmt_intervals as htmt_intervals
    from research.model.build import parameter_table as parameter_table
    from research.model.hypotheses import measurement_text as measurement_text
    from research.model.hypotheses import model_text as model_text
    from research.model.longitudinal import cross_lagged as cross_lagged
    from research.model.longitudinal import latent_growth as latent_growth
    from research.model.syntax import parse as parse
    from research.questionnaire.reader import read_questionnaire as read_questionnaire
    from research.responses.derived import add_question as add_question
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
    from research.segments.clusters import clusters as clusters
    from research.segments.coded_answers import count_codes as count_codes
    from research.segments.core_customers import core_customers as core_customers
    from research.segments.importance_performance import importance_performance as importance_performance
    from research.segments.lifetime_value import customer_lifetime_value as customer_lifetime_value
    from research.segments.lifetime_value import lifetime_value as lifetime_value
    from research.segments.loyalty_index import index as index
    from research.segments.promoters import nps as nps
    from research.segments.retention import retention as retention
    from research.segments.rfm import rfm as rfm
    from research.segments.simulated_purchases import simulate_transactions as simulate_transactions
    from research.segments.typology import typology as typology
    from research.simulation.example import example_responses as example_responses
    from research.simulation.simulate import simulate as simulate
    from research.simulation.truth import declared_effects as declared_effects
    from research.structure.diagnostics import diagnostics as diagnostics
    from research.structure.group_comparison import compare_groups as compare_groups
    from research.structure.group_comparison import compare_paired as compare_paired
    from research.structure.group_differences import group_differences as group_differences
    from research.structure.growth_curves import growth_curve as growth_curve
    from research.structure.hierarchical import hierarchical as hierarchical
    from research.structure.latent_slopes import probe as probe
    from research.structure.necessity import nca as nca
    from research.structure.outcomes import run_regressions as run_regressions
    from research.structure.path_differences import path_differences as path_differences
    from research.structure.process import process as process
    from research.structure.product_indicators import product_indicators as product_indicators
    from research.structure.product_indicators import product_model as product_model
    from research.structure.regression import regress as regress
    from research.structure.relative_importance import relative_importance as relative_importance
    from research.structure.verdicts import verdict_table as verdict_table
    from research.study import open_study as open_study

__version__ = "0.1.0"

_HOME = {
    "ResearchError": "research.errors",
    "THRESHOLDS": "research.measurement.thresholds",
    "add_question": "research.responses.derived",
    "answer_shares": "research.responses.describe",
    "audit_correlations": "research.measurement.printed_correlations",
    "audit_table": "research.measurement.printed_tables",
    "average_variance_extracted": "research.measurement.reliability",
    "bartlett": "research.measurement.dimensionality",
    "build_study": "research.build",
    "cfa": "research.estimation.run",
    "clusters": "research.segments.clusters",
    "compare": "research.estimation.comparison",
    "compare_groups": "research.structure.group_comparison",
    "compare_paired": "research.structure.group_comparison",
    "composite_reliability": "research.measurement.reliability",
    "core_customers": "research.segments.core_customers",
    "correlations": "research.measurement.correlations",
    "count_codes": "research.segments.coded_answers",
    "cross_lagged": "research.model.longitudinal",
    "cross_loadings": "research.measurement.validity",
    "customer_lifetime_value": "research.segments.lifetime_value",
    "declared_effects": "research.simulation.truth",
    "describe": "research.responses.describe",
    "discriminant_validity": "research.measurement.validity",
    "diagnostics": "research.structure.diagnostics",
    "efa": "research.measurement.exploratory",
    "example_responses": "research.simulation.example",
    "fornell_larcker": "research.measurement.validity",
    "group_differences": "research.structure.group_differences",
    "growth": "research.estimation.run",
    "growth_curve": "research.structure.growth_curves",
    "guttman": "research.measurement.split_half",
    "hierarchical": "research.structure.hierarchical",
    "htmt": "research.measurement.validity",
    "htmt_intervals": "research.measurement.validity",
    "icc": "research.measurement.agreement",
    "importance_performance": "research.segments.importance_performance",
    "index": "research.segments.loyalty_index",
    "item_analysis": "research.measurement.item_analysis",
    "item_statistics": "research.measurement.reliability",
    "join_waves": "research.responses.panel",
    "invariance": "research.measurement.invariance",
    "judge_scales": "research.measurement.judgements",
    "kmo": "research.measurement.dimensionality",
    "latent_growth": "research.model.longitudinal",
    "latent_means": "research.measurement.latent_means",
    "lifetime_value": "research.segments.lifetime_value",
    "locate_data": "research.responses.location",
    "maximal_reliability": "research.measurement.reliability",
    "measurement": "research.measurement",
    "measurement_text": "research.model.hypotheses",
    "method_bias": "research.measurement.method_bias",
    "model_text": "research.model.hypotheses",
    "moments": "research.responses.moments",
    "nca": "research.structure.necessity",
    "normal_ogive": "research.measurement.item_response",
    "normality": "research.measurement.normality",
    "nps": "research.segments.promoters",
    "omega": "research.measurement.omega",
    "open_study": "research.study",
    "ordinal_reliability": "research.measurement.ordinal_reliability",
    "parallel_analysis": "research.measurement.dimensionality",
    "parameter_table": "research.model.build",
    "parse": "research.model.syntax",
    "partial_correlations": "research.measurement.correlations",
    "path_differences": "research.structure.path_differences",
    "polychoric": "research.measurement.polychoric",
    "principal_components": "research.measurement.exploratory",
    "probe": "research.structure.latent_slopes",
    "process": "research.structure.process",
    "product_indicators": "research.structure.product_indicators",
    "product_model": "research.structure.product_indicators",
    "purify": "research.measurement.purification",
    "read_questionnaire": "research.questionnaire.reader",
    "read_responses": "research.responses.reading",
    "regress": "research.structure.regression",
    "relative_importance": "research.structure.relative_importance",
    "reliability": "research.measurement.reliability",
    "reliability_intervals": "research.measurement.reliability_intervals",
    "retention": "research.segments.retention",
    "retest_reliability": "research.measurement.agreement",
    "rfm": "research.segments.rfm",
    "rho_a": "research.measurement.reliability",
    "rival_models": "research.measurement.rival_models",
    "run_regressions": "research.structure.outcomes",
    "sample_profile": "research.responses.describe",
    "scale_scores": "research.responses.scores",
    "screen": "research.responses.screening",
    "second_order_reliability": "research.measurement.second_order",
    "sem": "research.estimation.run",
    "simulate": "research.simulation.simulate",
    "simulate_transactions": "research.segments.simulated_purchases",
    "split_half": "research.measurement.split_half",
    "total_reliability": "research.measurement.second_order",
    "typology": "research.segments.typology",
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
