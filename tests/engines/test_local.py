"""The local engine: retries, giving up, few tasks in flight, resuming; with jobs small enough to see through."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

import pytest

from curate.engines import tasks as common
from curate.engines.local import LocalEngine
from curate.errors import TaskError, WorkerLost
from curate.stage import TaskSpec
from curate.work import marker_of, marker_path, sweep


def spec(root: Path, name: str, fn: str = "ok", **args: Any) -> TaskSpec:
    return TaskSpec(name, fn, str(root), "work", args, (), (f"work/{name}.out",), f"print-of-{name}")


def ok(task: TaskSpec, inputs: Sequence[Path], outputs: Sequence[Path]) -> dict[str, Any]:
    outputs[0].write_text(task.id)
    return {"rows": 1}


def breaks(task: TaskSpec, inputs: Sequence[Path], outputs: Sequence[Path]) -> dict[str, Any]:
    outputs[0].write_text("half")
    raise ValueError("张三 13800000000")


def dies(task: TaskSpec, inputs: Sequence[Path], outputs: Sequence[Path]) -> dict[str, Any]:
    """Ends its process on the first `deaths` attempts, then works."""
    tally = Path(task.root) / f"{task.id}.deaths"
    n = len(tally.read_text()) if tally.exists() else 0
    if n < task.args["deaths"]:
        tally.write_text("x" * (n + 1))
        os.kill(os.getpid(), signal.SIGKILL)
    return ok(task, inputs, outputs)


JOBS = {"ok": ok, "breaks": breaks, "dies": dies}


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch):
    """An engine whose workers know the jobs above: they come from this module through the fork server."""
    monkeypatch.setattr(common, "JOBS", JOBS)
    engine = LocalEngine(2)
    monkeypatch.setattr(LocalEngine, "task_function", staticmethod(run_with_jobs))
    yield engine
    engine.close()


def run_with_jobs(task: TaskSpec, attempt: int) -> Any:
    common.JOBS = JOBS
    return common.run_task(task, attempt)


def test_runs_all_and_writes_markers(engine: LocalEngine, tmp_path: Path) -> None:
    todo = [spec(tmp_path, f"t{i}") for i in range(7)]
    results = list(engine.run(todo))
    assert sorted(r.id for r in results) == [t.id for t in todo]
    assert all((tmp_path / t.outputs[0]).read_text() == t.id for t in todo)
    assert all(marker_of(t) for t in todo)


def test_finished_tasks_are_skipped_and_changed_ones_are_not(engine: LocalEngine, tmp_path: Path) -> None:
    first = spec(tmp_path, "a")
    list(engine.run([first]))
    changed = TaskSpec(first.id, first.fn, first.root, first.work, {}, (), first.outputs, "another print")
    assert [r.skipped for r in engine.run([first])] == [True]
    assert [r.skipped for r in engine.run([changed])] == [False]


def test_a_task_whose_output_is_gone_or_cut_is_run_again(engine: LocalEngine, tmp_path: Path) -> None:
    task = spec(tmp_path, "a")
    list(engine.run([task]))
    (tmp_path / task.outputs[0]).write_text("")
    assert [r.skipped for r in engine.run([task])] == [False]
    (tmp_path / task.outputs[0]).unlink()
    assert [r.skipped for r in engine.run([task])] == [False]


def test_a_half_written_marker_counts_for_nothing(engine: LocalEngine, tmp_path: Path) -> None:
    task = spec(tmp_path, "a")
    list(engine.run([task]))
    marker_path(task).write_bytes(marker_path(task).read_bytes()[:20])
    assert [r.skipped for r in engine.run([task])] == [False]


@pytest.mark.parametrize("deaths", [1, 2])
def test_a_worker_that_dies_is_replaced(engine: LocalEngine, tmp_path: Path, deaths: int) -> None:
    todo = [spec(tmp_path, "d", "dies", deaths=deaths), *[spec(tmp_path, f"t{i}") for i in range(5)]]
    results = {r.id: r for r in engine.run(todo)}
    assert len(results) == 6
    assert results["d"].attempts == deaths + 1


def test_a_task_that_always_dies_is_named_and_its_neighbours_are_not(engine: LocalEngine, tmp_path: Path) -> None:
    todo = [*[spec(tmp_path, f"t{i}") for i in range(3)], spec(tmp_path, "poison", "dies", deaths=99)]
    with pytest.raises(WorkerLost) as caught:
        list(engine.run(todo))
    assert caught.value.where == "poison"
    assert len((tmp_path / "poison.deaths").read_text()) == 3


def test_a_task_is_not_lost_when_the_pool_is_found_broken(
    engine: LocalEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker may die after one task was handed over and before the next is."""
    submit = LocalEngine._submit
    calls: list[str] = []

    def broken_at_the_second(self: LocalEngine, task: TaskSpec, attempt: int) -> Any:
        calls.append(task.id)
        if len(calls) == 2:
            raise BrokenProcessPool
        return submit(self, task, attempt)

    monkeypatch.setattr(LocalEngine, "_submit", broken_at_the_second)
    tasks = [spec(tmp_path, name) for name in "abc"]
    assert sorted(r.id for r in engine.run(tasks)) == ["a", "b", "c"]


def test_an_error_names_the_task_but_never_its_text_and_leaves_nothing(engine: LocalEngine, tmp_path: Path) -> None:
    with pytest.raises(TaskError) as caught:
        list(engine.run([spec(tmp_path, "b", "breaks")]))
    assert "b" in caught.value.where
    assert "ValueError" in str(caught.value)
    assert "张三" not in str(caught.value)
    assert "1380" not in repr(caught.value.__cause__)
    assert not list(tmp_path.rglob("*.tmp"))
    assert not (tmp_path / "work/b.out").exists()


def test_sweep_takes_only_what_killed_tasks_left(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a/x.arrow.1f.tmp").write_text("half")
    (tmp_path / "a/x.arrow").write_text("whole")
    sweep(tmp_path)
    assert [p.name for p in (tmp_path / "a").iterdir()] == ["x.arrow"]
