"""The main job: scan, ingest, run the segments, write, check that the counts add up, seal the manifest."""

from __future__ import annotations

import fcntl
import os
import platform
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from .accounts import check_quota, check_residual, ingest_text, manifest_of, stage_text
from .catalog import Domain, load_catalog, load_domain
from .engines import EngineName, engine_of
from .errors import DomainError, QuotaError, WorkerLost
from .pipeline import Pipeline
from .planner import Planner
from .publish import keep_signatures, publish
from .scan import RawFile, ReadFile, files_read, scan
from .stage import Engine, TaskResult, TaskSpec
from .work import sweep

__all__ = ["Phase", "Progress", "RunReport", "run"]

FILES_AT_ONCE = 16  # files read before a limit is looked at again
CHECKED = "loads with datasets: load_dataset and load_from_disk"


@dataclass(frozen=True)
class Phase:
    """A finished part of a run, summed up in a line of counts; `text` is empty where there is nothing to say."""

    name: str
    text: str


class Progress(Protocol):
    """What a run tells whoever watches it."""

    def start(self, phase: str, tasks: int) -> None:
        """A list of tasks begins."""

    def task(self, result: TaskResult) -> None:
        """One of them is done, or was already."""

    def end(self, phase: Phase) -> None:
        """The list is done; `phase` sums it up."""


@dataclass(frozen=True)
class RunReport:
    """What a run made."""

    dataset: Path
    manifest: dict[str, Any]
    tasks_run: int
    tasks_skipped: int
    rewritten: bool
    """False where the dataset was there already, byte for byte."""


def run(
    pipeline: Pipeline,
    folder: Path,
    *,
    engine: EngineName = "local",
    workers: int = 1,
    limit: int | None = None,
    fresh: bool = False,
    progress: Progress,
) -> RunReport:
    """Run a pipeline over the domain in `folder` and write the dataset into its outbox.

    A run that was interrupted continues; `fresh` starts over. `limit` takes that many records only, into a
    dataset of its own.

    Raises:
        ConfigError: the domain's files are wrong.
        DomainError: the domain cannot be used.
        TaskError: a task failed.
        QuotaError: too much was quarantined, or nothing was kept.
        IntegrityError: the counts do not add up, or the written dataset does not load.
    """
    folder = folder.resolve()
    domain, catalog = load_domain(folder), load_catalog(folder)
    pipeline = pipeline.with_keys(folder)
    read = files_read(folder, pipeline.stages)
    hashes: dict[str, list[str]] = {}
    for file in read:
        hashes.setdefault(file.stage, []).append(file.sha256)
    planner = Planner(str(folder), pipeline, catalog, limit, hashes)
    with _locked(folder / planner.work, fresh):
        files = scan(folder, catalog, folder / planner.work)
        runner = engine_of(engine, workers)
        try:
            return _Run(folder, domain, planner, files, read, runner, progress).go(
                {"engine": engine, "workers": workers}
            )
        finally:
            runner.close()


