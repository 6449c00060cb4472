"""What happens inside every task, once, in common code: skip, run, make durable, rename, mark as done."""

from __future__ import annotations

import hashlib
import os
import secrets
import time
from pathlib import Path
from typing import Any

import rfc8785
import xxhash

from ..errors import CurateError, TaskError
from ..jobs.kinds import JOBS
from ..stage import TaskResult, TaskSpec
from ..work import marker_of, marker_path, write_whole

__all__ = ["run_task"]

CHUNK = 1 << 20
PUBLISHED = ("shard", "ledger", "quarantine", "signatures")


def run_task(task: TaskSpec, attempt: int = 1) -> TaskResult:
    """Run one task unless its marker says that it is done; the same on every engine.

    Outputs appear under their names only when whole and on disk, and the marker only after them, so a
    task killed at any moment leaves nothing that looks finished.

    Raises:
        CurateError: what the job reports.
        TaskError: the job failed with an unexpected error; its text is kept out, it may hold data.
    """
    started = time.monotonic()
    done = marker_of(task)
    if done is not None:
        return TaskResult(task.id, task.outputs, done, skipped=True)
    root = Path(task.root)
    finals = [root / name for name in task.outputs]
    temporary = [path.with_name(f"{path.name}.{secrets.token_hex(4)}.tmp") for path in finals]
    for path in temporary:
        path.parent.mkdir(parents=True, exist_ok=True)
    try:
        report = JOBS[task.fn](task, [root / name for name in task.inputs], temporary)
        outputs: dict[str, Any] = {}
        for name, path in zip(task.outputs, temporary, strict=True):
            outputs[name] = _seal(path, published=task.fn in PUBLISHED)
        for path, final in zip(temporary, finals, strict=True):
            path.replace(final)
    except CurateError:
        raise
    except OSError as error:
        raise TaskError(
            f"{type(error).__name__}: {error.strerror}",
            where=task.id,
            fix="Free disk space or mend the file, then run the same command.",
        ) from None
    except Exception as error:
        frame = error.__traceback__
        while frame is not None and frame.tb_next is not None:
            frame = frame.tb_next
        at = f"{Path(frame.tb_frame.f_code.co_filename).name}:{frame.tb_lineno}" if frame else "?"
        raise TaskError(f"{type(error).__name__} at {at}", where=task.id) from None
    finally:
        for path in temporary:
            path.unlink(missing_ok=True)
    marker = {"fingerprint": task.fingerprint, "outputs": outputs, **report}
    write_whole(marker_path(task), rfc8785.dumps(marker))
    return TaskResult(task.id, task.outputs, marker, attempts=attempt, seconds=time.monotonic() - started)


def _seal(path: Path, *, published: bool) -> dict[str, Any]:
    """Size and hash of a finished file, once it is on disk.

    SHA-256 where the file goes into a dataset, XXH3-128 where it only goes from task to task.
    """
    name, digest = ("sha256", hashlib.sha256()) if published else ("xxh3", xxhash.xxh3_128())
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
        os.fsync(file.fileno())
        return {"bytes": file.tell(), name: digest.hexdigest()}
