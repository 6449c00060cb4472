"""Corpus stages run one after the other in this process over shards of text, with no more memory than they are allowed.

The keys of all stages up to the next that edits text are made in one pass over the text; what one stage drops is left
out when the next one groups its keys. So the outcome is that of running them one by one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ..budget import group_cuts, reduce_cuts
from ..jobs.files import MappedCorpus, pack_address, row_of, shard_of
from ..jobs.keys import Keys
from ..jobs.shuffle import emitted_of, groups, read_groups, write_groups
from ..records import DROPPED
from ..stage import Corpus, CorpusStage
from .corpus import Shards

__all__ = ["Fates", "run_stages"]

Local = tuple[str, Callable[[pa.RecordBatch], pa.RecordBatch]]
"""A row-local stage: its kind and its function."""

FATES = pa.schema([pa.field("address", pa.uint64()), pa.field("stage", pa.string()), *DROPPED])


@dataclass
class Fates:
    """What became of each record: those dropped, those that stay as the record of a cluster, and counts by stage.

    `columns` are what stages added to records, by name, one array for each shard.
    """

    alive: list[npt.NDArray[np.bool_]] = field(default_factory=list)
    decided: list[pa.Table] = field(default_factory=list)
    counts: dict[str, dict[str, Any]] = field(default_factory=dict)
    columns: dict[str, list[pa.Array]] = field(default_factory=dict)

    def table(self) -> pa.Table:
        """All that was decided (FATES), by address; a null reason speaks of a record that stays."""
        return pa.concat_tables([FATES.empty_table(), *self.decided]).sort_by("address").combine_chunks()

    def follow(self, decisions: pa.Table, corpus: Corpus) -> None:
        """Let records whose partner is dropped now belong to its cluster: what stays of a cluster has given it its name."""
        gone = decisions.filter(pc.is_valid(decisions["reason"]))
        gone = gone.filter(pc.is_valid(gone["cluster"]))
        if gone.num_rows and any(table["cluster"].null_count < table.num_rows for table in self.decided):
            ids = corpus.take(gone["address"].to_numpy(), ["id"])["id"].combine_chunks()
            clusters = gone["cluster"].combine_chunks()
            for i, table in enumerate(self.decided):
                later = clusters.take(pc.index_in(table["cluster"].combine_chunks(), ids))
                at = table.schema.get_field_index("cluster")
                self.decided[i] = table.set_column(at, table.schema.field(at), pc.coalesce(later, table["cluster"]))

    def drop(self, kind: str, decisions: pa.Table) -> None:
        """Take up what stage `kind` decided: rows of address and the fields of `records.DROPPED`."""
        before = sum(int(a.sum()) for a in self.alive)
        gone = decisions.filter(pc.is_valid(decisions["reason"]))
        for shard, row in _by_shard(gone["address"].to_numpy()):
            self.alive[shard][row] = False
        stage = pa.array([kind] * decisions.num_rows, pa.string())
        columns = [decisions["address"], stage, *(decisions[f.name] for f in DROPPED)]
        self.decided.append(pa.table(columns, schema=FATES))
        reasons = {v["values"]: v["counts"] for v in pc.value_counts(gone["reason"]).to_pylist()}
        count = {"in": before, "kept": before - gone.num_rows, "dropped": dict(sorted(reasons.items()))}
        self.counts[kind] = count


def _by_shard(addresses: npt.NDArray[np.uint64]) -> Iterator[tuple[int, npt.NDArray[np.int64]]]:
    shards = shard_of(addresses).astype(np.int64)
    for shard in np.unique(shards).tolist():
        yield shard, row_of(addresses[shards == shard]).astype(np.int64)


def run_stages(
    batches: Iterator[pa.RecordBatch],
    local: Sequence[Local],
    stages: Sequence[CorpusStage],
    folder: Path,
    *,
    memory_mb: int,
    workers: int,
    store: bool,
) -> tuple[Shards, Fates]:
    """The records as shards, their text as the stages left it, and what became of each.

    `local` are applied to the records as they arrive, all that they drop being left out of the rest. With `store` what
    stages keep for later runs stands in `folder` as `<kind>-stored-<shard>.arrow`.
    """
    fates, shards = Fates(), Shards(folder, "text")
    with ThreadPoolExecutor(workers) as pool:
        run = _Run(folder, memory_mb, pool if workers > 1 else None, workers, store)
        segments = _segments(stages)
        run.emit(_first(shards.write(batches), fates, local), segments[0])
        for i, segment in enumerate(segments):
            for stage in segment:
                decisions = run.decide(stage, shards, fates)
                if "reason" in decisions.schema.names:
                    fates.follow(decisions, MappedCorpus(shards.paths))
                    fates.drop(stage.kind, decisions)
                else:
                    shards = run.mark(stage, decisions, shards, fates)
            if i + 1 < len(segments):
                run.emit(_again(shards), segments[i + 1])
    return shards, fates


def _segments(stages: Sequence[CorpusStage]) -> list[list[CorpusStage]]:
    """The stages cut after each that edits text."""
    segments: list[list[CorpusStage]] = [[]]
    for stage in stages:
        segments[-1].append(stage)
        if stage.edits:
            segments.append([])
    return segments if segments[-1] or len(segments) == 1 else segments[:-1]


Placed = tuple[int, int, pa.RecordBatch]
"""A shard, the row of it that a batch begins at, and the batch."""


def _first(written: Iterator[Placed], fates: Fates, local: Sequence[Local]) -> Iterator[Placed]:
    """The batches as they are written, with the row-local stages applied."""
    dropped: dict[str, list[pa.Table]] = {kind: [] for kind, _ in local}
    seen = 0
    for shard, row, batch in written:
        alive = np.ones(batch.num_rows, np.bool_)
        seen += batch.num_rows
        for kind, function in local:
            at = np.flatnonzero(alive)
            done = function(batch.take(pa.array(at)) if len(at) < len(alive) else batch)
            why = done["dropped"] if "dropped" in done.schema.names else pa.nulls(len(at), DROPPED)
            gone = pc.is_valid(why).to_numpy(zero_copy_only=False)
            struct = why.filter(pa.array(gone))
            address = pa.array(pack_address(shard, row + at[gone]), pa.uint64())
            dropped[kind].append(pa.table([address, *struct.flatten()], names=["address", *(f.name for f in DROPPED)]))
            alive[at[gone]] = False
        if shard == len(fates.alive):
            fates.alive.append(alive)
        else:
            fates.alive[shard] = np.concatenate([fates.alive[shard], alive])
        yield shard, row, batch
    left = seen
    for kind, tables in dropped.items():
        gone = pa.concat_tables(tables) if tables else FATES.empty_table().drop_columns(["stage"])
        fates.drop(kind, gone)
        fates.counts[kind]["in"], fates.counts[kind]["kept"] = left, left - gone.num_rows
        left -= gone.num_rows


def _again(shards: Shards) -> Iterator[Placed]:
    for shard in range(len(shards.paths)):
        for row, batch in shards.read(shard):
            yield shard, row, batch


class _Run:
    """The steps of corpus stages, with their files in one folder."""

    def __init__(
        self, folder: Path, memory_mb: int, pool: ThreadPoolExecutor | None, workers: int, store: bool
    ) -> None:
        self._folder, self._memory_mb, self._pool, self._workers, self._store = folder, memory_mb, pool, workers, store

    def emit(self, placed: Iterator[Placed], stages: Sequence[CorpusStage]) -> None:
        """The keys of all records for all `stages`, a file for each stage and shard."""
        keys: list[Keys] = []
        last = 0
        for shard, row, batch, emitted in self._emitted(placed, stages):
            if shard > last:
                self._write(keys, last)
                keys, last = [], shard
            if not keys:
                keys = [Keys(stage, store=self._store) for stage in stages]
            address = pack_address(shard, np.arange(row, row + batch.num_rows))
            for each, rows in zip(keys, emitted, strict=True):
                each.add(rows, batch, address)
        if keys:
            self._write(keys, last)

    def _emitted(
        self, placed: Iterator[Placed], stages: Sequence[CorpusStage]
    ) -> Iterator[tuple[int, int, pa.RecordBatch, list[pa.RecordBatch]]]:
        """Each batch with what the stages emit of it: in threads where there are some, since kernels leave the GIL."""
        if self._pool is None:
            for shard, row, batch in placed:
                yield shard, row, batch, _emit(stages, batch)
            return
        ahead: deque[tuple[Placed, Future[list[pa.RecordBatch]]]] = deque()
        for each in placed:
            ahead.append((each, self._pool.submit(_emit, stages, each[2])))
            if len(ahead) > self._workers:
                first, future = ahead.popleft()
                yield *first, future.result()
        for first, future in ahead:
            yield *first, future.result()

    def _write(self, keys: Sequence[Keys], shard: int) -> None:
        for each in keys:
            kind = each.stage.kind
            outputs = [self._folder / f"{kind}-keys-{shard:05d}.arrow"]
            if self._store and each.stage.stores:
                outputs.append(self._folder / f"{kind}-stored-{shard:05d}.arrow")
            each.write(outputs)

    def decide(self, stage: CorpusStage, shards: Shards, fates: Fates) -> pa.Table:
        """Group the keys, reduce, merge: the stage's decisions."""
        files = [self._folder / f"{stage.kind}-keys-{i:05d}.arrow" for i in range(len(shards.paths))]
        corpus = MappedCorpus(shards.paths)
        if not files:
            return stage.merge(iter([]), corpus)
        grouped: list[Path] = []
        counts = np.zeros(len(files), np.int64)
        rows = sum(batch.num_rows for batch in emitted_of(files))
        for names, (part, parts) in group_cuts(stage.keys(), rows, self._memory_mb):
            # mapped anew each time, so that the keys that were read are not held
            table = groups(emitted_of(files), names, part, parts, singles=stage.singles, alive=fates.alive)
            grouped.append(self._folder / f"{stage.kind}-groups-{len(grouped):05d}.arrow")
            counts += write_groups(table, len(files), grouped[-1])
        for file in files:
            file.unlink()
        cuts = reduce_cuts(counts.tolist(), self._memory_mb)
        decisions = stage.merge((stage.reduce(read_groups(grouped, lo, hi), corpus) for lo, hi in cuts), corpus)
        for file in grouped:
            file.unlink()
        return decisions

    def mark(self, stage: CorpusStage, decisions: pa.Table, shards: Shards, fates: Fates) -> Shards:
        """Apply decisions that are not about whole records; the shards as they are after it."""
        added: dict[str, list[list[pa.Array]]] = {name: [[] for _ in shards.paths] for name in stage.adds}
        gone: list[pa.Table] = []
        address = decisions["address"].to_numpy()

        def marked(shard: int) -> Iterator[pa.RecordBatch]:
            for row, batch in shards.read(shard):
                lo, hi = np.searchsorted(address, pack_address(shard, np.array([row, row + batch.num_rows])))
                here = decisions.slice(int(lo), int(hi - lo)).drop_columns(["address"])
                at = (row_of(address[lo:hi]) - np.uint64(row)).astype(np.uint32)
                done = stage.mark(batch, here.append_column("row", pa.array(at)))
                for name in stage.adds:
                    added[name][shard].append(done[name])
                if "dropped" in done.schema.names:
                    why = done["dropped"]
                    alive = fates.alive[shard][row : row + batch.num_rows]
                    rows = np.flatnonzero(pc.is_valid(why).to_numpy(zero_copy_only=False) & alive)
                    columns = [
                        pa.array(pack_address(shard, row + rows), pa.uint64()),
                        *why.take(pa.array(rows)).flatten(),
                    ]
                    gone.append(pa.table(columns, names=["address", *(f.name for f in DROPPED)]))
                yield batch.set_column(batch.schema.get_field_index("text"), "text", done["text"])

        if stage.edits:
            after = shards.rewritten(f"text-{stage.kind}", marked)
            shards.remove()
        else:
            after = shards
            for shard in range(len(shards.paths)):
                deque(marked(shard), maxlen=0)
        fates.drop(stage.kind, pa.concat_tables([FATES.empty_table().drop_columns(["stage"]), *gone]))
        for name, arrays in added.items():
            fates.columns[name] = [pa.concat_arrays(a) for a in arrays]
        return after


def _emit(stages: Sequence[CorpusStage], batch: pa.RecordBatch) -> list[pa.RecordBatch]:
    return [stage.emit(batch) for stage in stages]
