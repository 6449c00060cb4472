"""The steps of a corpus stage that see more than one shard: group by key, reduce part by part, merge all parts.

Between grouping and reducing, groups are sorted by the shard of their first row: the reduce that gets them reads the text
of few shards, and a pair of records that agree in many keys nearly always meets in one reduce.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ..stage import Corpus, CorpusStage, TaskSpec
from .files import MappedCorpus, one_batch, open_mapped, row_of, shard_of, writer
from .mapping import stage_of

__all__ = [
    "emitted_of",
    "group_keys",
    "groups",
    "merge_parts",
    "read_groups",
    "reduce_part",
    "regroup",
    "write_groups",
]

LEADER = "leader"
Addresses = npt.NDArray[np.uint64]


def group_keys(task: TaskSpec, inputs: Sequence[Path], outputs: Sequence[Path]) -> dict[str, Any]:
    """Inputs: the key files of all shards. Output: the rows of shared keys, as `write_groups` writes them."""
    stage: CorpusStage = stage_of(task.args["stage"])
    part, parts = task.args["slice"]
    table = groups(emitted_of(inputs), task.args["keys"], part, parts, singles=stage.singles)
    counts = write_groups(table, len(inputs), outputs[0])
    return {"rows": table.num_rows, "shards": counts}


def emitted_of(files: Sequence[Path]) -> list[pa.RecordBatch]:
    """The keys of each shard, memory-mapped."""
    return [open_mapped(path).get_batch(0) for path in files]


def write_groups(table: pa.Table, shards: int, output: Path) -> list[int]:
    """Write what `groups` found as one batch for each shard, by the shard of the leader; return their rows."""
    ends = np.searchsorted(shard_of(table[LEADER].to_numpy()), np.arange(shards + 1))
    with writer(output, table.schema) as out:
        for lo, hi in pairwise(ends.tolist()):
            out.write_batch(one_batch(table.slice(lo, hi - lo)))
    counts: list[int] = np.diff(ends).tolist()
    return counts


def read_groups(files: Sequence[Path], lo: int, hi: int) -> pa.Table:
    """What `reduce` is given: the groups led by shards lo to hi, of several files."""
    readers = [open_mapped(path) for path in files]
    return regroup([pa.Table.from_batches([r.get_batch(i) for i in range(lo, hi)], r.schema) for r in readers])


def groups(
    emitted: Sequence[pa.RecordBatch],
    keys: Sequence[str],
    part: int,
    parts: int,
    *,
    singles: bool,
    alive: Sequence[npt.NDArray[np.bool_]] | None = None,
) -> pa.Table:
    """The rows that share one of `keys`, in the order of their group's first address, key, and own address.

    `emitted` are the shards' keys in order; `alive` tells of each row of each shard whether it is looked at, all if it is
    not given. Only keys in the `part`-th of `parts` equal ranges are. The columns are `leader`, the first address of the
    group, `group`, `address`, and what was emitted beside keys.
    """
    columns = [name for name in emitted[0].schema.names if name not in _keys(emitted[0])]
    found = [_grouped(emitted, key, columns, (part, parts), singles, alive) for key in keys]
    return _by_leader(pa.concat_tables(found))


def _keys(emitted: pa.RecordBatch) -> set[str]:
    """The key columns stand before `address`."""
    names = emitted.schema.names
    return set(names[: names.index("address")])


def _grouped(
    emitted: Sequence[pa.RecordBatch],
    key: str,
    columns: list[str],
    cut: tuple[int, int],
    singles: bool,
    alive: Sequence[npt.NDArray[np.bool_]] | None,
) -> pa.Table:
    """The rows of one key's groups, sorted by key and address.

    Most keys of a corpus occur once; their rows are left out before anything else of them is read.
    """
    from ..kernels import groups as kernel

    stays = [_stays(batch, alive[i] if alive is not None else None) for i, batch in enumerate(emitted)]
    values = [batch[key].to_numpy() for batch in emitted]
    part, parts = cut
    sizes = np.zeros(kernel.buckets(sum(map(len, values)) // parts) + 1, np.int64)
    for value, looked_at in zip(values, stays, strict=True):
        kernel.count(value, looked_at, part, parts, sizes)
    bounds = np.cumsum(sizes) - sizes
    found = np.empty((bounds[-1] + 1, 2), np.uint64)
    places = bounds.copy()
    for i, (value, looked_at) in enumerate(zip(values, stays, strict=True)):
        kernel.scatter(value, looked_at, i, part, parts, places, found)
    used = kernel.shared(found, bounds, parts, singles)
    hashes, where = found[:used, 0].copy(), found[:used, 1].copy()
    del found
    table = _taken(emitted, columns, where)
    starts = np.flatnonzero(np.concatenate([[True], hashes[1:] != hashes[:-1]])[: len(hashes)])
    leader = np.repeat(table["address"].to_numpy()[starts], np.diff(starts, append=len(hashes)))
    return table.add_column(0, "group", pa.array(hashes)).add_column(0, LEADER, pa.array(leader))


def _stays(batch: pa.RecordBatch, alive: npt.NDArray[np.bool_] | None) -> npt.NDArray[np.bool_]:
    """Whether each row of a shard's keys is looked at; empty where all are."""
    if alive is None:
        return np.empty(0, np.bool_)
    stays: npt.NDArray[np.bool_] = alive[row_of(batch["address"].to_numpy())]
    return stays


