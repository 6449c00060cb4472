r"""Entities and escapes that a converter left: `&amp;nbsp;`, `\u4e2d`, `%E4%B8%AD`; not in code."""

from __future__ import annotations

import html
import re
from urllib.parse import unquote_to_bytes

__all__ = ["decode_escapes", "remove_soft_hyphens"]

ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,8});")
BACKSLASH = re.compile(r"(?<![\\\"'\[\-/u])(?:\\u[0-9a-fA-F]{4}){2,}(?![\"'\]\-])")
PERCENT = re.compile(r"(?<![%A-Za-z0-9/=&.\-])(?:%[0-9a-fA-F]{2}){3,}(?![%A-Za-z0-9/=&])")
CHINESE = re.compile(
    "[\u3400-\u9fff\u3000-\u303f\uff00-\uff65\u2014\u2018-\u2026\x20-\x7e]*[\u3400-\u9fff][^\x00-\x1f]*"
)
CODE = re.compile(
    r"""^[ ]{4}|^\t|^\s*(?://|\#include|\$\s|>>>|import\ |def\ |return\b)|</?[a-zA-Z][^<>]*>|=\s*["']|[{};]\s*$|\);|\w\(\)|
    \\begin|\$\$|::\w|->|=>|["']\s*[:,]\s*["']|://\S*[&%]""",
    re.VERBOSE,
)
"""What lines of code, markup and formulae have; a line with an address that has escapes in it is left too."""

BLANK = "\xa0\xad\u3000\u2002\u2003\u200b"
"""What may come of an entity though it is not printed."""

FENCE = re.compile(r"\s*(?:```|~~~|<(?:pre|code|script)\b)")
CLOSE = re.compile(r".*(?:```|~~~|</(?:pre|code|script)>)\s*$")
INLINE = re.compile(r"(`+)[^`\n]+\1|\$[^$\n]+\$")


def decode_escapes(text: str) -> tuple[str, int]:
    """The text with entities and escapes as the characters they stand for, and how many; lines and spans of code stay."""
    count = 0
    fenced = False
    lines = []
    for line in text.splitlines(keepends=True):
        if fenced:
            fenced = not CLOSE.match(line)
        elif FENCE.match(line):
            fenced = not CLOSE.match(line[FENCE.match(line).end() :])  # type: ignore[union-attr]
        elif not CODE.search(ENTITY.sub("&", line)):
            line, decoded = _line(line)
            count += decoded
        lines.append(line)
    return "".join(lines), count


def remove_soft_hyphens(text: str) -> tuple[str, int]:
    """The text without soft hyphens, and how many there were."""
    return text.replace("\xad", ""), text.count("\xad")


def _line(line: str) -> tuple[str, int]:
    """A line outside code, decoded but for the code within it."""
    parts, at, count = [], 0, 0
    for code in [*INLINE.finditer(line), None]:
        piece, decoded = _decoded(line[at : code.start() if code else len(line)])
        parts += [piece, code[0] if code else ""]
        count += decoded
        at = code.end() if code else len(line)
    return "".join(parts), count


def _decoded(piece: str) -> tuple[str, int]:
    count = 0

    def entity(match: re.Match[str]) -> str:
        nonlocal count
        new = html.unescape(match[0])
        if new == match[0] or len(new) > 2 or not (new.isprintable() or new in BLANK):
            return match[0]
        count += 1
        return new

    def escape(match: re.Match[str]) -> str:
        return chinese(match[0], re.sub(r"\\u(....)", lambda m: chr(int(m[1], 16)), match[0]))

    def percent(match: re.Match[str]) -> str:
        try:
            return chinese(match[0], unquote_to_bytes(match[0]).decode())
        except UnicodeDecodeError:
            return match[0]

    def chinese(old: str, new: str) -> str:
        nonlocal count
        if not CHINESE.fullmatch(new) or not new.isprintable():
            return old
        count += 1
        return new

    return PERCENT.sub(percent, BACKSLASH.sub(escape, ENTITY.sub(entity, piece))), count
