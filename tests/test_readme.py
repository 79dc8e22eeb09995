"""The table in the README names every construct, hypothesis and group, and misses nothing that was asked for.

That each artefact it names is made is asserted where the notebooks run.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from readme_table import README, rows, shown
from shared import shared

import research
from research.questionnaire.definition import Questionnaire

ROOT = Path(__file__).resolve().parents[1]
NAMES = ("finance_platform", "bank_innovation", "mobile_loyalty", "payment_quality", "ecommerce_eloyalty")

# What studies.md asks for, in its words and in their order, and what answers it: constructs and background
# questions of the file, its hypotheses, artefacts of its build.
ASKED = {
    "finance_platform": {
        "platform service quality": ["platform_quality", "H1"],
        "product innovation": ["product_innovation", "H2"],
        "user experience": ["user_experience", "H3"],
        "personalised service → satisfaction": ["personal_service", "H4"],
        "customer service": ["customer_service", "H6"],
        "brand image": ["brand_image", "H7"],
        "perceived security → trust": ["security", "H8"],
        "satisfaction → trust": ["satisfaction", "trust", "H9"],
        "satisfaction, trust → loyalty": ["H10", "H11", "H12", "H13", "H14"],
        "(repurchase, recommendation)": ["loyalty", "recommendation", "H17", "nps"],
        "Needs fulfilment": ["needs", "H5"],
        "environment moderates satisfaction → loyalty": ["environment", "H15", "moderation", "simple_slopes"],
        "Relationship stage": ["stage_levels", "stage_plot"],
        "tenure and frequency of use": ["tenure", "frequency"],
        "market segment as groups": ["segment", "H16", "group_invariance", "path_differences"],
        "the loyalty level by segment and stage": ["stage_levels", "group_differences"],
    },
    "bank_innovation": {
        "Service innovation is second-order": ["innovation", "loadings"],
        "channel, product, process and interaction innovation": [
            "channel_innovation",
            "product_innovation",
            "process_innovation",
            "interaction_innovation",
        ],
        "frequency of use, dependence, loyalty": ["stickiness", "use_frequency", "dependence", "loyalty"],
        "Innovation → service quality": ["service_quality", "H1"],
        "personalised experience": ["personal_experience", "H2"],
        "security confidence": ["security", "H3"],
        "these → satisfaction, trust": ["satisfaction", "trust", *(f"H{number}" for number in range(4, 10))],
        "satisfaction, trust → stickiness": ["H10", "H11"],
        "innovation → stickiness directly": ["H12"],
        "through satisfaction and trust": ["H13", "H14", "H15", "H16"],
        "serial and parallel mediation": ["H17", "H18", "H19", "indirect", "process_effects"],
        "compared one by one": ["innovation_kinds"],
        "which drives stickiness most": ["relative_importance", "importance_plot"],
    },
    "mobile_loyalty": {
        "product (quality, innovation, variety)": ["product", "H1"],
        "service (quality, speed, attitude)": ["service", "H2"],
        "brand (awareness, image)": ["brand", "H3"],
        "price (fairness, promotions)": ["price", "H4"],
        "channel (convenience, diversity)": ["channel", "H5"],
        "personalised marketing": ["marketing", "H6"],
        "mobile experience": ["mobile", "H7"],
        "mobile payment": ["payment", "H8"],
        "social-media engagement": ["social", "H9"],
        "cross-channel integration": ["integration", "H10"],
        "(satisfaction-based, behavioural, advocacy)": [
            "loyalty",
            "satisfaction_loyalty",
            "behavioural_loyalty",
            "advocacy",
        ],
        "hierarchical multiple regression, block by block": ["blocks"],
        "relative importance of the drivers": ["relative_importance", "importance_plot"],
        "differences by region, age, gender, income": [
            "region",
            "age_group",
            "gender",
            "income",
            "group_differences",
        ],
        "single- versus cross-channel use": ["channel_use", "H11", "path_differences"],
        "segments from the answers": ["segments", "profile_plot"],
        "from behaviour (recency, frequency, money)": ["rfm"],
        "retention rate": ["retention", "retention_map"],
        "customer lifetime value for each segment": ["lifetime_value"],
        "high-value / loyal / potential customers": ["core_customers"],
    },
    "payment_quality": {
        "security, convenience, reliability, customer service, innovation, personalisation, responsiveness, "
        "transparency": [
            "quality",
            "security",
            "convenience",
            "reliability",
            "support",
            "innovation",
            "personalisation",
            "responsiveness",
            "transparency",
        ],
        "Direct effect quality → loyalty": ["H1", "paths"],
        "satisfaction, trust, perceived value and word of mouth": [
            "satisfaction",
            "trust",
            "value",
            "wom",
            *(f"H{number}" for number in range(2, 15)),
        ],
        "serial quality → trust → satisfaction → loyalty": ["H15", "indirect", "process_effects"],
        "Loyalty attitudinal and behavioural (retention, frequency, recommendation)": [
            "attitudinal",
            "behavioural",
            "loyalty",
            "recommendation",
            "H19",
            "nps",
        ],
        "Price sensitivity as outcome and moderator": ["price_sensitivity", "H16", "H17", "moderation"],
        "Cultural orientation": ["culture", "H18"],
        "two countries": ["country", "group_differences"],
        "measurement invariance first, then the paths": ["invariance", "latent_means", "path_differences"],
        "A loyalty index on 0–100 with weights from the model": ["index"],
        "importance against performance": ["importance_performance", "ipma_map"],
        "is the effect stable over time": ["wave_invariance", "panel", "wave_paths", "growth", "growth_plot"],
    },
    "ecommerce_eloyalty": {
        "Trust (credibility, privacy and security, third-party assurance)": [
            "trust",
            "credibility",
            "privacy",
            "assurance",
            "H1",
            "H7",
            "H10",
        ],
        "perceived value (quality, service, price)": [
            "value",
            "value_quality",
            "value_service",
            "value_price",
            "H2",
            "H8",
            "H11",
        ],
        "satisfaction": ["satisfaction", "H6"],
        "convenience of the site": ["convenience", "H3"],
        "personal relationship": ["relationship", "H4", "H9"],
        "handling of complaints": ["complaints", "H5"],
        "e-loyalty, attitudinal and behavioural": ["loyalty", "attitudinal", "behavioural"],
        "test it as necessary (a ceiling) as well as sufficient": ["necessary", "necessary_plot", "paths"],
        "Switching costs (sunk cost, lost benefits)": ["switching_cost", "sunk_cost", "lost_benefits"],
        "moderate satisfaction → loyalty": ["H12", "moderation", "simple_slopes", "johnson_neyman"],
        "true, latent, spurious and no loyalty": ["typology", "typology_map"],
        "with the profile of each": ["profile_plot"],
        "core customers": ["core_customers", "spend", "share"],
        "reasons for leaving, coded and counted": ["reasons", "reasons_plot"],
    },
}


@cache
def file(name: str) -> Questionnaire:
    return research.read_questionnaire(ROOT / "questionnaires" / f"{name}.yaml")


def asked_for(name: str) -> str:
    """The section of studies.md on this study."""
    text = " ".join(shared("studies.md").read_text(encoding="utf-8").split())
    return text.partition(f"`{name}`")[2].partition(" ## ")[0]


@pytest.mark.parametrize("name", NAMES)
def test_the_table_names_what_the_file_declares(name: str) -> None:
    mine = [row for row in rows() if row.study == name]
    questionnaire = file(name)
    declared = {hypothesis.id for hypothesis in questionnaire.hypotheses}
    assert sorted(one for row in mine for one in row.hypotheses) == sorted(declared)  # each in one row
    words = {one for row in mine for one in row.named}
    constructs = {construct.name for construct in questionnaire.constructs}
    assert constructs <= words
    assert set(questionnaire.groups) <= words
    known = constructs | {question.id for question in questionnaire.background}
    assert words - known <= {"components", "groups", "waves: 3", "population"}


@pytest.mark.parametrize("name", NAMES)
def test_nothing_that_was_asked_for_is_missing(name: str) -> None:
    text, questionnaire = asked_for(name), file(name)
    known = shown(name) | {construct.name for construct in questionnaire.constructs}
    known |= {question.id for question in questionnaire.background}
    known |= {hypothesis.id for hypothesis in questionnaire.hypotheses}
    for words, answers in ASKED[name].items():
        assert words in text
        assert set(answers) <= known, words
    met = {answer for answers in ASKED[name].values() for answer in answers}
    assert {construct.name for construct in questionnaire.constructs} <= met
    assert {hypothesis.id for hypothesis in questionnaire.hypotheses} <= met


def test_every_study_of_the_list_is_in_the_table() -> None:
    text = shared("studies.md").read_text(encoding="utf-8")
    listed = [line.split("`")[1] for line in text.splitlines() if line.startswith("## ") and "`" in line]
    assert listed == list(dict.fromkeys(row.study for row in rows())) == list(NAMES)
    for name in ("ecsi_mobile", "corporate_reputation"):
        assert f"`{name}`" in text
        assert f"`{name}`" in README.read_text(encoding="utf-8")
