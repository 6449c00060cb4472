"""Texts with what was put between their characters taken out, so that a vocabulary finds terms that were broken up."""

from __future__ import annotations

import numba as nb
import numpy as np
import numpy.typing as npt
from numba import njit

from . import CACHED
from .minhash import BYTES, OFFSETS
from .utf8 import ONE, code_point

__all__ = ["BETWEEN", "BREAK", "LETTER", "NOTHING", "joined"]

LETTER, BREAK, BETWEEN, NOTHING = np.uint8(0), np.uint8(1), np.uint8(2), np.uint8(3)
"""Kinds of code points; a kind above these is the ASCII letter or digit as which the code point is written."""

Bytes = npt.NDArray[np.uint8]
Offsets = npt.NDArray[np.int32]


@njit(nb.void(BYTES, OFFSETS, nb.uint8[::1], nb.int64, nb.uint8[::1], nb.int32[::1]), nogil=True, cache=CACHED)
def _join(data: Bytes, offsets: Offsets, kinds: Bytes, most: int, out: Bytes, bounds: Offsets) -> None:
    at = np.uint64(0)
    for d in range(offsets.shape[0] - 1):
        i, end = np.uint64(offsets[d]), np.uint64(offsets[d + 1])
        after, wordy = False, False  # whether a character came last, or only what stands between; whether of ASCII
        run, run_start = 0, at
        while i < end:
            point, following = code_point(data, i, end)
            kind = kinds[point]
            if kind == NOTHING:
                i = following
                continue
            if kind == BETWEEN:
                if run == 0:
                    run_start = at
                run += 1
            else:
                now = kind > NOTHING
                if run > 0 and run <= most and after and kind != BREAK and not (wordy and now):
                    at = run_start
                run = 0
                after, wordy = kind != BREAK, now
            if kind > NOTHING:
                out[at] = kind
                at += ONE
                i = following
            else:
                while i < following:
                    out[at] = data[i]
                    at += ONE
                    i += ONE
        bounds[d + 1] = at


def joined(data: Bytes, offsets: Offsets, kinds: Bytes, most: int) -> tuple[Bytes, Offsets]:
    """The UTF-8 bytes and the n + 1 offsets of n texts without runs of up to `most` BETWEEN that stand between two characters.

    `kinds` has the kind of every code point. Between two letters or digits of ASCII, where a space parts words, all stays;
    NOTHING goes wherever it stands.
    """
    out = np.empty(int(offsets[-1]) - int(offsets[0]), np.uint8)
    bounds = np.zeros(offsets.shape[0], np.int32)
    _join(data, offsets, kinds, most, out, bounds)
    return out, bounds
