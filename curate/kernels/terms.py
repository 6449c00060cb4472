"""Every occurrence of every term of a vocabulary in texts, counted, and weighed sums of the counts.

The terms stand in a trie whose steps are kept in one hash table; a filter of the pairs of characters that a term begins with
sends nine of ten places on before the table is asked. What is found is what Aho and Corasick's automaton would find: terms that
overlap or stand inside each other each count.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numba as nb
import numpy as np
import numpy.typing as npt
from numba import njit, types

from . import CACHED, inlined
from .minhash import BYTES, OFFSETS
from .utf8 import CODE_POINTS, code_point

__all__ = ["Found", "Vocabulary", "count", "vocabulary", "weigh"]

FACTOR = np.uint64(0x9E3779B97F4A7C15)  # odd; 2^64 divided by the golden ratio
FILTER_BITS = 18
FILTER_SHIFT = np.uint64(64 - FILTER_BITS)
SIX, LOW_SIX, CLASS_BITS = np.uint64(6), np.uint64(63), np.uint64(16)
ZERO, ONE = np.uint64(0), np.uint64(1)
LEFT, RIGHT = 1, 2  # a term begins, ends with an ASCII letter or digit


class Vocabulary(NamedTuple):
    """Terms as the kernel reads them."""

    classes: npt.NDArray[np.uint16]
    """For each code point its number among those in terms, from 1; 0 for all others. Capitals of ASCII are as small letters."""
    pairs: npt.NDArray[np.uint64]
    """The filter: bits of the hashes of the pairs of classes that terms begin with."""
    keys: npt.NDArray[np.uint64]
    """The hash table: node and class, 0 where a place is empty. The nodes after one character are its class."""
    nodes: npt.NDArray[np.int32]
    """The node to which the key at the same place leads."""
    ends: npt.NDArray[np.int32]
    """The term that ends at each node, or -1."""
    edges: npt.NDArray[np.uint8]
    """Of each term, at which sides no ASCII letter or digit may follow: LEFT, RIGHT, both or none."""


class Found(NamedTuple):
    """What was found in n documents: for document d the entries `starts[d]` to `starts[d + 1]`."""

    starts: npt.NDArray[np.int64]
    terms: npt.NDArray[np.int32]
    """Numbers of terms, in the order in which they first end."""
    counts: npt.NDArray[np.int32]
    chars: npt.NDArray[np.int32]
    """Code points of each document."""


def vocabulary(terms: Sequence[str]) -> Vocabulary:
    """Terms, different ones of two characters or more and without capitals, for `count`; term i keeps its number i."""
    letters = sorted({c for term in terms for c in term})
    if len(letters) >= 1 << int(CLASS_BITS):
        raise ValueError("more different characters than there are numbers for them")
    classes = np.zeros(CODE_POINTS, np.uint16)
    number = {c: i for i, c in enumerate(letters, 1)}
    for c, i in number.items():
        classes[ord(c)] = i
        if c.isascii():
            classes[ord(c.upper())] = i
    steps: dict[int, int] = {}
    pairs = np.zeros(1 << (FILTER_BITS - 6), np.uint64)
    last = len(letters)
    end_of: dict[int, int] = {}
    for t, term in enumerate(terms):
        node = number[term[0]]
        for c in term[1:]:
            key = node << int(CLASS_BITS) | number[c]
            if key not in steps:
                last += 1
                steps[key] = last
            node = steps[key]
        end_of[node] = t
        bit = (number[term[0]] << int(CLASS_BITS) | number[term[1]]) * int(FACTOR) % (1 << 64) >> int(FILTER_SHIFT)
        pairs[bit >> 6] |= np.uint64(1 << (bit & 63))
    places = 64
    while places < 3 * len(steps):
        places *= 2
    keys, nodes = np.zeros(places, np.uint64), np.zeros(places, np.int32)
    if steps:
        _insert(np.array(list(steps), np.uint64), np.array(list(steps.values()), np.int32), keys, nodes)
    ends = np.full(last + 1, -1, np.int32)
    for node, t in end_of.items():
        ends[node] = t
    edges = [LEFT * _wordy(term[0]) | RIGHT * _wordy(term[-1]) for term in terms]
    return Vocabulary(classes, pairs, keys, nodes, ends, np.array(edges, np.uint8))


def _wordy(c: str) -> bool:
    return c.isascii() and c.isalnum()


@inlined
def _place(key: np.uint64, mask: np.uint64) -> np.uint64:
    h = key * FACTOR
    return (h ^ (h >> np.uint64(32))) & mask


U64, I32 = types.Array(nb.uint64, 1, "C"), types.Array(nb.int32, 1, "C")


@njit(nb.void(U64, I32, U64, I32), nogil=True, cache=CACHED)
def _insert(
    new: npt.NDArray[np.uint64],
    to: npt.NDArray[np.int32],
    keys: npt.NDArray[np.uint64],
    nodes: npt.NDArray[np.int32],
) -> None:
    mask = np.uint64(keys.shape[0] - 1)
    for k in range(new.shape[0]):
        at = _place(new[k], mask)
        while keys[at] != ZERO:
            at = (at + ONE) & mask
        keys[at] = new[k]
        nodes[at] = to[k]


@inlined
def _is_wordy(byte: np.uint8) -> bool:
    low = byte | np.uint8(32)
    return bool((byte >= 48 and byte <= 57) or (low >= 97 and low <= 122))


@njit(
    types.UniTuple(I32, 2)(
        BYTES,
        OFFSETS,
        types.Array(nb.uint16, 1, "C"),
        U64,
        U64,
        I32,
        I32,
        types.Array(nb.uint8, 1, "C"),
        types.Array(nb.int64, 1, "C"),
        I32,
    ),
    nogil=True,
    cache=CACHED,
)
def _count(
    data: npt.NDArray[np.uint8],
    offsets: npt.NDArray[np.int32],
    classes: npt.NDArray[np.uint16],
    pairs: npt.NDArray[np.uint64],
    keys: npt.NDArray[np.uint64],
    nodes: npt.NDArray[np.int32],
    ends: npt.NDArray[np.int32],
    edges: npt.NDArray[np.uint8],
    starts: npt.NDArray[np.int64],
    chars: npt.NDArray[np.int32],
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Fill `starts` and `chars`; gives terms and counts."""
    mask = np.uint64(keys.shape[0] - 1)
    tally = np.zeros(edges.shape[0], np.int32)  # of the document at hand, cleared by what was found in it
    found = np.empty(edges.shape[0], np.int32)
    terms, counts = np.empty(1024, np.int32), np.empty(1024, np.int32)
    size = 0
    for d in range(offsets.shape[0] - 1):
        begin, end = np.uint64(offsets[d]), np.uint64(offsets[d + 1])
        kinds = 0
        n = 0
        i = j = begin
        a = ZERO
        if begin < end:
            point, j = code_point(data, begin, end)
            a = np.uint64(classes[point])
            n = 1
        while j < end:
            point, k = code_point(data, j, end)
            b = np.uint64(classes[point])
            n += 1
            key = a << CLASS_BITS | b
            bit = key * FACTOR >> FILTER_SHIFT
            if a != ZERO and b != ZERO and pairs[bit >> SIX] >> (bit & LOW_SIX) & ONE:
                at_byte = k
                while True:
                    at = _place(key, mask)
                    while keys[at] != key and keys[at] != ZERO:
                        at = (at + ONE) & mask
                    if keys[at] == ZERO:
                        break
                    node = nodes[at]
                    term = ends[node]
                    if term >= 0 and not (
                        (edges[term] & LEFT and i > begin and _is_wordy(data[i - ONE]))
                        or (edges[term] & RIGHT and at_byte < end and _is_wordy(data[at_byte]))
                    ):
                        if tally[term] == 0:
                            found[kinds] = term
                            kinds += 1
                        tally[term] += 1
                    if at_byte >= end:
                        break
                    point, at_byte = code_point(data, at_byte, end)
                    key = np.uint64(node) << CLASS_BITS | np.uint64(classes[point])
            i, j, a = j, k, b
        chars[d] = n
        if size + kinds > terms.shape[0]:
            room = 2 * (size + kinds)
            more_terms, more_counts = np.empty(room, np.int32), np.empty(room, np.int32)
            more_terms[:size], more_counts[:size] = terms[:size], counts[:size]
            terms, counts = more_terms, more_counts
        for k_found in range(kinds):
            term = found[k_found]
            terms[size], counts[size] = term, tally[term]
            tally[term] = 0
            size += 1
        starts[d + 1] = size
    return terms[:size].copy(), counts[:size].copy()


