"""Finding and rewriting the characters that normalise alters, straight on Arrow buffers.

Both kernels take a table of `CODE_POINTS` actions: KEEP, NEWLINE, REMOVE, COMPOSE or BLANK, and from 0x20 to 0x7E
the ASCII character that a code point becomes.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from . import kernel
from .utf8 import code_point

__all__ = [
    "ACTIONS",
    "BLANK",
    "COMPOSE",
    "HAS_TEXT",
    "KEEP",
    "NEEDS_COMPOSING",
    "NEEDS_REWRITING",
    "NEWLINE",
    "REMOVE",
    "classify",
    "rewrite",
]

KEEP, NEWLINE, REMOVE, COMPOSE, BLANK = 0, 1, 2, 3, 4
ACTIONS = {"newline": NEWLINE, "remove": REMOVE, "compose": COMPOSE, "blank": BLANK}
"""The action of each name in the data table, but for `replace`, which is the character itself."""

NEEDS_REWRITING, NEEDS_COMPOSING, HAS_TEXT = 1, 2, 4
"""Flags of a document: `rewrite` alters it; it has characters for NFC to look at; it has a visible character."""

SPACE, LINE_FEED, RETURN, TAB = 0x20, 0x0A, 0x0D, 0x09


@kernel
def classify(
    data: npt.NDArray[np.uint8], offsets: npt.NDArray[np.int32], table: npt.NDArray[np.uint8]
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int32]]:
    """The flags of each of the n documents between n + 1 offsets, and their lengths in code points."""
    n = offsets.shape[0] - 1
    flags = np.zeros(n, np.uint8)
    chars = np.zeros(n, np.int32)
    for d in range(n):
        i = int(offsets[d])
        stop = int(offsets[d + 1])
        found = 0
        count = 0
        after_blank = False
        while i < stop:
            count += 1
            point, i = code_point(data, i, stop)
            action = table[point]
            if action == KEEP:
                found |= HAS_TEXT
                after_blank = False
            elif action == NEWLINE:
                if after_blank or point != LINE_FEED:
                    found |= NEEDS_REWRITING
                after_blank = False
            elif action == BLANK:
                after_blank = True
            elif action == COMPOSE:
                found |= HAS_TEXT | NEEDS_COMPOSING
                after_blank = False
            else:
                found |= NEEDS_REWRITING
                if action > SPACE:
                    found |= HAS_TEXT
                    after_blank = False
        if after_blank:
            found |= NEEDS_REWRITING
        flags[d] = found
        chars[d] = count
    return flags, chars


@kernel
def _rewrite_one(
    data: npt.NDArray[np.uint8],
    start: int,
    stop: int,
    table: npt.NDArray[np.uint8],
    out: npt.NDArray[np.uint8],
    n: int,
) -> tuple[int, int]:
    """Write one document from out[n] on; where it ends, and how many of its characters were altered or removed."""
    i = start
    begin = n
    changes = 0
    blanks = 0  # blanks written as they were since the last other character: trimmed, each is one more change
    while i < stop:
        at = i
        point, i = code_point(data, i, stop)
        action = table[point]
        if action in (KEEP, COMPOSE):
            blanks = 0
            for k in range(at, i):
                out[n] = data[k]
                n += 1
        elif action == NEWLINE:
            if point == RETURN and i < stop and data[i] == LINE_FEED:
                changes += 1
                continue
            changes += blanks + (point != LINE_FEED)
            blanks = 0
            while n > begin and (out[n - 1] == SPACE or out[n - 1] == TAB):
                n -= 1
            out[n] = LINE_FEED
            n += 1
        elif action == BLANK:
            blanks += 1
            out[n] = point
            n += 1
        elif action == REMOVE:
            changes += 1
        else:
            changes += 1
            if action > SPACE:
                blanks = 0
            out[n] = action
            n += 1
    while n > begin and (out[n - 1] == SPACE or out[n - 1] == TAB):
        n -= 1
    return n, changes + blanks


@kernel
def rewrite(
    data: npt.NDArray[np.uint8],
    offsets: npt.NDArray[np.int32],
    flags: npt.NDArray[np.uint8],
    table: npt.NDArray[np.uint8],
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """New bytes, new offsets, and for each document the number of characters altered or removed; nothing is composed.

    No action makes a character longer, so the new bytes fit into the room of the old ones.
    """
    n = offsets.shape[0] - 1
    out = np.empty(offsets[n] - offsets[0], np.uint8)
    places = np.zeros(n + 1, np.int32)
    changes = np.zeros(n, np.int32)
    used = 0
    for d in range(n):
        start = int(offsets[d])
        stop = int(offsets[d + 1])
        if flags[d] & NEEDS_REWRITING:
            used, changes[d] = _rewrite_one(data, start, stop, table, out, used)
        else:
            out[used : used + stop - start] = data[start:stop]
            used += stop - start
        places[d + 1] = used
    return out[:used].copy(), places, changes
