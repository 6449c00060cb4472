"""The one rule that turns rows and objects into records, whatever file they came in.

1. The column that the catalog names (`text: 内容`) is the text; the others go to meta.
2. Else a string column `text` is; else a column named like text (`data/text_columns.tsv`) that holds most of the
   characters of the first records. It is chosen once per file, so that a record without it is a fault, not a guess.
   Columns before it that are named as labels (条, 章节) are its beginning: `第一条 为了规范…`; the others go to meta.
3. Else the text is composed: a line `header: value` for each non-empty field, lists joined by line feeds, meta null.

Columns that the catalog calls personal are never composed into text: they go to meta, where anonymisation finds them by
name. The record's own id is the column `record_id` of the catalog, or `id`; it is in neither text nor meta, unless it is
personal: then it is in meta only, since ids are written to the ledger.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, NamedTuple

import orjson

from ..catalog import Source
from .data import rows, values
from .items import Fault, Item

__all__ = ["Layout", "choose", "column_names", "likely", "plain", "shown"]


class Layout(NamedTuple):
    """Which column is what in the records of one file."""

    text: str | None
    labels: tuple[str, ...]
    """Columns whose values open the text."""
    record_id: str | None
    personal: frozenset[str]
    cells: bool
    """Whether any value may stand in the text column, as in a sheet; in JSON it must be a string."""

    @property
    def apart(self) -> str | None:
        """The column whose string is the text as it stands, if there is one."""
        return None if self.labels or self.text == self.record_id else self.text

    def record(self, locator: str, fields: dict[str, Any], media_type: str, encoding: str | None) -> Item | Fault:
        """The record of a row or an object; `fields` is used up."""
        input_id = self.take_id(fields)
        if self.text is None:
            text = self._compose(fields)
            kept = {name: fields[name] for name in self.personal if name in fields}
            return Item(locator, text, input_id, kept or None, media_type, encoding)
        value = fields.pop(self.text, None)
        written = value if type(value) is str else _as_text(value, self.cells)
        if written is None:
            what = "is missing or null" if value is None else f"is no string but {type(value).__name__}"
            return Fault(locator, "bad_record", f"the text column {self.text!r} {what}")
        if self.labels:
            opening = [shown(fields.pop(name, None)).strip() for name in self.labels]
            written = " ".join(filter(None, [*opening, written]))
        return Item(locator, written, input_id, fields or None, media_type, encoding)

    def take_id(self, fields: dict[str, Any]) -> str | None:
        """The record's own id, taken out of `fields`; what cannot be one stays there."""
        if self.record_id is None:
            return None
        value = fields.pop(self.record_id, None)
        if type(value) is str:
            return value
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return str(value)
        if value is not None:
            fields[self.record_id] = value  # no id after all
        return None

    def _compose(self, fields: Mapping[str, Any]) -> str:
        lines = []
        for name, value in fields.items():
            if name not in self.personal:
                written = shown(value)
                if written:
                    lines.append(f"{name}: {written}")
        return "\n".join(lines)


def choose(source: Source, sample: Sequence[Mapping[str, Any]], *, cells: bool) -> Layout:
    """The layout of a file, judged by its first records."""
    record_id = source.record_id or "id"
    if source.text == record_id or record_id in source.personal:
        record_id = ""
    text = source.text or _text_column(sample, source.personal)
    return Layout(
        text=text,
        labels=() if source.text or text is None else _labels(sample, text, source),
        record_id=record_id or None,
        personal=frozenset(source.personal),
        cells=cells,
    )


def likely(kind: str) -> frozenset[str]:
    """The column names, in lower case, that say `text` or `label`."""
    return frozenset(row[1] for row in rows("text_columns") if row[0] == kind)


def _text_column(sample: Sequence[Mapping[str, Any]], personal: Mapping[str, str]) -> str | None:
    least = values("tables")["text_share"]
    with_text = sum(isinstance(fields.get("text"), str) for fields in sample)
    if with_text > least * len(sample) and "text" not in personal:
        return "text"
    sizes: dict[str, int] = {}
    for fields in sample:
        for name, value in fields.items():
            if isinstance(value, str):
                sizes[name] = sizes.get(name, 0) + len(value)
    total = sum(sizes.values())
    names = likely("text")
    for name, size in sizes.items():
        if name.strip().lower() in names and size > least * total and name not in personal:
            return name
    return None


def _labels(sample: Sequence[Mapping[str, Any]], text: str, source: Source) -> tuple[str, ...]:
    """The columns named as labels that stand before the text in the records that have both."""
    names = likely("label")
    found: dict[str, None] = {}
    for fields in sample:
        before = list(fields)[: list(fields).index(text)] if text in fields else []
        found |= dict.fromkeys(name for name in before if name.strip().lower() in names)
    return tuple(name for name in found if name not in source.personal and name != source.record_id)


def column_names(cells: Sequence[Any]) -> list[str]:
    """A header's cells as names that are not empty and differ: `column 3`, `备注`, `备注~2`."""
    names: list[str] = []
    for number, cell in enumerate(cells, 1):
        name = stem = shown(cell).strip().strip("\ufeff") or f"column {number}"
        copies = 1
        while name in names:
            copies += 1
            name = f"{stem}~{copies}"
        names.append(name)
    return names


def plain(value: Any) -> Any:
    """The value as JSON can hold it: dates in ISO form, decimals as written, binary data as null."""
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return {str(name): plain(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    return None if isinstance(value, (bytes, bytearray)) else str(value)


def _as_text(value: Any, cells: bool) -> str | None:
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return "\n".join(value)
    return shown(value) if cells else None


def shown(value: Any) -> str:
    """A value as it stands in composed text; `""` for nothing and for white space."""
    if isinstance(value, str):
        return "" if value.isspace() else value
    if value is None:
        return ""
    if isinstance(value, list):
        return "\n".join(filter(None, map(shown, value)))
    return orjson.dumps(value).decode()
