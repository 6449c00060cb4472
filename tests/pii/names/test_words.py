from __future__ import annotations

import re

import pytest

from curate.pii.names.data import rows
from curate.pii.names.profiles import profile
from curate.pii.names.words import HAN, Works, common_surnames, context, covered, figures, surname

COLUMNS = {
    "surnames": 2,
    "leads": 2,
    "titles": 2,
    "stop": 2,
    "context": 3,
    "transliteration": 1,
    "figures": 1,
    "given_latin": 1,
    "latin_stop": 1,
    "pinyin_surnames": 1,
}


@pytest.mark.parametrize("table", COLUMNS)
def test_tables_are_whole(table: str) -> None:
    found = rows(table)
    assert {len(row) for row in found} == {COLUMNS[table]}
    assert len(set(found)) == len(found)
    assert all(cell and cell == cell.strip() for row in found for cell in row)


def test_words_are_of_the_sizes_the_rules_expect() -> None:
    assert len({row[0] for row in rows("surnames")}) == len(rows("surnames")) >= 500
    assert all(re.fullmatch(f"[{HAN}]+", row[0]) for row in rows("surnames"))
    assert min(len(word) for word, kind in rows("stop") if kind != "tag") >= 2
    assert not common_surnames() & {row[0] for row in rows("surnames") if row[1] == "wordy"}
    assert figures() <= {row[0] for row in rows("figures")}
    assert all(-5 < float(row[2]) < 2 for row in rows("context"))


SURNAMES = [
    ("王芳", 1, "single"),
    ("欧阳明月", 2, "compound before its first character alone"),
    ("爱新觉罗氏", 4, "four characters"),
    ("𠮷田", 1, "beyond the first plane"),
    ("的话", 0, "none"),
    ("", 0, "no text"),
]


@pytest.mark.parametrize(("text", "length", "why"), SURNAMES, ids=[why for *_, why in SURNAMES])
def test_surname(text: str, length: int, why: str) -> None:
    assert surname(text, 0) == length


def test_context_takes_the_longest_word_on_either_side() -> None:
    assert context("李四定理", 0, 2) == -4.5
    assert context("副教授李四", 3, 5) == 1
    assert context("李四公司", 0, 2) == -1.5
    assert context("啊李四啊", 1, 3) == 0


def test_covered_by_a_word_that_reaches_beyond() -> None:
    text = "发给许可证的"
    at = text.index("许可")
    assert covered(text, at, at + 2)
    assert covered(text, at, at + 3)
    assert not covered(text, at - 1, at + 3)
    assert not covered("许可", 0, 2)


WORKS = [
    ("读《三国志》时", "三国", True, "title"),
    ("读《三国志》时", "时", False, "behind the title"),
    ("《张三与李四合同》", "张三", False, "paper about persons"),
    ("《张三", "张三", False, "never closed"),
    ("《" + "长" * 41 + "》", "长", False, "longer than titles are"),
]


@pytest.mark.parametrize(("text", "part", "inside", "why"), WORKS, ids=[why for *_, why in WORKS])
def test_works(text: str, part: str, inside: bool, why: str) -> None:
    at = text.index(part)
    assert Works(text).hold(at, at + len(part)) is inside


def test_profiles() -> None:
    fast, balanced, recall = profile("fast"), profile("balanced"), profile("recall")
    assert (fast.cascade, balanced.cascade, recall.cascade) == (False, True, True)
    assert fast.peak > balanced.peak > recall.peak
    assert all(one.low < one.peak <= one.single for one in (fast, balanced, recall))
