"""Names the network found, weighed by the words around them and by what is known to be no person."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from .cascade import runs
from .forms import SPACED
from .profiles import Profile
from .words import DOTS, HAN, Works, common_surnames, context, covered, is_han, surname

__all__ = ["Found", "likely"]

Found = tuple[int, int, float]
"""Start, end, score."""

PART = re.compile(f"[{HAN}](?:[{HAN}{DOTS}]*[{HAN}])?")
PARTS = f"(?:[{DOTS}][{HAN}]{{1,8}}(?![{HAN}]))"
BEHIND = re.compile(f"{PARTS}{{0,3}}[一二三四五六七八九十]{{1,3}}世|{PARTS}{{1,3}}")
FRONTS = "于任向在为从自"
FRONT = 3  # a longer run that begins with one of these, which are surnames too, has it from the sentence
FAINT = 0.03  # what the network must say of a character that the form asks for
TELLING = 1.0  # words around a run that make it a person though it is a word otherwise: 记者李宁
MOST = 2.5  # no words around a run add more


def logit(p: float) -> float:
    """Log odds."""
    p = min(max(p, 1e-6), 1 - 1e-6)
    return math.log(p / (1 - p))


def likely(text: str, per: npt.NDArray[np.float32], profile: Profile, works: Works) -> Iterator[Found]:
    """Han names among the runs of characters likelier than `profile.low`."""
    starts, ends = runs(per > profile.low)
    if not len(starts):
        return
    need = logit(profile.peak)
    tops = np.maximum.reduceat(per, np.stack([starts, ends], 1).ravel()[:-1])[::2]
    enough = tops > 1 / (1 + math.exp(MOST - need))
    for start, end in zip(starts[enough].tolist(), ends[enough].tolist(), strict=True):
        for part in PART.finditer(text, start, end):
            a, b = part.span()
            own = per[a:b]
            top = float(own.max())
            if b - a > 1:
                kept = np.flatnonzero(own >= profile.edge * top)
                a, b = a + int(kept[0]), a + int(kept[-1]) + 1
                if b - a > FRONT and text[a] in FRONTS:
                    a += 1
            if b - a == 1:
                spaced = SPACED.match(text, b) if top >= profile.peak and text[a] in common_surnames() else None
                if spaced:
                    yield a, spaced.end(), top
                elif top >= profile.single and not covered(text, a, b) and not works.hold(a, b):
                    yield a, b, top
                continue
            around = context(text, a, b)
            odds = logit(top) + around
            if odds >= need and (around >= TELLING or not covered(text, a, b)) and not works.hold(a, b):
                yield a, _grown(text, a, b, per), 1 / (1 + math.exp(-odds))


def _grown(text: str, start: int, end: int, per: npt.NDArray[np.float32]) -> int:
    """The end of a name with what belongs to it by its form: a given name's second character, parts behind a dot, 二世."""
    if end - start == 2 and surname(text, start) == 1 and end < len(per) and per[end] >= FAINT and is_han(text, end):
        end += 1
    more = BEHIND.match(text, end)
    return more.end() if more else end
