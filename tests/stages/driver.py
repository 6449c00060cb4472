"""Run a corpus stage over a table in memory, as the tasks of a run do it over shards."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curate.jobs.shuffle import groups
from curate.stages.exact_dedup import ExactDedup
from curate.stages.near_dedup import NearDedup


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


def run(stage: ExactDedup | NearDedup, table: pa.Table, batch_rows: int = 1000) -> pa.Table:
    """The table as `mark` leaves it, in batches of `batch_rows`, each a shard of its own."""
    batches = table.combine_chunks().to_batches(max_chunksize=batch_rows)
    addresses = [
        (np.uint64(i) << np.uint64(32)) + np.arange(b.num_rows, dtype=np.uint64) for i, b in enumerate(batches)
    ]
    corpus = TableCorpus(table, np.concatenate([np.empty(0, np.uint64), *addresses]))
    emitted = []
    for batch, address in zip(batches, addresses, strict=True):
        rows = stage.emit(batch)
        at = rows.schema.get_field_index("row")
        assert rows.schema.field("key").type == pa.uint64()
        assert rows.schema.field(at).type == pa.uint32()
        emitted.append(rows.set_column(at, "address", pa.array(address[rows.column(at).to_numpy()], pa.uint64())))
    parts = []
    for part in range(stage.partitions if emitted else 0):
        here = [b.filter(pa.array(b["key"].to_numpy() % np.uint64(stage.partitions) == part)) for b in emitted]
        parts.append(stage.reduce(groups(here), corpus))
    decisions = stage.merge(iter(parts), corpus)
    found = decisions["address"].to_numpy()
    assert (found[1:] > found[:-1]).all(), "decisions are sorted by address and unique"
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
