"""Run the row-local stages of one segment over one shard.

A pipeline is cut into segments at its corpus stages. A segment marks the rows that the corpus stage
before it decided to drop, runs its own stages, and emits the keys of the corpus stage after it. The
last segment gives every record its split and the schema of a built dataset.
"""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ..errors import TaskError
from ..records import DROPPED, RECORD, set_column
from ..splits import split_indices
from ..stage import CorpusStage, TaskSpec
from ..stages import STAGES
from ..stages.stratify import Stratify
from ..summary import Summary
from .files import LEDGER, batches_of, open_mapped, pack_address, row_of, writer
from .keys import Keys

__all__ = ["map_shard", "stage_of"]

PLANNED: dict[str, type[Any]] = {"stratify": Stratify}
"""Stages that no recipe names: the planner adds them."""

Mapping = Callable[[pa.RecordBatch], pa.RecordBatch]
Rows = npt.NDArray[np.int64]
"""Rows of a shard, ascending."""


def stage_of(parameters: dict[str, Any]) -> Any:
    """The stage model of its plain parameters, `kind` among them."""
    kind = parameters["kind"]
    return (PLANNED.get(kind) or STAGES[kind]).model_validate_json(json.dumps(parameters))


@lru_cache(maxsize=64)
def _opened(parameters: str, root: str, read: tuple[str, ...]) -> Mapping:
    """A stage's function, loaded once per worker process; `read` are hashes of the files that it reads."""
    opened: Mapping = stage_of(json.loads(parameters)).open(Path(root))
    return opened


def map_shard(task: TaskSpec, inputs: Sequence[Path], outputs: Sequence[Path]) -> dict[str, Any]:
    """Inputs: Arrow files of records, then the decisions of the corpus stages in `marks`.

    Outputs: kept rows (none where only decisions are applied, one file per split in the last segment), ledger rows, keys
    for the corpus stage after, and what it keeps for later runs.
    """
    args = task.args
    segment = _Segment(task, inputs)
    emits: CorpusStage | None = stage_of(args["emits"]) if args["emits"] else None
    splits: list[str] = args["splits"]
    parts = [(route, split) for route in args["routes"] or [None] for split in splits]
    kept = len(parts) or int(args["writes"])
    keys = Keys(emits) if emits is not None else None
    rows = 0
    summary = Summary()
    with _Sinks(outputs[:kept]) as sinks:
        for batch, at in segment.batches():
            if keys is not None:
                where = np.arange(rows, rows + batch.num_rows) if args["writes"] else at
                keys.add(keys.stage.emit(batch), batch, pack_address(args["shard"], where))
            rows += batch.num_rows
            if splits:
                record = _record(batch, args)
                summary.add(record)
                segment.log_kept(record, batch)
                for i, (route, split) in enumerate(parts):
                    here = pc.equal(record["split"], split)
                    sinks.write(i, record.filter(pc.and_(here, pc.equal(record["industry"], route)) if route else here))
            elif args["writes"]:
                sinks.write(0, batch)
        if args["writes"] and rows == 0:
            sinks.open(0, segment.schema()).write_batch(pa.RecordBatch.from_pylist([], segment.schema()))
    if splits and sum(sinks.rows) != rows:
        raise TaskError(
            "records belong to no part of the dataset", where=task.id, got=f"{rows - sum(sinks.rows)} records"
        )
    segment.write_ledger(outputs[kept])
    return {
        "rows": rows,
        "keys": keys.write(outputs[kept + 1 :]) if keys is not None else 0,
        "parts": sinks.rows if splits else [],
        "stages": segment.counts,
        "ledger": segment.ledger_rows,
        "summary": summary.counts if splits else {},
    }