@contextmanager
def _locked(work: Path, fresh: bool) -> Iterator[None]:
    """One run at a time in a work folder; the lock goes with the process that holds it."""
    work.mkdir(parents=True, exist_ok=True)
    with (work / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DomainError("another run is at work here", where=str(work), fix="Wait for it to end.") from None
        if fresh:
            for path in work.iterdir():
                if path.is_dir():
                    shutil.rmtree(path)
                elif path.name != "lock":
                    path.unlink()
        sweep(work)
        yield


class _Run:
    """One run from its files to its dataset."""

    def __init__(
        self,
        folder: Path,
        domain: Domain,
        planner: Planner,
        files: list[RawFile],
        read: list[ReadFile],
        engine: Engine,
        progress: Progress,
    ) -> None:
        self.folder, self.domain, self.planner, self.files, self.read = folder, domain, planner, files, read
        self.engine, self.progress = engine, progress
        self.tasks_run = self.tasks_skipped = 0
        self.started = datetime.now(UTC)

    def go(self, how: dict[str, Any]) -> RunReport:
        """All phases in order."""
        ingested = self._ingest()
        check_quota(self.domain, ingested)
        mapped = self._segments(ingested)
        shards = self._phase("write", self.planner.data_shards(mapped[-1]))
        ledger = self._phase("ledger", self.planner.ledger(mapped, ingested))
        quarantine = self._phase("quarantine", [self.planner.quarantine(ingested)])
        risk = self._phase("risk", self.planner.risk(mapped[-1], self.domain.policy.max_reidentification))
        manifest, summary = manifest_of(
            self.planner, self.domain, self.files, self.read, ingested, mapped, shards, ledger, quarantine, risk
        )
        check_residual(self.planner, summary, manifest["counts"]["kept"])
        signatures = self._signatures(mapped)
        written = [*shards, *ledger, *quarantine]
        place, final, rewritten = publish(
            self.planner, self.folder, manifest, summary, written, signatures, self._check, partial(self._run_json, how)
        )
        keep_signatures(self.planner, self.folder, signatures, final["digest"])
        return RunReport(place, final, self.tasks_run, self.tasks_skipped, rewritten)

    def _phase(
        self, name: str, tasks: Sequence[TaskSpec], text: Callable[[list[TaskResult]], str] = lambda _: ""
    ) -> list[TaskResult]:
        """Run a list of tasks and give their results in the list's order."""
        self.progress.start(name, len(tasks))
        results = self._tasks(tasks)
        self.progress.end(Phase(name, text(results)))
        return results

    def _tasks(self, tasks: Sequence[TaskSpec]) -> list[TaskResult]:
        results: dict[str, TaskResult] = {}
        for result in self.engine.run(tasks):
            results[result.id] = result
            self.tasks_skipped += result.skipped
            self.tasks_run += not result.skipped
            self.progress.task(result)
        return [results[task.id] for task in tasks]

    def _ingest(self) -> list[TaskResult]:
        """Read the files; one that ends its worker again and again is quarantined, not the end of the run."""
        poisoned: set[str] = set()
        limit = self.planner.limit
        while True:
            specs = [self.planner.ingest(f, f.path in poisoned) for f in self.files]
            self.progress.start("ingest", len(specs))
            results: list[TaskResult] = []
            step = FILES_AT_ONCE if limit is not None else len(specs)
            try:
                for i in range(0, len(specs), step):
                    results += self._tasks(specs[i : i + step])
                    if limit is not None and sum(r.marker["rows"] for r in results) >= limit:
                        break
            except WorkerLost as lost:
                poisoned.update(f.path for f, spec in zip(self.files, specs, strict=True) if spec.id == lost.where)
                continue
            self.progress.end(Phase("ingest", ingest_text(results)))
            return results

    def _segments(self, ingested: list[TaskResult]) -> list[list[TaskResult]]:
        """Each segment over all shards, and the corpus stage after it."""
        mapped: list[list[TaskResult]] = []
        decided: list[TaskResult] = []
        tasks = self.planner.map_first(self.planner.shards(ingested))
        for i, segment in enumerate(self.planner.segments):
            kinds = [s.kind for s in (segment.marks, *segment.stages) if s]
            mapped.append(self._phase(" → ".join(kinds) or "read", tasks, partial(stage_text, kinds=kinds)))
            if segment.emits is None:
                break
            if self.planner.writes(i):
                base, decided = mapped[-1], []
            kind = segment.emits.kind
            grouped = self._phase(f"{kind}: groups", self.planner.groups(i, mapped[-1]))
            reduced = self._phase(f"{kind}: pairs", self.planner.reduce(i, grouped, base))
            decided += self._phase(f"{kind}: decisions", [self.planner.merge(i, reduced, base)])
            tasks = self.planner.map_next(i + 1, base, decided)
        if sum(r.marker["rows"] for r in mapped[-1]) == 0:
            raise QuotaError(
                "no record was kept",
                where=self.planner.pipeline.name,
                fix="`curate plan` forecasts what each rule drops; look at the config's bounds.",
            )
        return mapped

    def _signatures(self, mapped: Sequence[Sequence[TaskResult]]) -> TaskResult | None:
        tasks = self.planner.signatures(mapped)
        return self._phase("signatures", tasks)[0] if tasks else None

    def _check(self, dataset: str, manifest: dict[str, Any]) -> None:
        rows = {
            subset: {split: v["rows"] for split, v in splits.items()} for subset, splits in manifest["subsets"].items()
        }
        self._phase("check", [self.planner.check(dataset, manifest["digest"], rows)], lambda _: CHECKED)

    def _run_json(self, how: dict[str, Any], digest: str) -> dict[str, Any]:
        """What may differ between two runs that give the same dataset."""
        return {
            "schema": "qiancui/run/1",
            "manifest": digest,
            "started": self.started.isoformat(timespec="seconds"),
            "finished": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": {"system": platform.system(), "machine": platform.machine(), "cpus": os.cpu_count() or 0},
            "python": platform.python_version(),
            "isolation": "none",
            "tasks": {"run": self.tasks_run, "skipped": self.tasks_skipped},
            **how,
        }
