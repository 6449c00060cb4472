"""The index of n-grams and the search in it against plain Python."""

from __future__ import annotations

import time
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.kernels.ngram_search import search
from curate.kernels.ngrams import NOBODY, Index, fold, index
from curate.records import text_buffers
from curate.stages.folding import CJK, fold_table, folded

WIDTH = 4
LETTER = 0.5
# Few characters, so that runs and repetitions happen; of one to four bytes, dropped ones, ones that become others or more.
TEXTS = st.text(alphabet="ab酒窖龍𠮷 ，Ａ½\x00", max_size=24)
ITEMS = st.lists(st.lists(TEXTS, min_size=1, max_size=2), min_size=1, max_size=6)


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    """Tables are made and kernels compiled before anything is timed."""
    found(["x"], [["酒窖酒窖"]])


Found = list[list[tuple[int, float, int]]]


def plain(text: str) -> str:
    return text.translate(folded())


def folded_points(texts: list[str]) -> tuple[np.ndarray, np.ndarray]:
    data, offsets = text_buffers(pa.array(texts, pa.string()))
    points = np.empty(len(data) + len(texts) + 1, np.uint32)
    bounds = np.empty(len(texts) + 1, np.int64)
    used = fold(data, offsets, *fold_table(), points, bounds)
    return points[:used].copy(), bounds


def indexed(items: list[list[str]], sets: list[int], most_items: int, phrases: list[str], width: int = WIDTH) -> Index:
    owners = [i for i, texts in enumerate(items) for _ in texts] + [NOBODY] * len(phrases)
    points, bounds = folded_points([text for texts in items for text in texts] + phrases)
    return index(points, bounds, np.array(owners, np.int32), np.array(sets, np.int32), width, most_items)


def found(
    records: list[str],
    items: list[list[str]],
    *,
    sets: list[int] | None = None,
    most_items: int = 99,
    phrases: list[str] | None = None,
    least: float = WIDTH,
    letter: float = LETTER,
    most: int = 20,
    width: int = WIDTH,
) -> Found:
    made = indexed(items, sets or [0] * len(items), most_items, phrases or [], width)
    data, offsets = text_buffers(pa.array(records, pa.string()))
    which, weights, chars, counts = search(
        data, offsets, *fold_table(), made, len(items), width, least, letter, CJK, most
    )
    return [
        list(zip(which[d, :n].tolist(), weights[d, :n].tolist(), chars[d, :n].tolist(), strict=True))
        for d, n in enumerate(counts)
    ]


def grams(text: str) -> list[str]:
    return [text[i : i + WIDTH] for i in range(len(text) - WIDTH + 1)]


def weight(run: str, letter: float = LETTER) -> float:
    return sum(letter if ord(c) < CJK else 1.0 for c in run)


def evidence(items: list[list[str]], sets: list[int], most_items: int, phrases: list[str]) -> set[str]:
    """The n-grams that stand in few enough items of every set and in no phrase."""
    of_item = [{g for text in texts for g in grams(plain(text))} for texts in items]
    seen = {g for own in of_item for g in own}
    for number in set(sets):
        here = [own for own, s in zip(of_item, sets, strict=True) if s == number]
        seen = {g for g in seen if sum(g in own for own in here) <= most_items}
    return seen - {g for phrase in phrases for g in grams(plain(phrase))}


def runs(record: str, text: str, allowed: set[str]) -> list[str]:
    """Every common run that cannot be longer and holds an n-gram of `allowed`."""
    out = []
    for i in range(len(record)):
        for j in range(len(text)):
            if i and j and record[i - 1] == text[j - 1]:
                continue
            k = 0
            while i + k < len(record) and j + k < len(text) and record[i + k] == text[j + k]:
                k += 1
            if allowed & set(grams(record[i : i + k])):
                out.append(record[i : i + k])
    return out


@given(st.lists(TEXTS, max_size=5))
def test_fold_is_str_translate(texts: list[str]) -> None:
    points, bounds = folded_points(texts)
    assert points.astype("<u4").tobytes().decode("utf-32-le") == "\0" + "".join(plain(t) + "\0" for t in texts)
    assert [points[a : b - 1].astype("<u4").tobytes().decode("utf-32-le") for a, b in pairwise(bounds)] == [
        plain(t) for t in texts
    ]


def test_fold_holds_for_every_character_there_is() -> None:
    every = [chr(c) for c in range(0x110000) if not 0xD800 <= c < 0xE000]
    points, _ = folded_points(["".join(every)])
    assert points[1:-1].astype("<u4").tobytes().decode("utf-32-le") == plain("".join(every))


@given(st.lists(TEXTS, max_size=3), ITEMS, st.data())
def test_what_is_found_is_what_plain_python_finds(
    records: list[str], items: list[list[str]], data: st.DataObject
) -> None:
    sets = sorted(data.draw(st.lists(st.integers(0, 2), min_size=len(items), max_size=len(items))))
    most_items, phrases = data.draw(st.integers(1, 3)), data.draw(st.lists(TEXTS, max_size=2))
    allowed = evidence(items, sets, most_items, phrases)
    got = found(records, items, sets=sets, most_items=most_items, phrases=phrases, letter=1.0)
    for record, per_item in zip(records, got, strict=True):
        assert per_item == sorted(per_item, key=lambda one: (-one[1], one[0])), "longest first, then as items stand"
        lengths = {item: chars for item, _, chars in per_item}
        for item, texts in enumerate(items):
            common = [run for text in texts for run in runs(plain(record), plain(text), allowed)]
            assert (item in lengths) == bool(common), "an item is found if and only if it shares a run"
            own = [g for text in texts for g in grams(plain(text))]
            if common and len(own) == len(set(own)):
                assert lengths[item] == max(map(len, common))
            elif common:  # it repeats itself: what is found is a run of it, perhaps not the longest
                assert WIDTH <= lengths[item] <= max(map(len, common))


