"""A second, different detector: what it still finds in anonymised text was missed by the first."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache

from . import data
from .validators import CHECKS, luhn

__all__ = ["remaining"]

BEFORE = 8
"""Characters before a number in which a word may speak against it."""

SEPARATORS = re.compile("[ .-]")

HINT = re.compile(r"[0-9０-９@＠]|[A-HJ-NP-ZＡ-Ｚ][ ·]?[0-9A-ZＡ-Ｚ０-９]{5}")
"""Texts without any of these hold nothing that the patterns look for."""


@cache
def _patterns() -> tuple[tuple[str, Callable[[str], bool] | None, re.Pattern[str] | None, re.Pattern[str]], ...]:
    checks = {**CHECKS, "luhn": luhn}
    return tuple(
        (entity, checks.get(check), None if against == "-" else re.compile(against), re.compile(pattern))
        for entity, check, against, pattern in data.rows("second")
    )


def remaining(texts: Sequence[str], *, names: bool) -> list[Counter[str]]:
    """How many of each entity are left in each text; persons only with `names`."""
    found = [Counter(_numbers(text)) if HINT.search(text) else Counter[str]() for text in texts]
    if names:
        from .second_names import count_names

        for counts, n in zip(found, count_names(texts), strict=True):
            if n:
                counts["PERSON"] = n
    return found


def _numbers(text: str) -> Iterator[str]:
    plain = unicodedata.normalize("NFKC", text)
    for entity, check, against, pattern in _patterns():
        for found in pattern.finditer(plain):
            if against and against.search(plain, max(0, found.start() - BEFORE), found.start()):
                continue
            if check is None or check(SEPARATORS.sub("", found[0])):
                yield entity
