"""Write curate/stages/data/one_sided.tsv: characters used in only one of simplified and traditional Chinese.

Run by hand when OpenCC is updated: `python tools/make_script_table.py 2026-11-22` (the date goes into the file).
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

import opencc

OUT = Path(__file__).parent.parent / "curate" / "stages" / "data" / "one_sided.tsv"
CLIB = Path(opencc.__file__).parent / "clib"
PER_LINE = 64


def dictionary(name: str, folder: Path) -> dict[str, list[str]]:
    """One of OpenCC's character dictionaries: character → its forms on the other side."""
    text = folder / f"{name}.txt"
    binary = CLIB / "share" / "opencc" / f"{name}.ocd2"
    tool = CLIB / "bin" / "opencc_dict"
    subprocess.run([tool, "-i", binary, "-o", text, "-f", "ocd2", "-t", "text"], check=True)
    rows = (line.split("\t") for line in text.read_text("utf-8").splitlines())
    return {key: forms.split(" ") for key, forms in rows}


def one_sided(own: dict[str, list[str]], other: dict[str, list[str]]) -> list[str]:
    """Characters of `own` that always become another one, and that are no form of the other side."""
    forms_of_other_side = {form for forms in own.values() for form in forms} | set(other)
    return sorted(c for c, forms in own.items() if len(c) == 1 and c not in forms and c not in forms_of_other_side)


def main(date: str) -> None:
    """Write both lists, 64 characters a line."""
    with tempfile.TemporaryDirectory() as folder:
        simplified = dictionary("STCharacters", Path(folder))
        traditional = dictionary("TSCharacters", Path(folder))
    lines = [
        f"# script, characters used in that script only. From STCharacters and TSCharacters of OpenCC {version('opencc')} "
        f"(Apache-2.0, github.com/BYVoid/OpenCC) by tools/make_script_table.py, {date}."
    ]
    for script, characters in (
        ("Hans", one_sided(simplified, traditional)),
        ("Hant", one_sided(traditional, simplified)),
    ):
        for i in range(0, len(characters), PER_LINE):
            lines.append(f"{script}\t{''.join(characters[i : i + PER_LINE])}")
    OUT.write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
