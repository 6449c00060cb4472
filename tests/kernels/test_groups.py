"""Repeated keys against plain Python."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.kernels.groups import count, often, table

KEYS = st.one_of(st.integers(0, 9), st.integers(0, (1 << 64) - 1))


def found(parts: list[list[int]], part: int = 0, ranges: int = 1) -> list[list[int]]:
    keys = [np.array(part, np.uint64) for part in parts]
    seen = table(sum(map(len, keys)))
    for key in keys:
        count(key, part, ranges, seen)
    out = []
    for key in keys:
        rows = np.empty(len(key), np.uint32)
        out.append(rows[: often(key, part, ranges, seen, 1, rows)].tolist())
    return out


@given(st.lists(st.lists(KEYS, max_size=30), max_size=4))
def test_no_repeated_key_is_missed(parts: list[list[int]]) -> None:
    times = Counter(key for part in parts for key in part)
    for part, rows in zip(parts, found(parts), strict=True):
        assert {row for row, key in enumerate(part) if times[key] > 1} <= set(rows)
        assert rows == sorted(set(rows))
        assert all(row < len(part) for row in rows)


@pytest.mark.parametrize("copies", [2, 256])
def test_many_copies_of_one_key_are_not_forgotten(copies: int) -> None:
    """Counts of a byte must not come round to 0."""
    assert found([[7] * copies]) == [list(range(copies))]


def test_most_single_keys_are_left_out() -> None:
    keys = np.random.default_rng(3).integers(0, 1 << 64, 50_000, np.uint64).tolist()
    assert len(found([keys])[0]) < 0.25 * len(keys)


@pytest.mark.parametrize(("keys", "places"), [(0, 2), (1, 4), (2, 8), (1000, 4096), (1025, 8192)])
def test_table_has_four_to_eight_places_for_each_key(keys: int, places: int) -> None:
    assert len(table(keys)) == places


@given(st.lists(KEYS, max_size=30), st.integers(1, 5))
def test_each_key_is_in_one_range_and_equal_keys_in_the_same(keys: list[int], ranges: int) -> None:
    array, empty = np.array(keys, np.uint64), table(0)
    where: dict[int, set[int]] = {}
    rows = []
    for part in range(ranges):
        at = np.empty(len(keys), np.uint32)
        at = at[: often(array, part, ranges, empty, 0, at)]
        rows += at.tolist()
        for row in at:
            where.setdefault(keys[row], set()).add(part)
    assert sorted(rows) == list(range(len(keys)))
    assert all(len(parts) == 1 for parts in where.values())
    order = sorted(where, key=lambda key: key)
    assert [min(where[key]) for key in order] == sorted(min(where[key]) for key in order), (
        "ranges are in the keys' order"
    )


@given(st.lists(KEYS, max_size=30), st.integers(1, 5))
def test_no_repeated_key_is_missed_in_its_range(keys: list[int], ranges: int) -> None:
    times = Counter(keys)
    rows = {row for part in range(ranges) for row in found([keys], part, ranges)[0]}
    assert {row for row, key in enumerate(keys) if times[key] > 1} <= rows
