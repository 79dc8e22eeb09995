"""Verdicts on hypotheses: each stands on a number that R or lavaan gives too, and says which model."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from cases import close, golden
from shared import shared

from research.estimation.fit import Fit
from research.estimation.run import sem
from research.model.hypotheses import model_text
from research.questionnaire.definition import (
    Construct,
    Hypothesis,
    Item,
    Point,
    Question,
    Questionnaire,
    Scale,
)
from research.questionnaire.reader import read_questionnaire
from research.report.tables_structure import verdict_table as printed
from research.responses.nouns import Responses, Source
from research.responses.reading import read_responses
from research.responses.scores import scale_scores
from research.structure.indirect import indirect_effects
from research.structure.outcomes import Regressions, run_regressions
from research.structure.verdicts import kind_of_mediation, verdict_table


def questions(path: str) -> Questionnaire:
    return read_questionnaire(Path(__file__).parents[1] / "questionnaires" / path)


@cache
def reputation() -> tuple[Responses, Fit, Regressions]:
    responses = read_responses(shared("realdata/corp_rep_344.csv"), questions("corporate_reputation.yaml"))
    asked = responses.questionnaire
    return responses, sem(model_text(asked), responses), run_regressions(responses, asked)


def small(
    *hypotheses: Hypothesis, controls: tuple[str, ...] = (), n: int = 300
) -> tuple[Questionnaire, Responses]:
    """Three constructs of three items: m = .6x, y = .5m + .3x + .5 xw, and a question with three answers."""
    rng = np.random.default_rng(11)
    x, w = rng.normal(size=n), rng.normal(size=n)
    m = 0.6 * x + rng.normal(size=n)
    y = 0.5 * m + 0.3 * x + 0.5 * x * w + rng.normal(size=n)
    latent = {"x": x, "w": w, "m": m, "y": y}
    frame = pd.DataFrame(
        {f"{k}{i}": v + 0.6 * rng.normal(size=n) for k, v in latent.items() for i in (1, 2, 3)}
    )
    frame["branch"] = rng.choice(["a", "b", "c"], size=n)
    frame["age"] = rng.integers(20, 60, size=n).astype(float)
    asked = Questionnaire(
        name="small",
        title={"en": "Small"},
        languages=("en",),
        scales={"s": Scale("s", (Point(1, {}), Point(7, {})))},
        constructs=tuple(
            Construct(k, {"en": k}, tuple(Item(f"{k}{i}", {}, "s") for i in (1, 2, 3))) for k in latent
        ),
        background=(Question("branch", {}, "choice"), Question("age", {}, "number")),
        hypotheses=hypotheses,
        controls=controls,
    )
    return asked, Responses(frame, asked, Source("made up", "", "simulated"))


def test_moderation_and_group_equal_r() -> None:
    """lm() on centred scale means of the reputation survey, HC3 by hatvalues(): R 4.2.2."""
    responses, fit, regressions = reputation()
    last = regressions.by_outcome["CUSL"].fits[-1].tidy().set_index("term")
    expected = pd.DataFrame(
        {
            "estimate": [5.5495195774442863, -0.0257293189390104, 0.2214418681684329, 0.5617428370689463,
                         0.1285292509373689, -0.0148237168411902, -0.0965607958156040, 0.0862942157718799],
            "se": [0.3588688258413048, 0.0691686941863839, 0.0677705010098184, 0.0609644278030773,
                   0.0781041627756789, 0.1025265673404770, 0.0375937309917626, 0.0667022001121561],
        },
        index=["(Intercept)", "COMP", "LIKE", "CUSA", "SC", "C(servicetype)[T.2]", "CUSA:SC",
               "LIKE:C(servicetype)[T.2]"],
    )  # fmt: skip
    for column in expected:
        close(last.loc[expected.index, column], expected[column], 1e-12)
    table = verdict_table(responses.questionnaire, fit, regressions=regressions).set_index("id")
    close(table.loc["H8", ["estimate", "se"]], expected.loc["CUSA:SC"], 1e-12)
    close(table.loc["H8", "delta_r2"], 0.00881834385988955, 1e-12)
    assert table.loc["H8", "sign"] == -1
    assert table.loc[["H8", "H9"], "model"].tolist() == ["OLS HC3", "OLS HC3"]
    assert table.loc[["H8", "H9"], "verdict"].tolist() == ["supported", "not supported"]
    assert table.loc["H9", "n_obs"] == 336
    assert regressions.verify().largest < 1e-9
    steps = regressions.steps().set_index(["outcome", "step"])
    close(steps.loc["CUSL", "r2"], [0.566223442508010, 0.576592223122578], 1e-12)


def test_direct_and_indirect_effects_equal_lavaan() -> None:
    """The serial mediation of the mobile survey: direct paths, and indirect effects by the delta method."""
    stored = pd.DataFrame(golden("mobi_lavaan_serial_mediation")["ML"]["params"]).set_index(
        ["lhs", "op", "rhs"]
    )
    base = questions("ecsi_mobile.yaml")
    named = [c for c in base.constructs if c.name in ("Image", "Quality", "Satisfaction", "Loyalty")]
    named = [replace(c, items=tuple(i for i in c.items if i.id != "CUSL2")) for c in named]
    hypotheses = (
        Hypothesis("D1", "direct", ("Quality", "Image")),
        Hypothesis("D2", "direct", ("Quality", "Loyalty")),
        Hypothesis("D3", "direct", ("Image", "Loyalty")),
        Hypothesis("I1", "mediated", ("Quality", "Satisfaction", "Loyalty")),
        Hypothesis("I2", "mediated", ("Quality", "Image", "Satisfaction", "Loyalty")),
    )
    asked = replace(base, constructs=tuple(named), hypotheses=hypotheses)
    responses = read_responses(shared("realdata/ecsi_mobile_250.csv"), base)
    fit = sem(model_text(asked), responses)
    table = verdict_table(asked, fit).set_index("id")
    rows = {
        "D1": ("Image", "~", "Quality"),
        "D2": ("Loyalty", "~", "Quality"),
        "D3": ("Loyalty", "~", "Image"),
        "I1": ("ind_sat", ":=", "a2*b2"),
        "I2": ("ind_serial", ":=", "a1*d*b2"),
    }
    names = {
        "estimate": "est",
        "se": "se",
        "low": "ci.lower",
        "high": "ci.upper",
        "p": "pvalue",
        "std_estimate": "std.all",
    }
    for key, row in rows.items():
        for ours, theirs in names.items():
            close(table.loc[key, ours], stored.loc[row, theirs], 2e-3 if key != "D1" else 1e-5)
    assert table["verdict"].tolist() == ["supported", *["not supported"] * 4]
    assert "collinear" in table.loc["D2", "reason"]["en"]
    assert "delta" in table.loc["I1", "reason"]["en"]
    assert table.loc["I1", "mediation"] == "none"
    assert table.loc["D1", "model"] == "SEM ML"


def test_indirect_effects_take_the_bootstrap_interval() -> None:
    responses, fit, _ = reputation()
    effects = indirect_effects(fit, 200, 3, level=0.9)
    table = verdict_table(responses.questionnaire, fit, indirect=effects, level=0.9).set_index("id")
    drawn = fit.bootstrap(200, seed=3).tidy(kind="percentile", level=0.9).set_index("lhs").loc["ind_H7"]
    close(table.loc["H7", ["se", "low", "high"]], drawn[["se", "low", "high"]], 1e-12)
    assert np.isnan(table.loc["H7", "p"])
    assert table.loc["H7", "verdict"] == "supported"
    assert table.loc["H7", "mediation"] == "complementary"
    assert table.loc["H7", "reason"] == {}
    z = table.loc["H2", "estimate"] / table.loc["H2", "se"]
    close(table.loc["H2", "low"], table.loc["H2", "estimate"] * (1 - 1.6448536269514722 / z), 1e-9)


def test_samples_that_did_not_converge_are_told_with_the_verdict() -> None:
    responses, fit, _ = reputation()
    lost = replace(indirect_effects(fit, 200, 3), n_failed=60)
    table = verdict_table(responses.questionnaire, fit, indirect=lost).set_index("id")
    assert "140 of 200 bootstrap samples" in table.loc["H7", "reason"]["en"]
    assert "仅有 140 次收敛" in table.loc["H7", "reason"]["zh"]
    assert table.loc["H7", "mediation"] == "complementary"
    assert table.loc["H2", "reason"] == {}, "a direct path does not rest on the bootstrap"


@pytest.mark.parametrize(
    ("indirect", "direct", "kind"),
    [
        ((0.2, True), (0.3, True), "complementary"),
        ((0.2, True), (-0.3, True), "competitive"),
        ((0.2, True), (0.3, False), "indirect-only"),
        ((0.2, False), (0.3, True), "direct-only"),
        ((0.2, False), (0.3, False), "none"),
    ],
)
def test_kinds_of_mediation(indirect: tuple[float, bool], direct: tuple[float, bool], kind: str) -> None:
    assert kind_of_mediation(*indirect, *direct) == kind


def test_signs_decide() -> None:
    asked, responses = small(
        Hypothesis("H1", "direct", ("x", "m")),
        Hypothesis("H2", "direct", ("x", "m"), sign=-1),
        Hypothesis("H3", "direct", ("x", "m"), sign=0),
        Hypothesis("H4", "direct", ("w", "m")),
    )
    fit = sem(model_text(asked), responses)
    verdicts = verdict_table(asked, fit)["verdict"].tolist()
    assert verdicts == ["supported", "opposite sign", "supported", "not supported"]


def test_three_groups_are_tested_together() -> None:
    """The joint test is the Wald F of statsmodels; a joint test has no sign."""
    import statsmodels.formula.api as smf

    asked, responses = small(
        Hypothesis("H1", "group", ("x", "y"), group="branch"),
        Hypothesis("H2", "moderated", ("x", "y"), moderator="w"),
        controls=("age",),
    )
    regressions = run_regressions(responses, asked)
    table = verdict_table(asked, regressions=regressions).set_index("id")
    scores = scale_scores(responses)
    data = (scores - scores.mean()).assign(branch=responses.frame["branch"], age=responses.frame["age"])
    theirs = smf.ols("y ~ age + x + w + C(branch) + x:C(branch) + x:w", data).fit(cov_type="HC3", use_t=True)
    joint = theirs.f_test("x:C(branch)[T.b] = 0, x:C(branch)[T.c] = 0")
    assert table.loc["H1", "p"] == pytest.approx(float(joint.pvalue), rel=1e-8)
    assert table.loc["H1", "sign"] == 0
    assert "Joint test" in table.loc["H1", "reason"]["en"]
    assert table.loc["H2", "p"] == pytest.approx(theirs.pvalues["x:w"], rel=1e-8)
    assert table.loc["H2", "verdict"] == "supported"
    without = smf.ols("y ~ age + x + w + C(branch) + x:w", data).fit()
    assert table.loc["H1", "delta_r2"] == pytest.approx(theirs.rsquared - without.rsquared, rel=1e-8)
    steps = regressions.steps()
    assert steps["added"].tolist() == ["age", "x, w, C(branch)", "x:C(branch), x:w"]
    assert regressions.centred["y"] == ("x", "w")


def test_without_a_structural_model_the_regression_decides() -> None:
    asked, responses = small(
        Hypothesis("H1", "direct", ("x", "m")), Hypothesis("H2", "mediated", ("x", "m", "y"))
    )
    table = verdict_table(asked, regressions=run_regressions(responses, asked)).set_index("id")
    assert table.loc["H1", ["verdict", "model"]].tolist() == ["supported", "OLS HC3"]
    assert table.loc["H2", "verdict"] == "not tested"
    assert set(table.loc["H2", "reason"]) == {"en", "zh"}


def test_what_cannot_be_tested_says_why() -> None:
    asked, responses = small(
        Hypothesis("H1", "direct", ("x", "y")),
        Hypothesis("H2", "moderated", ("x", "y"), moderator="w"),
        Hypothesis("H3", "group", ("x", "y"), group="branch"),
    )
    lonely = replace(responses, frame=responses.frame.assign(branch="a"))
    regressions = run_regressions(lonely, asked)
    assert "one level only" in regressions.failures["y"]
    table = verdict_table(asked, regressions=regressions).set_index("id")
    assert table.loc[["H2", "H3"], "verdict"].tolist() == ["not tested", "not tested"]
    assert "one level only" in table.loc["H3", "reason"]["en"]
    assert "one level only" in regressions.notes[-1]
    nothing = verdict_table(asked).set_index("id")
    assert (nothing["verdict"] == "not tested").all()
    other = sem("m =~ m1 + m2 + m3\nx =~ x1 + x2 + x3\nm ~ x", responses)
    assert "does not hold this path" in verdict_table(asked, other).set_index("id").loc["H1", "reason"]["en"]


def test_the_table_can_be_printed() -> None:
    responses, fit, regressions = reputation()
    table = printed(
        verdict_table(responses.questionnaire, fit, regressions=regressions), responses.questionnaire
    )
    assert len(table.frame) == len(responses.questionnaire.hypotheses)
