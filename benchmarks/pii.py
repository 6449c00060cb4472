"""CPU speed of the structured entities (结构化个人信息): the gate over whole columns, and the recogniser on what it leaves.

`python benchmarks/pii.py FOLDER [--rounds N] [--json]`, where FOLDER holds text files in which little is found, such as statutes. The same
characters are read again in pieces of 600, each with one made-up value. One core, medians of rounds, after one round that is
not counted.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

import pyarrow as pa

from curate.pii import data
from curate.pii.gate import Gate
from curate.pii.recogniser import ChineseRecognizer
from curate.pii.rules import rules

LINES = {"sparse": 100.0, "dense": 20.0}
"""MB/s that must be reached."""
EVERY = 600
"""Characters between two values."""


def dense(texts: Sequence[str], size: int) -> list[str]:
    """About `size` characters in pieces of `EVERY`, each ending with a value behind a word that announces it."""
    words = {rule.row.entity: rule.row.words[0] for rule in reversed(rules())}
    values = [f"{words[entity]}：{form}，" for entity, form in data.rows("samples")]
    body = "".join(texts)[:size]
    return [body[at : at + EVERY] + values[i % len(values)] for i, at in enumerate(range(0, len(body), EVERY))]


def run(gate: Gate, recognizer: ChineseRecognizer, column: pa.Array) -> tuple[int, int]:
    """As a stage does it: texts that the gate leaves become strings and are looked through. How many those are, and finds."""
    left = gate.texts(column).nonzero()[0].tolist()
    return len(left), sum(len(recognizer.hits(column[row].as_py())) for row in left)


def measure(name: str, texts: Sequence[str], rounds: int) -> dict[str, Any]:
    """One row of the table."""
    gate, recognizer, column = Gate(), ChineseRecognizer(), pa.array(texts)
    left, found = run(gate, recognizer, column)
    megabytes = sum(len(text.encode()) for text in texts) / 1e6
    speeds = []
    for _ in range(rounds):
        start = time.process_time()
        run(gate, recognizer, column)
        speeds.append(megabytes / (time.process_time() - start))
    middle = median(speeds)
    return {
        "what": name,
        "documents": len(texts),
        "megabytes": megabytes,
        "left": left,
        "finds": found,
        "megabytes_per_second": middle,
        "line": LINES[name],
        "met": middle >= LINES[name],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="text files, looked for at any depth")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--size", type=int, default=3_000_000, help="characters of the dense text")
    parser.add_argument("--core", type=int, default=min(os.sched_getaffinity(0)), help="the core everything runs on")
    parser.add_argument("--json", action="store_true", help="JSON in place of the table")
    arguments = parser.parse_args()
    os.sched_setaffinity(0, {arguments.core})
    files = sorted(file for file in arguments.folder.rglob("*") if file.suffix in (".txt", ".md"))
    texts = [file.read_text("utf-8", errors="replace") for file in files]
    if not texts:
        parser.error("no .txt or .md file in the folder")
    rows = [
        measure("sparse", texts, arguments.rounds),
        measure("dense", dense(texts, arguments.size), arguments.rounds),
    ]
    if arguments.json:
        print(json.dumps(rows, indent=2))
        return
    print("| | documents | MB | left by the gate | finds | MB/s | line | met |\n|---|---|---|---|---|---|---|---|")
    for row in rows:
        print(
            f"| {row['what']} | {row['documents']:,} | {row['megabytes']:.1f} | {row['left']:,} | {row['finds']:,} "
            f"| {row['megabytes_per_second']:.0f} | ≥ {row['line']:g} | {'yes' if row['met'] else 'no'} |"
        )


if __name__ == "__main__":
    main()
