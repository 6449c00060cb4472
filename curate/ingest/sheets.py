"""Workbooks (xlsx, xlsb, xls, ods): read by calamine in a child process, behind a count of the cells they span.

One far cell makes the library ask for the whole rectangle and abort the process it runs in, so it never runs in ours.
The header of a sheet is the first of its top rows with at least half as many cells as the widest of them, all of them
text; rows above it, and all rows of a sheet without one, are records of cells joined by tabs.
"""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import orjson

from ..errors import Unreadable
from ..pii.places import Names
from .data import values
from .feed import Feed
from .items import Fault, Item, Parts
from .lines import peek
from .tables import choose, column_names, likely, shown

__all__ = ["read_workbook", "spanned_cells"]

_CHILD = Path(__file__).with_name("sheet_child.py")
_CELL = re.compile(rb"""\br=["']([A-Z]{1,3})(\d{1,7})["']""")
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
_SCAN = 1 << 20
_OVERLAP = 32  # bytes: longer than a cell's reference
_KINDS = {"PasswordError": "encrypted", "MemoryError": "too_large"}


def read_workbook(feed: Feed, kind: str, data: bytes, archive: zipfile.ZipFile | None) -> Parts:
    """One record a row, locator `<sheet>!R<row>` as the spreadsheet counts; `data` is the file, `archive` it as a zip.

    Raises:
        Unreadable: `too_large` (over `limits.cells`, or the child's memory), `bomb`, `encrypted`, `corrupt`.
    """
    if archive is not None:
        _guard(feed, archive)
    limits = [str(int(values("sheets")[name])) for name in ("memory_bytes", "cpu_seconds")]
    with subprocess.Popen(
        [sys.executable, "-I", str(_CHILD), *limits],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as child:
        try:
            messages = _messages(child, data)
            written = Names()
            names = [written.unique(name) for name in next(messages)["sheets"]]
            for sheet, sheet_rows in groupby(messages, key=lambda row: row[0]):
                yield from _sheet(feed, names[sheet], ((number, cells) for _, number, cells in sheet_rows), kind)
        finally:
            child.kill()


def _guard(feed: Feed, archive: zipfile.ZipFile) -> None:
    limits = feed.limits
    for member in archive.infolist():
        if member.file_size > limits.document_bytes:
            raise Unreadable("too_large", "unpacks to too much", expected=f"at most {limits.document_bytes} bytes")
        feed.budget.spend(member.file_size)
        if _SHEET.fullmatch(member.filename):
            cells = spanned_cells(archive, member)
            if cells > limits.cells:
                raise Unreadable("too_large", "a sheet spans too many cells", expected=f"at most {limits.cells}")


def spanned_cells(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> int:
    """Rows × columns from A1 to the farthest cell of a sheet's XML, read as a stream without parsing it."""
    last_row = last_column = 0
    tail = b""
    try:
        with archive.open(member) as stream:
            while block := stream.read(_SCAN):
                for letters, digits in set(_CELL.findall(tail + block)):
                    last_row = max(last_row, int(digits))
                    column = 0
                    for letter in letters:
                        column = column * 26 + letter - 64
                    last_column = max(last_column, column)
                tail = block[-_OVERLAP:]
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise Unreadable("corrupt", "a sheet is damaged", got=type(error).__name__) from None
    return last_row * last_column


def _messages(child: subprocess.Popen[bytes], data: bytes) -> Iterator[Any]:
    """What the child writes, up to its end mark.

    Raises:
        Unreadable: the kind of what it names, `too_large` if it died of its limits.
    """
    if child.stdin is None or child.stdout is None:
        raise Unreadable("corrupt", "the reader of workbooks has no pipes")
    try:
        child.stdin.write(data)
        child.stdin.close()
    except BrokenPipeError:
        pass  # it died; its status says of what
    for line in child.stdout:
        message = orjson.loads(line)
        if isinstance(message, dict) and "error" in message:
            name = message["error"]
            raise Unreadable(_KINDS.get(name, "corrupt"), "the workbook cannot be read", got=name)
        if isinstance(message, dict) and "done" in message:
            return
        yield message
    status = child.wait()
    if status < 0:
        raise Unreadable("too_large", "the workbook asks for more than its reader may take", got=f"signal {-status}")
    raise Unreadable("corrupt", "the reader of workbooks failed", got=f"status {status}")


def _sheet(feed: Feed, sheet: str, sheet_rows: Iterator[tuple[int, list[Any]]], kind: str) -> Parts:
    at = f"{feed.at}{sheet}!"
    top, every = peek(sheet_rows, int(values("tables")["sample_rows"]))
    header_at = _header(top[: int(values("tables")["header_rows"])], feed.source.text)
    header = column_names(top[header_at][1]) if header_at is not None else []
    wanted = feed.source.text
    if wanted is not None and wanted not in header:
        yield Fault(at, "bad_record", f"the sheet lacks the column {wanted!r} that the catalog names")
        return
    sample = [dict(zip(header, cells, strict=False)) for _, cells in top[(header_at or 0) + 1 :]]
    layout = choose(feed.source, sample, cells=True)
    for index, (number, cells) in enumerate(every):
        locator = f"{at}R{number}"
        if header_at is None or index < header_at:
            yield Item(locator, "\t".join(filter(None, map(shown, cells))), None, None, kind, None)
        elif index > header_at:
            yield layout.record(locator, _fields(header, cells), kind, None)


def _fields(header: list[str], cells: list[Any]) -> dict[str, Any]:
    names = header + [f"column {number}" for number in range(len(header) + 1, len(cells) + 1)]
    return {name: cell for name, cell in zip(names, cells, strict=False) if cell is not None}


def _header(top: list[tuple[int, list[Any]]], wanted: str | None) -> int | None:
    """The index of the header among the first rows; a lone row is none, and a lone column has one if its name says so."""
    if len(top) < 2:
        return None
    widths = [sum(cell is not None for cell in cells) for _, cells in top]
    least = max(2, -(-max(widths) // 2))
    for index, (_, cells) in enumerate(top):
        if widths[index] >= least:
            return index if all(cell is None or isinstance(cell, str) for cell in cells) else None
    first = next(cell for cell in top[0][1] if cell is not None)
    return 0 if isinstance(first, str) and (first == wanted or first.strip().lower() in likely("text")) else None
