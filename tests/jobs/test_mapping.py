"""A stage that breaks its promises is stopped, and named without its data."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar, Literal

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from curate.config import Strict
from curate.errors import TaskError
from curate.jobs import mapping
from curate.jobs.files import batches_of, writer
from curate.records import INGESTED, mark, record_id, set_column
from curate.stage import TaskSpec

SECRET = "身份证52242619900307123X"


class Odd(Strict):
    """A stage that does what it is told, wrong things too."""

    kind: Literal["odd"] = "odd"
    version: ClassVar[int] = 1
    adds: ClassVar[dict[str, pa.DataType]] = {}
    reasons: ClassVar[tuple[str, ...]] = ("odd",)
    does: str = "nothing"

    def open(self, root: Path = Path()) -> Callable[[pa.RecordBatch], pa.RecordBatch]:
        return {
            "nothing": lambda b: b,
            "loses": lambda b: b.slice(1),
            "reorders": lambda b: b.take(pa.array(list(reversed(range(b.num_rows))))),
            "raises": _raise_on_secret,
            "tells": lambda b: set_column(b, "tally", b["text"]),
            "drops": lambda b: mark(b, ["odd" if "剔" in t else None for t in b["text"].to_pylist()]),
        }[self.does]


def _raise_on_secret(batch: pa.RecordBatch) -> pa.RecordBatch:
    for text in batch["text"].to_pylist():
        if SECRET in text:
            raise ValueError(f"cannot digest {text}")
    return batch


def shard(tmp_path: Path, texts: list[str]) -> None:
    source = {"source_id": "s", "path": "raw/a.jsonl", "sha256": "0"}
    rows = [
        {
            "id": record_id("s", "raw/a.jsonl", f"L{i + 1}"),
            "text": t,
            "source": {**source, "locator": f"L{i + 1}"},
            "input_id": None,
            "meta": None,
        }
        for i, t in enumerate(texts)
    ]
    with writer(tmp_path / "in.arrow", INGESTED) as out:
        for i in range(0, len(rows), 2):
            out.write_batch(pa.RecordBatch.from_pylist(rows[i : i + 2], INGESTED))


def run(tmp_path: Path, does: str, monkeypatch: pytest.MonkeyPatch, splits: list[str] | None = None) -> dict[str, Any]:
    monkeypatch.setitem(mapping.STAGES, "odd", Odd)
    args = {
        "shard": 0,
        "reads": [[0, 0, None, None]],
        "marks": [],
        "stages": [{"kind": "odd", "does": does}],
        "emits": None,
        "writes": not splits,
        "splits": splits or [],
        "routes": [],
        "bounds": [0.5] if splits else [],
        "seed": 0,
        "reads_files": {},
    }
    outputs = [*[f"{s}.arrow" for s in splits or ["kept"]], "ledger.arrow"]
    task = TaskSpec("segment-0/00000", "map", str(tmp_path), "work", args, ("in.arrow",), tuple(outputs), "")
    return mapping.map_shard(task, [tmp_path / "in.arrow"], [tmp_path / o for o in outputs])


@pytest.mark.parametrize("does", ["loses", "reorders"])
def test_a_stage_that_changes_its_rows_is_stopped(does: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shard(tmp_path, ["一", "二", "三"])
    with pytest.raises(TaskError, match="stage odd changed the rows"):
        run(tmp_path, does, monkeypatch)


def test_a_stage_that_raises_is_named_with_file_and_locator_and_no_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shard(tmp_path, ["一", "二", "三", SECRET])
    with pytest.raises(TaskError) as caught:
        run(tmp_path, "raises", monkeypatch)
    assert "raw/a.jsonl#L4" in caught.value.where
    assert "ValueError" in str(caught.value)
    assert "test_mapping.py" in str(caught.value)
    assert SECRET not in str(caught.value)
    assert caught.value.__suppress_context__


def test_rows_in_are_rows_kept_and_rows_in_the_ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shard(tmp_path, ["一", "剔", "三", "剔除", "五"])
    report = run(tmp_path, "drops", monkeypatch)
    assert report["stages"] == {"odd": {"in": 5, "kept": 3, "dropped": {"odd": 2}, "tally": {}}}
    kept = pa.Table.from_batches(list(batches_of(tmp_path / "kept.arrow")))
    ledger = pa.Table.from_batches(list(batches_of(tmp_path / "ledger.arrow")))
    assert kept["text"].to_pylist() == ["一", "三", "五"]
    assert sorted(ledger["locator"].to_pylist()) == ["L2", "L4"]
    assert ledger["id"].to_pylist() == sorted(ledger["id"].to_pylist())
    assert set(ledger["fate"].to_pylist()) == {"dropped"}
    assert "text" not in ledger.column_names


def test_what_a_stage_tells_is_counted_over_all_its_rows_and_goes_no_further(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shard(tmp_path, ["一", "二", "一", "三", "一"])
    report = run(tmp_path, "tells", monkeypatch)
    assert report["stages"]["odd"]["tally"] == {"一": 3, "二": 1, "三": 1}
    assert pa.Table.from_batches(list(batches_of(tmp_path / "kept.arrow"))).column_names == INGESTED.names


def test_the_last_segment_sorts_records_into_splits_and_logs_every_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shard(tmp_path, [str(i) for i in range(40)])
    report = run(tmp_path, "nothing", monkeypatch, ["train", "test"])
    assert sum(report["parts"]) == 40
    assert min(report["parts"]) > 5
    for split, rows in zip(("train", "test"), report["parts"], strict=True):
        batches = list(batches_of(tmp_path / f"{split}.arrow"))
        assert sum(b.num_rows for b in batches) == rows
        assert all(pc.all(pc.equal(b["split"], split)).as_py() for b in batches)
    assert report["ledger"] == 40
    assert report["summary"]["chars"] == sum(len(str(i)) for i in range(40))
    assert json.loads(json.dumps(report)) == report
