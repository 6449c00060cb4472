"""Terms found in texts, held against Python's own search at every place."""

from __future__ import annotations

import math

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.kernels.terms import count, vocabulary, weigh
from curate.records import text_buffers


def wordy(c: str) -> bool:
    return c.isascii() and c.isalnum()


def slowly(text: str, terms: list[str]) -> dict[str, int]:
    """What the kernel should find: every place of every term, but none inside a longer ASCII word."""
    low = "".join(c.lower() if c.isascii() else c for c in text)
    out: dict[str, int] = {}
    for term in terms:
        for i in range(len(low) - len(term) + 1):
            after = i + len(term)
            if (
                low.startswith(term, i)
                and not (i and wordy(term[0]) and wordy(low[i - 1]))
                and not (after < len(low) and wordy(term[-1]) and wordy(low[after]))
            ):
                out[term] = out.get(term, 0) + 1
    return out


def found(texts: list[str], terms: list[str], start: int = 0) -> list[dict[str, int]]:
    got = count(*text_buffers(pa.array(texts, pa.string())[start:]), vocabulary(terms))
    assert got.chars.tolist() == [len(t) for t in texts[start:]]
    return [
        {terms[got.terms[k]]: int(got.counts[k]) for k in range(got.starts[d], got.starts[d + 1])}
        for d in range(len(texts) - start)
    ]


CASES = [
    ("瓦斯超限，瓦斯超限", {"瓦斯": 2, "瓦斯超限": 2}, "a term inside another counts too"),
    ("哈哈哈", {"哈哈": 2}, "terms overlap"),
    ("瓦", {}, "the beginning of a term"),
    ("", {}, "nothing"),
    ("PE管和pe管", {"pe管": 2}, "capitals are small letters"),
    ("ape管", {}, "a term that begins with a letter stands at the beginning of a word"),
    ("管PE管", {"pe管": 1}, "Han before it is no word"),
    ("用lng，用LNG2", {"lng": 1}, "a term that ends with a letter stands at the end of a word"),
    ("é瓦斯😀瓦斯", {"瓦斯": 2}, "characters of two and four bytes"),
    ("gb/t 26760", {"gb/t 26760": 1}, "spaces and signs inside a term"),
    ("超限瓦斯", {"瓦斯": 1}, "a term at the end"),
]
TERMS = ["瓦斯", "瓦斯超限", "哈哈", "pe管", "lng", "gb/t 26760"]


@pytest.mark.parametrize(("text", "expected", "why"), CASES)
def test_cases(text: str, expected: dict[str, int], why: str) -> None:
    assert found([text], TERMS) == [expected], why
    assert slowly(text, TERMS) == expected, why
    assert found(["瓦斯超", text, "限"], TERMS) == [{"瓦斯": 1}, expected, {}], "nothing crosses from text to text"
    assert found(["x", text], TERMS, start=1) == [expected], "a sliced array"


LETTERS = "瓦斯aB1 é😀"


@given(
    st.lists(st.text(LETTERS.lower(), min_size=2, max_size=5), min_size=1, max_size=12, unique=True),
    st.lists(st.text(LETTERS, max_size=30), max_size=5),
)
def test_as_python_finds_them(terms: list[str], texts: list[str]) -> None:
    assert found(texts, terms) == [slowly(text, terms) for text in texts]


def test_more_finds_than_room_was_made_for() -> None:
    terms = [chr(0x4E00 + i) + chr(0x4E01 + i) for i in range(1500)]
    text = "".join(chr(0x4E00 + i) for i in range(1501))
    assert found([text, text], terms) == [dict.fromkeys(terms, 1)] * 2


def test_sums() -> None:
    got = count(*text_buffers(pa.array(["瓦斯瓦斯瓦斯超限", "哈哈"])), vocabulary(["瓦斯", "瓦斯超限", "哈哈"]))
    sums = np.zeros((2, 2))
    bounds = np.array([0, 2, 3, 3])
    weigh(got.starts, got.terms, got.counts, bounds, np.array([0, 1, 1], np.int32), np.array([3.0, -1.0, 2.0]), sums)
    assert sums[0].tolist() == pytest.approx([3 * math.log(4), -math.log(4) + 2 * math.log(2)])
    assert sums[1].tolist() == [0, 0]
