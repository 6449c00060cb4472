"""Exact deduplication: of records with the same text one stays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..config import Strict
from ..records import DIGEST, text_digests
from ..stage import Corpus
from .decisions import DECISION, mark_decided
from .survivors import Survivor, standing

__all__ = ["ExactDedup"]


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
        """The first 8 bytes of the SHA-256."""
        return ("key",)

    def emit(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """One row per record: the SHA-256 of its text, whose first 8 bytes are the key."""
        digests = text_digests(batch.column("text"))
        keys = digests.buffers()[1]
        return pa.record_batch(
            {
                "key": pa.array(np.frombuffer(keys, "<u8")[:: DIGEST // 8], pa.uint64()),
                "row": pa.array(np.arange(batch.num_rows, dtype=np.uint32)),
                "digest": digests,
            }
        )

    def reduce(self, group: pa.Table, corpus: Corpus) -> pa.Table:
        """The decisions on some groups: every record but one of those with one digest."""
        if not group.num_rows:
            return DECISION.empty_table()
        address = group["address"].to_numpy()
        ids, place = standing(corpus, address, self.survivor, self.sources)
        digest = group["digest"].combine_chunks()
        order = pc.sort_indices(
            pa.table({"digest": digest, "place": place}), [("digest", "ascending"), ("place", "ascending")]
        )
        digest = digest.take(order)
        repeats = np.zeros(len(digest), np.bool_)
        repeats[1:] = pc.equal(digest[1:], digest[:-1])
        rows = order.to_numpy()
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
