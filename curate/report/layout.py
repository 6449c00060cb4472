"""Plain text for a terminal: columns, in which Chinese characters count as two wide, sizes, masked titles."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

__all__ = ["masked", "size", "table", "tally"]

GAP = "  "
TITLE = 20
"""Characters of a text that may be shown masked."""
UNITS = ("bytes", "kB", "MB", "GB", "TB")


def table(rows: Sequence[Sequence[object]], *, right: Sequence[int] = (), indent: str = "") -> list[str]:
    """One line for each row, its columns below each other; those numbered in `right` are aligned to the right."""
    cells = [[f"{c:,}" if isinstance(c, int) else str(c) for c in row] for row in rows]
    wide = [max(_width(row[i]) for row in cells if i < len(row)) for i in range(max(map(len, cells), default=0))]
    lines = []
    for row in cells:
        padded = []
        for i, cell in enumerate(row):
            space = " " * (wide[i] - _width(cell))
            padded.append(space + cell if i in right else cell + space)
        lines.append((indent + GAP.join(padded)).rstrip())
    return lines


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def tally(counts: dict[str, int]) -> str:
    """`too_short 21, mojibake 9`, in the order of the names."""
    return ", ".join(f"{name} {n:,}" for name, n in sorted(counts.items()))


def size(count: float) -> str:
    """`1.9 MB` for a number of bytes; powers of 1000."""
    for unit in UNITS[:-1]:
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == UNITS[0] else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} {UNITS[-1]}"


def masked(text: str) -> str:
    """The first characters of a text's first line, every other Han character and all letters and digits masked.

    It tells someone who knows the documents which one it is, and gives away no name, number or address. What a terminal
    would not print but obey is left out.
    """
    line = text.lstrip()[:TITLE].split("\n", 1)[0]
    out = []
    shown = False
    for c in line:
        if not c.isprintable():
            continue
        if not c.isalnum():
            out.append(c)
        elif "\u3400" <= c <= "\u9fff" and not shown:
            out.append(c)
            shown = True
            continue
        else:
            out.append("*")
        shown = False
    return "".join(out).rstrip()
