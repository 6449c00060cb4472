"""Corpora on disk for `curate dedup`, and what comes out of it."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from curate.dedup import Outcome, Settings, dedup
from curate.jobs.files import LEDGER
from curate.stages import STAGES

HAN = [chr(0x4E00 + i) for i in range(3000)]
PLAIN = (STAGES["exact_dedup"](), STAGES["near_dedup"]())


def page(seed: int, length: int = 200) -> str:
    """A text that has next to nothing in common with that of another seed."""
    return "".join(random.Random(seed).choices(HAN, k=length))


def line(record: dict[str, Any]) -> bytes:
    return json.dumps(record, ensure_ascii=False).encode() + b"\n"


def jsonl(path: Path, records: Sequence[Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(map(line, records)))
    return path


@dataclass
class Done:
    outcome: Outcome
    folder: Path

    @property
    def ledger(self) -> list[dict[str, Any]]:
        table = pq.read_table(self.folder / "ledger.parquet")
        assert [f.name for f in LEDGER] == table.schema.names[: len(LEDGER)]
        assert all(table.schema.field(f.name).type == f.type for f in LEDGER)
        rows: list[dict[str, Any]] = table.to_pylist()
        return rows

    def kept(self, name: str) -> bytes:
        return (self.folder / "data" / name).read_bytes()

    def fates(self) -> dict[str, tuple[str, str | None, str | None]]:
        """By id: fate, what it duplicates, cluster."""
        return {row["id"]: (row["fate"], row["duplicate_of"], row["cluster"]) for row in self.ledger}


def do(out: Path, *inputs: Path, **settings: Any) -> Done:
    outcome = dedup(list(inputs), out, Settings(**{"stages": PLAIN, **settings}))
    done = Done(outcome, out)
    check(done)
    return done


def check(done: Done) -> None:
    """What holds of every run: nothing vanishes, and what is dropped leads to a record that is kept."""
    outcome, ledger = done.outcome, done.ledger
    assert sorted(p.name for p in done.folder.iterdir()) == ["data", "ledger.parquet", "report.json"]
    assert outcome.records == len(ledger) == outcome.kept + sum(row["fate"] == "dropped" for row in ledger)
    assert len({(row["source_path"], row["locator"]) for row in ledger}) == len(ledger)
    kept = {row["id"] for row in ledger if row["fate"] == "kept"}
    by_id = {row["id"]: row for row in ledger}
    for row in ledger:
        if row["fate"] == "kept":
            assert row["duplicate_of"] is row["reason"] is row["stage"] is row["value"] is row["threshold"] is None
            assert row["cluster"] in (None, row["id"])
        elif row["duplicate_of"] is not None:
            assert row["cluster"] in kept, "a cluster has the name of the record of it that stays"
            partner = by_id[row["duplicate_of"]]
            assert partner["fate"] == "kept" or partner["cluster"] == row["cluster"]
    said = json.loads((done.folder / "report.json").read_bytes())
    assert (said["records"], said["kept"], said["dropped"]) == (
        outcome.records,
        outcome.kept,
        outcome.records - outcome.kept,
    )
    sizes = sum(size * count for size, count in outcome.sizes.items())
    clusters = {row["cluster"] for row in ledger if row["cluster"] is not None}
    assert sum(outcome.sizes.values()) == len(clusters)
    assert sizes == len(clusters) + sum(row["fate"] == "dropped" and row["cluster"] is not None for row in ledger)
    if outcome.stages:
        assert outcome.kept == list(outcome.stages.values())[-1]["kept"]


def broken_utf8(values: Sequence[bytes | None], type: pa.DataType | None = None) -> pa.Array:
    """A column that says it is text and holds these bytes."""
    type = type or pa.string()
    return pa.array(values, pa.binary() if type == pa.string() else pa.large_binary()).view(type)
