"""What a stage, a corpus stage, a task and an engine are. Nothing here does any work."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

__all__ = ["Corpus", "CorpusStage", "Engine", "Stage", "TaskResult", "TaskSpec"]


class Stage(Protocol):
    """A row-local stage: a frozen model whose fields are its parameters.

    The opened function returns the same rows in the same order, with columns added, text edited, or
    `dropped` set (see `records.mark`); it never removes a row and never raises on content.
    """

    @property
    def kind(self) -> str:
        """Its name in recipes, manifests and ledgers."""
        ...

    version: ClassVar[int]  # raise it when the same parameters give another result
    adds: ClassVar[Mapping[str, pa.DataType]]  # columns it adds
    reasons: ClassVar[tuple[str, ...]]  # closed list of reasons it may drop for

    def open(self) -> Callable[[pa.RecordBatch], pa.RecordBatch]:
        """The function that does the work, holding whatever it loaded; called once per worker process."""
        ...


class Corpus(Protocol):
    """The rows that reached a corpus stage, by address.

    An address is a uint64: the row's place in the order of ingest, the same for any batch size.
    """

    def take(self, addresses: npt.NDArray[np.uint64], columns: Sequence[str]) -> pa.Table:
        """The named columns of the rows at `addresses`, in that order, columns combined to one chunk."""
        ...


class CorpusStage(Protocol):
    """A stage that needs the whole corpus, keyed.

    emit → rows grouped by key over the corpus → reduce per partition → merge to one table of decisions
    → mark. `emit` and `mark` are pure and row-local; addresses are added between them by the task.
    """

    @property
    def kind(self) -> str:
        """Its name in recipes, manifests and ledgers."""
        ...

    version: ClassVar[int]
    adds: ClassVar[Mapping[str, pa.DataType]]
    reasons: ClassVar[tuple[str, ...]]

    @property
    def partitions(self) -> int:
        """Into how many parts the keys are cut: fixed by the config, never by the number of workers."""
        ...

    def emit(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Rows with `key` (uint64) and `row` (uint32, the row of `batch` it speaks of), and what reduce needs.

        The task replaces `row` by `address` (uint64) and sends a row to partition `key % partitions`.
        """
        ...

    def reduce(self, group: pa.Table, corpus: Corpus) -> pa.Table:
        """The rows of one partition whose key another row has too, in whole groups sorted by (key, address) → what `merge` takes."""
        ...

    def merge(self, parts: Iterable[pa.Table], corpus: Corpus) -> pa.Table:
        """All parts → decisions, sorted by `address` (uint64, unique), at most one row per record."""
        ...

    def mark(self, batch: pa.RecordBatch, decisions: pa.Table) -> pa.RecordBatch:
        """The batch with `dropped` set; `decisions` are those of this batch's rows, with `row` (uint32) for `address`."""
        ...


@dataclass(frozen=True)
class TaskSpec:
    """One piece of work as plain data: it can be pickled, hashed, and run by any engine on any node.

    Paths are relative to `root`, the domain; `args` and `fingerprint` hold no path of a machine.
    """

    id: str
    fn: str
    root: str
    work: str
    """The run's work folder: outputs stand below it, markers in its `tasks`."""
    args: dict[str, Any]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    fingerprint: str
    memory: int = 512 << 20  # bytes the task may need at its peak, for engines that place by memory


@dataclass(frozen=True)
class TaskResult:
    """What a finished task reports: counts and hashes, never rows."""

    id: str
    outputs: tuple[str, ...]
    marker: dict[str, Any]
    skipped: bool = False
    attempts: int = 1
    seconds: float = field(default=0.0, compare=False)


class Engine(Protocol):
    """Runs lists of tasks that do not depend on each other; knows nothing of stages."""

    def run(self, tasks: Sequence[TaskSpec]) -> Iterator[TaskResult]:
        """Results in the order tasks finish; raises `TaskError` for the first that fails for good."""
        ...

    def close(self) -> None:
        """End what the engine started; tasks in flight are given up."""
        ...
