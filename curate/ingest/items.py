"""What a reader yields: records with where they stand, one by one or column by column, or what could not be read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import pyarrow as pa

__all__ = ["Block", "Fault", "Item", "Parts"]


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


class Block(NamedTuple):
    """Records that follow each other in a file, as columns: their texts never become Python's strings."""

    locators: list[str]
    texts: pa.StringArray
    input_ids: list[str | None]
    metas: list[dict[str, Any] | None]
    media_type: str
    encoding: str | None

    def after(self, count: int) -> Block:
        """The block without its first `count` records."""
        return Block(self.locators[count:], self.texts[count:], self.input_ids[count:], self.metas[count:], *self[4:])

    def items(self) -> Iterator[Item]:
        """The same records one by one."""
        for locator, text, input_id, meta in zip(self.locators, self.texts, self.input_ids, self.metas, strict=True):
            yield Item(locator, text.as_py(), input_id, meta, self.media_type, self.encoding)


class Fault(NamedTuple):
    """A file, a record or a part of a record that could not be read; it holds no text and no value."""

    locator: str
    """`""` is the whole file, `member::` a whole member, `1@4096` what is lost of document 1 from byte 4096 on."""
    kind: str
    """One of the kinds of `curate.errors.Unreadable`."""
    message: str


Parts = Iterator[Item | Block | Fault]
"""What every reader yields."""
