"""Deduplicate one JSONL file with `curate dedup` and with its peers, in turn and on one core, and compare.

`python benchmarks/dedup.py --install` makes the peers' environments, `python benchmarks/dedup.py CORPUS.jsonl` runs. Whole
processes are measured: CPU seconds are user and system time of the command and all that it started. Our command runs before
each peer, so that a ratio is of two neighbours; medians are over rounds.
"""

from __future__ import annotations

import argparse
import ctypes
import hashlib
import itertools
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import venv
from dataclasses import dataclass
from pathlib import Path
from statistics import median

HERE = Path(__file__).absolute().parent
PEERS = {
    "gaoya": "gaoya",
    "rensa": "rensa",
    "rensa_matrix": "rensa",
    "datatrove": "datatrove",
    "datajuicer": "datajuicer",
}
"""Each peer's environment."""
OURS = shlex.join([sys.executable, "-m", "curate", "dedup"]) + " {corpus} --out {out}"
WARM_UP_LINES = 500
PR_SET_CHILD_SUBREAPER = 36


@dataclass(frozen=True)
class Usage:
    seconds: float
    """User and system time of the command and of every process it started."""
    peak: float
    """Most memory of the largest of these processes, in MiB."""


def measure(command: list[str], log: Path, place: Path, environment: dict[str, str]) -> Usage:
    """Run a command in the folder `place`. What it and its processes print goes to `log`."""
    with log.open("wb") as output:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=place,
            env=environment,
        )
        seconds, peak, code = 0.0, 0.0, 0
        while True:  # the command, and the processes that outlive their parents, which are handed to us
            try:
                process, status, used = os.wait4(-1, 0)
            except ChildProcessError:
                break
            seconds += used.ru_utime + used.ru_stime
            peak = max(peak, used.ru_maxrss / 1024)
            if process == child.pid:
                code = child.returncode = os.waitstatus_to_exitcode(status)
    if code:
        raise SystemExit(f"{shlex.join(command)}\nended with {code}; the end of {log}:\n{log.read_text()[-2000:]}")
    return Usage(seconds, peak)


class Benchmark:
    """The tools, what they are run on, and where."""

    def __init__(self, work: Path, ours: str) -> None:
        self.work, self.ours = work, ours
        # offline: data-juicer installs what it misses while it runs
        offline = {"HF_HUB_OFFLINE": "1", "HF_HOME": str(work / "huggingface"), "UV_OFFLINE": "1", "PIP_NO_INDEX": "1"}
        self.environment = {**os.environ, **offline}

    def python(self, environment: str) -> Path:
        return self.work / "environments" / environment / "bin" / "python"

    def install(self, environment: str) -> None:
        venv.create(self.work / "environments" / environment, clear=True, with_pip=True)
        requirements = HERE / "peers" / f"{environment}.txt"
        subprocess.run([self.python(environment), "-m", "pip", "install", "--quiet", "-r", requirements], check=True)

    def run(self, tool: str, corpus: Path) -> tuple[Usage, Path]:
        """What the tool used, and the file that names what it keeps."""
        place = self.work / "runs" / tool
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        log = place.with_suffix(".log")
        if tool == "ours":
            values = {"corpus": shlex.quote(str(corpus)), "out": shlex.quote(str(place / "out"))}
            command, kept = shlex.split(self.ours.format(**values)), place / "out" / "ledger.parquet"
            return measure(command, log, Path.cwd(), dict(os.environ)), kept
        kept = place / "kept.json"
        runner = HERE / "peers" / f"run_{tool}.py"
        command = [str(part) for part in (self.python(PEERS[tool]), runner, corpus, kept, place)]
        return measure(command, log, place, self.environment), kept

    def warm_up(self, tools: list[str], corpus: Path) -> None:
        """One run of each tool that is not measured: compiled kernels are kept, programs and corpus are in memory."""
        head = self.work / "head.jsonl"
        with corpus.open("rb") as lines:
            head.write_bytes(b"".join(itertools.islice(lines, WARM_UP_LINES)))
            while lines.read(1 << 20):
                pass
        for tool in tools:
            self.run(tool, head)

    def reference(self, corpus: Path) -> Path:
        """The exact pairs of the corpus, found once and kept."""
        with corpus.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        found = self.work / f"pairs-{digest[:16]}.npz"
        if not found.exists():
            print("finding the exact pairs; a minute or two for 100 MB", file=sys.stderr)
            subprocess.run([sys.executable, HERE / "reference.py", "pairs", corpus, found], check=True)
        return found


