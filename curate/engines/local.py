"""The local engine: a pool of processes, few tasks in flight, dead workers replaced, no process left behind."""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool

from ..errors import WorkerLost
from ..stage import TaskResult, TaskSpec
from ..work import marker_of
from .worker import run_in_worker, start_worker

__all__ = ["LocalEngine"]

TRIES = 3
Tried = tuple[TaskSpec, int]
"""A task, and which attempt at it this is."""


class LocalEngine:
    """Runs tasks in `workers` processes of this machine.

    Processes come from a fork server that has the heavy modules loaded: never forked from the driver, whose
    threads would not survive it.
    """

    task_function = staticmethod(run_in_worker)

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self._pool: ProcessPoolExecutor | None = None
        self._busy: dict[Future[TaskResult], Tried] = {}

    def run(self, tasks: Sequence[TaskSpec]) -> Iterator[TaskResult]:
        """See `stage.Engine.run`; at most twice as many tasks in flight as there are workers.

        Raises:
            WorkerLost: a task's worker died each of the times it was tried.
        """
        waiting: deque[Tried] = deque()
        for task in tasks:
            marker = marker_of(task)
            if marker is None:
                waiting.append((task, 1))
            else:
                yield TaskResult(task.id, task.outputs, marker, skipped=True)
        running = self._busy
        while waiting or running:
            try:
                while waiting and len(running) < self._window(waiting, running):
                    task, attempt = waiting[0]
                    # which may find the pool broken: the task must still be waiting then
                    future = self._submit(task, attempt)
                    running[future] = waiting.popleft()
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    result = future.result()
                    del running[future]
                    yield result
            except BrokenProcessPool:
                self._drop_pool()
                waiting.extendleft(self._again(running.values()))
                running.clear()

    def close(self) -> None:
        """End the workers; tasks in flight are given up, and done again by the next run."""
        if self._pool is None:
            return
        if self._busy:
            self._drop_pool()
        else:
            self._pool.shutdown(wait=True)
            self._pool = None

    def _window(self, waiting: deque[Tried], running: dict[Future[TaskResult], Tried]) -> int:
        """One at a time while a task is tried again, so that the next death names its task."""
        again = waiting[0][1] > 1 or any(attempt > 1 for _, attempt in running.values())
        return 1 if again else 2 * self.workers

    def _again(self, lost: Iterable[Tried]) -> Iterator[Tried]:
        for task, attempt in reversed(list(lost)):
            if attempt >= TRIES:
                raise WorkerLost(
                    f"the worker died {TRIES} times",
                    where=task.id,
                    fix="Look for what ends it (memory?); run the same command to continue.",
                )
            yield task, attempt + 1

    def _submit(self, task: TaskSpec, attempt: int) -> Future[TaskResult]:
        if self._pool is None:
            context = multiprocessing.get_context("forkserver")
            context.set_forkserver_preload(["curate.engines.preload"])
            self._pool = ProcessPoolExecutor(self.workers, context, start_worker, (os.getpid(),))
        return self._pool.submit(self.task_function, task, attempt)

    def _drop_pool(self) -> None:
        if self._pool is None:
            return
        for process in list(self._pool._processes.values()):
            process.kill()
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._pool = None
