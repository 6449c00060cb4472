"""Counting: a table made by hand, each row with its reason."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from curate.errors import UserError
from curate.pii.evaluation import BATCH, COMMON_LABELS, Evaluation, evaluate, finder
from curate.pii.labelled import Labelled, Mark
from curate.pii.rules import Hit

TEXT = "0123456789" * 2
Spans = list[tuple[int, int, str]]


class Fixed:
    """Finds what it was told, and remembers how texts were batched."""

    def __init__(self, finds: Sequence[Spans]) -> None:
        self.finds = list(finds)
        self.batches: list[int] = []

    def find_many(self, texts: Sequence[str]) -> list[list[Hit]]:
        self.batches.append(len(texts))
        now, self.finds = self.finds[: len(texts)], self.finds[len(texts) :]
        return [[Hit(entity, start, end, 0.9) for start, end, entity in finds] for finds in now]


def measured(gold: Spans, found: Spans, traps: Spans = []) -> Evaluation:  # noqa: B006
    row = Labelled(TEXT, tuple(Mark(*g) for g in gold), tuple(Mark(*t) for t in traps))
    return evaluate([row], Fixed([found]))


M, P, A = "CN_MOBILE", "PERSON", "ADDRESS"


@pytest.mark.parametrize(
    ("gold", "found", "counts", "false", "why"),
    [
        # counts: gold, found, right, leaked, missed, right characters of M
        ([(0, 4, M)], [(0, 4, M)], (1, 1, 1, 0, 0, 4), {}, "found as it is"),
        ([(0, 4, M)], [], (1, 0, 0, 4, 4, 0), {}, "not found: all its characters leak"),
        (
            [(0, 4, M)],
            [(0, 3, M)],
            (1, 1, 0, 1, 1, 3),
            {(M, "wrong edges"): 1},
            "cut: one character leaks, recall is strict",
        ),
        (
            [(0, 4, M)],
            [(0, 5, M)],
            (1, 1, 0, 0, 0, 4),
            {(M, "wrong edges"): 1},
            "too long: nothing leaks, yet not right",
        ),
        ([(0, 4, M)], [(0, 4, P)], (1, 0, 0, 0, 4, 0), {}, "found as something else: missed, not leaked"),
        ([(0, 4, M), (4, 8, M)], [(0, 8, M)], (2, 1, 0, 0, 0, 8), {(M, "wrong edges"): 1}, "one find over two"),
        ([(0, 4, M)], [(0, 2, M), (2, 4, M)], (1, 2, 0, 0, 0, 4), {(M, "wrong edges"): 2}, "two finds for one"),
        ([(0, 4, M)], [(0, 4, M), (0, 4, M)], (1, 1, 1, 0, 0, 4), {}, "the same find twice counts once"),
        ([(0, 4, M)], [(0, 4, M), (10, 14, M)], (1, 2, 1, 0, 0, 4), {(M, "ordinary text"): 1}, "one false beside it"),
        ([(0, 4, M)], [(4, 6, M)], (1, 1, 0, 4, 4, 0), {(M, "batch"): 1}, "beside it is no overlap; in a trap"),
        ([(0, 4, M)], [(8, 9, M)], (1, 1, 0, 4, 4, 0), {(M, "ordinary text"): 1}, "behind the trap, not in it"),
        ([(9, 10, M)], [(3, 4, M)], (1, 1, 0, 1, 1, 0), {(M, "ordinary text"): 1}, "before the trap, not in it"),
        ([(0, 4, M), (8, 9, A)], [(8, 9, M)], (1, 1, 0, 4, 4, 0), {(M, "labelled as ADDRESS"): 1}, "another entity"),
    ],
)
def test_counts(
    gold: Spans, found: Spans, counts: tuple[int, ...], false: dict[tuple[str, str], int], why: str
) -> None:
    counted = measured(gold, found, [(4, 8, "batch")] if "trap" in why else [])
    tally = counted.tallies[M]
    got = (tally.gold, tally.found, tally.right, tally.leaked_chars, tally.missed_chars, tally.right_chars)
    assert got == counts, why
    assert {key: n for key, n in counted.false.items() if key[0] == M} == false, why


def test_shares_and_intervals() -> None:
    counted = evaluate(
        [Labelled(TEXT, (Mark(0, 4, M), Mark(4, 8, M), Mark(8, 12, M), Mark(12, 16, M)))],
        Fixed([[(0, 4, M), (4, 8, M), (8, 12, M), (16, 18, M)]]),
    )
    told = counted.as_dict()["entities"][M]
    # Wilson's interval of 3 of 4, worked out by hand: (0.75 + z²/8 ± z·sqrt(0.75·0.25/4 + z²/64)) / (1 + z²/4), z = 1.959964
    assert told["recall"] == {"share": 0.75, "low": 0.300642, "high": 0.954413}
    assert told["precision"] == told["recall"]
    assert told["leaked"] == 0.25
    assert told["char_precision"] == round(12 / 14, 6)


def test_all_right_is_not_certain() -> None:
    counted = evaluate([Labelled(TEXT, (Mark(0, 4, M),))] * 100, Fixed([[(0, 4, M)]] * 100))
    assert counted.as_dict()["entities"][M]["recall"] == {"share": 1.0, "low": 0.963007, "high": 1.0}


def test_what_the_labels_never_name_is_not_judged() -> None:
    told = measured([(0, 4, P)], [(0, 4, P), (10, 12, "PUBLIC_PHONE"), (13, 14, A)]).as_dict()
    assert list(told["entities"]) == [P]
    assert told["not_labelled"] == {"ADDRESS": 1, "PUBLIC_PHONE": 1}
    assert told["false"] == []


def test_labels_of_others() -> None:
    row = Labelled(TEXT, (Mark(0, 2, "PER"), Mark(2, 4, "人名"), Mark(4, 6, "LOC")))
    counted = evaluate([row], Fixed([[(0, 2, P), (2, 4, P)]]), {**COMMON_LABELS, "人名": P})
    assert (counted.tallies[P].gold, counted.tallies[P].right) == (2, 2)
    told = counted.as_dict()
    assert told["unknown_labels"] == 1
    assert "LOC" not in json.dumps(told), "an unknown label may be anything, a name too"


def test_recall_by_kind_where_the_labels_tell() -> None:
    row = Labelled(TEXT, (Mark(0, 4, M, "a"), Mark(4, 8, M, "b"), Mark(8, 9, M)))
    told = evaluate([row], Fixed([[(0, 4, M)]])).as_dict()["kinds"]
    assert [(k["entity"], k["kind"], k["gold"], k["right"]) for k in told] == [(M, "a", 1, 1), (M, "b", 1, 0)]


def test_batches() -> None:
    count = 2 * BATCH + 1
    fixed = Fixed([[(i % 5, 9, M)] for i in range(count)])
    counted = evaluate((Labelled(TEXT, (Mark(i % 5, 9, M),)) for i in range(count)), fixed)
    assert fixed.batches == [BATCH, BATCH, 1]
    assert (counted.texts, counted.chars, counted.tallies[M].right) == (count, count * len(TEXT), count)


def test_no_such_profile() -> None:
    with pytest.raises(UserError, match="--profile"):
        finder("slow")


def test_the_finder_finds() -> None:
    [[hit]] = finder("fast").find_many(["请发到tea@example.com"])
    assert (hit.entity, hit.start, hit.end) == ("EMAIL_ADDRESS", 3, 18)
