"""Letters by script against plain Python."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.kernels.script import count, letters
from curate.kernels.utf8 import CODE_POINTS
from curate.records import text_buffers

from ..stages.rows import batch

CLASSES = {"a": 1, "é": 1, "酒": 2, "\U00020bb7": 2, "か": 3, "\U0010ffff": 4}
ALPHABET = "".join(CLASSES) + " 1，"


def table() -> np.ndarray:
    made = np.zeros(CODE_POINTS, np.uint8)
    for c, k in CLASSES.items():
        made[ord(c)] = k
    return made


@settings(deadline=None)  # the first call compiles
@given(st.lists(st.text(alphabet=ALPHABET, max_size=30)))
def test_counts(texts: list[str]) -> None:
    data, offsets = text_buffers(batch(texts)["text"])
    expected = [[sum(CLASSES.get(c, 0) == k for c in text) for k in range(5)] for text in texts]
    assert count(data, offsets, table(), 5).tolist() == expected


@settings(deadline=None)  # the first call compiles
@given(st.text(alphabet=ALPHABET, max_size=40), st.integers(1, 10))
def test_letters_are_the_first_that_are_wanted(text: str, most: int) -> None:
    data, offsets = text_buffers(batch(["x", text, "aaa"])["text"])
    wanted = np.array([False, True, False, True, False])
    out = letters(data, offsets[1], offsets[2], table(), wanted, most).tobytes().decode("utf-32-le")
    shown, found = "", 0
    for c in text:
        if found == most:
            break
        good = CLASSES.get(c) in (1, 3)
        found += good
        shown += c if good else " "
    assert out == " ".join(shown.split())
