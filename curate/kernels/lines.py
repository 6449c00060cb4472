"""Lines and paragraphs of UTF-8 text: where they stand, the hash of their visible characters.

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
    "BYTES",
    "DIGIT",
    "DIGITS",
    "FEED",
    "FLAGS",
    "KEYS",
    "LETTER",
    "NO_POINT",
    "OFFSETS",
    "PLACES",
    "SHOWN",
    "SPACE",
    "START",
    "STOP",
    "SYMBOL",
    "ZERO",
    "find",
    "following",
    "form_hash",
    "forms",
    "listed",
    "most_lines",
    "units_of",
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
FLAGS = types.Array(nb.bool_, 1, "C", readonly=True)

Bytes = npt.NDArray[np.uint8]
Offsets = npt.NDArray[np.int32]
Keys = npt.NDArray[np.uint64]
Places = npt.NDArray[np.uint32]
Units = npt.NDArray[np.uint32]

FEED, BACKTICK, TILDE = np.uint8(0x0A), np.uint8(0x60), np.uint8(0x7E)
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
def following(data: Bytes, i: np.uint64, stop: np.uint64, classes: Bytes, folded: bool) -> tuple[np.uint32, np.uint64]:
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
def form_hash(data: Bytes, i: np.uint64, stop: np.uint64, classes: Bytes) -> np.uint64:
    """Hash of the visible characters with digits folded."""
    h = OF_FORM
    point, i = following(data, i, stop, classes, True)
    while point != NO_POINT:
        h = (h + np.uint64(point) + ONE) * FACTOR
        point, i = following(data, i, stop, classes, True)
    return _mixed(h)


@njit(nb.types.Tuple((nb.uint64[::1], nb.uint64))(BYTES, OFFSETS, BYTES), nogil=True, cache=CACHED)
def forms(data: Bytes, offsets: Offsets, classes: Bytes) -> tuple[Keys, np.uint64]:
    """The table of n forms that `find` and the others read, and the counts of letters that they have, as bits.

    A form is written as a line of its kind with # for digits, and has at most MOST_LETTERS letters.
    """
    n = offsets.shape[0] - 1
    table = np.zeros(slots(n), np.uint64)
    counts = ZERO
    for d in range(n):
        i, stop = np.uint64(offsets[d]), np.uint64(offsets[d + 1])
        h = form_hash(data, i, stop, classes)
        table[place(table, np.uint64(table.shape[0] - 1), h)] = h
        letters = ZERO
        while i < stop:
            point, i = code_point(data, i, stop)
            letters += np.uint64(classes[point] == LETTER)
        counts |= ONE << letters
    return table, counts


@inlined
def listed(table: Keys, h: np.uint64) -> bool:
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
        form = form_hash(data, start, stop, classes)
        if listed(table, form):
            return form
    return _mixed(h) if letters >= least else ZERO


@kernel
def units_of(
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
def most_lines(data: Bytes, offsets: Offsets) -> int:
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
    room = most_lines(data, offsets)
    units = np.empty((room, 3), np.uint32)
    hashes = np.empty(room, np.uint64)
    seen = np.empty(slots(room), np.uint64)
    used = 0
    for d in range(offsets.shape[0] - 1):
        begin, end = np.uint64(offsets[d]), np.uint64(offsets[d + 1])
        n = units_of(data, begin, end, classes, paragraphs, least, table, counts, units, hashes)
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
