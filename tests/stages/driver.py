"""Run a corpus stage over a table in memory, as the tasks of a run do it over shards."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curate.jobs.keys import Keys
from curate.jobs.shuffle import groups, regroup
from curate.stage import CorpusStage


class TableCorpus:
    """A table whose rows are found by address."""

    def __init__(self, table: pa.Table, addresses: npt.NDArray[np.uint64]) -> None:
        self._table = table
        self._row = {int(a): i for i, a in enumerate(addresses)}

    def take(self, addresses: npt.NDArray[np.uint64], columns: Sequence[str]) -> pa.Table:
        rows = pa.array([self._row[int(a)] for a in addresses], pa.int64())
        return self._table.select(columns).take(rows).combine_chunks()


def records(texts: Sequence[str], ids: Sequence[str] | None = None) -> pa.Table:
    """Records with only what deduplication reads; ids that do not sort as their rows."""
    named = ids if ids is not None else [f"{i * 7919 % 100_003:06d}" for i in range(len(texts))]
    return pa.table({"id": pa.array(named, pa.string()), "text": pa.array(texts, pa.string())})


def run(stage: CorpusStage, table: pa.Table, batch_rows: int = 1000, cuts: int = 1) -> pa.Table:
    """The table as `mark` leaves it, in batches of `batch_rows`, each a shard of its own.

    Keys are grouped one by one in `cuts` ranges, and reduced in `cuts` runs of shards; with 1 all in one go.
    """
    batches = table.combine_chunks().to_batches(max_chunksize=batch_rows)
    addresses = [
        (np.uint64(i) << np.uint64(32)) + np.arange(b.num_rows, dtype=np.uint64) for i, b in enumerate(batches)
    ]
    corpus = TableCorpus(table, np.concatenate([np.empty(0, np.uint64), *addresses]))
    emitted, names = [], list(stage.keys())
    for batch, address in zip(batches, addresses, strict=True):
        rows = stage.emit(batch)
        assert {rows.schema.field(name).type for name in names} == {pa.uint64()}
        assert rows.schema.field("row").type == pa.uint32()
        assert all(pa.types.is_fixed_size_binary(t) or pa.types.is_primitive(t) for t in rows.schema.types)
        keys = Keys(stage)
        keys.add(rows, batch, address)
        emitted.append(keys.batches[0])
    wanted = [(names, 0, 1)] if cuts == 1 else [([name], part, cuts) for name in names for part in range(cuts)]
    grouped = [groups(emitted, *want, singles=stage.singles) for want in wanted] if emitted else []
    parts = []
    for lo, hi in pairwise(np.linspace(0, len(batches), cuts + 1).astype(np.uint64).tolist()):
        shard = [g["leader"].to_numpy() >> np.uint64(32) for g in grouped]
        here = [g.filter(pa.array((at >= lo) & (at < hi))) for g, at in zip(grouped, shard, strict=True)]
        if here:
            parts.append(stage.reduce(regroup(here), corpus))
    decisions = stage.merge(iter(parts), corpus)
    found = decisions["address"].to_numpy()
    assert (found[1:] >= found[:-1]).all(), "decisions are sorted by address"
    marked = []
    for batch, address in zip(batches, addresses, strict=True):
        here = decisions.filter(pa.array(np.isin(found, address)))
        row = pa.array((here["address"].to_numpy() - address[0]).astype(np.uint32))
        marked.append(stage.mark(batch, here.drop_columns(["address"]).append_column("row", row)))
    return pa.Table.from_batches(marked) if marked else table


def fates(marked: pa.Table) -> dict[str, tuple[dict[str, object] | None, str | None]]:
    """For each id what `dropped` says, and the cluster of records that stay."""
    clusters = marked["cluster"].to_pylist() if "cluster" in marked.column_names else [None] * marked.num_rows
    dropped = marked["dropped"].to_pylist() if marked.num_rows else []
    return {i: (d, c) for i, d, c in zip(marked["id"].to_pylist(), dropped, clusters, strict=True)}
