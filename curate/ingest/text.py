"""Plain text, Markdown and reStructuredText: one document, one record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from ..errors import Unreadable
from .articles import cut
from .decoding import Decoded, decode
from .feed import Feed
from .items import Fault, Item, Parts

__all__ = ["document", "read_text", "whole"]


def read_text(feed: Feed, media_type: str) -> Parts:
    """The whole file as one record, line ends and control characters left as they are for the normalise stage."""
    decoded = document(feed)
    yield from whole(feed, decoded.text, media_type, decoded.encoding, decoded.lost)


def document(feed: Feed) -> Decoded:
    """The decoded text of a document that is held whole.

    Raises:
        Unreadable: `too_large`, `encoding`, `unsupported` or what broke the stream.
    """
    return decode(feed.whole(), feed.source.encoding, feed.limits.encoding_confidence)


def whole(
    feed: Feed,
    text: str,
    media_type: str,
    encoding: str | None,
    lost: Iterable[Fault] = (),
    parts: Mapping[int, str] = MappingProxyType({}),
) -> Parts:
    """The one record of a document, or its articles if its source is to be split, and what was lost of it.

    `parts` are its articles, by number, where its format tells them; else they are looked for in the text.

    Raises:
        Unreadable: `empty` if there is nothing but white space, `too_large` if it is longer than a record may be.
    """
    if not text or text.isspace() or not text.strip("\ufeff\x00 \t\r\n\f\v"):
        raise Unreadable("empty", "nothing but white space")
    if len(text) > feed.limits.record_chars:
        raise Unreadable(
            "too_large", "longer than a record may be", expected=f"at most {feed.limits.record_chars} characters"
        )
    if feed.source.split == "articles" and not parts:
        parts = cut(text)
    for number, part in parts.items():
        yield Item(f"{feed.at}1/A{number}", part, None, None, media_type, encoding)
    if not parts:
        yield Item(f"{feed.at}1", text, None, None, media_type, encoding)
    for fault in lost:
        yield Fault(f"{feed.at}1{fault.locator}", fault.kind, fault.message)
