"""Write curate/stages/data/simplified.tsv: traditional characters and the simplified ones they become.

Run by hand when OpenCC is updated: `python -m tools.make_simplified_table 2026-11-22` (the date goes into the file).
"""

from __future__ import annotations

import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from .make_script_table import OUT, PER_LINE, dictionary


def main(date: str) -> None:
    """Write the first form of every traditional character, 64 characters a line."""
    with tempfile.TemporaryDirectory() as folder:
        forms = {t: s[0] for t, s in dictionary("TSCharacters", Path(folder)).items() if len(t) == len(s[0]) == 1}
    forms = {t: s for t, s in forms.items() if s != t}
    for t, s in forms.items():
        while s in forms:  # some go on from there
            forms[t] = s = forms[s]
    lines = [
        f"# traditional characters, what each becomes. First forms of TSCharacters of OpenCC {version('opencc')} "
        f"(Apache-2.0, github.com/BYVoid/OpenCC) by tools/make_simplified_table.py, {date}."
    ]
    characters = sorted(forms)
    for i in range(0, len(characters), PER_LINE):
        part = characters[i : i + PER_LINE]
        lines.append(f"{''.join(part)}\t{''.join(forms[c] for c in part)}")
    (OUT.parent / "simplified.tsv").write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
