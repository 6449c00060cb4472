"""What quality rules are decided by, counted over Arrow buffers: each document is read once, then its hashes."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from . import inlined, kernel
from .utf8 import CODE_POINTS, FOUR, ONE, THREE, TWO, code_point, length

__all__ = ["CLASSES", "COUNTS", "MARKS", "TRAITS", "WATCHED", "measure", "tail"]

CLASSES = ("other", "han", "latin", "digit", "symbol", "space", "replacement")
"""Class i of the table's low three bits."""

MARKS = {"watched": 8, "strong": 16, "weak": 32, "tone": 64, "stop": 128}
"""Bits of the table that mark broken text; see `data/mojibake.tsv` for all but `watched`."""

TRAITS = {"function": 1, "sentence": 2, "terminal": 4, "bullet": 8, "ellipsis": 16, "hash": 32, "more": 64}
"""Bits of the table of traits; see `data/quality_traits.tsv`."""

COUNTS = (
    "chars", "visible", "lines", "repeated_line_chars", "grams", "repeated_grams", "mojibake",
    *CLASSES, "distinct", "entropy", "top_2gram", "top_4gram", "function", "sentence", "hash", "ellipsis",
    "bracketed", "url", "terminal_lines", "bullet_lines", "ellipsis_lines", "more_lines",
)  # fmt: skip
"""Column i of the counts: of characters, but for lines, sentences, n-grams and the entropy (nats)."""

LINE_FEED, QUESTION, OPEN, CLOSE, WIDE_OPEN, WIDE_CLOSE = 0x0A, 0x3F, 0x28, 0x29, 0xFF08, 0xFF09
LENTICULAR_OPEN, LENTICULAR_CLOSE = 0x3010, 0x3011
WATCHED = (QUESTION, OPEN, WIDE_OPEN, LENTICULAR_OPEN, LENTICULAR_CLOSE)
"""The code points that must be marked as watched: broken text, or text in 【】, may begin or end with them."""

HAN, LATIN, SPACE = 1, 2, 5
CLASS, STRONG, WEAK, TONE = 7, 16, 32, 64
CHARS, VISIBLE, LINES, REPEATED_LINE_CHARS, GRAMS, REPEATED_GRAMS, MOJIBAKE, CLASSES_FROM = range(8)
(
    DISTINCT, ENTROPY, TOP_2, TOP_4, FUNCTIONS, SENTENCES, HASHES, ELLIPSES,
    BRACKETED, URL, TERMINAL_LINES, BULLET_LINES, ELLIPSIS_LINES, MORE_LINES,
) = range(CLASSES_FROM + len(CLASSES), len(COUNTS))  # fmt: skip
STOP = 128
FUNCTION, SENTENCE, TERMINAL, BULLET, ELLIPSIS, HASH, MORE = (np.uint8(bit) for bit in TRAITS.values())
RUN = 3  # two accented letters are neighbours in German and beside the dot of foreign names
SYLLABLE = 6  # letters of the longest one, zhuang
MAY_BEGIN = np.uint32(MARKS["watched"] | STRONG | WEAK)  # what broken text may begin with
ANY = np.uint32(256)  # more than all bits of the table

# What is known of broken text at a place of a document.
FOUND, IN_RUN, FIRST, HAS_STRONG, IS_MIXED, IN_GLOSS, HAS_TONE, ASKED, LOSSES, OPENED, ENCLOSED, STATES = range(12)

FACTOR = np.uint64(0x9E3779B97F4A7C15)
INVERSE = np.uint64(pow(0x9E3779B97F4A7C15, -1, 1 << 64))  # gets a character back from two hashes
MIX = np.uint64(0xFF51AFD7ED558CCD)
ROOM, LEAST_ROOM = np.uint64(8), np.uint64(2)  # places of a hash table for each value: more are faster
CACHED = np.uint64(1 << 20)  # but not where they leave the cache
ZERO, HALF = np.uint64(0), np.uint64(32)
GRAM, TEN = 10, np.uint64(10)
TOP_BITS = np.uint64(64 - 16)  # n-grams are counted in 2^16 places; those in one place are taken for the same
TOPS = 1 << 16
LONGEST_TAIL = 16
COLON, SLASH, DOT, W = 0x3A, 0x2F, 0x2E, 0x77
LETTER = np.array([chr(c).isalpha() for c in range(128)] + [False] * 128)
ADDRESS = np.array(
    [chr(c).isalnum() or chr(c) in "-._~:/?#@!$&*+=%" for c in range(128)] + [False] * 128
)  # after RFC 3986


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
def _look(
    state: npt.NDArray[np.int64], point: np.uint32, bits: np.uint8, after_han: bool, visible: np.uint64
) -> np.uint32:
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
    if point == LENTICULAR_OPEN:
        state[OPENED] = visible + ONE
    elif point == LENTICULAR_CLOSE:
        if state[OPENED]:
            state[ENCLOSED] += visible - state[OPENED]
        state[OPENED] = 0
    state[LOSSES] += state[ASKED] and kind == HAN
    state[ASKED] = after_han and point == QUESTION
    return MAY_BEGIN | ANY if state[IN_RUN] or state[IN_GLOSS] or state[ASKED] else MAY_BEGIN


