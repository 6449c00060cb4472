"""From items to Arrow batches of `records.INGESTED`: ids, the source struct, meta and personal fields as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import orjson
import pyarrow as pa

from ..catalog import Source
from ..records import INGESTED, SOURCE, record_id
from .items import Fault, Item

__all__ = ["to_batches"]


def to_batches(
    parts: Iterable[Item | Fault],
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
    parts always give the same batches. A text of more than `record_chars` code points is a fault `too_long`. The last
    batch may have no rows, to carry faults.
    """
    held: list[Item] = []
    faults: list[Fault] = []
    size = 0
    columns = _Columns(source, path, sha256)
    for part in parts:
        if isinstance(part, Fault):
            faults.append(part)
            continue
        text = part.text
        length = len(text)
        if length > record_chars:
            faults.append(Fault(part.locator, "too_long", f"{length} characters, at most {record_chars}"))
            continue
        held.append(part)
        size += length if text.isascii() else 3 * length
        if len(held) == rows or size >= text_bytes:
            yield columns.batch(held), faults
            held, faults, size = [], [], 0
    if held or faults:
        yield columns.batch(held), faults


class _Columns:
    """What all records of one file share."""

    def __init__(self, source: Source, path: str, sha256: str) -> None:
        self._source, self._path, self._sha256 = source, path, sha256

    def batch(self, items: list[Item]) -> pa.RecordBatch:
        count = len(items)
        source, path = self._source, self._path
        locators, texts, input_ids, metas, media_types, encodings = zip(*items, strict=True) if items else ((),) * 6
        where = pa.StructArray.from_arrays(
            [
                _same(source.id, count),
                _same(path, count),
                pa.array(locators, pa.string()),
                _same(self._sha256, count),
                _column(media_types),
                _column(encodings),
                _same(source.licence, count),
                _same(source.authorisation, count),
                _same(source.obtained.on.isoformat(), count),
            ],
            fields=list(SOURCE),
        )
        return pa.RecordBatch.from_arrays(
            [
                pa.array([record_id(source.id, path, locator) for locator in locators], pa.string()),
                pa.array(input_ids, pa.string()),
                _texts(texts),
                _same(source.industry, count),
                _same(source.grade, count),
                where,
                pa.array([_json(meta) for meta in metas], pa.string()),
                pa.array([self._personal(meta) for meta in metas], pa.string()),
            ],
            schema=INGESTED,
        )

    def _personal(self, meta: dict[str, Any] | None) -> str | None:
        """The entities of the personal fields that a record has."""
        if not meta or not self._source.personal:
            return None
        return _json({name: entity for name, entity in self._source.personal.items() if name in meta} or None)


def _json(value: dict[str, Any] | None) -> str | None:
    return None if value is None else orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def _texts(texts: tuple[str, ...]) -> pa.Array:
    """A string column by way of bytes: `pa.array` would leave a second copy of the text in every `str`."""
    encoded = [text.encode() for text in texts]
    offsets = np.zeros(len(encoded) + 1, np.int32)
    np.cumsum([len(data) for data in encoded], out=offsets[1:])
    return pa.Array.from_buffers(
        pa.string(), len(encoded), [None, pa.py_buffer(offsets), pa.py_buffer(b"".join(encoded))]
    )


def _same(value: str | None, count: int) -> pa.Array:
    return pa.nulls(count, pa.string()) if value is None else pa.repeat(pa.scalar(value, pa.string()), count)


def _column(values: tuple[str | None, ...]) -> pa.Array:
    """Media types and encodings are nearly always the same for a whole batch."""
    if len(set(values)) == 1:
        return _same(values[0], len(values))
    return pa.array(values, pa.string())
