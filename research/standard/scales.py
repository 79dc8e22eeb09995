"""Whether the scales measure: reliability, loadings, discriminant validity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from research.report import tables
from research.report.key_numbers import (
    construct_numbers,
    fornell_numbers,
    htmt_numbers,
    latent_numbers,
    loading_numbers,
    measures_kind,
    reported_measures,
)
from research.standard.model import explained

if TYPE_CHECKING:
    import pandas as pd

    from research.report.nouns import Figure, Numbers, Table
    from research.study import Study


def reliability(study: Study) -> Table:
    """Alpha with its interval, omega, composite reliability and average variance extracted."""
    return tables.reliability_table(study.reliability, study.questionnaire)


def reliability_range(study: Study) -> Numbers:
    """The lowest and highest coefficient over the constructs, which the text quotes."""
    frame = study.reliability
    return {
        f"{name}_{edge}": float(getattr(frame[name], edge)())
        for name in ("alpha", "omega_total", "cr", "ave")
        for edge in ("min", "max")
        if frame[name].notna().any()
    }


def constructs(study: Study) -> Numbers:
    """Every coefficient of every construct: `{{constructs.Loyalty.alpha}}`."""
    return construct_numbers(study.reliability, explained(study))


def loadings(study: Study) -> Table:
    """Standardized loadings of the measurement model."""
    return tables.loadings_table(study.cfa.standardized(), study.questionnaire)


def loading(study: Study) -> Numbers:
    """Every standardized loading: `{{loading.CUSL2}}`."""
    return loading_numbers(study.cfa.standardized())


def latent(study: Study) -> Numbers | None:
    """Correlations of the latent variables: `{{latent.Quality_Satisfaction}}`."""
    names = [construct.name for construct in study.questionnaire.constructs]
    return latent_numbers(study.cfa.standardized(), names) or None


def loadings_plot(study: Study) -> Figure:
    """Standardized loadings with their intervals."""
    from research.report.figure_estimates import loadings_figure

    return loadings_figure(study.cfa.standardized(), study.questionnaire)


def fornell_larcker(study: Study) -> Table | None:
    """Square roots of AVE on the diagonal, construct correlations below it, both of the measurement model."""
    found = _criterion(study)
    return None if found is None else tables.fornell_larcker_table(*found, study.questionnaire)


def discriminant(study: Study) -> Numbers | None:
    """In how many pairs of constructs Fornell and Larcker's criterion fails, and the largest correlation."""
    found = _criterion(study)
    return None if found is None else fornell_numbers(*found, study.questionnaire)


def htmt(study: Study) -> Table | None:
    """Heterotrait-monotrait ratios of the constructs that have two items or more."""
    ratios = _ratios(study)
    return None if ratios is None else tables.htmt_table(ratios, study.questionnaire)


def htmt_range(study: Study) -> Numbers | None:
    """The highest ratio, the pair it belongs to, and how many exceed the rule of thumb."""
    ratios = _ratios(study)
    return None if ratios is None else htmt_numbers(ratios, study.questionnaire)


def _criterion(study: Study) -> tuple[pd.DataFrame, dict[str, float]] | None:
    """Correlations of the first-order constructs and the AVE of each, of the measurement model."""
    from research.measurement.of_fit import construct_correlations

    correlations = construct_correlations(study.cfa, study.questionnaire.item_columns())
    if len(correlations) < 2:
        return None
    ave = study.reliability.set_index("construct")["ave"]
    return correlations, {str(name): float(value) for name, value in ave.items()}


def _ratios(study: Study) -> pd.DataFrame | None:
    from research.measurement.validity import htmt as ratios

    blocks = {name: items for name, items in study.questionnaire.item_columns().items() if len(items) > 1}
    return ratios(study.responses, blocks) if len(blocks) > 1 else None


def fit_cfa(study: Study) -> Numbers:
    """Fit measures of the measurement model; `cfi` and its like are the ones that the table prints."""
    return reported_measures(study.cfa.measures(), measures_kind(study.cfa.measures(), study.sem.measures()))
