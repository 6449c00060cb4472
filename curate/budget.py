"""How the work of a corpus stage is cut so that no task needs more memory than it may have."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["STORE_BYTES", "group_cuts", "reduce_cuts"]

MB = 1_000_000
GROUP_BYTES = 80
"""Memory for each key that is grouped, at most: 16 while it is scattered; where all repeat, twice what is written."""
REDUCE_BYTES = 120
"""Memory for each row that is reduced, at most."""
STORE_BYTES = 60
"""Memory for each record whose signature is kept: its id, and a key of it while they are sorted."""


def group_cuts(keys: Sequence[str], rows: int, memory_mb: int) -> list[tuple[Sequence[str], tuple[int, int]]]:
    """Which keys are grouped together, and which of how many ranges of their values, for `rows` of each key."""
    most = max(1, memory_mb * MB // GROUP_BYTES)
    together, parts = max(1, most // max(1, rows)), max(1, -(-rows // most))
    return [(keys[i : i + together], (part, parts)) for i in range(0, len(keys), together) for part in range(parts)]


def reduce_cuts(rows: Sequence[int], memory_mb: int) -> list[tuple[int, int]]:
    """Which neighbouring shards are reduced together, of which the groups have so many rows; one alone may have more."""
    most = memory_mb * MB // REDUCE_BYTES
    runs: list[tuple[int, int]] = []
    start = total = 0
    for i, count in enumerate(rows):
        if i > start and total + count > most:
            runs.append((start, i))
            start, total = i, 0
        total += count
    return [*runs, (start, len(rows))] if rows else runs
