"""The steps of near deduplication as a run takes them, each in a worker of its own whose memory is watched."""

from __future__ import annotations

import multiprocessing as mp
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from curate.engines.worker import start_worker
from curate.jobs.files import open_mapped, writer
from curate.jobs.keys import Keys
from curate.jobs.shuffle import emitted_of, groups, read_groups, write_groups
from curate.stages.near_dedup import NearDedup

from .planted import Planted

STAGE = NearDedup()
POLL_SECONDS = 0.02


@dataclass
class Cost:
    """What the tasks of one step took: CPU seconds; MB of memory at the peak, and before the first task."""

    cpu: float = 0.0
    tasks: int = 0
    resident: int = 0
    anonymous: int = 0
    idle: int = 0
    longest: float = 0.0
    results: list[Any] = field(default_factory=list)


def key_file(folder: Path, shard: int) -> Path:
    return folder / f"{shard:05d}.keys.arrow"


def emit(folder: Path, documents: int, shard: int) -> float:
    """Write the keys of a shard, signatures and all; return the CPU seconds of `emit` alone."""
    corpus = Planted(documents)
    addresses = corpus.addresses(shard)
    ids_and_texts = corpus.take(addresses, ["id", "text"]).combine_chunks().to_batches()[0]
    began = time.process_time()
    emitted = STAGE.emit(ids_and_texts)
    spent = time.process_time() - began
    keys = Keys(STAGE)
    keys.add(emitted, ids_and_texts, addresses)
    keys.write([key_file(folder, shard)])
    return spent


def group(folder: Path, shards: int, keys: Sequence[str], cut: tuple[int, int], output: Path) -> list[int]:
    """As `jobs.shuffle.group_keys`."""
    emitted = emitted_of([key_file(folder, i) for i in range(shards)])
    return write_groups(groups(emitted, keys, *cut, singles=False), shards, output)


def reduce(documents: int, files: Sequence[Path], run: tuple[int, int], output: Path) -> int:
    """As `jobs.shuffle.reduce_part`."""
    edges = STAGE.reduce(read_groups(files, *run), Planted(documents))
    _write(edges, output)
    return int(edges.num_rows)


def merge(documents: int, parts: Sequence[Path], output: Path) -> int:
    """As `jobs.shuffle.merge_parts`."""
    decisions = STAGE.merge((open_mapped(path).read_all() for path in parts), Planted(documents))
    _write(decisions, output)
    return int(decisions.num_rows)


def _write(table: pa.Table, output: Path) -> None:
    with writer(output, table.schema) as out:
        out.write_table(table.combine_chunks())


def measured(function: Any, calls: Sequence[tuple[Any, ...]]) -> Cost:
    """Call `function` in a worker with each of `calls` in turn."""
    context = mp.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_work, args=(os.getpid(), theirs))
    process.start()
    theirs.close()
    ours.recv()
    cost = Cost(idle=_status(process.pid)["RssAnon"])
    for call in calls:
        ours.send((function, call))
        while not ours.poll(POLL_SECONDS):
            cost.anonymous = max(cost.anonymous, _status(process.pid)["RssAnon"])
        spent, result = ours.recv()
        cost.cpu += spent
        cost.longest = max(cost.longest, spent)
        cost.tasks += 1
        cost.results.append(result)
    cost.resident = _status(process.pid)["VmHWM"]
    ours.send(None)
    process.join()
    return cost


def _work(driver: int, pipe: Any) -> None:
    start_worker(driver)
    from curate.kernels import clusters, minhash  # noqa: F401 - compiled or read before anything is measured
    from curate.kernels import groups as _  # noqa: F401

    corpus = Planted(1000)
    corpus.take(corpus.addresses(0)[:1], ["id", "text"])
    pipe.send(None)
    while (asked := pipe.recv()) is not None:
        function, call = asked
        began = time.process_time()
        result = function(*call)
        pipe.send((time.process_time() - began, result))


def _status(pid: int | None) -> dict[str, int]:
    """The memory of a process, MB."""
    lines = Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
    found = dict(line.split(":") for line in lines if line.startswith(("VmHWM", "RssAnon")))
    return {name: int(value.split()[0]) * 1024 // 10**6 for name, value in found.items()}
