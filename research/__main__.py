"""The command line: `python -m research build | check | new | doctor | schema`.

Exit status: 0 done, 1 the work failed (the message says why), 2 wrong usage.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Annotated

import typer

from research.errors import ResearchError

app = typer.Typer(
    name="research",
    help="Survey research from the questionnaire to the printed paper. 从问卷到论文。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

QuestionnaireFile = Annotated[Path, typer.Argument(help="Questionnaire (YAML). 问卷文件。")]


@app.command()
def build(
    file: Annotated[
        Path | None,
        typer.Argument(help="Questionnaire (YAML); without one, the study that comes with the project."),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            help="Answers: CSV, XLSX, XLS, SAV or Parquet. Without it: the file's own, else simulated. 数据。"
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder to write to; build/NAME where none is given. 输出。")
    ] = None,
    lang: Annotated[
        str | None, typer.Option(help="en or zh; every language of the file where none is given. 语言。")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of every random stream. 随机种子。", min=0)] = 1,
    draws: Annotated[int, typer.Option(help="Bootstrap samples. Bootstrap 抽样次数。")] = 5000,
) -> None:
    """Run the study and write its paper as PDF, DOCX and HTML. 运行研究并生成论文。"""
    from research.build import build_study, embedded_study

    built = build_study(file or embedded_study(), data=data, out=out, lang=lang, seed=seed, draws=draws)
    for note in built.notes:
        typer.echo(f"note: {note}", err=True)
    for path in built.files:
        typer.echo(path)


@app.command()
def check(
    file: QuestionnaireFile,
    data: Annotated[
        Path | None, typer.Option(help="Answers to read as well: how each column was understood. 数据。")
    ] = None,
) -> None:
    """Read a questionnaire and say everything that is wrong with it, with line and column. 检查问卷。"""
    from research.questionnaire.reader import read_questionnaire

    questionnaire = read_questionnaire(file)
    counts = {
        "construct": len(questionnaire.constructs),
        "item": len(questionnaire.items),
        "background question": len(questionnaire.background),
        "hypothesis": len(questionnaire.hypotheses),
        "language": len(questionnaire.languages),
    }
    typer.echo(f"{file}: no fault found; " + ", ".join(_counted(n, what) for what, n in counts.items()))
    if data is not None:
        from research.responses.reading import read_responses
        from research.responses.report import sentences

        answers = read_responses(data, questionnaire)
        typer.echo(f"{data}: no fault found; {_counted(answers.n_obs, 'respondent')}")
        for sentence in sentences(answers.findings):
            typer.echo(f"  {sentence}")


def _counted(n: int, what: str) -> str:
    """`1 item`, `2 items`, `0 hypotheses`."""
    many = what[:-2] + "es" if what.endswith("is") else what + "s"
    return f"{n} {what if n == 1 else many}"


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="Name of the study; NAME.yaml is written. 研究名称。")],
) -> None:
    """Write a commented questionnaire to start from: NAME.yaml. 新建带注释的问卷模板。"""
    from research.provenance import write_atomically
    from research.questionnaire.template import new_questionnaire

    text = new_questionnaire(name)
    path = Path(f"{name}.yaml")
    if path.exists():
        raise ResearchError(
            f"{path} exists already and is left as it is. Choose another name, or move the file away."
        )
    try:
        write_atomically(path, text.encode())
    except OSError as error:
        raise ResearchError(f"{path} cannot be written here: {error.strerror}.") from error
    typer.echo(
        f"{path} written. Edit it, then:\n"
        f"  python -m research check {path}\n  python -m research build {path}"
    )


@app.command()
def doctor() -> None:
    """What is installed, what is missing, and whether known numbers come out right here. 自检。"""
    from research.doctor import examine

    findings = examine()
    for finding in findings:
        typer.echo(str(finding))
    if any(finding.verdict == "failed" for finding in findings):
        raise typer.Exit(1)


@app.command()
def schema() -> None:
    """Print the JSON Schema of questionnaire files, for editors. 输出供编辑器使用的 JSON Schema。"""
    import json

    from research.questionnaire.schema import json_schema

    typer.echo(json.dumps(json_schema(), ensure_ascii=False, indent=2))


def main() -> None:
    """Run the command line; a user's error becomes a message and exit status 1."""
    for channel in (sys.stdout, sys.stderr):
        if isinstance(channel, io.TextIOWrapper):
            channel.reconfigure(encoding="utf-8", errors="replace")  # Chinese on a Windows console
    try:
        app()
    except ResearchError as error:
        typer.echo(f"error: {error}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
