"""Anchors against plain winnowing: what a window selects depends on the window alone, and no window that counts is left out."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.kernels.anchors import anchors, gram
from curate.records import text_buffers

from ..windows import counts

LETTERS = st.text(st.sampled_from("黔é x𠮷\n-"), max_size=60)


def selected(texts: list[str], least: int, k: int) -> list[tuple[int, int, int]]:
    """(hash, text, byte) of every anchor."""
    found, where = anchors(*text_buffers(pa.array(texts, pa.string())), least, k)
    return [(int(h), int(w) >> 32, int(w) & 0xFFFFFFFF) for h, w in zip(found, where, strict=True)]


@settings(deadline=None)
@given(st.lists(LETTERS, max_size=5), st.integers(2, 12), st.data())
def test_every_window_that_counts_has_an_anchor_of_its_own_content(
    texts: list[str], least: int, data: st.DataObject
) -> None:
    k = data.draw(st.integers(1, least))
    found = selected(texts, least, k)
    content: dict[str, int] = {}
    at = set()
    for h, d, byte in found:
        text = texts[d].encode()[byte:].decode()  # fails inside a character
        assert content.setdefault(text[:k], h) == h, "equal k-grams have equal hashes"
        assert len(text) >= k
        at.add((d, len(texts[d]) - len(text)))
    assert len(set(content.values())) == len(content)
    assert len(at) == len(found), "none twice"
    alone: dict[str, str] = {}
    for d, text in enumerate(texts):
        wanted = set()
        for s in range(len(text) - least + 1):
            window = text[s : s + least]
            if counts(window):
                if window not in alone:
                    ((_, _, byte),) = selected([window], least, k)
                    alone[window] = window.encode()[byte:].decode()[:k]
                here = {p for p in range(s, s + least - k + 1) if text[p : p + k] == alone[window]}
                assert here & {p for doc, p in at if doc == d}, "a window selects by its content alone"
                wanted |= here
        assert {p for doc, p in at if doc == d} <= wanted, "and nothing is there that no window selects"


@pytest.mark.parametrize(
    ("window", "does", "why"),
    [
        ("端午制曲重阳下沙一年一个周期", True, "running text"),
        ("-" * 14, False, "a rule"),
        ("-=" * 7, False, "a rule of two characters"),
        ("| --- | --- |\n", False, "the head of an empty table"),
        ("……………………………………12", False, "a dot leader"),
        ("a b c d e f g ", False, "white space is half, and the first two tell nothing"),
        ("ab cd ef gh ij", True, "words of two letters"),
        ("\u3000\u2003\t\r\n\u00a0 \v黔山秀水赤河", False, "every kind of white space"),
    ],
)
def test_windows_that_count(window: str, does: bool, why: str) -> None:
    assert counts(window) == does, why
    assert (len(selected([window], len(window), 4)) == 1) == does, why


def test_there_are_few_anchors_and_growing_room_loses_none() -> None:
    rng = np.random.default_rng(1)
    text = "".join(map(chr, rng.integers(0x4E00, 0x9000, 100_000)))
    found = selected([text], 50, gram(50))
    assert len(found) == pytest.approx(len(text) * 2 / (50 - gram(50) + 2), rel=0.05)
    crowded = selected(["".join(chr(0x4E00 + (i * i) % 7919) for i in range(200_000))], 24, 16)
    assert len(crowded) > 200_000 * 3 / 16, "more than there is room for at first"
    assert len(set(crowded)) == len(crowded)


def test_a_text_that_repeats_itself_has_no_more_anchors_than_others() -> None:
    for period in ("黔山x", "黔山秀水赤河", "-=-黔"):
        text = period * (100_000 // len(period))
        assert len(selected([text], 50, gram(50))) <= len(text) / 30


@pytest.mark.parametrize(("least", "k"), [(1, 1), (8, 8), (16, 8), (24, 8), (50, 16), (1000, 333)])
def test_gram(least: int, k: int) -> None:
    assert gram(least) == k
