"""Hold `relevance` against statutes whose industry is known, and time it.

`python benchmarks/relevance.py ../shared/data/corpora/laws [--lexicons DIR] [--least 5]` prints macro-F1 and a table of confusion
against the folders' names, and against `laws_labels.tsv`, where titles were read. `--lexicons` takes industries from
DIR/*.yaml in place of the built-in ones of the same names.

The folders were made by single words of titles. So against them it also prints macro-F1 without the statutes that a word put
into a folder for no reason in what they are about (`MISPLACED`), and what a reader of titles would reach.
"""

from __future__ import annotations

import argparse
import csv
import re
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from curate.stages.relevance import Relevance

FOLDERS = {"alcohol": "baijiu", "coal-mine": "coal", "culture-ethnic": None, "emergency": None, "environment": None}
"""The industry of a folder, where that is not its name; None for those of no single one of the 24."""
PLACES = re.compile("河南省|丽水市|湖州市|漯河市|彭水苗族|秀山土家族|散装水泥")
"""Names with a character for water in them."""
MISPLACED = {"water": re.compile("[水河湖江洪]|流域"), "alcohol": re.compile("酒")}
"""Folders that a title belongs to only if this stands in it elsewhere than in the name of a place."""
SCORED = 10
"""An industry with fewer records than this is in the table, but not in the mean."""
MEGABYTES = 100
ROWS = 256


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--lexicons", type=Path)
    parser.add_argument("--least", type=float, default=Relevance.model_fields["least"].default)
    arguments = parser.parse_args()
    files = sorted(p for p in arguments.corpus.glob("*/*") if p.is_file())
    texts = [p.read_text("utf-8", "replace") for p in files]
    by_folder = [FOLDERS.get(p.parent.name, p.parent.name) for p in files]
    by_title = titles(files)
    root = arguments.lexicons or Path()
    extra = tuple(sorted(p.name for p in root.glob("*.yaml"))) if arguments.lexicons else ()
    some = tuple(sorted({name for name in by_folder if name}))
    for heading, among, gold in (
        ("by folder, among the industries that have one", some, by_folder),
        ("by folder, among all", (), by_folder),
        ("by title, among all", (), by_title),
    ):
        stage = Relevance(relabel=True, least=arguments.least, among=among, files=extra)
        print(f"\n## {heading}")
        found = labels(stage, root, texts)
        tell(gold, found)
        if gold is by_folder:
            told = [not misplaced(file) for file in files]
            rows = [row for row in zip(by_folder, found, by_title, told, strict=True) if row[3]]
            mean("without the misplaced", f1([row[0] for row in rows], [row[1] for row in rows]))
            mean("a reader of titles", f1(by_folder, read(by_folder, found, by_title, told)))
    speed(Relevance(files=extra), root, texts)


def titles(files: Sequence[Path]) -> list[str | None]:
    """The industry of each file by the table of titles."""
    with (Path(__file__).parent / "laws_labels.tsv").open(encoding="utf-8") as table:
        rows = [row for row in csv.reader(table, delimiter="\t") if not row[0].startswith("#")]
    out = []
    for file in files:
        label = next(label for folder, part, label in rows if folder == file.parent.name and re.search(part, file.name))
        out.append(None if label == "-" else label)
    return out


def batches(texts: Sequence[str]) -> list[pa.RecordBatch]:
    whole = pa.table({"id": [str(i) for i in range(len(texts))], "text": pa.array(texts, pa.string())})
    return list(whole.to_batches(max_chunksize=ROWS))


def labels(stage: Relevance, root: Path, texts: Sequence[str]) -> list[str | None]:
    work = stage.open(root)
    return [name for batch in batches(texts) for name in work(batch)["industry"].to_pylist()]


def misplaced(file: Path) -> bool:
    """Whether the word that its folder was made by is in a file's name only as part of that of a place, or not at all."""
    word = MISPLACED.get(file.parent.name)
    return word is not None and not word.search(PLACES.sub("", file.stem.partition("__")[2]))


def read(
    by_folder: Sequence[str | None],
    found: Sequence[str | None],
    by_title: Sequence[str | None],
    told: Sequence[bool],
) -> list[str | None]:
    """What a reader of titles would say: what was read, else the folder if it tells anything, else what was found."""
    return [t or (folder if ok else f) for folder, f, t, ok in zip(by_folder, found, by_title, told, strict=True)]


def f1(gold: Sequence[str | None], found: Sequence[str | None]) -> dict[str, float]:
    """F1 of each industry with `SCORED` records or more; records of none count for no one."""
    there = Counter(g for g in gold if g)
    called = Counter(f for g, f in zip(gold, found, strict=True) if g)
    right = Counter(g for g, f in zip(gold, found, strict=True) if g == f)
    return {name: 2 * right[name] / (n + called[name]) for name, n in sorted(there.items()) if n >= SCORED}


def mean(heading: str, scores: dict[str, float]) -> None:
    """Macro-F1, and that without alcohol: most of its folder is food and tobacco, and none of the 24 is of those."""
    others = [score for name, score in scores.items() if name != FOLDERS["alcohol"]]
    every = f"{sum(scores.values()) / len(scores):.3f} over {len(scores)}"
    print(f"macro-F1, {heading}: {every}, {sum(others) / len(others):.3f} without alcohol")


def tell(gold: Sequence[str | None], found: Sequence[str | None]) -> None:
    """Precision, recall and F1 of each industry, their mean, and where its records went."""
    went = Counter(zip(gold, found, strict=True))
    for name in sorted({g for g in gold if g}):
        right = went[name, name]
        there = sum(n for (g, _), n in went.items() if g == name)
        called = sum(n for (g, f), n in went.items() if f == name and g)
        away = ", ".join(f"{f or 'none'} {n}" for (g, f), n in went.most_common() if g == name and f != name)
        precision = right / called if called else 0.0
        score = 2 * right / (there + called)
        print(f"{name:20} n {there:4}  precision {precision:.3f}  recall {right / there:.3f}  F1 {score:.3f}  {away}")
    mean(f"industries with {SCORED} records or more", f1(gold, found))
    print("records of none: " + ", ".join(f"{f or 'none'} {n}" for (g, f), n in went.most_common() if g is None))


def speed(stage: Relevance, root: Path, texts: Sequence[str]) -> None:
    """CPU seconds over so many copies of the texts that they are about `MEGABYTES`."""
    began = time.process_time()
    work = stage.open(root)
    opened = time.process_time() - began
    parts = batches(texts)
    work(parts[0])  # kernels loaded
    size = sum(len(text.encode()) for text in texts)
    times = max(1, round(MEGABYTES * 1e6 / size))
    began = time.process_time()
    for _ in range(times):
        for batch in parts:
            work(batch)
    seconds = time.process_time() - began
    megabytes = times * size / 1e6
    print(f"\nopened in {opened:.2f} CPU s; {megabytes:.0f} MB in {seconds:.2f} CPU s: {megabytes / seconds:.0f} MB/s")


if __name__ == "__main__":
    main()
