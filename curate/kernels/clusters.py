"""Exact Jaccard of shingle sets, and clusters of the documents whose Jaccard reaches a threshold.

Sets are as `minhash.shingle_sets` gives them: distinct 64-bit hashes, none of them 0. Set s of several is
`values[bounds[s]:bounds[s + 1]]`.
"""

from __future__ import annotations

import numba as nb
import numpy as np
import numpy.typing as npt
from numba import njit

from . import CACHED, inlined
from .minhash import place, slots

__all__ = ["chunks", "components", "jaccard", "jaccard_pairs", "link", "pending"]

Hashes = npt.NDArray[np.uint64]
Ints = npt.NDArray[np.int64]

ZERO, HALF, TOP = np.uint64(0), np.uint64(32), np.uint64(40)
SPREAD = np.uint64(0x9E3779B97F4A7C15)  # 2^64 divided by the golden ratio


@inlined
def _find(parent: Ints, x: int) -> int:
    while parent[x] != x:
        parent[x] = parent[parent[x]]
        x = parent[x]
    return x


@inlined
def _fill(table: Hashes, values: Hashes) -> np.uint64:
    """Put a set into the head of `table`, clearing no more of it than the set needs. Returns the mask of places."""
    capacity = slots(len(values))
    mask = np.uint64(capacity - 1)
    table[:capacity] = ZERO
    for value in values:
        table[place(table, mask, value)] = value
    return mask


@inlined
def _common(table: Hashes, mask: np.uint64, values: Hashes, misses: int) -> int:
    """How many of `values` are in the table; -1 as soon as more than `misses` of them are not."""
    missing = 0
    for value in values:
        if table[place(table, mask, value)] == ZERO:
            missing += 1
            if missing > misses:
                return -1
    return len(values) - missing


@inlined
def _least_common(total: int, threshold: float) -> int:
    """The least c with c / (total - c) >= threshold, by the same division that measures a pair."""
    least = int(threshold / (1.0 + threshold) * total)
    while least > 0 and (least - 1) / (total - least + 1) >= threshold:
        least -= 1
    while least < total and least / (total - least) < threshold:
        least += 1
    return least


@njit(nb.float64(nb.uint64[::1], nb.uint64[::1]), nogil=True, cache=CACHED)
def jaccard(a: Hashes, b: Hashes) -> float:
    """|a ∩ b| / |a ∪ b| of two sets, 0 where both are empty."""
    if len(a) + len(b) == 0:
        return 0.0
    table = np.empty(slots(len(a)), np.uint64)
    common = _common(table, _fill(table, a), b, len(b))
    return common / (len(a) + len(b) - common)


@njit(nb.void(nb.uint64[::1], nb.int64[::1], nb.int64[::1], nb.int64[::1], nb.float64[::1]), nogil=True, cache=CACHED)
def jaccard_pairs(values: Hashes, bounds: Ints, left: Ints, right: Ints, out: npt.NDArray[np.float64]) -> None:
    """The Jaccard of sets `left[i]` and `right[i]` into `out[i]`."""
    for i in range(len(left)):
        a = values[bounds[left[i]] : bounds[left[i] + 1]]
        out[i] = jaccard(a, values[bounds[right[i]] : bounds[right[i] + 1]])


@njit(nb.int64[::1](nb.int64[::1], nb.int64[::1], nb.int64), nogil=True, cache=CACHED)
def components(left: Ints, right: Ints, n: int) -> Ints:
    """For each of n vertices the least vertex of its component, under the edges (left[i], right[i])."""
    parent = np.arange(n)
    for i in range(len(left)):
        x, y = _find(parent, left[i]), _find(parent, right[i])
        parent[max(x, y)] = min(x, y)
    for x in range(n):
        parent[x] = _find(parent, x)
    return parent


@njit(nb.int64[::1](nb.int64[::1], nb.uint32[::1], nb.int64), nogil=True, cache=CACHED)
def chunks(doc: Ints, n_chars: npt.NDArray[np.uint32], most: int) -> Ints:
    """The bounds of ranges of rows whose documents together have at most `most` code points, or one row more.

    A document counts once in a range, however many of the rows `doc` speak of it.
    """
    bounds = np.zeros(len(doc) + 2, np.int64)
    seen = np.full(len(n_chars), -1)
    count = 0
    chars = 0
    for i in range(len(doc)):
        if chars >= most:
            count += 1
            bounds[count] = i
            chars = 0
        if seen[doc[i]] != count:
            seen[doc[i]] = count
            chars += n_chars[doc[i]]
    bounds[count + 1] = len(doc)
    return bounds[: count + 2]


