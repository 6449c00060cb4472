"""Runs of bytes against plain Python on characters."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.kernels.runs import covered, cut, union, visible
from curate.records import text_buffers

RUN = st.tuples(st.integers(0, 3), st.integers(0, 12), st.integers(1, 5))
TEXTS = st.lists(st.text(st.sampled_from("aé酒𠮷 \u3000\n"), max_size=12), max_size=6)


@settings(deadline=None)
@given(st.lists(RUN, max_size=20))
def test_union_is_that_of_positions(runs: list[tuple[int, int, int]]) -> None:
    runs.sort()
    text = np.array([r[0] for r in runs], np.int64)
    start = np.array([r[1] for r in runs], np.uint32)
    stop = np.array([r[1] + r[2] for r in runs], np.uint32)
    n = union(text, start, stop)
    got = list(zip(text[:n].tolist(), start[:n].tolist(), stop[:n].tolist(), strict=True))
    want = {(a, p) for a, s, size in runs for p in range(s, s + size)}
    assert [(a, p) for a, s, e in got for p in range(s, e)] == sorted(want)
    assert not {(a, e) for a, _, e in got} & {(a, s) for a, s, _ in got}, "runs that touch are one"


@settings(deadline=None)
@given(TEXTS, st.data(), st.integers(0, 2))
def test_covered_and_cut_are_those_of_characters(texts: list[str], data: st.DataObject, skipped: int) -> None:
    skipped = min(skipped, len(texts))
    column = pa.array(texts, pa.string()).slice(skipped)  # offsets that do not begin at 0
    texts = texts[skipped:]
    gone = [sorted(data.draw(st.sets(st.integers(0, len(t) - 1)))) if t else [] for t in texts]
    runs = [(d, len(texts[d][:p].encode()), len(texts[d][: p + 1].encode())) for d, of in enumerate(gone) for p in of]
    row, start, stop = (np.array([r[i] for r in runs], np.uint32) for i in range(3))
    counts = np.zeros(len(texts), np.int32)
    covered(*text_buffers(column), row, start, stop, counts)
    assert counts.tolist() == [len(of) for of in gone]
    left, offsets = cut(*text_buffers(column), row, start, stop)
    got = pa.StringArray.from_buffers(len(texts), pa.py_buffer(offsets), pa.py_buffer(left))
    got.validate(full=True)
    want = ["".join(c for p, c in enumerate(t) if p not in of) for t, of in zip(texts, gone, strict=True)]
    assert got.to_pylist() == want
    rows = np.arange(len(texts))[::-1].copy()
    seen = np.empty(len(texts), np.int64)
    visible(left, offsets, rows, seen)
    assert seen.tolist() == [sum(not c.isspace() for c in want[r]) for r in rows]
