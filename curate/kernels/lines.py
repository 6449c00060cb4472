"""Lines and paragraphs of UTF-8 text: where they stand, the hash of their visible characters, and text without some.

A unit is a line with something to see, or a paragraph: such lines in a row. Lines end with line feeds. Two units are equal
if their visible characters are, so white space never matters; in a unit of one of the listed forms (page numbers), which
digits stand in it does not matter either. A line inside a code fence (Markdown's ``` or ~~~) is part of no unit that is
looked for.
"""

from __future__ import annotations

import numba as nb
import numpy as np
import numpy.typing as npt
from numba import njit, types

from . import CACHED, inlined, kernel
from .minhash import place, slots
from .utf8 import ONE, code_point

__all__ = [
    "DIGIT",
    "DIGITS",
    "LETTER",
    "MOST_LETTERS",
    "SPACE",
    "SYMBOL",
    "agree",
    "find",
    "forms",
    "strike",
    "visible",
]

LETTER, SPACE, DIGIT, SYMBOL = range(4)
"""Classes of the table of `CODE_POINTS`."""

DIGITS = np.uint32(ord("#"))
"""What a run of digits is in a form."""

MOST_LETTERS = 63
"""Letters that a form may have: a bit for each count tells whether there is such a form."""

BYTES = types.Array(nb.uint8, 1, "C", readonly=True)
OFFSETS = types.Array(nb.int32, 1, "C", readonly=True)
KEYS = types.Array(nb.uint64, 1, "C", readonly=True)
PLACES = types.Array(nb.uint32, 1, "C", readonly=True)
WHICH = types.Array(nb.int64, 1, "C", readonly=True)
FLAGS = types.Array(nb.bool_, 1, "C", readonly=True)

Bytes = npt.NDArray[np.uint8]
Offsets = npt.NDArray[np.int32]
Keys = npt.NDArray[np.uint64]
Places = npt.NDArray[np.uint32]
Units = npt.NDArray[np.uint32]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

FEED, RETURN, BACKTICK, TILDE = np.uint8(0x0A), np.uint8(0x0D), np.uint8(0x60), np.uint8(0x7E)
START, STOP, SHOWN = range(3)  # columns of units: bytes of the text, visible characters
NO_POINT = np.uint32(0xFFFFFFFF)
FACTOR = np.uint64(0x9E3779B97F4A7C15)  # odd; 2^64 divided by the golden ratio
ZERO, HALF, SHIFT = np.uint64(0), np.uint64(32), np.uint64(29)
OF_FORM = np.uint64(1)
"""Where the hash of a form begins, so that it is none of a text."""
FENCE = np.uint64(3)  # characters that make one, at least


@inlined
def _mixed(h: np.uint64) -> np.uint64:
    """A hash with all its bits in use, never 0."""
    h ^= h >> HALF
    h *= FACTOR
    h ^= h >> SHIFT
    return max(h, ONE)


@kernel
def _next(data: Bytes, i: np.uint64, stop: np.uint64, classes: Bytes, folded: bool) -> tuple[np.uint32, np.uint64]:
    """The next visible character from byte `i` on, NO_POINT if there is none, and where to go on.

    If `folded`, DIGITS stands for digits with nothing visible between them.
    """
    while i < stop:
        point, i = code_point(data, i, stop)
        kind = classes[point]
        if kind == SPACE:
            continue
        if not folded or kind != DIGIT:
            return point, i
        at = i
        while at < stop:
            point, at = code_point(data, at, stop)
            kind = classes[point]
            if kind == DIGIT:
                i = at
            elif kind != SPACE:
                break
        return DIGITS, i
    return NO_POINT, stop


@kernel
def _form(data: Bytes, i: np.uint64, stop: np.uint64, classes: Bytes) -> np.uint64:
    """Hash of the visible characters with digits folded."""
    h = OF_FORM
    point, i = _next(data, i, stop, classes, True)
    while point != NO_POINT:
        h = (h + np.uint64(point) + ONE) * FACTOR
        point, i = _next(data, i, stop, classes, True)
    return _mixed(h)


@njit(nb.types.Tuple((nb.uint64[::1], nb.uint64))(BYTES, OFFSETS, BYTES), nogil=True, cache=CACHED)
def forms(data: Bytes, offsets: Offsets, classes: Bytes) -> tuple[Keys, np.uint64]:
    """The table of n forms that `find` and `strike` read, and the counts of letters that they have, as bits.

    A form is written as a line of its kind with # for digits, and has at most MOST_LETTERS letters.
    """
    n = offsets.shape[0] - 1
    table = np.zeros(slots(n), np.uint64)
    counts = ZERO
    for d in range(n):
        i, stop = np.uint64(offsets[d]), np.uint64(offsets[d + 1])
        h = _form(data, i, stop, classes)
        table[place(table, np.uint64(table.shape[0] - 1), h)] = h
        letters = ZERO
        while i < stop:
            point, i = code_point(data, i, stop)
            letters += np.uint64(classes[point] == LETTER)
        counts |= ONE << letters
    return table, counts


