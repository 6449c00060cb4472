"""Repetition within a document, by the hashes of its first 0, 1, 2 ... visible characters.

`hashes[v]` is (hashes[v - 1] + character) * FACTOR, so that of characters i to j is hashes[j] - hashes[i] * FACTOR ** (j - i).
Tables are for many documents: what they hold up to `base` is of earlier ones and counts as empty, so nothing is ever cleared.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from . import kernel
from .utf8 import FOUR, ONE, TWO

__all__ = ["FACTOR", "TOPS", "places", "repeated_grams", "repeated_lines", "top_grams"]

FACTOR = np.uint64(0x9E3779B97F4A7C15)
TOPS = 1 << 16
"""Places of the tables in which n-grams are counted; those in one place are taken for the same."""

TOP_BITS = np.uint64(64 - 16)
ROOM, LEAST_ROOM = np.uint64(8), np.uint64(2)  # places of a hash table for each value: more are faster
CACHED = np.uint64(1 << 20)  # but not where they leave the cache
FREQUENT = np.uint64(40)  # a 2-gram with a share of 0.05 of the characters; below it a 4-gram's is below 0.1
ZERO, TEN, BITS = np.uint64(0), np.uint64(10), np.uint64(64)


@kernel
def places(values: np.uint64) -> np.uint64:
    """Places of a hash table: a power of two."""
    n = np.uint64(64)
    while n < LEAST_ROOM * values or n < min(ROOM * values, CACHED):
        n += n
    return n


@kernel
def _shift(room: np.uint64) -> np.uint64:
    """By how much a hash is shifted to be one of `room` places: its highest bits are the best mixed."""
    shift = BITS
    while ONE << (BITS - shift) < room:
        shift -= ONE
    return shift


@kernel
def repeated_lines(
    hashes: npt.NDArray[np.uint64],
    ends: npt.NDArray[np.uint32],
    count: int,
    powers: npt.NDArray[np.uint64],
    values: npt.NDArray[np.uint64],
    table: npt.NDArray[np.uint32],
    base: np.uint64,
) -> int:
    """Characters of lines that stood before, of the first `count`; line k ends before character ends[k]. Overwrites `values`."""
    room = places(np.uint64(count))
    shift, mask = _shift(room), room - ONE
    found = begin = ZERO
    for k in range(np.uint64(count)):
        end = np.uint64(ends[k])
        value = hashes[end] - hashes[begin] * powers[end - begin]
        values[k] = value
        at = value >> shift
        known = ZERO
        other = np.uint64(table[at])
        while other > base:  # the table holds `base + 1` and the index of a value
            if values[other - base - ONE] == value:
                known = end - begin
                break
            at = (at + ONE) & mask
            other = np.uint64(table[at])
        if not known:
            table[at] = np.uint32(base + ONE + k)
        found += known
        begin = end
    return int(found)


@kernel
def repeated_grams(
    hashes: npt.NDArray[np.uint64], count: int, power: np.uint64, table: npt.NDArray[np.uint32], base: np.uint64
) -> int:
    """How many of the first `count` 10-grams stood before."""
    room = places(np.uint64(count))
    shift, mask = _shift(room), room - ONE
    found = ZERO
    for k in range(np.uint64(count)):
        value = hashes[k + TEN] - hashes[k] * power
        at = value >> shift
        known = ZERO
        other = np.uint64(table[at])
        while other > base:
            earlier = other - base - ONE
            if hashes[earlier + TEN] - hashes[earlier] * power == value:
                known = ONE
                break
            at = (at + ONE) & mask
            other = np.uint64(table[at])
        if not known:
            table[at] = np.uint32(base + ONE + k)
        found += known
    return int(found)


@kernel
def top_grams(
    hashes: npt.NDArray[np.uint64],
    visible: np.uint64,
    powers: npt.NDArray[np.uint64],
    pairs: npt.NDArray[np.uint32],
    fours: npt.NDArray[np.uint32],
    base: np.uint32,
) -> tuple[int, int]:
    """How often the most frequent 2-gram and 4-gram stand; no 4-gram is counted where no 2-gram is frequent.

    Frequent is what stands at least `visible / FREQUENT` times: a 4-gram stands no more often than the 2-grams in it.
    """
    top_2 = top_4 = base
    square, fourth = powers[TWO], powers[FOUR]
    for k in range(visible - ONE if visible else ZERO):
        at = (hashes[k + TWO] - hashes[k] * square) >> TOP_BITS
        now = max(pairs[at], base) + np.uint32(1)
        pairs[at] = now
        top_2 = max(top_2, now)
    if np.uint64(top_2 - base) * FREQUENT >= visible and visible >= FOUR:
        for k in range(visible - FOUR + ONE):
            at = (hashes[k + FOUR] - hashes[k] * fourth) >> TOP_BITS
            now = max(fours[at], base) + np.uint32(1)
            fours[at] = now
            top_4 = max(top_4, now)
    return int(top_2 - base), int(top_4 - base)
