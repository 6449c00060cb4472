"""Write the tables that the text kernels take from the Unicode Character Database: nfc.tsv, scripts.tsv, classes.tsv.

Run by hand: `python tools/make_unicode_tables.py 2026-11-22` (the date goes into the files). Composition comes from
Python's unicodedata, scripts and categories from the `regex` package, whose Unicode is newer.
"""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Callable, Iterator
from importlib.metadata import version
from itertools import groupby
from pathlib import Path

import regex

DATA = Path(__file__).parent.parent / "curate" / "stages" / "data"
LAST = 0x110000
HANGUL_VOWELS_AND_FINALS = (*range(0x1161, 0x1176), *range(0x11A8, 0x11C3))


def composing() -> set[int]:
    """Code points whose NFC quick check is No or Maybe, or whose combining class is not 0 (UAX #15, section 9)."""
    found = set(HANGUL_VOWELS_AND_FINALS)
    for point in range(LAST):
        if 0xAC00 <= point < 0xD7A4 or 0xD800 <= point < 0xE000:
            continue
        char = chr(point)
        if unicodedata.combining(char) or unicodedata.normalize("NFC", char) != char:
            found.add(point)
        parts = unicodedata.decomposition(char).split()
        # The second half of a canonical pair may compose with what stands before it.
        if len(parts) == 2 and not parts[0].startswith("<"):
            found.add(int(parts[1], 16))
    return found


def script_of(names: dict[str, str]) -> Callable[[int], str]:
    """A function from a code point to the ISO 15924 code of its script; letters, marks and Han numerals only."""
    tests = [
        (code, regex.compile(rf"[\p{{Script={name}}}&&[\p{{L}}\p{{M}}\p{{Nl}}]]", regex.V1))
        for name, code in names.items()
    ]
    letter = regex.compile(r"[\p{L}\p{M}&&[^\p{Script=Common}]]", regex.V1)

    def script(point: int) -> str:
        char = chr(point)
        return next((code for code, test in tests if test.match(char)), "Zzzz" if letter.match(char) else "")

    return script


SCRIPTS = {
    "Inherited": "Zinh", "Han": "Hani", "Hiragana": "Kana", "Katakana": "Kana", "Hangul": "Hang", "Tibetan": "Tibt",
    "Mongolian": "Mong", "Yi": "Yiii", "Lisu": "Lisu", "Miao": "Plrd", "Tai_Le": "Tale", "New_Tai_Lue": "Talu",
    "Latin": "Latn", "Cyrillic": "Cyrl", "Arabic": "Arab", "Greek": "Grek", "Hebrew": "Hebr", "Devanagari": "Deva",
    "Bengali": "Beng", "Gurmukhi": "Guru", "Gujarati": "Gujr", "Tamil": "Taml", "Telugu": "Telu", "Kannada": "Knda",
    "Malayalam": "Mlym", "Sinhala": "Sinh", "Thai": "Thai", "Lao": "Laoo", "Myanmar": "Mymr", "Khmer": "Khmr",
    "Georgian": "Geor", "Armenian": "Armn",
}  # fmt: skip

CLASSES = {
    "replacement": "\ufffd",
    "han": r"[\p{Script=Han}&&[\p{L}\p{Nl}]]",
    "latin": r"[\p{Script=Latin}&&\p{L}]",
    "digit": r"\p{N}",
    "symbol": r"[\p{P}\p{S}]",
    "space": r"[\p{Z}\t\n\r]",
}


def class_of() -> Callable[[int], str]:
    """A function from a code point to the class that quality counts it in; the rest is in none."""
    tests = [(name, regex.compile(pattern, regex.V1)) for name, pattern in CLASSES.items()]

    def name_of(point: int) -> str:
        char = chr(point)
        return next((name for name, test in tests if test.match(char)), "")

    return name_of


def ranges(label: Callable[[int], str]) -> Iterator[str]:
    """Lines `first-last <tab> label` for every run of code points with the same label that is not empty."""
    points = (p for p in range(LAST) if not 0xD800 <= p < 0xE000)
    for (name, _), run in groupby(((label(p), p) for p in points), key=lambda x: (x[0], x[1] >= 0xE000)):
        found = [p for _, p in run]
        if name:
            yield f"{found[0]:04X}-{found[-1]:04X}\t{name}"


def write(name: str, about: str, lines: Iterator[str]) -> None:
    (DATA / name).write_text("\n".join([f"# {about}", *lines]) + "\n", "utf-8")


def main(date: str) -> None:
    """Write the three tables."""
    by = f"by tools/make_unicode_tables.py, {date}."
    newest = f"Unicode Character Database as in regex {version('regex')}, {by}"
    nfc = composing()
    write(
        "nfc.tsv",
        "code points, action. NFC quick check not Yes, or combining class not 0: Unicode "
        f"{unicodedata.unidata_version}, {by}",
        ranges(lambda point: "compose" if point in nfc else ""),
    )
    write("scripts.tsv", f"code points, script (ISO 15924) of letters and marks. {newest}", ranges(script_of(SCRIPTS)))
    write("classes.tsv", f"code points, class that quality counts them in. {newest}", ranges(class_of()))


if __name__ == "__main__":
    main(sys.argv[1])
