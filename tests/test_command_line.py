"""The command line: exit status 0, 1 with a message, 2 for wrong usage; and the wheel by itself."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import research

ROOT = Path(__file__).resolve().parents[1]


def command(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "research", *arguments],
        cwd=cwd,
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, **environment},
        check=False,
    )


@pytest.mark.parametrize("name", ["ecsi_mobile", "corporate_reputation"])
def test_shipped_questionnaires_have_no_fault(name: str, tmp_path: Path) -> None:
    done = command("check", str(ROOT / "questionnaires" / f"{name}.yaml"), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "no fault found" in done.stdout


def test_a_faulty_questionnaire_exits_with_1_and_the_place(tmp_path: Path) -> None:
    assert command("new", "demo", cwd=tmp_path).returncode == 0
    path = tmp_path / "demo.yaml"
    lines = path.read_text(encoding="utf-8").splitlines()
    number = lines.index("  trust:") + 1
    lines.insert(number, "    scale: agree55")
    path.write_text("\n".join(lines), encoding="utf-8")
    done = command("check", "demo.yaml", cwd=tmp_path)
    assert done.returncode == 1
    assert f"demo.yaml:{number + 1}:" in done.stderr
    assert "unknown scale 'agree55'" in done.stderr
    assert "Did you mean agree5?" in done.stderr


def test_answers_can_be_checked_before_anything_is_computed(tmp_path: Path) -> None:
    assert command("new", "demo", cwd=tmp_path).returncode == 0
    study = research.read_questionnaire(tmp_path / "demo.yaml")
    answers = research.write_responses(research.simulate(study, 30, 1), tmp_path / "answers.csv")
    done = command("check", "demo.yaml", "--data", answers.name, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "answers.csv: no fault found; 30 respondents" in done.stdout
    assert "reverse-keyed: turned once on reading" in done.stdout
    rows = answers.read_text("utf-8-sig").splitlines()
    answers.write_text("\n".join([rows[0], "9" + rows[1][1:], *rows[2:]]), encoding="utf-8")
    wrong = command("check", "demo.yaml", "--data", answers.name, cwd=tmp_path)
    assert wrong.returncode == 1
    assert "row 2: 9 is no point of scale" in wrong.stderr


def test_new_does_not_overwrite(tmp_path: Path) -> None:
    assert command("new", "demo", cwd=tmp_path).returncode == 0
    done = command("new", "demo", cwd=tmp_path)
    assert done.returncode == 1
    assert "demo.yaml exists already" in done.stderr


def test_a_folder_that_cannot_be_written_to_is_a_message(monkeypatch: pytest.MonkeyPatch) -> None:
    from research import __main__ as line
    from research.errors import ResearchError

    def refuse(_path: Path, _content: bytes) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("research.provenance.write_atomically", refuse)
    with pytest.raises(ResearchError, match=r"unwritten\.yaml cannot be written here: Permission denied"):
        line.new("unwritten")


@pytest.mark.parametrize("arguments", [("biuld",), ("build", "--nonsense"), ("check",)])
def test_wrong_usage_exits_with_2(arguments: tuple[str, ...], tmp_path: Path) -> None:
    assert command(*arguments, cwd=tmp_path).returncode == 2


def test_a_missing_file_is_a_message(tmp_path: Path) -> None:
    done = command("build", "nothing.yaml", cwd=tmp_path)
    assert done.returncode == 1
    assert "nothing.yaml" in done.stderr
    assert "Traceback" not in done.stderr


def test_doctor_finds_nothing_wrong_and_the_self_test_holds(tmp_path: Path) -> None:
    done = command("doctor", cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    assert "self-test" in done.stdout
    assert "equals lavaan" in done.stdout


def test_the_wheel_is_all_that_new_and_build_need(tmp_path: Path) -> None:
    """Installed from a built wheel into an empty folder: a new study is written and built from it alone."""
    dist = tmp_path / "dist"
    built = subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(dist), str(ROOT)],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert built.returncode == 0, built.stderr
    (wheel,) = dist.glob("*.whl")
    site = tmp_path / "site"
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--no-deps",
            "--no-index",
            "--target",
            str(site),
            str(wheel),
        ],
        check=True,
        capture_output=True,
    )
    empty = tmp_path / "empty"
    empty.mkdir()
    where = subprocess.run(
        [sys.executable, "-c", "import research; print(research.__file__)"],
        cwd=empty,
        env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True,
        encoding="utf-8",
        check=True,
    ).stdout
    assert Path(where.strip()).is_relative_to(site)
    assert command("new", "demo", cwd=empty, PYTHONPATH=str(site)).returncode == 0
    done = command("build", "demo.yaml", "--lang", "en", "--draws", "100", cwd=empty, PYTHONPATH=str(site))
    assert done.returncode == 0, done.stderr
    assert "SIMULATED" in done.stderr
    for form in ("pdf", "docx", "html"):
        assert (empty / "build" / "demo" / f"demo.en.{form}").stat().st_size > 10_000
    assert "simulated" in (empty / "build" / "demo" / "demo.en.html").read_text(encoding="utf-8").lower()
