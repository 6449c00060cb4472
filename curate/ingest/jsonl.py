"""JSON Lines: one object a line, read in blocks, so that a file of any size needs the memory of a block.

A line that is no object, holds no text, or holds the text field twice is a fault with its line number; so is a blank
line with lines after it, under `empty`: a record may have been lost there. A file that is not UTF-8 is decoded line by line, each by the file's encoding or, where it differs, by its own.

Where the text is one string of the object, a kernel takes it out as bytes and only the rest of the line is parsed; such
records come as a `Block`. A line that the kernel does not take, for whatever reason, is read by itself to the same result.
"""

from __future__ import annotations

import json
from itertools import islice
from typing import Any

import numpy as np
import orjson
import pyarrow as pa

from ..errors import Unreadable
from ..lossless_json import parse
from ..records import is_utf8
from .data import values
from .feed import Feed
from .items import Block, Fault, Item, Parts
from .lines import Lines, binary_lines, peek
from .tables import Layout, choose

__all__ = ["read_jsonl"]

_LEAST_TAKEN = 0.98  # share of a run's lines; where more end a block, a block costs more than it saves


def read_jsonl(feed: Feed, media_type: str) -> Parts:
    """One record a line, locator `L<line>`; where the stream breaks off, what was read and a fault with that line."""
    lines = Lines(feed)
    count = int(values("tables")["sample_rows"])
    first, runs = peek(lines.runs(), count, lambda run: run.count(b"\n"))
    sample = islice(binary_lines(first, lines.longest), count)
    layout = choose(feed.source, [fields for line in sample if (fields := _sample(lines, line))], cells=False)
    reader = _Reader(lines, layout, feed.at, media_type)
    try:
        for run in runs:
            yield from reader.read(run)
    except Unreadable as error:
        yield Fault(f"{feed.at}L{reader.number + 1}", error.kind, str(error))


