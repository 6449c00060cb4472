"""Folding texts, and an index of the n-grams of those that documents are compared with.

Every n-gram of a text stands in the index once for each item that it is of, where it first occurs. Texts are folded by a
table of `CODE_POINTS` values: 0 for what is dropped, the code point that a character becomes, or what `several` gives for
one that becomes more. What looks documents up is in `ngram_search`.
"""

from __future__ import annotations

from typing import NamedTuple

import numba as nb
import numpy as np
import numpy.typing as npt
from numba import njit, types

from . import CACHED, inlined, kernel
from .anchors import BASE, power
from .minhash import slots
from .utf8 import code_point

__all__ = [
    "BYTES",
    "INDEX",
    "INTS",
    "NOBODY",
    "NOTHING",
    "OFFSETS",
    "POINTS",
    "Floats",
    "Index",
    "Ints",
    "Points",
    "add",
    "bits",
    "fold",
    "fold_one",
    "index",
    "mixed",
    "same",
    "several",
    "word_shift",
]

NOBODY = -1
"""In place of an item: its n-grams are no evidence, wherever else they stand."""

ZERO, ONE, SIX, SHIFT, HALF, WORD = (np.uint64(i) for i in (0, 1, 6, 29, 32, 64))
LOW_SIX = np.uint64(63)
NOTHING = np.uint32(0)

LONGER, LENGTHS, PLACES = np.uint32(1 << 31), np.uint32(24), np.uint32((1 << 24) - 1)
SMALL = np.uint32(127)

FILTER_WORDS = 4
"""The filter has a word of 64 bits for this many n-grams: 1 % of those that are not indexed pass it."""
BYTES = types.Array(nb.uint8, 1, "C", readonly=True)
OFFSETS = types.Array(nb.int32, 1, "C", readonly=True)
POINTS, INTS, LONGS, WORDS = nb.uint32[::1], nb.int32[::1], nb.int64[::1], nb.uint64[::1]

Points = npt.NDArray[np.uint32]
Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float64]


class Index(NamedTuple):
    """The n-grams of texts; posting k is the n-gram that begins at `points[starts[k]]`, of item `items[k]`."""

    points: Points
    """The folded texts, a 0 before, between and after them."""
    starts: npt.NDArray[np.uint32]
    items: Ints
    """NOBODY for n-grams that are no evidence."""
    following: Ints
    """The posting of the same n-gram in the next item, -1 after the last."""
    heads: Ints
    """Open-addressing table of the first posting of each n-gram, -1 where it is empty."""
    filter: Words
    """Two bits, of one word, are set for each n-gram."""


INDEX = types.NamedTuple((POINTS, POINTS, INTS, INTS, INTS, WORDS), Index)


def several(place: int, length: int) -> int:
    """The value of a character that becomes `length` characters, which begin at `longer[place]`."""
    return int(LONGER) | length << int(LENGTHS) | place


@kernel
def fold_one(
    data: npt.NDArray[np.uint8], start: int, stop: int, table: Points, longer: Points, out: Points, n: int
) -> int:
    """Write data[start:stop], folded, to out[n] and on, where it has as many places as bytes; returns where it ends."""
    i, end, at = np.uint64(start), np.uint64(stop), np.uint64(n)
    while i < end:
        point, i = code_point(data, i, end)
        new = table[point]
        if new < LONGER:
            out[at] = new
            at += np.uint64(new != NOTHING)  # without a branch: where spaces stand cannot be foreseen
        else:
            place = np.uint64(new & PLACES)
            for k in range(np.uint64(new >> LENGTHS & SMALL)):
                out[at] = longer[place + k]
                at += ONE
    return int(at)


@njit(nb.int64(BYTES, OFFSETS, nb.uint32[::1], nb.uint32[::1], nb.uint32[::1], nb.int64[::1]), nogil=True, cache=CACHED)
def fold(
    data: npt.NDArray[np.uint8], offsets: Ints, table: Points, longer: Points, points: Points, bounds: Longs
) -> int:
    """Write the n texts, folded, to `points`, a 0 before, between and after them; returns how many places that takes.

    Text t is points[bounds[t] : bounds[t + 1] - 1]. As many places as there are bytes and texts, and one, are always
    enough; no character may become more of them than it has bytes.
    """
    points[0] = NOTHING
    bounds[0] = at = 1
    for t in range(offsets.shape[0] - 1):
        at = fold_one(data, offsets[t], offsets[t + 1], table, longer, points, at)
        points[at] = NOTHING
        at += 1
        bounds[t + 1] = at
    return at


