"""The tables of a survey paper, each from one tidy frame of an earlier room."""

from __future__ import annotations

from research.report.tables_audit import audited_table
from research.report.tables_comparison import comparison_table, crossed_table, post_hoc_table
from research.report.tables_customers import (
    codes_table,
    core_table,
    lifetime_table,
    retention_table,
    rfm_table,
)
from research.report.tables_diagnostics import collinearity_table, diagnostics_table, effect_sizes_table
from research.report.tables_dominance import dominance_table
from research.report.tables_groups import latent_means_table, path_differences_table
from research.report.tables_importance import relative_importance_table
from research.report.tables_indices import importance_performance_table, index_table, nps_table
from research.report.tables_invariance import candidates_table, invariance_table
from research.report.tables_items import item_analysis_table, purification_table, scorecard_table
from research.report.tables_measurement import (
    correlation_table,
    descriptives_table,
    fornell_larcker_table,
    htmt_table,
    loadings_table,
)
from research.report.tables_method_bias import marker_table, method_bias_table, method_factor_table
from research.report.tables_moderation import moderation_table
from research.report.tables_necessity import bottleneck_table, necessity_table
from research.report.tables_process import (
    process_effects_table,
    process_models_table,
    process_tests_table,
    simple_slopes_table,
)
from research.report.tables_regression import (
    hierarchical_table,
    outcomes_table,
    regression_table,
    steps_table,
)
from research.report.tables_reliability import reliability_table
from research.report.tables_robustness import robustness_table
from research.report.tables_sample import (
    instrument_table,
    sample_table,
    screening_table,
)
from research.report.tables_segments import (
    background_table,
    clusters_table,
    profile_table,
    sizes_table,
    typology_table,
)
from research.report.tables_structure import fit_table, indirect_table, paths_table, verdict_table
from research.report.tables_validity import discriminant_table, htmt_intervals_table, rival_models_table
from research.report.tables_waves import growth_table, panel_table

__all__ = [
    "audited_table",
    "background_table",
    "bottleneck_table",
    "candidates_table",
    "clusters_table",
    "codes_table",
    "collinearity_table",
    "comparison_table",
    "core_table",
    "correlation_table",
    "crossed_table",
    "descriptives_table",
    "diagnostics_table",
    "discriminant_table",
    "dominance_table",
    "effect_sizes_table",
    "fit_table",
    "fornell_larcker_table",
    "growth_table",
    "hierarchical_table",
    "htmt_intervals_table",
    "htmt_table",
    "importance_performance_table",
    "index_table",
    "indirect_table",
    "instrument_table",
    "invariance_table",
    "item_analysis_table",
    "latent_means_table",
    "lifetime_table",
    "loadings_table",
    "marker_table",
    "method_bias_table",
    "method_factor_table",
    "moderation_table",
    "necessity_table",
    "nps_table",
    "outcomes_table",
    "panel_table",
    "path_differences_table",
    "paths_table",
    "post_hoc_table",
    "process_effects_table",
    "process_models_table",
    "process_tests_table",
    "profile_table",
    "purification_table",
    "regression_table",
    "relative_importance_table",
    "reliability_table",
    "retention_table",
    "rfm_table",
    "rival_models_table",
    "robustness_table",
    "sample_table",
    "scorecard_table",
    "screening_table",
    "simple_slopes_table",
    "sizes_table",
    "steps_table",
    "typology_table",
    "verdict_table",
]
