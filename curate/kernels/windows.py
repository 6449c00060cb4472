"""Which windows around an anchor several records hold, see `anchors`, without comparing records in pairs.

Rows are places of anchors in texts, rows of a group those with the same anchor. What stands around a place, as far as windows
that contain the anchor reach, is its context; places of a group with equal contexts are one class. Contexts are compared, and
windows of different contexts too, code point by code point: hashes only find them.

A context is a row of `width` code points in which the anchor begins at `reach`, the first `lo` and those from `hi` on unused.
"""

from __future__ import annotations

import numba as nb
import numpy as np
import numpy.typing as npt
from numba import njit, types

from . import CACHED, inlined
from .anchors import BASE, ONE, ZERO, mixed, power, telling
from .minhash import BYTES, OFFSETS, place, slots
from .utf8 import code_point

__all__ = ["classify", "spans"]

Ints = npt.NDArray[np.int64]
Small = npt.NDArray[np.int32]
Hashes = npt.NDArray[np.uint64]
Points = npt.NDArray[np.uint32]

EMPTY = np.int32(-1)
TRAIL, MARK = np.uint8(0x80), np.uint8(0xC0)


@inlined
def _same(a: Points, b: Points, start: int, stop: int) -> bool:
    """Whether two contexts agree from column `start` to `stop`."""
    i = start
    while i < stop and a[i] == b[i]:
        i += 1
    return i == stop


@inlined
def _bytes(points: Points, start: int, stop: int) -> int:
    """The bytes of columns `start` to `stop` in UTF-8."""
    n = 0
    for i in range(start, stop):
        n += 1 + (points[i] >= 0x80) + (points[i] >= 0x800) + (points[i] >= 0x10000)
    return n


@njit(
    types.UniTuple(nb.int64, 2)(
        BYTES,
        OFFSETS,
        nb.int64[:, ::1],
        nb.int64,
        nb.int64,
        nb.int64,
        nb.int32[::1],
        nb.int64,
        nb.uint32[:, ::1],
        nb.int64[:, ::1],
        nb.int32[::1],
    ),
    nogil=True,
    cache=CACHED,
)
def classify(
    data: npt.NDArray[np.uint8],
    offsets: npt.NDArray[np.int32],
    rows: Ints,
    begin: int,
    end: int,
    reach: int,
    table: Small,
    count: int,
    contexts: Points,
    classes: Ints,
    of: Small,
) -> tuple[int, int]:
    """Put the class of row r into `of[r]`, for rows `begin` to `end`.

    `rows[r]` is a text, the byte of it where the anchor begins, the group, and the place of the record among all. `table` is
    open addressing, -1 where empty, over the `count` classes found so far; class c has `contexts[c]` and in `classes[c]`
    its group, lo, hi, and the least and the greatest place of its records.

    Returns the row before which there was no more room for classes, or `end`, and how many classes there are now.
    """
    width = contexts.shape[1]
    mask = np.uint64(len(table) - 1)
    points = np.zeros(width, np.uint32)
    for r in range(begin, end):
        if count == len(contexts):
            return r, count
        group, standing = rows[r, 2], rows[r, 3]
        start, stop = np.uint64(offsets[rows[r, 0]]), np.uint64(offsets[rows[r, 0] + 1])
        i = start + np.uint64(rows[r, 1])
        lo = reach
        while lo > 0 and i > start:
            i -= ONE
            while i > start and data[i] & MARK == TRAIL:
                i -= ONE
            lo -= 1
        hi = lo
        h = np.uint64(group) * BASE + np.uint64(lo)
        while hi < width and i < stop:
            points[hi], i = code_point(data, i, stop)
            h = h * BASE + np.uint64(points[hi]) + ONE
            hi += 1
        slot = mixed(h) & mask
        c = table[slot]
        while c != EMPTY:
            if (
                classes[c, 0] == group
                and classes[c, 1] == lo
                and classes[c, 2] == hi
                and _same(contexts[c], points, lo, hi)
            ):
                break
            slot = (slot + ONE) & mask
            c = table[slot]
        if c == EMPTY:
            c = np.int32(count)
            count += 1
            table[slot] = c
            contexts[c] = points
            classes[c, 0], classes[c, 1], classes[c, 2] = group, lo, hi
            classes[c, 3] = classes[c, 4] = standing
        classes[c, 3] = min(classes[c, 3], standing)
        classes[c, 4] = max(classes[c, 4], standing)
        of[r] = c
    return end, count


