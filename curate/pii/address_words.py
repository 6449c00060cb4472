"""The words by which addresses are read: suffixes of their parts, and words between which a name stands."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Final, NamedTuple

from . import data

__all__ = ["is_han", "longest_first", "stops", "suffix_before", "words"]

KINDS: Final = ("road", "village", "town", "compound", "area")


class _Words(NamedTuple):
    """data/address_words.tsv by kind, and what is made of it."""

    of: dict[str, tuple[str, ...]]
    kind: dict[str, str]
    lasts: frozenset[str]
    refused: dict[str, frozenset[str]]
    alone: frozenset[str]
    stops: frozenset[str]
    not_stops: frozenset[str]


@cache
def words() -> _Words:
    """The words by which addresses are read."""
    of = {kind: tuple(row.split()) for kind, row, _ in data.rows("address_words")}
    kind = {suffix: name for name in reversed(KINDS) for suffix in of[name]}
    refused = {name: frozenset(of[f"not_{name}"]) for name in KINDS}
    return _Words(
        of,
        kind,
        frozenset(suffix[-1] for suffix in kind),
        refused,
        frozenset(of["alone"]),
        frozenset(of["stop"]),
        frozenset(of["not_stop"]),
    )


def longest_first(alternatives: Iterable[str]) -> str:
    """A pattern of words of which the longest that fits is found."""
    return "|".join(map(re.escape, sorted(alternatives, key=len, reverse=True)))


def is_han(character: str) -> bool:
    """Whether it is a Han character of any plane."""
    return "\u3400" <= character <= "\u9fff" or character >= "\U00020000" or character == "〇"


def suffix_before(text: str, end: int) -> str | None:
    """The longest suffix of a part that ends at `end`, unless a word ends there that only looks so."""
    known = words()
    for size in (5, 4, 3, 2, 1):
        found = text[max(0, end - size) : end]
        if found in known.kind:
            if any(text[max(0, end - n) : end] in known.refused[known.kind[found]] for n in (2, 3, 4, 5)):
                return None
            return found
    return None


def stops(text: str, at: int) -> bool:
    """Whether a word ends at `at` behind which a name begins at the earliest."""
    known = words()
    if text[max(0, at - 2) : at] in known.stops:
        return True
    if text[at - 1] not in known.stops:
        return False
    return text[at - 1 : at + 1] not in known.not_stops and text[max(0, at - 2) : at] not in known.not_stops
