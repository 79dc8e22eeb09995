"""More scales and exploratory solutions beside psych, semTools and lavaan: `reference/scales.R`.

Answers of five and six points, gaps, turned items, constructs of two items, matrices with their n.
"""

from __future__ import annotations

import gzip
import json
from functools import cache
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from cases import close, matrix
from numpy.typing import NDArray
from shared import shared

import research

HERE = Path(__file__).parent / "reference"


@cache
def stored() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(gzip.decompress((HERE / "scales.json.gz").read_bytes()))
    return found


def read(name: str) -> pd.DataFrame:
    if name == "ordinal_answers.csv":
        return pd.read_csv(HERE / name)
    path = shared(f"reference/data/{name}")
    return pd.read_csv(path, index_col=0) if name.startswith("cor_") else pd.read_csv(path)


@cache
def explored(name: str) -> tuple[pd.DataFrame, int | None]:
    case = stored()["exploratory"][name]
    data = read(case["data"])
    return (data[case["items"]] if case["items"] else data), case["n"]


SETS = [name for name in stored()["exploratory"] if name != "efa"]
SOLUTIONS = {
    f"{one['set']}-{one['k']}-{one['fm']}-{one['rotate']}": one for one in stored()["exploratory"]["efa"]
}


@pytest.mark.parametrize("name", SETS)
def test_dimensions_equal_psych(name: str) -> None:
    want, (data, n) = stored()["exploratory"][name], explored(name)
    kmo, bartlett = research.kmo(data, n_obs=n), research.bartlett(data, n)
    close(kmo.overall, want["kmo"], 1e-8)
    close(kmo.items, want["msa"], 1e-8)
    close([bartlett.chisq, bartlett.df, bartlett.p], [want[f"bartlett{x}"] for x in ("", "_df", "_p")], 1e-8)
    squared = research.velicer_map(data, n_obs=n)
    count = min(len(squared), len(want["map"]))
    close(squared[:count], want["map"][:count], 1e-8)


@pytest.mark.parametrize("name", SOLUTIONS)
def test_solutions_equal_psych(name: str) -> None:
    """GPArotation stops at 1e-5 of its gradient, psych's minres at 1e-7 of its objective."""
    want, (data, n) = SOLUTIONS[name], explored(SOLUTIONS[name]["set"])
    rotation = "geomin" if want["rotate"] == "geominQ" else want["rotate"]
    weights = True if rotation == "promax" else None  # psych's promax starts from Kaiser's weights
    found = research.efa(data, want["k"], want["fm"], rotation, n, normalize=weights)
    L = np.array(want["loadings"])
    order, sign = aligned(found.loadings.to_numpy(), L)
    close(found.loadings.to_numpy()[:, order] * sign, L, 6e-4)
    close(found.structure.to_numpy()[:, order] * sign, want["structure"], 6e-4)
    if "phi" in want:
        close(found.phi.to_numpy()[np.ix_(order, order)] * np.outer(sign, sign), want["phi"], 8e-4)
    close(found.uniqueness, want["uniq"], 1e-4)
    measures = found.measures()
    names = {"df": "df", "objective": "objective"}
    if want["df"] > 0:
        names |= {"chisq": "chisq", "p": "p", "tli": "tli", "bic": "bic"}
        for ours, theirs in {"rmsea": "RMSEA", "rmsea_low": "lower", "rmsea_high": "upper"}.items():
            close(measures[ours], want["rmsea"][theirs], 1e-4)
    if want["set"] != "hsmiss":  # psych weighs residuals by the rows of the pair
        names["rmsr"] = "rms"
    for ours, theirs in names.items():
        assert measures[ours] == pytest.approx(want[theirs], abs=1e-4 * max(1.0, abs(want[theirs]))), ours


def aligned(L: NDArray[np.float64], want: NDArray[np.float64]) -> tuple[list[int], NDArray[np.float64]]:
    """Order and direction of the factors of the reference."""
    orders = permutations(range(L.shape[1]))
    best = list(max(orders, key=lambda at: np.abs((L[:, list(at)] * want).sum(axis=0)).sum()))
    return best, np.sign((L[:, best] * want).sum(axis=0))


