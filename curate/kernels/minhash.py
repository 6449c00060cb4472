"""Character shingles of UTF-8 text, their MinHash signatures, and the keys of their LSH bands.

A shingle is `shingle` code points in a row; a text shorter than that is one shingle, the whole of it. Shingles are
compared as 64-bit hashes. Signatures follow Broder, On the resemblance and containment of documents (1997), with
`x -> a * x + b (mod 2^32)`, a odd, as the permutations.
"""

from __future__ import annotations

import numba as nb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
from numba import njit, types

from ..records import text_buffers
from . import CACHED, inlined, kernel
from .utf8 import decode

__all__ = ["TILE", "band_keys", "longest", "permutations", "place", "shingle_sets", "sign", "signatures", "slots"]

SEED = 1
TILE = 8
"""Permutations per pass over the shingles: one product feeds eight min-reductions."""

FEW = 8
"""Code points of a shingle up to which its hash is not rolled."""

BASE = np.uint64(0x9E3779B97F4A7C15)  # odd; 2^64 divided by the golden ratio
MULTIPLIER = np.uint64(0xFF51AFD7ED558CCD)  # of MurmurHash3's finaliser
ONE, ZERO, HALF, SHIFT = np.uint64(1), np.uint64(0), np.uint64(32), np.uint64(29)
NO_HASH = np.uint32(0xFFFFFFFF)

# Types are stated so that each kernel is compiled once, whether or not an Arrow buffer is writable.
BYTES = types.Array(nb.uint8, 1, "C", readonly=True)
OFFSETS = types.Array(nb.int32, 1, "C", readonly=True)
SIGNATURES = types.Array(nb.uint32, 2, "C", readonly=True)

Bytes = npt.NDArray[np.uint8]
Offsets = npt.NDArray[np.int32]


def permutations(count: int) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32]]:
    """The multipliers and the summands of `count` permutations, a multiple of TILE.

    Of `count // TILE` permutations drawn at random each goes on in TILE equal steps, so that additions give the others.
    Members of one such row stand `count // TILE` places apart: a band that is no wider has none but independent ones.
    Always the same: PCG64's raw stream is a promise of numpy.
    """
    raw = np.random.PCG64(SEED).random_raw(count // TILE * 4)
    a, b, a_step, b_step = (raw >> HALF).astype(np.uint32).reshape(4, -1)
    step = np.arange(TILE, dtype=np.uint32)[:, None]
    odd, even = a | np.uint32(1), a_step & ~np.uint32(1)
    return (odd + step * even).ravel(), (b + step * b_step).ravel()


@inlined
def _shingle_hashes(points: npt.NDArray[np.uint32], n: int, shingle: int, out: npt.NDArray[np.uint64]) -> int:
    """64-bit hashes, never 0, of the shingles of `n` code points: a polynomial, then mixed. Returns how many.

    The polynomial of a few points is made point by point for all shingles at once, which becomes vector instructions; of
    many it rolls from shingle to shingle, each step waiting for the one before.
    """
    width = min(n, shingle)
    if width == 0:
        return 0
    count = n - width + 1
    if width <= FEW:
        for i in range(count):
            out[i] = np.uint64(points[i]) + ONE
        for k in range(1, width):
            for i in range(count):
                out[i] = out[i] * BASE + np.uint64(points[i + k]) + ONE
    else:
        power = ONE
        h = ZERO
        for i in range(width):
            power *= BASE
            h = h * BASE + np.uint64(points[i]) + ONE
        for i in range(count):
            out[i] = h
            if i + 1 < count:
                h = h * BASE + np.uint64(points[i + width]) + ONE - power * (np.uint64(points[i]) + ONE)
    for i in range(count):
        mixed = out[i] ^ (out[i] >> HALF)
        mixed *= BASE
        mixed ^= mixed >> SHIFT
        out[i] = max(mixed, ONE)
    return count


@inlined
def longest(offsets: Offsets) -> int:
    """Bytes of the longest text."""
    most = 0
    for d in range(offsets.shape[0] - 1):
        most = max(most, offsets[d + 1] - offsets[d])
    return most


@inlined
def slots(count: int) -> int:
    """Places of an open-addressing table for `count` values: a power of two, at most half full."""
    capacity = 4
    while capacity < 2 * count:
        capacity *= 2
    return capacity


@inlined
def place(table: npt.NDArray[np.uint64], mask: np.uint64, value: np.uint64) -> np.uint64:
    """Where `value` stands in an open-addressing table, or the empty place (0) where it would."""
    slot = value & mask
    while table[slot] != ZERO and table[slot] != value:
        slot = (slot + ONE) & mask
    return slot


@kernel
def _minima(
    x: npt.NDArray[np.uint32],
    count: int,
    a: npt.NDArray[np.uint32],
    b: npt.NDArray[np.uint32],
    out: npt.NDArray[np.uint32],
) -> None:
    """The least of a[k] * x + b[k] over the first `count` of `x`, for each k.

    The loop over shingles is innermost, and a function of its own, because only so does LLVM use vector instructions.
    """
    rows = a.shape[0] // TILE
    for k in range(rows):
        a0, b0 = a[k], b[k]
        a1, b1 = np.uint32(a[k + rows] - a0), np.uint32(b[k + rows] - b0)
        v0 = v1 = v2 = v3 = v4 = v5 = v6 = v7 = NO_HASH
        for j in range(count):
            h = np.uint32(a0 * x[j] + b0)
            step = np.uint32(a1 * x[j] + b1)
            v0 = min(v0, h)
            h = np.uint32(h + step)
            v1 = min(v1, h)
            h = np.uint32(h + step)
            v2 = min(v2, h)
            h = np.uint32(h + step)
            v3 = min(v3, h)
            h = np.uint32(h + step)
            v4 = min(v4, h)
            h = np.uint32(h + step)
            v5 = min(v5, h)
            h = np.uint32(h + step)
            v6 = min(v6, h)
            h = np.uint32(h + step)
            v7 = min(v7, h)
        for i, v in enumerate((v0, v1, v2, v3, v4, v5, v6, v7)):
            out[k + i * rows] = v


@njit(
    nb.void(BYTES, OFFSETS, nb.int64, nb.uint32[::1], nb.uint32[::1], nb.uint32[:, ::1], nb.uint32[::1]),
    nogil=True,
    cache=CACHED,
)
def signatures(
    data: Bytes,
    offsets: Offsets,
    shingle: int,
    a: npt.NDArray[np.uint32],
    b: npt.NDArray[np.uint32],
    out: npt.NDArray[np.uint32],
    chars: npt.NDArray[np.uint32],
) -> None:
    """MinHash of n texts into `out` (n × permutations) and their lengths in code points into `chars` (n).

    `a` and `b` are as `permutations` gives them, a multiple of TILE. An empty text gets the signature of the empty set,
    all bits set.
    """
    room = longest(offsets)
    points = np.empty(room, np.uint32)
    hashes = np.empty(room, np.uint64)
    x = np.empty(room, np.uint32)
    for d in range(offsets.shape[0] - 1):
        n = decode(data, offsets[d], offsets[d + 1], points)
        chars[d] = n
        count = _shingle_hashes(points, n, shingle, hashes)
        for j in range(count):
            x[j] = np.uint32(hashes[j] >> HALF)
        _minima(x, count, a, b, out[d])


def sign(column: pa.Array, shingle: int, count: int) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32]]:
    """The signatures (n × count) of n texts, and their lengths in code points."""
    data, offsets = text_buffers(column)
    out = np.empty((len(column), count), np.uint32)
    chars = np.empty(len(column), np.uint32)
    signatures(data, offsets, shingle, *permutations(count), out, chars)
    return out, chars


