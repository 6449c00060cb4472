"""Batches for row-local stages, and what every one of them promises."""

from __future__ import annotations

import pickle
from collections.abc import Sequence

import pyarrow as pa

from curate.records import DROPPED
from curate.stage import Stage


def batch(texts: Sequence[str]) -> pa.RecordBatch:
    """Records with an id and a text."""
    ids = pa.array([f"r{i}" for i in range(len(texts))], pa.string())
    schema = pa.schema([pa.field("id", pa.string(), nullable=False), pa.field("text", pa.string(), nullable=False)])
    return pa.RecordBatch.from_arrays([ids, pa.array(texts, pa.string())], schema=schema)


def reasons(out: pa.RecordBatch) -> list[str | None]:
    """Why each row is dropped, None where it stays."""
    return [None if d is None else d["reason"] for d in out["dropped"].to_pylist()]


def check_promises(stage: Stage, texts: Sequence[str]) -> None:
    """Same rows, columns as declared, any batch size, sliced batches, equal after pickling, empty batch."""
    work = stage.open()
    whole = batch(texts)
    out = work(whole)
    out.validate(full=True)
    assert out["id"].equals(whole["id"])
    added = {name: out.schema.field(name).type for name in out.schema.names if name not in ("id", "text")}
    assert added == {**stage.adds, "dropped": DROPPED}
    assert {r for r in reasons(out) if r} <= set(stage.reasons)
    again = pickle.loads(pickle.dumps(stage)).open()
    for size in (1, 3):
        # Slices of one batch have offsets that do not start at 0.
        parts = [again(whole.slice(i, size)) for i in range(0, len(texts), size)]
        assert pa.Table.from_batches(parts).to_pylist() == out.to_pylist()
    empty = work(whole.slice(0, 0))
    assert empty.num_rows == 0
    assert empty.schema.equals(out.schema)
    assert work(batch([])).schema.equals(out.schema)
