"""Lines, paragraphs and what is left without some of them, against plain Python."""

from __future__ import annotations

import re
from itertools import groupby, pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from curate.kernels import line_texts, lines
from curate.kernels.strike import strike
from curate.kernels.utf8 import CODE_POINTS
from curate.records import text_buffers

FORMS = ["第#页", "-#-"]
LEAST = 3

# One, two, three and four bytes; spaces of one and three; digits; what makes fences, forms and line ends.
LINE = st.one_of(
    st.sampled_from(
        [
            "",
            " ",
            "　",
            "\r",
            "```",
            "~~~~ py",
            " ```x",
            "```x```",
            "第 1 页",
            "第1204页",
            "第1 204页\r",
            "- 7 -",
            "酒窖房",
            "酒 窖房",
            "a1b2c",
            "a1b3c",
        ]
    ),
    st.text(alphabet="ab é酒窖𠮷1#-`\u3000\r", max_size=6),
)
TEXTS = st.lists(st.lists(LINE, max_size=14).map("\n".join), max_size=4)


def classes() -> np.ndarray:
    table = np.full(CODE_POINTS, lines.LETTER, np.uint8)
    for c in " \r\n\u3000":
        table[ord(c)] = lines.SPACE
    table[ord("0") : ord("9") + 1] = lines.DIGIT
    table[[ord(c) for c in "#-`~"]] = lines.SYMBOL
    return table


CLASSES = classes()


def spec(paragraphs: bool, forms: list[str] = FORMS) -> tuple[Any, ...]:
    table, counts = lines.forms(*text_buffers(pa.array(forms, pa.string())), CLASSES)
    return CLASSES, paragraphs, LEAST, table, counts


def shown(text: str) -> str:
    return re.sub(r"[ \r\n\u3000]", "", text)


def plain_key(text: str) -> str | None:
    visible = shown(text)
    folded = re.sub("[0-9]+", "#", visible)
    if folded in FORMS:
        return "form " + folded
    letters = len(re.sub("[0-9#`~-]", "", visible))
    return visible if letters >= LEAST else None


def plain_units(text: str, paragraphs: bool) -> list[tuple[str, bool, str | None]]:
    """The text in pieces: blank lines between units as one piece, and units with what they are compared by."""
    fence, marked = "", []
    for line in re.findall(r"[^\n]*\n|[^\n]+", text):
        inside = fence
        opening = re.match(r"[ \t]*(`{3,}|~{3,})(.*)", line, re.DOTALL)
        if fence:
            fence = "" if opening and opening[1][0] == fence else fence
        elif opening and not (opening[1][0] == "`" and "`" in opening[2]):
            fence = opening[1][0]
        marked.append((line, not shown(line), bool(inside or fence)))
    pieces = []
    for blank, group in groupby(marked, key=lambda m: m[1]):
        members = list(group)
        for part in [members] if blank or paragraphs else [[m] for m in members]:
            joined = "".join(line for line, _, _ in part)
            pieces.append((joined, blank, None if blank or any(g for _, _, g in part) else plain_key(joined)))
    return pieces


