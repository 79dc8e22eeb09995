from pathlib import Path

class NotebookNode(dict[str, object]):
    cells: list[NotebookNode]
    cell_type: str
    source: str

def read(fp: str | Path, as_version: int) -> NotebookNode: ...
