"""Which texts may need which repair, straight on Arrow buffers, so that clean texts cost one reading.

`suspects` reads a table of bits for every code point. What it flags is a guess on the side of too much; the repairs
decide.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from . import inlined, kernel
from .minhash import place, slots
from .utf8 import ONE, code_point

__all__ = ["ANYWHERE", "BITS", "FLAGS", "pairs", "suspects"]

BITS = {
    "han": 1,
    "space": 2,
    "feed": 4,
    "open": 8,
    "letter": 16,
    "strong": 32,
    "weak": 64,
    "first": 128,
    "second": 256,
    "escape": 512,
    "soft": 1024,
    "close": 2048,
    "skipped": 4096,
}
"""Bits of the table: Han characters; one space; line feeds; brackets; letters of readings; marks of broken text; the first
and the second character of a pair; `&`, `\\` and `%`; soft hyphens; carriage returns, which are passed over.
"""

FLAGS = {
    "glosses": 1,
    "mojibake": 2,
    "escapes": 4,
    "soft_hyphens": 8,
    "spaces": 16,
    "lines": 32,
    "furniture": 64,
    "links": 128,
    "hijacked": 256,
}
"""Bits of the answer, one for each repair."""

HAN, SPACE, FEED, OPEN, LETTER, STRONG, WEAK, FIRST, SECOND, ESCAPE, SOFT, CLOSE, SKIPPED = (1 << k for k in range(13))
SELDOM = FEED | OPEN | STRONG | WEAK | ESCAPE | SOFT
GLOSS, GARBLED, ESCAPED, HYPHEN, SPACED, BROKEN, FURNITURE, LINKS, HIJACKED = (1 << k for k in range(9))

ANYWHERE = 512
"""Added to the flags of a pair that counts at any place of a line, not near its beginning alone."""

SYLLABLE = 6  # letters of the longest one, zhuang
RUN = 3  # as in kernels.quality
GAPS, GAPS_OF_TEN = 8, 8  # single spaces between Han characters of a line, and of ten places between two
TEXT_GAPS, TEXT_GAPS_OF_TEN = 30, 6  # the same of a text
NARROWEST, WIDEST = 30, 120  # columns of a line that a page breaks
RAGGED = 4  # columns by which two lines broken one after the other may differ
WITHIN = 120  # characters in which four advertising terms stand
NEAR = 60  # characters of a line in which a line of furniture, or a heading, shows itself
WIDE = np.uint32(0x2E80)

AMPERSAND, BACKSLASH, PERCENT, HASH, SEMICOLON = 0x26, 0x5C, 0x25, 0x23, 0x3B
ENTITY = 10  # bytes of the longest name looked for
SHIFT = np.uint64(32)
ZERO = np.uint64(0)


@inlined
def _hex(byte: int) -> bool:
    return (byte >= 0x30 and byte <= 0x39) or (byte >= 0x41 and byte <= 0x46) or (byte >= 0x61 and byte <= 0x66)


@inlined
def _alpha(byte: int) -> bool:
    return (byte >= 0x41 and byte <= 0x5A) or (byte >= 0x61 and byte <= 0x7A)


@kernel
def _escaped(data: npt.NDArray[np.uint8], point: np.uint32, i: np.uint64, end: np.uint64) -> bool:
    """Whether an escape goes on at byte `i`, behind its first character."""
    if i + np.uint64(2) >= end:
        return False
    if point == AMPERSAND:
        if data[i] != HASH and not _alpha(data[i]):
            return False
        ends = False
        for k in range(ONE, min(np.uint64(ENTITY), end - i)):
            ends |= data[i + k] == SEMICOLON
        return ends
    if point == BACKSLASH:
        return data[i] in (0x55, 0x75) and _hex(data[i + ONE])
    return _hex(data[i]) and data[i] >= 0x38 and _hex(data[i + ONE])


@kernel
def _gloss(data: npt.NDArray[np.uint8], i: np.uint64, end: np.uint64, table: npt.NDArray[np.uint16]) -> bool:
    """Whether a few letters and a bracket stand at byte `i`, behind an opening one."""
    for k in range(SYLLABLE + 1):
        if i >= end:
            return False
        point, i = code_point(data, i, end)
        if table[point] & CLOSE:
            return k > 0
        if not table[point] & LETTER:
            return False
    return False


def pairs(table: dict[tuple[int, int], int]) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint16]]:
    """A hash table of pairs of code points and the flags of each, as `suspects` reads it."""
    room = slots.py_func(len(table))  # type: ignore[attr-defined]
    keys, flags = np.zeros(room, np.uint64), np.zeros(room, np.uint16)
    for (a, b), flag in table.items():
        at = b & room - 1
        while keys[at]:
            at = at + 1 & room - 1
        keys[at], flags[at] = a << 32 | b, flag
    return keys, flags


@kernel
def suspects(
    data: npt.NDArray[np.uint8],
    offsets: npt.NDArray[np.int32],
    table: npt.NDArray[np.uint16],
    keys: npt.NDArray[np.uint64],
    kinds: npt.NDArray[np.uint16],
) -> npt.NDArray[np.uint16]:
    """The flags of each of n texts; `table` has bits for each of `CODE_POINTS` code points, `keys` and `kinds` are of `pairs`."""
    n = offsets.shape[0] - 1
    found = np.zeros(n, np.uint16)
    mask = np.uint64(keys.shape[0] - 1)
    for d in range(n):
        i, end = np.uint64(offsets[d]), np.uint64(offsets[d + 1])
        flags = 0
        count = line = columns = width = last_width = 0
        gaps = closed = line_gaps = line_closed = 0
        term1 = term2 = term3 = -WITHIN
        last = -2
        run = 0
        strong = mixed = wide = alike = False
        first = before_point = np.uint32(0)
        b1 = b2 = np.uint16(0)
        while i < end:
            point, i = code_point(data, i, end)
            bits = table[point]
            if bits & SKIPPED:
                continue
            if (b1 & FIRST) and (bits & SECOND):
                key = np.uint64(before_point) << SHIFT | np.uint64(point)
                kind = kinds[place(keys, mask, key)]
                if kind & ANYWHERE or count - line <= NEAR:
                    flags |= kind & ~(HIJACKED | ANYWHERE)
                if kind & HIJACKED:
                    if count - term3 <= WITHIN:
                        flags |= HIJACKED
                    term3, term2, term1 = term2, term1, count
            line_gaps += bits & HAN & (b1 >> 1) & b2
            line_closed += bits & HAN & b1
            columns += 2 if point >= WIDE else 1
            if wide and bits & HAN and b1 & FEED:
                alike |= abs(width - last_width) <= RAGGED
                last_width = width
            if bits & SELDOM:
                if bits & FEED:
                    wide = bool(b1 & HAN) and columns >= NARROWEST and columns <= WIDEST
                    line = count + 1
                    width = columns
                    columns = 0
                    if line_gaps >= GAPS and 10 * line_gaps >= GAPS_OF_TEN * (line_gaps + line_closed):
                        flags |= SPACED
                    gaps += line_gaps
                    closed += line_closed
                    line_gaps = line_closed = 0
                if bits & OPEN and b1 & HAN and not flags & GLOSS and _gloss(data, i, end, table):
                    flags |= GLOSS
                if bits & ESCAPE and _escaped(data, point, i, end):
                    flags |= ESCAPED
                if bits & SOFT:
                    flags |= HYPHEN
                if bits & (STRONG | WEAK):
                    if last != count - 1:
                        run = 0
                        strong = mixed = False
                        first = point
                    last = count
                    run += 1
                    strong |= (bits & STRONG) != 0
                    mixed |= point != first
                    if run >= RUN and strong and mixed:
                        flags |= GARBLED
            b2, b1 = b1, bits
            before_point = point
            count += 1
        if line_gaps >= GAPS and 10 * line_gaps >= GAPS_OF_TEN * (line_gaps + line_closed):
            flags |= SPACED
        gaps += line_gaps
        closed += line_closed
        if gaps >= TEXT_GAPS and 10 * gaps >= TEXT_GAPS_OF_TEN * (gaps + closed):
            flags |= SPACED
        if alike:
            flags |= BROKEN
        found[d] = flags
    return found
