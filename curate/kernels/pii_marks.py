"""Which texts may hold data that a word announces, or codes, network addresses and coordinates: what `pii_gate` does not look for.

What follows holds for every find of the patterns in the package `pii` whose gate is not `digits`, `at` or `plate`, and for
numbers longer than a card's; a text without any of it need not become a Python string for them.
"""

from __future__ import annotations

from collections.abc import Iterable

import numba as nb
import numpy as np
import numpy.typing as npt
from numba import njit, types

from . import CACHED, inlined, kernel
from .minhash import BYTES, OFFSETS
from .utf8 import decode

__all__ = ["AHEAD", "BEHIND", "LEAST", "Words", "marks", "words"]

AHEAD, BEHIND = 48, 24
"""Characters behind a lead word, and before a word that stands behind its find, which hold its beginning."""

LEAST = 4
"""Signs, letters or digits of ASCII or Han figures among them, at least."""

MARGIN = 64  # zeros before and behind a text, more than any look reaches
PLANE = 1 << 16

FIGURES = np.array(sorted(map(ord, "〇零○一二三四五六七八九十")), np.uint32)

Points = npt.NDArray[np.uint32]
Flags = npt.NDArray[np.bool_]
Words = tuple[npt.NDArray[np.int32], npt.NDArray[np.uint32], npt.NDArray[np.int32], Flags]
"""By a word's last character where its words begin in the list, the characters of all backwards, where each ends, and whether
its find stands before it."""

PLAIN = types.Array(nb.uint16, 1, "C", readonly=True)


def words(leading: Iterable[str], closing: Iterable[str]) -> Words:
    """The tables of `marks` for words before and behind their finds; letters of ASCII match in either case."""
    some = sorted({(word.lower()[::-1], False) for word in leading} | {(word.lower()[::-1], True) for word in closing})
    first = np.zeros(PLANE + 1, np.int32)
    for word, _ in some:
        first[ord(word[0]) + 1] += 1
    points = np.array([ord(c) for word, _ in some for c in word], np.uint32)
    ends = np.cumsum([len(word) for word, _ in some]).astype(np.int32)
    return np.cumsum(first).astype(np.int32), points, ends, np.array([behind for _, behind in some], np.bool_)


@inlined
def _digit(c: np.uint32) -> bool:
    return bool(c >= 48 and c <= 57)


@inlined
def _small(c: np.uint32) -> np.uint32:
    return c | np.uint32(32) if c >= 65 and c <= 90 else c


@inlined
def _capital(c: np.uint32) -> bool:
    return bool(c >= 65 and c <= 90)


@inlined
def _latin(c: np.uint32) -> bool:
    low = c | np.uint32(32)
    return bool(_digit(c) or (low >= 97 and low <= 122))


@inlined
def _hex(c: np.uint32) -> bool:
    low = c | np.uint32(32)
    return bool(_digit(c) or (low >= 97 and low <= 102))


@inlined
def _digits(points: Points, i: int) -> bool:
    """Whether four digits begin at `i`."""
    return bool(_digit(points[i]) and _digit(points[i + 1]) and _digit(points[i + 2]) and _digit(points[i + 3]))


@kernel
def _told(
    points: Points, i: int, first: npt.NDArray[np.int32], some: Points, ends: npt.NDArray[np.int32], behind: Flags
) -> bool:
    """Whether a word ends at `i` with enough signs where its find should be."""
    c = _small(points[i])
    for word in range(first[c], first[c + 1]):
        start = ends[word - 1] if word > 0 else 0
        size = ends[word] - start
        same = True
        for k in range(1, size):
            if _small(points[i - k]) != some[start + k]:
                same = False
                break
        if not same:
            continue
        # the word itself may be the beginning of the find
        low, high = (i - size - BEHIND, i - size + 1) if behind[word] else (i + 1 - size, i + 1 + AHEAD)
        signs = 0
        for at in range(low, high):
            p = points[at]
            if p > 32 and p < 127:
                signs += 1
            elif p > 127:
                k = np.searchsorted(FIGURES, p)
                signs += int(k < len(FIGURES) and FIGURES[k] == p)
        if signs >= LEAST:
            return True
    return False


