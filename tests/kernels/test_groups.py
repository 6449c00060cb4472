"""Rows that share a key, against plain Python."""

from __future__ import annotations

from collections import Counter

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from curate.kernels import groups
from curate.kernels.groups import buckets, count, order, scatter, shared

TOP = (1 << 64) - 1
KEYS = st.one_of(
    st.integers(0, 3), st.integers(TOP - 3, TOP), st.integers(0, TOP), st.integers(0, 3).map(lambda k: k << 32)
)
SHARDS = st.lists(st.lists(KEYS, max_size=30), min_size=1, max_size=4)
EVERY = np.empty(0, np.bool_)


def found(
    shards: list[list[int]],
    *,
    part: int = 0,
    parts: int = 1,
    number: int = 1,
    singles: bool = False,
    stays: list[npt.NDArray[np.bool_]] | None = None,
) -> list[tuple[int, int, int]]:
    """(key, shard, row) in the order in which they are found."""
    keys = [np.array(shard, np.uint64) for shard in shards]
    looked_at = stays or [EVERY] * len(keys)
    sizes = np.zeros(number + 1, np.int64)
    for key, some in zip(keys, looked_at, strict=True):
        count(key, some, part, parts, sizes)
    bounds = np.cumsum(sizes) - sizes
    places, rows = bounds.copy(), np.empty((bounds[-1] + 1, 2), np.uint64)
    for i, (key, some) in enumerate(zip(keys, looked_at, strict=True)):
        scatter(key, some, i, part, parts, places, rows)
    used = shared(rows, bounds, parts, singles)
    return [(key, where >> 32, where & 0xFFFFFFFF) for key, where in rows[:used].tolist()]


def plain(shards: list[list[int]], *, singles: bool = False) -> list[tuple[int, int, int]]:
    times = Counter(key for shard in shards for key in shard)
    every = [(key, i, row) for i, shard in enumerate(shards) for row, key in enumerate(shard)]
    return sorted(row for row in every if singles or times[row[0]] > 1)


@given(SHARDS, st.integers(1, 5), st.integers(1, 9), st.booleans())
@example([[0, 0, TOP, TOP]], 5, 9, False)
def test_shared_keys_are_found_in_the_order_of_keys_and_rows(
    shards: list[list[int]], parts: int, number: int, singles: bool
) -> None:
    """Ranges follow each other in the order of keys, so that they can be told from their outcomes alone."""
    rows = [found(shards, part=part, parts=parts, number=number, singles=singles) for part in range(parts)]
    assert [row for some in rows for row in some] == plain(shards, singles=singles)
    ranges = [{key for key, _, _ in some} for some in rows]
    assert sum(map(len, ranges)) == len(set().union(*ranges))


@given(SHARDS, st.booleans(), st.data())
def test_rows_that_are_not_looked_at_count_nowhere(shards: list[list[int]], singles: bool, data: st.DataObject) -> None:
    flags = [data.draw(st.lists(st.booleans(), min_size=len(s), max_size=len(s))) for s in shards]
    dead = {(i, row) for i, some in enumerate(flags) for row, stays in enumerate(some) if not stays}
    times = Counter(key for i, shard in enumerate(shards) for row, key in enumerate(shard) if (i, row) not in dead)
    want = [
        (key, i, row)
        for key, i, row in plain(shards, singles=True)
        if (i, row) not in dead and (singles or times[key] > 1)
    ]
    if all(len(shard) for shard in shards):  # no flags at all means every row
        assert found(shards, number=3, singles=singles, stays=[np.array(f, np.bool_) for f in flags]) == want


@pytest.mark.parametrize(
    ("copies", "others", "why"),
    [
        (2, 0, "the least group"),
        (256, 0, "counts of a byte must not come round to 0"),
        (groups.FEW + 1, 0, "too many for insertion, and all equal"),
        (3 * groups.FEW, 3 * groups.FEW, "too many for insertion, two keys in turn"),
        (200_000, 1000, "a bucket larger than the table has places for"),
    ],
)
def test_frequent_keys(copies: int, others: int, why: str) -> None:
    key = 7 << 60
    shard = [key + 1 - i % 2 if i < 2 * others else key + 1 for i in range(copies + others)]
    assert found([shard]) == plain([shard]), why


@pytest.mark.parametrize("number", [1, 24])
def test_few_repeated_among_many_keys(number: int) -> None:
    rng = np.random.default_rng(3)
    keys = rng.integers(0, 1 << 64, 100_000, np.uint64)
    keys[rng.choice(len(keys), 500, replace=False)] = keys[:500]
    shards = [some.tolist() for some in np.array_split(keys, 3)]
    assert found(shards, number=number) == plain(shards)


def test_buckets_are_of_about_one_size() -> None:
    assert [buckets(n) for n in (0, 1, groups.BUCKET, 20 * groups.BUCKET)] == [1, 1, 1, 20]
    keys = np.random.default_rng(3).integers(0, 1 << 64, 20 * groups.BUCKET, np.uint64)
    sizes = np.zeros(buckets(len(keys)) + 1, np.int64)
    count(keys, EVERY, 0, 1, sizes)
    assert sizes[-1] == 0
    assert (abs(sizes[:-1] - groups.BUCKET) < groups.BUCKET // 10).all()


@given(st.lists(st.one_of(KEYS, st.integers(0, 40), st.integers(0, 9).map(lambda k: k << 32)), max_size=60))
@example([])
def test_order_is_that_of_a_stable_sort(values: list[int]) -> None:
    assert order(np.array(values, np.uint64)).tolist() == sorted(range(len(values)), key=lambda i: values[i])


@pytest.mark.parametrize("bits", [1, 11, 12, 33, 64])
def test_order_of_many(bits: int) -> None:
    values = np.random.default_rng(bits).integers(0, 1 << bits, 20_000, np.uint64)
    assert (order(values) == np.argsort(values, kind="stable")).all()
