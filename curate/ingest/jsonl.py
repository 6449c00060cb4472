"""JSON Lines: one object a line, read in blocks, so that a file of any size needs the memory of a block.

A line that is no object, holds no text, or holds the text field twice is a fault with its line number; blank lines are
skipped. A file that is not UTF-8 is decoded line by line, each by the file's encoding or, where it differs, by its own.
"""

from __future__ import annotations

import json
from typing import Any

import orjson

from ..errors import Unreadable
from .data import values
from .feed import Feed
from .items import Fault, Parts
from .lines import Lines, peek
from .tables import choose

__all__ = ["read_jsonl"]


def read_jsonl(feed: Feed, media_type: str) -> Parts:
    """One record a line, locator `L<line>`; where the stream breaks off, what was read and a fault with that line."""
    lines = Lines(feed)
    first, every = peek(iter(lines), int(values("tables")["sample_rows"]))
    layout = choose(feed.source, [fields for line in first if (fields := _sample(lines, line))], cells=False)
    at, encoding, fast = feed.at, lines.encoding, lines.is_utf8
    mark = b'"%s"' % layout.text.encode() if layout.text else b"\n"  # a line feed: never found
    number = 0
    try:
        for line in every:
            number += 1
            if line is None:
                yield Fault(f"{at}L{number}", "too_long", f"the line has more than {lines.longest} bytes")
                continue
            try:
                fields = orjson.loads(line) if fast else None
            except orjson.JSONDecodeError:
                fields = None
            used = encoding
            if fields is None:
                if not line or line.isspace():
                    continue
                fields, used = _careful(lines, line)
            if type(fields) is not dict:
                yield _no_object(f"{at}L{number}", fields, used)
            elif line.count(mark) > 1 and _is_repeated(line, layout.text):
                yield Fault(f"{at}L{number}", "bad_record", f"the field {layout.text!r} stands twice")
            else:
                yield layout.record(f"{at}L{number}", fields, media_type, used)
    except Unreadable as error:
        yield Fault(f"{at}L{number + 1}", error.kind, str(error))


def _careful(lines: Lines, line: bytes) -> tuple[Any, str | None]:
    """A line that is not plain UTF-8 JSON: its value and codec, `_Bad` if it is no JSON, codec None if undecodable."""
    decoded = lines.decode(line)
    if decoded is None:
        return None, None
    try:
        return orjson.loads(decoded[0]), decoded[1]
    except orjson.JSONDecodeError as error:
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