@inlined
def _pair(x: int, y: int) -> np.uint64:
    return np.uint64(max(x, y)) << HALF | np.uint64(min(x, y))


@inlined
def _spot(refuted: Hashes, pair: np.uint64) -> np.uint64:
    return (pair * SPREAD) >> TOP & np.uint64(len(refuted) - 1)


@njit(
    nb.void(nb.int64[::1], nb.int64[::1], nb.int64, nb.int64, nb.int64, nb.int64[::1], nb.uint64[::1], nb.boolean[::1]),
    nogil=True,
    cache=CACHED,
)
def pending(
    doc: Ints,
    start: Ints,
    lo: int,
    hi: int,
    look_back: int,
    parent: Ints,
    refuted: Hashes,
    wanted: npt.NDArray[np.bool_],
) -> None:
    """Set `wanted` (m) for the documents that have a pair among rows lo to hi still to verify; see `link`."""
    for i in range(lo, hi):
        x = doc[i]
        for j in range(max(start[i], i - look_back), i):
            y = doc[j]
            if _find(parent, x) != _find(parent, y):
                pair = _pair(x, y)
                if refuted[_spot(refuted, pair)] != pair:
                    wanted[x] = wanted[y] = True


@njit(
    nb.int64(
        nb.int64[::1],
        nb.int64[::1],
        nb.int64,
        nb.int64,
        nb.int64,
        nb.int64[::1],
        nb.uint64[::1],
        nb.int64[::1],
        nb.uint64[::1],
        nb.int64[::1],
        nb.float64,
        nb.int64[:, ::1],
        nb.float64[::1],
        nb.int64,
    ),
    nogil=True,
    cache=CACHED,
)
def link(
    doc: Ints,
    start: Ints,
    lo: int,
    hi: int,
    look_back: int,
    parent: Ints,
    refuted: Hashes,
    index: Ints,
    values: Hashes,
    bounds: Ints,
    threshold: float,
    edges: Ints,
    measured: npt.NDArray[np.float64],
    count: int,
) -> int:
    """Verify the pairs of rows lo to hi and unite those whose Jaccard is at least `threshold`.

    Row i is document `doc[i]`, one of m, in the bucket that begins at row `start[i]`; it is compared with the `look_back`
    rows before it in its bucket. A pair that is already connected is not verified, which cannot change the components.
    `parent` (m) is the union-find. `index` (m) names the document's set in `values` and `bounds`, and is -1 for documents
    for which `pending` found nothing to verify. `refuted`, whose length is a power of two, remembers pairs that failed
    and forgets the older of two that fall on one spot: that costs time and never changes a result.

    United pairs go to `edges` (m × 2) and their Jaccard to `measured` (m), from `count` on; returns the new count.
    """
    table = np.empty(slots(0), np.uint64)
    for i in range(lo, hi):
        x = doc[i]
        if index[x] < 0:
            continue
        a = values[bounds[index[x]] : bounds[index[x] + 1]]
        mask = ZERO  # no set in the table yet
        for j in range(max(start[i], i - look_back), i):
            y = doc[j]
            root, other = _find(parent, x), _find(parent, y)
            if root == other or index[y] < 0:
                continue
            pair = _pair(x, y)
            spot = _spot(refuted, pair)
            if refuted[spot] == pair:
                continue
            b = values[bounds[index[y]] : bounds[index[y] + 1]]
            total = len(a) + len(b)
            least = _least_common(total, threshold)
            common = -1
            if least <= min(len(a), len(b)):
                if mask == ZERO:
                    if len(table) < slots(len(a)):
                        table = np.empty(slots(len(a)), np.uint64)
                    mask = _fill(table, a)
                common = _common(table, mask, b, len(b) - least)
            if common < 0:
                refuted[spot] = pair
                continue
            parent[max(root, other)] = min(root, other)
            edges[count, 0], edges[count, 1] = x, y
            measured[count] = common / (total - common)
            count += 1
    return count