@inlined
def _listed(table: Keys, h: np.uint64) -> bool:
    """Whether `h` is the hash of a form."""
    return bool(table[place(table, np.uint64(table.shape[0] - 1), h)] == h)


@kernel
def _fence(data: Bytes, i: np.uint64, stop: np.uint64, opened: np.uint8) -> np.uint8:
    """The character of the code fence that is open behind the line data[i:stop], 0 for none.

    Spaces and tabs may stand before a fence. One of backticks has no other in its line: `` ```x``` `` is code in a line.
    """
    while i < stop and (data[i] == 0x20 or data[i] == 0x09):
        i += ONE
    if i == stop or (data[i] != BACKTICK and data[i] != TILDE):
        return opened
    char = np.uint8(data[i])
    first = i
    while i < stop and data[i] == char:
        i += ONE
    if i - first < FENCE:
        return opened
    if opened:
        return np.uint8(0) if char == opened else opened
    while i < stop:
        if char == BACKTICK and data[i] == BACKTICK:
            return opened
        i += ONE
    return char


@inlined
def _key(
    data: Bytes,
    start: np.uint64,
    stop: np.uint64,
    h: np.uint64,
    letters: np.uint64,
    classes: Bytes,
    least: np.uint64,
    table: Keys,
    counts: np.uint64,
) -> np.uint64:
    """The hash of a unit, 0 if it is not looked for: it has fewer than `least` letters and is of no form."""
    if letters <= MOST_LETTERS and counts >> letters & ONE:
        form = _form(data, start, stop, classes)
        if _listed(table, form):
            return form
    return _mixed(h) if letters >= least else ZERO


@kernel
def _units(
    data: Bytes,
    begin: np.uint64,
    end: np.uint64,
    classes: Bytes,
    paragraphs: bool,
    least: np.uint64,
    table: Keys,
    counts: np.uint64,
    units: Units,
    hashes: Keys,
) -> int:
    """The units of one text: where they start, stop (after the line feed) and what they show; their hashes, or 0.

    Returns how many. There are never more than lines.
    """
    found = 0
    i = start = stop = line = begin
    h = letters = visible = before = ZERO
    fence = np.uint8(0)
    guarded = False
    while i < end:
        point, i = code_point(data, i, end)
        kind = classes[point]
        # Without a branch: where spaces stand cannot be foreseen.
        shown = kind != SPACE
        h = (h + np.uint64(point) + ONE) * FACTOR if shown else h
        visible += np.uint64(shown)
        letters += np.uint64(kind == LETTER)
        if point != FEED and i < end:
            continue
        blank = visible == before
        if not blank:
            inside = fence
            fence = _fence(data, line, i, fence)
            guarded |= (inside | fence) != 0
            stop = i
        if visible and (blank or not paragraphs or i == end):
            units[found, START] = start - begin
            units[found, STOP] = stop - begin
            units[found, SHOWN] = visible
            hashes[found] = ZERO
            if not guarded:
                hashes[found] = _key(data, start, stop, h, letters, classes, least, table, counts)
            found += 1
            visible = ZERO
        if visible == ZERO:
            start = i
            h = letters = ZERO
            guarded = False
        before = visible
        line = i
    return found


@kernel
def _most_lines(data: Bytes, offsets: Offsets) -> int:
    """Lines of the text that has most."""
    most = 0
    for d in range(offsets.shape[0] - 1):
        lines = 1
        for byte in data[offsets[d] : offsets[d + 1]]:
            lines += byte == FEED
        most = max(most, lines)
    return most