class _Sinks:
    """One Arrow file per output, opened with the schema of the first batch it gets."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = paths
        self._open: dict[int, tuple[pa.OSFile, pa.ipc.RecordBatchFileWriter]] = {}
        self.rows = [0] * len(paths)

    def __enter__(self) -> _Sinks:
        return self

    def __exit__(self, *_: object) -> None:
        for sink, out in self._open.values():
            out.close()
            sink.close()
        for i, path in enumerate(self._paths):
            if i not in self._open:
                with writer(path, RECORD):
                    pass

    def write(self, i: int, batch: pa.RecordBatch) -> None:
        if batch.num_rows == 0:
            return
        self.open(i, batch.schema).write_batch(batch)
        self.rows[i] += batch.num_rows

    def open(self, i: int, schema: pa.Schema) -> pa.ipc.RecordBatchFileWriter:
        if i not in self._open:
            sink = pa.OSFile(str(self._paths[i]), "wb")
            self._open[i] = (sink, pa.ipc.new_file(sink, schema))
        return self._open[i][1]


class _Segment:
    """The rows of one shard on their way through one segment, with counts and ledger rows of those taken out.

    `marks` are the corpus stages decided since the rows were last written; all but the last were counted by
    the segments before.
    """

    def __init__(self, task: TaskSpec, inputs: Sequence[Path]) -> None:
        self.task, self.inputs = task, inputs
        self.marks: list[CorpusStage] = [stage_of(parameters) for parameters in task.args["marks"]]
        self.stages = [
            (
                s["kind"],
                _opened(json.dumps(s, sort_keys=True), task.root, tuple(task.args["reads_files"].get(s["kind"], ()))),
            )
            for s in task.args["stages"]
        ]
        self.counts: dict[str, dict[str, Any]] = {}
        self.ledger: list[pa.Table] = []
        self._schema: pa.Schema | None = None

    @property
    def ledger_rows(self) -> int:
        return sum(t.num_rows for t in self.ledger)

    def schema(self) -> pa.Schema:
        """The schema of this segment's batches, also when no row reached its end."""
        if self._schema is None:
            raise TaskError("a shard without a batch", where=self.task.id)
        return self._schema

    def batches(self) -> Iterator[tuple[pa.RecordBatch, Rows]]:
        """What is left of each batch after the segment's stages, and the row of the shard that each row was."""
        files = self.inputs[len(self.inputs) - len(self.marks) :]
        decided = [
            (stage, _Decisions(file, self.task.args["shard"])) for stage, file in zip(self.marks, files, strict=True)
        ]
        row = 0
        for index, start, stop, most in self.task.args["reads"]:
            for batch in batches_of(self.inputs[index], start, stop):
                if most is not None:
                    batch = batch.slice(0, most)
                    most -= batch.num_rows
                at = np.arange(row, row + batch.num_rows)
                row += batch.num_rows
                for i, (stage, decisions) in enumerate(decided):
                    mark = partial(_mark, stage, decisions.of(at))
                    batch, at = self._step(stage.kind, mark, batch, at, counted=i + 1 == len(decided))
                for kind, function in self.stages:
                    batch, at = self._step(kind, function, batch, at)
                self._schema = batch.schema
                yield batch, at

    def _step(
        self, kind: str, function: Mapping, batch: pa.RecordBatch, at: Rows, *, counted: bool = True
    ) -> tuple[pa.RecordBatch, Rows]:
        """Run one stage: check that it kept to rule 1, write the rows it marked to the ledger, take them out."""
        try:
            done = function(batch)
        except Exception as error:
            raise self._blame(kind, function, batch, error) from None
        if done.num_rows != batch.num_rows or not done["id"].equals(batch["id"]):
            raise TaskError(
                f"stage {kind} changed the rows it was given",
                where=self.task.id,
                expected="the same ids in the same order",
            )
        gone, told = None, pa.array([], pa.string())
        index = done.schema.get_field_index("tally")
        if index >= 0:
            told = done.column(index)
            done = done.remove_column(index)
        index = done.schema.get_field_index("dropped")
        if index >= 0:
            dropped = done.column(index)
            done = done.remove_column(index)
            if dropped.null_count < len(dropped):
                stays = pc.is_null(dropped)
                goes = pc.invert(stays)
                gone, why = done.filter(goes), dropped.filter(goes)
                done, at = done.filter(stays), at[stays.to_numpy(zero_copy_only=False)]
        if counted:
            count = self.counts.setdefault(kind, {"in": 0, "kept": 0, "dropped": {}, "tally": {}})
            count["in"] += batch.num_rows
            count["kept"] += done.num_rows
            _add(count["tally"], told)
            if gone is not None:
                self.ledger.append(_ledger(gone, "dropped", kind, why))
                _add(count["dropped"], why.field("reason"))
        return done, at

    def _blame(self, kind: str, function: Mapping, batch: pa.RecordBatch, error: Exception) -> TaskError:
        """Name the first record on which the stage raises, and where in the code; never the exception's text."""
        if isinstance(error, TaskError):
            return error
        frames = traceback.extract_tb(error.__traceback__)
        at = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
        place = "the batch as a whole"
        alone = range(0) if isinstance(function, partial) else range(batch.num_rows)  # decisions are of the whole batch
        for i in alone:
            try:
                function(batch.slice(i, 1))
            except Exception:
                source = batch["source"][i].as_py()
                place = f"{source['path']}#{source['locator']}"
                break
        return TaskError(
            f"stage {kind} raised {type(error).__name__} at {at}",
            where=f"{self.task.id}, {place}",
            fix="This is a fault of the stage; take the file out of the catalog to go on without it.",
        )

    def log_kept(self, record: pa.RecordBatch, batch: pa.RecordBatch) -> None:
        """Ledger rows of records that stay to the end."""
        why = pa.array([None] * record.num_rows, DROPPED)
        row = set_column(batch, "cluster", record["cluster"])
        self.ledger.append(_ledger(row, "kept", None, why))

    def write_ledger(self, output: Path) -> None:
        """All ledger rows of the shard, sorted by id."""
        table = pa.concat_tables([LEDGER.empty_table(), *self.ledger]).sort_by("id").combine_chunks()
        with writer(output, LEDGER) as out:
            out.write_table(table)


