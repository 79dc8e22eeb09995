"""The one object that a notebook, a script and the command line open: a study, from questions to verdicts."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from research.errors import DataError, OptionError
from research.provenance import versions
from research.questionnaire.definition import Questionnaire

if TYPE_CHECKING:
    import pandas as pd

    from research.estimation.fit import Fit
    from research.measurement.overview import Measurement
    from research.report.artefact_files import Publishable
    from research.report.artefacts import Artefacts, ArtefactStore
    from research.report.document_provenance import Provenance
    from research.responses.nouns import Responses
    from research.responses.screening import Screened
    from research.structure.estimator_choice import EstimatorChoice
    from research.structure.group_paths import GroupPaths
    from research.structure.indirect import IndirectEffects
    from research.structure.latent_moderation import LatentModeration
    from research.structure.outcomes import Regressions
    from research.structure.robustness import Robustness

Published = TypeVar("Published", bound="Publishable")

# A build tells the kernel of a notebook by these variables which answers to take and where to write.
ENVIRONMENT = {
    "data": "RESEARCH_DATA",
    "out": "RESEARCH_OUT",
    "seed": "RESEARCH_SEED",
    "draws": "RESEARCH_DRAWS",
}
PACKAGES = ("numpy", "scipy", "pandas", "statsmodels", "semopy", "matplotlib", "pypandoc_binary", "typst")
DRAWS = 5000  # bootstrap draws: 5,000 or more are asked for by reviewers of this field
FEWEST_DRAWS = 100


def open_study(
    path: str | Path,
    *,
    data: str | Path | None = None,
    out: str | Path | None = None,
    seed: int | None = None,
    draws: int | None = None,
) -> Study:
    """Open the study that the questionnaire file at `path` declares.

    `data`: a file of answers; None: the file that the questionnaire names, else answers simulated from
    the population it declares. `out`: where artefacts are written; None: `build/NAME` in the working
    folder. `seed`: of every random stream; None: 1. `draws`: bootstrap samples; None: 5,000.
    While a build runs a notebook, the build's own settings stand in for those that are not given here.

    Nothing is computed before it is asked for, and nothing twice. Raises `ResearchError` for a faulty
    file; faults of the answers are raised when `study.responses` is first asked for.

    >>> import research
    >>> import pathlib, tempfile
    >>> from research.questionnaire.template import new_questionnaire
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "shop.yaml"
    >>> _ = file.write_text(new_questionnaire("shop"), encoding="utf-8")
    >>> study = research.open_study(file)
    >>> len(study.responses.frame), study.raw.simulated
    (300, True)
    """
    from research.questionnaire.reader import read_questionnaire

    questionnaire = read_questionnaire(Path(path))
    given_data = data if data is not None else os.environ.get(ENVIRONMENT["data"])
    given_out = out if out is not None else os.environ.get(ENVIRONMENT["out"])
    given_seed = seed if seed is not None else _from_environment("seed", 1)
    given_draws = draws if draws is not None else _from_environment("draws", DRAWS)
    if given_seed < 0:
        raise OptionError(f"seed={given_seed}; a seed is a whole number of at least 0.")
    if given_draws < FEWEST_DRAWS:
        raise OptionError(f"draws={given_draws}; an interval needs at least {FEWEST_DRAWS}, a paper {DRAWS}.")
    return Study(
        questionnaire,
        data=Path(given_data) if given_data else None,
        out=Path(given_out) if given_out else Path("build") / questionnaire.name,
        seed=given_seed,
        draws=given_draws,
    )


def _from_environment(name: str, default: int) -> int:
    text = os.environ.get(ENVIRONMENT[name], str(default))
    if not text.isdecimal():
        raise OptionError(f"the environment variable {ENVIRONMENT[name]} is {text!r}, not a whole number.")
    return int(text)


class Study:
    """A questionnaire, the answers to it, and every result, each computed once when first asked for."""

    def __init__(
        self, questionnaire: Questionnaire, *, data: Path | None, out: Path, seed: int, draws: int
    ) -> None:
        self.questionnaire = questionnaire
        self.data = data
        self.out = out
        self.seed = seed
        self.draws = draws

    def __repr__(self) -> str:
        """Which study, on which answers; nothing is computed for it."""
        source = self.data or "the questionnaire's own data or population"
        return (
            f"Study {self.questionnaire.name}: {source}; seed {self.seed}, {self.draws} draws; out {self.out}"
        )

    @cached_property
    def raw(self) -> Responses:
        """The answers as read, nothing screened out."""
        from research.responses.location import locate_data
        from research.responses.reading import read_responses
        from research.simulation.simulate import simulate

        path = self.data or locate_data(self.questionnaire)
        if path is not None:
            return read_responses(path, self.questionnaire)
        if self.questionnaire.population is not None:
            return simulate(self.questionnaire, seed=self.seed)
        raise DataError(
            f"{self.questionnaire.path} names no data and declares no population to simulate from. Pass a "
            "file of answers (--data FILE), or add `data:` or `population:` to the questionnaire."
        )

    @cached_property
    def screened(self) -> Screened:
        """Flags, the exclusion table, and the answers that remain."""
        from research.responses.screening import screen

        return screen(self.raw)

    @property
    def responses(self) -> Responses:
        """The answers that the analyses use: after the exclusions that the file asks for, and no others."""
        return self.screened.responses

    @cached_property
    def estimator(self) -> EstimatorChoice:
        """How the models are estimated, and why: what the file asks for, or what suits the answers."""
        from research.structure.estimator_choice import choose_estimator

        return choose_estimator(self.responses)

    @cached_property
    def cfa(self) -> Fit:
        """The measurement model of all constructs."""
        from research.estimation.run import cfa
        from research.model.hypotheses import measurement_text

        return self._fitted(cfa, measurement_text(self.questionnaire))

    @cached_property
    def sem(self) -> Fit:
        """The structural model that the hypotheses declare."""
        from research.estimation.run import sem
        from research.model.hypotheses import model_text

        return self._fitted(sem, model_text(self.questionnaire))

    def _fitted(self, run: Callable[..., Fit], text: str) -> Fit:
        return run(text, self.responses, **self.estimator.chosen.options)

    @cached_property
    def indirect(self) -> IndirectEffects:
        """The structural model's indirect effects with their intervals."""
        from research.structure.indirect import indirect_effects

        return indirect_effects(self.sem, self.draws, self.seed)

    @cached_property
    def moderations(self) -> dict[str, LatentModeration]:
        """Each moderated hypothesis as the path of a latent product, by the hypothesis' id."""
        from research.structure.latent_moderation import latent_moderations

        missing = "listwise" if self.estimator.chosen.missing == "listwise" else "fiml"
        return latent_moderations(self.responses, self.cfa, missing=missing)

    @cached_property
    def group_paths(self) -> dict[str, GroupPaths]:
        """The paths that hypotheses compare between groups, by the question that makes the groups."""
        from research.structure.group_paths import group_paths

        return group_paths(self.responses, self.estimator)

    @cached_property
    def robustness(self) -> Robustness:
        """The structural model under the choices that could have been made otherwise."""
        from research.structure.robustness import robustness

        return robustness(self.sem, self.responses, self.raw, self.estimator)

    @cached_property
    def reliability(self) -> pd.DataFrame:
        """One row a construct: alpha with its interval, omega; composite reliability and AVE of `cfa`."""
        from research.measurement.of_fit import reliability_of_fit

        return reliability_of_fit(self.responses, self.cfa, self.questionnaire.item_columns())

    @cached_property
    def measurement(self) -> Measurement:
        """All about the reflective scales; each part is computed when it is first used."""
        from research.measurement.overview import measurement

        options = self.estimator.chosen.options
        return measurement(self.responses, n_draws=self.draws, seed=self.seed, progress=False, **options)

    @cached_property
    def regressions(self) -> Regressions:
        """Hierarchical regressions of every outcome on scale scores, with HC3 standard errors."""
        from research.structure.outcomes import run_regressions

        return run_regressions(self.responses, self.questionnaire)

    @cached_property
    def verdicts(self) -> pd.DataFrame:
        """Each hypothesis with the estimate it stands on, its interval, and whether it is supported."""
        from research.structure.verdicts import verdict_table

        return verdict_table(
            self.questionnaire,
            self.sem,
            indirect=self.indirect if self.has_mediation else None,
            regressions=self.regressions,
            moderations=self.moderations,
            groups=self.group_paths,
        )

    @property
    def has_mediation(self) -> bool:
        """Whether a hypothesis names an indirect effect."""
        return any(hypothesis.kind == "mediated" for hypothesis in self.questionnaire.hypotheses)

    def notes_of_reading(self) -> pd.DataFrame:
        """Everything that was noticed while the answers were read, and what was done about it."""
        from research.responses.report import findings_frame

        return findings_frame(self.raw.findings)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader of the results must know: surprises of the answers, and warnings of the fits."""
        from research.responses.report import sentences

        odd = sentences(finding for finding in self.raw.findings if finding.severity != "info")
        return tuple(dict.fromkeys((*odd, *self.cfa.notes, *self.sem.notes)))

    def publish(self, x: Published, key: str) -> Published:
        """Write a table, a figure, numbers or a text under `key`, where the paper quotes it; returns `x`,
        with a note where the responses are simulated.

        Publishing a key again replaces it, as running a cell again does.
        """
        from research.report.simulated import marked

        shown = marked(x) if self.raw.simulated else x
        self.store.put(shown, key, inputs=self.inputs(), stream=f"seed {self.seed}")
        return shown

    @cached_property
    def store(self) -> ArtefactStore:
        """Where artefacts are written: `out/artefacts`."""
        from research.report.artefacts import ArtefactStore

        return ArtefactStore(self.out / "artefacts", languages=self.questionnaire.languages, replace=True)

    def stored(self) -> Artefacts:
        """Every artefact published so far, by this process or by a notebook's kernel."""
        return self.store.load()

    def inputs(self) -> dict[str, str]:
        """The name and SHA-256 of everything that numbers were computed from."""
        answers = Path(self.raw.source.path).name if self.raw.source.path else "simulated answers"
        return {
            Path(self.questionnaire.path).name: self.questionnaire.sha256,
            answers: self.raw.source.sha256,
        }

    def provenance(self) -> Provenance:
        """What the last page of a paper says about how it was made; nothing in it depends on the machine."""
        from research.report.document_provenance import Provenance, commit_of

        file = Path(self.questionnaire.path)
        words = ["python", "-m", "research", "build", file.name]
        words += ["--data", self.data.name] if self.data is not None else []
        words += ["--seed", str(self.seed), "--draws", str(self.draws)]
        return Provenance(
            command=shlex.join(words),
            inputs=self.inputs(),
            versions=versions(("survey-research", *PACKAGES)),
            seed=self.seed,
            commit=commit_of(file.resolve().parent),
        )

    def beside(self, name: str | None) -> Path | None:
        """A file that the questionnaire names relative to itself; None where it names none."""
        return Path(self.questionnaire.path).parent / name if name else None

    def settings(self) -> dict[str, str]:
        """The environment in which a notebook opens this same study."""
        settings = {
            ENVIRONMENT["out"]: str(self.out.resolve()),
            ENVIRONMENT["seed"]: str(self.seed),
            ENVIRONMENT["draws"]: str(self.draws),
        }
        if self.data is not None:
            settings[ENVIRONMENT["data"]] = str(self.data.resolve())
        return settings
