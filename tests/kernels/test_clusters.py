"""Exact Jaccard, union-find and verification against plain Python."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.kernels.clusters import chunks, components, jaccard, jaccard_pairs, link, pending

from ..near_pairs import near_pairs
from .test_minhash import sets_of

# Values that share their low bits crowd the same places of an open-addressing table.
VALUES = st.one_of(st.integers(1, 40), st.integers(1, 40).map(lambda v: v << 32), st.integers(1, (1 << 64) - 1))
SETS = st.sets(VALUES, max_size=40)


def array(values: set[int]) -> np.ndarray:
    return np.array(sorted(values), np.uint64)


def plain_jaccard(a: set[int], b: set[int]) -> float:
    return len(a & b) / len(a | b) if a | b else 0.0


def plain_components(n: int, edges: list[tuple[int, int]]) -> list[int]:
    near: dict[int, set[int]] = {v: {v} for v in range(n)}
    for x, y in edges:
        joined = near[x] | near[y]
        for v in joined:
            near[v] = joined
    return [min(near[v]) for v in range(n)]


@given(SETS, SETS)
def test_jaccard_is_that_of_python_sets(a: set[int], b: set[int]) -> None:
    assert jaccard(array(a), array(b)) == jaccard(array(b), array(a)) == plain_jaccard(a, b)


@given(st.lists(SETS, min_size=1, max_size=6), st.data())
def test_jaccard_pairs(sets: list[set[int]], data: st.DataObject) -> None:
    index = st.integers(0, len(sets) - 1)
    pairs = np.array(data.draw(st.lists(st.tuples(index, index), max_size=8)), np.int64).reshape(-1, 2)
    left, right = np.ascontiguousarray(pairs[:, 0]), np.ascontiguousarray(pairs[:, 1])
    values = np.concatenate([array(s) for s in sets])
    bounds = np.concatenate([[0], np.cumsum([len(s) for s in sets])]).astype(np.int64)
    out = np.empty(len(pairs))
    jaccard_pairs(values, bounds, left, right, out)
    assert out.tolist() == [plain_jaccard(sets[x], sets[y]) for x, y in pairs]


def test_jaccard_on_real_texts(shared: Path) -> None:
    pairs, texts = near_pairs(shared)
    sets = sets_of(texts)
    for i, j, exact in pairs[::5]:
        assert jaccard(sets[i], sets[j]) == pytest.approx(exact, abs=5.1e-5)


@given(st.integers(1, 30), st.data())
def test_components_are_those_of_plain_python(n: int, data: st.DataObject) -> None:
    vertex = st.integers(0, n - 1)
    edges = data.draw(st.lists(st.tuples(vertex, vertex), max_size=40))
    left, right = np.array([e[0] for e in edges], np.int64), np.array([e[1] for e in edges], np.int64)
    assert components(left, right, n).tolist() == plain_components(n, edges)


@given(st.lists(st.integers(0, 9), max_size=40), st.integers(1, 50))
def test_chunks_cover_the_rows_within_their_bound(rows: list[int], most: int) -> None:
    doc, n_chars = np.array(rows, np.int64), np.arange(1, 11, dtype=np.uint32)
    bounds = chunks(doc, n_chars, most).tolist()
    assert bounds[0] == 0
    assert bounds[-1] == len(rows)
    for lo, hi in pairwise(bounds):
        assert lo < hi or not rows
        chars, before = (sum(int(n_chars[d]) for d in set(rows[lo:end])) for end in (hi, hi - 1))
        assert before < most, "a range ends with the row that fills it"
        assert chars >= most or hi == len(rows), "and no sooner"


@given(
    sets=st.lists(st.sets(st.integers(1, 12), min_size=1, max_size=12), min_size=1, max_size=12),
    sizes=st.lists(st.integers(1, 6), max_size=8),
    threshold=st.sampled_from([0.3, 0.5, 0.75, 0.8, 1.0]),
    look_back=st.sampled_from([1, 2, 100]),
    chunk=st.integers(1, 20),
    refuted=st.sampled_from([1, 64]),
    data=st.data(),
)
def test_linked_components_are_those_of_all_pairs(
    sets: list[set[int]],
    sizes: list[int],
    threshold: float,
    look_back: int,
    chunk: int,
    refuted: int,
    data: st.DataObject,
) -> None:
    """Whatever is skipped (connected or refuted pairs, documents not fetched), the components are those of every pair."""
    m = len(sets)
    members = st.permutations(range(m))
    buckets = [data.draw(members)[:size] for size in sizes]
    doc = np.array([d for bucket in buckets for d in bucket], np.int64)
    lengths = np.array([len(b) for b in buckets], np.int64)
    start = np.repeat(np.cumsum(lengths) - lengths, lengths)
    parent, memory = np.arange(m), np.zeros(refuted, np.uint64)
    edges, measured, count = np.empty((m, 2), np.int64), np.empty(m), 0
    for lo in range(0, len(doc), chunk):
        hi = min(lo + chunk, len(doc))
        wanted = np.zeros(m, np.bool_)
        pending(doc, start, lo, hi, look_back, parent, memory, wanted)
        index = np.full(m, -1, np.int64)
        fetched = np.flatnonzero(wanted)
        index[fetched] = np.arange(len(fetched))
        values = np.concatenate([array(sets[d]) for d in fetched] or [np.empty(0, np.uint64)])
        bounds = np.concatenate([[0], np.cumsum([len(sets[d]) for d in fetched])]).astype(np.int64)
        count = link(
            doc, start, lo, hi, look_back, parent, memory, index, values, bounds, threshold, edges, measured, count
        )
    found = [(int(x), int(y)) for x, y in edges[:count]]
    assert [plain_jaccard(sets[x], sets[y]) for x, y in found] == measured[:count].tolist()
    assert all(j >= threshold for j in measured[:count])
    wanted_pairs = [
        (b[i], b[j])
        for b in buckets
        for i in range(len(b))
        for j in range(max(0, i - look_back), i)
        if plain_jaccard(sets[b[i]], sets[b[j]]) >= threshold
    ]
    want = plain_components(m, wanted_pairs)
    assert plain_components(m, found) == want
    assert count == m - len(set(want)), "a forest has one edge less than vertices in each component"