@kernel
def _read(
    data: npt.NDArray[np.uint8],
    start: int,
    stop: int,
    classes: npt.NDArray[np.uint8],
    traits: npt.NDArray[np.uint8],
    lost: int,
    hashes: npt.NDArray[np.uint64],
    ends: npt.NDArray[np.uint32],
    times: npt.NDArray[np.uint32],
    distinct: npt.NDArray[np.uint32],
    counts: npt.NDArray[np.float64],
) -> None:
    """Count one document but for repetitions; hashes[v] is of its first v visible characters, ends[k] the v where line k ends.

    `times` has a place for every code point and is all 0, before and after.
    """
    i, end = np.uint64(start), np.uint64(stop)
    visible = lines = line_start = h = known = ZERO
    hashes[0] = h
    state = np.zeros(STATES, np.int64)
    worth = MAY_BEGIN
    before = np.uint8(0)
    while i < end:
        point, i = code_point(data, i, end)
        bits = classes[point]
        if (bits | ANY) & worth:
            worth = _look(state, point, bits, before & CLASS == HAN, visible)
        before = bits
        # Without a branch: where spaces, or new characters, stand cannot be foreseen.
        shown = bits & CLASS != SPACE
        h = (h + np.uint64(point)) * FACTOR if shown else h
        visible += np.uint64(shown)
        hashes[visible] = h
        n = times[point]
        times[point] = n + np.uint32(1)
        distinct[known] = point
        known += np.uint64(n == 0)
        if point == LINE_FEED:
            state[OPENED] = 0
            if visible > line_start:
                ends[lines] = visible
                lines += ONE
                line_start = visible
    if visible > line_start:
        ends[lines] = visible
        lines += ONE
    _end_run(state)
    stops = 0
    addresses = False
    information = 0.0
    for k in range(known):
        point = distinct[k]
        n = times[point]
        times[point] = 0
        bits, trait = classes[point], traits[point]
        counts[CLASSES_FROM + (bits & CLASS)] += n
        counts[CHARS] += n
        if bits & CLASS != SPACE:
            counts[DISTINCT] += 1
            if n > 1:
                information += n * math.log(n)
        if bits & STOP:
            stops += n
        if trait:
            counts[FUNCTIONS] += n * ((trait & FUNCTION) != 0)
            counts[SENTENCES] += n * ((trait & SENTENCE) != 0)
            counts[HASHES] += n * ((trait & HASH) != 0)
            counts[ELLIPSES] += n * ((trait & ELLIPSIS) != 0)
        addresses |= (point == SLASH and n > 1) or (point == W and n > 2)
    if state[LOSSES] >= lost and state[LOSSES] > stops:
        state[FOUND] += state[LOSSES]
    counts[VISIBLE] = visible
    counts[LINES] = lines
    counts[MOJIBAKE] = state[FOUND]
    counts[BRACKETED] = state[ENCLOSED]
    if visible:
        counts[ENTROPY] = max(0.0, math.log(visible) - information / visible)
    if addresses:
        counts[URL] = _url_bytes(data, start, stop)


@kernel
def _url_bytes(data: npt.NDArray[np.uint8], start: int, stop: int) -> int:
    """Bytes in addresses: `letters://` or `www.` and what may follow in one."""
    found = 0
    i, first, end = np.uint64(start), np.uint64(start), np.uint64(stop)
    while i + TWO < end:
        begin = end
        c = data[i]
        if c == COLON and data[i + ONE] == SLASH and data[i + TWO] == SLASH:
            begin = i
            while begin > first and LETTER[data[begin - ONE]]:
                begin -= ONE
            if begin == i:
                begin = end
        elif c == W and i + THREE < end and data[i + ONE] == W and data[i + TWO] == W and data[i + THREE] == DOT:
            begin = i
        if begin < end:
            i += THREE
            while i < end and ADDRESS[data[i]]:
                i += ONE
            found += int(i - begin)
        else:
            i += ONE
    return found


@kernel
def _top(
    hashes: npt.NDArray[np.uint64],
    visible: np.uint64,
    powers: npt.NDArray[np.uint64],
    pairs: npt.NDArray[np.uint32],
    fours: npt.NDArray[np.uint32],
    base: np.uint32,
    row: npt.NDArray[np.float64],
) -> None:
    """Count the most frequent 2-gram and 4-gram; what the two tables hold up to `base` is of earlier documents."""
    top_2 = top_4 = base
    square, fourth = powers[TWO], powers[FOUR]
    for k in range(visible - ONE if visible else ZERO):
        at = (hashes[k + TWO] - hashes[k] * square) >> TOP_BITS
        now = max(pairs[at], base) + np.uint32(1)
        pairs[at] = now
        top_2 = max(top_2, now)
        if k + FOUR <= visible:
            at = (hashes[k + FOUR] - hashes[k] * fourth) >> TOP_BITS
            now = max(fours[at], base) + np.uint32(1)
            fours[at] = now
            top_4 = max(top_4, now)
    row[TOP_2], row[TOP_4] = np.float64(top_2 - base), np.float64(top_4 - base)


