"""UTF-8 to code points inside kernels.

Places in a buffer are unsigned: a signed one may count from the end, and every read would look for that.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from . import inlined, kernel

__all__ = ["CODE_POINTS", "FOUR", "ONE", "THREE", "TWO", "code_point", "decode", "length"]

CODE_POINTS = 0x110000
"""Size of a table that every code point may index."""

ONE, TWO, THREE, FOUR = np.uint64(1), np.uint64(2), np.uint64(3), np.uint64(4)
"""Steps from place to place."""

REPLACEMENT = np.uint32(0xFFFD)
LAST = np.uint32(CODE_POINTS - 1)
SIX, TWELVE, EIGHTEEN = np.uint32(6), np.uint32(12), np.uint32(18)
LEAD_AND_TRAILS = np.uint32(0xE0 << 12 ^ 0x80 << 6 ^ 0x80)
"""The marker bits of three bytes, as they come together in a code point."""


@inlined
def code_point(data: npt.NDArray[np.uint8], i: np.uint64, stop: np.uint64) -> tuple[np.uint32, np.uint64]:
    """The code point that starts at byte `i`, and where the next one starts; reads nothing at or after `stop`.

    Text in Arrow is valid UTF-8. A stray or cut sequence still ends: it gives U+FFFD and steps one byte, and
    the result is always below `CODE_POINTS`.
    """
    # One return per length and no falling through: otherwise LLVM's code is six times slower.
    c = np.uint32(data[i])
    if c >= 0xE0 and c < 0xF0 and i + TWO < stop:
        marked = c << TWELVE ^ np.uint32(data[i + ONE]) << SIX ^ np.uint32(data[i + TWO])
        return marked ^ LEAD_AND_TRAILS, i + THREE
    if c < 0x80:
        return c, i + ONE
    if c >= 0xC0 and c < 0xE0 and i + ONE < stop:
        return (c & np.uint32(31)) << SIX | np.uint32(data[i + ONE] & 63), i + TWO
    if c >= 0xF0 and i + THREE < stop:
        tail = np.uint32(data[i + TWO] & 63) << SIX | np.uint32(data[i + THREE] & 63)
        tail |= np.uint32(data[i + ONE] & 63) << TWELVE
        return min((c & np.uint32(7)) << EIGHTEEN | tail, LAST), i + FOUR
    return REPLACEMENT, i + ONE


@kernel
def decode(data: npt.NDArray[np.uint8], start: int, stop: int, out: npt.NDArray[np.uint32]) -> int:
    """Write the code points of data[start:stop] to `out` and return how many; `stop - start` places are always enough."""
    n = 0
    i, end = np.uint64(start), np.uint64(stop)
    while i < end:
        out[n], i = code_point(data, i, end)
        n += 1
    return n


@kernel
def length(data: npt.NDArray[np.uint8], start: int, stop: int) -> int:
    """Number of code points of data[start:stop], counted by the bytes that start one."""
    n = 0
    for byte in data[start:stop]:
        n += (byte & 0xC0) != 0x80
    return n
