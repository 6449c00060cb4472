"""Windows around anchors: contexts are cut on characters, and hashes that collide are never taken for equal text.

What windows are found is tested with the stage, against all windows in plain Python.
"""

from __future__ import annotations

import random

import numpy as np
import pyarrow as pa

from curate.kernels.windows import classify, spans
from curate.records import text_buffers

BITS = 10


def colliding(seed: int) -> list[str]:
    """Two texts of 1025 characters with one polynomial hash modulo 2^64, whatever its odd base, and the same last one.

    Where they differ they do so by the Thue-Morse sequence: the difference of the hashes is a product of
    base^(2^i) - 1, which together have 64 factors of two.
    """
    rng = random.Random(seed)
    base = [rng.randrange(0x4E00, 0x9000) for _ in range(1 << BITS)]
    return ["".join(chr(c + (i.bit_count() + flip) % 2) for i, c in enumerate(base)) + "酒" for flip in (0, 1)]


def classes_of(texts: list[str], at: list[int], reach: int, width: int) -> tuple[np.ndarray, np.ndarray, list[int]]:
    """Contexts, classes and each text's class; all of one group, placed in their order."""
    n = len(texts)
    rows = np.array([[i, len(t[:a].encode()), 0, i] for i, (t, a) in enumerate(zip(texts, at, strict=True))], np.int64)
    table, of = np.full(4 * n, -1, np.int32), np.empty(n, np.int32)
    contexts, classes = np.empty((n + 1, width), np.uint32), np.empty((n + 1, 5), np.int64)
    data, offsets = text_buffers(pa.array(texts, pa.string()))
    end, count = classify(data, offsets, rows, 0, n, reach, table, 0, contexts, classes, of)
    assert end == n
    return contexts[:count], classes[:count], of.tolist()


def spans_of(contexts: np.ndarray, classes: np.ndarray, least: int, reach: int) -> list[list[int]]:
    out = np.empty((len(classes), 6), np.int32)
    spans(contexts, classes, np.arange(len(classes)), np.array([0, len(classes)]), least, reach, out)
    return out.tolist()


def test_colliding_hashes_are_not_equal_text() -> None:
    texts = colliding(1)
    width = len(texts[0])
    contexts, classes, of = classes_of(texts, [0, 0], 0, width)
    assert of == [0, 1], "two contexts of one hash are two classes"
    assert [s[:4] for s in spans_of(contexts, classes, width, 0)] == [[0, 0, 0, 0]] * 2, "no window is shared"
    contexts, classes, of = classes_of([*texts, texts[1], "x" + texts[0]], [0, 0, 0, 1], 0, width)
    assert of == [0, 1, 1, 0]
    held = [0, 3 * width]
    assert [s[:2] for s in spans_of(contexts, classes, width, 0)] == [held, held]
    assert classes[:, 3:].tolist() == [[0, 3], [1, 2]]


def test_contexts_end_with_the_text_and_on_characters() -> None:
    texts = ["é𠮷酒abcé𠮷", "x" * 9 + "é𠮷酒abcé𠮷xyz", "𠮷酒abcé", "𠮷酒abcé"]
    contexts, classes, of = classes_of(texts, [3, 12, 2, 2], 4, 11)
    assert of == [0, 1, 2, 2]
    assert classes[:, 1:3].tolist() == [[1, 9], [0, 11], [2, 8]]
    shown = ["".join(map(chr, c[lo:hi])) for c, (lo, hi) in zip(contexts, classes[:, 1:3], strict=True)]
    assert shown == ["é𠮷酒abcé𠮷", "xxé𠮷酒abcé𠮷"[1:] + "xy", "𠮷酒abcé"]


def test_spans_are_bytes_around_the_anchor() -> None:
    """Windows of 6 around `abc`; the first two texts share one that begins a character sooner than what all share."""
    texts = ["1𠮷酒éabcdé2", "3𠮷酒éabcdé4", "5酒éabcdé6"]
    contexts, classes, _ = classes_of(texts, [4, 4, 3], 3, 9)
    got = spans_of(contexts, classes, 6, 3)
    assert [s[:2] for s in got] == [[9, 6], [9, 6], [5, 6]]
    assert [s[2:4] for s in got] == [[0, 0], [9, 6], [5, 6]], "each loses what one before it holds"
    assert [s[4:] for s in got] == [[9, 7], [9, 7], [6, 7]], "a second record of a class would lose all that counts"
