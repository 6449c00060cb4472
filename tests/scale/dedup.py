"""Near deduplication of a planted corpus, step by step: what is found, CPU, memory and disk (`make scale`).

    python -m tests.scale.dedup --documents 20_000_000 --memory-mb 512 --memory-mb 1024 --memory-mb 4096

Keys are made once; grouping, reducing and merging once for each budget. Needs 180 bytes of disk for each document and
about 60 more for each row of a shared key; both are removed at the end unless `--folder` is given.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from curate.budget import group_cuts, reduce_cuts
from curate.jobs.files import open_mapped

from .outcome import Verdict, judge, removed_pairs
from .planted import Planted
from .steps import STAGE, Cost, emit, group, key_file, measured, merge, reduce

CHECKED = 2_000


@dataclass(frozen=True)
class Run:
    """What one budget took."""

    memory_mb: int
    group: Cost
    reduce: Cost
    merge: Cost
    group_bytes: int
    shared_rows: int
    edges: int
    decisions: Path


def keys_of(corpus: Planted, folder: Path) -> tuple[Cost, int]:
    """Write all key files; return what it took and their size."""
    cost = measured(emit, [(folder, corpus.documents, shard) for shard in range(corpus.shards)])
    return cost, sum(key_file(folder, shard).stat().st_size for shard in range(corpus.shards))


def run(corpus: Planted, folder: Path, memory_mb: int) -> Run:
    """Group, reduce and merge as the planner cuts them for `memory_mb`."""
    here = folder / f"{memory_mb}"
    here.mkdir()
    cuts = group_cuts(STAGE.keys(), corpus.documents, memory_mb)
    files = [here / f"{k:05d}.groups.arrow" for k in range(len(cuts))]
    grouped = measured(group, [(folder, corpus.shards, *cut, file) for cut, file in zip(cuts, files, strict=True)])
    rows = [sum(counts) for counts in zip(*grouped.results, strict=True)]
    runs = reduce_cuts(rows, memory_mb)
    parts = [here / f"{k:05d}.edges.arrow" for k in range(len(runs))]
    reduced = measured(reduce, [(corpus.documents, files, r, part) for r, part in zip(runs, parts, strict=True)])
    decisions = here / "decisions.arrow"
    merged = measured(merge, [(corpus.documents, parts, decisions)])
    size = sum(file.stat().st_size for file in files)
    for file in files:
        file.unlink()
    return Run(memory_mb, grouped, reduced, merged, size, sum(rows), sum(reduced.results), decisions)


def wrong_values(corpus: Planted, decisions: pa.Table) -> int:
    """Of some removed records, those whose stated Jaccard is not that of plain Python sets."""
    shingle = STAGE.shingle
    wrong = 0
    for text, other, decision in removed_pairs(corpus, decisions, CHECKED):
        a, b = ({t[i : i + shingle] for i in range(len(t) - shingle + 1)} for t in (text, other))
        wrong += abs(len(a & b) / len(a | b) - decision["value"]) > 1e-12
    return wrong


def report(corpus: Planted, keys: Cost, key_bytes: int, runs: list[Run], verdict: Verdict, wrong: int) -> str:
    """All figures as text."""
    millions = corpus.documents / 1e6
    lines = [
        f"{corpus.documents:,} documents in {corpus.shards} shards, {corpus.planted:,} of them planted",
        f"keys: {key_bytes / 1e9:.2f} GB; CPU of emit {sum(keys.results):.1f} s, peak {keys.resident} MB",
        "budget  step    tasks   CPU s  s/million  longest s  VmHWM  RssAnon (idle)",
    ]
    for r in runs:
        for name, cost in (("group", r.group), ("reduce", r.reduce), ("merge", r.merge)):
            lines.append(
                f"{r.memory_mb:6}  {name:6} {cost.tasks:6} {cost.cpu:7.1f} {cost.cpu / millions:10.3f} "
                f"{cost.longest:10.2f} {cost.resident:6} {cost.anonymous:6} ({cost.idle})"
            )
        lines.append(f"{r.memory_mb:6}  groups {r.shared_rows:,} rows, {r.group_bytes / 1e9:.2f} GB; {r.edges:,} edges")
    lines.append(f"{'kind':16} documents  pairs    found   removable   removed")
    for o in verdict.outcomes:
        lines.append(
            f"{o.name:16} {o.documents:,}  {o.pairs:,}  {o.pairs_found / max(1, o.pairs):.5f}  "
            f"{o.removable:,}  {o.removed:,} ({o.removed / max(1, o.removable):.5f})"
        )
    lines.append(f"strangers {verdict.strangers}, wrong values {wrong} of {CHECKED} looked at")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=20_000_000)
    parser.add_argument("--memory-mb", type=int, action="append")
    parser.add_argument("--folder", type=Path, help="where files go; it must not exist")
    args = parser.parse_args()
    corpus = Planted(args.documents)
    with tempfile.TemporaryDirectory() as temporary:
        folder: Path = args.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=not args.folder)
        keys, size = keys_of(corpus, folder)
        runs = [run(corpus, folder, memory_mb) for memory_mb in args.memory_mb or [512, 1024, 4096]]
        tables = [open_mapped(r.decisions).read_all() for r in runs]
        if not all(table.equals(tables[0]) for table in tables[1:]):
            raise SystemExit("budgets disagree about what to remove")
        verdict = judge(corpus, tables[0], STAGE)
        print(report(corpus, keys, size, runs, verdict, wrong_values(corpus, tables[0])))


if __name__ == "__main__":
    main()
