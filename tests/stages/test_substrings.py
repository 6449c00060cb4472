"""Repeated runs: what all windows compared in plain Python give, however the work is cut."""

from __future__ import annotations

import random
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from curate.stages import substrings
from curate.stages.substrings import Substrings

from ..windows import repeated
from .driver import records, run

LETTERS = "黔é𠮷x \n酒曲"
PIECES = st.text(st.sampled_from(LETTERS), max_size=24)


def pieced(pieces: list[str], picks: list[list[int]], breaks: random.Random) -> list[str]:
    """Texts put together of common pieces, with a character of their own between them now and then."""
    return [
        "".join(pieces[p % len(pieces)] + breaks.choice(["", "", LETTERS[p % len(LETTERS)]]) for p in of)
        for of in picks
    ]


TEXTS = st.builds(
    pieced,
    st.lists(PIECES, min_size=1, max_size=6),
    st.lists(st.lists(st.integers(0, 30), max_size=5), max_size=7),
    st.randoms(use_true_random=False),
)


def stage(**fields: Any) -> Substrings:
    """A stage of short windows, which a recipe may not have."""
    return Substrings.model_construct(**fields)


def plain(texts: list[str], ids: list[str], least: int, remove: bool, least_left: int) -> list[tuple[str, int, object]]:
    """Text, `repeated` and the fate of every record."""
    held, lost = repeated(texts, ids, least)
    out: list[tuple[str, int, object]] = []
    for text, of, without in zip(texts, held, lost, strict=True):
        if not remove or not without:
            out.append((text, len(of), None))
            continue
        text = "".join(c for p, c in enumerate(text) if p not in without)
        left = sum(not c.isspace() for c in text)
        fate = ("only_repeats", left, least_left) if left < least_left else None
        out.append((text, len(of), fate))
    return out


def outcome(marked: Any) -> list[tuple[str, int, object]]:
    if not marked.num_rows:
        return []
    dropped = marked["dropped"].to_pylist() if "dropped" in marked.column_names else [None] * marked.num_rows
    fates = [d and (d["reason"], d["value"], d["threshold"]) for d in dropped]
    return list(zip(marked["text"].to_pylist(), marked["repeated"].to_pylist(), fates, strict=True))


@settings(max_examples=150, deadline=None)
@given(
    texts=TEXTS,
    least=st.sampled_from([4, 5, 7, 9, 12, 16, 20]),
    remove=st.booleans(),
    least_left=st.integers(0, 4),
    order=st.randoms(use_true_random=False),
    batch_rows=st.integers(1, 10),
    cuts=st.integers(1, 4),
    small=st.booleans(),
)
def test_runs_are_those_of_all_windows(
    texts: list[str],
    least: int,
    remove: bool,
    least_left: int,
    order: random.Random,
    batch_rows: int,
    cuts: int,
    small: bool,
) -> None:
    table = records(texts)
    rows = list(range(len(texts)))
    order.shuffle(rows)
    table = table.take(pa.array(rows, pa.int64()))
    ids, shuffled = table["id"].to_pylist(), table["text"].to_pylist()
    with pytest.MonkeyPatch.context() as patch:
        if small:  # one group, one text and one context at a time
            patch.setattr(substrings, "CONTEXT_POINTS", 1)
            patch.setattr(substrings, "TEXT_BYTES", 1)
            patch.setattr(substrings, "CLASSES", 1)
        marked = run(stage(least=least, remove=remove, least_left=least_left), table, batch_rows, cuts)
    assert marked["id"].to_pylist() == ids
    assert outcome(marked) == plain(shuffled, ids, least, remove, least_left)


A = "端午踩曲重阳下沙一二三四五六七八九十"
B = "赤水河畔清流蒸煮发酵甲乙丙丁戊己庚辛"
C = "窖池封泥看花摘酒子丑寅卯辰巳午未申酉"


@pytest.mark.parametrize(
    ("texts", "left", "counted", "why"),
    [
        ([A, "", A[:15]], None, [0, 0, 0], "one character less than a window, and no text"),
        ([A[:16], "x" + A[:16]], [A[:16], "x"], [16, 16], "exactly one window, at the end"),
        ([A + "x", A + "y"], [A + "x", "y"], [18, 18], "at the beginning"),
        ([A + B + A, B[:5] + C], None, [0, 0], "twice, but in one record only"),
        ([A + "x" + A, A], [A + "x" + A, ""], [36, 18], "twice in one record, and in another"),
        ([A, A + "x" + A], [A, "x"], [18, 36], "both occurrences go"),
        ([A + B, B + C, C + A], [A + B, C, ""], [36, 36, 36], "a ring of three: each piece stays once"),
        ([A + "x" + B, "y" + A + B + "y"], [A + "x" + B, "yy"], [36, 36], "runs that touch are one"),
        (
            [A[:17] + "x", A[1:] + "y", A + "z"],
            [A[:17] + "x", A[17:] + "y", "z"],
            [17, 17, 18],
            "what three share, and what two and two do",
        ),
        (
            ["𠮷" * 3 + A + "𠮷", "𠀋" * 2 + A],
            ["𠮷" * 3 + A + "𠮷", "𠀋" * 2],
            [18, 18],
            "four bytes a character around",
        ),
        (["".join(chr(0x20000 + i) for i in range(20))] * 2, None, [20, 20], "and within"),
        (["-" * 100 + "x", "-" * 100 + "y"], None, [0, 0], "a rule is nobody's"),
        (
            [" " * 100 + A, " " * 100 + A],
            None,
            [26, 26],
            "of indentation only what windows with enough text take along",
        ),
    ],
)
def test_cases(texts: list[str], left: list[str] | None, counted: list[int], why: str) -> None:
    table = records(texts, "abcdef"[: len(texts)])
    reported = outcome(run(Substrings(least=16), table))
    assert reported == [(t, n, None) for t, n in zip(texts, counted, strict=True)], why
    removed = outcome(run(Substrings(least=16, remove=True, least_left=0), table))
    assert [n for _, n, _ in removed] == counted, "what was found, before removal"
    if left is not None:
        assert [t for t, _, _ in removed] == left, why


