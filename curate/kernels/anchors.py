"""Anchors of the windows of a text: equal windows, in whatever texts, have the same one.

A window is `least` code points in a row. By winnowing (Schleimer, Wilkerson, Aiken, Winnowing: Local Algorithms for Document
Fingerprinting, 2003) each window selects one of its k-grams by their hashes alone, the least, of equal ones the
last; neighbouring windows mostly select the same, so that there are about 2 / (least - k + 2) anchors for each code point.

A window counts only if at least half of its code points are telling: no white space, and other than each of the two before
it in the window. Rules, dot leaders, indentation and empty table cells repeat everywhere and say nothing.
"""

from __future__ import annotations

import numba as nb
import numpy as np
import numpy.typing as npt
from numba import njit, types

from . import CACHED, inlined
from .minhash import BYTES, OFFSETS
from .utf8 import code_point

__all__ = ["anchors", "gram", "mixed", "power", "telling"]

BASE = np.uint64(0x9E3779B97F4A7C15)  # odd; 2^64 divided by the golden ratio
MULTIPLIER = np.uint64(0xFF51AFD7ED558CCD)  # of MurmurHash3's finaliser
ONE, ZERO, HALF, SHIFT = np.uint64(1), np.uint64(0), np.uint64(32), np.uint64(29)
NO_POINT = np.uint32(0xFFFFFFFF)

WHITE = np.array([chr(point).isspace() for point in range(0x3001)])
"""Whether a code point is white space; none after U+3000 is."""

SPARSE = 16
"""Bytes of text for each anchor that room is made for at first."""


def gram(least: int) -> int:
    """k, the code points of an anchor of windows of `least`: short for few anchors, long for few that agree by chance."""
    return max(1, least // 3)


@inlined
def white(point: np.uint32) -> bool:
    """Whether a code point is white space."""
    return point < len(WHITE) and WHITE[point]


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


@njit(
    types.Tuple((nb.uint64[::1], nb.uint32[::1], nb.uint32[::1]))(BYTES, OFFSETS, nb.int64, nb.int64),
    nogil=True,
    cache=CACHED,
)
def anchors(
    data: npt.NDArray[np.uint8], offsets: npt.NDArray[np.int32], least: int, k: int
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint32], npt.NDArray[np.uint32]]:
    """The anchors of the windows that count of n texts: hash of the k-gram, number of the text, byte at which it begins.

    k is from 1 to `least`. Time is linear in the bytes; memory, beside what is returned, does not depend on them.
    """
    room = 1
    while room < least + 2:
        room *= 2
    mask = room - 1
    # The last code points, by place: what they are, at which byte, whether they tell, and the hash of the k-gram that ends there.
    points = np.zeros(room, np.uint32)
    at = np.zeros(room, np.uint32)
    tells = np.zeros(room, np.uint8)
    hashes = np.zeros(room, np.uint64)
    out_power = power(k)

    capacity = len(data) // SPARSE + 64
    found = np.empty(capacity, np.uint64)
    text = np.empty(capacity, np.uint32)
    where = np.empty(capacity, np.uint32)
    count = 0
    for d in range(offsets.shape[0] - 1):
        begin, stop = np.uint64(offsets[d]), np.uint64(offsets[d + 1])
        i = begin
        n = 0
        h = least_hash = ZERO
        told = 0
        best = selected = -1  # the k-gram that ends there
        before = second = NO_POINT
        while i < stop:
            at[n & mask] = i - begin
            point, i = code_point(data, i, stop)
            h = h * BASE + np.uint64(point) + ONE
            if n >= k:
                h -= out_power * (np.uint64(points[(n - k) & mask]) + ONE)
            points[n & mask] = point
            tell = n >= 2 and telling(point, before, second)
            tells[n & mask] = tell
            told += tell
            second, before = before, point
            ordered = mixed(h)
            hashes[n & mask] = ordered
            first = n - least + 1  # of the window
            if n >= k - 1 and (best < 0 or ordered <= least_hash):
                best, least_hash = n, ordered
            elif best < first + k - 1:
                best = n
                least_hash = ordered
                for j in range(n - 1, first + k - 2, -1):
                    if hashes[j & mask] < least_hash:
                        best, least_hash = j, hashes[j & mask]
            if first > 0:
                told -= tells[(first + 1) & mask]
            if first >= 0 and 2 * told >= least and best != selected:
                selected = best
                if count == len(found):
                    capacity = 2 * count
                    found = _grown(found, capacity)
                    text = _grown(text, capacity)
                    where = _grown(where, capacity)
                found[count] = mixed(least_hash * BASE)
                text[count] = d
                where[count] = at[(best - k + 1) & mask]
                count += 1
            n += 1
    return found[:count].copy(), text[:count].copy(), where[:count].copy()


@inlined
def _grown(values, capacity):  # type: ignore[no-untyped-def]
    out = np.empty(capacity, values.dtype)
    out[: len(values)] = values
    return out
