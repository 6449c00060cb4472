"""Names in Latin letters: by what the network says, behind a Han name in brackets, behind Mr. or Dr., or by a known given name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

import numpy as np
import numpy.typing as npt

from .data import rows
from .likely import Found
from .words import kinds

__all__ = ["latin"]

WORD = r"(?:(?:O['’]|D['’]|Mc|Mac|Van|De)?[A-ZÀ-ÖØ-Þ][a-zß-öø-ÿ]{1,17}(?:-[A-Z][a-zß-öø-ÿ]{1,17})?)"
BETWEEN = r"(?:\.?[ ·](?:(?:de|da|del|della|den|der|di|du|la|le|van|von|zu|bin|ibn|al|el|y) ){0,2}|(?<=[A-Z])\. ?)"
NAME = re.compile(
    rf"(?<![A-Za-z0-9_.@#/\\=-])(?:(?:[A-Z]\.[ ]?){{0,2}}{WORD})(?:{BETWEEN}(?:{WORD}|[A-Z]{{1,4}}(?![A-Za-z0-9]))){{0,4}}(?![A-Za-z0-9_(=@/\\]|-[a-z]|\.[A-Za-z])"
)
CAPITAL = re.compile("[A-ZÀ-ÖØ-Þ]")
PIECE = re.compile(r"[^ ·.]+")
SYLLABLE = "(?:[bpmfdtnlgkhjqxrzcsyw]|zh|ch|sh)?(?:iang|iong|uang|ang|eng|ing|ong|ian|iao|uai|uan|ai|an|ao|ei|en|er|ia|ie|in|iu|ou|ua|ui|un|uo|ue|ve|a|e|i|o|u|v)"
PINYIN = re.compile(f"(?:{SYLLABLE}){{1,2}} (?:{SYLLABLE}){{1,2}}", re.IGNORECASE)
WEAK, FAIR, SURE = 0.5, 0.7, 0.9
SHORT = 3  # letters of which the network must be surer


@cache
def _given() -> frozenset[str]:
    return frozenset(row[0] for row in rows("given_latin"))


@cache
def _no_names() -> frozenset[str]:
    return frozenset(row[0] for row in rows("latin_stop"))


@cache
def _pinyin() -> frozenset[str]:
    return frozenset(row[0] for row in rows("pinyin_surnames"))


@cache
def _lead() -> re.Pattern[str]:
    return re.compile(f"(?:{'|'.join(re.escape(word) for word in kinds('leads')['latin'])}) $")


def latin(text: str, per: npt.NDArray[np.float32], least: float, han: Sequence[Found]) -> Iterator[Found]:
    """Names in Latin letters, likelier than `least` on average or told by what stands before; `han` are the names in Han characters."""
    ends = {end for _, end, _ in han}
    done = 0
    for capital in CAPITAL.finditer(text):
        found = NAME.match(text, capital.start()) if capital.start() >= done else None
        if not found:
            continue
        done = found.end()
        words = [m.span() for m in PIECE.finditer(text, *found.span())]
        while words and text[slice(*words[0])] in _no_names():
            del words[0]
        while words and text[slice(*words[-1])] in _no_names():
            del words[-1]
        if words:
            start, end = words[0][0], words[-1][1]
            score = _score(
                text, start, end, words, per, least, start > 0 and text[start - 1] in "（(" and start - 1 in ends
            )
            if score:
                yield start, end, score


def _score(
    text: str,
    start: int,
    end: int,
    words: list[tuple[int, int]],
    per: npt.NDArray[np.float32],
    least: float,
    same: bool,
) -> float:
    """How sure the words of [start, end) are a name; `same` if they stand in brackets behind one."""
    first = text[slice(*words[0])]
    if _lead().search(text, max(0, start - 12), start):
        return SURE
    if same and end < len(text) and text[end] in "）)，,；;":
        return FAIR
    most = max(float(per[a:b].mean()) for a, b in words)
    if most >= (least if len(words) == 1 else least / 2) and (end - start > SHORT or most >= WEAK):
        return max(most, WEAK)
    if len(words) > 1 and first in _given():
        return FAIR
    pinyin = PINYIN.fullmatch(text, start, end)
    if pinyin and first.lower() in _pinyin():
        return FAIR
    return 0.0
