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
from .minhash import BYTES, OFFSETS, slots
from .utf8 import code_point

__all__ = ["classify", "spans"]

Ints = npt.NDArray[np.int64]
Small = npt.NDArray[np.int32]
Hashes = npt.NDArray[np.uint64]
Points = npt.NDArray[np.uint32]

EMPTY = np.int32(-1)
TRAIL, MARK = np.uint8(0x80), np.uint8(0xC0)


@inlined
def _same(a: Points, start: int, b: Points, other: int, known: int, width: int) -> bool:
    """Whether `width` code points agree, in `a` from `start` and in `b` from `other`, of which the first `known` do."""
    i = known
    while i < width and a[start + i] == b[other + i]:
        i += 1
    return i == width


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
                and _same(contexts[c], lo, points, lo, 0, hi - lo)
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
def _series(context: Points, about: Ints, least: int, reach: int, series: Ints, count: int) -> int:
    """Write the series of windows of a context to `series[count]` and on, if there is room, and return how many there are.

    A series is the windows that contain the anchor and in which one and the same occurrence of its code points is the last,
    so that equal windows are the same step of theirs: the column of step 0, which need not be in the context, of the first
    window, and of the last.
    """
    n = 0
    begin, end = about[1], min(about[2] - least, reach)
    after = end + reach + 1
    for j in range(end + reach, begin - 1, -1):
        if _same(context, j, context, reach, 0, least - reach):
            first, last = max(begin, j - reach), min(end, j, after - reach - 1)
            after = j
            if first <= last:
                if count + n < len(series):
                    series[count + n, 0], series[count + n, 1], series[count + n, 2] = j - reach, first, last
                n += 1
    return n


@inlined
def _widen(span: Small, kind: int, start: int, wanted: bool) -> None:
    if wanted:
        if span[kind] < 0 or start < span[kind]:
            span[kind] = start
        span[kind + 1] = max(span[kind + 1], start)


@njit(
    nb.void(nb.uint32[:, ::1], nb.int64[:, ::1], nb.int64[::1], nb.int64[::1], nb.int64, nb.int64, nb.int32[:, ::1]),
    nogil=True,
    cache=CACHED,
)
def spans(contexts: Points, classes: Ints, order: Ints, bounds: Ints, least: int, reach: int, out: Small) -> None:
    """What of each class's context is held by several records, or before it by others; shape (classes, 6).

    Group g is classes `order[bounds[g]:bounds[g + 1]]`. A span is bytes before and after the begin of the anchor, 0 and 0
    for none: first of the windows that several records hold; then of those that a record of a lesser place holds too, for
    the record of the least place in the class; then for the others in it. Windows around one anchor overlap, so that a
    union of them is one span. Time is linear in classes. `least` is at least 3.
    """
    no_room = np.empty((0, 3), np.int64)
    most = 0
    for g in range(len(bounds) - 1):
        count = 0
        for c in order[bounds[g] : bounds[g + 1]]:
            count += _series(contexts[c], classes[c], least, reach, no_room, 0)
        most = max(most, count)
    series = np.empty((most, 3), np.int64)
    class_of = np.empty(most, np.int64)
    hashes = np.empty(most, np.uint64)
    told = np.empty(most, np.int64)
    slot_of = np.empty(most, np.int64)
    agreed = np.empty(most, np.int64)
    # Windows, by hash: a series that holds each, the least and the greatest place of the records that do.
    keys = np.empty(slots(most), np.uint64)
    values = np.empty((slots(most), 3), np.int64)
    leaving = power(least)
    out[:] = -1
    for g in range(len(bounds) - 1):
        count = 0
        for c in order[bounds[g] : bounds[g + 1]]:
            more = _series(contexts[c], classes[c], least, reach, series, count)
            class_of[count : count + more] = c
            count += more
        capacity = slots(count)
        mask = np.uint64(capacity - 1)
        agreed[:count] = -1
        for step in range(reach + 1):
            keys[:capacity] = ZERO
            for x in range(count):
                slot_of[x] = -1
                start = series[x, 0] + step
                if start < series[x, 1] or start > series[x, 2]:
                    continue
                c = class_of[x]
                points = contexts[c]
                end = start + least
                if start == series[x, 1]:
                    h = ZERO
                    tells = 0
                    for i in range(start, end):
                        h = h * BASE + np.uint64(points[i]) + ONE
                        if i >= start + 2:
                            tells += telling(points[i], points[i - 1], points[i - 2])
                else:
                    h = hashes[x] * BASE + np.uint64(points[end - 1]) + ONE
                    h -= leaving * (np.uint64(points[start - 1]) + ONE)
                    tells = told[x]
                    tells -= telling(points[start + 1], points[start], points[start - 1])
                    tells += telling(points[end - 1], points[end - 2], points[end - 3])
                hashes[x], told[x] = h, tells
                if 2 * tells < least:
                    agreed[x] = -1
                    continue
                key = max(mixed(h), ONE)
                slot = key & mask
                while keys[slot] != ZERO:
                    if keys[slot] == key:
                        # If its series and this one agreed one step before, all but the last code point is known.
                        other = values[slot, 0]
                        known = least - 1 if agreed[x] == other else 0
                        if _same(contexts[class_of[other]], series[other, 0] + step, points, start, known, least):
                            break
                    slot = (slot + ONE) & mask
                if keys[slot] == ZERO:
                    keys[slot] = key
                    values[slot, 0], values[slot, 1], values[slot, 2] = x, classes[c, 3], classes[c, 4]
                agreed[x] = values[slot, 0]
                values[slot, 1] = min(values[slot, 1], classes[c, 3])
                values[slot, 2] = max(values[slot, 2], classes[c, 4])
                slot_of[x] = slot
            for x in range(count):
                if slot_of[x] >= 0:
                    c, start = class_of[x], series[x, 0] + step
                    lowest, highest = values[slot_of[x], 1], values[slot_of[x], 2]
                    _widen(out[c], 0, start, lowest < highest)
                    _widen(out[c], 2, start, lowest < classes[c, 3])
                    _widen(out[c], 4, start, True)
    for c in range(len(classes)):
        for kind in range(0, 6, 2):
            first, last = out[c, kind], out[c, kind + 1]
            out[c, kind] = 0 if first < 0 else _bytes(contexts[c], first, reach)
            out[c, kind + 1] = 0 if first < 0 else _bytes(contexts[c], reach, last + least)
