"""What a store of signatures holds of some texts: the record with the same digest, and the one with the nearest signature.

`heads` and `keys` are sorted, and `rows` says which record of the store each of them is of; equal ones stand in the order
of their records' ids. All of these are mapped files, of which a search touches a few pages.
"""

from __future__ import annotations

import numba as nb
import numpy as np
import numpy.typing as npt
from numba import njit, types

from . import CACHED, inlined

__all__ = ["nearest", "same"]

BYTES = types.Array(nb.uint8, 2, "C", readonly=True)
HEADS = types.Array(nb.uint64, 1, "C", readonly=True)
KEYS = types.Array(nb.uint64, 2, "C", readonly=True)
ROW = types.Array(nb.uint32, 1, "C", readonly=True)
ROWS = types.Array(nb.uint32, 2, "C", readonly=True)

Ints = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]
Values = npt.NDArray[np.uint32]
Keys = npt.NDArray[np.uint64]


@inlined
def _first(keys: Keys, key: np.uint64) -> int:
    """Where the first of the sorted keys stands that is not less than `key`."""
    lo, hi = 0, len(keys)
    while lo < hi:
        middle = (lo + hi) // 2
        if keys[middle] < key:
            lo = middle + 1
        else:
            hi = middle
    return lo


@njit(nb.void(HEADS, BYTES, HEADS, ROW, BYTES, nb.int64[::1]), nogil=True, cache=CACHED)
def same(wanted: Keys, digests: Bytes, heads: Keys, rows: Values, stored: Bytes, found: Ints) -> None:
    """The record of the store that has each of `digests` (n × bytes), whose first 8 bytes are `wanted`, into `found`, or -1.

    Of several it is the first in `rows`.
    """
    for d in range(len(wanted)):
        found[d] = -1
        at = _first(heads, wanted[d])
        while at < len(heads) and heads[at] == wanted[d] and found[d] < 0:
            row = np.int64(rows[at])
            if row < len(stored):
                equal = True
                for i in range(stored.shape[1]):
                    equal &= stored[row, i] == digests[d, i]
                if equal:
                    found[d] = row
            at += 1


@njit(
    nb.void(KEYS, ROWS, KEYS, ROWS, ROWS, ROW, nb.int64, nb.int64[::1], nb.int64[::1]),
    nogil=True,
    cache=CACHED,
)
def nearest(
    wanted: Keys,
    signatures: Values,
    keys: Keys,
    rows: Values,
    stored: Values,
    ranks: Values,
    look_back: int,
    found: Ints,
    equal: Ints,
) -> None:
    """The record of the store that agrees with each of `signatures` (n × permutations) in most values.

    `wanted` are their keys (bands × n); a record is looked at where it has one of them, among the first `look_back` that
    have it. Writes the record to `found`, or -1, and the number of values that agree to `equal`; of records with the same
    number that of the least of `ranks` is taken.
    """
    for d in range(len(signatures)):
        found[d] = -1
        equal[d] = 0
        for band in range(len(wanted)):
            key = wanted[band, d]
            at = _first(keys[band], key)
            end = min(len(keys[band]), at + look_back)
            while at < end and keys[band, at] == key:
                row = np.int64(rows[band, at])
                at += 1
                if row >= len(stored) or row == found[d]:
                    continue
                count = 0
                for k in range(stored.shape[1]):
                    count += stored[row, k] == signatures[d, k]
                if count > equal[d] or (count == equal[d] and found[d] >= 0 and ranks[row] < ranks[found[d]]):
                    found[d] = row
                    equal[d] = count
