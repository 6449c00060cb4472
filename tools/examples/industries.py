"""Writes domain.yaml and catalog.yaml of every example in examples/industries, always with the same bytes.

Run with: python -m tools.examples.industries [FOLDER]

The texts in `NAME/raw` are written by hand: `own-1.txt` is of the industry, `other-gas-1.txt` of a neighbour and must be dropped. All
stand in one source, as they would in a mixed one.
"""

from __future__ import annotations

import sys
from pathlib import Path

from curate.industry import Profile, builtin_profiles

__all__ = ["FOLDER", "build"]

FOLDER = Path(__file__).parents[2] / "examples" / "industries"

DOMAIN = """\
# A small domain of documents of {title} and of neighbouring industries. All texts, and the holder, are invented.
name: {name}-small
holder: 示例单位（非真实单位）
"""

CATALOG = """\
# Run it with: curate run {name} --domain examples/industries/{name}
sources:
  - id: mixed
    title: {title}及相邻行业文稿        # of this industry, and of neighbours that must be dropped
    paths: [raw/*.txt]
    industry: {name}
    holder: 示例单位（非真实单位）
    licence: CC-BY-4.0
    grade: {grade}                     # 分级 by GB/T 43697
    obtained: {{on: 2026-11-22, how: 为本示例编写}}
"""


def build(folder: Path = FOLDER) -> list[Path]:
    """Write the files of every example in `folder` that has texts; gives what was written."""
    written = []
    for raw in sorted(folder.glob("*/raw")):
        profile = builtin_profiles()[raw.parent.name]
        for name, text in (("domain.yaml", DOMAIN), ("catalog.yaml", CATALOG)):
            (raw.parent / name).write_text(filled(text, profile), "utf-8")
            written.append(raw.parent / name)
    return written


def filled(text: str, profile: Profile) -> str:
    return text.format(name=profile.name, title=profile.title, grade=profile.grade or "一般2")


if __name__ == "__main__":
    for file in build(*(Path(a) for a in sys.argv[1:])):
        sys.stdout.write(f"{file}\n")
