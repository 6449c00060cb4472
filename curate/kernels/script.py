"""Letters by script, straight on Arrow buffers."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from . import kernel
from .utf8 import code_point

__all__ = ["count", "letters"]

SPACE = np.uint32(0x20)


@kernel
def count(
    data: npt.NDArray[np.uint8], offsets: npt.NDArray[np.int32], table: npt.NDArray[np.uint8], scripts: int
) -> npt.NDArray[np.int32]:
    """Code points of each of `scripts` classes in each of n documents, shape (n, scripts); `table` has a class below that
    for each of `CODE_POINTS` code points.
    """
    n = offsets.shape[0] - 1
    counts = np.zeros((n, scripts), np.int32)
    for d in range(n):
        row = counts[d]
        i, stop = np.uint64(offsets[d]), np.uint64(offsets[d + 1])
        while i < stop:
            point, i = code_point(data, i, stop)
            row[table[point]] += 1
    return counts


@kernel
def letters(
    data: npt.NDArray[np.uint8],
    start: int,
    stop: int,
    table: npt.NDArray[np.uint8],
    wanted: npt.NDArray[np.bool_],
    most: int,
) -> npt.NDArray[np.uint32]:
    """The first `most` code points of data[start:stop] whose class is wanted; what stands between them becomes one space."""
    out = np.empty(2 * most, np.uint32)
    n = 0
    found = 0
    i, end = np.uint64(start), np.uint64(stop)
    gap = False
    while i < end and found < most:
        point, i = code_point(data, i, end)
        if wanted[table[point]]:
            if gap and n > 0:
                out[n] = SPACE
                n += 1
            out[n] = point
            n += 1
            found += 1
            gap = False
        else:
            gap = True
    return out[:n].copy()
