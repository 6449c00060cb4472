"""Write curate/stages/data/mojibake_han.tsv: Han characters that UTF-8 text gives when it is read as GBK.

Run by hand over clean Chinese texts, simplified and traditional: `python tools/make_mojibake_table.py 2026-11-22 PATH...`
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

OUT = Path(__file__).parent.parent / "curate" / "stages" / "data" / "mojibake_han.tsv"
CHARACTERS = 1_500
TIMES = 100  # how much more frequent than in clean text
PER_LINE = 50


def texts(paths: list[Path]) -> list[str]:
    """The texts of all files below `paths`, in UTF-8 or GB18030; others are left out."""
    found = []
    for file in sorted(
        f for path in paths for f in path.rglob("*") if f.suffix in {".md", ".txt", ".json", ".csv", ".iob2"}
    ):
        data = file.read_bytes()
        for encoding in ("utf-8", "gb18030"):
            try:
                found.append(data.decode(encoding))
                break
            except UnicodeDecodeError:
                continue
    return found


def main(date: str, paths: list[Path]) -> None:
    """Write the characters, most frequent first, 50 a line."""
    clean: Counter[str] = Counter()
    broken: Counter[str] = Counter()
    for text in texts(paths):
        clean.update(c for c in text if "\u3400" <= c <= "\u9fff")
        broken.update(c for c in text.encode().decode("gbk", "ignore") if "\u3400" <= c <= "\u9fff")
    often = broken.total() / clean.total() * TIMES
    found = sorted((c for c, n in broken.items() if n > clean[c] * often), key=lambda c: (-broken[c], c))[:CHARACTERS]
    lines = [
        f"# characters. Han characters at least {TIMES} times as frequent in UTF-8 text read as GBK as in clean text (statutes, "
        f"poems, wikis, questions and answers: {clean.total():,} Han characters), by tools/make_mojibake_table.py, {date}."
    ]
    lines += ["".join(found[i : i + PER_LINE]) for i in range(0, len(found), PER_LINE)]
    OUT.write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main(sys.argv[1], [Path(p) for p in sys.argv[2:]])
