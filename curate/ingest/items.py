"""What a reader yields: a record's text with where it stands, or a fault with what could not be read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

__all__ = ["Fault", "Item", "Parts"]


class Item(NamedTuple):
    """One record as it was read, before any cleaning."""

    locator: str
    """Where it stands in its file, unique there and the same on every reading; see `curate.ingest`."""
    text: str
    input_id: str | None
    """The record's own id, where its file gives one."""
    meta: dict[str, Any] | None
    """The record's other fields as JSON-able values."""
    media_type: str
    encoding: str | None
    """Python's name of the codec that the text was decoded with; None where the format fixes it."""


class Fault(NamedTuple):
    """A file, a record or a part of a record that could not be read; it holds no text and no value."""

    locator: str
    """`""` is the whole file, `member::` a whole member, `1@4096` what is lost of record 1 from byte 4096 on."""
    kind: str
    """One of the kinds of `curate.errors.Unreadable`."""
    message: str


Parts = Iterator[Item | Fault]
"""What every reader yields."""
