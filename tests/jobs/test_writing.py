"""How rows fall into batches and ledger parts depends on the rows alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.jobs import writing
from curate.jobs.files import FAULTS, LEDGER, writer
from curate.stage import TaskSpec


def cut(sizes: list[int], at: list[int]) -> Iterator[pa.RecordBatch]:
    """Texts of the given sizes, in batches of the given lengths."""
    done = 0
    for n in [*at, len(sizes)]:
        part = sizes[done : done + n]
        done += n
        yield pa.RecordBatch.from_pydict({"text": pa.array(["x" * s for s in part], pa.string())})


@given(
    st.lists(st.integers(0, 60), max_size=60),
    st.lists(st.integers(1, 9), max_size=10),
    st.lists(st.integers(1, 9), max_size=10),
)
def test_batches_do_not_depend_on_how_the_rows_came(sizes: list[int], one: list[int], other: list[int]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writing, "BATCH_ROWS", 7)
        patch.setattr(writing, "BATCH_BYTES", 100)
        first = [t["text"].to_pylist() for t in writing._rebatched(cut(sizes, one))]
        second = [t["text"].to_pylist() for t in writing._rebatched(cut(sizes, other))]
    assert first == second
    assert [t for batch in first for t in batch] == ["x" * s for s in sizes]
    assert all(0 < len(batch) <= 7 for batch in first)
    assert all(sum(map(len, batch[:-1])) < 100 for batch in first)


def test_ledger_parts_hold_every_id_once_and_sorted(tmp_path: Path) -> None:
    ids = [f"{i * 2654435761 % (1 << 80):020x}" for i in range(1, 200)]
    for k in range(3):
        rows = [
            {f.name: "x" for f in LEDGER if f.type == pa.string()} | {"id": i, "fate": "kept"}
            for i in sorted(ids[k::3])
        ]
        with writer(tmp_path / f"{k}.arrow", LEDGER) as out:
            out.write_table(pa.Table.from_pylist(rows, LEDGER))
    fault = {
        "id": "7" * 20,
        "source_id": "s",
        "path": "raw/x",
        "locator": "",
        "kind": "empty",
        "message": "nothing in it",
    }
    with writer(tmp_path / "faults.arrow", FAULTS) as out:
        out.write_table(pa.Table.from_pylist([fault], FAULTS))
    inputs = [tmp_path / n for n in ("0.arrow", "1.arrow", "2.arrow", "faults.arrow")]
    bounds = ["", "4000", "8000", "c000", ""]
    found: list[str] = []
    for i in range(4):
        args = {"first": bounds[i], "last": bounds[i + 1], "faults": 1}
        report = writing.write_ledger(TaskSpec("l", "ledger", "", "", args, (), (), ""), inputs, [tmp_path / "part"])
        part = pq.read_table(tmp_path / "part")
        assert report["rows"] == part.num_rows
        found += part["id"].to_pylist()
    assert found == sorted([*ids, "7" * 20])
