"""What a run would do, told from a sample: what each rule drops, and what time, memory and disk it takes.

The sample is the same on every call: of each source every k-th file, and of a large file its beginning. Deduplication
needs the whole corpus, so it is not forecast; its stages let every record through here.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from .catalog import Catalog, Source
from .estimates import interval
from .ingest import Fault, Item, read_file, to_batches
from .pipeline import Pipeline
from .report.layout import masked, size, table, tally
from .stages import is_corpus_stage

__all__ = ["forecast", "forecast_lines"]

WORKER_BYTES = 300 << 20
"""Resident memory of a worker with its libraries and lexicons loaded, before it holds data."""
COPIES = 6
"""Batches of text that one worker holds at once, at most."""
GROUPED = 3
"""Bytes that grouping holds at most for each byte of keys and signatures, as far as `work.memory_mb` lets it."""
MB = 1_000_000
SEGMENT_SHARE = 1.1
"""Bytes of a segment's shards for each byte of text: other columns come with it."""
FILES_OF_A_SOURCE = 50
EXAMPLES = 3
"""Records of each rule that are shown, masked."""


def forecast(
    pipeline: Pipeline,
    folder: Path,
    catalog: Catalog,
    files: Sequence[tuple[Source, str]],
    *,
    records: int,
    workers: int,
) -> dict[str, Any]:
    """Read about `records` records of all sources, run the row-local stages on them, and multiply; writes nothing.

    `files` are those of `catalog.source_files`; times are seconds of this machine with `workers` processes.
    """
    sources: dict[str, list[tuple[Source, str]]] = {}
    for source, path in files:
        sources.setdefault(source.id, []).append((source, path))
    share = max(1, records // len(sources))
    total = _Total(pipeline, folder)
    per_source = []
    for group in sources.values():
        sizes = [(folder / path).stat().st_size for _, path in group]
        sample = _Sample(share)
        for source, path in _every_kth(group):
            if sample.rows >= share:
                break
            sample.read(folder, source, path, catalog)
        per_source.append(sample.told(group[0][0].id, len(group), sum(sizes)))
        total.add(sample, sum(sizes))
    return {"sources": per_source, **total.told(workers)}


def _every_kth(group: Sequence[tuple[Source, str]]) -> Sequence[tuple[Source, str]]:
    step = max(1, len(group) // FILES_OF_A_SOURCE)
    return group[::step]


class _Sample:
    """What was read of one source."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.batches: list[pa.RecordBatch] = []
        self.rows = self.files = self.text_bytes = 0
        self.raw_bytes = 0.0
        self.seconds = 0.0
        self.faults: Counter[str] = Counter()

    def read(self, folder: Path, source: Source, path: str, catalog: Catalog) -> None:
        """One file, or its beginning; of that, the bytes read are judged by the length of its texts."""
        began = time.process_time()
        left = self._most - self.rows
        parts = _Counted(read_file(folder / path, path, source, catalog.limits), left)
        text = 0
        for batch, faults in to_batches(
            parts, source=source, path=path, sha256="", record_chars=catalog.limits.record_chars, rows=max(1, left)
        ):
            self.faults.update(fault.kind for fault in faults)
            if batch.num_rows:
                self.batches.append(batch)
                self.rows += batch.num_rows
                text += pc.sum(pc.binary_length(batch["text"])).as_py()
        whole = (folder / path).stat().st_size
        self.files += 1
        self.text_bytes += text
        self.raw_bytes += min(whole, text) if parts.cut else whole
        self.seconds += time.process_time() - began

    def times(self, raw_bytes: int) -> float:
        """How often the whole source holds the sample."""
        return raw_bytes / self.raw_bytes if self.raw_bytes else 0.0

    def told(self, id: str, files: int, raw_bytes: int) -> dict[str, Any]:
        """What the source holds, and what was read of it."""
        return {
            "id": id,
            "files": files,
            "bytes": raw_bytes,
            "sampled_files": self.files,
            "sampled_records": self.rows,
            "records": round(self.rows * self.times(raw_bytes)),
            "faults": dict(sorted(self.faults.items())),
        }


class _Counted:
    """Parts up to a number of records; `cut` says whether there was more."""

    def __init__(self, parts: Iterator[Item | Fault], most: int) -> None:
        self._parts, self._most, self.cut = parts, most, False

    def __iter__(self) -> Iterator[Item | Fault]:
        for part in self._parts:
            if isinstance(part, Item):
                if self._most == 0:
                    self.cut = True
                    return
                self._most -= 1
            yield part


class _Total:
    """The stages over all samples, each sample counted as often as its source holds it."""

    def __init__(self, pipeline: Pipeline, folder: Path) -> None:
        self._pipeline = pipeline
        stages: tuple[Any, ...] = pipeline.stages
        self._open = [(s.kind, None if is_corpus_stage(s) else s.open(folder)) for s in stages]
        self._emit = [s for s in pipeline.stages if is_corpus_stage(s)]
        self._warm = False
        self._in = {kind: 0.0 for kind, _ in self._open}
        self._squares = {kind: 0.0 for kind, _ in self._open}  # of what each record stands for
        self._seen = {kind: 0 for kind, _ in self._open}
        self._examples: dict[str, list[str]] = {}
        self._dropped: dict[str, dict[str, float]] = {kind: {} for kind, _ in self._open}
        self._sampled: Counter[str] = Counter()
        self._seconds = self._text = self._kept = self._keys = self._packed = self._records = 0.0
        self._raw = 0

    def add(self, sample: _Sample, raw_bytes: int) -> None:
        """Run the stages on one sample."""
        times = sample.times(raw_bytes)
        self._raw += raw_bytes
        self._text += sample.text_bytes * times
        self._records += sample.rows * times
        self._seconds += sample.seconds * times
        if not sample.batches:
            return
        batch = pa.Table.from_batches(sample.batches).combine_chunks().to_batches()[0]
        if not self._warm:
            self._run(batch, 0.0)  # compiles and loads what the first batch would otherwise be billed for
            self._warm = True
        began = time.process_time()
        left = self._run(batch, times)
        self._seconds += (time.process_time() - began) * times
        self._kept += left.num_rows * times
        self._keys += sum(stage.emit(left).nbytes for stage in self._emit) * times
        self._packed += _packed_bytes(left, self._pipeline.output.compression) * times

    def _run(self, batch: pa.RecordBatch, times: float) -> pa.RecordBatch:
        for kind, function in self._open:
            self._in[kind] += batch.num_rows * times
            self._squares[kind] += batch.num_rows * times**2
            self._seen[kind] += batch.num_rows if times else 0
            if function is None:
                continue
            batch = function(batch)
            if batch.schema.get_field_index("dropped") < 0:
                continue
            why = batch["dropped"]
            gone = batch.filter(pc.is_valid(why))
            reasons = gone["dropped"].field("reason").to_pylist() if times else []
            for reason, n in Counter(reasons).items():
                self._dropped[kind][reason] = self._dropped[kind].get(reason, 0.0) + n * times
                self._sampled[f"{kind}/{reason}"] += n
            for i, reason in enumerate(reasons):
                shown = self._examples.setdefault(f"{kind}/{reason}", [])
                if len(shown) < EXAMPLES:
                    shown.append(masked(gone["text"][i].as_py()))
            batch = batch.filter(pc.is_null(why)).drop_columns(["dropped"])
        return batch

    def told(self, workers: int) -> dict[str, Any]:
        """The forecast as plain data; numbers of records are rounded, times are seconds, sizes bytes."""
        segments = 1 + len(self._emit)
        work = self._pipeline.work
        batches, grouped = COPIES * work.batch_mb * MB, min(work.memory_mb * MB, GROUPED * self._keys)
        return {
            "stages": [
                {
                    "kind": kind,
                    "forecast": function is not None,
                    "in": round(self._in[kind]),
                    "dropped": {reason: round(n) for reason, n in sorted(self._dropped[kind].items())},
                    "between": {r: self._between(kind, r) for r in sorted(self._dropped[kind])},
                    "sampled": {r: self._sampled[f"{kind}/{r}"] for r in sorted(self._dropped[kind])},
                    "examples": {r: self._examples[f"{kind}/{r}"] for r in sorted(self._dropped[kind])},
                }
                for kind, function in self._open
            ],
            "raw_bytes": self._raw,
            "records": round(self._records),
            "kept_at_most": round(self._kept),
            "workers": workers,
            "seconds": self._seconds / workers,
            "memory_bytes": workers * (WORKER_BYTES + round(max(batches, grouped))),
            "work_bytes": round(self._text * SEGMENT_SHARE * (1 + segments) + self._keys),
            "dataset_bytes": round(self._packed),
        }

    def _between(self, kind: str, reason: str) -> list[float]:
        """The 95 % confidence interval of the share of a stage's records that a rule drops."""
        whole = self._in[kind]
        alike = whole**2 / self._squares[kind]
        low, high = interval(self._dropped[kind][reason] / whole, alike, self._seen[kind] / whole)
        return [round(low, 6), round(high, 6)]


def _packed_bytes(batch: pa.RecordBatch, compression: str) -> int:
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression=None if compression == "none" else compression)
    with pa.ipc.new_stream(sink, batch.schema, options=options) as out:
        out.write_batch(batch)
    return int(sink.getvalue().size)


def forecast_lines(told: dict[str, Any]) -> list[str]:
    """The forecast for people to read."""
    rows = [
        (
            s["id"],
            s["files"],
            size(s["bytes"]),
            f"{s['sampled_files']:,} files",
            f"{s['sampled_records']:,} records",
            s["records"],
            tally(s["faults"]),
        )
        for s in told["sources"]
    ]
    lines = table(
        [("source", "files", "size", "read", "", "records, about", "cannot be read"), *rows], right=(1, 2, 3, 4, 5)
    )
    stages = []
    for s in told["stages"]:
        share = "  ".join(
            f"{reason} {n:,} ({_percent(n / s['in'], s['between'][reason])}, {s['sampled'][reason]:,} in the sample)"
            for reason, n in s["dropped"].items()
        )
        stages.append((s["kind"], s["in"], share if s["forecast"] else "needs the whole corpus: not forecast"))
    lines += [
        "",
        *table([("stage", "in, about", "dropped, about (share, 95 % sure to be between)"), *stages], right=(1,)),
        "",
    ]
    shown = [(reason, *texts) for s in told["stages"] for reason, texts in s["examples"].items() if any(texts)]
    if shown:
        lines += ["what would be dropped, such as (every other character masked):", *table(shown, indent="  "), ""]
    lines += table(
        [
            ("kept", f"at most about {told['kept_at_most']:,} of {told['records']:,} records, before deduplication"),
            (
                "time",
                f"about {_duration(told['seconds'])} with {told['workers']} workers, and what starting them takes; without deduplication",
            ),
            ("memory", f"about {size(told['memory_bytes'])} at most"),
            ("disk", f"about {size(told['work_bytes'])} in work/, {size(told['dataset_bytes'])} in outbox/"),
        ]
    )
    return lines


def _percent(share: float, between: Sequence[float]) -> str:
    """`1.2%, 0.8-1.9`, or the share alone where all was read."""
    low, high = between
    return f"{share:.1%}" if low == high else f"{share:.1%}, {100 * low:.1f}-{100 * high:.1f}"


def _duration(seconds: float) -> str:
    if seconds < 1:
        return "a second"
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
