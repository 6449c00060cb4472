"""What a stage, a corpus stage, a task and an engine are. Nothing here does any work."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt
import pyarrow as pa

__all__ = ["Corpus", "CorpusStage", "Engine", "ReadsFiles", "Stage", "TaskResult", "TaskSpec"]


class Stage(Protocol):
    """A row-local stage: a frozen model whose fields are its parameters.

    Of a column `tally` (string, no nulls) among those it adds the values are counted in the manifest, over all its
    rows; it goes no further.

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

    def open(self, root: Path = ...) -> Callable[[pa.RecordBatch], pa.RecordBatch]:
        """The function that does the work, holding whatever it loaded; called once per worker process.

        `root` is the domain, which paths among the parameters are relative to.
        """
        ...


@runtime_checkable
class ReadsFiles(Protocol):
    """A row-local stage whose result depends on the content of files, beside its parameters."""

    def reads(self, root: Path) -> tuple[str, ...]:
        """Those files, relative to `root`, the domain.

        Raises:
            DomainError: one of them is missing or is not what it should be.
        """
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

    emit → rows grouped by each key over the corpus → reduce part by part → merge to one table of decisions
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
    def singles(self) -> bool:
        """Whether reduce is also given groups of one row."""
        ...

    @property
    def edits(self) -> bool:
        """Whether mark edits text or adds what later corpus stages read, so that the rows must be written again."""
        ...

    def keys(self) -> tuple[str, ...]:
        """The uint64 columns of `emit`: rows that agree in one of them are a group. Each is grouped by itself."""
        ...

    @property
    def stores(self) -> tuple[str, ...]:
        """Columns of `emit` that are not for reduce but kept for later runs, with id and digest of the text; for most none."""
        ...

    def emit(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The key columns, `row` (uint32, the row of `batch` it speaks of), and what else reduce needs, of fixed width.

        None, one or many rows for each record, in the order of `row`. The task puts `address` (uint64) in its place.
        """
        ...

    def reduce(self, group: pa.Table, corpus: Corpus) -> pa.Table:
        """Whole groups of some of the keys → what `merge` takes.

        `group` has `group` (uint64, the same for the rows of one group and no other), `address`, and what else was
        emitted but the keys; groups are in the order of their first address, rows of a group in that of `address`.
        Into how many calls the groups are cut depends on the memory allowed, so a result must not.
        """
        ...

    def merge(self, parts: Iterable[pa.Table], corpus: Corpus) -> pa.Table:
        """All parts → decisions, sorted by `address` (uint64), as `mark` wants them."""
        ...

    def mark(self, batch: pa.RecordBatch, decisions: pa.Table) -> pa.RecordBatch:
        """The batch with `dropped` set, text edited or columns added.

        `decisions` are those of this batch's rows, with `row` (uint32, ascending) for `address`.
        """
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
