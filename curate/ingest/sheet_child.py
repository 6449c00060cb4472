"""The child process that reads one workbook: the file on stdin, its rows as JSON lines on stdout.

Run as a script, so that it imports calamine and nothing of ours. Lines: `{"sheets": [names]}`, then `[sheet, row, cells]`
for each row that is not empty (sheet from 0, row as the spreadsheet counts), then `{"done": true}`, or
`{"error": class name}`. Integral numbers are written as integers, dates in ISO form.
"""

from __future__ import annotations

import io
import resource
import sys
from datetime import timedelta
from typing import Any

import orjson
import python_calamine as calamine

__all__ = ["main"]

_FLUSH = 10_000  # cells


def main(memory_bytes: int, cpu_seconds: int) -> None:
    """Read the workbook under the limits given."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
    try:
        workbook = calamine.CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
        names = [sheet.name for sheet in workbook.sheets_metadata if sheet.typ == calamine.SheetTypeEnum.WorkSheet]
        _write([{"sheets": names}])
        for index, name in enumerate(names):
            _write_rows(index, workbook.get_sheet_by_name(name))
        _write([{"done": True}])
    except MemoryError:
        _write([{"error": "MemoryError"}])
    except Exception as error:  # named to the parent, which turns it into a fault
        _write([{"error": type(error).__name__}])


def _write_rows(index: int, sheet: calamine.CalamineSheet) -> None:
    held: list[Any] = []
    size = 0
    for number, row in enumerate(sheet.iter_rows(), 1):
        cells = [_plain(cell) for cell in row]
        if any(cell is not None for cell in cells):
            held.append([index, number, cells])
            size += len(cells)
        if size > _FLUSH:
            _write(held)
            held, size = [], 0
    _write(held)


def _plain(cell: Any) -> Any:
    if isinstance(cell, str):
        return cell if cell.strip() else None
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1 << 53:
        return int(cell)
    return str(cell) if isinstance(cell, timedelta) else cell


def _write(messages: list[Any]) -> None:
    sys.stdout.buffer.write(b"".join(orjson.dumps(message) + b"\n" for message in messages))
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
