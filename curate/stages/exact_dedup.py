"""Exact deduplication: of records with the same text, the one with the least id stays."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import ClassVar, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from ..config import Strict
from ..records import text_buffers
from ..stage import Corpus
from .decisions import DECISION, mark_decided

__all__ = ["ExactDedup"]

DIGEST = 32  # bytes of a SHA-256


class ExactDedup(Strict):
    """Drop records whose text is byte for byte the text of another; the least id of them stays."""

    kind: Literal["exact_dedup"] = "exact_dedup"
    version: ClassVar[int] = 1
    adds: ClassVar[Mapping[str, pa.DataType]] = {}
    reasons: ClassVar[tuple[str, ...]] = ("exact_duplicate",)

    partitions: int = Field(1, ge=1)
    """Parts into which the corpus is grouped; changes memory and speed, never the result."""

    def emit(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """One row per record: the SHA-256 of its text, whose first 8 bytes are the key, and its id."""
        data, offsets = text_buffers(batch.column("text"))
        view, sha256 = data.data, hashlib.sha256
        # A Python loop, because hashlib uses the processor's SHA instructions: four times faster than a kernel could.
        digests = b"".join([sha256(view[a:b]).digest() for a, b in pairwise(offsets.tolist())])
        keys = np.frombuffer(digests, "<u8")[:: DIGEST // 8]
        return pa.record_batch(
            {
                "key": pa.array(keys, pa.uint64()),
                "row": pa.array(np.arange(batch.num_rows, dtype=np.uint32)),
                "digest": pa.FixedSizeBinaryArray.from_buffers(
                    pa.binary(DIGEST), batch.num_rows, [None, pa.py_buffer(digests)]
                ),
                "id": batch.column("id"),
            }
        )

    def reduce(self, group: pa.Table, corpus: Corpus) -> pa.Table:  # noqa: ARG002
        """The decisions of one partition: every record but the first, by id, of those with one digest."""
        if not group.num_rows:
            return DECISION.empty_table()
        shared = group.sort_by([("digest", "ascending"), ("id", "ascending")])
        digest = shared["digest"].combine_chunks()
        repeats = np.zeros(len(digest), np.bool_)
        repeats[1:] = pc.equal(digest[1:], digest[:-1])
        first = np.maximum.accumulate(np.where(repeats, 0, np.arange(len(repeats))))
        survivor = shared["id"].take(pa.array(first[repeats]))
        n = len(survivor)
        return pa.table(
            {
                "address": shared["address"].filter(pa.array(repeats)),
                "reason": pa.array(["exact_duplicate"] * n, pa.string()),
                "value": pa.nulls(n, pa.float64()),
                "threshold": pa.nulls(n, pa.float64()),
                "duplicate_of": survivor,
                "cluster": survivor,
            },
            schema=DECISION,
        )

    def merge(self, parts: Iterable[pa.Table], corpus: Corpus) -> pa.Table:  # noqa: ARG002
        """The decisions of all partitions, sorted by address."""
        return pa.concat_tables([DECISION.empty_table(), *parts]).sort_by("address")

    def mark(self, batch: pa.RecordBatch, decisions: pa.Table) -> pa.RecordBatch:
        """The batch with its exact duplicates marked."""
        return mark_decided(batch, decisions)
