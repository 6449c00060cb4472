"""The key files of corpus stages: columns of fixed width, one batch a shard."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ..records import text_digests
from ..stage import CorpusStage
from .files import one_batch, writer

__all__ = ["Keys"]


class Keys:
    """What a corpus stage emits of a shard: keys for grouping, and what it keeps for later runs."""

    def __init__(self, stage: CorpusStage, *, store: bool = True) -> None:
        self.stage, self._store = stage, store
        self.batches: list[pa.RecordBatch] = []
        """The keys, for grouping."""
        self._stored: list[pa.RecordBatch] = []

    def add(self, emitted: pa.RecordBatch, batch: pa.RecordBatch, addresses: npt.NDArray[np.uint64]) -> None:
        """Take what was emitted of a batch: the key columns, then the address in place of the row, then the rest.

        What is kept for later runs comes with the id and the digest of the text.
        """
        keys = self.stage.keys()
        row = emitted["row"]
        columns = {name: emitted[name] for name in keys}
        columns["address"] = pa.array(addresses[row.to_numpy()], pa.uint64())
        apart = {"row", *keys, *self.stage.stores}
        columns |= {name: emitted[name] for name in emitted.schema.names if name not in apart}
        self.batches.append(pa.record_batch(columns))
        if self._store and self.stage.stores:
            of = {"id": batch["id"].take(row), "digest": text_digests(batch["text"].take(row))}
            self._stored.append(pa.record_batch({**of, **{name: emitted[name] for name in self.stage.stores}}))

    def write(self, outputs: Sequence[Path]) -> int:
        """The keys and, where there is something to keep, that; one batch each, read column by column."""
        for batches, output in zip((self.batches, self._stored), outputs, strict=False):
            whole = one_batch(pa.Table.from_batches(batches))
            with writer(output, whole.schema) as out:
                out.write_batch(whole)
        return sum(batch.num_rows for batch in self.batches)