def test_the_least_id_keeps_a_window_whatever_the_order() -> None:
    texts = [A + "x", A + "y", A + "z"]
    marked = run(Substrings(least=16, remove=True), records(texts, ["c", "a", "b"]), batch_rows=1)
    assert outcome(marked) == [("x", 18, None), (A + "y", 18, None), ("z", 18, None)]
    assert marked["n_chars"].to_pylist() == [1, 19, 1]


def test_a_record_of_nothing_but_repeats_is_dropped() -> None:
    marked = run(
        Substrings(least=16, remove=True, least_left=2), records([A, f" {A}\n\u3000x", A + "xy"], ["a", "b", "c"])
    )
    assert outcome(marked)[1:] == [(" \n\u3000x", 18, ("only_repeats", 1.0, 2.0)), ("xy", 18, None)]


def test_short_records_without_repeats_are_not_dropped() -> None:
    marked = run(Substrings(least=16, remove=True), records(["", " ", "酒"]))
    assert outcome(marked) == [("", 0, None), (" ", 0, None), ("酒", 0, None)], "removal did not make them so"


def test_schema_is_the_same_with_and_without_removals() -> None:
    marked = run(Substrings(least=16, remove=True), records([A, B, A, C], ["a", "b", "c", "d"]), batch_rows=1)
    assert marked.schema.field("repeated").type == Substrings.adds["repeated"]
    assert Substrings(remove=True).edits
    assert not Substrings().edits


class Counting:
    """A corpus that counts the characters it was asked for."""

    def __init__(self, corpus: Any) -> None:
        self._corpus, self.chars = corpus, 0

    def take(self, addresses: Any, columns: Any) -> Any:
        table = self._corpus.take(addresses, columns)
        self.chars += sum(map(len, table["text"].to_pylist())) if "text" in columns else 0
        return table


def test_copies_are_read_once_and_a_period_is_no_product(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every anchor of 2000 copies is a group of 2000, and one sentence in a row is one group of all its occurrences."""
    rng = random.Random(4)
    page = "".join(chr(rng.randrange(0x4E00, 0x9000)) for _ in range(400))
    sentence = A * 3000
    texts = [page + str(i % 7) for i in range(2000)] + [sentence, sentence[5:], A + B]
    reduce, seen = Substrings.reduce, []

    def counted(self: Substrings, group: Any, corpus: Any) -> Any:
        seen.append(Counting(corpus))
        return reduce(self, group, seen[-1])

    monkeypatch.setattr(Substrings, "reduce", counted)
    marked = run(Substrings(remove=True), records(texts, [f"{i:04d}" for i in range(len(texts))]))
    assert seen[0].chars == sum(map(len, texts[:-1])), "each text once, and none that shares nothing"
    got = outcome(marked)
    assert got[0] == (page + "0", 401, None)
    assert [t for t, _, _ in got[1:9]] == ["1", "2", "3", "4", "5", "6", "", ""], "the first of each ending keeps that"
    assert got[2000] == (sentence, len(sentence), None)
    assert got[2001][1] == len(sentence) - 5
    assert got[2001][2] == ("only_repeats", 0.0, 1.0)
    assert got[2002] == (A + B, 0, None), "36 characters are no window"


def test_emit_is_lean() -> None:
    rows = Substrings().emit(records(["", A * 4, A]).to_batches()[0])
    assert rows.schema.names == ["anchor", "row", "at", "size"]
    assert set(rows["row"].to_pylist()) == {1}
    assert set(rows["size"].to_pylist()) == {8}, "216 bytes are fewer than 256"


@pytest.mark.parametrize("texts", [[], [""], [A * 9]])
def test_without_repeats(texts: list[str]) -> None:
    assert outcome(run(Substrings(remove=True), records(texts))) == [(t, 0, None) for t in texts]


@pytest.mark.parametrize(
    ("fields", "said", "why"),
    [
        ({"least": 15}, "greater than or equal to 16", "shorter runs are phrases of the language"),
        ({"least": 1001}, "less than or equal to 1000", "contexts are held whole"),
        ({"least_left": -1}, "greater than or equal to 0", "a count"),
        ({"drop": True}, "not permitted", "an unknown field"),
    ],
)
def test_wrong_parameters(fields: dict[str, object], said: str, why: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Substrings.model_validate(fields)
