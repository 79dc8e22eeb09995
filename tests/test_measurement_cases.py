"""The reliability cases of the reference battery: every quantity that psych, semTools and R computed.

A case is answered in the shape of its `expected`; what it expects and is not answered is an error, so that no
quantity is passed over.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations
from typing import Any

import numpy as np
import pandas as pd
import pytest
from cases import case_data, close, matrix, reference_case
from shared import shared

import research
from research.measurement.factor_solution import FactorAnalysis
from research.measurement.omega import Omega
from research.numerics.reliability import coefficients

Answer = dict[str, Any]
PSYCH_ITEMS = {
    "n": "n",
    "raw.r": "r_total",
    "std.r": "r_total_std",
    "r.cor": "r_cor",
    "r.drop": "r_rest",
    "mean": "mean",
    "sd": "sd",
}
PSYCH_DROPPED = {
    "raw_alpha": "alpha_if_deleted",
    "std.alpha": "alpha_std_if_deleted",
    "G6(smc)": "lambda6_if_deleted",
    "average_r": "average_r",
    "S/N": "signal_noise_if_deleted",
    "alpha se": "alpha_se_if_deleted",
    "var.r": "variance_r",
    "med.r": "median_r",
}
PSYCH_TOTAL = {
    "raw_alpha": "alpha",
    "std.alpha": "alpha_std",
    "G6(smc)": "lambda6",
    "average_r": "average_r",
    "S/N": "signal_noise",
    "ase": "alpha_se",
    "mean": "scale_mean",
    "sd": "scale_sd",
    "median_r": "median_r",
}
MODEL = {"visual": ["x1", "x2", "x3"], "textual": ["x4", "x5", "x6"], "speed": ["x7", "x8", "x9"]}


def alpha(case: Answer) -> Answer:
    data = case_data(case)
    names = list(data.columns)
    row = research.reliability(data, {"s": names}).loc["s"]
    items = research.item_statistics(data, {"s": names})
    limits = research.reliability_intervals(data, {"s": names}, n_draws=0).set_index("method")
    duhachek = limits.loc["duhachek"]
    assert coefficients(data.cov().to_numpy(), len(data)).alpha == pytest.approx(row["alpha"], abs=1e-13)
    return {
        "total": {theirs: [row[ours]] for theirs, ours in PSYCH_TOTAL.items()},
        "feldt": {"lower.ci": [row["alpha_low"]], "alpha": [row["alpha"]], "upper.ci": [row["alpha_high"]]},
        # The case takes 1.96 for the normal quantile 1.959964.
        "duhachek": {
            "ase": duhachek["se"],
            "lower": duhachek["value"] - (duhachek["value"] - duhachek["low"]) * 1.96 / 1.959963984540054,
            "upper": duhachek["value"] + (duhachek["high"] - duhachek["value"]) * 1.96 / 1.959963984540054,
        },
        "alpha_drop": {"item": names, **{key: items[name] for key, name in PSYCH_DROPPED.items()}},
        "item_stats": {"item": names, **{key: items[name] for key, name in PSYCH_ITEMS.items()}},
        "keys": [names],
    }


def of_omega(found: Omega, want: Answer) -> Answer:
    k = len(found.factors.factors)
    signs = np.sign((found.transformed.group * matrix(want["schmid_leiman"])[:, 1 : 1 + k]).sum(axis=0))
    table = found.schmid_leiman
    table[list(found.factors.factors)] *= np.where(signs == 0, 1, signs)
    labels = {"rows": list(table.index), "cols": want["schmid_leiman"]["cols"]}
    return {
        "omega_h": found.omega_hierarchical,
        "omega_lim": found.omega_limit,
        "alpha": found.alpha,
        "omega_tot": found.omega_total,
        "G6": found.lambda6,
        "schmid_leiman": {**labels, "values": table.to_numpy()},
        "omega_group": {"factor": want["omega_group"]["factor"], **found.groups.to_dict("list")},
    }


def omega_of_three(case: Answer) -> Answer:
    found = research.omega(case_data(case), n_factors=3)
    phi = case["expected"]["phi"]
    return {
        **of_omega(found, case["expected"]),
        "phi": {"rows": phi["rows"], "cols": phi["cols"], "values": found.factors.phi.to_numpy()},
    }


def omega_of_one(case: Answer) -> Answer:
    answers = {}
    for given, name in zip(case["input"], ("attitude", "loyalty"), strict=True):
        found = research.omega(case_data({"input": given}), n_factors=1)
        answers[name] = of_omega(found, case["expected"][name])
    return answers


def adequacy(case: Answer) -> Answer:
    answers = {}
    for given, name in zip(case["input"], ("hs", "attitude", "harman74"), strict=True):
        data, n_obs = given_data(given), given.get("nobs")
        found, test = research.kmo(data, n_obs=n_obs), research.bartlett(data, n_obs)
        answers[name] = {
            "MSA": found.overall,
            "MSAi": found.items.to_dict(),
            "chisq": test.chisq,
            "df": test.df,
            "p": test.p,
            "det": float(np.linalg.det(data.corr() if "data" in given else data)),
        }
    return answers


def exploratory(case: Answer) -> Answer:
    asked, want = case["input"], case["expected"]
    found = research.efa(given_data(asked), asked["nfactors"], asked["fm"], asked["rotate"], asked["nobs"])
    loadings, phi, order = aligned(found, matrix(want["loadings"]))
    measures = found.measures()
    answer = {
        "loadings": like(want["loadings"], loadings),
        "uniquenesses": found.uniqueness.to_dict(),
        "communality": found.communality.to_dict(),
        "eigen_original": found.eigenvalues["components"],
        "eigen_common": found.eigenvalues["factors"],
        "vaccounted": accounted(found, want["vaccounted"], order),
        "dof": measures["df"],
        "chisq": measures["chisq"],
        "p": measures["p"],
        "rmsea": {
            "RMSEA": measures["rmsea"],
            "lower": measures["rmsea_low"],
            "upper": measures["rmsea_high"],
            "confidence": 0.9,
        },
        "tli": measures["tli"],
        "bic": measures["bic"],
        "rms": measures["rmsr"],
        "objective": measures["objective"],
    }
    return {**answer, "phi": like(want["phi"], phi)} if "phi" in want else answer


def factanal(case: Answer) -> Answer:
    answers = {}
    for rotation, want in case["expected"].items():
        if rotation == "warnings":
            continue
        found = research.efa(case_data(case), 3, "ml", rotation)
        measures = found.measures()
        answers[rotation] = {
            "loadings": like(want["loadings"], aligned(found, matrix(want["loadings"]))[0]),
            "uniquenesses": found.uniqueness.to_dict(),
            "chisq": measures["chisq"],
            "df": measures["df"],
            "p": measures["p"],
        }
    return answers


def components(case: Answer) -> Answer:
    data, want = case_data(case), case["expected"]
    found = research.principal_components(data, 3)
    loadings, _, order = aligned(found, matrix(want["pc_loadings"]))
    drawn = research.parallel_analysis(data, n_draws=500, seed=3)
    return {
        "pc_loadings": like(want["pc_loadings"], loadings),
        "pc_vaccounted": accounted(found, want["pc_vaccounted"], order),
        "pc_eigen": drawn.frame["components"],
        "fa_eigen": drawn.frame["factors"],
        "approx_pc_sim": MonteCarlo(drawn.frame["components_mean"]),
        "approx_fa_sim": MonteCarlo(drawn.frame["factors_mean"]),
        "nfact": drawn.n_factors,
        "ncomp": drawn.n_components,
        "map": research.velicer_map(data)[: len(want["map"])],
        "harman_single_factor_pct": drawn.frame["components"].iloc[0] / len(data.columns),
    }


def intraclass(case: Answer) -> Answer:
    found = research.icc(pd.read_csv(shared("reference/data/shrout_fleiss.csv")))
    names = {
        "type": "shrout_fleiss",
        "ICC": "value",
        "F": "f",
        "df1": "df1",
        "df2": "df2",
        "p": "p",
        "lower.bound": "low",
        "upper.bound": "high",
    }
    return {"icc": {theirs: found[ours].tolist() for theirs, ours in names.items()}}


def composite(case: Answer) -> Answer:
    data = case_data(case)
    frame, total = research.reliability(data, MODEL), research.total_reliability(data, MODEL)
    table = research.fornell_larcker(data, MODEL)
    latent = table.to_numpy() * (1 - np.eye(3)) + np.eye(3)
    shared_variance = ((latent - np.eye(3)) ** 2).max(axis=1)
    return {
        "omega_obs": frame["omega_total"].to_dict(),
        "omega_model_implied": frame["omega_implied"].to_dict(),
        "alpha_tau_eq": frame["alpha"].to_dict(),
        "omega_total_all": {**frame["omega_total"].to_dict(), "total": total.omega_total},
        "AVE_semtools": frame["ave_weighted"].to_dict(),
        "CR_from_std_loadings": frame["cr"].to_dict(),
        "AVE_from_std_loadings": frame["ave"].to_dict(),
        "sqrt_AVE": dict(zip(MODEL, np.diag(table), strict=True)),
        "lv_cor": like(case["expected"]["lv_cor"], latent),
        "MSV": dict(zip(MODEL, shared_variance, strict=True)),
        "maximal_reliability": [total.maximal],
    }


def higher_order(case: Answer) -> Answer:
    constructs = {name: [f"{name}{i}" for i in (1, 2, 3)] for name in ("tan", "rel", "res", "ass", "emp")}
    found = research.second_order_reliability(case_data(case), constructs)
    first = found.constructs["omega_total"].to_dict()
    return {
        "higher": {**first, "SQ": found.omega_total},
        "first_order": first,
        "L2": {
            "omegaL1": found.omega_l1,
            "omegaL2": found.omega_l2,
            "partialOmegaL1": found.partial_omega_l1,
        },
    }


def by_group(case: Answer) -> Answer:
    data = pd.read_csv(shared(f"reference/{case['input']['data']}"))
    frame = research.reliability(data, MODEL, group=case["input"]["group"])
    groups = list(dict.fromkeys(frame["group"]))
    answers = {}
    for theirs, ours in (("omega", "omega_total"), ("AVE", "ave_weighted")):
        answers[theirs] = {"group": groups, **{name: frame.loc[[name], ours].tolist() for name in MODEL}}
    return answers


def heterotrait(case: Answer) -> Answer:
    hs, ordinal, survey = (pd.read_csv(shared(f"reference/{each['data']}")) for each in case["input"])
    ordered = {name: [item.replace("x", "o") for item in items] for name, items in MODEL.items()}
    lists = {short: [f"{short.lower()}{i}" for i in range(1, 6)] for short in ("TRU", "SAT", "LOY")}
    own = {name: [item for item in items if item in survey] for name, items in lists.items()}
    want = case["expected"]
    return {
        "hs_htmt": like(want["hs_htmt"], research.htmt(hs, MODEL).to_numpy()),
        "hs_htmt2": like(want["hs_htmt2"], research.htmt(hs, MODEL, "htmt2").to_numpy()),
        "ord_htmt": like(want["ord_htmt"], research.htmt(ordinal, ordered, cor="polychoric").to_numpy()),
        "svc_htmt": like(want["svc_htmt"], research.htmt(survey, own).to_numpy()),
        "svc_htmt2": like(want["svc_htmt2"], research.htmt(survey, own, "htmt2").to_numpy()),
    }


def normal(case: Answer) -> Answer:
    data = case_data(case)
    found = research.normality(data)
    joint, items = found.mardia, found.items
    described = ("n", "mean", "sd", "median", "trimmed", "mad", "min", "max", "se")
    return {
        "semtools_skew": {
            "b1d": joint.skewness,
            "chi": joint.chisq,
            "df": joint.df,
            "p": joint.p_skewness,
        },
        "semtools_kurt": {"b2d": joint.kurtosis, "z": joint.z, "p": joint.p_kurtosis},
        "psych": {
            "n.obs": joint.n_obs,
            "n.var": joint.n_items,
            "b1p": joint.skewness,
            "b2p": joint.kurtosis,
            "skew": joint.chisq,
            "small.skew": joint.chisq_small,
            "p.skew": joint.p_skewness,
            "p.small": joint.p_small,
            "kurtosis": joint.z,
            "p.kurt": joint.p_kurtosis,
        },
        "mahalanobis_first20": found.distances["distance"][:20],
        "describe": {
            "var": list(items.index),
            **{name: items[name] for name in described},
            "range": items["max"] - items["min"],
            "skew": items["skewness_moment"],
            "kurtosis": items["kurtosis_moment"],
        },
    }


def ogive(case: Answer) -> Answer:
    found = research.normal_ogive(case_data(case))
    return {"discrimination": found["discrimination"], "difficulty": found["intercept"]}


class MonteCarlo:
    """Values that depend on the random draws; the cases allow them 0.1."""

    def __init__(self, values: object) -> None:
        self.values = values


CASES: dict[str, Callable[[Answer], Answer]] = {
    "300-alpha-attitude": alpha,
    "302-alpha-svc-loyalty": alpha,
    "303-omega-hs-3f": omega_of_three,
    "304-omega-1f": omega_of_one,
    "306-kmo-bartlett": adequacy,
    "307-efa-hs-ml-none": exploratory,
    "308-efa-hs-ml-varimax": exploratory,
    "309-efa-hs-minres-oblimin": exploratory,
    "311-efa-harman74-minres-oblimin": exploratory,
    "312-factanal-hs": factanal,
    "313-principal-parallel-map": components,
    "315-icc": intraclass,
    "320-comprelsem-hs": composite,
    "322-comprelsem-higher": higher_order,
    "323-comprelsem-multigroup": by_group,
    "324-htmt": heterotrait,
    "326-mardia-mahalanobis": normal,
    "327-irt-lsat6": ogive,
}
ELSEWHERE = {"316-polychoric": "test_polychoric.py"}


@pytest.mark.parametrize("name", CASES)
def test_every_quantity_of_the_case(name: str) -> None:
    case = reference_case(name)
    # Two minima of one criterion, each to its program's precision: 323 was computed at lavaan's default 1e-6.
    tolerance = max(float(case["tolerance"]), 1e-5 if name.startswith("323") else 0.0)
    compared = hold(case["expected"], CASES[name](case), tolerance)
    assert compared > 4


def test_every_case_of_its_kind_is_here() -> None:
    there = {path.stem for path in shared("reference/cases").glob("3*.json")}
    assert there == CASES.keys() | ELSEWHERE.keys()


def hold(want: Any, got: Any, tolerance: float, path: str = "") -> int:
    """Compare everything that is expected; the count of numbers compared."""
    if isinstance(got, MonteCarlo):
        return hold(want, got.values, 0.1, path)
    if isinstance(want, dict):
        missing = want.keys() - got.keys() - {"warnings"}
        assert not missing, f"{path}: nothing answers {missing}"
        return sum(hold(want[key], got[key], tolerance, f"{path}/{key}") for key in want if key != "warnings")
    flat = np.asarray(want).ravel()
    if flat.dtype.kind in "US":
        assert list(np.asarray(got).ravel()) == list(flat), path
        return 0
    try:
        close(np.asarray(got, dtype=float), np.asarray(want, dtype=float), tolerance)
    except AssertionError as error:
        raise AssertionError(f"{path}: {error}") from error
    if path.split("/")[-1].startswith("p"):  # a small p has to be right in its digits, not only small
        np.testing.assert_allclose(np.asarray(got, dtype=float), np.asarray(want, dtype=float), rtol=0.02)
    return flat.size


def given_data(given: Answer) -> pd.DataFrame:
    if "matrix" in given:
        return pd.read_csv(shared(f"reference/{given['matrix']}"), index_col=0)
    return case_data({"input": given})


def like(want: Answer, values: np.ndarray) -> Answer:
    """A matrix with the labels of the expected one."""
    return {"rows": want["rows"], "cols": want["cols"], "values": values}


def aligned(found: FactorAnalysis, want: np.ndarray) -> tuple[np.ndarray, np.ndarray, list[int]]:
    """Loadings and factor correlations with the factors in the order and direction of the reference."""
    L, phi = found.loadings.to_numpy(), found.phi.to_numpy()
    orders = permutations(range(L.shape[1]))
    order = list(max(orders, key=lambda at: np.abs((L[:, list(at)] * want).sum(axis=0)).sum()))
    sign = np.sign((L[:, order] * want).sum(axis=0))
    return L[:, order] * sign, phi[np.ix_(order, order)] * np.outer(sign, sign), order


def accounted(found: FactorAnalysis, want: Answer, order: list[int]) -> Answer:
    """psych's table: sums of squares, shares of all variance and of the common, each also cumulated."""
    frame = found.variance.iloc[order]
    rows = [
        frame["ss_loadings"],
        frame["share"],
        frame["share"].cumsum(),
        frame["explained"],
        frame["explained"].cumsum(),
    ]
    return like(want, np.array(rows))
