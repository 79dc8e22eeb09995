"""From a questionnaire file to a paper: run the analysis, then make the documents, all or nothing."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from research.errors import BuildError, DataError, ResearchError
from research.readable import Readable
from research.study import Study, open_study

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, repr=False, slots=True)
class Built(Readable):
    """What a build wrote: the documents, and sentences a reader of the result must know."""

    files: tuple[Path, ...]
    notes: tuple[str, ...] = ()


def build_study(
    file: Path,
    *,
    data: Path | None = None,
    out: Path | None = None,
    lang: str | None = None,
    seed: int = 1,
    draws: int | None = None,
) -> Built:
    """Analyse the study declared in `file` and write its paper as PDF, DOCX and HTML.

    `data`: the answers; None: those the file names, else answers simulated from the population it
    declares. `out`: None means `build/NAME`. `lang`: None means every language of the file. `draws`:
    bootstrap samples, 5,000 where None. Everything is made in a folder beside the result and moved when
    all of it is there, so that a build that fails leaves the last good one. Raises `ResearchError` with
    the reason.
    """
    from threadpoolctl import threadpool_limits

    from research.numerics.definite import lapack

    study = open_study(file, data=data, out=out, seed=seed, draws=draws)
    languages = chosen_languages(study, lang)
    target = study.out
    try:
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BuildError(
            f"{target} cannot be written to: {error.strerror}. Name another folder with --out."
        ) from error
    refuse_too_few(study)
    with progress() as say, tempfile.TemporaryDirectory(dir=target, prefix=".building-") as folder:
        staged = study.out = Path(folder)
        lapack()  # loads what is limited next
        with threadpool_limits(limits=1, user_api="blas"):  # as in the kernel of a notebook
            analyse(study, say)
        documents = [document for language in languages for document in write_paper(study, language, say)]
        try:
            moved = replace_all(staged, target)
        except OSError as error:
            raise BuildError(
                f"{error.filename or target} cannot be replaced ({error.strerror}). Close the program in "
                "which it is open and build again; the files beside it may be new already."
            ) from error
    names = {document.name for document in documents}
    return Built(tuple(path for path in moved if path.name in names and path.parent == target), study.notes)


def refuse_too_few(study: Study) -> None:
    """A covariance matrix of k items has an inverse only where more than k respondents answered."""
    n, k = study.responses.n_obs, len(study.questionnaire.items)
    if n <= k:
        raise DataError(
            f"{study.raw.source.path} has {n} respondent{'s' if n != 1 else ''} to analyse and the "
            f"questionnaire {k} items. The models need more respondents than items; 200 or more are usual."
        )


def chosen_languages(study: Study, lang: str | None) -> tuple[str, ...]:
    """The languages to write in; an unknown one is an error that lists those of the file."""
    declared = study.questionnaire.languages
    if lang is None:
        return declared
    if lang not in declared:
        raise BuildError(
            f"{study.questionnaire.path} has no wording in {lang!r}; it declares {', '.join(declared)}."
        )
    return (lang,)


def analyse(study: Study, say: Say) -> None:
    """Publish every artefact: by the study's own notebook, or by the packaged analysis."""
    own = study.beside(study.questionnaire.notebook)
    if own is None:
        from research.standard import STANDARD

        for key, step in STANDARD.items():
            say(key)
            made = step(study)
            if made is not None:
                study.publish(made, key)
        return
    from research.notebook import run_notebook

    say(own.name)
    run_notebook(own, study.settings())


def write_paper(study: Study, lang: str, say: Say) -> tuple[Path, ...]:
    """The documents of one language, from the study's own paper or the packaged one."""
    from research.report.document import build_document

    say(f"paper ({lang})")
    return build_document(
        paper_source(study, lang),
        study.stored(),
        study.out,
        lang,
        name=f"{study.questionnaire.name}.{lang}",
        title=study.questionnaire.title,
        bibliography=study.beside(study.questionnaire.bibliography),
        provenance=study.provenance(),
        simulated=study.responses.simulated,
    )


def paper_source(study: Study, lang: str) -> Path:
    """`paper.md` in the first language, `paper.LANG.md` beside it in another; else the packaged paper."""
    own = study.beside(study.questionnaire.paper)
    if own is None:
        return Path(str(resources.files("research").joinpath("templates", f"paper.{lang}.md")))
    translated = own.with_suffix(f".{lang}{own.suffix}")
    return translated if translated.exists() else own


class Say:
    """Tells which step is running, on a terminal; silent where nobody watches."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        self.bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self.task = self.bar.add_task("reading", total=None)

    def __call__(self, step: str) -> None:
        """Show `step` as the one that is running now."""
        self.bar.update(self.task, description=step)


@contextmanager
def progress() -> Iterator[Say]:
    """The spinner with the running step and the time since the start."""
    say = Say()
    with say.bar:
        yield say


def replace_all(staged: Path, target: Path) -> tuple[Path, ...]:
    """Move every file of a finished build over the last one, each in one step; drop what is made no more."""
    made = sorted(path.relative_to(staged) for path in staged.rglob("*") if path.is_file())
    for name in made:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (staged / name).replace(target / name)
    listing = target / ".built"
    before = listing.read_text(encoding="utf-8").splitlines() if listing.exists() else []
    for gone in set(before) - {name.as_posix() for name in made}:
        (target / gone).unlink(missing_ok=True)
    listing.write_text("\n".join(name.as_posix() for name in made) + "\n", encoding="utf-8")
    return tuple(target / name for name in made)


def embedded_study() -> Path:
    """The study that comes with a clone of the project: a real survey of 250 mobile phone customers."""
    path = ROOT / "questionnaires" / "ecsi_mobile.yaml"
    if not path.exists():
        raise ResearchError(
            "Name a questionnaire file, or write one to start from: python -m research new demo"
        )
    return path
