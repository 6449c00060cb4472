"""Traditional to simplified characters, where a sentence is traditional."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from ..tables import rows
from .characters import traditional

__all__ = ["simplifier"]

SENTENCE = re.compile(r"[^。！？\n]*[。！？\n]?")
CONFIG = "tw2s"
"""Of OpenCC's dictionaries the one that keeps 乾隆 and 看著 right; 甚麼 it does not know (49 of 50 in our comparison)."""


@cache
def _simplified() -> frozenset[str]:
    return frozenset(c for script, line in rows("one_sided.tsv") if script == "Hans" for c in line)


def simplifier() -> Callable[[str], tuple[str, int]]:
    """A function from a text to the text in simplified characters and how many of them changed.

    Only sentences with more characters of traditional script alone than of simplified script alone are converted: what is
    simplified already is not touched.
    """
    import opencc

    converter = opencc.OpenCC(CONFIG)
    any_traditional = re.compile(f"[{''.join(sorted(traditional()))}]")

    def simplify(text: str) -> tuple[str, int]:
        count = 0

        def convert(match: re.Match[str]) -> str:
            nonlocal count
            old = match[0]
            here = len(any_traditional.findall(old))
            if not here or here <= sum(c in _simplified() for c in old):
                return old
            new: str = converter.convert(old.replace("甚麼", "什麼"))
            count += sum(a != b for a, b in zip(old, new, strict=False)) + abs(len(old) - len(new))
            return new

        return (SENTENCE.sub(convert, text), count) if any_traditional.search(text) else (text, 0)

    return simplify
