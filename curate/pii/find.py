"""Personal data of all kinds in many texts: numbers by their form, names and addresses by the words around them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from .rules import Hit

__all__ = ["Figures", "Finder", "Named", "Names", "named"]

Names = Literal["none", "fast", "balanced", "recall"]
"""How names are looked for; `none`: not at all."""

Figures = Literal["mask", "keep", "role"]
"""What is done with persons of history: as with others, left, or left where a public role is named."""


class Named:
    """Finds what has no form of its own: names of persons, and addresses.

    `terms` are words of the trade: what overlaps one is no name, unless a word announces it as one.
    """

    def __init__(self, names: Names, addresses: bool, figures: Figures, terms: Sequence[str]) -> None:
        from .names.finder import NameFinder

        self._names = None if names == "none" else NameFinder(names, figures)
        self._addresses = addresses
        self._terms = frozenset(terms)
        self._lengths = sorted({len(term) for term in terms})

    def find_many(self, texts: Sequence[str]) -> list[list[Hit]]:
        """The finds in each text; addresses may overlap names."""
        from .addresses import addresses_in

        if self._names is None:
            return [addresses_in(text) if self._addresses else [] for text in texts]
        out = []
        for text, found in zip(texts, self._names.find_many(texts), strict=True):
            persons = [hit for hit in found.persons if hit.rank or not self._is_term(text, hit.start, hit.end)]
            out.append(persons + (addresses_in(text, found.place, persons) if self._addresses else []))
        return out

    def _is_term(self, text: str, start: int, end: int) -> bool:
        """Whether a word of the trade overlaps [start, end)."""
        return any(
            text[at : at + length].lower() in self._terms
            for length in self._lengths
            for at in range(max(0, start - length + 1), end)
        )


@cache
def named(names: Names, addresses: bool, figures: Figures = "mask", terms: tuple[str, ...] = ()) -> Named:
    """The one finder of its kind in this process: loading its models takes a quarter of a second."""
    return Named(names, addresses, figures, terms)


class Finder:
    """Finds everything that `anonymise` with the same settings looks for; imports Presidio."""

    def __init__(
        self, names: Names = "balanced", addresses: bool = True, least: float = 0.5, kept: Sequence[str] = ()
    ) -> None:
        from .recogniser import ChineseRecognizer

        self._structured = ChineseRecognizer(least, kept)
        self._named = named(names, addresses)

    def find_many(self, texts: Sequence[str]) -> list[list[Hit]]:
        """The finds in each text, none overlapping another, by position; offsets are code points."""
        from .recogniser import resolve

        return [
            resolve([*self._structured.hits(text), *hits])
            for text, hits in zip(texts, self._named.find_many(texts), strict=True)
        ]
