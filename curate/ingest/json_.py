"""JSON documents and notebooks; JSON Lines are in `jsonl`."""

from __future__ import annotations

import json
from typing import Any

import orjson

from ..errors import Unreadable
from ..lossless_json import parse
from .data import values
from .decoding import Decoded, decode
from .feed import Feed
from .items import Fault, Item, Parts
from .jsonl import read_jsonl
from .tables import choose
from .text import document, whole

__all__ = ["read_json", "read_notebook"]

_CELLS = ("markdown", "code", "raw")


def read_json(feed: Feed, media_type: str) -> Parts:
    """The items of an array as records `I1`, `I2` …, or the one object as record `1`.

    A notebook under another suffix is read as one; JSON Lines named `.json` are read line by line.

    Raises:
        Unreadable: `bad_record` if it is no JSON, or neither an array nor an object; `too_large`, `encoding`.
    """
    data = feed.whole()
    decoded = decode(data, feed.source.encoding, feed.limits.encoding_confidence)
    try:
        value = parse(decoded.text)
    except json.JSONDecodeError as error:
        if _is_lines(decoded.text):
            yield from read_jsonl(feed.again(data), media_type)
            return
        raise _no_json(decoded.text, error) from None
    if isinstance(value, dict) and isinstance(value.get("cells"), list) and "nbformat" in value:
        yield from _notebook(feed, decoded, value, media_type)
        return
    if isinstance(value, dict):
        yield choose(feed.source, [value], cells=False).record(f"{feed.at}1", value, media_type, decoded.encoding)
    elif isinstance(value, list):
        yield from _array(feed, value, media_type, decoded.encoding)
    else:
        raise Unreadable("bad_record", "neither an array nor an object", got=type(value).__name__)
    for fault in decoded.lost:
        yield Fault(f"{feed.at}{fault.locator}", fault.kind, fault.message)


def read_notebook(feed: Feed, media_type: str) -> Parts:
    """The text of all cells, in order, an empty line between them; outputs are left out.

    Raises:
        Unreadable: `bad_record` if it is no notebook; `too_large`, `encoding`, `empty`.
    """
    decoded = document(feed)
    try:
        value = orjson.loads(decoded.text)
    except orjson.JSONDecodeError as error:
        raise _no_json(decoded.text, error) from None
    if not isinstance(value, dict):
        raise Unreadable("bad_record", "no notebook", got=type(value).__name__)
    yield from _notebook(feed, decoded, value, media_type)


def _notebook(feed: Feed, decoded: Decoded, value: dict[str, Any], media_type: str) -> Parts:
    sheets = [value, *(sheet for sheet in value.get("worksheets") or [] if isinstance(sheet, dict))]  # format 3
    cells = [cell for sheet in sheets for cell in sheet.get("cells") or [] if isinstance(cell, dict)]
    texts = [_source(cell) for cell in cells if cell.get("cell_type") in _CELLS]
    text = "\n\n".join(filter(None, texts))
    yield from whole(feed, text, media_type, decoded.encoding, decoded.lost)


def _source(cell: dict[str, Any]) -> str:
    source = cell.get("source", cell.get("input", ""))
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    return source.strip("\n") if isinstance(source, str) else ""


def _array(feed: Feed, items: list[Any], media_type: str, encoding: str) -> Parts:
    first = items[: int(values("tables")["sample_rows"])]
    layout = choose(feed.source, [item for item in first if isinstance(item, dict)], cells=False)
    for number, item in enumerate(items, 1):
        locator = f"{feed.at}I{number}"
        if isinstance(item, dict):
            yield layout.record(locator, item, media_type, encoding)
        elif isinstance(item, str):
            yield Item(locator, item, None, None, media_type, encoding)
        else:
            yield Fault(locator, "bad_record", f"neither an object nor a string but {type(item).__name__}")


def _no_json(text: str, error: json.JSONDecodeError) -> Unreadable:
    if not text or text.isspace():
        return Unreadable("empty", "nothing but white space")
    return Unreadable("bad_record", f"no JSON from character {error.pos + 1} on")


def _is_lines(text: str) -> bool:
    """Whether the first line is an object by itself."""
    try:
        return isinstance(orjson.loads(text.lstrip().split("\n", 1)[0]), dict)
    except orjson.JSONDecodeError:
        return False
