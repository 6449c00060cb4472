"""Names of persons: what leaks, what is masked for nothing, and how fast.

`python -m benchmarks.names --labelled FILE... --speed NAME=FOLDER_OR_FILE...` prints, for each profile, leak and precision in percent of
characters over all labelled files (IOB2 or JSON Lines) together, and million characters per CPU second of one thread.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from pathlib import Path

import numpy as np

from curate.pii.names.finder import NameFinder
from curate.pii.names.profiles import Name
from tools.ner.labelled import marked, read

PROFILES: tuple[Name, ...] = ("fast", "balanced", "recall")
ROUNDS = 3
MOST = 2_000_000  # characters read of a folder
TEXTS = (".txt", ".md", ".rst")
LABELLED = (".iob2", ".jsonl")


def kind(name: str) -> str:
    """What sort of name it is, to see which leak."""
    if name.isascii():
        return "Latin"
    return "dotted" if "·" in name else f"{min(len(name), 5)} Han"


def leaks(finder: NameFinder, files: list[Path], apart: bool) -> None:
    """Each sentence is a text of its own, or all sentences of a file are lines of one text."""
    counts: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    for file in files:
        sentences = read(file)
        texts = [text for text, _ in sentences]
        starts = np.zeros(len(texts), int) if apart else np.cumsum([0, *(len(text) + 1 for text in texts[:-1])])
        found = finder.find_many(texts if apart else ["\n".join(texts)])
        masks = [np.zeros(len(text), bool) for text in (texts if apart else ["\n".join(texts)])]
        for mask, one in zip(masks, found, strict=True):
            for hit in one.persons:
                mask[hit.start : hit.end] = True
        for which, (sentence, start) in enumerate(zip(sentences, starts, strict=True)):
            said = masks[which if apart else 0][start : start + len(sentence[0])]
            gold = marked(sentence, "PER")
            counts.update(gold=int(gold.sum()), leaked=int((gold & ~said).sum()), said=int(said.sum()))
            for a, b, label in sentence[1]:
                if label == "PER":
                    missed[kind(sentence[0][a:b])] += int((~said[a:b]).sum())
    leak = counts["leaked"] / counts["gold"]
    precision = (counts["gold"] - counts["leaked"]) / max(1, counts["said"])
    parts = ", ".join(f"{name} {number / counts['gold']:.1%}" for name, number in sorted(missed.items()) if number)
    print(f"  {'sentences' if apart else 'one text'}: leak {leak:.2%}, precision {precision:.2%} (of it {parts})")


def texts_of(place: Path) -> list[str]:
    """The texts of a folder, up to a size; of a labelled file its sentences, as one text."""
    if place.suffix in LABELLED:
        return ["\n".join(text for text, _ in read(place))]
    out, size = [], 0
    files = [place] if place.is_file() else sorted(f for f in place.rglob("*") if f.suffix in TEXTS)
    for file in files[:: max(1, len(files) // 200)]:
        text = file.read_text("utf-8", "replace")
        out.append(text)
        size += len(text)
        if size > MOST:
            break
    return out


def speed(profile: Name, name: str, places: list[Path]) -> None:
    """The best of some rounds, each with a finder that remembers no line."""
    texts = [text for place in places for text in texts_of(place)]
    rounds, hits = [], 0
    for _ in range(ROUNDS):
        finder = NameFinder(profile)
        finder.find_many(["由李建国担任组长，去云州市检查 Ada Lovelake 的锅炉。"])
        start = time.process_time()
        found = finder.find_many(texts)
        rounds.append(time.process_time() - start)
        hits = sum(len(one.persons) for one in found)
    size = sum(map(len, texts))
    print(
        f"  {name}: {size / min(rounds) / 1e6:.2f} million characters/s ({size:,}; {hits / size * 1e4:.1f} names in 10,000)"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--labelled", type=Path, nargs="*", default=[])
    parser.add_argument("--speed", nargs="*", default=[], metavar="NAME=PATH[,PATH]")
    parser.add_argument("--profiles", nargs="*", default=PROFILES, choices=PROFILES)
    chosen = parser.parse_args()
    for profile in chosen.profiles:
        finder = NameFinder(profile)
        print(f"{profile} ({finder.path})")
        if chosen.labelled:
            leaks(finder, chosen.labelled, apart=True)
            leaks(finder, chosen.labelled, apart=False)
        for entry in chosen.speed:
            name, _, places = entry.partition("=")
            speed(profile, name, [Path(place) for place in places.split(",")])


if __name__ == "__main__":
    main()
