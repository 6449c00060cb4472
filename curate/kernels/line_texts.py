"""The characters that lines and paragraphs are compared by, so that none is taken for another because of its hash."""

from __future__ import annotations

import numba as nb
import numpy as np
import numpy.typing as npt
from numba import njit, types

from . import CACHED, kernel
from .lines import BYTES, FEED, FLAGS, KEYS, NO_POINT, OFFSETS, PLACES, SPACE, following, form_hash, listed
from .utf8 import code_point

__all__ = ["agree", "visible"]

WHICH = types.Array(nb.int64, 1, "C", readonly=True)

Bytes = npt.NDArray[np.uint8]
Offsets = npt.NDArray[np.int32]
Keys = npt.NDArray[np.uint64]
Places = npt.NDArray[np.uint32]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@kernel
def _stop(data: Bytes, i: np.uint64, end: np.uint64, classes: Bytes, paragraphs: bool) -> np.uint64:
    """Where the unit that starts at byte `i` stops, after its line feed."""
    blank = True
    stop = i
    while i < end:
        point, i = code_point(data, i, end)
        blank &= classes[point] == SPACE
        if point == FEED or i == end:
            if blank:
                return stop
            stop = i
            if not paragraphs:
                return stop
            blank = True
    return stop


@njit(
    nb.int64(BYTES, OFFSETS, BYTES, nb.bool_, KEYS, WHICH, PLACES, nb.uint32[::1], nb.int64[::1], nb.bool_[::1]),
    nogil=True,
    cache=CACHED,
)
def visible(
    data: Bytes,
    offsets: Offsets,
    classes: Bytes,
    paragraphs: bool,
    table: Keys,
    rows: Ints,
    starts: Places,
    points: Places,
    bounds: Ints,
    folded: Flags,
) -> int:
    """The visible characters of n units into `points`, where each ends into `bounds` (n + 1), whether it is of a form.

    Unit k starts at byte starts[k] of text rows[k]. Returns how many characters; as many as the texts have are enough.
    """
    used = 0
    bounds[0] = 0
    for k in range(rows.shape[0]):
        i, end = np.uint64(offsets[rows[k]]), np.uint64(offsets[rows[k] + 1])
        i += np.uint64(starts[k])
        stop = _stop(data, i, end, classes, paragraphs)
        folded[k] = listed(table, form_hash(data, i, stop, classes))
        point, i = following(data, i, stop, classes, folded[k])
        while point != NO_POINT:
            points[used] = point
            used += 1
            point, i = following(data, i, stop, classes, folded[k])
        bounds[k + 1] = used
    return used


@kernel
def _same(
    data: Bytes, i: np.uint64, stop: np.uint64, classes: Bytes, folded: bool, points: Places, lo: int, hi: int
) -> bool:
    """Whether points[lo:hi] are the visible characters of data[i:stop]."""
    for k in range(lo, hi):
        point, i = following(data, i, stop, classes, folded)
        if point != points[k]:
            return False
    point, i = following(data, i, stop, classes, folded)
    return bool(point == NO_POINT)


@njit(
    nb.void(BYTES, OFFSETS, BYTES, nb.bool_, WHICH, PLACES, WHICH, PLACES, WHICH, FLAGS, nb.bool_[::1]),
    nogil=True,
    cache=CACHED,
)
def agree(
    data: Bytes,
    offsets: Offsets,
    classes: Bytes,
    paragraphs: bool,
    rows: Ints,
    starts: Places,
    which: Ints,
    points: Places,
    bounds: Ints,
    folded: Flags,
    out: Flags,
) -> None:
    """Whether unit k, at byte starts[k] of text rows[k], is the unit which[k] of those that `visible` wrote, into out[k]."""
    for k in range(rows.shape[0]):
        i, end = np.uint64(offsets[rows[k]]), np.uint64(offsets[rows[k] + 1])
        i += np.uint64(starts[k])
        stop = _stop(data, i, end, classes, paragraphs)
        w = which[k]
        out[k] = _same(data, i, stop, classes, folded[w], points, bounds[w], bounds[w + 1])
