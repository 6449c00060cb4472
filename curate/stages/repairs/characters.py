"""Sets of characters that several repairs ask for, read from the tables once."""

from __future__ import annotations

from functools import cache

from ..tables import rows

__all__ = ["HAN", "common", "common_share", "traditional"]

HAN = "\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff"
"""Han characters, as the inside of a set in a regular expression."""


@cache
def common() -> frozenset[str]:
    """The most frequent Han characters, simplified and traditional, of `repair_common.tsv`."""
    return frozenset(c for (line,) in rows("repair_common.tsv") for c in line)


@cache
def traditional() -> frozenset[str]:
    """Characters of traditional script alone, of `one_sided.tsv`."""
    return frozenset(c for script, line in rows("one_sided.tsv") if script == "Hant" for c in line)


def common_share(text: str) -> float:
    """The share of the common ones among the Han characters of a text; 1 where it has none."""
    han = [c for c in text if "\u3400" <= c <= "\u9fff"]
    return sum(c in common() for c in han) / len(han) if han else 1.0
