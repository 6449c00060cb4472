"""The records of a `curate dedup` as files in its work folder: shards of text, read back by address."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from pathlib import Path

import numpy as np
import pyarrow as pa

from ..jobs.files import batches_of, writer
from .inputs import Fields, InputFile, Rows

__all__ = ["Shards", "as_batch"]

SHARD = 64 << 20
"""Bytes of text in a shard, or one batch more."""

SOURCE = pa.struct([pa.field("source_id", pa.string()), pa.field("obtained_at", pa.string())])
QUALITY = pa.struct([pa.field("score", pa.float64())])
"""What a survivor policy may ask for, under the names that it has in a built dataset."""


def as_batch(rows: Rows, file: InputFile, number: int, fields: Fields) -> pa.RecordBatch:
    """Records of the file with this `number`; one without an id of its own is named for where it stands."""
    letter = "L" if file.format == "jsonl" else "R"
    lines = rows.row.tolist()
    if None in rows.ids:
        ids = [own or f"{file.name}#{letter}{n}" for own, n in zip(rows.ids, lines, strict=True)]
    else:
        ids = rows.ids  # type: ignore[assignment]
    n = len(ids)
    columns = {
        "id": pa.array(ids, pa.string()),
        "text": rows.texts,
        "input_id": pa.array(rows.ids, pa.string()),
        "file": pa.array(np.full(n, number, np.int32)),
        "row": pa.array(rows.row),
        "start": pa.array(rows.start),
        "stop": pa.array(rows.stop),
    }
    dates = pa.array(rows.dates, pa.string()) if fields.date else pa.nulls(n, pa.string())
    place = pa.array(np.full(n, str(file.argument), object), pa.string())
    columns["source"] = pa.StructArray.from_arrays([place, dates], fields=list(SOURCE))
    if fields.score:
        scores = pa.array(rows.scores, pa.float64())
        columns["quality"] = pa.StructArray.from_arrays([scores], fields=list(QUALITY))
    return pa.record_batch(columns)


class Shards:
    """Shards in the order in which they were written; `rows` is how many records each has."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._name = folder, name
        self.paths: list[Path] = []
        self.rows: list[int] = []

    def write(self, batches: Iterator[pa.RecordBatch]) -> Iterator[tuple[int, int, pa.RecordBatch]]:
        """Write each batch and give it back with its shard and the row of the shard it begins at."""
        batch = next(batches, None)
        while batch is not None:
            path = self._folder / f"{self._name}-{len(self.paths):05d}.arrow"
            self.paths.append(path)
            self.rows.append(0)
            size = 0
            with writer(path, batch.schema) as out:
                while batch is not None and size < SHARD:
                    out.write_batch(batch)
                    size += batch.nbytes
                    yield len(self.paths) - 1, self.rows[-1], batch
                    self.rows[-1] += batch.num_rows
                    batch = next(batches, None)

    def read(self, shard: int) -> Iterator[tuple[int, pa.RecordBatch]]:
        """The batches of one shard, each with the row it begins at."""
        row = 0
        for batch in batches_of(self.paths[shard]):
            yield row, batch
            row += batch.num_rows

    def rewritten(self, name: str, batches: Callable[[int], Iterator[pa.RecordBatch]]) -> Shards:
        """Shards of the same rows under another name: `batches` gives those of each shard."""
        after = Shards(self._folder, name)
        for shard, rows in enumerate(self.rows):
            path = self._folder / f"{name}-{shard:05d}.arrow"
            made = batches(shard)
            first = next(made)
            with writer(path, first.schema) as out:
                for batch in chain([first], made):
                    out.write_batch(batch)
            after.paths.append(path)
            after.rows.append(rows)
        return after

    def remove(self) -> None:
        """Delete the files."""
        for path in self.paths:
            path.unlink()

    def select(self, columns: Sequence[str], shard: int) -> pa.Table:
        """Some columns of one shard."""
        return pa.Table.from_batches([batch.select(columns) for _, batch in self.read(shard)])
