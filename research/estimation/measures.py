"""The fit measures of a model under lavaan's names (dots as underscores)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from research.estimation.browne import BROWNE, browne_residual
from research.estimation.incomplete_fit import incomplete_gfi
from research.estimation.problem import problem_of
from research.estimation.scaled import scaled_statistic, traces_ml
from research.model.option_values import SCALED_TESTS
from research.numerics import fit_indices as index
from research.numerics.chi_square import chi2_sf
from research.numerics.likelihood import inverse_and_logdet
from research.numerics.moment_space import exogenous_moments, moment_vector
from research.numerics.residual_indices import gfi_of_group, residual_indices, weighted_gfi
from research.numerics.weighted_squares import LeastSquares

if TYPE_CHECKING:
    from research.estimation.fit import Fit


def fit_measures(fit: Fit) -> dict[str, float]:
    """All measures of a converged fit; an empty mapping where it did not converge."""
    if not fit.converged:
        return {}
    chisq, df = fit.statistic.chisq, fit.statistic.df
    null = fit.baseline
    n = fit.sample.weight
    out: dict[str, float] = {"npar": fit.n_parameters, "fmin": _minimum(fit)}
    out.update(chisq=chisq, df=df, pvalue=chi2_sf(chisq, df))
    if fit.resampled_test is not None:
        out["pvalue_bollen_stine"] = fit.resampled_test.p
    for kind in BROWNE:
        if kind in fit.options.tests:
            found = browne_residual(fit, kind)
            out[f"chisq_{kind}"], out[f"pvalue_{kind}"] = found.chisq, found.p
    out.update(baseline_chisq=null.chisq, baseline_df=null.df, baseline_pvalue=chi2_sf(null.chisq, null.df))
    out.update(incremental(chisq, df, null.chisq, null.df))
    out.update(_scaled(fit))
    out.update(_further_tests(fit))
    out.update(likelihood_measures(fit))
    out["ntotal"] = fit.sample.n_obs
    out.update(_rmsea(index.rmsea(chisq, df, n, fit.n_groups)))
    out.update(_rmsea_scaled(fit, n))
    out.update(_robust(fit))
    if fit.levels is not None:
        within, between = fit.levels.srmr_within, fit.levels.srmr_between
        return {**out, "srmr": within + between, "srmr_within": within, "srmr_between": between}
    out.update(_residuals(fit))
    out["cn_05"] = index.critical_n(chisq, df, n, 0.05)
    out["cn_01"] = index.critical_n(chisq, df, n, 0.01)
    out.update(_gfi(fit, df))
    out["mfi"] = index.mfi(chisq, df, n)
    out["ecvi"] = index.ecvi(chisq, fit.n_parameters, n)
    return out


def _minimum(fit: Fit) -> float:
    """Half the discrepancy; of least squares the rows count in full, though the statistic has n - 1."""
    return fit.discrepancy / 2.0 * (1.0 if fit.is_likelihood else fit.sample.weight / fit.n_obs)


def incremental(chisq: float, df: float, null: float, df_null: float) -> dict[str, float]:
    """The indices that compare with the baseline model."""
    return {
        "cfi": index.cfi(chisq, df, null, df_null),
        "tli": index.tli(chisq, df, null, df_null),
        "nnfi": index.tli(chisq, df, null, df_null),
        "rfi": index.rfi(chisq, df, null, df_null),
        "nfi": index.nfi(chisq, df, null, df_null),
        "pnfi": df / df_null * (1.0 - chisq / null) if df_null > 0 and null else math.nan,
        "ifi": index.ifi(chisq, df, null),
        "rni": index.rni(chisq, df, null, df_null),
    }


def _scaled(fit: Fit) -> dict[str, float]:
    """Corrected statistics, the indices made of them, and the robust indices.

    Robust: Brosseau-Liard & Savalei (2014): chi-square less its expectation c df, for both models.
    """
    one, null = fit.scaled, fit.baseline_scaled
    if one is None or null is None:
        return {}
    out = {
        "chisq_scaled": one.chisq,
        "df_scaled": one.df,
        "pvalue_scaled": one.p,
        "chisq_scaling_factor": one.scaling,
        "baseline_chisq_scaled": null.chisq,
        "baseline_df_scaled": null.df,
        "baseline_pvalue_scaled": null.p,
        "baseline_chisq_scaling_factor": null.scaling,
    }
    for name, value in incremental(one.chisq, one.df, null.chisq, null.df).items():
        out[f"{name}_scaled"] = value
    if fit.traces is not None and math.isfinite(fit.traces.h0):
        # the factors of the two log-likelihoods, for the test of Satorra and Bentler (2001) by hand
        out["scaling_factor_h1"] = fit.traces.h1 / (fit.df + fit.n_parameters)
        out["scaling_factor_h0"] = fit.traces.h0 / max(
            1, sum(p.free > 0 for p in (fit.unrotated or fit).table.parameters)
        )
    return out


def _further_tests(fit: Fit) -> dict[str, float]:
    """Scaled tests that were asked for beside the one that scales the measures, each under its own name."""
    out: dict[str, float] = {}
    traces = fit.traces
    for kind in fit.options.tests:
        if traces is None or kind not in SCALED_TESTS or kind == fit.options.test:
            continue
        if fit.options.discrepancy == "ML":
            problem = problem_of(fit.compiled, fit.sample, fit.options)
            if isinstance(problem, LeastSquares):
                raise TypeError("maximum likelihood is no least squares")
            point, basis = problem.point(fit.theta), fit.constraints.basis
            traces = traces_ml(problem, point, fit.sample, fit.options, kind, basis)
        one = scaled_statistic(fit.statistic.chisq, fit.df, traces, kind)
        out |= {f"chisq_{kind}": one.chisq, f"df_{kind}": one.df, f"pvalue_{kind}": one.p}
    return out


def _robust(fit: Fit) -> dict[str, float]:
    """Indices of a chi-square less its expectation c df, of the model and the baseline.

    Brosseau-Liard & Savalei (2014); for incomplete rows Zhang & Savalei (2023).
    """
    df, df_null, n = fit.statistic.df, fit.baseline.df, fit.sample.weight
    if fit.complete_discrepancies is not None:
        (chisq, mean), (null_chisq, null_mean) = fit.complete_discrepancies
        if not df > 0:
            return {"cfi_robust": 1.0, "tli_robust": 1.0, **_rmsea(index.rmsea(0.0, 0, n), "_robust")}
        c = statistic_scale = mean / fit.complete_df
        shown, mean = chisq / c, c * df
        own_df: float = fit.complete_df
        shown_df = own_df
    elif fit.scaled is not None and fit.baseline_scaled is not None:
        one = fit.scaled
        chisq, null_chisq, c = fit.statistic.chisq, fit.baseline.chisq, one.expectation
        mean, null_mean = c * df, fit.baseline_scaled.expectation * df_null
        if fit.options.discrepancy == "DWLS" and one.name == "satorra_bentler":
            mean, null_mean = float(df), float(df_null)  # lavaan leaves the correction of WLSM out
        shown, shown_df, statistic_scale, own_df = one.chisq, one.df, one.scaling, df
    else:
        return {}
    excess, excess_null = chisq - mean, null_chisq - null_mean
    worst = max(excess, excess_null, 0.0)
    tli = 1.0 - excess * df_null / (excess_null * df) if df > 0 and excess_null else 1.0
    out = {
        "cfi_robust": 1.0 - max(excess, 0.0) / worst if worst > 0 else 1.0,
        "tli_robust": tli,
        "nnfi_robust": tli,
        "rni_robust": 1.0 - excess / excess_null if excess_null else math.nan,
    }
    if not df > 0:
        return {**out, **_rmsea(index.rmsea(0.0, 0, n), "_robust")}
    value = math.sqrt(max(chisq / n / own_df - c / n, 0.0) * fit.n_groups)
    unit = n * shown_df / statistic_scale / fit.n_groups
    return {**out, **_rmsea(index.rmsea_interval(value, shown, shown_df, unit), "_robust")}


def _rmsea_scaled(fit: Fit, n: float) -> dict[str, float]:
    """RMSEA of the corrected statistic.

    Its interval as lavaan's: the plain statistic is referred to c df degrees of freedom, except for the
    shifted test, whose statistic is referred to df.
    """
    one = fit.scaled
    if one is None:
        return {}
    chisq, df, groups = fit.statistic.chisq, fit.statistic.df, fit.n_groups
    if not df > 0:
        none = index.rmsea(0.0, 0, n)
        return _rmsea(none, "_scaled")
    c = one.expectation
    if one.name == "scaled_shifted":
        scaled = index.rmsea(one.chisq, one.df, n, groups)
    else:
        value = math.sqrt(max(chisq / n / (c * df) - 1.0 / n, 0.0) * groups)
        scaled = index.rmsea_interval(value, chisq, c * df, n * c * df / groups)
        if c * df < 1.0:  # lavaan's bounds are zero below one degree of freedom
            scaled = scaled._replace(low=0.0, high=0.0)
    return _rmsea(scaled, "_scaled")


def likelihood_measures(fit: Fit) -> dict[str, float]:
    """Log likelihoods and the criteria made of them; an empty mapping where there is no likelihood."""
    if not fit.is_likelihood:
        return {}
    q, n = fit.n_parameters, fit.sample.n_obs
    top = fit.saturated_loglik
    logl = top - fit.likelihood_gap
    return {
        "logl": logl,
        "unrestricted_logl": top,
        "aic": -2.0 * logl + 2.0 * q,
        "bic": -2.0 * logl + q * math.log(n),
        "bic2": -2.0 * logl + q * math.log((n + 2.0) / 24.0),
    }


def _rmsea(found: index.Rmsea, suffix: str = "") -> dict[str, float]:
    out = {
        f"rmsea{suffix}": found.value,
        f"rmsea_ci_lower{suffix}": found.low,
        f"rmsea_ci_upper{suffix}": found.high,
        f"rmsea_pvalue{suffix}": found.p_close,
        f"rmsea_notclose_pvalue{suffix}": found.p_not_close,
    }
    if not suffix:
        out.update(rmsea_ci_level=0.9, rmsea_close_h0=0.05, rmsea_notclose_h0=0.08)
    return out


def _residuals(fit: Fit) -> dict[str, float]:
    """Residual indices, averaged over groups with their share of the rows."""
    total = [0.0] * 8
    for block, at, cov, mean, share in fit.moments_by_block():
        means = block.means
        found = residual_indices(cov, mean if means else None, at.Sigma, at.mu if means else None)
        total = [before + share * value for before, value in zip(total, found, strict=True)]
    names = (
        "rmr",
        "rmr_nomean",
        "srmr",
        "srmr_bentler_nomean",
        "crmr",
        "crmr_nomean",
        "srmr_mplus",
        "srmr_mplus_nomean",
    )
    out = dict(zip(names, total, strict=True))
    out["srmr_bentler"] = out["srmr"]
    return out


def _gfi(fit: Fit, df: float) -> dict[str, float]:
    gfi = moments = 0.0
    for place, (block, at, cov, mean, share) in enumerate(fit.moments_by_block()):
        p = block.layout.n_observed
        moments += p * (p + 1) / 2 + (p if block.means else 0)
        first, mu = (mean, at.mu) if block.means else (None, None)
        if fit.is_incomplete:
            gfi += share * incomplete_gfi(fit.sample.groups[place], block, at)
        elif fit.gfi_weights:
            sample, model = moment_vector(cov, first), moment_vector(at.Sigma, mu)
            kept = np.setdiff1d(np.arange(len(sample)), exogenous_moments(p, block.exogenous, block.means))
            weight = fit.gfi_weights[place]
            weight = weight[np.ix_(kept, kept)] if weight.ndim == 2 else weight[kept]
            gfi += share * weighted_gfi(sample[kept], model[kept], weight)
        else:
            P, _ = inverse_and_logdet(at.Sigma)
            gfi += share * gfi_of_group(cov, first, at.Sigma, mu, P, block.exogenous)
    agfi = 1.0 - moments / df * (1.0 - gfi) if df > 0 else 1.0
    return {"gfi": gfi, "agfi": agfi, "pgfi": df / moments * gfi}