@kernel
def _code(points: Points, start: int, end: int) -> bool:
    """Whether the letters and digits from `start` to `end` are a code: letters before figures, a vehicle's, a SIM card's."""
    size = end - start
    if size == 17 and _digits(points, end - 4):
        return True
    if size == 20 and points[start] == 56 and points[start + 1] == 57 and points[start + 2] == 56:
        return True
    if (
        (size == 8 and points[end] == 45)
        and (_digit(points[end + 1]) or points[end + 1] == 88)
        and not _latin(points[end + 2])
    ):
        return True
    letters = 0
    while letters < 4 and _capital(points[start + letters]):
        letters += 1
    if letters == 0 or letters == 4:
        return False
    for k in range(start + letters, end):
        if not _digit(points[k]):
            return False
    figures = size - letters
    return figures >= 7 or (figures == 6 and (points[end] == 40 or points[end + 1] == 40))


@kernel
def _quad(points: Points, start: int, end: int) -> bool:
    """Whether three more figures follow those from `start` to `end`, each behind a dot."""
    for _ in range(3):
        if end - start > 3 or points[end] != 46 or not _digit(points[end + 1]):
            return False
        start = end + 1
        end = start
        while _digit(points[end]):
            end += 1
    return end - start <= 3


@kernel
def _colons(points: Points, i: int) -> bool:
    """Whether the colon or hyphen at `i` is one of an address: hexadecimal figures, and two more colons or three more hyphens."""
    sign = points[i]
    least, most, more = (0, 4, 2) if sign == 58 else (2, 2, 3)
    at = i
    for _ in range(more):
        figures = 0
        at += 1
        while figures < most and _hex(points[at]):
            figures += 1
            at += 1
        if figures < least or points[at] != sign:
            return False
    return True


@kernel
def _figure(points: Points, i: int) -> bool:
    """Whether the dot at `i` has four figures behind it, or figures stand on both sides of the sign of degrees at `i`."""
    if points[i] == 46:
        return _digits(points, i + 1)
    before = points[i - 1] if points[i - 1] != 32 else points[i - 2]
    after = points[i + 1] if points[i + 1] != 32 else points[i + 2]
    return _digit(before) and _digit(after)


@kernel
def _any(
    points: Points, stop: int, first: npt.NDArray[np.int32], some: Points, ends: npt.NDArray[np.int32], behind: Flags
) -> bool:
    """Whether a text in normal form has any of it; it lies between margins of zeros."""
    i = MARGIN
    figures = 0
    start = 0  # of the letters and digits that stand without a gap
    while i < stop:
        c = points[i]
        if c < PLANE and first[_small(c) + 1] > first[_small(c)] and _told(points, i, first, some, ends, behind):
            return True
        if _latin(c):
            if start == 0:
                start = i
            if not _latin(points[i + 1]):
                if i - start >= 6 and _code(points, start, i + 1):
                    return True
                if points[i + 1] == 46 and _digit(c) and _digit(points[start]) and _quad(points, start, i + 1):
                    return True
                start = 0
        elif c == 58 or c == 45:
            if _colons(points, i):
                return True
        elif ((c == 46 and _digit(points[i - 1])) or c == 0xB0 or c == 0x5EA6) and _figure(points, i):
            figures += 1
            if figures == 2:  # a latitude and a longitude
                return True
        i += 1
    return False


@njit(
    nb.void(
        BYTES, OFFSETS, PLAIN, types.Array(nb.int32, 1, "C"), types.Array(nb.uint32, 1, "C"), types.Array(nb.int32, 1, "C"),
        nb.boolean[::1], nb.boolean[::1],
    ),
    nogil=True,
    cache=CACHED,
)  # fmt: skip
def marks(
    data: npt.NDArray[np.uint8],
    offsets: npt.NDArray[np.int32],
    plain: npt.NDArray[np.uint16],
    first: npt.NDArray[np.int32],
    some: Points,
    ends: npt.NDArray[np.int32],
    behind: Flags,
    out: Flags,
) -> None:
    """Set `out` for each text that may hold such a find; others stay as they are, and those already set are not read.

    `plain` is the table of `pii.normal`: what each of the first 65,536 characters counts as; `first` to `behind` are `words`.
    """
    room = 0
    for d in range(out.shape[0]):
        if not out[d]:
            room = max(room, offsets[d + 1] - offsets[d])
    points = np.zeros(room + 2 * MARGIN, np.uint32)
    for d in range(out.shape[0]):
        if not out[d]:
            stop = MARGIN + decode(data, offsets[d], offsets[d + 1], points[MARGIN:])
            points[stop : stop + MARGIN] = 0
            for i in range(MARGIN, stop):
                if points[i] < len(plain):
                    points[i] = plain[points[i]]
            out[d] = _any(points, stop, first, some, ends, behind)
