"""CPU seconds of the stages for text on one corpus, each held against its line: language, quality, repair, relevance.

`python benchmarks/text.py CORPUS.jsonl [--rounds N] [--peers datatrove ...] [--json]`. Each stage is opened and has seen a
record of every script before it is timed; batches are those that a run makes. One core, medians of rounds. The peer runs in its
own environment (`dedup.py --install --peers datatrove` makes it), in turn with our stage of quality.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import pyarrow as pa
import pyarrow.json

from curate.kernels.script import count
from curate.pipeline import Work
from curate.records import text_buffers
from curate.stages.language import Language, Scripts
from curate.stages.quality import Quality
from curate.stages.relevance import Relevance
from curate.stages.repair import Repair

HERE = Path(__file__).absolute().parent
STAGES: dict[str, Callable[[], Any]] = {
    "repair": lambda: Repair(),
    "language": lambda: Language(),
    "quality": lambda: Quality(preset="web"),
    "relevance": lambda: Relevance(),
}
"""As they stand without settings, and quality with the preset that has most rules, repetition among them."""
LINES = {"repair": 1.5, "language": 0.35, "quality": 0.5, "relevance": 2.0}
"""CPU seconds for 100 MB of JSONL that must not be passed."""
PEERS: dict[str, float | None] = {"datatrove": 12.0, "datatrove_chinese": None}
"""How many times as fast as the peer our stage of quality must be; the second is there for comparison only."""
KERNEL_LINE = 500_000
"""Documents/s that the script kernel must reach on texts of so many characters:"""
CHARACTERS = 300
BLOCK = 16 << 20
WARM = (
    "一二三，甲乙丙。" * 40,
    "one two three. " * 30,
    "один два три. " * 30,
    "واحد اثنان. " * 30,
    "한국어 문장. " * 30,
)

Batches = list[pa.RecordBatch]


def seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def all_of(work: Callable[[pa.RecordBatch], object], batches: Batches) -> None:
    for batch in batches:
        work(batch)


def read(corpus: Path, rows: int) -> Batches:
    """The records, `id` and `text`, as a run hands them to a stage."""
    options = pyarrow.json.ReadOptions(block_size=BLOCK, use_threads=False)
    table = pyarrow.json.read_json(corpus, read_options=options).combine_chunks()
    table = pa.table({"id": table["id"].cast(pa.string()), "text": table["text"].cast(pa.string())})
    return list(table.combine_chunks().to_batches(max_chunksize=rows))


def peer(python: Path, tool: str, corpus: Path) -> dict[str, float]:
    """CPU seconds of the peer's filter over the same texts, and how many it keeps."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "found.json"
        subprocess.run([python, HERE / "peers" / "run_datatrove_quality.py", tool, corpus, out], check=True)
        found: dict[str, float] = json.loads(out.read_text())
    return found


def kernel(batches: Batches, rounds: int) -> float:
    """Documents/s of the script kernel over the first characters of every text that has as many."""
    texts = (text for batch in batches for text in batch["text"].to_pylist())
    short = pa.array([text[:CHARACTERS] for text in texts if len(text) >= CHARACTERS], pa.string())
    data, offsets = text_buffers(short)
    scripts = Scripts.load("pycld2")

    def run() -> None:
        count(data, offsets, scripts.table, len(scripts.codes))

    run()
    return len(short) / median(seconds(run) for _ in range(rounds))


