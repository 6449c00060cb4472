"""Office documents: which one a zip or an OLE file is, and the text of docx by a walk over its XML.

Of a docx the body's paragraphs and tables are read, then footnotes and endnotes; headers and footers of pages, deleted
text and the second branch of alternatives are not. A paragraph is a line, a table's row a line with its cells joined by
tabs.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, BinaryIO

from ..errors import Unreadable
from .feed import Feed
from .items import Parts
from .sheets import read_workbook
from .text import whole

if TYPE_CHECKING:
    from lxml import etree

__all__ = ["office_type", "read_office", "read_ole"]

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
XLSB = "application/vnd.ms-excel.sheet.binary.macroenabled.12"
XLS = "application/vnd.ms-excel"
ODS = "application/vnd.oasis.opendocument.spreadsheet"
_BY_MEMBER = (
    (re.compile(r"word/document\d*\.xml"), DOCX),
    (re.compile(r"xl/workbook\d*\.xml"), XLSX),
    (re.compile(r"xl/workbook\d*\.bin"), XLSB),
)
"""The main part of each document; some programs number it."""
_UNREAD = (
    ("ppt/presentation.xml", "a presentation"),
    ("META-INF/container.xml", "an e-book"),
    ("[Content_Types].xml", "an office document of no known kind"),
)
_OLE_STREAMS = (
    ("EncryptedPackage", "encrypted"),
    ("Workbook", "sheet"),
    ("Book", "sheet"),
    ("WordDocument", "a Word 97 document"),
    ("PowerPoint Document", "a presentation"),
)
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_ALTERNATIVE = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_TEXT = {f"{_W}tab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}
_SKIPPED = frozenset(
    {_ALTERNATIVE, f"{_W}del", f"{_W}moveFrom", f"{_W}instrText", f"{_W}delText", f"{_W}pPr", f"{_W}rPr"}
)
_NOTES = ("word/footnotes.xml", "word/endnotes.xml")


def office_type(archive: zipfile.ZipFile) -> str | None:
    """The media type of the office document that a zip file is, None for an archive.

    Raises:
        Unreadable: `unsupported` for documents that have no reader.
    """
    names = archive.namelist()
    for main, kind in _BY_MEMBER:
        if any(map(main.fullmatch, names)):
            return kind
    for member, what in _UNREAD:
        if member in names:
            raise Unreadable("unsupported", "no reader for this format", got=what)
    if "mimetype" in names and "content.xml" in names:
        with archive.open("mimetype") as stream:
            if stream.read(len(ODS) + 1).decode("ascii", "replace").strip() == ODS:
                return ODS
        raise Unreadable("unsupported", "no reader for this format", got="an OpenDocument file that is no sheet")
    return None


def read_office(feed: Feed, kind: str, file: BinaryIO, archive: zipfile.ZipFile) -> Parts:
    """The text of the office document in `archive`, which lies in `file`.

    Raises:
        Unreadable: `too_large`, `encrypted`, `entities`, `corrupt`, `no_text`.
    """
    size = file.seek(0, 2)
    if size > feed.limits.document_bytes:
        raise Unreadable("too_large", "too large to be held whole", expected=f"at most {feed.limits.document_bytes}")
    if kind == DOCX:
        yield from _read_docx(feed, archive)
    else:
        file.seek(0)
        yield from read_workbook(feed, kind, file.read(), archive)


def read_ole(feed: Feed, _media_type: str) -> Parts:
    """A workbook of Excel 97, or a fault: other documents of that time are not read, and newer ones here are encrypted.

    Raises:
        Unreadable: `encrypted`, `unsupported`, `too_large`, `corrupt`.
    """
    data = feed.whole()
    what = next((what for name, what in _OLE_STREAMS if f"{name}\0".encode("utf-16-le") in data), "an OLE file")
    if what == "encrypted":
        raise Unreadable("encrypted", "the document has a password")
    if what != "sheet":
        raise Unreadable("unsupported", "no reader for this format", got=what)
    yield from read_workbook(feed, XLS, data, None)


def _read_docx(feed: Feed, archive: zipfile.ZipFile) -> Parts:
    names = archive.namelist()
    lines = list(_story(feed, archive, next(filter(_BY_MEMBER[0][0].fullmatch, names)), depth=2))
    for name in _NOTES:
        if name in names:
            lines += filter(str.strip, _story(feed, archive, name, depth=1))
    text = "\n".join(lines).strip("\n")
    if not text or text.isspace():
        raise Unreadable("no_text", "the document holds no text")
    yield from whole(feed, text, DOCX, None)


def _story(feed: Feed, archive: zipfile.ZipFile, name: str, *, depth: int) -> Iterator[str]:
    """The lines of one part of a docx, its blocks at `depth` parsed and let go one by one, so that size costs nothing."""
    from lxml import etree  # loaded where a docx is met

    member = archive.getinfo(name)
    limit = feed.limits.document_bytes
    if member.file_size > limit:
        raise Unreadable("too_large", "unpacks to too much", expected=f"at most {limit} bytes")
    if member.flag_bits & 0x1:
        raise Unreadable("encrypted", "the document has a password")
    level, chars = 0, 0
    try:
        with archive.open(member) as packed:
            stream = _Capped(packed, limit, feed)
            for event, node in etree.iterparse(
                stream, events=("start", "end"), resolve_entities=False, no_network=True, huge_tree=False
            ):
                if event == "start":
                    if level == 0 and node.getroottree().docinfo.internalDTD is not None:
                        raise Unreadable("entities", "the document's XML declares a document type")
                    level += 1
                    continue
                level -= 1
                if level != depth:
                    continue
                for line in _block(node):
                    chars += len(line)
                    yield line
                if chars > feed.limits.record_chars:
                    raise Unreadable("too_large", "longer than a record may be", expected=f"{feed.limits.record_chars}")
                node.clear()
                while node.getprevious() is not None:
                    del node.getparent()[0]
    except (zipfile.BadZipFile, zlib.error, EOFError, etree.XMLSyntaxError, NotImplementedError) as error:
        raise Unreadable("corrupt", "the document's XML cannot be read", got=type(error).__name__) from None


class _Capped:
    """A member's bytes, counted as they are read, whatever size its header declares."""

    def __init__(self, stream: IO[bytes], limit: int, feed: Feed) -> None:
        self._stream, self._left, self._budget = stream, limit, feed.budget

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise Unreadable("too_large", "unpacks to more than it declares")
        self._budget.spend(len(data))
        return data


