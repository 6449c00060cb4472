"""What scanning and page layout did to running text: spaces between characters, lines broken inside sentences."""

from __future__ import annotations

import re
from itertools import pairwise

from .characters import HAN

__all__ = ["close_spaces", "join_lines"]

MARKS = "，。、；：？！（）《》〈〉“”‘’「」『』【】…—"
GAP = re.compile(rf"(?<=[{HAN}{MARKS}]) (?=[{HAN}{MARKS}])")
GAP_HAN = re.compile(rf"(?<=[{HAN}]) (?=[{HAN}])")
CLOSED = re.compile(rf"(?<=[{HAN}])(?=[{HAN}])")
NUMERALS = frozenset("〇零一二三四五六七八九十百千甲乙丙丁戊己庚辛壬癸日是否有无男女")
"""Characters that stand alone in rows of tables."""

GAPS, SHARE, DIFFERENT = 8, 0.8, 8
"""Of one line: single spaces between Han characters, their share of all places between two, characters that differ."""

TEXT_GAPS, TEXT_SHARE = 30, 0.6
"""Of a whole text, from which the gaps of its shorter lines are closed too."""


def close_spaces(text: str) -> tuple[str, int]:
    """The text without single spaces between Han characters where most of them have one, and how many there were.

    Words with spaces between them have them in half the places or fewer, and stay; so do rows of numerals and signs.
    """
    everywhere = _spaced(text, TEXT_GAPS, TEXT_SHARE)
    if not everywhere and not any(_spaced(line, GAPS, SHARE) for line in text.splitlines()):
        return text, 0
    count = 0
    lines = []
    for line in text.splitlines(keepends=True):
        if everywhere or _spaced(line, GAPS, SHARE):
            line, closed = GAP.subn("", line)
            count += closed
        lines.append(line)
    return "".join(lines), count


def _spaced(text: str, least: int, share: float) -> bool:
    gaps = len(GAP_HAN.findall(text))
    if gaps < least or gaps < share * (gaps + len(CLOSED.findall(text))):
        return False
    return len(set(re.findall(f"[{HAN}]", text)) - NUMERALS) >= DIFFERENT


NARROWEST, WIDEST = 30, 120
"""Columns of a page's lines; a Han character takes two. Verse is narrower."""

RAGGED = 4
"""Columns by which full lines differ: a mark that may not begin a line, a word that may not be cut."""

FULL = 3
"""Full lines that show how wide a page is."""

ITEM = re.compile(
    r"[ \t\u3000]|第[\d零一二三四五六七八九十百]+[章节条款编篇]|[(（]?[\d一二三四五六七八九十]{1,3}[)）、.．]|[①-⑳•·●■◆★※*#>|\-+]"
)
"""What begins a paragraph, an item of a list, or a row."""

INSIDE = re.compile("[，。；：、！？]")
ENDS = frozenset("，。；：、！？…”’」』）》,.;:!?)")
ONE_HAN = re.compile(f"[{HAN}]")
ROW = re.compile(r" \S+ \S+ ")


def join_lines(text: str) -> tuple[str, int]:
    """The text without the line feeds that a page put into its sentences, and how many there were.

    A block of lines, none of them blank, a row or wider than a page, is a page's if at least three of its lines have its full width, and punctuation inside.
    Of these, those that end in a Han character go on in the next line if it begins with one, and has the width too or
    ends as a sentence does: a name or a heading does not.
    """
    lines = text.splitlines()
    breaks = _breaks(lines)
    if len(breaks) < 2:
        return text, 0
    out: list[str] = []
    count = at = 0
    for k in breaks:
        if k < at or _parts(lines[k]):
            continue
        start = stop = k
        while start > at and not _parts(lines[start - 1]):
            start -= 1
        while stop < len(lines) and not _parts(lines[stop]):
            stop += 1
        joined = _joined(lines[start:stop])
        count += stop - start - len(joined)
        out += lines[at:start] + joined
        at = stop
    if not count:
        return text, 0
    return "\n".join(out + lines[at:]) + ("\n" if text.endswith(("\n", "\r")) else ""), count


def _breaks(lines: list[str]) -> list[int]:
    """The lines of some width that end in a Han character where the next begins with one."""
    return [
        k
        for k, (line, after) in enumerate(pairwise(lines))
        if NARROWEST <= 2 * len(line) <= 2 * WIDEST and ONE_HAN.match(line[-1]) and ONE_HAN.match(after)
    ]


def _parts(line: str) -> bool:
    """Whether a line is of no block: blank, a row of a table, or wider than a page."""
    bare = line.strip()
    if not bare or len(bare) > WIDEST or _width(bare) > WIDEST:
        return True
    return any(sign in bare for sign in ("\t", "|", "  ", "\u3000")) or (
        bare.count(" ") > 2 and ROW.search(bare) is not None
    )


def _joined(block: list[str]) -> list[str]:
    """A block with its page's lines joined."""
    widths = [_width(line.rstrip()) for line in block]
    if len(block) < FULL or max(widths) < NARROWEST:
        return block
    full = [width >= max(widths) - RAGGED for width in widths]
    prose = [line for line, wide in zip(block, full, strict=True) if wide]
    if len(prose) < FULL or 2 * sum(INSIDE.search(line[1:-1]) is not None for line in prose) < len(prose):
        return block
    out = [block[0]]
    for line, before, wide, follows in zip(block[1:], block, full, full[1:], strict=False):
        goes_on = ONE_HAN.match(line) and not ITEM.match(line) and (follows or line.rstrip()[-1:] in ENDS)
        if wide and goes_on and ONE_HAN.match(before.rstrip()[-1:]):
            out[-1] = out[-1].rstrip() + line
        else:
            out.append(line)
    return out


def _width(line: str) -> int:
    return len(line) + sum(map("\u2e80".__le__, line))
