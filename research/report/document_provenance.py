"""The last page of a paper: from what, by what and how its numbers were made."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from research.questionnaire.definition import Text, say
from research.report.artefacts import Artefacts
from research.report.document_tree import Attributes, Json, Node, code, div, header, para, raw, strong, words

_NO_COMMIT = "not under version control"
_CHANGED = ", with uncommitted changes"
_WORDS: Mapping[str, Text] = {
    "title": {"en": "Provenance", "zh": "来源说明"},
    "intro": {
        "en": "Every number, table and figure of this paper was computed and put in place by one command; "
        "none was typed. The same inputs and versions give the same files, byte for byte.",
        "zh": "本文的每一个数字、表格和图均由同一条命令计算并写入，无一手工录入。"
        "输入文件与软件版本相同时，生成的文件逐字节一致。",
    },
    "simulated": {
        "en": "The responses are SIMULATED: they were drawn from the population that the questionnaire file "
        "declares. No respondent answered, and nothing here is evidence about people.",
        "zh": "本文的作答数据为模拟数据：由问卷文件所声明的总体随机生成，没有任何真实受访者作答，"
        "结果不能作为关于现实人群的证据。",
    },
    "command": {"en": "Command", "zh": "命令"},
    "commit": {"en": "Commit", "zh": "代码版本"},
    "seed": {"en": "Seed", "zh": "随机种子"},
    "inputs": {"en": "Inputs (SHA-256)", "zh": "输入文件（SHA-256）"},
    "versions": {"en": "Versions", "zh": "软件版本"},
    "artefacts": {"en": "Artefacts", "zh": "结果文件"},
    "count": {
        "en": "{n} published by key, each with its hash in manifest.json",
        "zh": "共 {n} 项，按键名发布，其哈希值见 manifest.json",
    },
    _NO_COMMIT: {"en": _NO_COMMIT, "zh": "未纳入版本控制"},
    _CHANGED: {"en": _CHANGED, "zh": "（含未提交的修改）"},
}


@dataclass(frozen=True, slots=True)
class Provenance:
    """How a paper was made. `inputs` maps the name of each input to its SHA-256 as it is now.

    `command` should hold nothing that differs between two machines that do the same work; an empty
    `commit` means that the work is not under version control.
    """

    command: str
    inputs: Mapping[str, str]
    versions: Mapping[str, str]
    seed: int | None = None
    commit: str = ""
    more: Mapping[str, str] = field(default_factory=dict)  # further lines: heading -> text


def provenance_page(
    provenance: Provenance, artefacts: Artefacts, lang: str, *, simulated: bool
) -> list[Json]:
    """The page as blocks: heading, what was done, and the facts."""
    streams = sorted({row.stream for row in artefacts.rows.values() if row.stream})
    seed = "" if provenance.seed is None else str(provenance.seed)
    streams = [stream for stream in streams if stream != f"seed {seed}"]
    facts: list[Json] = [
        _fact("command", [code(provenance.command)], lang),
        _fact("commit", words(_commit(provenance, lang)), lang),
        _fact("seed", words("; ".join(part for part in (seed, *streams) if part)), lang)
        if seed or streams
        else None,
        para(strong(_say("inputs", lang))),
        *(
            para(*words(f"{_input(name, lang)}: "), code(digest))
            for name, digest in sorted(provenance.inputs.items())
        ),
        _fact(
            "versions",
            words(", ".join(f"{name} {version}" for name, version in provenance.versions.items())),
            lang,
        ),
        _fact("artefacts", words(_say("count", lang).format(n=len(artefacts.rows))), lang),
        *(para(strong(name), *words(_colon(lang) + text)) for name, text in provenance.more.items()),
    ]
    simulation: list[Json] = [para(strong(_say("simulated", lang)))] if simulated else []
    blocks = [para(*words(_say("intro", lang))), *simulation, *(fact for fact in facts if fact is not None)]
    return [
        raw("typst", "#pagebreak(weak: true)"),
        raw("openxml", '<w:p><w:r><w:br w:type="page"/></w:r></w:p>'),
        header(1, _say("title", lang), "provenance", numbered=False),
        div(Attributes("provenance-page", ("provenance",)), blocks),
    ]


def commit_of(folder: Path) -> str:
    """The commit of `folder`, marked where files differ from it; empty without version control."""
    try:
        commit = _git(folder, "rev-parse", "HEAD")
        changed = _git(folder, "status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.CalledProcessError):
        return ""
    return f"{commit}{_CHANGED}" if changed else commit


def _commit(provenance: Provenance, lang: str) -> str:
    if not provenance.commit:
        return _say(_NO_COMMIT, lang)
    return provenance.commit.replace(_CHANGED, _say(_CHANGED, lang))


def _git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *arguments]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace", check=True)
    return done.stdout.strip()


def _fact(name: str, content: list[Json], lang: str) -> Node:
    return para(strong(_say(name, lang)), *words(_colon(lang)), *content)


def _colon(lang: str) -> str:
    return "：" if lang == "zh" else ": "


def _input(name: str, lang: str) -> str:
    """The name of a file as it is; generated answers have no file."""
    return "模拟作答" if lang == "zh" and name == "simulated answers" else name


def _say(name: str, lang: str) -> str:
    return say(_WORDS[name], lang)
