"""Write tables.npz: `python -m tools.ner.tables OUT.npz DICT.txt TAUGHT.npz...`.

DICT.txt is jieba's dictionary (MIT): word, frequency and part of speech a line. Characters that the taught texts hold often have ids of their own.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from curate.pii.names.data import rows
from curate.pii.names.features import word_hash

from .fold import fold

__all__ = ["ids_of", "word_class", "word_table"]

BITS = 21
OFTEN, OFTEN_HAN = 8, 4
BLOCKS = (
    (0x3400, 0xA000, 2),
    (0x3040, 0x3100, 3),
    (0xAC00, 0xD7A4, 4),
    (0x400, 0x500, 5),
    (0x80, 0x250, 6),
)
"""Characters without an id of their own: rare Han, kana, Hangul, Cyrillic, Latin with accents; all others are 1."""
FIRST = 8
DOTS = "•・．"

CLASSES = {
    "nr": 1, "nrfg": 1, "nrt": 3, "ns": 4, "nt": 5, "nz": 5, "i": 12, "l": 12,
    "m": 13, "mq": 13, "q": 13, "t": 13, "tg": 13, "a": 14, "ad": 14, "ag": 14, "b": 14, "z": 14, "zg": 14,
}  # fmt: skip
NOUNS, VERBS, OTHERS = (6, {"n", "ng", "an", "vn", "s"}), (9, {"v", "vg", "vd"}), 15
KNOWN_NAME, RARE, FREQUENT = 50, 30, 1000  # frequencies in the dictionary


def word_class(tag: str, frequency: int) -> int:
    """1 to 15: names and other proper words, nouns and verbs by frequency, the rest."""
    if tag in CLASSES:
        return CLASSES[tag] + (CLASSES[tag] == 1 and frequency >= KNOWN_NAME)
    for first, tags in (NOUNS, VERBS):
        if tag in tags:
            return first + (frequency >= RARE) + (frequency >= FREQUENT)
    return OTHERS


def word_table(
    words: Iterable[tuple[str, int, str]], ids: npt.NDArray[np.uint16], bits: int = BITS
) -> npt.NDArray[np.uint8]:
    """`Features.words` of words with their frequencies and parts of speech; a frequent word takes a place from a rare one."""
    out = np.zeros(1 << bits, np.uint8)
    kept = sorted((frequency, word, word_class(tag, frequency)) for word, frequency, tag in words)
    for length in (2, 3, 4):
        some = [
            (word, kind)
            for _, word, kind in kept
            if len(word) == length and all("\u4e00" <= c < "\ua000" for c in word)
        ]
        if not some:
            continue
        numbers = np.array([[ids[ord(c)] for c in word] for word, _ in some], np.uint32)
        hashed = word_hash([numbers[:, k] for k in range(length)])
        kinds = np.array([kind for _, kind in some], np.uint32)
        out[hashed >> np.uint32(32 - bits)] = ((hashed & np.uint32(15)) << np.uint32(4) | kinds).astype(np.uint8)
    return out


def ids_of(counts: Counter[str]) -> npt.NDArray[np.uint16]:
    """uint16[65536], code point to id: those of frequent characters and of those that write names in order, digits as one."""
    out = np.ones(0x10000, np.uint16)
    for start, end, number in BLOCKS:
        out[start:end] = number
    kept = {
        c for c, n in counts.items() if ord(c) < len(out) and n >= (OFTEN_HAN if "\u4e00" <= c < "\ua000" else OFTEN)
    }
    kept.update(
        c for table in ("surnames", "transliteration") for row in rows(table) for c in row[0] if ord(c) < len(out)
    )
    kept.add("·")
    for number, character in enumerate(sorted(kept), FIRST):
        out[ord(character)] = number
    out[ord("0") : ord("9") + 1] = out[ord("0")]
    out[[ord(c) for c in DOTS]] = out[ord("·")]
    out[[10, 13]] = 0
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("dictionary", type=Path)
    parser.add_argument("taught", type=Path, nargs="+")
    chosen = parser.parse_args()
    counts: Counter[str] = Counter()
    for path in chosen.taught:
        for piece in np.load(path)["pieces"]:
            counts.update(str(piece))
    ids = ids_of(counts)
    lines = (line.split() for line in chosen.dictionary.read_text("utf-8").splitlines())
    words = word_table(((word, int(frequency), tag) for word, frequency, tag in lines), ids)
    np.savez_compressed(chosen.out, ids=ids, words=words, fold=fold())


if __name__ == "__main__":
    main()
