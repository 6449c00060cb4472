"""Runs: stretches of texts, from one byte of a text to another, both where a character begins."""

from __future__ import annotations

import numba as nb
import numpy as np
import numpy.typing as npt
from numba import njit, types

from . import CACHED
from .anchors import white
from .minhash import BYTES, OFFSETS
from .utf8 import code_point, length

__all__ = ["covered", "cut", "union", "visible"]

Bytes = npt.NDArray[np.uint8]
Offsets = npt.NDArray[np.int32]
Rows = npt.NDArray[np.uint32]

ROWS = types.Array(nb.uint32, 1, "C", readonly=True)


@njit(nb.int64(nb.int64[::1], nb.uint32[::1], nb.uint32[::1]), nogil=True, cache=CACHED)
def union(text: npt.NDArray[np.int64], start: Rows, stop: Rows) -> int:
    """Merge runs of one text that overlap or touch, in place, and return how many are left; sorted by text and start."""
    n = 0
    for i in range(len(text)):
        if n > 0 and text[n - 1] == text[i] and start[i] <= stop[n - 1]:
            stop[n - 1] = max(stop[n - 1], stop[i])
        else:
            text[n], start[n], stop[n] = text[i], start[i], stop[i]
            n += 1
    return n


@njit(nb.void(BYTES, OFFSETS, ROWS, ROWS, ROWS, nb.int32[::1]), nogil=True, cache=CACHED)
def covered(data: Bytes, offsets: Offsets, row: Rows, start: Rows, stop: Rows, out: npt.NDArray[np.int32]) -> None:
    """Add to `out[row[i]]` the code points of run i."""
    for i in range(len(row)):
        begin = offsets[row[i]]
        out[row[i]] += length(data, begin + np.int64(start[i]), begin + np.int64(stop[i]))


@njit(types.Tuple((nb.uint8[::1], nb.int32[::1]))(BYTES, OFFSETS, ROWS, ROWS, ROWS), nogil=True, cache=CACHED)
def cut(data: Bytes, offsets: Offsets, row: Rows, start: Rows, stop: Rows) -> tuple[Bytes, Offsets]:
    """The bytes and offsets of n texts without the given runs, which are sorted and do not overlap."""
    n = offsets.shape[0] - 1
    out = np.empty(offsets[n] - offsets[0], np.uint8)
    bounds = np.zeros(n + 1, np.int32)
    used = np.uint64(0)
    run = 0
    for d in range(n):
        begin, end = np.uint64(offsets[d]), np.uint64(offsets[d + 1])
        at = begin
        while at < end:
            # To the next run of this text, or to its end.
            until, after = end, end
            if run < len(row) and row[run] == d:
                until, after = begin + np.uint64(start[run]), begin + np.uint64(stop[run])
                run += 1
            for i in range(at, until):
                out[used] = data[i]
                used += np.uint64(1)
            at = after
        bounds[d + 1] = used
    return out[: np.int64(used)].copy(), bounds


@njit(nb.void(BYTES, OFFSETS, nb.int64[::1], nb.int64[::1]), nogil=True, cache=CACHED)
def visible(data: Bytes, offsets: Offsets, row: npt.NDArray[np.int64], out: npt.NDArray[np.int64]) -> None:
    """Count the code points of text `row[i]` that are no white space into `out[i]`."""
    for k in range(len(row)):
        i, stop = np.uint64(offsets[row[k]]), np.uint64(offsets[row[k] + 1])
        seen = 0
        while i < stop:
            point, i = code_point(data, i, stop)
            seen += not white(point)
        out[k] = seen
