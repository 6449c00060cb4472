"""Which split a record falls into: decided by its cluster or its id and a seed, and by nothing else."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np

__all__ = ["split_bounds", "split_indices"]


def split_bounds(shares: Mapping[str, float]) -> tuple[list[str], list[float]]:
    """Names of the splits that can hold records, and the upper bounds of all but the last, in [0, 1]."""
    names = [name for name, share in shares.items() if share > 0]
    bounds: list[float] = []
    for name in names[:-1]:
        bounds.append((bounds[-1] if bounds else 0.0) + shares[name])
    return names, bounds


def split_indices(keys: Sequence[str], bounds: Sequence[float], seed: int) -> list[int]:
    """The split of each key (a record's cluster, or its id where it has none), as an index into the names."""
    found = np.searchsorted(bounds, [_fraction(seed, key) for key in keys], side="right")
    return [int(i) for i in found]


def _fraction(seed: int, key: str) -> float:
    """A number in [0, 1) that depends on nothing but seed and key; 53 bits, so that it is exact as a float."""
    digest = hashlib.sha256(f"{seed}:{key}".encode()).digest()
    return (int.from_bytes(digest[:8], "big") >> 11) / (1 << 53)