class _Decisions:
    """A corpus stage's decisions on one shard, found by row."""

    def __init__(self, path: Path, shard: int) -> None:
        table = open_mapped(path).read_all().combine_chunks()
        address = table["address"].to_numpy()
        lo = int(np.searchsorted(address, pack_address(shard, 0)))
        hi = int(np.searchsorted(address, pack_address(shard + 1, 0)))
        self._table = table.slice(lo, hi - lo).drop_columns(["address"])
        self._rows = row_of(address[lo:hi]).astype(np.int64)

    def of(self, at: Rows) -> pa.Table:
        """The decisions on the rows `at` of the shard, with `row` counted among them."""
        if len(at) == 0:
            return self._table.slice(0, 0).append_column("row", pa.array([], pa.uint32()))
        lo, hi = np.searchsorted(self._rows, [at[0], at[-1] + 1])
        rows = np.searchsorted(at, self._rows[lo:hi]).astype(np.uint32)
        return self._table.slice(int(lo), int(hi - lo)).append_column("row", pa.array(rows))


def _add(tally: dict[str, int], values: pa.Array) -> None:
    """Count values into a tally."""
    for value in pc.value_counts(values).to_pylist():
        tally[value["values"]] = tally.get(value["values"], 0) + value["counts"]


def _mark(stage: CorpusStage, decisions: pa.Table, batch: pa.RecordBatch) -> pa.RecordBatch:
    return stage.mark(batch, decisions)


def _ledger(batch: pa.RecordBatch, fate: str, stage: str | None, why: pa.StructArray) -> pa.Table:
    n = batch.num_rows
    source = batch["source"]
    cluster = why.field("cluster") if fate == "dropped" else batch["cluster"]
    return pa.table(
        {
            "id": batch["id"],
            "input_id": batch["input_id"],
            "source_id": pc.struct_field(source, "source_id"),
            "source_path": pc.struct_field(source, "path"),
            "locator": pc.struct_field(source, "locator"),
            "fate": pa.array([fate] * n, pa.string()),
            "stage": pa.array([stage] * n, pa.string()),
            "reason": pc.struct_field(why, "reason"),
            "value": pc.struct_field(why, "value"),
            "threshold": pc.struct_field(why, "threshold"),
            "duplicate_of": pc.struct_field(why, "duplicate_of"),
            "cluster": cluster,
        },
        schema=LEDGER,
    )


def _record(batch: pa.RecordBatch, args: dict[str, Any]) -> pa.RecordBatch:
    """The batch in the schema of a built dataset, each record with its split."""
    n = batch.num_rows
    if batch.schema.get_field_index("n_chars") < 0:
        batch = set_column(batch, "n_chars", pc.utf8_length(batch["text"]).cast(pa.int32()))
    names = set(batch.schema.names)
    columns = [batch[f.name].cast(f.type) if f.name in names else pa.nulls(n, f.type) for f in RECORD]
    record = pa.RecordBatch.from_arrays(columns, schema=RECORD)
    if "split" in names:
        return record
    keys = pc.coalesce(record["cluster"], record["id"]).to_pylist()
    splits = args["splits"]
    which = split_indices(keys, args["bounds"], args["seed"])
    return set_column(record, "split", pa.array([splits[i] for i in which], pa.string()))
