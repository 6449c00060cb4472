"""The promises of the main job, shown over the examples: fates, determinism, resuming, and what a change re-runs."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pyarrow.parquet as pq
import pytest

from tests.runs import EXAMPLES, ROOT, built, dataset_digest, do, domain_copy, read_records

FALSE_NAMES = 1e-3
"""Words taken for names and addresses, for each character of the examples; numbers are never taken for what they are not."""


@pytest.mark.parametrize("name", EXAMPLES)
def test_everything_planted_meets_its_fate(undisturbed: dict[str, Path], name: str) -> None:
    dataset = built(undisturbed[name])
    ledger = {(r["source_path"], r["locator"]): r for r in pq.read_table(dataset / "ledger").to_pylist()}
    places = {r["id"]: (r["source_path"], r["locator"]) for r in ledger.values()}
    records = {(r["source"]["path"], r["source"]["locator"]): r for r in read_records(dataset)}
    expected = json.loads((ROOT / "examples" / name / "expected.json").read_text("utf-8"))
    wrong, more_names, chars = [], 0, 0
    for e in expected:
        at = (e["path"], e["locator"])
        row = ledger.get(at)
        if row is None:
            wrong.append((at, "not in the ledger"))
            continue
        got = {"fate": row["fate"], "stage": row["stage"], "reason": row["reason"]}
        want = {"fate": e["fate"], "stage": e.get("stage"), "reason": e.get("reason")}
        if got != want:
            wrong.append((at, f"got {got}, expected {want}"))
            continue
        if e.get("duplicate_of"):
            of = places.get(row["duplicate_of"])
            if of != (e["duplicate_of"]["path"], e["duplicate_of"]["locator"]):
                wrong.append((at, f"duplicate of {of}, expected {e['duplicate_of']}"))
        if e["fate"] == "kept":
            record = records[at]
            text = record["text"] + (record["meta"] or "")
            found = {p["entity"]: p["count"] for p in record["pii"]}
            planted = dict(e.get("pii", {}))
            names = {kind: found.pop(kind, 0) - planted.pop(kind, 0) for kind in ("PERSON", "ADDRESS")}
            more_names += sum(max(0, n) for n in names.values())
            chars += record["n_chars"]
            if found != planted or min(names.values()) < 0:
                wrong.append((at, f"personal data {found} and {names} more, expected {planted}"))
            wrong += [(at, "a planted value is still there") for v in e.get("must_not_appear", []) if v in text]
            wrong += [(at, f"a look-alike was lost: {v}") for v in e.get("must_appear", []) if v not in text]
    assert not wrong, "\n".join(f"{at}: {what}" for at, what in wrong)
    assert more_names <= FALSE_NAMES * chars, f"{more_names} names that nobody planted in {chars} characters"
    raw = {p.relative_to(undisturbed[name]).as_posix() for p in (undisturbed[name] / "raw").rglob("*") if p.is_file()}
    assert {e["path"] for e in expected} == raw, "every raw file has its line in expected.json"


@pytest.mark.parametrize("name", EXAMPLES)
def test_no_planted_value_anywhere_in_the_dataset(undisturbed: dict[str, Path], name: str) -> None:
    """Not in cards, statistics, ledgers or manifests either."""
    dataset = built(undisturbed[name])
    expected = json.loads((ROOT / "examples" / name / "expected.json").read_text("utf-8"))
    values = {v for e in expected for v in e.get("must_not_appear", [])}
    assert values
    texts = [p.read_text("utf-8") for p in dataset.rglob("*") if p.suffix in (".json", ".md")]
    texts += [json.dumps(pq.read_table(p).to_pylist(), ensure_ascii=False) for p in dataset.rglob("*.parquet")]
    assert not [p for p in values for text in texts if p in text]


@pytest.mark.parametrize(
    ("name", "sets", "how"),
    [
        ("baijiu", (), {"workers": 1}),
        ("baijiu", (), {"workers": 4}),
        ("baijiu", ("work.batch_rows=3",), {"workers": 2}),
        ("baijiu", ("work.task_mb=0.01", "work.batch_rows=5"), {"workers": 2}),
        ("coal", ("work.task_mb=0.02",), {"workers": 1}),
        ("meteorology", ("work.batch_rows=1",), {"workers": 2}),
    ],
    ids=str,
)
def test_workers_batches_and_shards_change_nothing(
    undisturbed: dict[str, Path], tmp_path: Path, name: str, sets: tuple[str, ...], how: dict[str, Any]
) -> None:
    folder = domain_copy(name, tmp_path)
    report, _ = do(folder, name, *sets, **how)
    assert dataset_digest(report.dataset) == dataset_digest(built(undisturbed[name]))


def test_a_second_run_does_nothing(undisturbed: dict[str, Path]) -> None:
    report, watch = do(undisturbed["coal"], "coal", workers=2)
    assert watch.ran == []
    assert not report.rewritten


def test_one_threshold_reruns_only_what_depends_on_it(tmp_path: Path) -> None:
    folder = domain_copy("meteorology", tmp_path)
    do(folder, "meteorology", workers=2)
    _, watch = do(folder, "meteorology", "near_dedup.threshold=0.85", workers=2)
    touched = {task.split("/")[0] for task in watch.ran}
    assert "ingest" not in touched
    assert "segment-0" not in touched
    assert "reduce-0" not in touched
    assert "merge-1" in touched


def test_one_more_file_ingests_only_that_file(tmp_path: Path) -> None:
    folder = domain_copy("meteorology", tmp_path)
    do(folder, "meteorology", workers=2)
    some = next(p for p in sorted((folder / "raw").rglob("*.txt")) if p.stat().st_size > 800)
    some.with_name("one-more.txt").write_bytes(some.read_bytes().replace(b"\xe3\x80\x82", b"\xef\xbc\x9b"))
    report, watch = do(folder, "meteorology", workers=2)
    assert len([task for task in watch.ran if task.startswith("ingest/")]) == 1
    assert report.rewritten


def command(folder: Path, name: str) -> list[str]:
    config = str(ROOT / "configs" / f"{name}.yaml")
    return [sys.executable, "-m", "curate", "run", config, "--domain", str(folder), "--workers", "2"]


def in_session(leader: int) -> list[psutil.Process]:
    """Living processes of the session that `leader` began."""
    out = []
    for process in psutil.process_iter():
        try:
            if os.getsid(process.pid) == leader and process.status() != psutil.STATUS_ZOMBIE:
                out.append(process)
        except (ProcessLookupError, psutil.NoSuchProcess):
            continue
    return out


def wait_until_gone(leader: int, seconds: float = 15) -> list[psutil.Process]:
    deadline = time.monotonic() + seconds
    while (left := in_session(leader)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return left


@pytest.fixture(scope="session")
def run_seconds(tmp_path_factory: pytest.TempPathFactory) -> float:
    folder = domain_copy("meteorology", tmp_path_factory.mktemp("timed"))
    began = time.monotonic()
    subprocess.run(command(folder, "meteorology"), check=True, capture_output=True)
    return time.monotonic() - began


@pytest.mark.parametrize("seed", range(10))
def test_driver_killed_at_a_random_moment(
    undisturbed: dict[str, Path], run_seconds: float, tmp_path: Path, seed: int
) -> None:
    folder = domain_copy("meteorology", tmp_path)
    moment = random.Random(seed).uniform(0.05, 0.95) * run_seconds
    with (tmp_path / "out").open("wb") as out:
        process = subprocess.Popen(command(folder, "meteorology"), stdout=out, stderr=out, start_new_session=True)
        time.sleep(moment)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert wait_until_gone(process.pid) == []
    subprocess.run(command(folder, "meteorology"), check=True, capture_output=True)
    assert dataset_digest(built(folder)) == dataset_digest(built(undisturbed["meteorology"]))
    assert not list((folder / "work").rglob("*.tmp"))


@pytest.mark.parametrize("seed", range(10))
def test_worker_killed_at_a_random_moment(
    undisturbed: dict[str, Path], run_seconds: float, tmp_path: Path, seed: int
) -> None:
    folder = domain_copy("meteorology", tmp_path)
    chance = random.Random(100 + seed)
    moment = chance.uniform(0.2, 0.9) * run_seconds
    with (tmp_path / "out").open("wb") as out:
        process = subprocess.Popen(command(folder, "meteorology"), stdout=out, stderr=out, start_new_session=True)
        time.sleep(moment)
        workers = [p for p in psutil.Process(process.pid).children(recursive=True) if p.ppid() != process.pid]
        if workers:
            chance.choice(workers).kill()
        code = process.wait(timeout=120)
    assert code == 0, (tmp_path / "out").read_text()
    assert wait_until_gone(process.pid) == []
    assert dataset_digest(built(folder)) == dataset_digest(built(undisturbed["meteorology"]))
