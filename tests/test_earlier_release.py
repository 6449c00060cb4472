"""A second release held against the first: what the first has is left out, and its texts need not be there."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from curate import runner
from curate.errors import DomainError
from curate.report.model import open_dataset
from curate.report.trace import life, life_lines
from curate.report.verify import verify
from curate.signatures import FILES, Store, find_store
from tests.runs import dataset_digest, do, domain_copy, read_records
from tests.test_runner import Inline

NEW = (
    "新酒入库前先在缓冲间静置一昼夜，由保管员核对坛号与封条，再以虹吸管取中层样三份。一份送化验室测总酸总酯，一份留作封样，"
    "另一份供品评组盲评。品评分数低于八十分的，退回勾调组另行处理，不得与正品同架存放；处理经过写入当月台账，季度末由质检科抽查。"
)
EDITED = "raw/process/2026/stacking-essay-final.txt"
AGAINST = ("version=0.2.0", "against.datasets=[outbox/baijiu/0.1.0]")


def ledger(dataset: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(dataset / "ledger").to_pylist()
    return rows


def grow(folder: Path) -> None:
    """One file more, and one edited a little; the texts of the first release are deleted."""
    (folder / "raw/process/2026/new.txt").write_text(NEW, "utf-8")
    path = folder / EDITED
    path.write_text(path.read_text("utf-8").replace("。", "；", 1), "utf-8")
    shutil.rmtree(folder / "outbox/baijiu/0.1.0/data")
    shutil.rmtree(folder / "outbox/baijiu/0.1.0/ledger")


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = domain_copy("baijiu", tmp_path_factory.mktemp("earlier"))
    do(folder, "baijiu", workers=2)
    return folder


@pytest.fixture
def inline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs in this process: starting workers takes longer than all that they do here."""
    monkeypatch.setattr(runner, "engine_of", lambda *_: Inline())


def copy(folder: Path, place: Path) -> Path:
    return Path(shutil.copytree(folder, place / folder.name))


def test_only_the_new_is_kept_and_each_that_goes_names_the_earlier_record(first: Path, tmp_path: Path) -> None:
    kept_before = {r["id"] for r in ledger(first / "outbox/baijiu/0.1.0") if r["fate"] == "kept"}
    digests = set()
    for workers in (1, 2):
        folder = copy(first, tmp_path / str(workers))
        grow(folder)
        report, watch = do(folder, "baijiu", *AGAINST, workers=workers)
        digests.add(dataset_digest(report.dataset))
        assert len([t for t in watch.ran if t.startswith("ingest/")]) == 2, "what was read before is not read again"
    assert len(digests) == 1
    assert [(r["source"]["path"], r["text"]) for r in read_records(report.dataset)] == [
        ("raw/process/2026/new.txt", NEW)
    ]
    rows = {r["id"]: r for r in ledger(report.dataset)}
    for id in kept_before:
        row = rows[id]
        reason = "near_earlier" if row["source_path"] == EDITED else "exact_earlier"
        assert (row["fate"], row["stage"], row["reason"]) == ("dropped", "against", reason)
        assert row["duplicate_of"] == f"baijiu/0.1.0:{id}"
    named = {r["duplicate_of"].removeprefix("baijiu/0.1.0:") for r in rows.values() if r["stage"] == "against"}
    assert named == kept_before, "records that the first release dropped are not what the second is held against"
    assert verify(report.dataset) == []
    reads = open_dataset(report.dataset).inputs.reads
    assert [(r.stage, r.path) for r in reads] == [("against", "work/signatures/baijiu/0.1.0/about.json")]
    edited = next(r for r in rows.values() if r["source_path"] == EDITED)
    told = "\n".join(life_lines(life(report.dataset, edited["id"])))
    assert f"near_earlier: nearly record {edited['id']} of the earlier dataset baijiu/0.1.0, Jaccard about " in told
    same = next(r for r in rows.values() if r["reason"] == "exact_earlier")
    assert "exact_earlier: the text of record " in "\n".join(life_lines(life(report.dataset, same["id"])))
    again, watch = do(folder, "baijiu", *AGAINST, workers=2)
    assert (again.rewritten, watch.ran) == (False, [])


