"""The whole way on a real survey: from the questionnaire and the answers to the papers, and what stops it."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from shared import shared

from research.build import build_study
from research.errors import BuildError, ResearchError
from research.questionnaire.template import new_questionnaire

ROOT = Path(__file__).resolve().parents[1]
ECSI = ROOT / "questionnaires" / "ecsi_mobile.yaml"
CORP = ROOT / "questionnaires" / "corporate_reputation.yaml"
DRAWS = 100  # of the bootstrap: enough to run every step, not enough for a paper


def command(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "research", *arguments],
        cwd=cwd,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


@pytest.fixture(scope="module")
def answers() -> pd.DataFrame:
    return pd.read_csv(shared("realdata/ecsi_mobile_250.csv"))


@pytest.fixture(scope="module")
def ecsi(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One build of the real survey in both languages, by the command that a user types."""
    folder = tmp_path_factory.mktemp("ecsi")
    data = shared("realdata/ecsi_mobile_250.csv")
    done = command("build", str(ECSI), "--data", str(data), "--out", "out", "--draws", str(DRAWS), cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder / "out"


def test_every_document_is_there(ecsi: Path) -> None:
    names = {path.name for path in ecsi.iterdir() if path.is_file()}
    for lang in ("en", "zh"):
        assert {f"ecsi_mobile.{lang}.{form}" for form in ("pdf", "docx", "html")} <= names
    assert (ecsi / "ecsi_mobile.en.pdf").read_bytes()[:5] == b"%PDF-"
    with zipfile.ZipFile(ecsi / "ecsi_mobile.zh.docx") as word:
        assert "忠诚" in word.read("word/document.xml").decode()


def test_the_paper_prints_lavaans_numbers(ecsi: Path) -> None:
    """Chi-square, CFI, RMSEA and SRMR of the structural model stand in the text as lavaan gives them."""
    golden = json.loads(shared("realdata/golden/mobi_lavaan.json").read_text(encoding="utf-8"))
    fit = golden["sem_ML"]["fit"]
    published = json.loads((ecsi / "artefacts" / "numbers" / "fit_sem.json").read_text(encoding="utf-8"))
    for name in ("chisq", "cfi", "tli", "rmsea", "srmr"):
        assert published[name] == pytest.approx(fit[name], rel=1e-6), name
    html = (ecsi / "ecsi_mobile.en.html").read_text(encoding="utf-8")
    assert f"{fit['chisq']:.2f}" in html
    assert f"{fit['cfi']:.3f}".lstrip("0") in html


def test_nothing_says_simulated_on_real_answers(ecsi: Path) -> None:
    assert "SIMULATED" not in (ecsi / "ecsi_mobile.en.html").read_text(encoding="utf-8")


def test_two_builds_give_identical_bytes(ecsi: Path, tmp_path: Path) -> None:
    data = shared("realdata/ecsi_mobile_250.csv")
    build_study(ECSI, data=data, out=tmp_path / "again", lang="zh", draws=DRAWS)
    for form in ("pdf", "docx", "html"):
        name = f"ecsi_mobile.zh.{form}"
        assert digest(tmp_path / "again" / name) == digest(ecsi / name), name
    for path in sorted((tmp_path / "again" / "artefacts").rglob("*")):
        if path.is_file():
            twin = ecsi / "artefacts" / path.relative_to(tmp_path / "again" / "artefacts")
            assert digest(path) == digest(twin), path.name


def digest(path: Path) -> str:
    """A short name of a file's bytes: comparing megabytes letter by letter would hide the answer."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def saved(frame: pd.DataFrame, path: Path, encoding: str = "utf-8") -> Path:
    frame.to_csv(path, index=False, encoding=encoding)
    return path


def renamed(frame: pd.DataFrame, folder: Path) -> Path:
    return saved(frame.rename(columns={"CUSL1": "CUSL_1"}), folder / "renamed.csv")


def outside(frame: pd.DataFrame, folder: Path) -> Path:
    changed = frame.copy()
    changed.loc[6, "PERQ3"] = 11
    return saved(changed, folder / "outside.csv")


def empty(_frame: pd.DataFrame, folder: Path) -> Path:
    path = folder / "empty.csv"
    path.write_bytes(b"")
    return path


def one_row(frame: pd.DataFrame, folder: Path) -> Path:
    return saved(frame.head(1), folder / "one.csv")


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (renamed, ("CUSL1", "CUSL_1")),
        (outside, ("PERQ3", "11", "8")),  # the header is row 1, so index 6 is row 8
        (empty, ("empty",)),
        (one_row, ("1 respondent to analyse", "24 items")),
    ],
)
def test_bad_answers_are_refused_by_name(
    answers: pd.DataFrame,
    tmp_path: Path,
    damage: Callable[[pd.DataFrame, Path], Path],
    words: tuple[str, ...],
) -> None:
    done = command("build", str(ECSI), "--data", str(damage(answers, tmp_path)), cwd=tmp_path)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    for word in words:
        assert word in done.stderr, done.stderr


def test_a_misspelt_label_names_the_nearest(tmp_path: Path) -> None:
    """Answers as labels: one letter wrong is an error with row, column and the label that was meant."""
    new = command("new", "demo", cwd=tmp_path)
    assert new.returncode == 0, new.stderr
    from research.questionnaire.definition import say
    from research.questionnaire.reader import read_questionnaire
    from research.responses.writing import write_responses
    from research.simulation.simulate import simulate

    questionnaire = read_questionnaire(tmp_path / "demo.yaml")
    path = write_responses(simulate(questionnaire, n=40, seed=3), tmp_path / "answers.csv")
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    item = questionnaire.items[0]
    labels = {str(point.value): say(point.label, "en") for point in questionnaire.scales[item.scale].points}
    frame[item.id] = frame[item.id].map(lambda code: labels.get(code, code))
    given = labels["1"]
    frame.loc[4, item.id] = given[:-1] + "x"
    done = command("build", "demo.yaml", "--data", str(saved(frame, tmp_path / "labels.csv")), cwd=tmp_path)
    assert done.returncode == 1
    assert given[:-1] + "x" in done.stderr
    assert given in done.stderr
    assert item.id in done.stderr
    assert "6" in done.stderr


def test_a_gb18030_file_gives_the_same_answers(answers: pd.DataFrame, tmp_path: Path) -> None:
    """A file in GB 18030, as a Chinese spreadsheet saves it, reads like the plain one."""
    from research.questionnaire.reader import read_questionnaire
    from research.responses.reading import read_responses

    questionnaire = read_questionnaire(ECSI)
    frame = answers.assign(备注=["很满意，会推荐给朋友"] * len(answers))
    path = saved(frame, tmp_path / "国标.csv", encoding="gb18030")
    read = read_responses(path, questionnaire)
    assert read.source.encoding.lower().replace("-", "").replace("_", "") == "gb18030"
    ids = [item.id for item in questionnaire.items]
    pd.testing.assert_frame_equal(read.frame[ids], answers[ids].astype(float))


def test_a_failed_build_leaves_the_last_good_one(ecsi: Path, tmp_path: Path, answers: pd.DataFrame) -> None:
    shutil.copytree(ecsi, tmp_path / "out")
    before = {path: path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()}
    with pytest.raises(ResearchError):
        build_study(ECSI, data=outside(answers, tmp_path), out=tmp_path / "out", draws=DRAWS)
    after = {path: path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert before == after


def test_a_document_that_is_open_elsewhere_is_a_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows refuses to replace a file that a reader has open."""

    def refuse(_staged: Path, target: Path) -> tuple[Path, ...]:
        raise PermissionError(13, "Permission denied", str(target / "demo.en.pdf"))

    (tmp_path / "demo.yaml").write_text(new_questionnaire("demo"), encoding="utf-8")
    for name, stand_in in (
        ("analyse", lambda *_: None),
        ("write_paper", lambda *_: ()),
        ("replace_all", refuse),
    ):
        monkeypatch.setattr(f"research.build.{name}", stand_in)
    with pytest.raises(BuildError, match=r"demo\.en\.pdf cannot be replaced.*Close the program"):
        build_study(tmp_path / "demo.yaml", out=tmp_path / "out", lang="en", draws=DRAWS)


def test_a_language_that_the_file_lacks_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match=r"'fr'.*en, zh"):
        build_study(ECSI, out=tmp_path, lang="fr")


def test_the_second_survey_builds_without_a_notebook(tmp_path: Path) -> None:
    """corporate_reputation: −99 is missing, and the packaged analysis and paper serve it."""
    built = build_study(
        CORP, data=shared("realdata/corp_rep_344.csv"), out=tmp_path / "out", lang="en", draws=DRAWS
    )
    assert sorted(path.suffix for path in built.files) == [".docx", ".html", ".pdf"]
    # 336 of the 344 answered every item (counted with a spreadsheet): a reader learns what became of the 8.
    html = " ".join((tmp_path / "out" / "corporate_reputation.en.html").read_text(encoding="utf-8").split())
    assert "8 of the respondents analysed left at least one item unanswered" in html
    assert "Both models use every answer given, by full-information maximum likelihood" in html
