"""Running the examples in tests: copies of their domains, digests of what comes out."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa

from curate.recipe import Pipeline, resolve
from curate.runner import Phase, RunReport, run
from curate.stage import TaskResult

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ["baijiu", "coal", "meteorology"]


class Watch:
    """Remembers which tasks ran."""

    def __init__(self) -> None:
        self.ran: list[str] = []

    def start(self, phase: str, tasks: int) -> None: ...

    def task(self, result: TaskResult) -> None:
        if not result.skipped:
            self.ran.append(result.id)

    def end(self, phase: Phase) -> None: ...


def domain_copy(name: str, place: Path) -> Path:
    shutil.copytree(ROOT / "examples" / name, place / name, ignore=shutil.ignore_patterns("work", "outbox"))
    return place / name


def pipeline_of(name: str, *sets: str) -> Pipeline:
    return resolve(ROOT / "configs" / f"{name}.yaml", sets)


def dataset_digest(folder: Path) -> str:
    """SHA-256 over every file but run.json, names and bytes."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name != "run.json":
            digest.update(f"{path.relative_to(folder)}\n".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def do(folder: Path, name: str, *sets: str, **how: Any) -> tuple[RunReport, Watch]:
    watch = Watch()
    return run(pipeline_of(name, *sets), folder, progress=watch, **how), watch


def built(folder: Path) -> Path:
    return next(p for p in (folder / "outbox").glob("*/*") if p.is_dir())


def read_records(dataset: Path) -> list[dict[str, Any]]:
    return [r for p in sorted(dataset.rglob("data/**/*.arrow")) for r in pa.ipc.open_stream(p).read_all().to_pylist()]