@inlined
def _widen(out: Ints, c: int, kind: int, d: int, wanted: bool) -> None:
    if wanted:
        if out[c, kind] < 0:
            out[c, kind] = d
        out[c, kind + 1] = d


@njit(
    nb.void(nb.uint32[:, ::1], nb.int64[:, ::1], nb.int64[::1], nb.int64[::1], nb.int64, nb.int64, nb.int64[:, ::1]),
    nogil=True,
    cache=CACHED,
)
def spans(contexts: Points, classes: Ints, order: Ints, bounds: Ints, least: int, reach: int, out: Ints) -> None:
    """What of each class's context is held by several records, or before it by others; shape (classes, 6).

    Group g is classes `order[bounds[g]:bounds[g + 1]]`. A span is bytes before and after the begin of the anchor, 0 and 0
    for none: first of the windows that several records hold; then of those that a record of a lesser place holds too, for
    the record of the least place in the class; then for the others in it. Windows around one anchor overlap, so that a
    union of them is one span. Time is linear in classes. `least` is at least 3.
    """
    most = 0
    for g in range(len(bounds) - 1):
        most = max(most, bounds[g + 1] - bounds[g])
    hashes = np.empty(most, np.uint64)
    told = np.empty(most, np.int64)
    slot_of = np.empty(most, np.int64)
    agreed = np.empty(most, np.int64)
    # Windows of one start, by hash: a class that holds each, the least and the greatest place of the records that do.
    keys = np.empty(slots(most), np.uint64)
    values = np.empty((slots(most), 3), np.int64)
    leaving = power(least)
    out[:] = -1
    for g in range(len(bounds) - 1):
        members = order[bounds[g] : bounds[g + 1]]
        capacity = slots(len(members))
        mask = np.uint64(capacity - 1)
        agreed[: len(members)] = -1
        for d in range(reach + 1):
            keys[:capacity] = ZERO
            for x in range(len(members)):
                c = members[x]
                points = contexts[c]
                slot_of[x] = -1
                end = d + least
                if d < classes[c, 1] or end > classes[c, 2]:
                    continue
                if d == classes[c, 1]:
                    h = ZERO
                    tells = 0
                    for j in range(d, end):
                        h = h * BASE + np.uint64(points[j]) + ONE
                        if j >= d + 2:
                            tells += telling(points[j], points[j - 1], points[j - 2])
                else:
                    h = hashes[x] * BASE + np.uint64(points[end - 1]) + ONE
                    h -= leaving * (np.uint64(points[d - 1]) + ONE)
                    tells = told[x]
                    tells -= telling(points[d + 1], points[d], points[d - 1])
                    tells += telling(points[end - 1], points[end - 2], points[end - 3])
                hashes[x], told[x] = h, tells
                if 2 * tells < least:
                    agreed[x] = -1
                    continue
                slot = place(keys, mask, max(mixed(h), ONE))
                if keys[slot] == ZERO:
                    keys[slot] = max(mixed(h), ONE)
                    values[slot, 0], values[slot, 1], values[slot, 2] = c, classes[c, 3], classes[c, 4]
                    agreed[x] = -1
                else:
                    # The first one's code points but the last were compared one window before, if it was the first there.
                    known = agreed[x] == values[slot, 0]
                    if not _same(contexts[values[slot, 0]], points, end - 1 if known else d, end):
                        agreed[x] = -1
                        continue
                    agreed[x] = values[slot, 0]
                    values[slot, 1] = min(values[slot, 1], classes[c, 3])
                    values[slot, 2] = max(values[slot, 2], classes[c, 4])
                slot_of[x] = slot
            for x in range(len(members)):
                if slot_of[x] < 0:
                    continue
                c = members[x]
                lowest, highest = values[slot_of[x], 1], values[slot_of[x], 2]
                _widen(out, c, 0, d, lowest < highest)
                _widen(out, c, 2, d, lowest < classes[c, 3])
                _widen(out, c, 4, d, True)
    for c in range(len(classes)):
        for kind in range(0, 6, 2):
            first, last = out[c, kind], out[c, kind + 1]
            out[c, kind] = 0 if first < 0 else _bytes(contexts[c], first, reach)
            out[c, kind + 1] = 0 if first < 0 else _bytes(contexts[c], reach, last + least)
