"""What quality rules are decided by, counted over Arrow buffers: each document is read once, then its hashes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from . import inlined, kernel
from .utf8 import ONE, code_point, length

__all__ = ["CLASSES", "COUNTS", "MARKS", "WATCHED", "measure"]

CLASSES = ("other", "han", "latin", "digit", "symbol", "space", "replacement")
"""Class i of the table's low three bits."""

MARKS = {"watched": 8, "strong": 16, "weak": 32, "tone": 64, "stop": 128}
"""Bits of the table that mark broken text; see `data/mojibake.tsv` for all but `watched`."""

COUNTS = ("chars", "visible", "lines", "repeated_line_chars", "grams", "repeated_grams", "mojibake", *CLASSES)
"""Column i of the counts: of characters, but for lines and (repeated) 10-grams."""

LINE_FEED, QUESTION, OPEN, CLOSE, WIDE_OPEN, WIDE_CLOSE = 0x0A, 0x3F, 0x28, 0x29, 0xFF08, 0xFF09
WATCHED = (QUESTION, OPEN, WIDE_OPEN)
"""The code points that must be marked as watched: broken text may begin with them."""

GRAM = 10
HAN, LATIN, SPACE = 1, 2, 5
CLASS, STRONG, WEAK, TONE = 7, 16, 32, 64
CHARS, VISIBLE, LINES, REPEATED_LINE_CHARS, GRAMS, REPEATED_GRAMS, MOJIBAKE, CLASSES_FROM = range(8)
RUN = 3  # two accented letters are neighbours in German and beside the dot of foreign names
SYLLABLE = 6  # letters of the longest one, zhuang
MAY_BEGIN = np.uint32(MARKS["watched"] | STRONG | WEAK)  # what broken text may begin with
ANY = np.uint32(256)  # more than all bits of the table

# What is known of broken text at a place of a document.
FOUND, IN_RUN, FIRST, HAS_STRONG, IS_MIXED, IN_GLOSS, HAS_TONE, ASKED, LOSSES, STATES = range(10)

FACTOR = np.uint64(0x9E3779B97F4A7C15)
MIX = np.uint64(0xFF51AFD7ED558CCD)
ROOM, LEAST_ROOM = np.uint64(8), np.uint64(2)  # places of a hash table for each value: more are faster
CACHED = np.uint64(1 << 20)  # but not where they leave the cache
ZERO, HALF = np.uint64(0), np.uint64(32)

# One addition counts a character: eight bits for its class, the highest eight for the mark `stop`.
BLOCK = np.uint64(255)
BYTE = np.uint64(8)
TALLIES = np.array([(1 << 8 * (bits & CLASS)) + (bits >> 7 << 56) for bits in range(256)], np.uint64)


@inlined
def _places(values: np.uint64) -> np.uint64:
    """Places of a hash table: a power of two."""
    places = np.uint64(64)
    while places < LEAST_ROOM * values or places < min(ROOM * values, CACHED):
        places += places
    return places


@kernel
def _repeated(
    values: npt.NDArray[np.uint64],
    count: int,
    table: npt.NDArray[np.uint32],
    base: np.uint64,
    out: npt.NDArray[np.bool_],
) -> None:
    """Set `out` for each of the first `count` values that stands among those before it.

    A place of the table holds `base + 1` and the index of a value. What is not above `base` is of an earlier use and
    counts as empty, so nothing is ever cleared.
    """
    n = np.uint64(count)
    mask = _places(n) - ONE
    for k in range(n):
        value = values[k]
        at = ((value ^ (value >> HALF)) * MIX >> HALF) & mask
        known = False
        while table[at] > base:
            if values[np.uint64(table[at]) - base - ONE] == value:
                known = True
                break
            at = (at + ONE) & mask
        if not known:
            table[at] = np.uint32(base + ONE + k)
        out[k] = known


@kernel
def _end_run(state: npt.NDArray[np.int64]) -> None:
    if state[IN_RUN] >= RUN and state[HAS_STRONG] and state[IS_MIXED]:
        state[FOUND] += state[IN_RUN]
    state[IN_RUN] = state[HAS_STRONG] = state[IS_MIXED] = 0


@kernel
def _look(state: npt.NDArray[np.int64], point: np.uint32, bits: np.uint8, after_han: bool) -> np.uint32:
    """Take a character for a part of broken text, and tell which bits of the next make it worth a look too."""
    kind = bits & CLASS
    if bits & (STRONG | WEAK):
        if state[IN_RUN] == 0:
            state[FIRST] = point
        state[IN_RUN] += 1
        state[HAS_STRONG] |= (bits & STRONG) != 0
        state[IS_MIXED] |= point != state[FIRST]  # one character doubled is a word
    elif state[IN_RUN]:
        _end_run(state)
    if state[IN_GLOSS]:
        if kind == LATIN and state[IN_GLOSS] <= SYLLABLE:
            state[IN_GLOSS] += 1
            state[HAS_TONE] |= (bits & TONE) != 0
        else:
            if state[HAS_TONE] and point in (CLOSE, WIDE_CLOSE):
                state[FOUND] += state[IN_GLOSS] + 1
            state[IN_GLOSS] = state[HAS_TONE] = 0
    if after_han and point in (OPEN, WIDE_OPEN):
        state[IN_GLOSS] = 1
    state[LOSSES] += state[ASKED] and kind == HAN
    state[ASKED] = after_han and point == QUESTION
    return MAY_BEGIN | ANY if state[IN_RUN] or state[IN_GLOSS] or state[ASKED] else MAY_BEGIN


