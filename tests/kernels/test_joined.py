"""Runs of signs between characters taken out, held against a slow way that looks at every run by itself."""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.kernels.joined import BETWEEN, BREAK, NOTHING, joined
from curate.kernels.utf8 import CODE_POINTS
from curate.records import text_buffers

KINDS = np.zeros(CODE_POINTS, np.uint8)
for c in "ab1":
    KINDS[ord(c)] = ord(c)
KINDS[ord("Ａ")] = ord("a")
for c in "*- ":
    KINDS[ord(c)] = BETWEEN
for c in "。\n":
    KINDS[ord(c)] = BREAK
KINDS[ord("\u200b")] = NOTHING


def fast(texts: list[str], most: int) -> list[str]:
    data, offsets = joined(*text_buffers(pa.array(["x", *texts], pa.string())[1:]), KINDS, most)
    return [bytes(data[a:b]).decode() for a, b in pairwise(offsets)]


def slow(text: str, most: int) -> str:
    text = text.replace("\u200b", "").replace("Ａ", "a")

    def kept(run: re.Match[str]) -> str:
        before, after = text[: run.start()][-1:], text[run.end() :][:1]
        ends = not before or not after or before in "。\n" or after in "。\n"
        return run[0] if ends or len(run[0]) > most or (before in "ab1" and after in "ab1") else ""

    return re.sub("[* -]+", kept, text)


CASES = [
    ("毒*品", 2, "毒品", "a sign between"),
    ("毒 - 品", 3, "毒品", "three of them"),
    ("毒 - 品", 2, "毒 - 品", "more than may be"),
    ("毒*\u200b*品", 2, "毒品", "what is not seen does not count and does not part a run"),
    ("\u200b毒\u200b品\u200b", 0, "毒品", "and goes everywhere"),
    ("毒*。品", 2, "毒*。品", "a clause ends"),
    ("毒。*品", 2, "毒。*品", "a clause ends before the run"),
    ("*毒*", 2, "*毒*", "nothing on the other side"),
    ("a b", 2, "a b", "words of ASCII stay apart"),
    ("a 品", 2, "a品", "a letter and a Han character"),
    ("Ａ 1", 2, "a 1", "a full-width letter is one of ASCII"),
    ("😀*é", 1, "😀é", "characters of four and two bytes"),
    ("", 2, "", "nothing"),
]


@pytest.mark.parametrize(("text", "most", "expected", "why"), CASES)
def test_cases(text: str, most: int, expected: str, why: str) -> None:
    assert fast([text], most) == [expected] == [slow(text, most)], why
    assert fast(["毒", text, "品*"], most) == ["毒", expected, "品*"], "nothing crosses from text to text"


@given(st.lists(st.text("毒品é😀ab1Ａ*- 。\n\u200b", max_size=25), max_size=4), st.integers(0, 4))
def test_as_the_slow_way(texts: list[str], most: int) -> None:
    assert fast(texts, most) == [slow(text, most) for text in texts]
