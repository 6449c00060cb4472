"""Grouping and reducing stay within the memory they are cut for, also where every record repeats another."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from curate import budget
from curate.jobs.files import pack_address, writer
from curate.jobs.shuffle import LEADER

from .planted import SHARD_ROWS, Planted
from .steps import group, key_file, measured, reduce

MEMORY_MB = 512  # less is not told from what the C library keeps of freed blocks
MOST = {"group": MEMORY_MB * budget.MB // budget.GROUP_BYTES, "reduce": MEMORY_MB * budget.MB // budget.REDUCE_BYTES}
BESIDE_MB = {"group": 50, "reduce": 100}
"""Not counted by row: what the C library keeps of freed blocks; text and shingle sets of a chunk."""

SIZES = [
    (1, "no key repeats"),
    (2, "every key occurs twice"),
    (1000, "every group is crowded"),
    (1 << 32, "one key for all"),
]


def keys_of(rows: int, size: int) -> np.ndarray:
    """Keys of `rows` rows of which `size` share each, spread over all values, in no order."""
    key = np.arange(rows, dtype=np.uint64) * np.uint64(rows // 2 + 1 | 1) % np.uint64(rows) // np.uint64(size)
    return (key + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)


@pytest.mark.slow
@pytest.mark.parametrize(("size", "why"), SIZES)
def test_grouping(size: int, why: str, tmp_path: Path) -> None:
    keys = keys_of(MOST["group"], size)
    shards = -(-len(keys) // SHARD_ROWS)
    for shard in range(shards):
        some = keys[shard * SHARD_ROWS : (shard + 1) * SHARD_ROWS]
        address = pack_address(shard, np.arange(len(some)))
        table = pa.record_batch({"band_000": some, "address": address, "n_chars": np.full(len(some), 150, np.uint32)})
        with writer(key_file(tmp_path, shard), table.schema) as out:
            out.write_batch(table)
    cost = measured(group, [(tmp_path, shards, ["band_000"], (0, 1), tmp_path / "groups")])
    assert sum(cost.results[0]) == (0 if size == 1 else len(keys))
    assert cost.anonymous - cost.idle <= MEMORY_MB + BESIDE_MB["group"], f"{why}: {cost.anonymous - cost.idle} MB"


@pytest.mark.slow
@pytest.mark.parametrize(("size", "why"), SIZES[1:3])
def test_reducing(size: int, why: str, tmp_path: Path) -> None:
    rows = MOST["reduce"]
    corpus = Planted(40 * rows)
    address = corpus.addresses_of(np.arange(corpus.planted, corpus.planted + rows))  # no two alike
    address.sort()
    key = np.sort(keys_of(rows, size))
    lengths = corpus.take(address, ["text"])["text"].combine_chunks()
    n_chars = (np.diff(np.frombuffer(lengths.buffers()[1], np.int32)) // 3).astype(np.uint32)
    first = np.repeat(*_runs(key, address))
    table = pa.table({LEADER: first, "group": key, "address": address, "n_chars": n_chars})
    with writer(tmp_path / "groups", table.schema) as out:
        out.write_table(table)
    cost = measured(reduce, [(corpus.documents, [tmp_path / "groups"], (0, 1), tmp_path / "edges")])
    assert cost.results == [0]
    assert cost.anonymous - cost.idle <= MEMORY_MB + BESIDE_MB["reduce"], f"{why}: {cost.anonymous - cost.idle} MB"


def _runs(key: np.ndarray, address: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    starts = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]]))
    return address[starts], np.diff(starts, append=len(key))
