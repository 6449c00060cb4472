"""A pipeline and a domain as lists of tasks: plain data, each with a fingerprint of all that decides its result.

A fingerprint covers the job, its arguments, the stages' parameters and versions, the version of this
package, and the hashes of what the task reads. So a changed threshold re-runs only what depends on it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import rfc8785

from . import __version__
from .budget import STORE_BYTES, group_cuts, reduce_cuts
from .catalog import Catalog
from .pipeline import Pipeline
from .scan import RawFile
from .segments import segments_of, with_splits
from .signatures import FILES, FOLDER, SCHEMA
from .splits import split_bounds
from .stage import CorpusStage, TaskResult, TaskSpec
from .stages.near_dedup import NearDedup

__all__ = ["Planner", "fingerprint", "stage_parameters"]

MB = 1_000_000
LEDGER_ROWS = 1_000_000


def stage_parameters(stage: Any) -> dict[str, Any]:
    """A stage as plain data: its kind and all its parameters."""
    return dict(stage.model_dump(mode="json"))


def fingerprint(fn: str, args: Mapping[str, Any], inputs: Sequence[str], versions: Sequence[Any] = ()) -> str:
    """SHA-256 over all that decides a task's result; `inputs` are hashes of what it reads."""
    plain = {"fn": fn, "args": args, "inputs": list(inputs), "versions": list(versions), "code": __version__}
    return hashlib.sha256(rfc8785.dumps(plain)).hexdigest()  # type: ignore[arg-type]