@given(TEXTS.filter(lambda t: len(plain(t)) >= WIDTH), st.text(alphabet="cd ", max_size=5))
def test_a_text_is_found_whole_wherever_it_stands(text: str, around: str) -> None:
    repeated = len(set(grams(plain(text)))) < len(grams(plain(text)))
    (((item, _, chars),),) = found([around + text + around], [[text]], letter=1.0)
    assert item == 0
    assert chars == len(plain(text)) or repeated


def test_weight_counts_letters_as_told_and_is_what_decides() -> None:
    record = "酒窖温度abcdefgh水"
    assert found([record], [["酒窖温度ab"]], letter=0.5) == [[(0, 5.0, 6)]]
    assert found([record], [["abcdefgh"]], letter=0.5) == [[(0, 4.0, 8)]]
    assert found([record], [["abcdefg"]], letter=0.5) == [[]], "seven halves are under four"
    both = [["酒窖温度，，abcdefghi"], ["bcdefgh水"]]
    assert found([record], both, letter=0.25) == [[(0, 6.0, 12)]]
    # The run of more characters weighs less: the weightier is reported.
    assert found(["酒窖温度和abcdefgh"], [["酒窖温度", "abcdefgh"]], letter=0.25) == [[(0, 4.0, 4)]]


def test_a_longer_run_that_begins_inside_another_is_seen() -> None:
    assert found(["甲乙丙丁戊己"], [["甲乙丙丁，此外，乙丙丁戊己"]]) == [[(0, 5.0, 5)]]


def test_no_more_than_asked_for_and_the_longest_of_them() -> None:
    record = "甲乙丙丁戊己庚辛壬癸"
    items = [[record[: 4 + i % 5]] for i in range(30)]
    (got,) = found([record], items, most=7)
    assert [(item, chars) for item, _, chars in got] == [
        (4, 8), (9, 8), (14, 8), (19, 8), (24, 8), (29, 8), (3, 7),
    ]  # fmt: skip


def test_a_run_goes_on_over_what_is_no_evidence_but_does_not_rest_on_it() -> None:
    phrase = "下列说法中错误的是"
    items = [[f"{phrase}{c}酒曲"] for c in "甲乙丙丁戊"]
    assert found([phrase], items, most_items=4) == [[]]
    assert found([f"题：{phrase}丙酒曲。"], items, most_items=4) == [[(2, 12.0, 12)]]
    assert len(found([phrase], items, most_items=5)[0]) == 5
    assert found([phrase], items, most_items=4, sets=[0, 0, 0, 1, 1])[0], "each set is counted by itself"
    assert found([phrase], items, phrases=[phrase]) == [[]]
    assert found([phrase], [[phrase]], phrases=[phrase[:-1]]) == [[(0, 9.0, 9)]]


def test_a_run_does_not_cross_texts() -> None:
    assert found(["甲乙丙丁戊己"], [["甲乙丙", "丁戊己"], ["甲乙丙"], ["丁戊己"]]) == [[]]


@pytest.mark.parametrize(
    ("records", "item"),
    [
        ("酒" * 300_000, "酒" * 2000 + "窖"),
        ("酒窖" * 150_000, "酒窖" * 2000 + "酒酒"),
        (("酒" * 999 + "窖") * 300, "酒" * 3000),
        ("甲乙丙丁戊" * 60_000, "".join("甲乙丙丁戊"[i % 5] for i in range(4000))),
    ],
)
def test_repetition_takes_linear_time(records: str, item: str) -> None:
    began = time.process_time()
    (got,) = found([records], [[item], [item], [item[1:]]], most_items=1000)
    assert time.process_time() - began < 0.5, "all pairs of places would take minutes"
    assert {one[0] for one in got} == {0, 1, 2}
    assert all(chars <= len(item) for _, _, chars in got)


def test_nothing_to_find_and_nothing_to_search() -> None:
    assert found([], [["甲乙丙丁"]]) == []
    assert found(["", "甲", "甲乙丙"], [["甲乙丙丁"]]) == [[], [], []]
    assert found(["甲乙丙丁"], [["甲乙丙"], [""]]) == [[]]
    assert found(["，。！" * 50], [["，。！？" * 9]]) == [[]], "signs alone are nothing"


def test_a_long_document_is_looked_at_to_its_end() -> None:
    """Blocks of places meet without a gap."""
    rng = np.random.default_rng(5)
    text = "".join(map(chr, rng.integers(0x4E00, 0x9FA5, 10_000)))
    text = "".join(c for c in plain(text))
    for at in [*range(4080, 4100), *range(8180, 8200), len(text) - WIDTH]:
        assert found([text], [[text[at : at + WIDTH]]]) == [[(0, 4.0, 4)]], at
