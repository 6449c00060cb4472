"""One form for characters that readers take for the same, so that texts are compared by what they say."""

from __future__ import annotations

import unicodedata
from functools import cache

import numpy as np
import numpy.typing as npt

from .tables import rows

__all__ = ["CJK", "fold_table", "folded"]

CJK = 0x2E80
"""The first code point of the blocks where a character is a syllable or a word; all alphabets in common use are below."""

LOOKED_AT = (range(0x20000), range(0x2F800, 0x2FA20), range(0xE0000, 0xE0200))
"""Two planes, compatibility ideographs, and tags and variation selectors; all others are letters or not assigned."""

AS_THEY_ARE = (range(0x3400, 0x4DC0), range(0x4E00, 0xA000), range(0xAC00, 0xD7A4))
"""Han characters and Hangul syllables, but for those in `data/simplified.tsv`."""

DROPPED = ("P", "S", "Z", "Cc", "Cf", "Mn", "Me")
"""Categories of Unicode: punctuation, symbols, separators, controls, and marks that take no room of their own."""


@cache
def folded() -> dict[int, str]:
    """What each code point that is not left as it is becomes, for `str.translate`; none becomes more characters than it has bytes.

    Compatibility forms become ordinary ones, capitals small letters, traditional characters simplified ones; letters,
    digits and marks that take room stay, all else goes, accents with it. What would take more characters than it has
    bytes stays whole.
    """
    simplified = {t: s for old, new in rows("simplified.tsv") for t, s in zip(map(ord, old), new, strict=True)}
    skipped = {point for span in AS_THEY_ARE for point in span}
    out = dict(simplified)
    for point in (p for span in LOOKED_AT for p in span if p not in skipped):
        character = chr(point)
        if unicodedata.category(character) in ("Cn", "Co", "Cs"):
            continue
        plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character).casefold())
        kept = "".join(c for c in plain if not unicodedata.category(c).startswith(DROPPED))
        new = unicodedata.normalize("NFC", kept).translate(simplified)
        if new != character and len(new) <= len(character.encode()):
            out[point] = new
    return out


@cache
def fold_table() -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32]]:
    """`folded` as `kernels.ngrams` reads it: a value for every code point, and the characters of those that become several."""
    from ..kernels.ngrams import several
    from ..kernels.utf8 import CODE_POINTS

    table = np.arange(CODE_POINTS, dtype=np.uint32)
    longer: list[int] = []
    for point, new in folded().items():
        if len(new) > 1:
            table[point] = several(len(longer), len(new))
            longer += map(ord, new)
        else:
            table[point] = ord(new) if new else 0
    return table, np.array(longer, np.uint32)
