"""From items and blocks to Arrow batches of `records.INGESTED`: ids, the source struct, meta and personal fields as JSON."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from ..catalog import Source
from ..pii.places import clean_column
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

    `path` is relative to the domain and `sha256` is of the raw file, as they stand in the record's source; personal data in
    the records' own ids are replaced (`pii.places`). A batch has at
    most `rows` rows and is closed once its texts may take `text_bytes` bytes, judged from their length, so that the same
    records always give the same batches, one by one or in blocks of any size. A text of more than `record_chars` code
    points is a fault `too_long`. The last batch may have no rows, to carry faults.
    """
    new = partial(_Batch, source, path, sha256, rows, text_bytes)
    held = new()
    faults: list[Fault] = []
    for part in _fitting(parts, record_chars):
        if isinstance(part, Fault):
            faults.append(part)
            continue
        rest: Item | Block | None = part
        while rest is not None:
            rest = held.add(rest)
            if held.full:
                yield held.build(), faults
                held, faults = new(), []
    if held.locators or faults:
        yield held.build(), faults


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


class _Batch:
    """A batch to be, column by column; the bytes of the texts stay as they came until it is built."""

    def __init__(self, source: Source, path: str, sha256: str, rows: int, text_bytes: int) -> None:
        self._source, self._path, self._sha256 = source, path, sha256
        self._rows, self._left = rows, text_bytes
        self.locators: list[str] = []
        self._texts: list[Any] = []
        """Bytes of one or more texts each."""
        self._lengths: list[int] = []
        self._input_ids: list[str | None] = []
        self._metas: list[bytes | None] = []
        self._personal: list[bytes | None] = []
        self._media_types: list[str] = []
        self._encodings: list[str | None] = []

    @property
    def full(self) -> bool:
        """Whether it has all its rows or bytes."""
        return len(self.locators) == self._rows or self._left <= 0

    def add(self, part: Item | Block) -> Block | None:
        """Take an item, or the rows of a block that find room; the other rows are given back."""
        if isinstance(part, Block):
            return self._add_rows(part)
        text = part.text.encode()
        self._texts.append(text)
        self._lengths.append(len(text))
        self._left -= len(text) if len(text) == len(part.text) else 3 * len(part.text)
        self.locators.append(part.locator)
        self._input_ids.append(part.input_id)
        self._add_meta(part.meta)
        self._media_types.append(part.media_type)
        self._encodings.append(part.encoding)
        return None

    def _add_rows(self, block: Block) -> Block | None:
        data, offsets = text_buffers(block.texts)
        lengths = np.diff(offsets)
        chars = pc.utf8_length(block.texts).to_numpy()
        sizes = np.cumsum(np.where(chars == lengths, lengths, 3 * chars), dtype=np.int64)
        count = min(int(np.searchsorted(sizes, self._left)) + 1, len(sizes), self._rows - len(self.locators))
        self._texts.append(data[offsets[0] : offsets[count]])
        self._lengths += lengths[:count].tolist()
        self._left -= int(sizes[count - 1])
        self.locators += block.locators[:count]
        self._input_ids += block.input_ids[:count]
        for meta in block.metas[:count]:
            self._add_meta(meta)
        self._media_types += [block.media_type] * count
        self._encodings += [block.encoding] * count
        return block.after(count) if count < len(sizes) else None

    def _add_meta(self, meta: dict[str, Any] | None) -> None:
        """Meta as JSON, and the entities of the personal fields in it."""
        found = {name: entity for name, entity in self._source.personal.items() if name in meta} if meta else None
        self._metas.append(None if meta is None else orjson.dumps(meta, option=orjson.OPT_SORT_KEYS))
        self._personal.append(orjson.dumps(found, option=orjson.OPT_SORT_KEYS) if found else None)

    def build(self) -> pa.RecordBatch:
        """All that was taken."""
        count = len(self.locators)
        source = self._source
        where = pa.StructArray.from_arrays(
            [
                _same(source.id, count),
                _same(self._path, count),
                pa.array(self.locators, pa.string()),
                _same(self._sha256, count),
                _column(self._media_types),
                _column(self._encodings),
                _same(source.licence, count),
                _same(source.authorisation, count),
                _same(source.obtained.on.isoformat(), count),
            ],
            fields=list(SOURCE),
        )
        return pa.RecordBatch.from_arrays(
            [
                self._ids(),
                clean_column(pa.array(self._input_ids, pa.string())),
                _strings(self._texts, self._lengths),
                _same(source.industry, count),
                _same(source.grade, count),
                where,
                pa.array(self._metas, pa.string()),
                pa.array(self._personal, pa.string()),
            ],
            schema=INGESTED,
        )

    def _ids(self) -> pa.Array:
        """`records.record_id` of each row, the part that all share put together once."""
        shared = f"{self._source.id}\x00{self._path}\x00".encode()
        digests = [hashlib.sha256(shared + locator.encode()).digest()[:_ID_BYTES] for locator in self.locators]
        return _strings([b"".join(digests).hex().encode()], [2 * _ID_BYTES] * len(digests))


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
