"""Names of persons in a text, from the likelihood of each character and from rules."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from ..find import Figures
from ..rules import Hit
from .anchored import anchored
from .features import code_points
from .latin import latin
from .likely import Found, likely
from .profiles import Profile
from .propagation import propagated
from .words import Works, figures, public_roles

__all__ = ["Figures", "names_in"]

ROLE = 4  # characters of the longest public role


def names_in(text: str, per: npt.NDArray[np.float32], profile: Profile, figures: Figures = "mask") -> list[Hit]:
    """The names of persons in `text`: hits that do not overlap, in order.

    `text` has its traditional characters and wide letters folded, as the network read it; `per` is float32[len(text)], how likely
    each character is to be part of a person's name.
    """
    works = Works(text)
    told = list(anchored(text, per))
    han = list(likely(text, per, profile, works))
    found = han + list(latin(text, per, profile.latin, han + told))
    sure = told + [one for one in found if one[2] >= profile.propagate]
    if sure:
        found += propagated(text, code_points(text), per, sure)
    hits = _merged(told, found)
    if figures == "mask":
        return hits
    return [hit for hit in hits if not _kept(text, hit, figures)]


def _merged(told: Iterable[Found], found: Iterable[Found]) -> list[Hit]:
    """Finds that overlap as one: nothing that any of them covers is left out."""
    out: list[Hit] = []
    spans = [(a, b, score, 1) for a, b, score in told] + [(a, b, score, 0) for a, b, score in found]
    for a, b, score, rank in sorted(spans):
        if out and a < out[-1].end:
            last = out[-1]
            out[-1] = Hit("PERSON", last.start, max(b, last.end), max(score, last.score), max(rank, last.rank))
        else:
            out.append(Hit("PERSON", a, b, score, rank))
    return out


def _kept(text: str, hit: Hit, policy: Figures) -> bool:
    if text[hit.start : hit.end] not in figures():
        return False
    before, behind = text[max(0, hit.start - ROLE) : hit.start], text[hit.end : hit.end + ROLE]
    return policy == "keep" or before.endswith(public_roles()) or behind.startswith(public_roles())
