"""Text decoded with a wrong encoding (乱码), brought back where that loses nothing."""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import cache

from ..tables import rows
from .characters import common_share

__all__ = ["mend_mojibake"]

HIGH = "\u0080-\u00ff\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013\u2014\u2018-\u201e\u2020-\u2022\u2026\u2030\u2039\u203a\u20ac\u2122"
"""What bytes from 80 to FF become in Latin-1 and Windows-1252."""

BYTE = {bytes([b]).decode("cp1252"): b for b in range(0x80, 0x100) if b not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)}
LATIN = re.compile(f"[{HIGH}]{{2,}}")
LATIN_GBK = re.compile(f"(?:[{HIGH}][{HIGH}@-~])+")
SEQUENCE = re.compile(
    rb"(?:[\xe3-\xe9][\x80-\xbf]{2}|\xef[\xbc\xbd][\x80-\xbf]|\xe2[\x80-\x9f][\x80-\xbf]|[\x20-\x7e])+"
)
UNITS = re.compile(rb"[\xe2-\xef][\x80-\xbf]{2}|[\x20-\x7e]")
CHINESE = re.compile(
    "[\u3400-\u4dbf\u4e00-\u9fff\u3000-\u303f\uff00-\uff65\u2010-\u203b\u2460-\u24ff\u00b7\u00d7\u00a0\ufeff\x20-\x7e]+"
)
HAN = re.compile("[\u3400-\u9fff]")

GOOD = 0.9
"""Least share of common characters among the Han of a text brought back; real texts have 0.97 and more."""

BAD = 0.6
"""Most share of common characters in what was read as GBK; real mojibake has 0.4 and less."""

SURE = 4
"""Han characters brought back from Latin letters that make a span sure by itself."""

LEFT = 0.1
"""Share of spans that cannot be brought back from which a text is left as it is: mended by halves it would pass for clean."""

LOST = "\ufffd?"
"""What stands where bytes had no character: the span beside it is torn."""

ROUNDS = 3
"""How many times over a text may have been encoded."""

Span = tuple[int, int, str]


def mend_mojibake(text: str) -> tuple[str, int, int]:
    """The text with its broken spans brought back, how many, and how many spans look broken and were left.

    A span is brought back if its bytes decode without loss to Chinese whose characters are common, which they were not
    before. A text with more than a few spans that do not is left as it is.
    """
    new, mended = text, 0
    for mend in (_double, _latin, _gbk):
        new, count = mend(new)
        mended += count
    left = broken_spans(new)
    if mended and left > LEFT * (mended + left):
        return text, 0, broken_spans(text)
    return new, mended, left


def broken_spans(text: str) -> int:
    """How many runs of three or more characters, not all the same, look like text in a wrong encoding."""
    strong, run = _marks()
    return sum(len(set(m[0])) > 1 and strong.search(m[0]) is not None for m in run.finditer(text))


@cache
def _marks() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """One strong mark; a run of marks, strong or weak."""
    sets = {"strong": "", "weak": ""}
    for field, mark, _ in rows("mojibake.tsv"):
        if mark in sets:
            first, _, last = field.partition("-")
            sets[mark] += f"{re.escape(chr(int(first, 16)))}-{re.escape(chr(int(last or first, 16)))}"
    sets["strong"] += "".join(line for (line,) in rows("mojibake_han.tsv"))
    return re.compile(f"[{sets['strong']}]"), re.compile(f"[{sets['strong']}{sets['weak']}]{{3,}}")


def _bytes(text: str) -> bytes:
    """The bytes that were read as these characters of Latin-1 or Windows-1252."""
    return bytes(BYTE.get(c) or ord(c) for c in text)


def _double(text: str) -> tuple[str, int]:
    """UTF-8 read as Latin-1 or Windows-1252, once or more often."""
    count = 0

    def mend(match: re.Match[str]) -> str:
        nonlocal count
        new = match[0]
        for _ in range(ROUNDS):
            try:
                new = _bytes(new).decode()
            except (UnicodeDecodeError, ValueError):
                return match[0]
            if CHINESE.fullmatch(new) and not re.search(f"[{HIGH}]{{2}}", new):
                break
            if re.search(f"[^{HIGH}]", new):
                return match[0]
        else:
            return match[0]
        if not re.search("[\u2e80-\uffef]", new) or common_share(new) < GOOD:
            return match[0]
        count += 1
        return new

    return LATIN.sub(mend, text), count


def _latin(text: str) -> tuple[str, int]:
    """GBK read as Latin-1 or Windows-1252; short spans, which may be words of another language, only beside long ones."""
    found: list[Span] = []
    sure = False
    for match in LATIN_GBK.finditer(text):
        try:
            new = _bytes(match[0]).decode("gb18030")
        except (UnicodeDecodeError, ValueError):
            continue
        han = HAN.findall(new)
        if not CHINESE.fullmatch(new) or common_share(new) < GOOD:
            continue
        sure |= len(han) >= SURE
        found.append((*match.span(), new))
    return _replaced(text, found if sure else [])


def _gbk(text: str) -> tuple[str, int]:
    """UTF-8 read as GBK or GB18030."""
    found: list[Span] = []
    strong, _ = _marks()
    at = 0
    for line in text.splitlines(keepends=True):
        if strong.search(line):
            found += [(at + start, at + stop, new) for start, stop, new in _spans(line)]
        at += len(line)
    return _replaced(text, found)


def _spans(line: str) -> list[Span]:
    """The spans of a line whose bytes in GB18030 are UTF-8, cut where characters of both begin and end."""
    encoded = [c.encode("gb18030", "replace") for c in line]
    bounds = [0]
    for piece in encoded:
        bounds.append(bounds[-1] + len(piece))
    known = set(bounds)
    mark = _marks()[0]
    found = []
    for match in SEQUENCE.finditer(b"".join(encoded)):
        edges = [match.start(), *(match.start() + unit.end() for unit in UNITS.finditer(match[0]))]
        shared = [edge for edge in edges if edge in known]
        if len(shared) < 2:
            continue
        start, stop = (bisect_left(bounds, edge) for edge in (shared[0], shared[-1]))
        old = line[start:stop]
        new = b"".join(encoded[start:stop]).decode()
        if old == new or not CHINESE.fullmatch(new) or len(HAN.findall(new)) < 2:
            continue
        around = line[max(start - 1, 0) : start] + line[stop : stop + 1]
        torn = any(c in LOST or mark.match(c) for c in around)
        if not torn and common_share(new) >= GOOD and common_share(old) <= BAD:
            found.append((start, stop, new))
    return found


def _replaced(text: str, spans: list[Span]) -> tuple[str, int]:
    """The text with spans, in their order, replaced."""
    parts, at = [], 0
    for start, stop, new in spans:
        parts += [text[at:start], new]
        at = stop
    return "".join([*parts, text[at:]]), len(spans)
