"""The phrases of phrases.txt, and the good texts of the examples that are cut into sentences and words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from random import Random

from curate.catalog import Limits, load_catalog, source_files
from curate.ingest import Item, read_file

__all__ = ["PHRASES", "Stock", "example_texts", "stock"]

EXAMPLES = Path(__file__).parents[2] / "examples"
LEAST = 60
"""Characters of a document."""
SENTENCE = re.compile(r"[^。！？\n]+[。！？]?")
CLAUSE = re.compile(r"[\u4e00-\u9fff]{4,}")


def _phrases() -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for line in Path(__file__).with_name("phrases.txt").read_text("utf-8").splitlines():
        if line.startswith("@@ "):
            group = groups.setdefault(line[3:], [])
        elif line and not line.startswith("# "):
            group.append(line)
    return groups


PHRASES = _phrases()


def example_texts() -> dict[str, list[str]]:
    """By example domain, in order of path, its records of 60 characters or more but those left out, each once."""
    domains: dict[str, list[str]] = {}
    known = set()
    for file in sorted(EXAMPLES.glob("**/catalog.yaml")):
        folder = file.parent
        texts = domains.setdefault(folder.relative_to(EXAMPLES).as_posix(), [])
        for source, name in source_files(folder, load_catalog(folder)):
            path = (folder / name).relative_to(EXAMPLES).as_posix()
            if any(fnmatch(path, pattern) for pattern in PHRASES["left_out"]):
                continue
            for part in read_file(folder / name, name, source, Limits()):
                if isinstance(part, Item) and len(part.text) >= LEAST and part.text not in known:
                    known.add(part.text)
                    texts.append(part.text)
    return domains


@dataclass(frozen=True)
class Stock:
    """Documents, and their sentences and words, from which texts are made."""

    documents: list[str]
    sentences: list[str]
    words: list[str]

    def word(self, random: Random) -> str:
        """A few characters that stand together in a document."""
        return random.choice(self.words)

    def some(self, random: Random, least: int, most: int) -> list[str]:
        """Sentences that follow each other in the documents."""
        count = random.randint(least, most)
        start = random.randrange(max(1, len(self.sentences) - count))
        return self.sentences[start : start + count]

    def phrase(self, random: Random, group: str) -> str:
        """A phrase of `group` with words put in."""
        phrase = random.choice(PHRASES[group])
        while "…" in phrase:
            phrase = phrase.replace("…", self.word(random), 1)
        return phrase


def stock(documents: list[str], random: Random) -> Stock:
    """The sentences and words of `documents`."""
    sentences = [s.strip() for text in documents for s in SENTENCE.findall(text) if len(s.strip()) > 4]
    words = []
    for clause in CLAUSE.findall("\n".join(documents)):
        start = random.randrange(len(clause) - 3)
        word = clause[start : start + random.randint(2, 4)]
        if not any(c in word for c in PHRASES["particles"]):
            words.append(word)
    return Stock(documents, sentences, words)