@kernel
def _line(
    hashes: npt.NDArray[np.uint64],
    begin: np.uint64,
    end: np.uint64,
    traits: npt.NDArray[np.uint8],
    tails: npt.NDArray[np.uint64],
    powers: npt.NDArray[np.uint64],
    row: npt.NDArray[np.float64],
) -> None:
    """Count how a line of visible characters begins and ends."""
    first = traits[hashes[begin + ONE] * INVERSE - hashes[begin]]
    last = traits[hashes[end] * INVERSE - hashes[end - ONE]]
    row[BULLET_LINES] += (first & BULLET) != 0
    row[TERMINAL_LINES] += (last & TERMINAL) != 0
    row[ELLIPSIS_LINES] += (last & ELLIPSIS) != 0
    if last & MORE:
        for k in range(tails.shape[0]):
            n = tails[k, 0]
            if n <= end - begin and hashes[end] - hashes[end - n] * powers[n] == tails[k, 1]:
                row[MORE_LINES] += 1
                break


def tail(text: str) -> tuple[int, int]:
    """The length and the hash of the visible characters that a line may end with, as `measure` takes them."""
    h = 0
    for c in text:
        h = (h + ord(c)) * int(FACTOR) % (1 << 64)
    return len(text), h


@kernel
def measure(
    data: npt.NDArray[np.uint8],
    offsets: npt.NDArray[np.int32],
    classes: npt.NDArray[np.uint8],
    lost: int,
    traits: npt.NDArray[np.uint8],
    tails: npt.NDArray[np.uint64],
) -> npt.NDArray[np.float64]:
    """Counts of each of n documents, shape (n, len(COUNTS)).

    `classes` has a class and marks, `traits` has traits for each of `CODE_POINTS` code points; `lost` is the least number of
    question marks between Han characters that may stand for lost punctuation; `tails`, shape (t, 2), are from `tail`, at
    most 16 characters long, and the last character of each has the trait `more`. `visible` characters are all but spaces, and
    only they make lines and n-grams. Of equal lines, or n-grams, all but the first are repeated; equal is what has
    the same hash of 64 bits, for the most frequent n-grams of 16 bits. Time and memory are linear in the longest document.
    """
    n = offsets.shape[0] - 1
    counts = np.zeros((n, len(COUNTS)), np.float64)
    most = 0
    for d in range(n):
        if offsets[d + 1] - offsets[d] > most:  # a document has no more characters than bytes
            most = max(most, length(data, int(offsets[d]), int(offsets[d + 1])))
    hashes = np.empty(most + 1, np.uint64)
    lines = np.empty(most, np.uint64)
    ends = np.empty(most, np.uint32)
    repeated = np.empty(most, np.bool_)
    times = np.zeros(CODE_POINTS, np.uint32)
    distinct = np.empty(min(most, CODE_POINTS) + 1, np.uint32)
    table = np.zeros(_places(np.uint64(most)), np.uint32)
    tops_2, tops_4 = np.zeros(TOPS, np.uint32), np.zeros(TOPS, np.uint32)
    powers = np.ones(max(most, LONGEST_TAIL) + 1, np.uint64)
    known = ZERO  # powers up to this one are made
    while known < LONGEST_TAIL:
        powers[known + ONE] = powers[known] * FACTOR
        known += ONE
    base = read = ZERO
    for d in range(n):
        row = counts[d]
        _read(data, int(offsets[d]), int(offsets[d + 1]), classes, traits, lost, hashes, ends, times, distinct, row)
        visible = np.uint64(row[VISIBLE])

        count = int(row[LINES])
        begin = ZERO
        for k in range(count):
            end = np.uint64(ends[k])
            while known < end - begin:
                powers[known + ONE] = powers[known] * FACTOR
                known += ONE
            lines[k] = hashes[end] - hashes[begin] * powers[end - begin]
            _line(hashes, begin, end, traits, tails, powers, row)
            begin = end
        _repeated(lines, count, table, base, repeated)
        base += np.uint64(count)
        begin = ZERO
        for k in range(count):
            end = np.uint64(ends[k])
            row[REPEATED_LINE_CHARS] += np.int64(end - begin) * repeated[k]
            begin = end

        _top(hashes, visible, powers, tops_2, tops_4, np.uint32(read), row)
        read += visible

        count = max(0, int(visible) - GRAM + 1)
        power = powers[TEN]
        for k in range(count):  # in place: what is read is not written yet
            hashes[k] = hashes[k + TEN] - hashes[k] * power
        _repeated(hashes, count, table, base, repeated)
        base += np.uint64(count)
        row[GRAMS] = count
        row[REPEATED_GRAMS] = repeated[:count].sum()
    return counts
