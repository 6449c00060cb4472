"""CSV and TSV: a header row, then one record a row, streamed; quoted line feeds belong to their field."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..errors import Unreadable
from .data import values
from .feed import Feed
from .items import Fault, Parts
from .lines import Lines, peek
from .tables import choose, column_names

if TYPE_CHECKING:
    from _csv import Reader  # the type of csv.reader()

__all__ = ["read_delimited"]

_DELIMITERS = ",\t;"


def read_delimited(feed: Feed, media_type: str) -> Parts:
    """One record a row, locator `R<row>` without the header; a ragged row is a fault, an empty one is nothing.

    Raises:
        Unreadable: `empty` without a header, `bad_record` if it lacks the column that the catalog names, `encoding`.
    """
    text = _Text(Lines(feed))
    start, every_line = peek(iter(text), 1)
    if not start:
        raise text.next_fault() or Unreadable("empty", "no header row")
    csv.field_size_limit(max(csv.field_size_limit(), feed.limits.record_chars))
    reader = csv.reader(every_line, delimiter=_delimiter(start[0], media_type), strict=True)
    try:
        header = column_names(next(reader))
    except csv.Error as error:
        raise Unreadable("bad_record", f"no header row ({error})") from None
    if feed.source.text is not None and feed.source.text not in header:
        raise Unreadable("bad_record", "the table lacks the column that the catalog names", expected=feed.source.text)
    first, rows = peek(_rows(reader, text, header), int(values("tables")["sample_rows"]))
    layout = choose(feed.source, [row for row in first if isinstance(row, dict)], cells=True)
    number = 0
    try:
        for row in rows:
            number += 1
            if isinstance(row, Unreadable):
                yield Fault(f"{feed.at}R{number}", row.kind, str(row))
            else:
                yield layout.record(f"{feed.at}R{number}", row, media_type, text.encoding)
    except Unreadable as error:
        yield Fault(f"{feed.at}R{number + 1}", error.kind, str(error))


class _Text:
    """The decoded lines of a table; those that cannot be had are set aside as faults."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self._faults: deque[Unreadable] = deque()
        self.encoding = lines.encoding
        """The codec of the last line."""

    def __iter__(self) -> Iterator[str]:
        for line in self._lines:
            if line is None:
                self._faults.append(Unreadable("too_long", "a line is too long"))
                continue
            decoded = self._lines.decode(line)
            if decoded is None:
                self._faults.append(Unreadable("encoding", "the encoding of a line is not certain"))
                continue
            text, self.encoding = decoded
            if "\r" in text:
                yield from (f"{part}\n" for part in text.split("\r"))
            else:
                yield f"{text}\n"

    def next_fault(self) -> Unreadable | None:
        """The first line set aside since the last call, if there is one."""
        return self._faults.popleft() if self._faults else None


def _rows(reader: Reader, text: _Text, header: list[str]) -> Iterator[dict[str, Any] | Unreadable]:
    """Rows as fields by column name, or what is wrong with them."""
    while True:
        before = reader.line_num
        try:
            row: list[str] | None = next(reader, None)
        except csv.Error as error:
            lines = reader.line_num - before
            yield Unreadable("bad_record", f"no row of a table over {lines} line(s) ({error})")
            continue
        while (fault := text.next_fault()) is not None:
            yield fault
        if row is None:
            return
        if not any(row):
            continue
        if len(row) == len(header):
            yield dict(zip(header, row, strict=True))
        else:
            lines = reader.line_num - before
            yield Unreadable("bad_record", f"{len(row)} fields over {lines} line(s), the header has {len(header)}")


def _delimiter(header: str, media_type: str) -> str:
    """A tab in TSV; else the one of `,` tab `;` that the header has most of."""
    return "\t" if media_type == "text/tab-separated-values" else max(_DELIMITERS, key=header.count)
