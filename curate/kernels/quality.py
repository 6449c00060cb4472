"""What quality rules are decided by, counted in one pass over Arrow buffers."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from . import inlined, kernel
from .utf8 import code_point, length

__all__ = ["CLASSES", "COUNTS", "MARKS", "measure"]

CLASSES = ("other", "han", "latin", "digit", "symbol", "space", "replacement")
"""Class i of the table's low four bits."""

MARKS = {"strong": 16, "weak": 32, "tone": 64, "stop": 128}
"""Bits of the table that mark broken text; see `data/mojibake.tsv`."""

COUNTS = ("chars", "visible", "lines", "repeated_line_chars", "grams", "repeated_grams", "mojibake", *CLASSES)
"""Column i of the counts: of characters, but for lines and (repeated) 10-grams."""

GRAM = 10
HAN, LATIN, SPACE = 1, 2, 5
STRONG, WEAK, TONE, STOP = 16, 32, 64, 128
LINE_FEED, QUESTION, OPEN, CLOSE, WIDE_OPEN, WIDE_CLOSE = 0x0A, 0x3F, 0x28, 0x29, 0xFF08, 0xFF09
CLASSES_FROM = 7
RUN = 3  # two accented letters are neighbours in German and beside the dot of foreign names
GLOSS = 6  # letters of the longest syllable, zhuang

FACTOR = np.uint64(0x9E3779B97F4A7C15)
MIX = np.uint64(0xFF51AFD7ED558CCD)
LINES = np.uint64(0xD1B54A32D192ED03)  # keeps hashes of lines apart from those of 10-grams


@inlined
def _seen(table: npt.NDArray[np.uint32], cells: int, h: np.uint64) -> bool:
    """Whether a hash was put into the table before; it is now. A cell holds its high half, its place is the low one."""
    h = (h ^ (h >> np.uint64(32))) * MIX
    h ^= h >> np.uint64(29)
    tag = np.uint32(h >> np.uint64(32)) | np.uint32(1)
    mask = np.uint64(cells - 1)
    at = h & mask
    while table[at] != 0 and table[at] != tag:
        at = (at + np.uint64(1)) & mask
    known = table[at] == tag
    table[at] = tag
    return bool(known)


@inlined
def _cells(chars: int) -> int:
    """Cells of a table for a document: a power of two, at most a third taken, since lines and 10-grams together are at most `chars`."""
    cells = 64
    while cells < 3 * chars:
        cells *= 2
    return cells


@kernel
def measure(
    data: npt.NDArray[np.uint8], offsets: npt.NDArray[np.int32], classes: npt.NDArray[np.uint8], lost: int
) -> npt.NDArray[np.int64]:
    """Counts of each of n documents, shape (n, len(COUNTS)).

    `classes` has a class and marks for each of `CODE_POINTS` code points; `lost` is the least number of question marks
    between Han characters that may stand for lost punctuation. `visible` characters are all but spaces, and only they
    make lines and 10-grams. Of equal lines, or 10-grams, all but the first are repeated. Time and memory are linear in
    the longest document.
    """
    n = offsets.shape[0] - 1
    counts = np.zeros((n, len(COUNTS)), np.int64)
    most = 0
    for d in range(n):
        if offsets[d + 1] - offsets[d] > most:  # a document has no more characters than bytes
            most = max(most, length(data, int(offsets[d]), int(offsets[d + 1])))
    table = np.zeros(_cells(most), np.uint32)
    recent = np.zeros(16, np.uint64)  # the last visible characters
    power = np.uint64(1)
    for _ in range(GRAM):
        power *= FACTOR
    for d in range(n):
        i = int(offsets[d])
        stop = int(offsets[d + 1])
        cells = _cells(length(data, i, stop))
        table[:cells] = 0
        by_class = counts[d, CLASSES_FROM:]
        chars = visible = mojibake = lines = repeated_line_chars = repeated_grams = 0
        gram = line = np.uint64(0)
        in_line = 0
        run = 0
        first = np.uint32(0)
        strong = mixed = False
        gloss = 0
        tone = False
        after_han = False
        asked = False
        busy = False
        losses = stops = 0
        while i < stop:
            point, i = code_point(data, i, stop)
            bits = classes[point]
            kind = bits & 15
            chars += 1
            by_class[kind] += 1

            if bits != HAN or busy:
                if bits & (STRONG | WEAK):
                    if run == 0:
                        first = point
                    run += 1
                    strong |= (bits & STRONG) != 0
                    mixed |= point != first  # one character doubled is a word
                elif run:
                    if run >= RUN and strong and mixed:
                        mojibake += run
                    run = 0
                    strong = mixed = False
                if gloss:
                    if kind == LATIN and gloss <= GLOSS:
                        gloss += 1
                        tone |= (bits & TONE) != 0
                    else:
                        if tone and point in (CLOSE, WIDE_CLOSE):
                            mojibake += gloss + 1
                        gloss = 0
                        tone = False
                if after_han and point in (OPEN, WIDE_OPEN):
                    gloss = 1
                stops += (bits & STOP) != 0
                losses += asked and kind == HAN
                asked = after_han and point == QUESTION
                after_han = kind == HAN
                busy = run > 0 or gloss > 0 or asked
            else:  # most characters: a Han character that nothing waits for
                after_han = True

            if kind != SPACE:
                visible += 1
                in_line += 1
                line = (line + np.uint64(point)) * FACTOR
                at = visible & 15
                gram = gram * FACTOR + np.uint64(point) - power * recent[(visible - GRAM) & 15]
                recent[at] = point
                if visible >= GRAM:
                    repeated_grams += _seen(table, cells, gram)
            elif point == LINE_FEED and in_line:
                lines += 1
                if _seen(table, cells, line ^ LINES):
                    repeated_line_chars += in_line
                in_line = 0
                line = np.uint64(0)
        if in_line:
            lines += 1
            if _seen(table, cells, line ^ LINES):
                repeated_line_chars += in_line
        if run >= RUN and strong and mixed:
            mojibake += run
        if losses >= lost and losses > stops:
            mojibake += losses
        recent[:] = 0
        counts[d, 0] = chars
        counts[d, 1] = visible
        counts[d, 2] = lines
        counts[d, 3] = repeated_line_chars
        counts[d, 4] = max(0, visible - GRAM + 1)
        counts[d, 5] = repeated_grams
        counts[d, 6] = mojibake
    return counts