@kernel
def _read(
    data: npt.NDArray[np.uint8],
    start: int,
    stop: int,
    classes: npt.NDArray[np.uint8],
    lost: int,
    hashes: npt.NDArray[np.uint64],
    ends: npt.NDArray[np.uint32],
    counts: npt.NDArray[np.int64],
) -> None:
    """Count one document but for repetitions; hashes[v] is of its first v visible characters, ends[k] the v where line k ends."""
    i, end = np.uint64(start), np.uint64(stop)
    visible = lines = line_start = h = ZERO
    hashes[0] = h
    state = np.zeros(STATES, np.int64)
    worth = MAY_BEGIN
    before = np.uint8(0)
    stops = 0
    while i < end:
        limit = min(end, i + BLOCK)
        tally = ZERO
        while i < limit:
            point, i = code_point(data, i, end)
            bits = classes[point]
            tally += TALLIES[bits]
            if (bits | ANY) & worth:
                worth = _look(state, point, bits, before & CLASS == HAN)
            before = bits
            # Without a branch: where spaces stand cannot be foreseen.
            shown = bits & CLASS != SPACE
            h = (h + np.uint64(point)) * FACTOR if shown else h
            visible += np.uint64(shown)
            hashes[visible] = h
            if point == LINE_FEED and visible > line_start:
                ends[lines] = visible
                lines += ONE
                line_start = visible
        for k in range(len(CLASSES)):
            counts[CLASSES_FROM + k] += np.int64(tally & BLOCK)
            tally >>= BYTE
        stops += int(tally)
    if visible > line_start:
        ends[lines] = visible
        lines += ONE
    _end_run(state)
    if state[LOSSES] >= lost and state[LOSSES] > stops:
        state[FOUND] += state[LOSSES]
    counts[CHARS] = counts[CLASSES_FROM:].sum()
    counts[VISIBLE] = visible
    counts[LINES] = lines
    counts[GRAMS] = max(0, counts[VISIBLE] - GRAM + 1)
    counts[MOJIBAKE] = state[FOUND]


@kernel
def measure(
    data: npt.NDArray[np.uint8], offsets: npt.NDArray[np.int32], classes: npt.NDArray[np.uint8], lost: int
) -> npt.NDArray[np.int64]:
    """Counts of each of n documents, shape (n, len(COUNTS)).

    `classes` has a class and marks for each of `CODE_POINTS` code points; `lost` is the least number of question marks
    between Han characters that may stand for lost punctuation. `visible` characters are all but spaces, and only they
    make lines and 10-grams. Of equal lines, or 10-grams, all but the first are repeated; equal is what has the same hash
    of 64 bits. Time and memory are linear in the longest document.
    """
    n = offsets.shape[0] - 1
    counts = np.zeros((n, len(COUNTS)), np.int64)
    most = 0
    for d in range(n):
        if offsets[d + 1] - offsets[d] > most:  # a document has no more characters than bytes
            most = max(most, length(data, int(offsets[d]), int(offsets[d + 1])))
    hashes = np.empty(most + 1, np.uint64)
    lines = np.empty(most, np.uint64)
    ends = np.empty(most, np.uint32)
    repeated = np.empty(most, np.bool_)
    table = np.zeros(_places(np.uint64(most)), np.uint32)
    powers = np.ones(most + 1, np.uint64)
    known = ZERO  # powers up to this one are made
    base = ZERO
    gram_power = ONE
    for _ in range(GRAM):
        gram_power *= FACTOR
    for d in range(n):
        row = counts[d]
        _read(data, int(offsets[d]), int(offsets[d + 1]), classes, lost, hashes, ends, row)

        count = row[LINES]
        begin = ZERO
        for k in range(count):
            end = np.uint64(ends[k])
            while known < end - begin:
                powers[known + ONE] = powers[known] * FACTOR
                known += ONE
            lines[k] = hashes[end] - hashes[begin] * powers[end - begin]
            begin = end
        _repeated(lines, count, table, base, repeated)
        base += np.uint64(count)
        begin = ZERO
        for k in range(count):
            end = np.uint64(ends[k])
            row[REPEATED_LINE_CHARS] += np.int64(end - begin) * repeated[k]
            begin = end

        count = row[GRAMS]
        for k in range(count):  # in place: what is read is not written yet
            hashes[k] = hashes[k + GRAM] - hashes[k] * gram_power
        _repeated(hashes, count, table, base, repeated)
        base += np.uint64(count)
        row[REPEATED_GRAMS] = repeated[:count].sum()
    return counts
