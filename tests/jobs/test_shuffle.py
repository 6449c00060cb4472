"""Groups of equal keys: those of plain Python, whatever the cuts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.budget import group_cuts, reduce_cuts
from curate.jobs.files import pack_address
from curate.jobs.shuffle import emitted_of, groups, read_groups, regroup, write_groups

Shard = list[tuple[int, int]]
"""Of each record two keys."""

KEY = st.one_of(st.integers(0, 4), st.integers((1 << 64) - 3, (1 << 64) - 1))
SHARDS = st.lists(st.lists(st.tuples(KEY, KEY), max_size=12), min_size=1, max_size=4)


def emitted(shards: list[Shard]) -> list[pa.RecordBatch]:
    return [
        pa.record_batch(
            {
                "one": pa.array([a for a, _ in shard], pa.uint64()),
                "two": pa.array([b for _, b in shard], pa.uint64()),
                "address": pa.array(pack_address(k, np.arange(len(shard))), pa.uint64()),
                "n": pa.array([10 * k + i for i in range(len(shard))], pa.uint32()),
            }
        )
        for k, shard in enumerate(shards)
    ]


def plain(shards: list[Shard], *, singles: bool, dead: set[int]) -> list[tuple[int, int, int, list[int]]]:
    """(leader, which key, key, addresses) of every group, in the order in which reduce must get them."""
    found: dict[tuple[int, int], list[int]] = {}
    for k, shard in enumerate(shards):
        for i, keys in enumerate(shard):
            address = (k << 32) + i
            if address not in dead:
                for which, key in enumerate(keys):
                    found.setdefault((which, key), []).append(address)
    return sorted((at[0], which, key, at) for (which, key), at in found.items() if singles or len(at) > 1)


def flat(table: pa.Table) -> list[tuple[int, int]]:
    return list(zip(table["group"].to_pylist(), table["address"].to_pylist(), strict=True))


@settings(deadline=None)
@given(SHARDS, st.booleans(), st.integers(1, 4), st.data())
def test_groups_are_those_of_plain_python(shards: list[Shard], singles: bool, ranges: int, data: st.DataObject) -> None:
    every = [(k << 32) + i for k, shard in enumerate(shards) for i in range(len(shard))]
    dead = set(data.draw(st.lists(st.sampled_from(every), unique=True))) if every else set()
    alive = [np.array([(k << 32) + i not in dead for i in range(len(s))], np.bool_) for k, s in enumerate(shards)]
    cuts = [(["one"], r) for r in range(ranges)] + [(["two"], r) for r in range(ranges)]
    if ranges == 1:
        cuts = [(["one", "two"], 0)]
    found = [groups(emitted(shards), keys, r, ranges, singles=singles, alive=alive) for keys, r in cuts]
    want = [(key, a) for _, _, key, at in plain(shards, singles=singles, dead=dead) for a in at]
    assert flat(regroup(found)) == want
    for table in found:
        assert [10 * (a >> 32) + (a & 0xFFFFFFFF) for a in table["address"].to_pylist()] == table["n"].to_pylist()


@settings(deadline=None)
@given(shards=SHARDS, runs=st.lists(st.integers(1, 3), min_size=1, max_size=3))
def test_reading_by_the_shard_of_the_leader_gives_every_group_once(
    shards: list[Shard], runs: list[int], tmp_path_factory: object
) -> None:
    folder: Path = tmp_path_factory.mktemp("groups")  # type: ignore[attr-defined]
    files, counts = [], np.zeros(len(shards), np.int64)
    for k, key in enumerate(["one", "two"]):
        table = groups(emitted(shards), [key], 0, 1, singles=False)
        files.append(folder / f"{k}.arrow")
        counts += write_groups(table, len(shards), files[-1])
    got, lo = [], 0
    for step in [*runs, len(shards)]:
        hi = min(len(shards), lo + step)
        table = read_groups(files, lo, hi)
        assert table.num_rows == counts[lo:hi].sum()
        got += flat(table)
        lo = hi
    assert got == [(key, a) for _, _, key, at in plain(shards, singles=False, dead=set()) for a in at]


def test_only_the_columns_asked_for_are_read_back(tmp_path: Path) -> None:
    table = groups(emitted([[(1, 2), (1, 3)]]), ["one"], 0, 1, singles=False)
    write_groups(table, 1, tmp_path / "g")
    assert emitted_of([tmp_path / "g"])[0].schema.names == ["leader", "group", "address", "n"]
    assert read_groups([tmp_path / "g"], 0, 1).column_names == ["group", "address", "n"]


@settings(deadline=None)
@given(st.integers(1, 30), st.integers(0, 10**8), st.integers(1, 4096))
def test_every_key_and_range_is_grouped_once(keys: int, rows: int, memory_mb: int) -> None:
    names = [f"k{i}" for i in range(keys)]
    cuts = group_cuts(names, rows, memory_mb)
    parts = cuts[0][1][1]
    assert [(name, part) for chosen, (part, _) in cuts for name in chosen] == [
        (n, p) for n in names for p in range(parts)
    ] or (parts == 1)
    done = [(name, part) for chosen, (part, of) in cuts for name in chosen if of == parts]
    assert sorted(done) == sorted((name, part) for name in names for part in range(parts))


@settings(deadline=None)
@given(st.lists(st.integers(0, 10**7), max_size=20), st.integers(1, 64))
def test_every_shard_is_reduced_once_and_no_more_than_the_memory_allows(rows: list[int], memory_mb: int) -> None:
    cuts = reduce_cuts(rows, memory_mb)
    assert [i for lo, hi in cuts for i in range(lo, hi)] == list(range(len(rows)))
    for lo, hi in cuts:
        assert hi - lo == 1 or sum(rows[lo:hi]) * 100 <= memory_mb * 1_000_000