def count(data: npt.NDArray[np.uint8], offsets: npt.NDArray[np.int32], terms: Vocabulary) -> Found:
    """All occurrences of all terms in each of n documents.

    A term that begins or ends with an ASCII letter or digit is not found inside a longer word of such.
    """
    n = offsets.shape[0] - 1
    starts, chars = np.zeros(n + 1, np.int64), np.zeros(n, np.int32)
    found, counts = _count(data, offsets, *terms, starts, chars)
    return Found(starts, found, counts, chars)


@njit(
    nb.void(
        types.Array(nb.int64, 1, "C"),
        I32,
        I32,
        types.Array(nb.int64, 1, "C"),
        I32,
        types.Array(nb.float64, 1, "C"),
        types.Array(nb.float64, 2, "C"),
    ),
    nogil=True,
    cache=CACHED,
)
def weigh(
    starts: npt.NDArray[np.int64],
    terms: npt.NDArray[np.int32],
    counts: npt.NDArray[np.int32],
    bounds: npt.NDArray[np.int64],
    slots: npt.NDArray[np.int32],
    weights: npt.NDArray[np.float64],
    sums: npt.NDArray[np.float64],
) -> None:
    """Add to `sums` (documents, slots) for each term found its weight times ln(1 + count), in each slot it speaks of.

    Term t speaks of `slots[bounds[t]:bounds[t + 1]]`, with the weights at the same places.
    """
    for d in range(starts.shape[0] - 1):
        for k in range(starts[d], starts[d + 1]):
            gain = np.log(1.0 + counts[k])
            for p in range(bounds[terms[k]], bounds[terms[k] + 1]):
                sums[d, slots[p]] += weights[p] * gain
