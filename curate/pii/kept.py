"""Professional numbers that masking leaves alone: patterns made of examples, refused where they would hide personal data.

A pattern is matched against the normal form of a text (`normal`), so full-width signs are plain ASCII in it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from functools import cache
from itertools import accumulate
from typing import Annotated

from pydantic import AfterValidator, Field

from . import data
from .normal import normal

__all__ = ["Cover", "KeptPattern", "check", "pattern_of"]

PARTS = re.compile(r"(?P<digits>[0-9]+)|(?P<behind>(?<=[\u4e00-\u9fff])[ :]+)|(?P<spaces> +)|.", re.DOTALL)
"""Parts of an example; a colon counts as a space only behind a Han character, where it announces the number."""

JOINS = ("", " ", ":", "号", "号码", "号:", "号码:")
"""What stands between a word that announces personal data and the data."""

GAPS = (" ", ",", "-", ",电话:", "\n")
"""What stands between a professional number and personal data behind it."""


class Cover:
    """Spans, which may overlap, asked whether one of them holds another span whole."""

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        self._spans = sorted(spans)
        self._starts = [start for start, _ in self._spans]
        # of those that begin no later, the one that ends last
        self._last = list(accumulate(self._spans, _later))

    def around(self, start: int, end: int) -> tuple[int, int] | None:
        """A span that holds [start, end), if there is one."""
        i = bisect_right(self._starts, start)
        return self._last[i - 1] if i and self._last[i - 1][1] >= end else None


def _later(a: tuple[int, int], b: tuple[int, int]) -> tuple[int, int]:
    return a if a[1] > b[1] else b


def pattern_of(example: str) -> str:
    """The pattern of numbers written as `example`: digits as many, spaces or none, all else as it is."""
    plain = normal(example)
    parts = [_part(found) for found in PARTS.finditer(plain)]
    if _in_code(plain[:1]):
        parts.insert(0, "(?<![0-9A-Za-z])")
    if _in_code(plain[-1:]):
        parts.append("(?![0-9A-Za-z])")
    return "".join(parts)


def _part(found: re.Match[str]) -> str:
    match found.lastgroup:
        case "digits":
            return f"[0-9]{{{len(found[0])}}}" if len(found[0]) > 1 else "[0-9]"
        case "behind":
            return "[ :]{0,2}"
        case "spaces":
            return " {0,2}"
        case _:
            return re.escape(found[0])


def _in_code(character: str) -> bool:
    return character.isascii() and character.isalnum()


def check(pattern: str, example: str = "") -> str:
    """`pattern`, if it is one, matches the whole `example` where one is given, and covers no personal data.

    Raises:
        ValueError: it is none, does not match, or covers a way to write personal data, alone, behind a word that
            announces it, or beside the example.
    """
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise ValueError(f"no regular expression: {error}") from None
    plain = normal(example)
    if example and not compiled.fullmatch(plain):
        raise ValueError("the pattern does not match the example")
    if entity := _covers(compiled, *_samples()) or (_beside(compiled, plain) if example else None):
        raise ValueError(f"would leave personal data as they are: {entity}")
    return pattern


KeptPattern = Annotated[str, Field(min_length=1), AfterValidator(check)]
"""A regular expression of professional numbers."""

Spans = tuple[tuple[int, int, str], ...]


def _covers(pattern: re.Pattern[str], text: str, spans: Spans) -> str | None:
    """The entity of the first of `spans` that lies within a match."""
    matches = Cover(found.span() for found in pattern.finditer(text))
    return next((entity for start, end, entity in spans if matches.around(start, end)), None)


def _beside(pattern: re.Pattern[str], example: str) -> str | None:
    """The same of personal data before and behind the example, and of what a word in the example announces.

    Data that only a word makes personal are none beside it.
    """
    from .rules import rules

    for rule in rules():
        for hit in rule.hits(example):
            if rule.announced(example, hit.start, hit.end):
                return hit.entity
    pieces = [
        (f"{example}{gap}", form, f"{gap}{example}\n", entity)
        for gap in GAPS
        for entity, form in _commonest().items()
        if entity not in _led()
    ]
    return _covers(pattern, *_joined(pieces))


def _joined(pieces: Iterable[tuple[str, str, str, str]]) -> tuple[str, Spans]:
    """One text of (before, form, after, entity), and where the forms stand."""
    parts, spans, at = [], [], 0
    for before, form, after, entity in pieces:
        parts += [before, form, after]
        at += len(before)
        spans.append((at, at + len(form), entity))
        at += len(form) + len(after)
    return "".join(parts), tuple(spans)


@cache
def _forms() -> tuple[tuple[str, str], ...]:
    """Entities and ways to write them, in normal form."""
    return tuple((row[0], normal(row[1])) for row in data.rows("samples"))


@cache
def _commonest() -> dict[str, str]:
    """The first form of each entity."""
    return {entity: next(form for other, form in _forms() if other == entity) for entity, _ in _forms()}


@cache
def _led() -> frozenset[str]:
    """The entities that are found behind a word alone."""
    from .rules import LED, rules

    return frozenset(rule.row.entity for rule in rules()) - {
        rule.row.entity for rule in rules() if rule.row.gate not in LED or rule.row.gate == "whole"
    }


@cache
def _samples() -> tuple[str, Spans]:
    """Each form alone, and the first of each entity behind each word that announces it."""
    from .rules import rules

    pieces = [("", form, "\n", entity) for entity, form in _forms() if entity not in _led()]
    words = dict.fromkeys((word, rule.row.entity) for rule in rules() for word in rule.row.words)
    pieces += [(word + join, _commonest()[entity], "\n", entity) for word, entity in words for join in JOINS]
    return _joined(pieces)