@njit(
    nb.int64(
        BYTES, OFFSETS, BYTES, nb.bool_, nb.uint64, KEYS, nb.uint64, nb.uint64[::1], nb.uint32[::1], nb.uint32[::1]
    ),
    nogil=True,
    cache=CACHED,
)
def find(
    data: Bytes,
    offsets: Offsets,
    classes: Bytes,
    paragraphs: bool,
    least: np.uint64,
    table: Keys,
    counts: np.uint64,
    keys: Keys,
    rows: Places,
    starts: Places,
) -> int:
    """The different units of n texts: hash, text, and byte of the text where the first of them starts. Returns how many.

    Units with fewer than `least` letters are left out, but for those of a form; `table` and `counts` are of `forms`.
    As many places as the texts have lines are always enough.
    """
    room = _most_lines(data, offsets)
    units = np.empty((room, 3), np.uint32)
    hashes = np.empty(room, np.uint64)
    seen = np.empty(slots(room), np.uint64)
    used = 0
    for d in range(offsets.shape[0] - 1):
        begin, end = np.uint64(offsets[d]), np.uint64(offsets[d + 1])
        n = _units(data, begin, end, classes, paragraphs, least, table, counts, units, hashes)
        capacity = slots(n)
        mask = np.uint64(capacity - 1)
        seen[:capacity] = ZERO
        for k in range(n):
            if hashes[k] == ZERO:
                continue
            slot = place(seen, mask, hashes[k])
            if seen[slot] == ZERO:
                seen[slot] = hashes[k]
                keys[used] = hashes[k]
                rows[used] = d
                starts[used] = units[k, START]
                used += 1
    return used


@kernel
def _stop(data: Bytes, i: np.uint64, end: np.uint64, classes: Bytes, paragraphs: bool) -> np.uint64:
    """Where the unit that starts at byte `i` stops, after its line feed."""
    blank = True
    stop = i
    while i < end:
        point, i = code_point(data, i, end)
        blank &= classes[point] == SPACE
        if point == FEED or i == end:
            if blank:
                return stop
            stop = i
            if not paragraphs:
                return stop
            blank = True
    return stop


@njit(
    nb.int64(BYTES, OFFSETS, BYTES, nb.bool_, KEYS, WHICH, PLACES, nb.uint32[::1], nb.int64[::1], nb.bool_[::1]),
    nogil=True,
    cache=CACHED,
)
def visible(
    data: Bytes,
    offsets: Offsets,
    classes: Bytes,
    paragraphs: bool,
    table: Keys,
    rows: Ints,
    starts: Places,
    points: Places,
    bounds: Ints,
    folded: Flags,
) -> int:
    """The visible characters of n units into `points`, where each ends into `bounds` (n + 1), whether it is of a form.

    Unit k starts at byte starts[k] of text rows[k]. Returns how many characters; as many as the texts have are enough.
    """
    used = 0
    bounds[0] = 0
    for k in range(rows.shape[0]):
        i, end = np.uint64(offsets[rows[k]]), np.uint64(offsets[rows[k] + 1])
        i += np.uint64(starts[k])
        stop = _stop(data, i, end, classes, paragraphs)
        folded[k] = _listed(table, _form(data, i, stop, classes))
        point, i = _next(data, i, stop, classes, folded[k])
        while point != NO_POINT:
            points[used] = point
            used += 1
            point, i = _next(data, i, stop, classes, folded[k])
        bounds[k + 1] = used
    return used


@kernel
def _same(
    data: Bytes, i: np.uint64, stop: np.uint64, classes: Bytes, folded: bool, points: Places, lo: int, hi: int
) -> bool:
    """Whether points[lo:hi] are the visible characters of data[i:stop]."""
    for k in range(lo, hi):
        point, i = _next(data, i, stop, classes, folded)
        if point != points[k]:
            return False
    point, i = _next(data, i, stop, classes, folded)
    return bool(point == NO_POINT)


@njit(
    nb.void(BYTES, OFFSETS, BYTES, nb.bool_, WHICH, PLACES, WHICH, PLACES, WHICH, FLAGS, nb.bool_[::1]),
    nogil=True,
    cache=CACHED,
)
def agree(
    data: Bytes,
    offsets: Offsets,
    classes: Bytes,
    paragraphs: bool,
    rows: Ints,
    starts: Places,
    which: Ints,
    points: Places,
    bounds: Ints,
    folded: Flags,
    out: Flags,
) -> None:
    """Whether unit k, at byte starts[k] of text rows[k], is the unit which[k] of those that `visible` wrote, into out[k]."""
    for k in range(rows.shape[0]):
        i, end = np.uint64(offsets[rows[k]]), np.uint64(offsets[rows[k] + 1])
        i += np.uint64(starts[k])
        stop = _stop(data, i, end, classes, paragraphs)
        w = which[k]
        out[k] = _same(data, i, stop, classes, folded[w], points, bounds[w], bounds[w + 1])