def _taken(emitted: Sequence[pa.RecordBatch], columns: list[str], where: Addresses) -> pa.Table:
    """The rows `where`, each the number of a shard << 32 | a row of its keys, in that order."""
    from ..kernels.groups import order

    by_shard = order(shard_of(where))
    rows = where[by_shard]
    ends = np.searchsorted(shard_of(rows), np.arange(len(emitted) + 1)).tolist()
    taken = pa.Table.from_batches(
        [
            batch.select(columns).take(pa.array(row_of(rows[lo:hi])))
            for batch, (lo, hi) in zip(emitted, pairwise(ends), strict=True)
        ]
    )
    del rows
    back = np.empty(len(where), np.int64)
    back[by_shard] = np.arange(len(where))
    return taken.take(pa.array(back)).combine_chunks()


def regroup(parts: Sequence[pa.Table]) -> pa.Table:
    """What `reduce` is given, of several outcomes of `groups`."""
    table = parts[0] if len(parts) == 1 else _by_leader(pa.concat_tables(parts))
    return table.drop_columns([LEADER]).combine_chunks()


def _by_leader(table: pa.Table) -> pa.Table:
    from ..kernels.groups import order

    return table.take(pa.array(order(table[LEADER].to_numpy()))).combine_chunks()


def reduce_part(task: TaskSpec, inputs: Sequence[Path], outputs: Sequence[Path]) -> dict[str, Any]:
    """Inputs: group files, then the shards. Output: what the stage makes of the groups led by shards lo to hi."""
    stage: CorpusStage = stage_of(task.args["stage"])
    files, (lo, hi) = task.args["files"], task.args["shards"]
    corpus: Corpus = MappedCorpus(inputs[files:])
    return _write(stage.reduce(read_groups(inputs[:files], lo, hi), corpus), outputs[0])


def merge_parts(task: TaskSpec, inputs: Sequence[Path], outputs: Sequence[Path]) -> dict[str, Any]:
    """Inputs: the reduced parts, then the shards. Output: the stage's decisions, sorted by address."""
    stage: CorpusStage = stage_of(task.args["stage"])
    parts = task.args["parts"]
    tables = (open_mapped(path).read_all() for path in inputs[:parts])
    return _write(stage.merge(tables, MappedCorpus(inputs[parts:])), outputs[0])


def _write(table: pa.Table, output: Path) -> dict[str, Any]:
    with writer(output, table.schema) as out:
        out.write_table(table.combine_chunks())
    return {"rows": table.num_rows}
