"""Which split a record falls into: decided by its cluster or its id and a seed, and by nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

__all__ = ["split_bounds", "split_indices"]

DIGITS = 16  # of an id, which is the start of a SHA-256 in hex: 64 evenly spread bits


def split_bounds(shares: Mapping[str, float]) -> tuple[list[str], list[float]]:
    """Names of the splits that can hold records, and the upper bounds of all but the last, in [0, 1]."""
    names = [name for name, share in shares.items() if share > 0]
    bounds: list[float] = []
    for name in names[:-1]:
        bounds.append((bounds[-1] if bounds else 0.0) + shares[name])
    return names, bounds


def split_indices(keys: Sequence[str], bounds: Sequence[float], seed: int) -> list[int]:
    """The split of each key (a record's cluster, or its id where it has none), as an index into the names."""
    found = np.searchsorted(bounds, _fractions(keys, seed), side="right")
    return [int(i) for i in found]


def _fractions(keys: Sequence[str], seed: int) -> npt.NDArray[np.float64]:
    """Numbers in [0, 1) from nothing but seed and key; 53 bits, so that they are exact as floats."""
    bits = np.array([int(key[:DIGITS], 16) for key in keys], np.uint64)
    return (_mixed(bits ^ _mixed(np.array([seed], np.uint64))) >> np.uint64(11)).astype(np.float64) / (1 << 53)


def _mixed(bits: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """The finaliser of SplitMix64, which spreads every bit over all; arithmetic is modulo 2^64."""
    bits = bits + np.uint64(0x9E3779B97F4A7C15)
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))
