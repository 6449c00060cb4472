"""How much memory `curate dedup` takes on corpora of 100, 400 and 1,600 MB: `python benchmarks/memory.py CORPUS.jsonl`.

The larger corpora hold the records of CORPUS again and again, each time with the 2,500 commonest Chinese characters
exchanged in another way: such a text has little in common with the one it was made from, and its near duplicates are as near
as before. The same input gives the same bytes. What is printed is of the whole process: CPU seconds, the most memory it
ever held, and the most of it that was its own; the rest is pages of mapped files, which the system may take back at any time.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

SAMPLE, CHARACTERS = 5000, 2500
EVERY = 0.005
"""Seconds between two looks at a process."""
LOOKS = ("VmHWM", "RssAnon", "RssFile")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path, help="JSONL with `text`")
    parser.add_argument("--sizes", type=float, nargs="+", default=[100, 400, 1600], metavar="MB")
    parser.add_argument(
        "--work", type=Path, help="a folder with room for twice the largest size and its text once more"
    )
    parser.add_argument("--options", default="", help="more options of `curate dedup`, as one word")
    arguments = parser.parse_args()
    print("| MB | records | kept | CPU s | peak MiB | own MiB | mapped files MiB |")
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="dedup-memory-", dir=arguments.work) as place:
        head = Path(place) / "head.jsonl"
        write(arguments.corpus, head, 1e5)
        measure(head, Path(place) / "out", arguments.options.split())  # kernels are compiled and kept
        for size in arguments.sizes:
            corpus, out = Path(place) / "corpus.jsonl", Path(place) / "out"
            write(arguments.corpus, corpus, size * 1e6)
            seconds, most, said = measure(corpus, out, arguments.options.split())
            memory = " | ".join(f"{most[name]:,.0f}" for name in LOOKS)
            counts = f"{said['records']:,} | {said['kept']:,}"
            print(f"| {corpus.stat().st_size / 1e6:,.1f} | {counts} | {seconds:.1f} | {memory} |", flush=True)


def write(corpus: Path, out: Path, size: float) -> None:
    """As many records as make `size` bytes."""
    with out.open("wb") as file:
        for number, text in enumerate(texts(corpus)):
            size -= file.write(json.dumps({"id": number, "text": text}, ensure_ascii=False).encode() + b"\n")
            if size <= 0:
                return


def texts(corpus: Path) -> Iterator[str]:
    """The texts of a corpus, and then in each turn again with other characters."""
    with corpus.open("rb") as lines:
        sample = [json.loads(line)["text"] for line in itertools.islice(lines, SAMPLE)]
    counts = Counter(c for text in sample for c in text if "\u4e00" <= c <= "\u9fff")
    common = [c for c, _ in counts.most_common(CHARACTERS)]
    for turn in itertools.count():
        exchanged = common.copy()
        if turn:
            random.Random(turn).shuffle(exchanged)
        table = str.maketrans(dict(zip(common, exchanged, strict=True)))
        with corpus.open("rb") as lines:
            for line in lines:
                yield json.loads(line)["text"].translate(table)


def measure(corpus: Path, out: Path, options: list[str]) -> tuple[float, dict[str, float], dict[str, int]]:
    """CPU seconds, the most that was seen of each of LOOKS in MiB, and what the command says."""
    shutil.rmtree(out, ignore_errors=True)
    command = [sys.executable, "-m", "curate", "dedup", str(corpus), "--out", str(out), "--json", *options]
    most = dict.fromkeys(LOOKS, 0.0)
    with tempfile.TemporaryFile() as printed:
        child = subprocess.Popen(command, stdout=printed)
        while True:
            process, status, used = os.wait4(child.pid, os.WNOHANG)
            if process:
                break
            for line in Path(f"/proc/{child.pid}/status").read_text().splitlines():
                name, _, value = line.partition(":")
                if name in most:
                    most[name] = max(most[name], int(value.split()[0]) / 1024)
            time.sleep(EVERY)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            raise SystemExit(f"{command} ended with {child.returncode}")
        printed.seek(0)
        return used.ru_utime + used.ru_stime, most, json.load(printed)


if __name__ == "__main__":
    main()
