"""Hold `relevance` against statutes whose industry is known, and time it.

`python benchmarks/relevance.py ../shared/data/corpora/laws [--lexicons DIR] [--least 5]` prints macro-F1 and a table of confusion
twice: against the folders' names, and against `laws_labels.tsv`, where titles were read. `--lexicons` takes industries from
DIR/*.yaml in place of the built-in ones of the same names.
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
        tell(gold, labels(stage, root, texts))
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


def tell(gold: Sequence[str | None], found: Sequence[str | None]) -> None:
    """Precision, recall and F1 of each industry, their mean, and where its records went; records of none count for no one."""
    went = Counter(zip(gold, found, strict=True))
    means = []
    for name in sorted({g for g in gold if g}):
        right = went[name, name]
        there = sum(n for (g, _), n in went.items() if g == name)
        called = sum(n for (g, f), n in went.items() if f == name and g)
        f1 = 2 * right / (there + called)
        if there >= SCORED:
            means.append(f1)
        away = ", ".join(f"{f or 'none'} {n}" for (g, f), n in went.most_common() if g == name and f != name)
        precision = right / called if called else 0.0
        print(f"{name:20} n {there:4}  precision {precision:.3f}  recall {right / there:.3f}  F1 {f1:.3f}  {away}")
    print(f"macro-F1 over {len(means)} industries with {SCORED} records or more: {sum(means) / len(means):.3f}")
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
