"""The Ray engine: the same tasks through Ray Core; shuffle data are files on storage that every node sees."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any

from ..errors import CurateError, UserError, WorkerLost
from ..stage import TaskResult, TaskSpec
from ..work import marker_of
from .tasks import run_task

__all__ = ["RayEngine"]

RETRIES = 3


class RayEngine:
    """Runs tasks on a Ray cluster: the one in RAY_ADDRESS, or one started on this machine for the run.

    Raises:
        UserError: Ray is not installed.
    """

    def __init__(self, workers: int) -> None:
        try:
            import ray
        except ImportError:
            raise UserError("Ray is not installed", fix="Install it with: pip install 'qiancui[ray]'") from None
        self._ray: Any = ray
        self._started = not ray.is_initialized()
        if self._started:
            os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
            address = os.environ.get("RAY_ADDRESS", "local")
            own: dict[str, Any] = {"num_cpus": workers, "_node_ip_address": "127.0.0.1", "include_dashboard": False}
            ray.init(address=address, log_to_driver=False, **(own if address == "local" else {}))
        nodes = [n for n in ray.nodes() if n["Alive"]]
        self._window = 2 * max(workers, int(sum(n["Resources"].get("CPU", 0) for n in nodes)))
        self._call = ray.remote(num_cpus=1, max_retries=RETRIES, retry_exceptions=False)(_carry)

    def run(self, tasks: Sequence[TaskSpec]) -> Iterator[TaskResult]:
        """See `stage.Engine.run`.

        Raises:
            WorkerLost: Ray gave a task up after its retries.
        """
        waiting: deque[TaskSpec] = deque()
        for task in tasks:
            marker = marker_of(task)
            if marker is None:
                waiting.append(task)
            else:
                yield TaskResult(task.id, task.outputs, marker, skipped=True)
        running: dict[Any, TaskSpec] = {}
        while waiting or running:
            while waiting and len(running) < self._window:
                task = waiting.popleft()
                running[self._call.options(memory=task.memory, name=task.id).remote(task)] = task
            done, _ = self._ray.wait(list(running), num_returns=1)
            for reference in done:
                task = running.pop(reference)
                try:
                    outcome = self._ray.get(reference)
                except self._ray.exceptions.RayError as error:
                    raise WorkerLost(
                        f"Ray gave the task up ({type(error).__name__})",
                        where=task.id,
                        fix="Look at the nodes' memory and logs; run the same command to continue.",
                    ) from None
                if isinstance(outcome, CurateError):
                    raise outcome
                yield outcome

    def close(self) -> None:
        """Leave the cluster, and end it if this run started it."""
        if self._started:
            self._ray.shutdown()


def _carry(task: TaskSpec) -> TaskResult | CurateError:
    """Run a task; our own errors come back as values, so that Ray neither retries nor prints them."""
    import pyarrow as pa

    pa.set_cpu_count(1)
    try:
        return run_task(task)
    except CurateError as error:
        return error