@kernel
def _equal(data: Bytes, begin: np.uint64, units: Units, a: int, b: int, classes: Bytes, folded: bool) -> bool:
    """Whether two units of the text from `begin` have the same visible characters."""
    i, i_stop = begin + np.uint64(units[a, START]), begin + np.uint64(units[a, STOP])
    j, j_stop = begin + np.uint64(units[b, START]), begin + np.uint64(units[b, STOP])
    while True:
        x, i = _next(data, i, i_stop, classes, folded)
        y, j = _next(data, j, j_stop, classes, folded)
        if x != y:
            return False
        if x == NO_POINT:
            return True


@kernel
def _copy(data: Bytes, begin: np.uint64, end: np.uint64, out: Bytes, n: np.uint64) -> np.uint64:
    """Copy data[begin:end] to out[n] and on; where it ends there. Five times faster than slices."""
    for k in range(end - begin):
        out[n + k] = data[begin + k]
    return n + end - begin


@kernel
def _struck(
    data: Bytes, begin: np.uint64, end: np.uint64, units: Units, count: int, goes: Flags, out: Bytes, n: np.uint64
) -> np.uint64:
    """Write one text without the units that go to out[n] and on; where it ends there.

    Blank lines behind a unit that goes go too where one stands before it, or nothing does; and those before it where
    nothing else follows. A text without a line feed at its end gets none.
    """
    first = shown = n  # shown: behind the last unit written
    i = begin
    gone = False  # a unit went, and none was written since
    swallow = False
    for u in range(count):
        start, stop = begin + np.uint64(units[u, START]), begin + np.uint64(units[u, STOP])
        if not (gone and swallow):
            n = _copy(data, i, start, out, n)  # blank lines
        if goes[u]:
            gone = True
            swallow = bool(n == first or n > shown)
        else:
            gone = False
            n = shown = _copy(data, start, stop, out, n)
        i = stop
    if not gone:
        return _copy(data, i, end, out, n)
    if shown > first and data[end - ONE] != FEED:
        shown -= ONE
        if shown > first and out[shown - ONE] == RETURN:
            shown -= ONE
    return shown


@njit(
    nb.void(
        BYTES,
        OFFSETS,
        BYTES,
        nb.bool_,
        nb.uint64,
        KEYS,
        nb.uint64,
        PLACES,
        PLACES,
        FLAGS,
        nb.uint8[::1],
        nb.int32[::1],
        nb.int32[::1],
    ),
    nogil=True,
    cache=CACHED,
)
def strike(
    data: Bytes,
    offsets: Offsets,
    classes: Bytes,
    paragraphs: bool,
    least: np.uint64,
    table: Keys,
    counts: np.uint64,
    rows: Places,
    starts: Places,
    keep: Flags,
    out: Bytes,
    ends: Offsets,
    left: Offsets,
) -> None:
    """Write n texts without the units that go to `out`, their n + 1 offsets to `ends`, and their visible characters to `left`.

    What goes from text rows[k] is the unit at byte starts[k] and all that are equal to it; if keep[k], all but that one.
    Both are in ascending order. `left` is set only for the texts among `rows`.
    """
    room = _most_lines(data, offsets)
    units = np.empty((room, 3), np.uint32)
    hashes = np.empty(room, np.uint64)
    goes = np.empty(room, np.bool_)
    seen = np.empty(slots(room), np.uint64)
    of = np.empty(slots(room), np.int64)
    n = ZERO
    ends[0] = 0
    k = 0
    for d in range(offsets.shape[0] - 1):
        begin, end = np.uint64(offsets[d]), np.uint64(offsets[d + 1])
        if k == rows.shape[0] or rows[k] != d:
            n = _copy(data, begin, end, out, n)
            ends[d + 1] = n
            continue
        count = _units(data, begin, end, classes, paragraphs, least, table, counts, units, hashes)
        capacity = slots(count)
        mask = np.uint64(capacity - 1)
        seen[:capacity] = ZERO
        unit = 0
        while k < rows.shape[0] and rows[k] == d:
            while unit < count and units[unit, START] < starts[k]:
                unit += 1
            if unit < count and units[unit, START] == starts[k]:
                slot = place(seen, mask, hashes[unit])
                seen[slot] = hashes[unit]
                of[slot] = unit if keep[k] else ~unit  # negative: its first copy goes too
            k += 1
        left[d] = 0
        for u in range(count):
            slot = place(seen, mask, hashes[u])
            goes[u] = False
            if hashes[u] != ZERO and seen[slot] == hashes[u]:
                first = max(of[slot], ~of[slot])
                goes[u] = of[slot] != u and (
                    first == u or _equal(data, begin, units, first, u, classes, _listed(table, hashes[u]))
                )
            left[d] += 0 if goes[u] else units[u, SHOWN]
        n = _struck(data, begin, end, units, count, goes, out, n)
        ends[d + 1] = n
