"""Anchors of the windows of a text: equal windows, in whatever texts, hold the same k-gram as theirs.

A window is `least` code points in a row. By winnowing (Schleimer, Wilkerson, Aiken, Winnowing: Local Algorithms for Document
Fingerprinting, 2003) each window selects the k-gram of the least hash. Of equal ones it may be any, and is the one that the
window before selected, if it can be: so there are about 2 / (least - k + 2) anchors for each code point, and not more of
them in a text that repeats itself.

A window counts only if at least half of its code points are telling: no white space, and other than each of the two before
it in the window. Rules, dot leaders, indentation and empty table cells repeat everywhere and say nothing.
"""

from __future__ import annotations

import numba as nb
import numpy as np
import numpy.typing as npt
from numba import njit, types

from . import CACHED, inlined, kernel
from .minhash import BYTES, OFFSETS
from .utf8 import code_point

__all__ = ["anchors", "gram", "mixed", "power", "telling", "white"]

BASE = np.uint64(0x9E3779B97F4A7C15)  # odd; 2^64 divided by the golden ratio
MULTIPLIER = np.uint64(0xFF51AFD7ED558CCD)  # of MurmurHash3's finaliser
Hashes = npt.NDArray[np.uint64]

ONE, ZERO, HALF, SHIFT = np.uint64(1), np.uint64(0), np.uint64(32), np.uint64(29)
NO_POINT = np.uint32(0xFFFFFFFF)

WHITE = np.array([chr(point).isspace() for point in range(0x3001)])
"""Whether a code point is white space; none after U+3000 is."""

SHORTEST = 8
"""Code points of an anchor, however short the windows are."""

SPARSE = 16
"""Bytes of text for each anchor that room is made for at first."""

TILE = 4096
"""Bytes of text between two looks at whether there is room."""


def gram(least: int) -> int:
    """k, the code points of an anchor of windows of `least`: short for few anchors, long for few that agree by chance."""
    return min(least, max(SHORTEST, least // 3))


@inlined
def white(point: np.uint32) -> bool:
    """Whether a code point is white space."""
    return bool(point < len(WHITE) and WHITE[point])


@inlined
def telling(point: np.uint32, before: np.uint32, second: np.uint32) -> bool:
    """Whether a code point that stands after `before`, and that after `second`, tells one text from another."""
    return point != before and point != second and not white(point)


@inlined
def mixed(h: np.uint64) -> np.uint64:
    """A polynomial hash whose low bits depend on all of it, and its high ones too."""
    h ^= h >> HALF
    h *= MULTIPLIER
    return h ^ (h >> SHIFT)


@inlined
def power(count: int) -> np.uint64:
    """The factor of a code point that is `count` places from the end of a polynomial hash."""
    p = ONE
    for _ in range(count):
        p *= BASE
    return p


@kernel
def _grown(values: Hashes) -> Hashes:
    out = np.empty(2 * len(values), np.uint64)
    out[: len(values)] = values
    return out


@njit(types.Tuple((nb.uint64[::1], nb.uint64[::1]))(BYTES, OFFSETS, nb.int64, nb.int64), nogil=True, cache=CACHED)
def anchors(data: npt.NDArray[np.uint8], offsets: npt.NDArray[np.int32], least: int, k: int) -> tuple[Hashes, Hashes]:
    """The anchors of those windows of n texts that count, in their order.

    For each the hash of its k-gram, and the number of its text (upper 32 bits) with the byte of that text where it begins.
    k is from 1 to `least`, which is at least 2. Time is linear in the bytes, and memory, beside what is returned, does not depend on them.
    """
    room = 1
    while room < least + 2:
        room *= 2
    mask = room - 1
    # The last code points, by place: what they are, where they begin, whether they tell, the hash of the k-gram that ends there.
    points = np.zeros(room, np.uint32)
    starts = np.zeros(room, np.uint64)
    tells = np.zeros(room, np.uint8)
    hashes = np.zeros(room, np.uint64)
    leaving = power(k)

    found = np.empty(len(data) // SPARSE + TILE, np.uint64)
    where = np.empty(len(data) // SPARSE + TILE, np.uint64)
    count = 0
    for d in range(offsets.shape[0] - 1):
        begin, stop = np.uint64(offsets[d]), np.uint64(offsets[d + 1])
        i = begin
        n = told = 0
        h = least_hash = ZERO
        best = selected = -1  # the last code points of k-grams
        before = second = NO_POINT
        while i < stop:
            if len(found) < count + TILE:
                found, where = _grown(found), _grown(where)
            end = min(
                stop, i + np.uint64(TILE)
            )  # an inner loop of its own, because arrays that may be replaced make it slow
            while i < end:
                starts[n & mask] = i - begin
                point, i = code_point(data, i, stop)
                h = h * BASE + np.uint64(point) + ONE
                if n >= k:
                    h -= leaving * (np.uint64(points[(n - k) & mask]) + ONE)
                points[n & mask] = point
                tell = n >= 2 and telling(point, before, second)
                tells[n & mask] = tell
                told += tell
                second, before = before, point
                ordered = mixed(h)
                hashes[n & mask] = ordered
                first = n - least + 1  # of the window that ends here
                if n >= k - 1:
                    if best < 0 or ordered < least_hash:
                        best, least_hash = n, ordered
                    elif best < first + k - 1:
                        best, least_hash = n, ordered
                        for j in range(n - 1, first + k - 2, -1):
                            if hashes[j & mask] < least_hash:
                                best, least_hash = j, hashes[j & mask]
                if first > 0:
                    told -= tells[(first + 1) & mask]
                if first >= 0 and best != selected and 2 * told >= least:
                    selected = best
                    found[count] = mixed(
                        least_hash * BASE
                    )  # hashes that were chosen for being small are not spread evenly
                    where[count] = np.uint64(d) << HALF | starts[(best - k + 1) & mask]
                    count += 1
                n += 1
    return found[:count].copy(), where[:count].copy()
