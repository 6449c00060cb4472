"""Looking documents up in an index of n-grams: which items they share runs of characters with, and how long."""

from __future__ import annotations

from typing import NamedTuple

import numba as nb
import numpy as np
import numpy.typing as npt
from numba import njit

from . import CACHED, inlined, kernel
from .anchors import power
from .minhash import longest
from .ngrams import (
    BYTES,
    INDEX,
    INTS,
    NOBODY,
    NOTHING,
    OFFSETS,
    POINTS,
    Floats,
    Index,
    Ints,
    Points,
    add,
    bits,
    fold_one,
    mixed,
    same,
    word_shift,
)
from .utf8 import ONE

__all__ = ["search"]

BLOCK = 4096
"""Places of a document looked at before those that passed the filter are looked up."""

ZERO = np.uint64(0)


class Runs(NamedTuple):
    """What one document shares with each item."""

    weights: Floats
    """Of the weightiest run, 0 where there is none."""
    chars: Ints
    """Of that run."""
    ends: Ints
    """Where in the document the last run ended."""


@inlined
def _weight(record: Points, start: int, stop: int, letter: float, cjk: np.uint32) -> float:
    letters = 0
    for k in range(start, stop):
        letters += record[k] < cjk
    return stop - start - letters + letter * letters


@kernel
def _look_up(
    index: Index,
    value: np.uint64,
    ngram: int,
    record: Points,
    n: int,
    r: int,
    letter: float,
    cjk: np.uint32,
    runs: Runs,
    touched: Ints,
    count: int,
) -> int:
    """Look up the n-gram at record[r] and extend what is found; the items found first go to `touched` from `count` on.

    An n-gram inside a run of an item says nothing new of it, so that `ends` moves on with each run: a text that repeats
    itself takes no longer than another.
    """
    mask = np.uint64(len(index.heads) - 1)
    slot = value & mask
    k = index.heads[slot]
    while k >= 0 and not same(index.points, index.starts[k], record, r, ngram):
        slot = (slot + ONE) & mask
        k = index.heads[slot]
    while k >= 0 and index.items[k] != NOBODY:
        item = index.items[k]
        if r + ngram > runs.ends[item]:
            p = np.int64(index.starts[k])
            start, end = r, r + ngram
            while start > 0 and record[start - 1] == index.points[p - r + start - 1]:
                start -= 1
            while end < n and record[end] == index.points[p - r + end]:
                end += 1
            if runs.ends[item] == 0:
                touched[count] = item
                count += 1
            runs.ends[item] = end
            weight = _weight(record, start, end, letter, cjk)
            if weight > runs.weights[item]:
                runs.weights[item], runs.chars[item] = weight, end - start
        k = index.following[k]
    return count


@inlined
def _rank(item: int, runs: Runs, items: Ints, weights: Floats, chars: Ints, count: int) -> int:
    """Put an item among the `count` best, weightiest first, equals in the order of items; returns how many there are."""
    most = len(items)
    weight = runs.weights[item]
    at = count
    while at > 0 and (weights[at - 1] < weight or (weights[at - 1] == weight and items[at - 1] > item)):
        at -= 1
    if at == most:
        return count
    for k in range(min(count, most - 1), at, -1):
        items[k], weights[k], chars[k] = items[k - 1], weights[k - 1], chars[k - 1]
    items[at], weights[at], chars[at] = item, weight, runs.chars[item]
    return min(count + 1, most)


@njit(
    nb.void(
        *(BYTES, OFFSETS, POINTS, POINTS, INDEX, nb.int64, nb.int64, nb.float64, nb.float64, nb.uint32),
        *(nb.int32[:, ::1], nb.float64[:, ::1], nb.int32[:, ::1], INTS),
    ),
    nogil=True,
    cache=CACHED,
)
def _search(
    data: npt.NDArray[np.uint8],
    offsets: Ints,
    table: Points,
    longer: Points,
    index: Index,
    item_count: int,
    ngram: int,
    least: float,
    letter: float,
    cjk: np.uint32,
    items: Ints,
    weights: Floats,
    chars: Ints,
    counts: Ints,
) -> None:
    """See `search`, whose results it writes."""
    shift, leaving, words = word_shift(index.filter), power(ngram), index.filter
    record = np.empty(longest(offsets), np.uint32)
    runs = Runs(np.zeros(item_count), np.zeros(item_count, np.int32), np.zeros(item_count, np.int32))
    touched = np.empty(item_count, np.int32)
    places, hashes = np.empty(BLOCK, np.int64), np.empty(BLOCK, np.uint64)
    for d in range(len(counts)):
        n = fold_one(data, offsets[d], offsets[d + 1], table, longer, record, 0)
        h = ZERO
        for i in range(min(n, ngram - 1)):
            h = add(h, record[i])
        count = 0
        gone = NOTHING  # the character before the n-gram
        for block in range(ngram - 1, n, BLOCK):
            passed = 0
            for i in range(np.uint64(block), np.uint64(min(block + BLOCK, n))):
                h = add(h, record[i]) - leaving * np.uint64(gone)
                first = i - np.uint64(ngram - 1)
                gone = record[first]
                value = mixed(h)
                wanted = bits(value)
                places[passed] = first
                hashes[passed] = value
                passed += words[value >> shift] & wanted == wanted
            for k in range(passed):
                count = _look_up(index, hashes[k], ngram, record, n, places[k], letter, cjk, runs, touched, count)
        for k in range(count):
            item = touched[k]
            if runs.weights[item] >= least:
                counts[d] = _rank(item, runs, items[d], weights[d], chars[d], counts[d])
            runs.weights[item] = 0.0
            runs.ends[item] = 0


def search(
    data: npt.NDArray[np.uint8],
    offsets: Ints,
    table: Points,
    longer: Points,
    found: Index,
    item_count: int,
    ngram: int,
    least: float,
    letter: float,
    cjk: int,
    most: int,
) -> tuple[Ints, Floats, Ints, Ints]:
    """For each of n documents the items it shares a run of weight `least` or more with, and the weightiest run of each.

    A character weighs 1, one below `cjk` `letter`. Returns the items, the weights and the characters of the runs, all of
    shape (n, most), the weightiest first, equals in the order of items, and how many there are (n). A run holds an n-gram
    that is evidence. Where an item's text holds an n-gram twice, a run may be longer than what is found of it.
    """
    n = len(offsets) - 1
    items, weights, chars = np.empty((n, most), np.int32), np.empty((n, most)), np.empty((n, most), np.int32)
    counts = np.zeros(n, np.int32)
    _search(
        data,
        offsets,
        table,
        longer,
        found,
        item_count,
        ngram,
        least,
        letter,
        np.uint32(cjk),
        items,
        weights,
        chars,
        counts,
    )
    return items, weights, chars, counts
