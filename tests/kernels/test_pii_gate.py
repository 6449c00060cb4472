"""The gate before the recogniser: what it must flag, what it should not, and that it never hides a find."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.kernels.pii_gate import PROVINCES, flag
from curate.pii.normal import DIGITS, normal
from curate.pii.recogniser import PLATE, ChineseRecognizer
from curate.pii.rules import rules
from curate.records import text_buffers

from ..pii.values import texts


def flags(column: pa.Array) -> list[bool]:
    out = np.zeros(len(column), np.bool_)
    flag(*text_buffers(column), out)
    return [bool(x) for x in out]


CASES = [
    ("1234567", True, "seven digits"),
    ("123456", False, "six"),
    ("１２３４５６７", True, "full width"),
    ("12３45６7", True, "both"),
    ("(0851) - 12", False, "six with separators"),
    ("(0851) -123", True, "three separators between two digits"),
    ("0851 ( - 123", False, "four separators"),
    ("0851　－·123", True, "full-width separators"),
    ("123\u200b4567", True, "zero-width space"),
    ("123\u00a04567", True, "no-break space"),
    ("123—4567", True, "dash"),
    ("123・4567", True, "middle dot of Japanese"),
    ("\ufeff123\ufeff4567", True, "byte-order mark"),
    ("123、4567", False, "a comma parts numbers"),
    ("123\n4567", True, "a line may end inside a number"),
    ("12345年6月7日", False, "so does Han"),
    ("a@b", True, "an @ between letters"),
    ("@Override", False, "an @ at the start"),
    ("a @b", False, "a space before the @"),
    ("a@ b", False, "a space behind the @"),
    ("ａ＠ｂ", True, "full width"),
    ("贵A", True, "a province and a capital"),
    ("贵a", False, "small letter"),
    ("贵·A", True, "dot between"),
    ("贵 A", True, "space between"),
    ("贵　Ａ", True, "both in full width"),
    ("贵  A", False, "two spaces"),
    ("图A", False, "no province"),
    ("·A", False, "nothing before the dot"),
    ("", False, "empty"),
    ("😀贵A", True, "four bytes before it"),
]


@pytest.mark.parametrize(("text", "expected", "why"), CASES)
def test_table(text: str, expected: bool, why: str) -> None:
    assert flags(pa.array([text])) == [expected], why


def test_texts_do_not_run_into_each_other() -> None:
    column = pa.array(["1234", "567", "贵", "A", "a@", "b", None, "1234567"])
    assert flags(column) == [False] * 7 + [True]
    assert flags(column.slice(1, 3)) == [False] * 3
    assert flags(column.slice(7)) == [True]
    assert flags(column.slice(8)) == []
    assert flags(pa.array([], pa.string())) == []


def test_provinces_are_those_of_the_recogniser() -> None:
    assert all(PLATE.match(f"{sign}A") for sign in PROVINCES)
    assert len(PLATE.pattern.partition("]")[0]) - 1 == len(PROVINCES)


def slow(text: str) -> bool:
    """What the recogniser's own gates would let through, at least."""
    plain = normal(text)
    return bool(DIGITS.search(plain) or PLATE.search(plain))


@settings(max_examples=300)
@given(st.lists(st.text("0123456789０９ -－—()（）.·・ \u3000\u200b,年贵新图AＡa@＠😀", max_size=30), max_size=5))
def test_flags_whatever_the_recognisers_gates_pass(some: list[str]) -> None:
    for text, flagged in zip(some, flags(pa.array(some, pa.string())), strict=True):
        assert flagged or not slow(text)


RECOGNIZER = ChineseRecognizer()
OWN = {rule.row.entity for rule in rules()} - {
    rule.row.entity for rule in rules() if rule.row.gate not in ("digits", "at", "plate")
}
"""What no other gate looks for."""


@settings(max_examples=400)
@given(st.lists(texts, max_size=4))
def test_a_text_with_a_find_is_always_flagged(some: list[str]) -> None:
    for text, flagged in zip(some, flags(pa.array(some, pa.string())), strict=True):
        assert flagged or not [hit for hit in RECOGNIZER.hits(text) if hit.entity in OWN]


def test_few_statutes_are_flagged(shared: Path) -> None:
    files = sorted((shared / "data/corpora/laws").glob("*/*.*"))[::10]
    column = pa.array([file.read_text("utf-8", errors="replace") for file in files])
    flagged = flags(column)
    assert len(flagged) > 100
    assert sum(flagged) <= 0.08 * len(flagged)
    assert not any(RECOGNIZER.hits(text) for text, one in zip(column.to_pylist(), flagged, strict=True) if not one)
