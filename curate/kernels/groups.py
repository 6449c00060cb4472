"""Rows whose key occurs more than once, found without sorting: in a corpus most keys occur once."""

from __future__ import annotations

import numba as nb
import numpy as np
import numpy.typing as npt
from numba import njit, types

from . import inlined

__all__ = ["count", "often", "table"]

Keys = npt.NDArray[np.uint64]
Table = npt.NDArray[np.uint8]

KEYS = types.Array(nb.uint64, 1, "C", readonly=True)
SPREAD = np.uint64(0x9E3779B97F4A7C15)  # 2^64 divided by the golden ratio
WORD = np.uint64(64)
ROOM = 4  # places for each key


def table(keys: int) -> Table:
    """An empty table to count `keys` keys in: 4 to 8 bytes for each."""
    return np.zeros(1 << max(1, (ROOM * keys - 1).bit_length()), np.uint8)


@inlined
def _shift(seen: Table) -> np.uint64:
    bits = np.uint64(0)
    while (1 << bits) < len(seen):
        bits += np.uint64(1)
    return WORD - bits


@njit(nb.void(KEYS, nb.uint8[::1]), nogil=True, cache=True)
def count(keys: Keys, seen: Table) -> None:
    """Count each key at its place in `seen`, which is of `table`; two are as many as more."""
    shift = _shift(seen)
    for key in keys:
        place = (key * SPREAD) >> shift
        seen[place] += seen[place] < 2


@njit(nb.int64(KEYS, nb.uint8[::1], nb.uint32[::1]), nogil=True, cache=True)
def often(keys: Keys, seen: Table, rows: npt.NDArray[np.uint32]) -> int:
    """Write which of `keys` were counted more than once to `rows`, as long as `keys`, and return how many.

    No key that occurs twice is missed; one that occurs once is among them if it shares its place with another.
    """
    shift = _shift(seen)
    found = 0
    for i in range(len(keys)):
        rows[found] = i
        found += seen[(keys[i] * SPREAD) >> shift] > 1
    return found
