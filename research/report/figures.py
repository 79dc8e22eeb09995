"""The figures of a survey paper, each from one tidy frame of an earlier room."""

from __future__ import annotations

from research.report.figure_correlations import correlation_figure
from research.report.figure_customers import codes_figure, nps_figure, retention_figure
from research.report.figure_diagnostics import diagnostic_figure
from research.report.figure_estimates import coefficients_figure, loadings_figure
from research.report.figure_growth import growth_figure
from research.report.figure_ipma import importance_performance_figure
from research.report.figure_johnson_neyman import johnson_neyman_figure
from research.report.figure_levels import importance_figure, levels_figure
from research.report.figure_likert import likert_figure
from research.report.figure_moderation import moderation_figure
from research.report.figure_necessity import necessity_figure
from research.report.figure_partial_residuals import partial_residual_figure
from research.report.figure_paths import path_figure
from research.report.figure_process import process_figure
from research.report.figure_scree import scree_figure
from research.report.figure_segments import profile_figure, typology_figure
from research.report.style import picture, save

__all__ = [
    "codes_figure",
    "coefficients_figure",
    "correlation_figure",
    "diagnostic_figure",
    "growth_figure",
    "importance_figure",
    "importance_performance_figure",
    "johnson_neyman_figure",
    "levels_figure",
    "likert_figure",
    "loadings_figure",
    "moderation_figure",
    "necessity_figure",
    "nps_figure",
    "partial_residual_figure",
    "path_figure",
    "picture",
    "process_figure",
    "profile_figure",
    "retention_figure",
    "save",
    "scree_figure",
    "typology_figure",
]
