"""One deduplication from its files to what is kept of them."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from .. import __version__
from ..errors import UserError
from ..pii.places import clean
from ..stage import CorpusStage
from ..stages.against import Against
from ..stages.decontaminate import Decontaminate
from ..stages.near_dedup import NearDedup
from .clusters import Cluster, largest, members, sizes
from .corpus import as_batch
from .driver import Local, run_stages
from .earlier import held_against, write_signatures
from .inputs import Bad, Fields, InputFile, find_inputs, read
from .kept import write_kept, write_ledger

__all__ = ["Bad", "Fields", "Outcome", "Settings", "dedup"]

REPORT = "report.json"
SCHEMA = "qiancui/dedup/1"
ROWS = 16384
"""Records that stages are given at once."""


@dataclass(frozen=True)
class Settings:
    """How a deduplication is done: its stages, and what changes speed and memory but never the result."""

    stages: tuple[CorpusStage, ...]
    against: Against | None = None
    """How records are held against the `earlier` datasets, which are folders of any that this reads."""
    earlier: tuple[Path, ...] = ()
    decontaminate: Decontaminate | None = None
    evaluation: Path = Path()
    """The folder that the evaluation sets are relative to."""
    signatures: bool = False
    """Whether to keep signatures of what stays, so that later records can be held against it without its texts."""
    fields: Fields = field(default_factory=Fields)
    memory_mb: int = 1024
    workers: int = 1
    clusters: int = 10
    """The largest clusters that are told."""

    def near(self) -> NearDedup:
        """The stage whose signatures are kept and compared."""
        return next(stage for stage in self.stages if isinstance(stage, NearDedup))


@dataclass
class Outcome:
    """What a deduplication found."""

    files: int
    records: int
    kept: int
    stages: dict[str, dict[str, Any]]
    sizes: Mapping[int, int]
    """How many clusters there are of each number of records."""
    largest: list[Cluster]
    bad: list[tuple[str, Bad]] = field(default_factory=list)
    """Rows that are no record, by file."""

    def as_dict(self) -> dict[str, Any]:
        """Plain data, for JSON."""
        return {
            "files": self.files,
            "records": self.records,
            "kept": self.kept,
            "dropped": self.records - self.kept,
            "bad": [{"file": name, "row": bad.row, "reason": bad.reason} for name, bad in self.bad],
            "stages": self.stages,
            "clusters": {
                "sizes": {str(k): v for k, v in self.sizes.items()},
                "largest": [c.as_dict() for c in self.largest],
            },
        }


def dedup(inputs: Sequence[Path], out: Path | None, settings: Settings) -> Outcome:
    """Deduplicate the files and folders `inputs`; write what is kept, the ledger and a report to `out`, if it is given.

    `out` appears whole or not at all.

    Raises:
        UserError: an input cannot be read, or something stands at `out` already.
    """
    files = find_inputs(inputs)
    _check_fields(settings)
    settings = replace(settings, stages=tuple(_in_order(stage, len(inputs)) for stage in settings.stages))
    bad: list[tuple[str, Bad]] = []
    with _place(out) as folder:
        work = folder / "work"
        work.mkdir()
        shards, fates = run_stages(
            _batches(files, settings.fields, bad),
            _local(settings, work),
            settings.stages,
            work,
            memory_mb=settings.memory_mb,
            workers=settings.workers,
            store=settings.signatures,
        )
        clusters = members(fates)
        outcome = Outcome(
            files=len(files),
            records=sum(shards.rows),
            kept=sum(int(alive.sum()) for alive in fates.alive),
            stages=fates.counts,
            sizes=sizes(clusters),
            largest=_without_values(largest(clusters, fates, shards, settings.clusters)),
            bad=_of_clean_names(bad),
        )
        if out is not None:
            edited = any(stage.edits for stage in settings.stages)
            write_kept(folder / "data", files, settings.fields, shards, fates, edited=edited)
            write_ledger(folder / "ledger.parquet", files, shards, fates)
            if settings.signatures:
                write_signatures(folder / "signatures", out.name, settings.near(), shards, fates, work)
            (folder / REPORT).write_bytes(_report(files, settings, outcome))
    return outcome


def _without_values(clusters: list[Cluster]) -> list[Cluster]:
    """The clusters with no personal data in the own ids that name them."""
    return [replace(c, id=id) for c, id in zip(clusters, clean([c.id for c in clusters]), strict=True)]


def _of_clean_names(bad: list[tuple[str, Bad]]) -> list[tuple[str, Bad]]:
    names = dict.fromkeys(name for name, _ in bad)
    cleaned = dict(zip(names, clean(list(names)), strict=True))
    return [(cleaned[name], each) for name, each in bad]


def _check_fields(settings: Settings) -> None:
    """Raise `UserError` where a stage prefers records by a field that was not named, or the text is also something else."""
    if settings.fields.text in (settings.fields.id, settings.fields.date, settings.fields.score):
        raise UserError("the field of the text cannot be another one too", got=settings.fields.text)
    needed = {"newest": ("--date", settings.fields.date), "best_quality": ("--score", settings.fields.score)}
    for stage in settings.stages:
        for criterion in getattr(stage, "survivor", ()):
            option, given = needed.get(criterion, ("", ""))
            if given is None:
                fix = f"Say in which field it stands with {option} FIELD."
                raise UserError(f"survivor {criterion} goes by a field", where=stage.kind, fix=fix)


def _in_order(stage: CorpusStage, inputs: int) -> CorpusStage:
    """The stage; if it goes by `source_order` and no order is given, that of the inputs, which are named 0, 1 and so on."""
    if "source_order" in getattr(stage, "survivor", ()) and not stage.sources:  # type: ignore[attr-defined]
        ordered: CorpusStage = stage.model_copy(  # type: ignore[attr-defined]
            update={"sources": tuple(str(i) for i in range(inputs))}
        )
        return ordered
    return stage


def _local(settings: Settings, work: Path) -> list[Local]:
    """The row-local stages, opened."""
    local: list[Local] = []
    if settings.against is not None:
        held = held_against(settings.against, settings.earlier, settings.near(), settings.fields, work)
        local.append((settings.against.kind, held))
    if settings.decontaminate is not None:
        settings.decontaminate.reads(settings.evaluation)
        local.append((settings.decontaminate.kind, settings.decontaminate.open(settings.evaluation)))
    return local


@contextmanager
def _place(out: Path | None) -> Iterator[Path]:
    """A folder to work in; its content but for `work` is at `out` in the end, if that is given."""
    if out is None:
        with tempfile.TemporaryDirectory(prefix="curate-dedup-") as name:
            yield Path(name)
        return
    if out.exists() and not (out.is_dir() and not any(out.iterdir())):
        raise UserError("something is there already", where=str(out), fix="Name another folder, or remove this one.")
    out = out.resolve()
    partial = out.with_name(f".{out.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        yield partial
        shutil.rmtree(partial / "work")
        partial.replace(out)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _batches(files: Sequence[InputFile], fields: Fields, bad: list[tuple[str, Bad]]) -> Iterator[pa.RecordBatch]:
    for number, file in enumerate(files):
        for rows in read(file, fields):
            bad += [(file.name, each) for each in rows.bad]
            if len(rows.texts):
                # what stages emit of short texts is many times as large as they are
                whole = as_batch(rows, file, number, fields)
                yield from (whole.slice(lo, ROWS) for lo in range(0, len(rows.texts), ROWS))


def _report(files: Sequence[InputFile], settings: Settings, outcome: Outcome) -> bytes:
    names = clean([f.name for f in files])
    said = {
        "schema": SCHEMA,
        "code": __version__,
        "inputs": [{"name": n, "bytes": f.path.stat().st_size} for n, f in zip(names, files, strict=True)],
        "parameters": [
            _parameters(stage) for stage in (settings.against, settings.decontaminate, *settings.stages) if stage
        ],
        **outcome.as_dict(),
    }
    return json.dumps(said, ensure_ascii=False, indent=2).encode() + b"\n"


def _parameters(stage: Any) -> dict[str, Any]:
    return dict(stage.model_dump(mode="json"))
