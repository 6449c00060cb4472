"""What a worker process of the local engine is: it ends with its driver, and keeps the memory it has.

The driver imports this module for its names alone, so the heavy modules are not imported at the top; workers
have them from the fork server, which imports `preload` once for all.
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import threading

from ..stage import TaskResult, TaskSpec

__all__ = ["run_in_worker", "start_worker"]

DRIVER_GONE = 75
M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_THRESHOLD = -1, -2, -3
MAPPED_BYTES = 32 << 20  # the most that glibc takes; larger blocks always go back to the system
KEPT_BYTES = 256 << 20


def run_in_worker(task: TaskSpec, attempt: int) -> TaskResult:
    """`tasks.run_task`, imported where it runs."""
    from .tasks import run_task

    return run_task(task, attempt)


def start_worker(driver: int) -> None:
    """End with the driver, however it ends; leave Ctrl-C to it; keep Arrow to one thread per worker."""
    import pyarrow as pa

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _keep_memory()
    pa.set_memory_pool(pa.system_memory_pool())
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


def _keep_memory() -> None:
    """Let the C library keep freed blocks for the next batch: handing them back and faulting them in again costs
    about half a CPU second per 100 MB. Elsewhere than under glibc nothing is changed.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except AttributeError:
        return
    mallopt(M_MMAP_THRESHOLD, MAPPED_BYTES)
    mallopt(M_TRIM_THRESHOLD, KEPT_BYTES)
    mallopt(M_TOP_PAD, MAPPED_BYTES)
