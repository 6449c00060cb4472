"""Addresses written in Latin letters: Room 501, Building 3, No. 12 Zhongshan Road, Zunyi, Guizhou."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

__all__ = ["in_english"]

STREETS: Final = (
    r"(?:Road|Rd|Street|St|Avenue|Ave|Lane|Ln|Boulevard|Blvd|Alley|Drive|Dr|Highway|Hwy|Lu|Jie|Dadao)(?![A-Za-z])\.?"
)
GATE: Final = re.compile(STREETS)
DIGIT: Final = re.compile("[0-9]")
BEFORE: Final = 110
AFTER: Final = 110
_SIDE = r"(?:(?:East|West|North|South|Middle|Central|[ENSW])\.?[ ])"
_NUMBERED = (
    r"(?:(?:Room|Rm|Flat|Unit|Suite|Ste|Apt|Apartment|Building|Bldg|Block|Floor|Tower|House|Gate|Lane|No|NO|Number|RM|UNIT|FLAT)\b\.?[ ]?\#?[ ]?[0-9A-Z][0-9A-Za-z]{0,5}(?:-[0-9A-Za-z]{1,5}){0,3}"
    r"|[0-9]{1,3}(?:st|nd|rd|th)?[ ]?/?(?:F(?![A-Za-z])|Floor(?![A-Za-z]))|\#[ ]?[0-9]{1,5}[A-Z]?(?:-[0-9]{1,4}){0,2})"
)
_NUMBER = rf"(?:{_NUMBERED}|[0-9]{{1,5}}[A-Z]?(?:-[0-9]{{1,4}}){{0,2}})"
_WORD = r"[A-Z][A-Za-z'-]{1,20}"
_STREET = rf"{_SIDE}?(?:(?:{_WORD}|[0-9]{{1,2}}(?:st|nd|rd|th))[ ]){{1,3}}(?:\([A-Z][a-z]{{1,8}}\.?\)[ ]?|{_SIDE})?{STREETS}(?:[ ](?:East|West|North|South|Middle|Central|[ENSW])(?![A-Za-z])\.?)?"
_SEP = r"[ ]?,?[ \n]{1,3}"
_PLACES = rf"(?:[ ]?,[ \n]{{0,3}}(?:{_NUMBERED}|(?:{_WORD}|P\.?R\.?|of)(?:[ ](?:{_WORD}|of)){{0,3}}(?:[ ][0-9]{{6}})?|[0-9]{{6}}\b)){{0,7}}"
ADDRESS: Final = re.compile(
    rf"(?<![0-9A-Za-z.])(?:(?:{_NUMBERED}|{_WORD}(?:[ ]{_WORD}){{0,2}}(?=[ ]?,))[ ]?,[ \n]{{0,3}}){{0,4}}"
    rf"(?:{_NUMBER}{_SEP}{_STREET}|{_STREET}{_SEP}(?:No\.?[ ]?|\#[ ]?)[0-9]{{1,5}}(?:-[0-9]{{1,4}})?){_PLACES}"
)


def in_english(text: str) -> Iterator[tuple[int, int]]:
    """Where addresses stand that name a street and a number, each [start, end)."""
    done = 0
    for street in GATE.finditer(text):
        if street.start() < done:
            continue
        low, high = max(done, street.start() - BEFORE), min(len(text), street.end() + AFTER)
        while low > done and text[low - 1 : low].isascii() and text[low - 1 : low].isalnum():
            low -= 1
        if not DIGIT.search(text, low, high):
            continue
        at = low
        while found := ADDRESS.search(text, at, high):
            if found.end() >= street.end():
                yield found.span()
                done = found.end()
                break
            at = found.end()
