"""One figure and one table of each kind that segments have, from a simulated survey."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import research
from research.model.hypotheses import model_text
from research.report.figure_customers import codes_figure, nps_figure, retention_figure
from research.report.figure_ipma import importance_performance_figure
from research.report.figure_segments import profile_figure, typology_figure
from research.report.nouns import Figure, Table
from research.report.tables_customers import (
    codes_table,
    core_table,
    lifetime_table,
    retention_table,
    rfm_table,
)
from research.report.tables_indices import importance_performance_table, index_table, nps_table
from research.report.tables_segments import (
    background_table,
    clusters_table,
    profile_table,
    sizes_table,
    typology_table,
)

QUESTIONNAIRES = Path(__file__).parents[1] / "questionnaires"
KINDS = ["profile", "typology", "map", "map_items", "nps", "retention", "codes"]


@cache
def results() -> dict[str, Any]:
    """Everything the room finds in one simulated study of 500 customers of a web shop."""
    survey = research.read_questionnaire(QUESTIONNAIRES / "ecommerce_eloyalty.yaml")
    answers = research.simulate(survey, 500, seed=3)
    fit = research.sem(model_text(survey), answers)
    frame = answers.frame.assign(recommend=(answers.frame["at1"] * 1.6 - 1).round().clip(0, 10))
    sales = research.simulate_transactions(answers, seed=3)
    scored = research.rfm(sales)
    return {
        "survey": survey,
        "typology": research.typology(answers, "attitudinal", "behavioural"),
        "clusters": research.clusters(
            answers, ["trust", "value", "convenience", "relationship"], k=(1, 2, 3), method="mixture",
            models=("EEI", "VVI"), starts=6,
        ),
        "kmeans": research.clusters(answers, ["trust", "value", "convenience", "relationship"], k=(2, 3, 4)),
        "map": research.importance_performance(fit, answers, "loyalty", draws=200),
        "index": research.index(answers, "loyalty", fit=fit, group="gender"),
        "nps": research.nps(frame, "recommend", group="gender"),
        "rfm": scored,
        "retention": research.retention(sales, period="quarter"),
        "value": research.customer_lifetime_value(sales, margin=0.3, segments=scored.customers, draws=200),
        "core": research.core_customers(
            answers, profit="spend", loyalty="loyalty", share="share", profit_above=250
        ),
        "codes": research.count_codes(answers, "reasons", group="gender"),
    }  # fmt: skip


@cache
def figures() -> dict[str, Figure]:
    found = results()
    survey = found["survey"]
    return {
        "profile": profile_figure(found["kmeans"].profile.means, survey, simulated=True),
        "typology": typology_figure(found["typology"], survey),
        "map": importance_performance_figure(found["map"], survey),
        "map_items": importance_performance_figure(
            found["map"], survey, level="indicator", width=180, height=150
        ),
        "nps": nps_figure(found["nps"], survey, group="gender"),
        "retention": retention_figure(found["retention"]),
        "codes": codes_figure(found["codes"], survey),
    }


@cache
def tables() -> dict[str, Table]:
    found = results()
    survey, kinds = found["survey"], found["typology"]
    cuts = (kinds.cuts["attitudinal"], kinds.cuts["behavioural"])
    simulated = {"simulated": True}
    return {
        "typology": typology_table(
            kinds.counts, survey, attitude="attitudinal", behaviour="behavioural", cuts=cuts, **simulated
        ),
        "profile": profile_table(kinds.profile.means, kinds.profile.tests, survey, **simulated),
        "background": background_table(kinds.profile.shares, kinds.profile.tests, survey, **simulated),
        "clusters": clusters_table(found["clusters"].table, **simulated),
        "kmeans": clusters_table(found["kmeans"].table, **simulated),
        "sizes": sizes_table(found["clusters"].sizes, **simulated),
        "map": importance_performance_table(found["map"].frame, survey, outcome="loyalty", **simulated),
        "index": index_table(found["index"].scores, survey, construct="loyalty", group="gender", **simulated),
        "nps": nps_table(found["nps"].scores, survey, group="gender", test=found["nps"].test, **simulated),
        "rfm": rfm_table(found["rfm"].segments, **simulated),
        "retention": retention_table(found["retention"].periods, period="quarter", **simulated),
        "value": lifetime_table(found["value"].frame, period="quarter", **simulated),
        "core": core_table(found["core"].counts, found["core"].thresholds, **simulated),
        "codes": codes_table(found["codes"].counts, survey, question="reasons", n=500, **simulated),
    }
