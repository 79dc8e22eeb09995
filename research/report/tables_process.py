"""Tables of conditional process analysis: regressions side by side, effects, simple slopes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from research.questionnaire.definition import Questionnaire, Text, say
from research.report.cells import STARS_NOTE
from research.report.labels import LANGUAGES, label_of, present, with_columns
from research.report.nouns import Column, Table
from research.report.process_words import EFFECTS, INTERVALS, coding_notes, point_labels, route_label

if TYPE_CHECKING:
    import pandas as pd

_FOOT: dict[str, tuple[Text, str]] = {
    "r2": ({"en": "R²", "zh": "R²"}, "statistic"),
    "f": ({"en": "F", "zh": "F"}, "number"),
    "df1": ({"en": "df1", "zh": "df1"}, "integer"),
    "df2": ({"en": "df2", "zh": "df2"}, "integer"),
    "p": ({"en": "p of F", "zh": "F 的 p 值"}, "p"),
    "n_obs": ({"en": "n", "zh": "n"}, "integer"),
}
_ERRORS: dict[str, Text] = {
    "nonrobust": {"en": "Standard errors assume equal error variances.", "zh": "标准误基于误差等方差假定。"},
}


def process_models_table(
    models: pd.DataFrame,
    measures: pd.DataFrame,
    questionnaire: Questionnaire | None = None,
    *,
    cov_type: str = "nonrobust",
) -> Table:
    """All regressions of a path model side by side, from `Process.models()` and `Process.measures()`.

    One row a term, under each outcome b with stars and its standard error; below R², F and n.
    """
    import pandas as pd

    outcomes = list(dict.fromkeys(str(name) for name in models["outcome"]))
    rows: list[dict[str, object]] = []
    for term in _terms_in_order(models):
        row: dict[str, object] = {"term": label_of(term, questionnaire), "kind": ""}
        for place, outcome in enumerate(outcomes):
            found = models[(models["outcome"] == outcome) & (models["term"] == term)]
            one = len(found) > 0
            row[f"b_{place}"] = found["estimate"].iloc[0] if one else ""
            row[f"se_{place}"] = found["se"].iloc[0] if one else ""
            row[f"p_{place}"] = found["p"].iloc[0] if one else None
        rows.append(row)
    by_outcome = measures.set_index("outcome")
    for name, (label, kind) in _FOOT.items():
        foot: dict[str, object] = {"term": label, "kind": kind}
        for place, outcome in enumerate(outcomes):
            foot |= {f"b_{place}": by_outcome.loc[outcome, name], f"se_{place}": "", f"p_{place}": None}
        rows.append(foot)
    columns = [Column("term", {"en": "Predictor", "zh": "预测变量"})]
    for place, outcome in enumerate(outcomes):
        over = _outcome_label(outcome, questionnaire)
        columns.append(
            Column(
                f"b_{place}", {"en": "b", "zh": "b"}, "number", group=over, stars=f"p_{place}", kinds="kind"
            )
        )
        columns.append(Column(f"se_{place}", {"en": "SE", "zh": "标准误"}, "number", group=over))
    robust: Text = {
        "en": f"Heteroscedasticity-consistent standard errors ({cov_type}).",
        "zh": f"标准误为异方差稳健标准误（{cov_type}）。",
    }
    terms = [str(term) for term in models["term"]]
    return Table(
        title={"en": "Regressions of the path model", "zh": "路径模型的回归结果"},
        frame=pd.DataFrame(rows).astype(object),
        columns=tuple(columns),
        notes=(_ERRORS.get(cov_type, robust), *coding_notes(terms), STARS_NOTE),
    )


def process_effects_table(
    effects: pd.DataFrame,
    questionnaire: Questionnaire | None = None,
    *,
    interval: str = "percentile",
    level: float = 0.95,
    n_draws: int | None = None,
    contrasts: bool = True,
    latent: bool = False,
) -> Table:
    """The effects of x on y, from `Process.effects()` or (`latent`) `research.probe`.

    The note says what the intervals are; contrasts may be left out.
    """
    rows = effects if contrasts else effects[effects["effect"] != "contrast"]
    table = with_columns(
        rows,
        effect=[EFFECTS.get(str(name), {"en": str(name)}) for name in rows["effect"]],
        path=[route_label(str(path), questionnaire) for path in rows["path"]],
        at=point_labels([str(at) for at in rows["at"]], questionnaire),
    )
    columns = [
        Column("effect", {"en": "Effect", "zh": "效应"}, once=True),
        Column("path", {"en": "Path", "zh": "路径"}, once=True),
        Column("at", {"en": "At", "zh": "条件"}),
        Column("estimate", {"en": "Estimate", "zh": "估计值"}, "number"),
        Column("se", {"en": "SE", "zh": "标准误"}, "number"),
        _interval(level),
        Column("p", {"en": "p", "zh": "p"}, "p"),
    ]
    if not any(str(at) for at in rows["at"]):
        columns = [column for column in columns if column.name != "at"]
    words = INTERVALS["sobel" if latent else interval]
    drawn = n_draws if n_draws and interval != "sobel" else None
    note = {
        "en": f"{words['en']}{f' ({drawn:,} draws)' if drawn else ''}."
        + ("" if latent else " Total and direct effects: t tests of their regression."),
        "zh": f"{words['zh']}{f'（{drawn} 次抽样）' if drawn else ''}。"
        + ("" if latent else "总效应与直接效应采用回归的 t 检验。"),
    }
    return Table(
        title={"en": "Direct and indirect effects", "zh": "直接效应与间接效应"},
        frame=table,
        columns=tuple(columns),
        notes=(note, *coding_notes([str(path) for path in rows["path"]])),
    )


def simple_slopes_table(
    slopes: pd.DataFrame, questionnaire: Questionnaire | None = None, *, level: float = 0.95
) -> Table:
    """Moderated paths at values of their moderators, from `Process.simple_slopes()`."""
    table = with_columns(
        slopes,
        path=[route_label(str(path), questionnaire) for path in slopes["path"]],
        at=point_labels([str(at) for at in slopes["at"]], questionnaire),
    )
    columns = (
        Column("path", {"en": "Path", "zh": "路径"}, once=True),
        Column("at", {"en": "At", "zh": "条件"}),
        Column("estimate", {"en": "b", "zh": "b"}, "number"),
        Column("se", {"en": "SE", "zh": "标准误"}, "number"),
        Column("t", {"en": "t", "zh": "t"}, "number", 2),
        Column("p", {"en": "p", "zh": "p"}, "p"),
        _interval(level),
    )
    return Table(
        title={"en": "Simple slopes", "zh": "简单斜率"}, frame=table, columns=present(columns, table)
    )


def process_tests_table(tests: pd.DataFrame, questionnaire: Questionnaire | None = None) -> Table:
    """Interactions and omnibus tests, from `Process.tests()`."""
    words: dict[str, Text] = {
        "interaction": {"en": "Interaction", "zh": "交互作用"},
        "omnibus": {"en": "All categories", "zh": "各类别联合"},
    }
    named = []
    for terms in tests["terms"]:
        labels = [label_of(term, questionnaire) for term in str(terms).split(" + ")]
        named.append({lang: " + ".join(say(label, lang) for label in labels) for lang in LANGUAGES})
    table = with_columns(
        tests,
        outcome=[_outcome_label(str(name), questionnaire) for name in tests["outcome"]],
        test=[words[str(name)] for name in tests["test"]],
        terms=named,
        at=point_labels([str(at) for at in tests["at"]], questionnaire),
    )
    columns = [
        Column("outcome", {"en": "Outcome", "zh": "因变量"}, once=True),
        Column("test", {"en": "Test", "zh": "检验"}),
        Column("terms", {"en": "Terms", "zh": "项"}),
        Column("at", {"en": "At", "zh": "条件"}),
        Column("r2_change", {"en": "ΔR²", "zh": "ΔR²"}, "statistic"),
        Column("f", {"en": "F", "zh": "F"}, "number", 2),
        Column("df1", {"en": "df1", "zh": "df1"}, "integer"),
        Column("df2", {"en": "df2", "zh": "df2"}, "integer"),
        Column("p", {"en": "p", "zh": "p"}, "p"),
    ]
    if not any(str(at) for at in tests["at"]):
        columns = [column for column in columns if column.name != "at"]
    return Table(
        title={"en": "Tests of interactions", "zh": "交互作用的检验"}, frame=table, columns=tuple(columns)
    )


def _interval(level: float) -> Column:
    share = f"{100 * level:g}%"
    return Column("low", {"en": f"{share} CI", "zh": f"{share} 置信区间"}, "number", high="high")


def _outcome_label(outcome: str, questionnaire: Questionnaire | None) -> Text:
    """The outcome's label; of the model without mediators with that said."""
    plain = outcome.removesuffix(" (total)")
    label = label_of(plain, questionnaire)
    if plain == outcome:
        return label
    return {"en": f"{say(label, 'en')} (total effect)", "zh": f"{say(label, 'zh')}（总效应）"}


def _terms_in_order(models: pd.DataFrame) -> list[str]:
    """Single terms as they come, products after them, the intercept last."""
    terms: Sequence[str] = list(dict.fromkeys(str(term) for term in models["term"]))
    first = [term for term in terms if ":" not in term and term != "(Intercept)"]
    return [
        *first,
        *(term for term in terms if ":" in term),
        *(term for term in terms if term == "(Intercept)"),
    ]
