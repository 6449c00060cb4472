"""Time the pretrain recipe over one JSONL file: `python benchmarks/pretrain.py CORPUS.jsonl [--workers N] [--set S]...`."""

from __future__ import annotations

import argparse
import ctypes
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36

CATALOG = """\
sources:
  - id: corpus
    title: corpus
    paths: [raw/corpus.jsonl]
    industry: none
    holder: none
    licence: none
    grade: 一般1
    obtained: {on: 2026-01-01, how: built}
"""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--set", action="append", default=[])
    parser.add_argument("--config", default="baijiu")
    arguments = parser.parse_args()
    # processes that outlive their parent (the fork server) are handed to us, so that their time is counted
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    with tempfile.TemporaryDirectory() as place:
        domain = Path(place)
        (domain / "raw").mkdir()
        shutil.copy(arguments.corpus, domain / "raw" / "corpus.jsonl")
        (domain / "domain.yaml").write_text("name: bench\nholder: none\n")
        (domain / "catalog.yaml").write_text(CATALOG, "utf-8")
        sets = [x for s in arguments.set for x in ("--set", s)]
        command = [sys.executable, "-m", "curate", "run", arguments.config, "--domain", str(domain)]
        subprocess.run([*command, "--workers", str(arguments.workers), *sets], check=True)
        while True:
            try:
                os.wait()
            except ChildProcessError:
                break
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        megabytes = arguments.corpus.stat().st_size / 1e6
        seconds = used.ru_utime + used.ru_stime
        print(
            f"{megabytes:.1f} MB in {seconds:.2f} CPU s (user {used.ru_utime:.2f}, system {used.ru_stime:.2f}): "
            f"{megabytes / seconds:.1f} MB per CPU s; largest process {used.ru_maxrss / 1e3:.0f} MB"
        )


if __name__ == "__main__":
    main()