class Planner:
    """Makes the task lists of one run, phase by phase, from the results of the phase before."""

    def __init__(
        self,
        root: str,
        pipeline: Pipeline,
        catalog: Catalog,
        limit: int | None = None,
        reads: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        """`reads` are, by stage, hashes of the files that it reads beside its rows."""
        self.root, self.pipeline, self.catalog, self.limit = root, pipeline, catalog, limit
        self.reads = dict(reads or {})
        self.segments = segments_of(with_splits(pipeline))
        suffix = f"+limit{limit}" if limit is not None else ""
        self.version = pipeline.version + suffix
        self.work = f"work/{pipeline.name}{suffix}"

    def _task(
        self,
        id: str,
        fn: str,
        args: dict[str, Any],
        inputs: Sequence[str],
        outputs: Sequence[str],
        hashes: Sequence[str],
        versions: Sequence[Any] = (),
    ) -> TaskSpec:
        return TaskSpec(
            id=id,
            fn=fn,
            root=self.root,
            work=self.work,
            args=args,
            inputs=tuple(inputs),
            outputs=tuple(f"{self.work}/{name}" for name in outputs),
            fingerprint=fingerprint(fn, args, hashes, versions),
        )

    def ingest(self, file: RawFile, poison: bool = False) -> TaskSpec:
        """One file to records and faults; `poison` gives up on a file that ends the worker that reads it."""
        work = self.pipeline.work
        # what reading never looks at may change without reading again
        source = file.source.model_copy(
            update={"title": "", "paths": ("raw",), "holder": "", "quasi": (), "sensitive": ()}
        )
        args = {
            "source": source.model_dump_json(),
            "limits": self.catalog.limits.model_dump_json(),
            "path": file.path,
            "sha256": file.sha256,
            "limit": self.limit,
            "batch_rows": work.batch_rows,
            "batch_bytes": work.batch_mb * MB,
            "poison": poison,
        }
        name = f"ingest/{file.source.id}/{hashlib.sha256(file.path.encode()).hexdigest()[:16]}"
        return self._task(name, "ingest", args, [file.real], [f"{name}.arrow", f"{name}.faults.arrow"], [file.sha256])

    def shards(self, ingested: Sequence[TaskResult]) -> list[list[tuple[TaskResult, int, int, int | None]]]:
        """Files, or runs of batches of one file, packed in order into shards of about `task_mb` of text."""
        most = self.pipeline.work.task_mb * MB
        left = self.limit
        shards: list[list[tuple[TaskResult, int, int, int | None]]] = []
        size = most
        for result in ingested:
            for i, (rows, text) in enumerate(result.marker["batches"]):
                if left is not None and left <= 0:
                    return shards
                cut = left if left is not None and rows > left else None
                if left is not None:
                    left -= rows
                if size + text > most:
                    shards.append([])
                    size = 0
                size += text
                shard = shards[-1]
                if shard and shard[-1][0] is result and shard[-1][3] is None and cut is None:
                    shard[-1] = (result, shard[-1][1], i + 1, None)
                else:
                    shard.append((result, i, i + 1, cut))
        return shards

    def map_first(self, shards: Sequence[Sequence[tuple[TaskResult, int, int, int | None]]]) -> list[TaskSpec]:
        """The first segment over shards of ingested files."""
        tasks = []
        for k, parts in enumerate(shards):
            files = list(dict.fromkeys(r.outputs[0] for r, _, _, _ in parts))
            reads = [[files.index(r.outputs[0]), lo, hi, cut] for r, lo, hi, cut in parts]
            hashes = [_hash(r, 0) for r in {id(p[0]): p[0] for p in parts}.values()]
            tasks.append(self._map(0, k, reads, files, hashes))
        return tasks

    def map_next(self, index: int, base: Sequence[TaskResult], decided: Sequence[TaskResult]) -> list[TaskSpec]:
        """Segment `index` over the shards that were last written, with all decisions made since then."""
        files = [r.outputs[0] for r in decided]
        hashes = [_hash(r, 0) for r in decided]
        return [
            self._map(index, k, [[0, 0, None, None]], [r.outputs[0], *files], [_hash(r, 0), *hashes], len(decided))
            for k, r in enumerate(base)
        ]

    def writes(self, index: int) -> bool:
        """Whether segment `index` writes its rows for the next: not where it only applies decisions that drop rows."""
        if index + 1 == len(self.segments):
            return False
        marks = self.segments[index].marks
        return marks is None or marks.edits or bool(self.segments[index].stages)

    def _map(
        self,
        index: int,
        shard: int,
        reads: list[list[int | None]],
        files: list[str],
        hashes: list[str],
        decided: int = 0,
    ) -> TaskSpec:
        segment = self.segments[index]
        last = index == len(self.segments) - 1
        names, bounds = split_bounds(self.pipeline.splits.shares()) if last else ([], [])
        parts = self.pipeline.parts() if last else []
        marks = [s.marks for s in self.segments[index + 1 - decided : index + 1] if s.marks]
        args = {
            "shard": shard,
            "reads": reads,
            "marks": [stage_parameters(s) for s in marks],
            "stages": [stage_parameters(s) for s in segment.stages],
            "emits": stage_parameters(segment.emits) if segment.emits else None,
            "writes": self.writes(index),
            "splits": names,
            "routes": list(self.pipeline.routes()) if last else [],
            "bounds": bounds,
            "seed": self.pipeline.splits.seed,
            "reads_files": {s.kind: list(self.reads[s.kind]) for s in segment.stages if s.kind in self.reads},
        }
        name = f"segment-{index}/{shard:05d}"
        kept = [f"{name}.{'.'.join(part)}.arrow" for part in parts] or ([f"{name}.arrow"] if args["writes"] else [])
        outputs = [*kept, f"{name}.ledger.arrow"]
        if segment.emits:
            outputs += [f"{name}.keys.arrow", *([f"{name}.stored.arrow"] if segment.emits.stores else [])]
        stages = [s for s in (*marks, *segment.stages, segment.emits) if s]
        return self._task(name, "map", args, files, outputs, hashes, [[s.kind, s.version] for s in stages])

    def groups(self, index: int, mapped: Sequence[TaskResult]) -> list[TaskSpec]:
        """The keys of the corpus stage after segment `index`, grouped: as many keys in a task as the memory allows.

        Where not even one key does, its values are cut into equal ranges.
        """
        stage = self._emits(index)
        if not mapped:
            return []
        at = self._keys_index(index)
        files, hashes = [r.outputs[at] for r in mapped], [_hash(r, at) for r in mapped]
        cuts = group_cuts(stage.keys(), sum(r.marker["keys"] for r in mapped), self.pipeline.work.memory_mb)
        return [
            self._task(
                f"group-{index}/{k:05d}",
                "group",
                {"stage": stage_parameters(stage), "keys": list(names), "slice": list(cut)},
                files,
                [f"group-{index}/{k:05d}.arrow"],
                hashes,
                [[stage.kind, stage.version]],
            )
            for k, (names, cut) in enumerate(cuts)
        ]

    def reduce(self, index: int, grouped: Sequence[TaskResult], base: Sequence[TaskResult]) -> list[TaskSpec]:
        """The groups led by as many shards as the memory allows; `base` are the rows that the stage saw."""
        stage = self._emits(index)
        inputs = [r.outputs[0] for r in (*grouped, *base)]
        hashes = [_hash(r, 0) for r in (*grouped, *base)]
        rows = [sum(counts) for counts in zip(*(r.marker["shards"] for r in grouped), strict=True)]
        return [
            self._task(
                f"reduce-{index}/{p:05d}",
                "reduce",
                {"stage": stage_parameters(stage), "files": len(grouped), "shards": [lo, hi]},
                inputs,
                [f"reduce-{index}/{p:05d}.arrow"],
                hashes,
                [[stage.kind, stage.version]],
            )
            for p, (lo, hi) in enumerate(reduce_cuts(rows, self.pipeline.work.memory_mb))
        ]

    def merge(self, index: int, reduced: Sequence[TaskResult], base: Sequence[TaskResult]) -> TaskSpec:
        """All parts of a corpus stage to its decisions."""
        stage = self._emits(index)
        results = [*reduced, *base]
        return self._task(
            f"merge-{index}",
            "merge",
            {"stage": stage_parameters(stage), "parts": len(reduced)},
            [r.outputs[0] for r in results],
            [f"merge-{index}.arrow"],
            [_hash(r, 0) for r in results],
            [[stage.kind, stage.version]],
        )

    def _emits(self, index: int) -> CorpusStage:
        stage = self.segments[index].emits
        if stage is None:
            raise ValueError("no corpus stage follows this segment")
        return stage

    def data_shards(self, mapped: Sequence[TaskResult]) -> list[TaskSpec]:
        """The shards of every part that has records; equal numbers of rows, about `shard_mb` of text each."""
        tasks = []
        chars = sum(r.marker["summary"]["bytes"] for r in mapped)
        total = sum(r.marker["rows"] for r in mapped)
        for i, (subset, split) in enumerate(self.pipeline.parts()):
            rows = sum(r.marker["parts"][i] for r in mapped)
            if rows == 0:
                continue
            n = max(1, -(-chars * rows // (total * self.pipeline.output.shard_mb * MB)))
            n = min(n, rows)
            files = [r.outputs[i] for r in mapped]
            hashes = [_hash(r, i) for r in mapped]
            for k in range(n):
                args = {
                    "start": rows * k // n,
                    "stop": rows * (k + 1) // n,
                    "compression": self.pipeline.output.compression,
                }
                name = f"data/{subset}/{split}-{k:05d}-of-{n:05d}"
                tasks.append(self._task(name, "shard", args, files, [f"{name}.arrow"], hashes))
        return tasks

    def ledger(self, mapped: Sequence[Sequence[TaskResult]], ingested: Sequence[TaskResult]) -> list[TaskSpec]:
        """Ledger parts, cut by the first digits of the id so that each holds about a million rows."""
        logs = [
            (r.outputs[self._ledger_index(s)], _hash(r, self._ledger_index(s)))
            for s, results in enumerate(mapped)
            for r in results
        ]
        faults = [r for r in ingested if r.marker["faults"]]
        rows = sum(r.marker["ledger"] for results in mapped for r in results) + sum(
            sum(r.marker["faults"].values()) for r in faults
        )
        parts = 1
        while parts * LEDGER_ROWS < rows and parts < 1 << 16:
            parts *= 2
        bounds = [f"{(i << 16) // parts:04x}" for i in range(parts)]
        tasks = []
        for i in range(parts):
            args = {
                "first": bounds[i] if i else "",
                "last": bounds[i + 1] if i + 1 < parts else "",
                "faults": len(faults),
            }
            name = f"ledger/part-{i:05d}"
            files = [path for path, _ in logs] + [r.outputs[1] for r in faults]
            hashes = [digest for _, digest in logs] + [_hash(r, 1) for r in faults]
            tasks.append(self._task(name, "ledger", args, files, [f"{name}.parquet"], hashes))
        return tasks

    def quarantine(self, ingested: Sequence[TaskResult]) -> TaskSpec:
        """All faults as one file."""
        faults = [r for r in ingested if r.marker["faults"]]
        return self._task(
            "quarantine",
            "quarantine",
            {},
            [r.outputs[1] for r in faults],
            ["quarantine.parquet"],
            [_hash(r, 1) for r in faults],
        )

    def signatures(self, mapped: Sequence[Sequence[TaskResult]]) -> list[TaskSpec]:
        """What near_dedup stored of the records that are kept to the end; nothing where there is none or none is wanted."""
        index, stage = next(
            ((i, s.emits) for i, s in enumerate(self.segments) if isinstance(s.emits, NearDedup)), (0, None)
        )
        if stage is None or self.pipeline.output.signatures == "none":
            return []
        parts, at = len(self.pipeline.parts()), self._keys_index(index) + 1
        reads = [(r, at) for r in mapped[index]] + [(r, i) for r in mapped[-1] for i in range(parts)]
        bands, rows = stage.layout()
        layout = {"shingle": stage.shingle, "permutations": stage.permutations, "bands": bands, "rows": rows}
        task = self._task(
            FOLDER,
            "signatures",
            {"layout": layout, "parts": parts},
            [r.outputs[i] for r, i in reads],
            [f"{FOLDER}/{file}" for file in FILES],
            [_hash(r, i) for r, i in reads],
            [SCHEMA],
        )
        return [replace(task, memory=task.memory + STORE_BYTES * sum(r.marker["rows"] for r in mapped[-1]))]

    def risk(self, mapped: Sequence[TaskResult], highest: float) -> list[TaskSpec]:
        """How well records hide among each other, of the sources with quasi-identifiers; nothing where there are none."""
        sources = {
            s.id: {"quasi": list(s.quasi), "sensitive": list(s.sensitive)} for s in self.catalog.sources if s.quasi
        }
        if not sources:
            return []
        reads = [(r, i) for r in mapped for i in range(len(self.pipeline.parts()))]
        return [
            self._task(
                "risk",
                "risk",
                {"sources": sources, "highest": highest},
                [r.outputs[i] for r, i in reads],
                ["risk.done"],
                [_hash(r, i) for r, i in reads],
            )
        ]

    def check(self, folder: str, manifest_sha256: str, rows: Mapping[str, Mapping[str, int]]) -> TaskSpec:
        """Load the finished dataset in `folder`, with `rows` by subset and split, with `datasets`."""
        return self._task(
            "check",
            "check",
            {"rows": {subset: dict(splits) for subset, splits in rows.items()}},
            [folder],
            ["check.done"],
            [manifest_sha256],
        )

    def _keys_index(self, segment: int) -> int:
        """Which output of a segment's task holds the keys of the corpus stage after it."""
        return self._ledger_index(segment) + 1

    def _ledger_index(self, segment: int) -> int:
        """Which output of a segment's task holds its ledger rows: they follow the rows it keeps."""
        if segment == len(self.segments) - 1:
            return len(self.pipeline.parts())
        return int(self.writes(segment))


def _hash(result: TaskResult, index: int) -> str:
    output = result.marker["outputs"][result.outputs[index]]
    digest: str = output["sha256"] if "sha256" in output else output["xxh3"]
    return digest
