"""From items and blocks to Arrow batches of `records.INGESTED`: ids, the source struct, meta and personal fields as JSON."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from ..catalog import Source
from ..records import INGESTED, SOURCE, text_buffers
from .items import Block, Fault, Item

__all__ = ["to_batches"]

_ID_BYTES = 10  # of `records.record_id`, two hex digits each


def to_batches(
    parts: Iterable[Item | Block | Fault],
    *,
    source: Source,
    path: str,
    sha256: str,
    record_chars: int,
    rows: int = 4096,
    text_bytes: int = 16 << 20,
) -> Iterator[tuple[pa.RecordBatch, list[Fault]]]:
    """Batches of `records.INGESTED` and the faults met since the last one, in the order of `parts`.

    `path` is relative to the domain and `sha256` is of the raw file, as they stand in the record's source. A batch has at
    most `rows` rows and is closed once its texts may take `text_bytes` bytes, judged from their length, so that the same
    records always give the same batches, one by one or in blocks of any size. A text of more than `record_chars` code
    points is a fault `too_long`. The last batch may have no rows, to carry faults.
    """
    columns = _Columns(source, path, sha256)
    held = _Held(rows, text_bytes)
    faults: list[Fault] = []
    for part in _fitting(parts, record_chars):
        if isinstance(part, Fault):
            faults.append(part)
            continue
        rest: Item | Block | None = part
        while rest is not None:
            rest = held.add(rest)
            if held.full:
                yield columns.batch(held), faults
                held, faults = _Held(rows, text_bytes), []
    if held.locators or faults:
        yield columns.batch(held), faults


def _fitting(parts: Iterable[Item | Block | Fault], record_chars: int) -> Iterator[Item | Block | Fault]:
    """The parts with a fault in place of each text that is too long; a block with such a text comes as its items."""
    for part in parts:
        if isinstance(part, Block):
            if pc.max(pc.binary_length(part.texts)).as_py() > record_chars:  # bytes: code points are no more
                yield from _fitting(part.items(), record_chars)
            else:
                yield part
        elif isinstance(part, Item) and len(part.text) > record_chars:
            yield Fault(part.locator, "too_long", f"{len(part.text)} characters, at most {record_chars}")
        else:
            yield part


class _Held:
    """The records of a batch to be, column by column; the bytes of their texts are as they came."""

    def __init__(self, rows: int, text_bytes: int) -> None:
        self._rows, self._left = rows, text_bytes
        self.locators: list[str] = []
        self.texts: list[Any] = []
        """Bytes of one or more texts each."""
        self.lengths: list[int] = []
        self.input_ids: list[str | None] = []
        self.metas: list[dict[str, Any] | None] = []
        self.media_types: list[str] = []
        self.encodings: list[str | None] = []

    @property
    def full(self) -> bool:
        return len(self.locators) == self._rows or self._left <= 0

    def add(self, part: Item | Block) -> Block | None:
        """Take an item, or the rows of a block that find room; the other rows are given back."""
        if isinstance(part, Block):
            return self._add_rows(part)
        text = part.text.encode()
        self.texts.append(text)
        self.lengths.append(len(text))
        self.locators.append(part.locator)
        self.input_ids.append(part.input_id)
        self.metas.append(part.meta)
        self.media_types.append(part.media_type)
        self.encodings.append(part.encoding)
        self._left -= len(text) if len(text) == len(part.text) else 3 * len(part.text)
        return None

    def _add_rows(self, block: Block) -> Block | None:
        data, offsets = text_buffers(block.texts)
        lengths = np.diff(offsets)
        chars = pc.utf8_length(block.texts).to_numpy()
        sizes = np.cumsum(np.where(chars == lengths, lengths, 3 * chars), dtype=np.int64)
        count = min(int(np.searchsorted(sizes, self._left)) + 1, len(sizes), self._rows - len(self.locators))
        self.texts.append(data[offsets[0] : offsets[count]])
        self.lengths += lengths[:count].tolist()
        self.locators += block.locators[:count]
        self.input_ids += block.input_ids[:count]
        self.metas += block.metas[:count]
        self.media_types += [block.media_type] * count
        self.encodings += [block.encoding] * count
        self._left -= int(sizes[count - 1])
        return block.after(count) if count < len(sizes) else None


class _Columns:
    """What all records of one file share."""

    def __init__(self, source: Source, path: str, sha256: str) -> None:
        self._source, self._path, self._sha256 = source, path, sha256

    def batch(self, held: _Held) -> pa.RecordBatch:
        count = len(held.locators)
        source = self._source
        where = pa.StructArray.from_arrays(
            [
                _same(source.id, count),
                _same(self._path, count),
                pa.array(held.locators, pa.string()),
                _same(self._sha256, count),
                _column(held.media_types),
                _column(held.encodings),
                _same(source.licence, count),
                _same(source.authorisation, count),
                _same(source.obtained.on.isoformat(), count),
            ],
            fields=list(SOURCE),
        )
        return pa.RecordBatch.from_arrays(
            [
                self._ids(held.locators),
                pa.array(held.input_ids, pa.string()),
                _strings(held.texts, held.lengths),
                _same(source.industry, count),
                _same(source.grade, count),
                where,
                pa.array([_json(meta) for meta in held.metas], pa.string()),
                pa.array([self._personal(meta) for meta in held.metas], pa.string()),
            ],
            schema=INGESTED,
        )

    def _ids(self, locators: list[str]) -> pa.Array:
        """`records.record_id` of each locator, without building it up anew for each."""
        begin = f"{self._source.id}\x00{self._path}\x00".encode()
        digests = [hashlib.sha256(begin + locator.encode()).digest()[:_ID_BYTES] for locator in locators]
        return _strings([b"".join(digests).hex().encode()], [2 * _ID_BYTES] * len(locators))

    def _personal(self, meta: dict[str, Any] | None) -> bytes | None:
        """The entities of the personal fields that a record has."""
        if not meta or not self._source.personal:
            return None
        return _json({name: entity for name, entity in self._source.personal.items() if name in meta} or None)


def _json(value: dict[str, Any] | None) -> bytes | None:
    return None if value is None else orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def _strings(pieces: Sequence[Any], lengths: Sequence[int]) -> pa.Array:
    """A string column of UTF-8 bytes in pieces: by way of `str`, `pa.array` would leave a second copy in each of them."""
    offsets = np.zeros(len(lengths) + 1, np.int32)
    np.cumsum(lengths, out=offsets[1:])
    return pa.Array.from_buffers(
        pa.string(), len(lengths), [None, pa.py_buffer(offsets), pa.py_buffer(b"".join(pieces))]
    )


def _same(value: str | None, count: int) -> pa.Array:
    return pa.nulls(count, pa.string()) if value is None else pa.repeat(pa.scalar(value, pa.string()), count)


def _column(values: Sequence[str | None]) -> pa.Array:
    """Media types and encodings are nearly always the same for a whole batch."""
    if len(set(values)) == 1:
        return _same(values[0], len(values))
    return pa.array(values, pa.string())
