"""Write the tables of characters that repair reads: curate/stages/data/repair_readings.tsv and repair_common.tsv.

Run by hand, with pypinyin installed, over clean Chinese texts: `python -m tools.make_repair_tables 2026-11-22 PATH...`
"""

from __future__ import annotations

import importlib
import sys
import unicodedata
from collections import Counter, defaultdict
from importlib.metadata import version
from pathlib import Path

from curate.stages.tables import rows
from tools.make_mojibake_table import texts

DATA = Path(__file__).parent.parent / "curate" / "stages" / "data"
COMMON = 3_000
PER_LINE = 50
TONES = dict.fromkeys(map(ord, "\u0300\u0301\u0304\u030c"))


def plain(syllable: str) -> str:
    """A syllable without its tone; ü stays."""
    bare = unicodedata.normalize("NFD", syllable).translate(TONES)
    return unicodedata.normalize("NFC", bare)


def listed(character: str) -> bool:
    """Whether GB2312 or Big5 has the character."""
    for encoding in ("gb2312", "big5"):
        try:
            character.encode(encoding)
            return True
        except UnicodeEncodeError:
            continue
    return False


def readings(date: str) -> None:
    """Write each syllable with the characters that may be read so, and before them those that have one reading alone."""
    pypinyin = importlib.import_module("pypinyin")
    found: defaultdict[str, list[str]] = defaultdict(list)
    one: list[str] = []
    for character in map(chr, range(0x4E00, 0xA000)):
        if not listed(character):
            continue
        toned = set(pypinyin.pinyin(character, heteronym=True)[0])
        for syllable in sorted({plain(s) for s in toned}):
            if syllable.isalpha() and syllable != character:
                found[syllable].append(character)
        if len(toned) == 1:
            one.append(character)
    lines = [
        f"# syllable without tone, characters of GB2312 and Big5 that may be read so; 'one': characters with one reading "
        f"alone, tone included. From pypinyin {version('pypinyin')} (MIT), by tools/make_repair_tables.py, {date}."
    ]
    lines.append("one\t" + "".join(one))
    lines += [f"{syllable}\t{''.join(found[syllable])}" for syllable in sorted(found)]
    (DATA / "repair_readings.tsv").write_text("\n".join(lines) + "\n", "utf-8")


def common(date: str, paths: list[Path]) -> None:
    """Write the most frequent characters, simplified and traditional counted as one, and the traditional ones of them."""
    simple = {t: s for old, new in rows("simplified.tsv") for t, s in zip(old, new, strict=True)}
    counts: Counter[str] = Counter()
    for text in texts(paths):
        counts.update(simple.get(c, c) for c in text if "\u4e00" <= c <= "\u9fff")
    best = sorted(counts, key=lambda c: (-counts[c], c))[:COMMON]
    kept = set(best)
    best += [t for t, s in simple.items() if s in kept and t not in kept]
    lines = [
        f"# characters. The {COMMON} Han characters most frequent in statutes, poems, wikis, questions and answers "
        f"({counts.total():,} Han characters), in that order, then their traditional forms, by tools/make_repair_tables.py, {date}."
    ]
    lines += ["".join(best[i : i + PER_LINE]) for i in range(0, len(best), PER_LINE)]
    (DATA / "repair_common.tsv").write_text("\n".join(lines) + "\n", "utf-8")


def main(date: str, paths: list[Path]) -> None:
    """Write both tables."""
    readings(date)
    common(date, paths)


if __name__ == "__main__":
    main(sys.argv[1], [Path(p) for p in sys.argv[2:]])
