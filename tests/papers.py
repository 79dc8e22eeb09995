"""A small published study and the building of a paper from it, for the tests of documents."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure as Canvas

from research.questionnaire.definition import Text
from research.report.artefacts import ArtefactStore, load_artefacts
from research.report.document import build_document
from research.report.document_provenance import Provenance
from research.report.nouns import Column, Figure, Table

INPUTS = {"survey.yaml": "a" * 64, "answers.csv": "b" * 64}
BIBLIOGRAPHY = """
@article{fornell1981, author = {Fornell, Claes and Larcker, David F.}, title = {Evaluating models},
  journal = {Journal of Marketing Research}, year = {1981}, volume = {18}, pages = {39--50},
  doi = {10.1177/002224378101800104}}
@book{four2019,
  author = {Hair, Joseph F. and Black, William C. and Babin, Barry J. and Anderson, Rolph E.},
  title = {Multivariate data analysis}, edition = {8},
  publisher = {Cengage}, year = {2019}, address = {Andover}}
@article{wen2004, author = {温忠麟 and 侯杰泰 and 马什赫伯特 and 张三}, title = {结构方程模型检验},
  journal = {心理学报}, year = {2004}, volume = {36}, pages = {186--194}}
"""
EVERYTHING = """---
title: A small study
abstract: |
  We asked {{sample.n}} customers.
keywords: [trust, loyalty]
---

# Introduction {#sec:intro}

See @tbl:reliability, @fig:paths and @sec:results.

# Results {#sec:results}

CFI = {{fit.cfi}}, *p* {{fit.pvalue}}; $\\chi^2({{fit.df}}) = {{fit.chisq:.2}}$.

{{table:reliability}}

{{figure:paths}}
"""


@dataclass(frozen=True)
class Desk:
    """A folder with a store of artefacts, in which papers are written and built."""

    folder: Path

    @property
    def store(self) -> Path:
        return self.folder / "artefacts"

    def build(
        self,
        text: str,
        lang: str = "en",
        *,
        simulated: bool = False,
        inputs: dict[str, str] | None = None,
        out: Path | None = None,
        bibliography: bool = True,
    ) -> dict[str, bytes]:
        """Build the paper; {".pdf": bytes, ".docx": ..., ".html": ...}."""
        source = self.folder / "paper.md"
        source.write_text(text, encoding="utf-8")
        references = self.folder / "references.bib"
        references.write_text(BIBLIOGRAPHY, encoding="utf-8")
        provenance = Provenance(
            "python -m research build survey.yaml", inputs or INPUTS, {"numpy": "2.4"}, seed=7
        )
        files = build_document(
            source,
            load_artefacts(self.store),
            out or self.folder / "out",
            lang,
            provenance=provenance,
            bibliography=references if bibliography else None,
            simulated=simulated,
        )
        return {path.suffix: path.read_bytes() for path in files}


def publish_small_study(folder: Path, *, note: Text | None = None, title: Text | None = None) -> Desk:
    """Publish `sample`, `fit`, the table `reliability` and the figure `paths`."""
    store = ArtefactStore(folder / "artefacts")
    frame = pd.DataFrame(
        {
            "name": [{"en": "Trust", "zh": "信任"}, {"en": "Loyalty", "zh": "忠诚"}],
            "alpha": [0.81234, 0.70567],
        }
    )
    columns = (
        Column("name", {"en": "Construct", "zh": "构念"}),
        Column("alpha", {"en": "α", "zh": "α"}, "statistic"),
    )
    heading = title or {"en": "Reliability of the scales", "zh": "量表信度"}
    notes = (note or {"en": "N = 250.", "zh": "N = 250。"},)
    store.put({"n": 1090, "source": {"en": "a survey", "zh": "问卷调查"}}, "sample", inputs=INPUTS)
    fit = {"chisq": 452.317, "df": 231, "pvalue": 1e-9, "cfi": 0.9253, "tli": float("nan")}
    store.put(fit, "fit", inputs=INPUTS, stream="seed 7: bootstrap")
    store.put(Table(heading, frame, columns, notes), "reliability", inputs=INPUTS)
    figure = Figure(
        {"en": "The model", "zh": "模型"},
        frame,
        _draw,
        120,
        60,
        alt={"en": "Two boxes and an arrow", "zh": "两个方框与一个箭头"},
    )
    store.put(figure, "paths", inputs=INPUTS)
    return Desk(folder)


def _draw(canvas: Canvas, frame: pd.DataFrame, lang: str) -> None:
    axes = canvas.subplots()
    axes.barh([name[lang] for name in frame["name"]], frame["alpha"])