@pytest.mark.parametrize("name", stored()["scales"])
def test_scales_equal_psych_and_semtools(name: str) -> None:
    want = stored()["scales"][name]
    data, blocks = read(want["data"]), want["blocks"]
    data = data.head(700) if name == "bfi" else data
    turned = data.assign(**{item: 7 - data[item] for item in want["turn"] or ()})
    found = research.reliability(data, blocks, want["turn"] or ())
    each = want["alpha"].values()
    close(found["alpha"], [one["raw"] for one in each], 1e-8)
    close(found["alpha_std"], [one["std"] for one in each], 1e-8)
    whole = [not turned[items].isna().any().any() for items in blocks.values()]
    for column, at in (("alpha_low", 0), ("alpha_high", 2)):  # psych's n counts the rows with gaps as well
        if any(whole):
            limits = [one["feldt"][at] for one, kept in zip(each, whole, strict=True) if kept]
            close(found[column][whole], limits, 1e-8)
    close(found["omega_total"], [want["cr"][construct] for construct in blocks], 2e-5)
    items = research.item_statistics(data, blocks, want["turn"] or ())
    close(items["r_rest"], [r for one in each for r in np.atleast_1d(one["r_drop"])], 1e-8)
    close(items["loading"], list(want["std"].values()), 5e-5)
    criterion = research.fornell_larcker(turned, blocks).to_numpy()
    below = np.tril_indices(len(blocks), -1)
    close(criterion[below], matrix(want["cor"])[below], 5e-5)


@pytest.mark.parametrize("name", stored()["scales"])
def test_ratios_equal_semtools(name: str) -> None:
    """HTMT2, which semTools 0.5-6 computes whatever is asked for; of complete rows, as it takes them."""
    want = stored()["scales"][name]
    blocks = want["blocks"]
    data = read(want["data"])
    data = data.head(700) if name == "bfi" else data
    data = data.assign(**{item: 7 - data[item] for item in want["turn"] or ()})
    data = data[[item for items in blocks.values() for item in items]].dropna()
    below = np.tril_indices(len(blocks), -1)
    close(research.htmt(data, blocks, "htmt2").to_numpy()[below], matrix(want["htmt2"])[below], 1e-6)
    if want.get("htmt2_poly") and name != "ord":
        ratios = research.htmt(data, blocks, "htmt2", "polychoric").to_numpy()
        close(ratios[below], matrix(want["htmt2_poly"])[below], 5e-5)


@pytest.mark.parametrize("name", stored()["scales"])
def test_agreement_halves_and_ordinal_reliability_equal_psych_and_semtools(name: str) -> None:
    want = stored()["scales"][name]
    data = read(want["data"])
    data = data.head(700) if name == "bfi" else data
    data = data.assign(**{item: 7 - data[item] for item in want["turn"] or ()})
    for construct, items in want["blocks"].items():
        rows, expected = data[items].dropna(), want["icc"][construct]
        found = research.icc(rows)
        for ours, theirs in {"value": "value", "f": "F", "p": "p", "low": "low", "high": "high"}.items():
            close(found[ours], expected[theirs], 1e-7)
        halves = want["split"].get(construct)
        if (
            halves and len(items) == 4 and halves["min"] < 0.84
        ):  # psych turns an item that goes against the rest
            row = research.split_half(rows, {construct: items}, standardized=True).loc[construct]
            close(row[["max", "min", "mean"]], [halves["max"], halves["min"], halves["mean"]], 1e-8)
        lambdas = want["guttman"].get(construct)
        if lambdas and len(rows) == len(data):
            bounds = research.guttman(rows, {construct: items}, standardized=True).loc[construct]
            close(
                bounds[["lambda1", "lambda2", "lambda3", "lambda5", "lambda6"]],
                [lambdas[f"l{k}"] for k in (1, 2, 3, 5, 6)],
                1e-8,
            )
    if want.get("ord_cr"):
        kept = data[[item for items in want["blocks"].values() for item in items]].dropna()
        ordinal = research.ordinal_reliability(kept, want["blocks"])
        close(ordinal["omega_categorical"], list(want["ord_cr"].values()), 5e-5)
        close(ordinal["omega_latent"], list(want["ord_latent"].values()), 5e-5)
        close(ordinal["alpha_ordinal"], list(want["ord_alpha"].values()), 5e-5)