def found(texts: list[str], paragraphs: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    data, offsets = text_buffers(pa.array(texts, pa.string()))
    room = sum(text.count("\n") + 1 for text in texts)
    keys, rows, starts = np.empty(room, np.uint64), np.empty(room, np.uint32), np.empty(room, np.uint32)
    n = lines.find(data, offsets, *spec(paragraphs), keys, rows, starts)
    return keys[:n], rows[:n], starts[:n]


@settings(deadline=None)  # the first example loads the kernel
@given(TEXTS, st.booleans())
@example(["```\n酒窖房\n\n酒窖房\n```\n酒窖房"], True)
def test_find_is_plain_python(texts: list[str], paragraphs: bool) -> None:
    keys, rows, starts = found(texts, paragraphs)
    expected = []
    for row, text in enumerate(texts):
        at, seen = 0, set()
        for piece, _, key in plain_units(text, paragraphs):
            if key is not None and key not in seen:
                expected.append((row, at, key))
                seen.add(key)
            at += len(piece.encode())
    assert list(zip(rows.tolist(), starts.tolist(), strict=True)) == [(row, at) for row, at, _ in expected]
    same: dict[str, set[int]] = {}
    for key, (_, _, plain) in zip(keys.tolist(), expected, strict=True):
        same.setdefault(plain, set()).add(key)
    assert all(len(hashes) == 1 for hashes in same.values()), "equal units have one hash"
    assert len(set.union(set(), *same.values())) == len(same), "different units have different hashes"


def plain_strike(text: str, paragraphs: bool, going: dict[str, bool]) -> str:
    """The text without the units `going`; of one whose value is true the first copy stays."""
    kept_one: set[str] = set()
    out, gap = "", [""]  # gap: blank lines, one entry before each unit that goes and one behind the last
    for piece, blank, key in plain_units(text, paragraphs):
        if blank:
            gap[-1] = piece
        elif key in going and not (going[key] and key not in kept_one):
            gap.append("")
        else:
            if key in going:
                kept_one.add(key)
            out += _blanks(gap, out) + piece
            gap = [""]
    if len(gap) == 1:
        return out + gap[0]
    return out if text.endswith("\n") else re.sub(r"\r?\n\Z", "", out)


def _blanks(gap: list[str], out: str) -> str:
    if not out and len(gap) > 1:
        return gap[0]
    return next((blanks for blanks in gap if blanks), "")


@settings(deadline=None)  # the first example loads the kernel
@given(TEXTS, st.booleans(), st.data())
def test_strike_is_plain_python(texts: list[str], paragraphs: bool, data: st.DataObject) -> None:
    _, rows, starts = found(texts, paragraphs)
    chosen = np.array(data.draw(st.lists(st.booleans(), min_size=len(rows), max_size=len(rows))), np.bool_)
    keep = np.array(
        data.draw(st.lists(st.booleans(), min_size=int(chosen.sum()), max_size=int(chosen.sum()))), np.bool_
    )
    rows, starts = rows[chosen], starts[chosen]
    expected = []
    for row, text in enumerate(texts):
        going = {}
        at = 0
        for piece, _, key in plain_units(text, paragraphs):
            hit = np.flatnonzero((rows == row) & (starts == at))
            if len(hit) and key is not None:
                going[key] = bool(keep[hit[0]])
            at += len(piece.encode())
        expected.append(plain_strike(text, paragraphs, going))
    buffer, offsets = text_buffers(pa.array(texts, pa.string()))
    out, ends = np.empty(len(buffer), np.uint8), np.empty(len(offsets), np.int32)
    left = np.zeros(len(texts), np.int32)
    strike(buffer, offsets, *spec(paragraphs), rows, starts, keep, out, ends, left)
    got = [bytes(out[a:b]).decode() for a, b in pairwise(ends)]
    assert got == expected
    for row in set(rows.tolist()):
        assert left[row] == len(shown(got[row]))


@settings(deadline=None)  # the first example loads the kernel
@given(TEXTS, st.booleans())
def test_visible_and_agree_are_plain_python(texts: list[str], paragraphs: bool) -> None:
    _, rows, starts = found(texts, paragraphs)
    keys = []
    for row, at in zip(rows.tolist(), starts.tolist(), strict=True):
        rest = texts[row].encode()[at:].decode()
        keys.append(plain_key(plain_units(rest, paragraphs)[0][0]))
    data, offsets = text_buffers(pa.array(texts, pa.string()))
    n = len(rows)
    points, bounds = np.empty(len(data), np.uint32), np.empty(n + 1, np.int64)
    folded = np.empty(n, np.bool_)
    table = spec(paragraphs)[3]
    where = rows.astype(np.int64)
    line_texts.visible(data, offsets, CLASSES, paragraphs, table, where, starts, points, bounds, folded)
    written = [points[a:b].tobytes().decode("utf-32-le") for a, b in pairwise(bounds)]
    assert ["form " + text if f else text for text, f in zip(written, folded, strict=True)] == keys
    for k in range(n):
        which = np.full(n, k)
        out = np.empty(n, np.bool_)
        line_texts.agree(data, offsets, CLASSES, paragraphs, where, starts, which, points, bounds, folded, out)
        assert out.tolist() == [key == keys[k] for key in keys]


STRUCK = [
    # text, what goes, what is left, why
    ("正文一。\n页脚文字\n", "页脚文字", "正文一。\n", "a line goes with its line feed"),
    ("正文一。\n页脚文字", "页脚文字", "正文一。", "a text without a line feed at its end gets none"),
    ("正文一。\r\n页脚文字", "页脚文字", "正文一。", "nor half of one"),
    ("正文一。\r\n页脚文字\r\n正文二。\r\n", "页脚文字", "正文一。\r\n正文二。\r\n", "CRLF stays CRLF"),
    ("页脚文字\n\n正文一。", "页脚文字", "正文一。", "no blank line is left at the beginning"),
    ("正文一。\n\n页脚文字", "页脚文字", "正文一。", "nor at the end"),
    ("正文一。\n\n页脚文字\n\n正文二。", "页脚文字", "正文一。\n\n正文二。", "nor a double one"),
    ("正文一。\n页脚文字\n\n正文二。", "页脚文字", "正文一。\n\n正文二。", "one that stood on one side stays"),
    (
        "正文一。\n\n\n正文二。\n页脚文字\n正文三。",
        "页脚文字",
        "正文一。\n\n\n正文二。\n正文三。",
        "blank lines elsewhere stay",
    ),
    ("\n\n页脚文字\n\n正文一。", "页脚文字", "\n\n正文一。", "blank lines that began the text stay"),
    ("页脚文字\n\n 页脚文字\n\n", "页脚文字", "", "nothing is left of blank lines alone"),
    ("正文一。页脚文字", "页脚文字", "正文一。页脚文字", "a part of a line is no line"),
]


@pytest.mark.parametrize(("text", "going", "left", "why"), STRUCK)
def test_what_is_left(text: str, going: str, left: str, why: str) -> None:
    _, rows, starts = found([text], False)
    hit = [text.encode()[at:].decode().split("\n")[0].strip() == going for at in starts.tolist()]
    rows, starts = rows[hit], starts[hit]
    data, offsets = text_buffers(pa.array([text]))
    out, ends, visible = np.empty(len(data), np.uint8), np.empty(2, np.int32), np.zeros(1, np.int32)
    strike(data, offsets, *spec(False), rows, starts, np.zeros(len(rows), np.bool_), out, ends, visible)
    assert bytes(out[: ends[1]]).decode() == left, why
    assert plain_strike(text, False, {going: False}) == left, "the reference agrees"


COLLIDE = ("怀怀怀怿悞怀怗怀", "悎恉怐怀怀怀怀恡")
"""Two lines of one hash, found by lattice reduction: the sum of (a[i] - b[i]) * FACTOR^(8 - i) is 0 modulo 2^64."""


def test_lines_of_one_hash_are_not_taken_for_each_other() -> None:
    keys, _, _ = found(list(COLLIDE), False)
    assert keys[0] == keys[1], "they do not collide any more: find others"
    text = f"{COLLIDE[0]}\n正文\n{COLLIDE[1]}\n{COLLIDE[0]}"
    data, offsets = text_buffers(pa.array([text]))
    out, ends, visible = np.empty(len(data), np.uint8), np.empty(2, np.int32), np.zeros(1, np.int32)
    at = np.zeros(1, np.uint32)
    strike(data, offsets, *spec(False), at, at, np.zeros(1, np.bool_), out, ends, visible)
    assert bytes(out[: ends[1]]).decode() == f"正文\n{COLLIDE[1]}"
