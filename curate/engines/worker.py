"""What a worker process of the local engine is: it ends with its driver, and keeps the memory it has.

The driver imports this module for its names alone, so the heavy modules are not imported at the top; workers
have them from the fork server, which imports `preload` once for all.
"""

from __future__ import annotations

import os
import select
import signal
import threading

from ..memory import collect_seldom, keep_memory
from ..stage import TaskResult, TaskSpec

__all__ = ["run_in_worker", "start_worker"]

DRIVER_GONE = 75


def run_in_worker(task: TaskSpec, attempt: int) -> TaskResult:
    """`tasks.run_task`, imported where it runs."""
    from .tasks import run_task

    return run_task(task, attempt)


def start_worker(driver: int) -> None:
    """End with the driver, however it ends; leave Ctrl-C to it; keep Arrow to one thread per worker."""
    import pyarrow as pa

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    keep_memory()
    collect_seldom()
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    try:
        gone = os.pidfd_open(driver)
    except ProcessLookupError:
        os._exit(DRIVER_GONE)

    def watch() -> None:
        select.select([gone], [], [])
        os._exit(DRIVER_GONE)

    threading.Thread(target=watch, daemon=True, name="watchdog").start()