def _block(node: etree._Element) -> Iterator[str]:
    """The lines of a paragraph, a table, or whatever holds such."""
    if node.tag in _SKIPPED:
        return
    if node.tag == f"{_W}p":
        boxes: list[etree._Element] = []
        yield "".join(_inline(node, boxes))
        for box in boxes:
            yield from _blocks(box)
    elif node.tag == f"{_W}tr":
        yield "\t".join(" ".join(filter(None, _blocks(cell))) for cell in _cells(node))
    else:
        yield from _blocks(node)


def _blocks(node: etree._Element) -> Iterator[str]:
    for child in node:
        yield from _block(child)


def _cells(row: etree._Element) -> Iterator[etree._Element]:
    for child in row:
        if child.tag == f"{_W}tc":
            yield child
        elif child.tag not in _SKIPPED:  # a content control or an insertion around cells
            yield from _cells(child)


def _inline(node: etree._Element, boxes: list[etree._Element]) -> Iterator[str]:
    """The text of a paragraph; text boxes anchored in it go to `boxes`, to be read after it."""
    for child in node:
        if child.tag == f"{_W}t":
            yield child.text or ""
        elif child.tag in _TEXT:
            yield _TEXT[child.tag]
        elif child.tag == f"{_W}txbxContent":
            boxes.append(child)
        elif child.tag not in _SKIPPED:
            yield from _inline(child, boxes)
