"""Tables of words for the rules of names, read once: surnames, words around names, words that are no names."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cache

from .data import rows

__all__ = [
    "DOTS",
    "HAN",
    "Works",
    "common_surnames",
    "context",
    "covered",
    "figures",
    "foreign",
    "is_han",
    "kinds",
    "public_roles",
    "surname",
]

HAN = "〇々\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
"""Han characters, as the inside of a class of a pattern."""

DOTS = "·•・．‧"
"""What stands between the parts of a foreign name."""

ONE = re.compile(f"[{HAN}]")
WORK = re.compile(r"《[^《》\n]{1,40}》")


def is_han(text: str, at: int) -> bool:
    """Whether a Han character stands at `at`."""
    return ONE.match(text, at) is not None


@cache
def kinds(table: str) -> dict[str, tuple[str, ...]]:
    """The words of a table with the columns word and kind, by kind."""
    out: dict[str, list[str]] = {}
    for word, kind in rows(table):
        out.setdefault(kind, []).append(word)
    return {kind: tuple(words) for kind, words in out.items()}


@cache
def _surnames() -> dict[str, str]:
    return {row[0]: row[1] for row in rows("surnames")}


@cache
def common_surnames() -> frozenset[str]:
    """Surnames that are no everyday word."""
    return frozenset(word for word, kind in _surnames().items() if kind != "wordy")


@cache
def _compound_lengths() -> tuple[int, ...]:
    return tuple(sorted({len(word) for word in _surnames()} - {1}, reverse=True))


def surname(text: str, at: int) -> int:
    """How many characters of `text` from `at` are a surname; 0 if none is."""
    table = _surnames()
    for length in _compound_lengths():
        if text[at : at + length] in table:
            return length
    return int(text[at : at + 1] in table)


@cache
def foreign() -> tuple[frozenset[str], re.Pattern[str]]:
    """Characters that write foreign names, and a pattern for names made of known parts of such names."""
    words = [row[0] for row in rows("transliteration")]
    parts = sorted((word for word in words if len(word) > 1), key=len, reverse=True)
    return frozenset(word for word in words if len(word) == 1), re.compile(f"(?:{'|'.join(parts)})+")


class Table:
    """Weights of words that are looked up where they end or begin, the longest first."""

    def __init__(self, words: dict[str, float]) -> None:
        self._words = words
        self._lengths = sorted({len(word) for word in words}, reverse=True)

    def before(self, text: str, at: int) -> float:
        """The weight of the longest word that ends at `at`, or 0."""
        for length in self._lengths:
            if at >= length and (found := self._words.get(text[at - length : at])) is not None:
                return found
        return 0.0

    def behind(self, text: str, at: int) -> float:
        """The weight of the longest word that begins at `at`, or 0."""
        for length in self._lengths:
            if (found := self._words.get(text[at : at + length])) is not None:
                return found
        return 0.0


@cache
def _sides() -> tuple[Table, Table]:
    left, right = (
        Table({word: float(weight) for word, side, weight in rows("context") if side == which})
        for which in ("left", "right")
    )
    return left, right


def context(text: str, start: int, end: int) -> float:
    """How much likelier the words around [start, end) make it a person, in log odds."""
    left, right = _sides()
    return left.before(text, start) + right.behind(text, end)


@cache
def _stops() -> tuple[frozenset[str], tuple[int, ...]]:
    words = frozenset(word for kind, own in kinds("stop").items() if kind != "tag" for word in own)
    return words, tuple(sorted({len(word) for word in words}))


def covered(text: str, start: int, end: int) -> bool:
    """Whether [start, end) is a word that is no person, or lies inside one."""
    words, lengths = _stops()
    return any(text[at : at + length] in words for length in lengths for at in range(max(0, end - length), start + 1))


@cache
def figures() -> frozenset[str]:
    """Names of persons of history."""
    return frozenset(row[0] for row in rows("figures"))


@cache
def public_roles() -> tuple[str, ...]:
    """Roles in which a person of history stands."""
    return kinds("titles")["public"]


class Works:
    """Where the titles of works stand; papers about a person, such as contracts, are none."""

    def __init__(self, text: str) -> None:
        papers = _papers()
        found = [m.span() for m in WORK.finditer(text)] if "《" in text else []
        self._spans = [(a, b) for a, b in found if not papers.search(text, a, b)]
        self._starts = [a for a, _ in self._spans]

    def hold(self, start: int, end: int) -> bool:
        """Whether [start, end) lies inside the title of a work."""
        i = bisect_right(self._starts, start)
        return bool(i) and self._spans[i - 1][1] >= end


@cache
def _papers() -> re.Pattern[str]:
    return re.compile("|".join(kinds("leads")["paper"]))
