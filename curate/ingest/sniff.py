"""What a file is: by its first bytes where they tell, by its suffix among kinds of text, and refused where the two clash."""

from __future__ import annotations

import re
from functools import cache
from pathlib import PurePosixPath

from ..errors import Unreadable
from .data import rows
from .feed import Feed

__all__ = ["inner_name", "media_type"]

_PDF = "application/pdf"
_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x1f\x8b\x08", "application/gzip"),
    (0, b"\x28\xb5\x2f\xfd", "application/zstd"),
    (4, b"1AY&SY", "application/x-bzip2"),
    (0, b"\xfd7zXZ\x00", "application/x-xz"),
    (0, b"PK\x03\x04", "application/zip"),
    (0, b"PK\x05\x06", "application/zip"),
    (0, b"%PDF-", _PDF),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (0, b"PAR1\x15", "application/vnd.apache.parquet"),
    (0, b"ARROW1\x00\x00", "application/vnd.apache.arrow.file"),
    (0, b"\xff\xff\xff\xff", "application/vnd.apache.arrow.stream"),
    (257, b"ustar", "application/x-tar"),
)
"""Offset, bytes there, media type: the formats that have a reader."""
_UNSUPPORTED: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n", "a PNG image"),
    (0, b"\xff\xd8\xff", "a JPEG image"),
    (0, b"GIF89a", "a GIF image"),
    (0, b"II*\x00", "a TIFF image"),
    (0, b"MM\x00*", "a TIFF image"),
    (0, b"Rar!\x1a\x07", "a RAR archive"),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (0, b"\x04\x22\x4d\x18", "an LZ4 stream"),
    (0, b"\x7fELF", "a program"),
    (0, b"MZ\x90\x00", "a program"),
    (0, b"SQLite format 3\x00", "an SQLite database"),
    (0, b"{\\rtf", "an RTF document"),
)
"""Offset, bytes there, what it is: formats that are known not to be read."""
_BY_SUFFIX = ("text/", "application/json", "application/x-ndjson", "application/x-ipynb+json")
_PACKED_AS = {"tgz": "tar", "txz": "tar", "tbz2": "tar"}
_HTML = re.compile(rb"\s*(?:<\?xml[^>]*>\s*)?<(?:!doctype\s+html|html)\b", re.IGNORECASE)
_PDF_WITHIN = 1024  # bytes before the header of a pdf that its readers put up with


def media_type(feed: Feed) -> str:
    """The media type of what `feed` holds.

    Raises:
        Unreadable: `empty`, `unsupported`, or `wrong_type` where the suffix promises a binary format and it is not one.
    """
    head = feed.head
    if not head:
        raise Unreadable("empty", "0 bytes")
    for offset, mark, found in _MAGIC:
        if head.startswith(mark, offset):
            return found
    for offset, mark, what in _UNSUPPORTED:
        if head.startswith(mark, offset):
            raise Unreadable("unsupported", "no reader for this format", got=what)
    suffix = _suffix(feed.name)
    promised = _promised().get(suffix)
    if promised is None:
        return "text/html" if _HTML.match(head) else "text/plain"
    if promised.startswith(_BY_SUFFIX):
        return promised
    if promised == _PDF and b"%PDF-" in head[:_PDF_WITHIN]:
        return _PDF
    raise Unreadable("wrong_type", "the content is not what the suffix says", expected=promised)


def inner_name(name: str) -> str:
    """The name of what a packed file holds: without its last suffix, `.tgz` as `.tar`."""
    suffix = _suffix(name)
    stem = name[: -len(suffix) - 1] if suffix else name
    if suffix in _PACKED_AS:
        return f"{stem}.{_PACKED_AS[suffix]}"
    return stem if _promised().get(suffix, "").startswith("application/") else name


def _suffix(name: str) -> str:
    return PurePosixPath(name).suffix[1:].lower()


@cache
def _promised() -> dict[str, str]:
    return {row[0]: row[1] for row in rows("suffixes")}
