"""Rows that share a key, found in buckets that fit the cache: in a corpus most keys occur once and are never sorted.

Keys are hashes, so equal ranges of them hold about equally many. They are scattered to buckets of such ranges (one pass of
a radix sort on the top bits); in each bucket keys are counted in a small table, and only those that may repeat are sorted.
"""

from __future__ import annotations

import numba as nb
import numpy as np
import numpy.typing as npt
from numba import njit, types

from . import CACHED, inlined

__all__ = ["buckets", "count", "order", "scatter", "shared"]

Keys = npt.NDArray[np.uint64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

KEYS = types.Array(nb.uint64, 1, "C", readonly=True)
FLAGS = types.Array(nb.boolean, 1, "C", readonly=True)
SPREAD = np.uint64(0x9E3779B97F4A7C15)  # 2^64 divided by the golden ratio
WORD, HALF, LOW = np.uint64(64), np.uint64(32), np.uint64(0xFFFFFFFF)
BUCKET = 8192
"""Keys in a bucket on average: 128 KB of rows and as much of table."""
ROOM = 16
"""Places of the table for each key, at least."""
MOST_BITS = 20
"""Of a place in the table: a bucket can be large where one key is very frequent."""
FEW = 64
"""Rows that are sorted by insertion, at most."""
DIGIT = np.uint64(11)
"""Bits that `order` sorts by in one pass."""


def buckets(keys: int) -> int:
    """How many buckets to scatter `keys` keys to."""
    return max(1, keys // BUCKET)


@inlined
def _bucket(key: np.uint64, first: np.uint64, scale: np.uint64) -> np.uint64:
    """The bucket of a key, of `scale` equal ranges of all keys counted from `first`; a huge number for those before."""
    return ((key >> HALF) * scale >> HALF) - first


@njit(nb.void(KEYS, FLAGS, nb.int64, nb.int64, nb.int64[::1]), nogil=True, cache=CACHED)
def count(keys: Keys, stays: Flags, part: int, parts: int, sizes: Ints) -> None:
    """Add the keys of the `part`-th of `parts` equal ranges to the sizes of their buckets; the last of `sizes` is not one.

    `stays` says which rows are looked at; empty for all of them.
    """
    number = np.uint64(len(sizes) - 1)
    first, scale = np.uint64(part) * number, np.uint64(parts) * number
    every = len(stays) == 0
    for i in range(len(keys)):
        if every or stays[i]:
            sizes[min(_bucket(keys[i], first, scale), number)] += 1


@njit(nb.void(KEYS, FLAGS, nb.int64, nb.int64, nb.int64, nb.int64[::1], nb.uint64[:, ::1]), nogil=True, cache=CACHED)
def scatter(keys: Keys, stays: Flags, shard: int, part: int, parts: int, places: Ints, rows: Keys) -> None:
    """Put the keys that `count` counted, each with `shard` << 32 | its row, to its bucket's place in `rows`, and move that.

    `rows` (n + 1 × 2) has one row more than there are such keys; the last of `places` is that row, where all others go.
    """
    number = np.uint64(len(places) - 1)
    first, scale = np.uint64(part) * number, np.uint64(parts) * number
    every = len(stays) == 0
    above = np.uint64(shard) << HALF
    for i in range(len(keys)):
        if every or stays[i]:
            # no branch on the range: which keys are in it cannot be predicted
            bucket = min(_bucket(keys[i], first, scale), number)
            place = places[bucket]
            rows[place, 0] = keys[i]
            rows[place, 1] = above | np.uint64(i)
            places[bucket] = place + (bucket < number)


@njit(nb.int64[::1](KEYS), nogil=True, cache=CACHED)
def order(values: Keys) -> Ints:
    """As a stable argsort: a radix sort that passes over the bits in which `values` differ at all, which for addresses are few."""
    n = len(values)
    places = np.arange(n)
    differ = np.uint64(0)
    for value in values:
        differ |= value ^ values[0]
    if differ == 0:
        return places
    other = np.empty(n, np.int64)
    ends = np.empty((1 << DIGIT) + 1, np.int64)
    mask = np.uint64((1 << DIGIT) - 1)
    shift = np.uint64(0)
    while shift < WORD:
        if not differ >> shift & np.uint64(1):
            shift += np.uint64(1)
            continue
        ends[:] = 0
        for value in values:
            ends[(value >> shift & mask) + np.uint64(1)] += 1
        for digit in range(1 << DIGIT):
            ends[digit + 1] += ends[digit]
        for place in places:
            digit = values[place] >> shift & mask
            other[ends[digit]] = place
            ends[digit] += 1
        places, other = other, places
        shift += DIGIT
    return places


@inlined
def _bits(number: int) -> int:
    bits = 1
    while (1 << bits) < number:
        bits += 1
    return bits


@inlined
def _often(bucket: Keys, seen: npt.NDArray[np.uint8], chosen: Keys, singles: bool) -> int:
    """Copy the rows of keys that share their place in the table to `chosen`: no key that occurs twice is missed."""
    bits = min(MOST_BITS, _bits(ROOM * len(bucket)))
    shift = WORD - np.uint64(bits)
    seen[: 1 << bits] = 2 if singles else 0
    if not singles:
        for i in range(len(bucket)):
            place = (bucket[i, 0] * SPREAD) >> shift
            seen[place] += seen[place] < 2
    found = 0
    for i in range(len(bucket)):
        key = bucket[i, 0]
        chosen[found, 0], chosen[found, 1] = key, bucket[i, 1]
        found += seen[(key * SPREAD) >> shift] > 1
    return found


@inlined
def _sort(chosen: Keys, scale: np.uint64, ends: Ints, ordered: Keys) -> None:
    """Sort the rows of one bucket by key, stable: scattered by the bits behind those of the bucket, then the few of each."""
    n = len(chosen)
    pieces = np.uint64(n // 4 + 1)
    for piece in range(pieces + np.uint64(1)):
        ends[piece] = 0
    for i in range(n):
        piece = ((chosen[i, 0] >> HALF) * scale & LOW) * pieces >> HALF
        ends[piece + np.uint64(1)] += 1
    for piece in range(pieces):
        ends[piece + 1] += ends[piece]
    for i in range(n):
        piece = ((chosen[i, 0] >> HALF) * scale & LOW) * pieces >> HALF
        ordered[ends[piece], 0], ordered[ends[piece], 1] = chosen[i, 0], chosen[i, 1]
        ends[piece] += 1
    lo = 0
    for piece in range(pieces):
        hi = ends[piece]
        if hi - lo > FEW:
            keys = np.empty(hi - lo, np.uint64)
            for i in range(lo, hi):
                keys[i - lo] = ordered[i, 0]
                chosen[i, 0], chosen[i, 1] = ordered[i, 0], ordered[i, 1]
            place = order(keys)
            for i in range(lo, hi):
                at = lo + place[i - lo]
                ordered[i, 0], ordered[i, 1] = chosen[at, 0], chosen[at, 1]
        else:
            for i in range(lo + 1, hi):
                key, row = ordered[i, 0], ordered[i, 1]
                j = i
                while j > lo and ordered[j - 1, 0] > key:
                    ordered[j, 0], ordered[j, 1] = ordered[j - 1, 0], ordered[j - 1, 1]
                    j -= 1
                ordered[j, 0], ordered[j, 1] = key, row
        lo = hi


@njit(nb.int64(nb.uint64[:, ::1], nb.int64[::1], nb.int64, nb.boolean), nogil=True, cache=CACHED)
def shared(rows: Keys, bounds: Ints, parts: int, singles: bool) -> int:
    """Move the rows whose key occurs more than once, or all if `singles`, to the head of `rows`; return how many.

    They are sorted by key, those of one key as they were. Bucket b is rows[bounds[b]:bounds[b + 1]].
    """
    number = len(bounds) - 1
    scale = np.uint64(parts) * np.uint64(number)
    most = 0
    for b in range(number):
        most = max(most, bounds[b + 1] - bounds[b])  # np.max would load half of numba with this kernel
    seen = np.empty(1 << MOST_BITS, np.uint8)
    chosen = np.empty((most, 2), np.uint64)
    ordered = np.empty((most, 2), np.uint64)
    ends = np.empty(most // 4 + 2, np.int64)
    used = 0
    for b in range(number):
        bucket = rows[bounds[b] : bounds[b + 1]]
        n = _often(bucket, seen, chosen, singles)
        _sort(chosen[:n], scale, ends, ordered[:n])
        for i in range(n):
            key = ordered[i, 0]
            if singles or (i > 0 and ordered[i - 1, 0] == key) or (i + 1 < n and ordered[i + 1, 0] == key):
                rows[used, 0], rows[used, 1] = key, ordered[i, 1]
                used += 1
    return used