def score(reference: Path, kept: Path) -> dict[str, float]:
    # in a process of its own, as a measured process may be charged with the memory of the one that started it
    command = [sys.executable, HERE / "reference.py", "score", reference, kept]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path, nargs="?", help="JSONL with `id` and `text`")
    parser.add_argument("--peers", nargs="*", choices=PEERS, default=list(PEERS))
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "dedup-benchmark")
    parser.add_argument("--core", type=int, default=min(os.sched_getaffinity(0)), help="the core everything runs on")
    parser.add_argument("--ours", default=OURS, help="our command; {corpus} and {out} are filled in")
    parser.add_argument("--install", action="store_true", help="make the peers' environments anew")
    arguments = parser.parse_args()
    if not (arguments.corpus or arguments.install):
        parser.error("CORPUS or --install is needed")
    work = arguments.work.absolute()
    work.mkdir(parents=True, exist_ok=True)
    benchmark = Benchmark(work, arguments.ours)
    environments = sorted({PEERS[peer] for peer in arguments.peers})
    if arguments.install:
        for environment in environments:
            benchmark.install(environment)
    missing = [environment for environment in environments if not benchmark.python(environment).exists()]
    if missing:
        raise SystemExit(f"not installed under {work}: {' '.join(missing)}; --install makes their environments")
    if arguments.corpus:
        os.sched_setaffinity(0, {arguments.core})  # what is started from here inherits it
        compare(benchmark, arguments.corpus.absolute(), arguments.peers, arguments.rounds)


def compare(benchmark: Benchmark, corpus: Path, peers: list[str], rounds: int) -> None:
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    reference = benchmark.reference(corpus)
    benchmark.warm_up(["ours", *peers], corpus)
    usages: dict[str, list[Usage]] = {tool: [] for tool in ("ours", *peers)}
    ratios: dict[str, list[float]] = {peer: [] for peer in peers}
    scores: dict[str, dict[str, float]] = {}

    def run(tool: str) -> float:
        usage, kept = benchmark.run(tool, corpus)
        usages[tool].append(usage)
        scores[tool] = score(reference, kept)
        return usage.seconds

    for turn in range(1, rounds + 1):
        for peer in peers:
            ours, theirs = run("ours"), run(peer)
            ratios[peer].append(theirs / ours)
            print(f"round {turn}: {peer} {theirs:.2f} s, ours {ours:.2f} s, ratio {theirs / ours:.1f}", file=sys.stderr)
        if not peers:
            run("ours")

    documents, pairs = scores["ours"]["documents"], scores["ours"]["pairs"]
    megabytes = corpus.stat().st_size / 1e6
    print(f"{documents} documents, {megabytes:.1f} MB, {pairs} pairs with J >= 0.8; medians of {rounds} round(s)\n")
    print("| tool | CPU s | docs/s | MB/s | peak MiB | removed | recall | precision | direct | ratio to ours |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for tool, found in scores.items():
        seconds = median(usage.seconds for usage in usages[tool])
        peak = max(usage.peak for usage in usages[tool])
        ratio = f"{median(ratios[tool]):.1f}" if tool in ratios else ""
        print(
            f"| {tool} | {seconds:.2f} | {documents / seconds:,.0f} | {megabytes / seconds:.1f} | {peak:.0f} "
            f"| {found['removed']} | {found['recall']:.4f} | {found['precision']:.4f} | {found['direct']:.4f} | {ratio} |"
        )


if __name__ == "__main__":
    main()