def measure(
    corpus: Path, batches: Batches, stages: list[str], peers: list[str], python: Path, rounds: int
) -> list[dict[str, Any]]:
    """A row for each stage, then one for each peer."""
    warm = pa.record_batch({"id": [str(i) for i in range(len(WARM))], "text": list(WARM)})
    opened = {name: STAGES[name]().open() for name in stages}
    spent: dict[str, list[float]] = {name: [] for name in (*stages, *peers)}
    ratios: dict[str, list[float]] = {name: [] for name in peers}
    kept: dict[str, float] = {}
    for work in opened.values():
        work(warm)
        work(batches[0])
    for turn in range(rounds):
        for name, work in opened.items():
            spent[name].append(seconds(partial(all_of, work, batches)))
        for name in peers:
            ours = seconds(partial(all_of, opened["quality"], batches))
            theirs = peer(python, name, corpus)
            spent[name].append(theirs["seconds"])
            ratios[name].append(theirs["seconds"] / ours)
            kept[name] = theirs["kept"]
        last = ", ".join(f"{name} {took[-1]:.3f} s" for name, took in spent.items())
        print(f"round {turn + 1}: {last}", file=sys.stderr)
    megabytes = corpus.stat().st_size / 1e6
    rows: list[dict[str, Any]] = []
    for name, took in spent.items():
        middle = median(took)
        row: dict[str, Any] = {
            "what": name,
            "seconds": middle,
            "least": min(took),
            "most": max(took),
            "seconds_per_100_mb": middle * 100 / megabytes,
        }
        if name in LINES:
            row |= {"line": LINES[name], "met": row["seconds_per_100_mb"] <= LINES[name]}
        else:
            ratio = median(ratios[name])
            row |= {"kept": kept[name], "ratio": ratio}
            if (line := PEERS[name]) is not None:
                row |= {"line": line, "met": ratio >= line}
        rows.append(row)
    return rows


def table(rows: list[dict[str, Any]]) -> str:
    """Markdown."""
    out = ["| | CPU s | least–most | s per 100 MB | line | met |", "|---|---|---|---|---|---|"]
    for row in rows:
        name, line, met = row["what"], "", ""
        if "ratio" in row:
            name = f"{name}, keeps {row['kept']:,}; quality is {row['ratio']:.1f} times as fast"
        if "line" in row:
            line = f"≥ {row['line']:g} times" if "ratio" in row else f"≤ {row['line']} s"
            met = "yes" if row["met"] else "no"
        spread = f"{row['least']:.3f}–{row['most']:.3f}"
        out.append(f"| {name} | {row['seconds']:.3f} | {spread} | {row['seconds_per_100_mb']:.3f} | {line} | {met} |")
    return "\n".join(out)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path, help="JSONL with `id` and `text`, about 100 MB")
    parser.add_argument("--stages", nargs="*", choices=STAGES, default=list(STAGES))
    parser.add_argument("--peers", nargs="*", choices=PEERS, default=[])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--rows", type=int, default=Work.model_fields["batch_rows"].default, help="records in a batch")
    parser.add_argument("--core", type=int, default=min(os.sched_getaffinity(0)), help="the core everything runs on")
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "dedup-benchmark")
    parser.add_argument("--json", action="store_true", help="JSON in place of the table")
    arguments = parser.parse_args()
    python = arguments.work.absolute() / "environments" / "datatrove" / "bin" / "python"
    if arguments.peers and not python.exists():
        raise SystemExit(f"datatrove is not installed under {arguments.work}; dedup.py --install makes its environment")
    if arguments.peers and "quality" not in arguments.stages:
        parser.error("--peers needs the stage quality")
    os.sched_setaffinity(0, {arguments.core})  # what is started from here inherits it
    pa.set_cpu_count(1)
    corpus = arguments.corpus.absolute()
    batches = read(corpus, arguments.rows)
    rows = measure(corpus, batches, arguments.stages, arguments.peers, python, arguments.rounds)
    documents = sum(batch.num_rows for batch in batches)
    speed = kernel(batches, arguments.rounds)
    if arguments.json:
        about = {"documents": documents, "megabytes": corpus.stat().st_size / 1e6, "rounds": arguments.rounds}
        script = {
            "characters": CHARACTERS,
            "documents_per_second": speed,
            "line": KERNEL_LINE,
            "met": speed >= KERNEL_LINE,
        }
        print(json.dumps({**about, "rows": rows, "script_kernel": script}, indent=2))
        return
    print(f"{documents:,} documents, {corpus.stat().st_size / 1e6:.1f} MB; medians of {arguments.rounds}\n")
    print(table(rows))
    print(f"\nscript kernel, {CHARACTERS} characters: {speed:,.0f} documents/s (line: {KERNEL_LINE:,})")


if __name__ == "__main__":
    main()
