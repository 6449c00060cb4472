"""Rows whose key occurs more than once, found without sorting: in a corpus most keys occur once."""

from __future__ import annotations

import numba as nb
import numpy as np
import numpy.typing as npt
from numba import njit, types

from . import CACHED, inlined

__all__ = ["count", "often", "table"]

Keys = npt.NDArray[np.uint64]
Table = npt.NDArray[np.uint8]

KEYS = types.Array(nb.uint64, 1, "C", readonly=True)
SPREAD = np.uint64(0x9E3779B97F4A7C15)  # 2^64 divided by the golden ratio
WORD, HALF = np.uint64(64), np.uint64(32)
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


@inlined
def _is_in(key: np.uint64, part: int, parts: int) -> bool:
    """Whether a key is in the `part`-th of `parts` equal ranges of all keys."""
    return parts == 1 or ((key >> HALF) * np.uint64(parts)) >> HALF == np.uint64(part)


@njit(nb.void(KEYS, nb.int64, nb.int64, nb.uint8[::1]), nogil=True, cache=CACHED)
def count(keys: Keys, part: int, parts: int, seen: Table) -> None:
    """Count each key of the `part`-th of `parts` ranges at its place in `seen`, which is of `table`; two are as many as more."""
    shift = _shift(seen)
    for key in keys:
        if _is_in(key, part, parts):
            place = (key * SPREAD) >> shift
            seen[place] += seen[place] < 2


@njit(nb.int64(KEYS, nb.int64, nb.int64, nb.uint8[::1], nb.int64, nb.uint32[::1]), nogil=True, cache=CACHED)
def often(keys: Keys, part: int, parts: int, seen: Table, least: int, rows: npt.NDArray[np.uint32]) -> int:
    """Write which of `keys` are in the range and were counted more than `least` times to `rows`; return how many.

    `rows` is as long as `keys`; `least` is 0 or 1. No key that occurs twice is missed; one that occurs once is among them
    if it shares its place with another. With `least` 0 `seen` is not looked at.
    """
    shift = _shift(seen)
    found = 0
    for i in range(len(keys)):
        if _is_in(keys[i], part, parts):
            rows[found] = i
            found += least == 0 or seen[(keys[i] * SPREAD) >> shift] > least
    return found
