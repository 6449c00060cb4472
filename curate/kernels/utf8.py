"""UTF-8 to code points inside kernels."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from . import inlined, kernel

__all__ = ["CODE_POINTS", "code_point", "decode", "length"]

CODE_POINTS = 0x110000
"""Size of a table that every code point may index."""

REPLACEMENT = np.uint32(0xFFFD)
LAST = np.uint32(CODE_POINTS - 1)


@inlined
def code_point(data: npt.NDArray[np.uint8], i: int, stop: int) -> tuple[np.uint32, int]:
    """The code point that starts at byte `i`, and where the next one starts; reads nothing at or after `stop`.

    Text in Arrow is valid UTF-8. A stray or cut sequence still ends: it gives U+FFFD and steps one byte, and
    the result is always below `CODE_POINTS`.
    """
    # One return per length and no falling through: otherwise LLVM's code is six times slower.
    c = np.uint32(data[i])
    if c >= 0xE0 and c < 0xF0 and i + 2 < stop:
        tail = np.uint32(data[i + 1] & 63) << np.uint32(6) | np.uint32(data[i + 2] & 63)
        return (c & np.uint32(15)) << np.uint32(12) | tail, i + 3
    if c < 0x80:
        return c, i + 1
    if c >= 0xC0 and c < 0xE0 and i + 1 < stop:
        return (c & np.uint32(31)) << np.uint32(6) | np.uint32(data[i + 1] & 63), i + 2
    if c >= 0xF0 and i + 3 < stop:
        tail = np.uint32(data[i + 2] & 63) << np.uint32(6) | np.uint32(data[i + 3] & 63)
        tail |= np.uint32(data[i + 1] & 63) << np.uint32(12)
        return min((c & np.uint32(7)) << np.uint32(18) | tail, LAST), i + 4
    return REPLACEMENT, i + 1


@kernel
def decode(data: npt.NDArray[np.uint8], start: int, stop: int, out: npt.NDArray[np.uint32]) -> int:
    """Write the code points of data[start:stop] to `out` and return how many; `stop - start` places are always enough."""
    n = 0
    i = start
    while i < stop:
        out[n], i = code_point(data, i, stop)
        n += 1
    return n


@kernel
def length(data: npt.NDArray[np.uint8], start: int, stop: int) -> int:
    """Number of code points of data[start:stop], counted by the bytes that start one."""
    n = 0
    for i in range(start, stop):
        n += (data[i] & 0xC0) != 0x80
    return n
