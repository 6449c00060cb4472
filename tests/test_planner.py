"""Tasks as plain data: what their fingerprints cover, how rows fall into shards, what is written between segments."""

from __future__ import annotations

from typing import Any

import pytest

from curate.planner import Planner, fingerprint
from curate.recipe import resolve
from curate.segments import segments_of
from curate.stage import TaskResult
from tests.runs import ROOT


def planner(*sets: str, limit: int | None = None) -> Planner:
    from curate.catalog import load_catalog

    return Planner("/d", resolve(ROOT / "configs/baijiu.yaml", sets), load_catalog(ROOT / "examples/baijiu"), limit)


def ingested(*batches: list[list[int]]) -> list[TaskResult]:
    return [
        TaskResult(
            f"i{k}",
            (f"{k}.arrow", f"{k}.faults"),
            {"batches": b, "faults": {}, "outputs": {f"{k}.arrow": {"sha256": str(k)}}},
        )
        for k, b in enumerate(batches)
    ]


def test_a_pipeline_is_cut_at_its_corpus_stages() -> None:
    segments = segments_of(planner().pipeline.stages)
    assert [[s.kind for s in x.stages] for x in segments] == [
        ["normalise", "language", "quality", "against", "decontaminate"],
        [],
        ["anonymise", "recheck"],
    ]
    assert [x.emits.kind if x.emits else None for x in segments] == ["exact_dedup", "near_dedup", None]
    assert [planner().writes(i) for i in range(3)] == [True, False, False]


def test_a_later_segment_applies_all_decisions_since_rows_were_written() -> None:
    base = [TaskResult("b", ("b.arrow",), {"outputs": {"b.arrow": {"sha256": "0"}}})]
    decided = [
        TaskResult(f"m{i}", (f"m{i}.arrow",), {"outputs": {f"m{i}.arrow": {"sha256": str(i)}}}) for i in range(2)
    ]
    task = planner().map_next(2, base, decided)[0]
    assert [m["kind"] for m in task.args["marks"]] == ["exact_dedup", "near_dedup"]
    assert task.inputs == ("b.arrow", "m0.arrow", "m1.arrow")


PLAIN = ("map", {"a": 1}, ["x"], [["quality", 1]])


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (("ledger", {"a": 1}, ["x"], [["quality", 1]]), "another job"),
        (("map", {"a": 2}, ["x"], [["quality", 1]]), "another argument"),
        (("map", {"a": 1}, ["y"], [["quality", 1]]), "another input"),
        (("map", {"a": 1}, ["x", "x"], [["quality", 1]]), "one input more"),
        (("map", {"a": 1}, ["x"], [["quality", 2]]), "another version of a stage"),
    ],
)
def test_a_fingerprint_covers(other: Any, why: str) -> None:
    assert fingerprint(*PLAIN) == fingerprint(*PLAIN)
    assert fingerprint(*other) != fingerprint(*PLAIN), why


def test_what_does_not_change_the_records_is_not_in_the_fingerprint_of_reading() -> None:
    from curate.scan import RawFile

    one = planner()
    source = one.catalog.sources[0]
    file = RawFile(source, "raw/a.txt", 1, "0")
    renamed = RawFile(source.model_copy(update={"title": "other", "paths": ("raw/**",)}), "raw/a.txt", 1, "0")
    graded = RawFile(
        source.model_copy(update={"grade": "一般1" if source.grade != "一般1" else "一般2"}), "raw/a.txt", 1, "0"
    )
    assert one.ingest(file).fingerprint == one.ingest(renamed).fingerprint
    assert one.ingest(file).fingerprint != one.ingest(graded).fingerprint, "the grade is in every record"
    assert one.ingest(file).fingerprint != one.ingest(file, poison=True).fingerprint


@pytest.mark.parametrize(
    ("batches", "task_mb", "shards"),
    [
        ([[[2, 5]], [[3, 5]]], 0.00002, [[(0, 0, 1), (1, 0, 1)]]),
        ([[[2, 15]], [[3, 15]]], 0.00002, [[(0, 0, 1)], [(1, 0, 1)]]),
        ([[[1, 9], [1, 9], [1, 9]]], 0.00002, [[(0, 0, 2)], [(0, 2, 3)]]),
        ([[[1, 999]]], 0.00002, [[(0, 0, 1)]]),
        ([[], [[1, 1]]], 0.00002, [[(1, 0, 1)]]),
    ],
    ids=["two files in one", "one each", "a file over two", "larger than a task", "an empty file"],
)
def test_files_and_batches_are_packed_in_order(batches: Any, task_mb: float, shards: Any) -> None:
    results = ingested(*batches)
    found = planner(f"work.task_mb={task_mb}").shards(results)
    assert [[(results.index(r), lo, hi) for r, lo, hi, _ in shard] for shard in found] == shards


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 99])
def test_a_limit_takes_that_many_records(limit: int) -> None:
    results = ingested([[2, 10], [2, 10]], [[3, 10]])
    rows = 0
    for shard in planner(limit=limit).shards(results):
        for r, lo, hi, cut in shard:
            rows += cut if cut is not None else sum(n for n, _ in r.marker["batches"][lo:hi])
    assert rows == min(limit, 7)


@pytest.mark.parametrize(
    ("rows", "mb", "n"), [(10, 0.5, 1), (10, 2.5, 3), (2, 90, 2)], ids=["one", "three", "no empty shard"]
)
def test_shards_of_a_split_cover_its_rows_once(rows: int, mb: float, n: int) -> None:
    mapped = [
        TaskResult(
            "m",
            ("t", "v", "s", "l"),
            {
                "summary": {"bytes": int(mb * 1e6)},
                "rows": rows,
                "parts": [rows, 0, 0],
                "outputs": {k: {"sha256": k} for k in "tvsl"},
            },
        )
    ]
    tasks = planner("output.shard_mb=1").data_shards(mapped)
    assert len(tasks) == n
    assert [t.args["start"] for t in tasks] == [0, *[t.args["stop"] for t in tasks][:-1]]
    assert tasks[-1].args["stop"] == rows
    assert all(t.args["start"] < t.args["stop"] for t in tasks)
