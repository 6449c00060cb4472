"""Quotas, limits, locks, starting over, and files that end the worker that reads them."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from curate import runner
from curate.engines.tasks import run_task
from curate.errors import DomainError, QuotaError, WorkerLost
from curate.stage import TaskResult, TaskSpec
from tests.runs import do, domain_copy


class Inline:
    """An engine in this process; reading `deadly` ends its worker each time."""

    def __init__(self, deadly: str = "") -> None:
        self.deadly = deadly

    def run(self, tasks: Sequence[TaskSpec]) -> Iterator[TaskResult]:
        for task in tasks:
            if self.deadly and task.args.get("path") == self.deadly and not task.args["poison"]:
                raise WorkerLost("the worker died 3 times", where=task.id)
            yield run_task(task)

    def close(self) -> None: ...


@pytest.fixture
def inline(monkeypatch: pytest.MonkeyPatch) -> Inline:
    engine = Inline()
    monkeypatch.setattr(runner, "engine_of", lambda *_: engine)
    return engine


def test_a_file_that_ends_its_worker_is_quarantined_and_the_run_goes_on(inline: Inline, tmp_path: Path) -> None:
    folder = domain_copy("meteorology", tmp_path)
    inline.deadly = next(p.relative_to(folder).as_posix() for p in sorted((folder / "raw").rglob("*.pdf")))
    report, _ = do(folder, "meteorology")
    rows = [r for r in pq.read_table(report.dataset / "quarantine.parquet").to_pylist() if r["path"] == inline.deadly]
    assert [r["kind"] for r in rows] == ["crashed"]


@pytest.mark.parametrize(("quota", "text"), [("0", "files cannot be read"), ("0.0", "policy.max_quarantined")])
def test_more_than_the_quota_ends_the_run(inline: Inline, tmp_path: Path, quota: str, text: str) -> None:
    folder = domain_copy("meteorology", tmp_path)
    domain = (folder / "domain.yaml").read_text("utf-8")
    (folder / "domain.yaml").write_text(domain.replace("max_quarantined: 0.15", f"max_quarantined: {quota}"), "utf-8")
    with pytest.raises(QuotaError, match=text) as caught:
        do(folder, "meteorology")
    assert caught.value.exit_code == 3
    assert not (folder / "outbox").exists()


def test_nothing_kept_is_an_error_not_an_empty_dataset(inline: Inline, tmp_path: Path) -> None:
    folder = domain_copy("meteorology", tmp_path)
    with pytest.raises(QuotaError, match="no record was kept"):
        do(folder, "meteorology", "quality.chars.least=1000000")


def test_a_limit_has_a_dataset_of_its_own(inline: Inline, tmp_path: Path) -> None:
    folder = domain_copy("meteorology", tmp_path)
    report, _ = do(folder, "meteorology", limit=20)
    assert report.dataset.name.endswith("+limit20")
    counts = report.manifest["counts"]
    assert report.manifest["ingest"]["records"] == 20
    assert counts["in"] == counts["kept"] + counts["dropped"] + counts["quarantined"]


def test_one_run_at_a_time(inline: Inline, tmp_path: Path) -> None:
    folder = domain_copy("meteorology", tmp_path)
    (folder / "work/meteorology").mkdir(parents=True)
    with (folder / "work/meteorology/lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(DomainError, match="another run"):
            do(folder, "meteorology")


def test_fresh_starts_over(inline: Inline, tmp_path: Path) -> None:
    folder = domain_copy("meteorology", tmp_path)
    do(folder, "meteorology")
    _, again = do(folder, "meteorology")
    assert again.ran == []
    _, fresh = do(folder, "meteorology", fresh=True)
    assert len(fresh.ran) > 60


def test_a_damaged_dataset_is_written_anew(inline: Inline, tmp_path: Path) -> None:
    folder = domain_copy("meteorology", tmp_path)
    first, _ = do(folder, "meteorology")
    next(first.dataset.rglob("*.arrow")).unlink()
    again, _ = do(folder, "meteorology")
    assert again.rewritten
    assert next(first.dataset.rglob("*.arrow"))


def test_run_json_holds_what_may_differ(inline: Inline, tmp_path: Path) -> None:
    folder = domain_copy("meteorology", tmp_path)
    report, _ = do(folder, "meteorology")
    run = json.loads((report.dataset / "run.json").read_bytes())
    assert run["manifest"] == report.manifest["digest"]
    assert {"started", "finished", "machine", "engine", "workers", "isolation"} <= set(run)
    shown = (report.dataset / "manifest.json").read_text("utf-8")
    assert str(tmp_path) not in shown
    assert run["started"][:10] not in shown.replace(json.dumps(report.manifest["inputs"], ensure_ascii=False), "")