@inlined
def add(h: np.uint64, point: np.uint32) -> np.uint64:
    """The polynomial with one character more; the one that leaves is taken away by itself."""
    return h * BASE + np.uint64(point)


@inlined
def mixed(h: np.uint64) -> np.uint64:
    """The polynomial's value with every bit depending on all of it."""
    value = (h ^ (h >> HALF)) * BASE
    return value ^ (value >> SHIFT)


@inlined
def bits(value: np.uint64) -> np.uint64:
    """The bits of a word of the filter that an n-gram sets."""
    return ONE << (value & LOW_SIX) | ONE << (value >> SIX & LOW_SIX)


@inlined
def word_shift(words: Words) -> np.uint64:
    """What a mixed hash is shifted by for the number of its word, one of a power of two."""
    width = ZERO
    while (1 << width) < len(words):
        width += ONE
    return WORD - width


@inlined
def same(a: Points, i: int, b: Points, j: int, ngram: int) -> bool:
    """Whether the n-grams at a[i] and b[j] are one, character by character."""
    k = 0
    while k < ngram and a[i + k] == b[j + k]:
        k += 1
    return k == ngram


@njit(nb.int64(INDEX, LONGS, INTS, INTS, nb.int64, nb.int64), nogil=True, cache=CACHED)
def _enter(made: Index, bounds: Longs, owners: Ints, sets: Ints, ngram: int, most_items: int) -> int:
    """Fill an index but for its points; returns the number of postings."""
    points, starts, items, following, heads, words = made
    mask, shift, leaving = np.uint64(len(heads) - 1), word_shift(words), power(ngram)
    last = np.empty(len(starts), np.int32)  # of a first posting: the last of its n-gram
    seen = np.empty(len(starts), np.int32)  # of a first posting: items with its n-gram in the set of the last
    count = 0
    for t in range(len(owners)):
        owner = owners[t]
        h = ZERO
        for p in range(bounds[t], bounds[t + 1] - 1):
            h = add(h, points[p])
            first = p - ngram + 1
            if first < bounds[t]:
                continue
            if first > bounds[t]:
                h -= leaving * np.uint64(points[first - 1])
            value = mixed(h)
            slot = value & mask
            while heads[slot] >= 0 and not same(points, starts[heads[slot]], points, first, ngram):
                slot = (slot + ONE) & mask
            head = heads[slot]
            if head >= 0:
                if items[head] == NOBODY or items[last[head]] == owner:
                    continue
                if owner != NOBODY:
                    seen[head] = 1 + (seen[head] if sets[items[last[head]]] == sets[owner] else 0)
                if owner == NOBODY or seen[head] > most_items:
                    while head >= 0:
                        items[head] = NOBODY
                        head = following[head]
                    continue
                following[last[head]] = count
            else:
                head = count
                heads[slot] = head
                seen[head] = 1
                words[value >> shift] |= bits(value)
            last[head] = count
            starts[count] = first
            items[count] = owner
            following[count] = -1
            count += 1
    return count


def index(points: Points, bounds: Longs, owners: Ints, sets: Ints, ngram: int, most_items: int) -> Index:
    """The index of the texts that `fold` wrote; `owners` names the item of each, or NOBODY, `sets` the set of each item.

    Texts of one item, and items of one set, stand together. An n-gram in more than `most_items` items of a set is no
    evidence, nor is one in a text of NOBODY.
    """
    count = int(np.maximum(np.diff(bounds) - ngram, 0).sum())
    starts = np.empty(count, np.uint32)
    items, following = np.empty(count, np.int32), np.empty(count, np.int32)
    heads = np.full(slots(count), -1, np.int32)
    words = np.zeros(1 << max(1, (count // FILTER_WORDS).bit_length()), np.uint64)
    made = Index(points, starts, items, following, heads, words)
    used = _enter(made, bounds, owners, sets, ngram, most_items)
    return made._replace(starts=starts[:used].copy(), items=items[:used].copy(), following=following[:used].copy())
