"""Searches in stored signatures against plain Python."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.kernels.earlier import nearest, same

PERMUTATIONS, WIDTH = 8, 16
DIGESTS = st.builds(lambda head, tail: bytes([head] * 8 + [tail] * 8), st.integers(0, 3), st.integers(0, 2))
SIGNATURES = st.lists(st.integers(0, 1), min_size=PERMUTATIONS, max_size=PERMUTATIONS)


def array(digests: list[bytes]) -> Any:
    return np.frombuffer(b"".join(digests), np.uint8).reshape(-1, WIDTH)


def heads(digests: list[bytes]) -> Any:
    return np.frombuffer(b"".join(d[:8] for d in digests), "<u8")


@given(st.lists(DIGESTS, max_size=20), st.lists(DIGESTS, max_size=10))
def test_the_first_record_with_the_same_digest(stored: list[bytes], wanted: list[bytes]) -> None:
    """Heads agree often, tails less: what agrees in its head alone is not the same."""
    keys = heads(stored)
    order = np.argsort(keys, kind="stable").astype(np.uint32)
    found = np.empty(len(wanted), np.int64)
    same(heads(wanted), array(wanted), keys[order], order, array(stored), found)
    assert found.tolist() == [stored.index(d) if d in stored else -1 for d in wanted]


def store_of(signatures: list[list[int]], rows: int, ids: list[int]) -> tuple[Any, Any, Any, Any]:
    """Keys, rows, signatures and ranks, as a store has them; a band's key is its values as a number."""
    values = np.array(signatures, np.uint32).reshape(-1, PERMUTATIONS)
    by_id = np.argsort(ids, kind="stable")
    ranks = np.empty(len(ids), np.uint32)
    ranks[by_id] = np.arange(len(ids))
    bands = keys_of(values, rows)
    order = [by_id[np.argsort(key[by_id], kind="stable")] for key in bands]
    keys = np.stack([key[o] for key, o in zip(bands, order, strict=True)])
    return np.ascontiguousarray(keys), np.stack(order).astype(np.uint32), values, ranks


def keys_of(values: Any, rows: int) -> Any:
    bands = values.reshape(len(values), PERMUTATIONS // rows, rows).astype(np.uint64)
    weights = (np.uint64(2) ** np.arange(rows, dtype=np.uint64)).astype(np.uint64)
    return np.ascontiguousarray((bands * weights).sum(axis=2).T.astype(np.uint64))


def plain(
    wanted: list[list[int]], stored: list[list[int]], ids: list[int], rows: int, look_back: int
) -> list[tuple[int, int]]:
    out = []
    for one in wanted:
        candidates = set()
        for lo in range(0, PERMUTATIONS, rows):
            bucket = [i for i, s in enumerate(stored) if s[lo : lo + rows] == one[lo : lo + rows]]
            candidates |= set(sorted(bucket, key=lambda i: ids[i])[:look_back])
        agree = {i: sum(a == b for a, b in zip(one, stored[i], strict=True)) for i in candidates}
        best = min(candidates, key=lambda i: (-agree[i], ids[i]), default=-1)
        out.append((best, agree.get(best, 0)))
    return out


@given(
    st.lists(SIGNATURES, max_size=25),
    st.lists(SIGNATURES, max_size=10),
    st.sampled_from([2, 4, 8]),
    st.integers(1, 30),
    st.randoms(use_true_random=False),
)
def test_the_nearest_of_those_that_share_a_key(
    stored: list[list[int]], wanted: list[list[int]], rows: int, look_back: int, rng: Any
) -> None:
    ids = rng.sample(range(1000), len(stored))
    keys, of, values, ranks = store_of(stored, rows, ids)
    queries = np.array(wanted, np.uint32).reshape(-1, PERMUTATIONS)
    found, equal = np.empty(len(wanted), np.int64), np.empty(len(wanted), np.int64)
    nearest(keys_of(queries, rows), queries, keys, of, values, ranks, look_back, found, equal)
    assert list(zip(found.tolist(), equal.tolist(), strict=True)) == plain(wanted, stored, ids, rows, look_back)


@pytest.mark.parametrize("row", [1, 2**32 - 1])
def test_a_row_that_is_none_is_not_read(row: int) -> None:
    """A damaged file must not make a search read what is not its own."""
    keys, of, values, ranks = store_of([[1] * PERMUTATIONS], 8, [7])
    of[:] = row
    found, equal = np.empty(1, np.int64), np.empty(1, np.int64)
    nearest(keys, values, keys, of, values, ranks, 64, found, equal)
    assert (found[0], equal[0]) == (-1, 0)
    digest = array([b"0" * WIDTH])
    same(heads([b"0" * WIDTH]), digest, heads([b"0" * WIDTH]), np.array([row], np.uint32), digest, found)
    assert found[0] == -1
