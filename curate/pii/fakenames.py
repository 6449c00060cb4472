"""Names of nobody in particular, and the draws that everything made up comes from."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from functools import cache
from typing import TypeVar

from . import data

__all__ = ["Draw", "fake_name"]

T = TypeVar("T")
HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af]+")
LATIN = re.compile(r"[a-z\u00c0-\u024f']+(?:[ ·]+[a-z\u00c0-\u024f']+)*", re.IGNORECASE)
FAMILIAR = "小老阿大"
HIDDEN = "*×○x"  # as in 李**, in canonical form
LONGEST = 8
"""Characters of a part of a transliterated name."""
SPARE = 1 << 64


class Draw:
    """Numbers that a seed decides: uniform but for one part in 2^64."""

    def __init__(self, seed: bytes) -> None:
        self._seed, self._left, self._turn = seed, 0, 0

    def below(self, n: int) -> int:
        """A number from 0 to n - 1."""
        if self._left < n * SPARE:
            self._left = int.from_bytes(
                hashlib.sha512(self._seed + bytes([self._turn % 256, self._turn // 256])).digest(), "big"
            )
            self._turn += 1
        self._left, number = divmod(self._left, n)
        return number

    def between(self, first: int, last: int) -> int:
        """A number from `first` to `last`, both among them."""
        return first + self.below(last + 1 - first)

    def one(self, some: Sequence[T]) -> T:
        """One of them."""
        return some[self.below(len(some))]

    def signs(self, some: str, length: int) -> str:
        """A string of such characters."""
        return "".join(self.one(some) for _ in range(length))


@cache
def _parts() -> dict[str, tuple[str, ...]]:
    return {kind: tuple(parts.split()) for kind, parts in data.rows("surrogate_names")}


def fake_name(draw: Draw, value: str, written: str) -> str | None:
    """A name of the same make and length, that shares no character with this one; None for what is no name.

    Han names: a compound surname for a compound one, given characters of the gender that the name's suggest.
    Transliterated ones keep their number of parts, those in Latin script their words. 小, 老 and 某, * stay.
    """
    if HAN.fullmatch(value):
        return _han(draw, value)
    parts = value.split("·")
    if len(parts) > 1 and all(HAN.fullmatch(part) and len(part) <= LONGEST for part in parts):
        return "·".join("".join(_few(draw, "foreign", value, len(part))) for part in parts)
    if (shown := HAN.match(value)) and len(shown[0]) <= 2 and not value[shown.end() :].strip(HIDDEN):
        return _surname(draw, value, shown[0]) + value[shown.end() :]
    if LATIN.fullmatch(written):
        return " ".join(_word(draw, len(word)) for word in re.split("[ ·]+", written))
    return None


def _han(draw: Draw, value: str) -> str | None:
    if len(value) > 4:
        return None
    if value[0] in FAMILIAR and len(value) == 2:
        return value[0] + _surname(draw, value, value[1])
    bare = value.rstrip("某")
    if bare != value:
        return _surname(draw, value, bare) + value[len(bare) :] if bare else None
    if len(value) == 1:
        return _surname(draw, value, value)
    surname = value[:2] if value[:2] in _parts()["compound"] else value[:1]
    return _surname(draw, value, surname) + _given(draw, value, value[len(surname) :])


def _surname(draw: Draw, value: str, surname: str) -> str:
    return _few(draw, "compound" if len(surname) > 1 else "surname", value, 1)[0]


def _given(draw: Draw, value: str, given: str) -> str:
    """Characters of the same gender; one at least that shows it, where one of `given` does."""
    parts = _parts()
    shows = {kind for kind in ("female", "male") if any(c in parts[kind] for c in given)}
    if len(shows) != 1 or not given:
        return "".join(_few(draw, "either", value, len(given)))
    kind = shows.pop()
    return "".join([*_few(draw, "either", value, len(given) - 1), *_few(draw, kind, value, 1)])


def _few(draw: Draw, kind: str, value: str, number: int) -> list[str]:
    """Parts of a kind, none twice, none with a character of `value`."""
    free = [part for part in _parts()[kind] if not set(part) & set(value)]
    return [free.pop(draw.below(len(free))) for _ in range(number)]


def _word(draw: Draw, length: int) -> str:
    return "".join(draw.one(_parts()["latin"]) for _ in range(length // 2 + 1))[: max(length, 2)].capitalize()