@njit(nb.void(SIGNATURES, nb.int64, nb.uint64[:, ::1]), nogil=True, cache=CACHED)
def band_keys(signature: npt.NDArray[np.uint32], rows: int, out: npt.NDArray[np.uint64]) -> None:
    """64-bit keys of the bands of n signatures into `out` (bands × n); band i is values i * rows to (i + 1) * rows.

    The number of the band is part of its key, so keys of different bands do not meet.
    """
    for d in range(out.shape[1]):
        for band in range(out.shape[0]):
            h = np.uint64(band + 1) * BASE
            for k in range(band * rows, (band + 1) * rows):
                h = (h ^ np.uint64(signature[d, k])) * MULTIPLIER
                h ^= h >> HALF
            out[band, d] = h


@njit(nb.void(BYTES, OFFSETS, nb.int64, nb.uint64[::1], nb.int64[::1]), nogil=True, cache=CACHED)
def shingle_sets(
    data: Bytes, offsets: Offsets, shingle: int, values: npt.NDArray[np.uint64], bounds: npt.NDArray[np.int64]
) -> None:
    """The distinct shingle hashes of n texts into `values`, one text after the other, and where each ends.

    Text d has values[bounds[d]:bounds[d + 1]]. As many values as the texts have code points are always enough.
    """
    room = longest(offsets)
    points = np.empty(room, np.uint32)
    hashes = np.empty(room, np.uint64)
    table = np.empty(slots(room), np.uint64)
    used = 0
    bounds[0] = 0
    for d in range(offsets.shape[0] - 1):
        count = _shingle_hashes(points, decode(data, offsets[d], offsets[d + 1], points), shingle, hashes)
        capacity = slots(count)
        mask = np.uint64(capacity - 1)
        table[:capacity] = ZERO
        for j in range(count):
            slot = place(table, mask, hashes[j])
            if table[slot] == ZERO:
                table[slot] = hashes[j]
                values[used] = hashes[j]
                used += 1
        bounds[d + 1] = used