class _Reader:
    """Makes parts of runs of lines, in their order; `number` is that of the last line read."""

    def __init__(self, lines: Lines, layout: Layout, at: str, media_type: str) -> None:
        self._lines, self._layout, self._at, self._media_type = lines, layout, at, media_type
        self._mark = b'"%s"' % layout.text.encode() if layout.text else b"\n"  # a line feed: never found
        self._apart = layout.apart if lines.is_utf8 else None
        self.number = 0
        self._blank: list[range] = []

    def read(self, run: bytes) -> Parts:
        """The parts of the lines of `run`."""
        return self._by_line(run) if self._apart is None else self._by_column(run, self._apart)

    def _by_line(self, run: bytes) -> Parts:
        lines = run.split(b"\n")
        lines.pop()
        for line in lines:
            self.number += 1
            part = self._part(line)
            if part is not None:
                yield from self._blanks()
                yield part

    def _by_column(self, run: bytes, name: str) -> Parts:
        from ..kernels.json_lines import take_strings  # numba is loaded where JSON Lines are met

        taken = take_strings(np.frombuffer(run, np.uint8), np.frombuffer(name.encode(), np.uint8), self._lines.longest)
        starts, firsts, lasts, offsets, data = taken
        buffers = [None, pa.py_buffer(offsets), pa.py_buffer(data)]
        texts = pa.Array.from_buffers(pa.string(), len(offsets) - 1, buffers)
        if len(texts) < _LEAST_TAKEN * len(firsts) or not is_utf8(texts):
            yield from self._by_line(run)
            return
        block, row = self._block(), 0  # `row` of the texts is the one that the block begins with
        places = starts.tolist()
        for start, first, last, stop in zip(places, firsts.tolist(), lasts.tolist(), places[1:], strict=False):
            self.number += 1
            fields = None if first < 0 else _object(run[start:first] + b'""' + run[last:stop])
            if fields is not None:
                if self._blank:
                    count = len(block.locators)
                    if count:
                        yield block._replace(texts=texts.slice(row, count))
                    yield from self._blanks()
                    block, row = self._block(), row + count
                del fields[name]
                block.locators.append(f"{self._at}L{self.number}")
                block.input_ids.append(self._layout.take_id(fields))
                block.metas.append(fields or None)
                continue
            part = self._part(run[start : stop - 1])
            if part is None:
                continue
            count = len(block.locators)
            if count:
                yield block._replace(texts=texts.slice(row, count))
            yield from self._blanks()
            yield part
            block, row = self._block(), row + count + (first >= 0)
        if block.locators:
            yield block._replace(texts=texts.slice(row))

    def _blanks(self) -> Parts:
        """Faults of the blank lines since the last line that was not: one follows them, so they are not the file's end."""
        for lines in self._blank:
            yield from (Fault(f"{self._at}L{number}", "empty", "a blank line") for number in lines)
        self._blank = []

    def _note_blank(self) -> None:
        if self._blank and self._blank[-1].stop == self.number:
            self._blank[-1] = range(self._blank[-1].start, self.number + 1)
        else:
            self._blank.append(range(self.number, self.number + 1))

    def _block(self) -> Block:
        return Block([], pa.array([], pa.string()), [], [], self._media_type, self._lines.encoding)

    def _part(self, line: bytes) -> Item | Fault | None:
        """What the line `number` without its line feed is; None if it is blank."""
        lines, layout, locator = self._lines, self._layout, f"{self._at}L{self.number}"
        if len(line) > lines.longest:
            return Fault(locator, "too_long", f"the line has more than {lines.longest} bytes")
        line = line.removesuffix(b"\r")
        encoding = lines.encoding
        try:
            fields = parse(line) if lines.is_utf8 else None
        except json.JSONDecodeError:
            fields = None
        if fields is None:
            if not line or line.isspace():
                self._note_blank()
                return None
            fields, encoding = _careful(lines, line)
        if type(fields) is not dict:
            return _no_object(locator, fields, encoding)
        if line.count(self._mark) > 1 and _is_repeated(line, layout.text):
            return Fault(locator, "bad_record", f"the field {layout.text!r} stands twice")
        return layout.record(locator, fields, self._media_type, encoding)


def _object(line: bytes) -> dict[str, Any] | None:
    """The object in a line that is one if it is JSON."""
    try:
        fields: dict[str, Any] = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return fields


def _careful(lines: Lines, line: bytes) -> tuple[Any, str | None]:
    """A line that is not plain UTF-8 JSON: its value and codec, `_Bad` if it is no JSON, codec None if undecodable."""
    decoded = lines.decode(line)
    if decoded is None:
        return None, None
    try:
        return parse(decoded[0]), decoded[1]
    except json.JSONDecodeError as error:
        return _Bad(error.pos), decoded[1]


class _Bad(int):
    """No JSON from this character on."""


def _no_object(locator: str, value: Any, encoding: str | None) -> Fault:
    if encoding is None:
        return Fault(locator, "encoding", "the encoding of the line is not certain")
    if isinstance(value, _Bad):
        return Fault(locator, "bad_record", f"no JSON from character {value + 1} on")
    return Fault(locator, "bad_record", f"no object but {type(value).__name__}")


def _sample(lines: Lines, line: bytes | None) -> dict[str, Any] | None:
    value = _careful(lines, line)[0] if line else None
    return value if isinstance(value, dict) else None


def _is_repeated(line: bytes, name: str | None) -> bool:
    """Whether the object itself, not a string or an object in it, has the field twice."""
    names: list[str] = []

    def note(pairs: list[tuple[str, Any]]) -> None:
        names[:] = [pair[0] for pair in pairs]  # the outermost object is the last one to be closed

    try:
        json.loads(line, object_pairs_hook=note)
    except ValueError:
        return False  # not UTF-8: decoded before, and the bytes of a name may stand in a character
    return names.count(name or "") > 1
