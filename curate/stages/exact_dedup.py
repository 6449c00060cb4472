"""Exact deduplication: of records with the same text one stays."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import ClassVar, Literal

import numpy as np
import pyarrow as pa

from ..config import Strict
from ..records import DIGEST, text_buffers, text_digests
from ..stage import Corpus
from .decisions import DECISION, mark_decided
from .survivors import Survivor, standing

__all__ = ["ExactDedup"]

AT_ONCE = 16 << 20
"""Bytes of text held at once, or one text."""


class ExactDedup(Strict):
    """Drop records whose text is byte for byte the text of another."""

    kind: Literal["exact_dedup"] = "exact_dedup"
    version: ClassVar[int] = 2
    adds: ClassVar[Mapping[str, pa.DataType]] = {}
    reasons: ClassVar[tuple[str, ...]] = ("exact_duplicate",)

    survivor: Survivor = ()
    """Which of equal records stays, by the first of these that tells them apart; at last the one with the least id."""
    sources: tuple[str, ...] = ()
    """Ids of sources, the preferred first, for `source_order`; sources that are not named come after them."""

    singles: ClassVar[bool] = False
    edits: ClassVar[bool] = False
    stores: ClassVar[tuple[str, ...]] = ()

    def keys(self) -> tuple[str, ...]:
        """The first 8 bytes of the digest."""
        return ("key",)

    def emit(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """One row per record: the head of its text's digest, and the bytes of the text."""
        offsets = text_buffers(batch.column("text"))[1]
        digests = np.frombuffer(text_digests(batch.column("text")).buffers()[1], "<u8")
        return pa.record_batch(
            {
                "key": pa.array(digests[:: DIGEST // 8], pa.uint64()),
                "row": pa.array(np.arange(batch.num_rows, dtype=np.uint32)),
                "n_bytes": pa.array(np.diff(offsets), pa.uint32()),
            }
        )

    def reduce(self, group: pa.Table, corpus: Corpus) -> pa.Table:
        """The decisions on some groups: every record but one of those with one text.

        What agrees in its key is told apart by SHA-256, taken of these few records alone.
        """
        address = group["address"].to_numpy()
        read = np.cumsum(group["n_bytes"].to_numpy(), dtype=np.int64) // AT_ONCE
        cuts = [0, *(np.flatnonzero(np.diff(read)) + 1).tolist(), len(address)]
        digests = b"".join(
            hashlib.sha256(text.as_buffer()).digest()
            for lo, hi in pairwise(cuts)
            for text in corpus.take(address[lo:hi], ["text"])["text"]
        )
        same = np.unique(np.frombuffer(digests, "S32"), return_inverse=True)[1]
        ids, place = standing(corpus, address, self.survivor, self.sources)
        rows = np.lexsort((place, same))
        repeats = np.zeros(len(rows), np.bool_)
        repeats[1:] = same[rows[1:]] == same[rows[:-1]]
        first = np.maximum.accumulate(np.where(repeats, 0, np.arange(len(repeats))))
        survivor = ids.take(pa.array(rows[first[repeats]]))
        n = len(survivor)
        return pa.table(
            {
                "address": address[rows[repeats]],
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
