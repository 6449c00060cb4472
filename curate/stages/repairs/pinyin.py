"""Readings that a converter put in brackets behind characters: 報(bào)告."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from ..tables import rows
from .characters import HAN, traditional

__all__ = ["remove_glosses"]

TONES = dict.fromkeys(map(ord, "\u0300\u0301\u0304\u030c"))
GLOSS = re.compile(rf"(?<=([{HAN}]))[(（]([a-zü:\u00e0-\u00fc\u0101-\u01dc]{{1,7}})[)）]")
RUNNING = re.compile(rf"[{HAN}，。、；：？！?」』》）)”]")
END = re.compile(r"\r?(?:\n|\Z)")
ONE_HAN = re.compile(f"[{HAN}]")
"""What follows a gloss in running text, but for the end of a line; in a primer it is a space, and the reading is meant."""

ENOUGH = 3
"""Glosses that only a converter makes: with as many, all that read their character right are taken for its work."""

PRIMER = 0.6
"""Share of Han characters with a gloss from which a text is written to teach reading."""


@cache
def readings() -> tuple[frozenset[tuple[str, str]], frozenset[str]]:
    """All pairs of character and toneless syllable, and the characters with one reading alone."""
    table = dict(rows("repair_readings.tsv"))
    one = frozenset(table.pop("one"))
    return frozenset((c, syllable) for syllable, characters in table.items() for c in characters), one


def remove_glosses(text: str) -> tuple[str, int]:
    """The text without readings in brackets, and how many there were.

    A gloss is one small syllable that is a reading of the character before it, in running text. A single one goes if its
    character is traditional or has no second reading, which no author would tell his reader, and if it has a tone or
    stands between two Han characters. Beside three of these all glosses go.
    """
    pairs, one = readings()
    right: list[tuple[int, int]] = []
    sure: list[tuple[int, int]] = []
    for match in GLOSS.finditer(text):
        character, syllable = match[1], unicodedata.normalize("NFC", match[2])
        plain = unicodedata.normalize("NFC", unicodedata.normalize("NFD", syllable).translate(TONES))
        toned = plain != syllable
        plain = plain.replace("u:", "ü")
        if len(syllable) == 1 and not toned:
            continue
        if (character, plain) not in pairs and (toned or (character, plain.replace("v", "ü")) not in pairs):
            continue
        at_end = match.start() > 1 and ONE_HAN.match(text, match.start() - 2) and END.match(text, match.end())
        if not at_end and not RUNNING.match(text, match.end()):
            continue
        right.append(match.span())
        inside = ONE_HAN.match(text, match.end()) is not None
        if (toned or inside) and (character in one or character in traditional()):
            sure.append(match.span())
    going = right if len(sure) >= ENOUGH and 2 * len(sure) >= len(right) else sure
    if len(right) > 2 * ENOUGH and len(right) > PRIMER * len(ONE_HAN.findall(text)):
        return text, 0
    return _without(text, going), len(going)


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    parts, at = [], 0
    for start, stop in spans:
        parts.append(text[at:start])
        at = stop
    return "".join([*parts, text[at:]])