def test_what_a_forger_writes_for_an_earlier_record_is_found(inline: None, first: Path, tmp_path: Path) -> None:
    from tests.report.tampering import found, reseal, rewrite_parquet

    folder = copy(first, tmp_path)
    (folder / "raw/process/2026/new.txt").write_text(NEW, "utf-8")
    report, _ = do(folder, "baijiu", *AGAINST)

    def change(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        row = next(r for r in rows if r["reason"] == "exact_earlier")
        row["duplicate_of"] = row["id"]
        return rows

    rewrite_parquet(report.dataset / "ledger/part-00000.parquet", change)
    reseal(report.dataset)
    assert [f for f in found(report.dataset) if "names no record of an earlier dataset" in f]


def test_the_store_holds_the_records_kept_and_no_other(first: Path) -> None:
    dataset = first / "outbox/baijiu/0.1.0"
    rows = ledger(dataset)
    store = Store.open(first / find_store(first, "outbox/baijiu/0.1.0"))
    assert sorted(store.ids(store.ranks.argsort()).to_pylist()) == sorted(r["id"] for r in rows if r["fate"] == "kept")
    assert (store.name, store.version) == ("baijiu", "0.1.0")
    assert Counter(r["stage"] for r in rows if r["fate"] == "dropped")["near_dedup"] > 0, "some were signed and dropped"


def files(folder: Path) -> dict[str, bytes]:
    return {file: (folder / file).read_bytes() for file in FILES}


def test_workers_and_shards_change_no_byte_of_the_store(inline: None, first: Path, tmp_path: Path) -> None:
    folder = domain_copy("baijiu", tmp_path)
    do(folder, "baijiu", "work.task_mb=0.01", "work.batch_rows=3")
    place = "work/signatures/baijiu/0.1.0"
    assert files(folder / place) == files(first / place)
    assert (folder / place / "about.json").read_bytes() == (first / place / "about.json").read_bytes()


def test_a_store_that_was_lost_is_put_back_without_work(inline: None, first: Path, tmp_path: Path) -> None:
    folder = copy(first, tmp_path)
    place = folder / "work/signatures/baijiu/0.1.0"
    (place / "keys.u64").unlink()
    report, watch = do(folder, "baijiu")
    assert (report.rewritten, watch.ran) == (False, [])
    assert files(place) == files(first / "work/signatures/baijiu/0.1.0")


def test_signatures_in_the_dataset_are_its_files(inline: None, first: Path, tmp_path: Path) -> None:
    """The manifest differs by the config and by those files, and the second release is the same."""
    folder = copy(first, tmp_path)
    shutil.rmtree(folder / "outbox")
    shutil.rmtree(folder / "work/signatures")
    report, watch = do(folder, "baijiu", "output.signatures=dataset")
    assert [t for t in watch.ran if t.startswith("segment-")] == [], "where they go is nothing to a stage"
    assert not (folder / "work/signatures").exists()
    assert files(report.dataset / "signatures") == files(first / "work/signatures/baijiu/0.1.0")
    assert verify(report.dataset) == []
    plain = json.loads((first / "outbox/baijiu/0.1.0/manifest.json").read_bytes())
    mine = dict(report.manifest)
    for manifest in (plain, mine):
        manifest["outputs"] = {n: o for n, o in manifest["outputs"].items() if not n.startswith("signatures/")}
        del manifest["digest"], manifest["config"]
    assert mine == plain
    grow(folder)
    second, _ = do(folder, "baijiu", *AGAINST)
    assert [r["text"] for r in read_records(second.dataset)] == [NEW]
    path = report.dataset / "signatures/keys.u64"
    path.write_bytes(bytes(reversed(path.read_bytes())))
    assert any("signatures/keys.u64: was changed" in str(f) for f in verify(report.dataset))


def test_no_signatures_where_none_are_wanted(inline: None, first: Path, tmp_path: Path) -> None:
    folder = copy(first, tmp_path)
    shutil.rmtree(folder / "work/signatures")
    _, watch = do(folder, "baijiu", "output.signatures=none")
    assert "signatures" not in watch.ran
    assert not (folder / "work/signatures").exists()
    with pytest.raises(DomainError, match="no signatures of this dataset are kept"):
        do(folder, "baijiu", *AGAINST)
    assert not (folder / "outbox/baijiu/0.2.0").exists()


def test_signatures_of_another_build_are_refused_before_any_task(inline: None, first: Path, tmp_path: Path) -> None:
    folder = copy(first, tmp_path)
    do(folder, "baijiu", "quality.chars.least=90", "output.signatures=none")
    before = sorted(folder.rglob("*"))
    with pytest.raises(DomainError, match="not those of this dataset"):
        do(folder, "baijiu", *AGAINST)
    assert sorted(folder.rglob("*")) == before


def test_another_store_runs_the_stage_anew(inline: None, first: Path, tmp_path: Path) -> None:
    """The store is part of what a task's result depends on."""
    folder = copy(first, tmp_path)
    (folder / "raw/process/2026/new.txt").write_text(NEW, "utf-8")
    report, _ = do(folder, "baijiu", *AGAINST)
    assert report.manifest["counts"]["kept"] == 1
    do(folder, "baijiu", "quality.chars.least=300")
    report, watch = do(folder, "baijiu", *AGAINST)
    assert [t for t in watch.ran if t.startswith("ingest/")] == []
    assert [t for t in watch.ran if t.startswith("segment-0/")]
    assert report.manifest["counts"]["kept"] > 1
