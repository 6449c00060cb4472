"""The second opinion on names: a segmenter with a dictionary proposes, the language model LAC confirms."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

import numpy as np

from .names.features import code_points
from .names.lac import Lac
from .names.words import covered, surname

__all__ = ["count_names"]

NAME = "nr"
"""How jieba's tags of names of persons begin."""

SHORTEST, LONGEST = 2, 4
AROUND = 16
"""Characters on both sides that LAC is shown."""

SURE = 0.5
"""Least probability, on average over its characters, that a word is a person's name."""


def count_names(texts: Sequence[str]) -> list[int]:
    """How many names of persons each text holds on which both agree; the first detector asks neither about them."""
    import rjieba

    found = [0] * len(texts)
    for i, text in enumerate(texts):
        proposed = list(_proposed(rjieba.tag(text), text))
        if proposed:
            found[i] = _confirmed(text, proposed)
    return found


def _proposed(words: Sequence[tuple[str, str]], text: str) -> Iterator[tuple[int, int]]:
    at = 0
    for word, tag in words:
        end = at + len(word)
        if (
            tag.startswith(NAME)
            and SHORTEST <= len(word) <= LONGEST
            and surname(text, at)
            and not covered(text, at, end)
        ):
            yield at, end
        at = end


def _confirmed(text: str, proposed: Sequence[tuple[int, int]]) -> int:
    codes = code_points(text)
    starts = np.array([max(0, start - AROUND) for start, _ in proposed], np.int64)
    lengths = np.array([min(len(text), end + AROUND) for _, end in proposed], np.int64) - starts
    lac = _lac()
    person = [lac.tags["PER-B"], lac.tags["PER-I"]]
    sure = 0
    for which, odds in lac.read(codes, starts, lengths):
        for piece, of in zip(which.tolist(), odds, strict=True):
            start, end = (place - int(starts[piece]) for place in proposed[piece])
            sure += bool(of[start:end, person].sum(axis=1).mean() > SURE)
    return sure


@cache
def _lac() -> Lac:
    return Lac()
