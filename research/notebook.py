"""Run a notebook as one step of a build: in a kernel of its own, without touching the file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from research.errors import BuildError

if TYPE_CHECKING:
    from nbformat import NotebookNode

SECONDS_PER_CELL = 600
# Linear algebra on one thread, unless the user says otherwise: sums in the same order give the same bytes on
# every machine, and threads that wait for each other on busy cores take more time than they save.
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def run_notebook(path: Path, settings: dict[str, str]) -> None:
    """Execute every cell of the notebook at `path` in its own folder.

    `settings` are environment variables that the kernel sees (which answers, where to write). The file
    itself is not changed: notebooks are kept without outputs. A cell that fails is a `BuildError`
    that quotes the cell's number, its first line and the error.
    """
    try:
        import nbformat
        from nbclient import NotebookClient
        from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
    except ImportError as error:
        raise BuildError(
            f"{path} cannot be run without {error.name}: pip install 'survey-research[notebooks]'"
        ) from error
    if not path.exists():
        raise BuildError(
            f"The notebook {path} does not exist. Correct `notebook:` in the questionnaire file."
        )
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=SECONDS_PER_CELL,
        kernel_name="python3",
        record_timing=False,
        extra_arguments=["--log-level=ERROR"],  # the kernel warns of its transport, which is local here
        resources={"metadata": {"path": str(path.resolve().parent)}},
    )
    settings = {name: os.environ.get(name, value) for name, value in ONE_THREAD.items()} | settings
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    try:
        client.execute()
    except CellExecutionError as error:
        raise BuildError(f"{path}: {failed_cell(notebook)}: {error.ename}: {error.evalue}") from error
    except (CellTimeoutError, DeadKernelError) as error:
        raise BuildError(f"{path}: {failed_cell(notebook)}: {error}") from error
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def failed_cell(notebook: NotebookNode) -> str:
    """The number and the first line of the cell that was reached last."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    reached = [(number, cell) for number, cell in enumerate(cells, start=1) if cell.get("execution_count")]
    if not reached:
        return "before the first cell"
    number, cell = reached[-1]
    return f"code cell {number} ({cell.source.strip().partition(chr(10))[0]})"
