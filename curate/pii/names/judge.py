"""What LAC says of a character, weighed by what it says of the neighbours, by their kinds and by the words around.

LAC alone is too shy with names of other languages and too bold with places named like people. A layer of a few dozen units, trained
by tools/ner/judge.py on labelled sentences that LAC has never seen, makes one probability of all its tags.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from .network import Probabilities, runs, weights

__all__ = ["CAPITAL", "KINDS", "SMALL", "Evidence", "Judge", "Kinds", "evidence", "kinds_of", "levelled", "told"]

Kinds = npt.NDArray[np.uint8]

Value = TypeVar("Value", np.float32, np.int32)

Evidence = npt.NDArray[np.float32]

NAMES = ("PER-B", "PER-I", "LOC-B", "LOC-I", "ORG-B", "ORG-I")
"""Tags whose logarithms count too: they tell one in a hundred from one in a thousand."""

WORKS = (("nw-B", "nw-I"), ("nz-B", "nz-I"), ("n-B", "n-I"), ("w-B",))
"""Tags that count as one: works, other proper names, nouns, punctuation."""

LEAST, SCALE, FAINT = np.float32(1e-4), np.float32(0.2), np.float32(1e-3)

BESIDE = (-3, -2, -1, 1, 2, 3)
"""Neighbours whose names, works and beginnings of words count."""

KINDS_AT = (-2, -1, 0, 1, 2)

WORDS_AT = ((0, 0), (0, 1), (0, 2), (-1, 0), (-1, 1), (-1, 2), (-2, 1), (-2, 2), (-3, 2))
"""Where words begin that reach the character, and which four bits of `Features.words` tell their class: two, three, four characters."""

CLASSES = np.eye(16, dtype=np.float32)

KINDS = 11
CAPITAL, SMALL = 1, 2  # letters of other scripts, which make words
OF_KIND = np.eye(KINDS, dtype=np.float32)


class Judge:
    """One layer of units and one of output."""

    def __init__(self) -> None:
        from ...kernels.judged import judged

        file = np.load(weights("judge.npz"))
        self._kinds: Kinds = file["kinds"]
        self._inner, self._inner_shift = file["inner"], file["inner_shift"]
        self._outer, self._outer_shift = file["outer"], float(file["outer_shift"][0])
        self._places = np.array(BESIDE), np.array(KINDS_AT), np.array(WORDS_AT)
        self._judged = judged

    def __call__(
        self,
        said: npt.NDArray[np.float32],
        tags: Mapping[str, int],
        codes: npt.NDArray[np.uint32],
        words: npt.NDArray[np.int32],
    ) -> Probabilities:
        """P(person) of pieces of one length, float32[p, length]: from LAC's tags, code points and `Features.words`."""
        kinds = kinds_of(codes, self._kinds)
        score = self._judged(
            told(said, tags),
            heard(said),
            kinds,
            words,
            *self._places,
            KINDS,
            self._inner,
            self._inner_shift,
            self._outer,
            self._outer_shift,
        )
        return levelled(1 / (1 + np.exp(-score.clip(-30, 30))), kinds)


def levelled(likely: Probabilities, kinds: Kinds) -> Probabilities:
    """The letters of a word as likely as they are on average: a word is part of a name or is not."""
    letters = np.zeros((len(likely), likely.shape[1] + 1), np.bool_)
    letters[:, :-1] = (kinds == CAPITAL) | (kinds == SMALL)
    if not letters.any():
        return likely
    out = np.pad(likely, ((0, 0), (0, 1))).ravel()
    for start, end in zip(*runs(letters.ravel()), strict=True):
        out[start:end] = out[start:end].mean()
    return out.reshape(letters.shape)[:, :-1]


def kinds_of(codes: npt.NDArray[np.uint32], kinds: Kinds) -> Kinds:
    """The kind of each character: Han, capital, digit ... as tools/ner/judge.py numbers them."""
    return kinds[np.minimum(codes, np.uint32(len(kinds) - 1))]


def heard(said: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Tags with those left out that are so unlikely that they only cost time."""
    return np.where(said < FAINT, np.float32(0), said)


def told(said: npt.NDArray[np.float32], tags: Mapping[str, int]) -> npt.NDArray[np.float32]:
    """What counts of a character's tags for its neighbours too, float32[p, length, 17]."""
    names = said[..., [tags[name] for name in NAMES]]
    works = [said[..., [tags[name] for name in some]].sum(2) for some in WORKS]
    begins = said[..., [number for name, number in tags.items() if name.endswith("-B")]].sum(2)
    return np.concatenate([np.log(names + LEAST) * SCALE, names, np.stack([*works, begins], 2)], 2)


def evidence(
    said: npt.NDArray[np.float32], tags: Mapping[str, int], kinds: Kinds, words: npt.NDArray[np.int32]
) -> Evidence:
    """All that a judgement rests on, float32[p, length, facts], of pieces of one length; beyond a piece there is nothing.

    Training needs it as a table; `kernels.judged` weighs it without one.
    """
    own = told(said, tags)
    parts = [own, heard(said)]
    parts += [_beside(own, offset) for offset in BESIDE]
    parts += [_beside(OF_KIND[kinds], offset) for offset in KINDS_AT]
    parts += [CLASSES[_beside(words >> np.int32(4 * place) & np.int32(15), offset)] for offset, place in WORDS_AT]
    return np.concatenate(parts, 2)


def _beside(values: npt.NDArray[Value], offset: int) -> npt.NDArray[Value]:
    """What stands `offset` characters further in each piece, zero beyond its ends."""
    out = np.zeros_like(values)
    size = values.shape[1] - abs(offset)
    if size > 0:
        first = max(0, -offset)
        out[:, first : first + size] = values[:, first + offset : first + offset + size]
    return out
