"""What quality rules are decided by, counted over Arrow buffers: each document is read once, then its hashes."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from . import kernel
from .repetition import FACTOR, TOPS, places, repeated_grams, repeated_lines, top_grams
from .utf8 import CODE_POINTS, ONE, THREE, TWO, code_point, length

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

INVERSE = np.uint64(pow(0x9E3779B97F4A7C15, -1, 1 << 64))  # gets a character back from two hashes
ZERO, GRAM, TEN = np.uint64(0), 10, np.uint64(10)
KNOWN_LOGS = 1024  # a character seldom stands more often
LONGEST_TAIL = 16
COLON, SLASH, DOT, W = 0x3A, 0x2F, 0x2E, 0x77
LETTER = np.array([chr(c).isalpha() for c in range(128)] + [False] * 128)
ADDRESS = np.array(
    [chr(c).isalnum() or chr(c) in "-._~:/?#@!$&*+=%" for c in range(128)] + [False] * 128
)  # after RFC 3986


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
    elif point == LINE_FEED:
        state[OPENED] = 0
    state[LOSSES] += state[ASKED] and kind == HAN
    state[ASKED] = after_han and point == QUESTION
    return MAY_BEGIN | ANY if state[IN_RUN] or state[IN_GLOSS] or state[ASKED] or state[OPENED] else MAY_BEGIN


@kernel
def _read(
    data: npt.NDArray[np.uint8],
    start: int,
    stop: int,
    classes: npt.NDArray[np.uint8],
    hashes: npt.NDArray[np.uint64],
    ends: npt.NDArray[np.uint32],
    times: npt.NDArray[np.uint32],
    distinct: npt.NDArray[np.uint32],
    state: npt.NDArray[np.int64],
) -> tuple[np.uint64, np.uint64, np.uint64]:
    """Read one document: its visible characters, its line ends, the last of the text among them, and its different characters.

    hashes[v] is of the first v visible characters, ends[k] the v where line k ends, distinct[k] a character and
    times[distinct[k]] how often it stands.
    """
    i, end = np.uint64(start), np.uint64(stop)
    visible = lines = h = known = ZERO
    hashes[0] = h
    worth = MAY_BEGIN
    before = np.uint8(0)
    while i < end:
        point, i = code_point(data, i, end)
        bits = classes[point]
        if (bits | ANY) & worth:
            worth = _look(state, point, bits, before & CLASS == HAN, visible)
        before = bits
        # Without a branch: where spaces, line feeds and new characters stand cannot be foreseen.
        shown = bits & CLASS != SPACE
        h = (h + np.uint64(point)) * FACTOR if shown else h
        visible += np.uint64(shown)
        hashes[visible] = h
        n = times[point]
        times[point] = n + np.uint32(1)
        distinct[known] = point
        known += np.uint64(n == 0)
        ends[lines] = visible
        lines += np.uint64(point == LINE_FEED)
    ends[lines] = visible
    _end_run(state)
    return visible, lines + ONE, known


@kernel
def _characters(
    known: np.uint64,
    distinct: npt.NDArray[np.uint32],
    times: npt.NDArray[np.uint32],
    classes: npt.NDArray[np.uint8],
    traits: npt.NDArray[np.uint8],
    n_log_n: npt.NDArray[np.float64],
    row: npt.NDArray[np.float64],
) -> int:
    """Count what is decided by how often each character stands, make `times` 0 again, and tell how many marks stand."""
    tally = np.zeros(CLASS + 1, np.int64)
    seen = 0
    stops = functions = sentences = signs = ellipses = np.int64(0)
    information = 0.0
    for k in range(known):
        point = distinct[k]
        n = np.int64(times[point])
        times[point] = 0
        bits, trait = classes[point], traits[point]
        tally[bits & CLASS] += n
        if bits & CLASS != SPACE:
            seen += 1
            information += n_log_n[n] if n < KNOWN_LOGS else n * math.log(n)
        if bits & STOP:
            stops += n
        if trait:
            functions += n * ((trait & FUNCTION) != 0)
            sentences += n * ((trait & SENTENCE) != 0)
            signs += n * ((trait & HASH) != 0)
            ellipses += n * ((trait & ELLIPSIS) != 0)
    for c in range(len(CLASSES)):
        row[CLASSES_FROM + c] = tally[c]
    chars = tally.sum()
    visible = chars - tally[SPACE]
    row[CHARS], row[VISIBLE], row[DISTINCT] = chars, visible, seen
    row[FUNCTIONS], row[SENTENCES], row[HASHES], row[ELLIPSES] = functions, sentences, signs, ellipses
    if visible:
        row[ENTROPY] = max(0.0, math.log(visible) - information / visible)
    return int(stops)


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
def _lines(
    hashes: npt.NDArray[np.uint64],
    ends: npt.NDArray[np.uint32],
    found: np.uint64,
    traits: npt.NDArray[np.uint8],
    tails: npt.NDArray[np.uint64],
    powers: npt.NDArray[np.uint64],
    row: npt.NDArray[np.float64],
) -> int:
    """Count how lines of visible characters begin and end; leaves only their ends in `ends` and returns how many there are."""
    lines = bullets = terminals = ellipses = more = 0
    begin = ZERO
    for k in range(found):
        end = np.uint64(ends[k])
        if end == begin:
            continue
        ends[lines] = end
        lines += 1
        first = traits[hashes[begin + ONE] * INVERSE - hashes[begin]]
        last = traits[hashes[end] * INVERSE - hashes[end - ONE]]
        bullets += (first & BULLET) != 0
        terminals += (last & TERMINAL) != 0
        ellipses += (last & ELLIPSIS) != 0
        if last & MORE:
            for t in range(tails.shape[0]):
                n = tails[t, 0]
                if n <= end - begin and hashes[end] - hashes[end - n] * powers[n] == tails[t, 1]:
                    more += 1
                    break
        begin = end
    row[LINES], row[BULLET_LINES], row[TERMINAL_LINES] = lines, bullets, terminals
    row[ELLIPSIS_LINES], row[MORE_LINES] = ellipses, more
    return lines


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
    values = np.empty(most, np.uint64)
    ends = np.empty(most + 1, np.uint32)
    times = np.zeros(CODE_POINTS, np.uint32)
    distinct = np.empty(min(most, CODE_POINTS) + 1, np.uint32)
    table = np.zeros(places(np.uint64(most)), np.uint32)
    tops_2, tops_4 = np.zeros(TOPS, np.uint32), np.zeros(TOPS, np.uint32)
    powers = np.ones(max(most, LONGEST_TAIL) + 1, np.uint64)
    for k in range(1, len(powers)):
        powers[k] = powers[k - 1] * FACTOR
    n_log_n = np.zeros(KNOWN_LOGS, np.float64)
    for k in range(1, KNOWN_LOGS):
        n_log_n[k] = k * math.log(k)
    state = np.empty(STATES, np.int64)
    base = read = ZERO
    for d in range(n):
        row, start, stop = counts[d], int(offsets[d]), int(offsets[d + 1])
        state[:] = 0
        visible, found, known = _read(data, start, stop, classes, hashes, ends, times, distinct, state)
        addresses = times[SLASH] > 1 or times[W] > 2
        stops = _characters(known, distinct, times, classes, traits, n_log_n, row)
        lost_marks = state[LOSSES] if state[LOSSES] >= lost and state[LOSSES] > stops else 0
        row[MOJIBAKE] = state[FOUND] + lost_marks
        row[BRACKETED] = state[ENCLOSED]
        if addresses:
            row[URL] = _url_bytes(data, start, stop)
        lines = _lines(hashes, ends, found, traits, tails, powers, row)
        row[REPEATED_LINE_CHARS] = repeated_lines(hashes, ends, lines, powers, values, table, base)
        base += np.uint64(lines)
        row[TOP_2], row[TOP_4] = top_grams(hashes, visible, powers, tops_2, tops_4, np.uint32(read))
        read += visible
        count = max(0, int(visible) - GRAM + 1)
        row[GRAMS], row[REPEATED_GRAMS] = count, repeated_grams(hashes, count, powers[TEN], table, base)
        base += np.uint64(count)
    return counts
