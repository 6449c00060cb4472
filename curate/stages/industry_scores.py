"""How much each industry has in a text: the evidence of the terms of its lexicon, and of the text's title."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ..records import text_buffers

if TYPE_CHECKING:
    from ..industry import Profile

__all__ = ["Floats", "Scorer", "Scores", "margins", "titles"]

SCENE_WEIGHT = 1.0
"""Weight of a scene's term for the industry, where its lexicon gives none; within the scene every term has it."""

SHORTEST = 200
"""Characters as which a shorter text counts: one term that got into it by chance is no evidence."""

TITLE = r"^(?:[^\p{Han}\n]*\n)*(?P<title>[^\p{Han}\n]{0,20}\p{Han}[^\n。．；;！!]{1,79})\n"
"""A title: the first line with Chinese, of at most 80 characters from there and no sentence, and a line end after it."""

TITLE_REACH = 400
"""Characters of a text in which its title has to end."""

TITLE_WEIGHT = 3.0
"""How often a title counts as a text of its own: so that its terms outweigh what 50,000 characters happen to name."""

TITLE_TERM = 2
"""Least weight, for or against, of a term that counts in a title: `algorithm` or `plan` stand in titles of any field."""

TITLE_MOST = 20.0
"""Most that a title adds or takes, about two terms of weight 3: a menu in place of a title must not outweigh the text."""

Floats = npt.NDArray[np.float64]


def margins(scores: Floats, wanted: npt.NDArray[np.int64]) -> Floats:
    """The log-odds of the industry wanted of each record against the best of the others; scores (records, industries)."""
    rows = np.arange(len(scores))
    positive = np.log1p(np.maximum(scores, 0.0))
    own = positive[rows, wanted]
    positive[rows, wanted] = 0.0
    difference: Floats = own - positive.max(axis=1, initial=0.0)
    return difference


def titles(texts: pa.Array) -> pa.Array:
    """The title of each of some strings by `TITLE`, empty where there is none."""
    found = pc.extract_regex(pc.utf8_slice_codeunits(texts, 0, TITLE_REACH), TITLE)
    return pc.fill_null(pc.struct_field(found, "title"), "")


@dataclass(frozen=True)
class Scores:
    """Scores of n records."""

    industries: Floats
    """Shape (n, industries)."""
    scenes: Floats
    """Shape (n, scenes of all industries)."""


class Scorer:
    """The terms of some industries, ready to score texts and their titles."""

    def __init__(self, profiles: Sequence[Profile]) -> None:
        from ..kernels.terms import vocabulary

        self.names = [p.name for p in profiles]
        self._scenes = [(i, scene.name) for i, p in enumerate(profiles) for scene in p.all_scenes()]
        said: dict[str, dict[int, float]] = {}  # term → slot → weight; slots are industries, then scenes
        slot = len(profiles)
        for i, profile in enumerate(profiles):
            for scene in profile.all_scenes():
                for term in scene.terms:
                    of_term = said.setdefault(term, {})
                    of_term[i] = of_term[slot] = SCENE_WEIGHT
                slot += 1
            for weight, terms in profile.lexicon.items():
                for term in terms:
                    said.setdefault(term, {})[i] = float(weight)
        self._slots = slot
        ordered = sorted(said)
        self._vocabulary = vocabulary(ordered)
        bounds, slots, weights, in_titles = [0], [], [], []
        for term in ordered:
            speaks_for = sum(1 for s, weight in said[term].items() if s < len(profiles) and weight > 0)
            rarity = np.log1p(len(profiles) / max(1, speaks_for)) / np.log1p(len(profiles))
            slots += list(said[term])
            weights += [weight * rarity for weight in said[term].values()]
            in_titles += [weight * rarity if abs(weight) >= TITLE_TERM else 0.0 for weight in said[term].values()]
            bounds.append(len(slots))
        self._bounds = np.array(bounds, np.int64)
        self._slot = np.array(slots, np.int32)
        self._weight = np.array(weights, np.float64)
        self._weight_in_title = np.array(in_titles, np.float64)

    def score(self, texts: pa.Array) -> Scores:
        """The scores of texts, an array of strings."""
        title = TITLE_WEIGHT * self._sums(titles(texts), self._weight_in_title)
        sums = self._sums(texts, self._weight) + np.clip(title, -TITLE_MOST, TITLE_MOST)
        return Scores(sums[:, : len(self.names)], sums[:, len(self.names) :])

    def _sums(self, texts: pa.Array, weights: Floats) -> Floats:
        """The evidence of texts for each slot over the square root of their lengths; shape (texts, slots)."""
        from ..kernels import terms

        found = terms.count(*text_buffers(texts), self._vocabulary)
        sums = np.zeros((len(texts), self._slots), np.float64)
        terms.weigh(found.starts, found.terms, found.counts, self._bounds, self._slot, weights, sums)
        sums /= np.sqrt(np.maximum(found.chars, SHORTEST) / 1000.0)[:, None]
        return sums

    def scenes(self, scores: Floats, industry: pa.Array) -> pa.Array:
        """The best scene of each record's industry by its scores, null where it has none above 0."""
        of = pc.fill_null(pc.index_in(industry, pa.array(self.names, pa.string())), -1).to_numpy(zero_copy_only=False)
        index = np.full(len(industry), -1, np.int64)
        for i in range(len(self.names)):
            own = np.array([k for k, (owner, _) in enumerate(self._scenes) if owner == i], np.int64)
            rows = np.flatnonzero(of == i)
            if len(own) and len(rows):
                here = scores[np.ix_(rows, own)]
                index[rows] = np.where(here.max(axis=1) > 0, here.argmax(axis=1) + own[0], -1)
        names = pa.array([name for _, name in self._scenes], pa.string())
        return names.take(pa.array(index, mask=index < 0))
