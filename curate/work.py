"""The work folder of a run: markers of finished tasks, and files that appear whole or not at all."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path
from typing import Any

from .stage import TaskSpec

__all__ = ["marker_of", "marker_path", "sweep", "write_whole"]


def marker_path(task: TaskSpec) -> Path:
    """Where a task's marker stands."""
    return Path(task.root) / task.work / "tasks" / f"{task.id}.json"


def marker_of(task: TaskSpec) -> dict[str, Any] | None:
    """The marker of a finished task, if it was finished with this fingerprint and its outputs are still there."""
    try:
        marker: dict[str, Any] = json.loads(marker_path(task).read_bytes())
    except (FileNotFoundError, ValueError):
        return None
    if marker.get("fingerprint") != task.fingerprint:
        return None
    for name, output in marker["outputs"].items():
        try:
            if (Path(task.root) / name).stat().st_size != output["bytes"]:
                return None
        except FileNotFoundError:
            return None
    return marker


def write_whole(path: Path, data: bytes) -> None:
    """Write a small file so that it is there whole, and on disk, or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(4)}.tmp")
    with temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def sweep(folder: Path) -> None:
    """Remove what killed tasks left behind; no task may be running."""
    for path in folder.rglob("*.tmp"):
        path.unlink(missing_ok=True)
