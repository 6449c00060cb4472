"""The texts of the meteorology example: what each one is, what is planted in it, and what must become of it.

A file of `meteorology_texts/` holds texts as `marked` reads them; the first line of a text is its title. Its head is

    @@ name                    a text to be kept
    @@ name | near base        a near duplicate: the lines below are changes `old => new` of the text `base`
    @@ name | stage reason     a text that this stage takes out; no reason where several would hold
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from .marked import Rendered, load, render, shingles

__all__ = ["Text", "check", "read_texts"]

NEAR, APART = 0.85, 0.6  # Jaccard that a planted near duplicate reaches, and that no other pair of kept texts does
KEPT_CHARS = 150  # a text that is to be kept is at least this long


@dataclass(frozen=True)
class Text:
    """One text with its values in place, and the fate declared for it."""

    name: str
    base: str
    """The text that this one is a near duplicate of, or itself."""
    drop: tuple[str, str] | None
    """Stage and reason that take it out."""
    rendered: Rendered

    @property
    def plain(self) -> str:
        """The whole text, title first."""
        return self.rendered.text

    @property
    def lines(self) -> list[str]:
        """Title and paragraphs."""
        return self.plain.split("\n")


def read_texts(folder: Path) -> dict[str, Text]:
    """All texts of the folder by name.

    Raises:
        ValueError: a name is used twice, or a change does not find its one place.
    """
    marked: dict[str, str] = {}
    texts: dict[str, Text] = {}
    for file in sorted(folder.glob("*.txt")):
        for entry in load(file):
            name, about = entry.head[0], entry.head[1] if len(entry.head) > 1 else ""
            if name in texts:
                raise ValueError(f"{file.name}: {name} is used twice")
            marked[name] = entry.text
            first, _, second = about.partition(" ")
            if first == "near":
                edits = [(old, new) for old, _, new in (line.partition(" => ") for line in entry.text.splitlines())]
                texts[name] = Text(name, second, None, render(marked[second], edits))
            else:
                texts[name] = Text(name, name, (first, second) if first else None, render(entry.text))
    return texts


def check(texts: Mapping[str, Text]) -> None:
    """That the texts bear out what is declared of them.

    Raises:
        ValueError: a text to be kept is short, a near duplicate is not near, or two other texts are too alike.
    """
    whole = {name: text for name, text in texts.items() if not text.drop}
    short = [name for name, text in whole.items() if len(text.plain) < KEPT_CHARS]
    if short:
        raise ValueError(f"too short to be kept safely: {short}")
    grams = {name: shingles(text.plain) for name, text in whole.items()}
    for a, b in combinations(whole, 2):
        alike = len(grams[a] & grams[b]) / len(grams[a] | grams[b])
        near = whole[a].base == whole[b].base
        if (near and alike < NEAR) or (not near and alike >= APART):
            raise ValueError(f"{a} and {b}: Jaccard {alike:.3f}, declared {'near' if near else 'apart'}")
