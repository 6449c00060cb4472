"""Parquet and Arrow files: their records, and their batches as they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ..errors import UserError
from ..records import is_utf8
from .rows import Bad, Fields, InputFile, Rows, date_of, own_ids, score_of

__all__ = ["arrow_batches", "read_table"]

ROWS = 4096
"""Rows of Parquet read at once."""


def arrow_batches(file: InputFile, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
    """The batches of a Parquet or Arrow file, of the columns named or all.

    Raises:
        UserError: it is not what its name says.
    """
    try:
        if file.format == "parquet":
            import pyarrow.parquet as pq

            with pq.ParquetFile(file.path) as table:
                wanted = None if columns is None else [c for c in columns if c in table.schema_arrow.names]
                yield from table.iter_batches(ROWS, columns=wanted)
            return
        with pa.memory_map(str(file.path)) as source:
            try:
                reader: Any = pa.ipc.open_file(source)
                batches = (reader.get_batch(i) for i in range(reader.num_record_batches))
            except pa.ArrowInvalid:
                source.seek(0)
                batches = iter(pa.ipc.open_stream(source))
            for batch in batches:
                _check(batch)
                names = batch.schema.names
                yield batch if columns is None else batch.select([i for i, c in enumerate(names) if c in columns])
    except (pa.ArrowException, OSError):
        raise UserError("cannot be read", where=str(file.path), expected=f"a whole {file.format} file") from None


def _check(batch: pa.RecordBatch) -> None:
    """Raise `pa.ArrowInvalid` if a column points outside its data; texts that are not UTF-8 are looked for row by row."""
    for column in batch.columns:
        (column.view(_binary(column.type)) if _is_text(column.type) else column).validate(full=True)


def _is_text(type: pa.DataType) -> bool:
    return bool(pa.types.is_string(type) or pa.types.is_large_string(type))


def _binary(text: pa.DataType) -> pa.DataType:
    return pa.binary() if pa.types.is_string(text) else pa.large_binary()


def read_table(file: InputFile, fields: Fields) -> Iterator[Rows]:
    """Its records, some thousand at a time.

    Raises:
        UserError: it is not what its name says, or has no text column.
    """
    row = 0
    for whole in arrow_batches(file, fields.names()):
        names = whole.schema.names
        if fields.text not in names:
            raise UserError(f"no column {fields.text!r}", where=str(file.path), fix="Name the column with --text.")
        for name in fields.names():
            if names.count(name) > 1:
                raise UserError(f"column {name!r} stands there twice", where=str(file.path))
        if not _is_text(whole[fields.text].type):
            got = str(whole[fields.text].type)
            raise UserError(f"column {fields.text!r} is no text", where=str(file.path), got=got, expected="string")
        for lo in range(0, whole.num_rows, ROWS):
            batch = whole.slice(lo, ROWS)
            here = np.arange(row + 1, row + 1 + batch.num_rows)
            row += batch.num_rows
            good, bad = _good(batch[fields.text], fields.text, here)
            if bad:
                batch, here = batch.filter(pa.array(good)), here[good]
            n = batch.num_rows
            yield Rows(
                batch[fields.text].cast(pa.string()),
                own_ids(_column(batch, fields.id)),
                here,
                np.zeros(n, np.int64),
                np.zeros(n, np.int64),
                [date_of(v) for v in _column(batch, fields.date)] if fields.date else [],
                [score_of(v) for v in _column(batch, fields.score)] if fields.score else [],
                bad,
            )


def _good(texts: pa.Array, name: str, here: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.bool_], list[Bad]]:
    """Which of a column's values are texts, and what is wrong with the others; `here` are their rows."""
    good: npt.NDArray[np.bool_] = texts.is_valid().to_numpy(zero_copy_only=False)
    bad = [Bad(n, f"the field {name!r} should be a string, got nothing") for n in here[~good].tolist()]
    if not is_utf8(texts):
        broken = [i for i, value in enumerate(_decoded(texts)) if value is None and good[i]]
        good[broken] = False
        bad += [Bad(n, f"the field {name!r} is not UTF-8") for n in here[broken].tolist()]
    return good, sorted(bad, key=lambda b: b.row)


def _decoded(texts: pa.Array) -> Iterator[str | None]:
    """Each text, none where it is not UTF-8; nothing but a reader's own check keeps others out of Parquet and Arrow."""
    for value in texts.view(_binary(texts.type)).to_pylist():
        try:
            yield None if value is None else value.decode()
        except UnicodeDecodeError:
            yield None


def _column(batch: pa.RecordBatch, name: str) -> list[Any]:
    """The values of a column, all none if there is no such column; times as strings, which sort as they do."""
    if name not in batch.schema.names:
        return [None] * batch.num_rows
    column = batch[name]
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.timestamp(column.type.unit)).cast(pa.string())
    if _is_text(column.type) and not is_utf8(column):
        return list(_decoded(column))
    return cast(list[Any], column.to_pylist())
