"""The ways in which people write one number: spaces, hyphens, full-width digits, a line break inside, prefixes."""

from __future__ import annotations

from random import Random

from ..validators import luhn

__all__ = ["LETTERS", "digits", "grouped", "pick", "wide", "with_luhn", "written"]

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def pick(r: Random, *weighted: tuple[float, str]) -> str:
    """One of some words by weight."""
    at = r.random() * sum(weight for weight, _ in weighted)
    for weight, word in weighted:
        at -= weight
        if at < 0:
            return word
    return weighted[-1][1]


def wide(text: str) -> str:
    """ASCII in full width."""
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else "\u3000" if c == " " else c for c in text)


def grouped(text: str, sizes: tuple[int, ...], between: str) -> str:
    """`text` cut into groups; the rest is the last one."""
    parts, at = [], 0
    for size in sizes:
        parts.append(text[at : at + size])
        at += size
    return between.join([part for part in (*parts, text[at:]) if part])


def written(r: Random, number: str, *groupings: tuple[int, ...]) -> str:
    """A number in one of the usual ways; it is cut after the groups of one of `groupings`."""
    way = pick(r, (62, "plain"), (13, " "), (12, "-"), (9, "wide"), (4, "\n"))
    if way == "plain":
        return number
    if way == "wide":
        return wide(number)
    sizes = r.choice(groupings)
    # a line ends once, anywhere between two groups
    return grouped(number, sizes[: 1 if way == "\n" else len(sizes)], way)


def digits(r: Random, count: int) -> str:
    """So many digits."""
    return "".join(r.choices("0123456789", k=count))


def with_luhn(first: str) -> str:
    """Digits with their check digit."""
    return next(number for c in "0123456789" if luhn(number := first + c))
