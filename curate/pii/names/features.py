"""Characters as the network reads them: an id each, a hash of each with its right neighbour, and the words that begin there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

__all__ = ["REACH", "Codes", "Features", "Ids", "Row", "code_points"]

Codes = npt.NDArray[np.uint32]
"""Code points, one a character; surrogates stand for themselves."""

Ids = npt.NDArray[np.uint32]
"""Ids of characters: 0 between texts and at line breaks, 1 a character without an id of its own."""

Row = tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], npt.NDArray[np.int32]]
"""What the network reads of n characters: ids, hashes of two, words; int32[n] each."""

REACH = 3
"""How many characters to the right decide what is known of a character: words have at most four."""

LENGTHS = (2, 3, 4)
"""Characters of the words in the table, shortest first; the class of each takes four bits of the feature."""

MULTIPLIERS = np.array([0x9E3779B1, 0x85EBCA6B, 0x27D4EB2F, 0x165667B1], np.uint32)
STEP, STIR, SALT = np.uint32(0x01000193), np.uint32(0x2C1B3C6D), 0x3C6EF372
CLASS, WORD = np.uint32(15), np.uint32(32)
LAST = np.uint32(0xFFFF)


def code_points(text: str) -> Codes:
    """The code points of a text, uint32[len(text)], not to be written to."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


class Features:
    """Tables of one network, and what they make of characters.

    `ids` is uint16[65536], code point to id; `words` uint8[2**k], by a hash of a word's ids: four bits of the same hash,
    then its class, 1 to 15; `bits` is the width of the hashes of two characters.
    """

    def __init__(self, ids: npt.NDArray[np.uint16], words: npt.NDArray[np.uint8], bits: int) -> None:
        self._ids, self._words = ids.astype(np.uint32), words
        self._pairs = WORD - np.uint32(bits)
        self._slots = WORD - np.uint32(len(words).bit_length() - 1)

    def __call__(self, codes: Codes) -> Row:
        """Ids, hashes of two and words of characters that stand in a row."""
        ids = self.ids(codes)
        return ids.astype(np.int32), self.pairs(ids), self.words(ids)

    def ids(self, codes: Codes) -> Ids:
        """The id of each character; all beyond the first plane have one in common."""
        return self._ids[np.minimum(codes, LAST)]

    def pairs(self, ids: Ids) -> npt.NDArray[np.int32]:
        """A hash of each character and the next, in the width the network has embeddings for."""
        mixed = ids * MULTIPLIERS[0]
        mixed[:-1] += ids[1:] * MULTIPLIERS[1]
        mixed ^= mixed >> np.uint32(15)
        mixed *= STIR
        out: npt.NDArray[np.int32] = (mixed >> self._pairs).astype(np.int32)
        return out

    def words(self, ids: Ids) -> npt.NDArray[np.int32]:
        """The classes of the words of two, three and four characters that begin at each character."""
        count = len(ids)
        padded = np.concatenate([ids, np.zeros(REACH, np.uint32)])
        columns = [padded[k : k + count] for k in range(max(LENGTHS))]
        out = np.zeros(count, np.int32)
        for place, length in enumerate(LENGTHS):
            hashed = word_hash(columns[:length])
            entry = self._words[hashed >> self._slots]
            known = (entry >> np.uint8(4)) == (hashed & CLASS)
            out |= np.where(known, entry & np.uint8(15), np.uint8(0)).astype(np.int32) << np.int32(4 * place)
        return out


def word_hash(columns: Sequence[Ids]) -> Ids:
    """A hash of words of one length, given as their first, second ... characters."""
    hashed = np.zeros_like(columns[0])
    for column, multiplier in zip(columns, MULTIPLIERS, strict=False):
        hashed ^= column * multiplier
        hashed *= STEP
    hashed ^= hashed >> np.uint32(15)
    hashed *= STIR
    hashed ^= hashed >> np.uint32(13)
    return hashed ^ np.uint32(len(columns) * SALT & 0xFFFFFFFF)
