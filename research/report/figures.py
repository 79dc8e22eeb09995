"""The figures of a survey paper, each from one tidy frame of an earlier room."""

from __future__ import annotations

from research.report.figure_correlations import correlation_figure
from research.report.figure_estimates import coefficients_figure, loadings_figure
from research.report.figure_growth import growth_figure
from research.report.figure_johnson_neyman import johnson_neyman_figure
from research.report.figure_levels import importance_figure, levels_figure
from research.report.figure_likert import likert_figure
from research.report.figure_moderation import moderation_figure
from research.report.figure_paths import path_figure
from research.report.figure_process import process_figure
from research.report.figure_scree import scree_figure
from research.report.style import picture, save

__all__ = [
    "coefficients_figure",
    "correlation_figure",
    "growth_figure",
    "importance_figure",
    "johnson_neyman_figure",
    "levels_figure",
    "likert_figure",
    "loadings_figure",
    "moderation_figure",
    "path_figure",
    "picture",
    "process_figure",
    "save",
    "scree_figure",
]
