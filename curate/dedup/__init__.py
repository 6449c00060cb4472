"""Deduplication alone, on lines of JSON, Parquet and Arrow: `curate dedup`.

The stages are those of a pipeline; only reading and writing are its own. Records are told apart by their own ids, or by
file and row where they have none.
"""

from __future__ import annotations

from .job import Bad, Fields, Outcome, Settings, dedup

__all__ = ["Bad", "Fields", "Outcome", "Settings", "dedup"]
