"""run and plan, and reading what they made."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from rich.console import Console
from rich.progress import Progress as Bars
from rich.progress import TextColumn

from curate.cli import progress as shown
from curate.cli.runs import _short
from curate.runner import Phase
from curate.stage import TaskResult
from tests.cli.conftest import Call
from tests.runs import ROOT, dataset_digest
from tests.small import BOILER, CELLAR, STEAMING, TICKET


def test_a_run_from_beginning_to_end(curate: Call, small_domain: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(small_domain)
    called = curate("run", "config.yaml", "--domain", ".", "--workers", "1")
    assert called.code == 0, called.err
    assert called.out.splitlines() == [
        "wrote outbox/small/0.1.0   5 records, 3 splits, 3 shards",
        "next: curate show outbox/small/0.1.0",
        "      curate trace outbox/small/0.1.0 ID",
        "      curate verify outbox/small/0.1.0",
        '      load_dataset("outbox/small/0.1.0", "small")',
    ]
    lines = called.err.splitlines()
    assert lines[0].startswith("small 0.1.0 · recipe pretrain · 2 sources, 11 files, ")
    assert lines[0].endswith(" · local, 1 worker")
    assert lines[1] == "ingest                      11 files   9 read   3 quarantined   10 records"
    assert lines[2] == "normalise → decontaminate   10 in   2 dropped: other_language 1, too_short 1"
    assert lines[3] == "exact_dedup                 8 in   1 dropped: exact_duplicate 1"
    assert lines[4].startswith("near_dedup → recheck        7 in   2 dropped: near_duplicate 2   personal data: ")
    everything = called.out + called.err
    assert not any(text[:12] in everything for text in (BOILER, CELLAR, STEAMING, TICKET))
    assert "13912345678" not in everything

    again = curate("run", "config.yaml", "--domain", ".", "--workers", "1", "--json")
    told = json.loads(again.out)
    assert (told["rewritten"], told["tasks"]["run"], told["counts"]["kept"]) == (False, 0, 5)
    assert curate("run", "config.yaml", "--domain", ".", "--workers", "1").out.startswith(
        "nothing changed: outbox/small/0.1.0"
    )

    dataset = told["dataset"]
    assert curate("verify", dataset).code == 0
    assert json.loads(curate("show", dataset, "--json").out)["digest"] == told["digest"]
    assert json.loads(curate("trace", dataset, "T2", "--json").out)["fate"] == "kept"
    assert curate("diff", dataset, dataset).out.endswith("the same dataset\n")

    changed = curate(
        "run",
        "config.yaml",
        "--domain",
        ".",
        "--workers",
        "1",
        "--set",
        "quality.chars.least=3",
        "--set",
        "quality.entropy.least=0",
        "--set",
        "version=0.2.0",
    )
    assert changed.code == 0, changed.err
    compared = curate("diff", "outbox/small/0.1.0", "outbox/small/0.2.0")
    assert "quality.chars.least" in compared.out
    assert "dropped quality too_short" in compared.out
    told = json.loads(curate("diff", "outbox/small/0.1.0", "outbox/small/0.2.0", "--json").out)
    assert [(c["from"], c["to"], c["count"]) for c in told["records"]["changes"]] == [
        ("dropped quality too_short", "kept", 1)
    ]


def test_verify_ends_with_1_and_names_the_file(curate: Call, small_dataset: Path) -> None:
    path = small_dataset / "README.md"
    path.write_bytes(path.read_bytes() + b"\n")
    called = curate("verify", small_dataset)
    assert called.code == 1
    assert called.out.startswith("README.md: size differs; got ")
    assert called.err.endswith("is not whole: 1 findings\n")
    told = json.loads(curate("verify", small_dataset, "--json").out)
    assert (told["whole"], [f["file"] for f in told["findings"]]) == (False, ["README.md"])


@pytest.mark.parametrize("command", [["show"], ["verify"], ["trace"], ["diff"]], ids=str)
def test_what_is_no_dataset(curate: Call, tmp_path: Path, command: list[str]) -> None:
    called = curate(*command, tmp_path, *([tmp_path] if command[0] in ("trace", "diff") else []))
    assert (called.code, called.out) == (2, "")
    assert "not a dataset" in called.err


def test_too_much_in_quarantine_is_3(curate: Call, small_domain: Path) -> None:
    (small_domain / "domain.yaml").write_text("name: small\nholder: h\npolicy: {max_quarantined: 0}\n")
    called = curate("run", small_domain / "config.yaml", "--domain", small_domain, "--workers", "1")
    assert (called.code, called.out) == (3, "")
    assert "max_quarantined" in called.err.splitlines()[-1]
    assert not (small_domain / "outbox").exists()


def test_mistakes_are_found_before_anything_is_written(curate: Call, small_domain: Path) -> None:
    called = curate(
        "run", small_domain / "config.yaml", "--domain", small_domain, "--set", "near_dedup.treshold=0.5", "--set", "x"
    )
    assert called.code == 2
    assert len(called.err.splitlines()) == 2
    assert not (small_domain / "work").exists()


def test_an_entity_that_nobody_knows_is_told(curate: Call, small_domain: Path) -> None:
    catalog = small_domain / "catalog.yaml"
    catalog.write_text(catalog.read_text("utf-8").replace("CN_MOBILE", "CN_MOBIL"), "utf-8")
    called = curate("plan", small_domain / "config.yaml", "--domain", small_domain)
    assert called.code == 0
    assert "source tickets: personal.电话: CN_MOBIL is no known entity" in called.err
    assert "Did you mean CN_MOBILE?" in called.err


def everything_in(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_plan_writes_nothing_and_forecasts_what_a_run_drops(curate: Call, small_domain: Path) -> None:
    before = everything_in(small_domain)
    called = curate(
        "plan",
        small_domain / "config.yaml",
        "--domain",
        small_domain,
        "--workers",
        "2",
        "--json",
        "--set",
        "language.least=0.6",
    )
    assert called.code == 0, called.err
    told = json.loads(called.out)
    assert everything_in(small_domain) == before
    assert {s["kind"]: s["dropped"] for s in told["stages"] if s["dropped"]} == {
        "language": {"other_language": 1},
        "quality": {"too_short": 1},
    }
    assert [s["kind"] for s in told["stages"] if not s["forecast"]] == ["exact_dedup", "near_dedup"]
    assert {s["id"]: (s["files"], s["records"], s["faults"]) for s in told["sources"]} == {
        "notes": (9, 7, {"empty": 1, "unsupported": 1}),
        "tickets": (2, 3, {"bad_record": 1}),
    }
    assert told["origins"]["language.least"] == "--set"
    assert told["origins"]["quality.chars.least"].endswith("config.yaml:4")
    assert all(told[k] > 0 for k in ("seconds", "memory_bytes", "work_bytes", "dataset_bytes"))


def test_a_plan_of_a_part_multiplies(curate: Call, small_domain: Path) -> None:
    """Two records of forty: the beginning of a file speaks for its rest."""
    rows = [{"编号": f"{i:02}", "内容": BOILER + f"第{i:02}次。"} for i in range(40)]
    (small_domain / "raw" / "tickets.jsonl").write_text(
        "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows), "utf-8"
    )
    (small_domain / "raw" / "tickets.csv").write_text("编号,内容\n", "utf-8")
    called = curate("plan", small_domain / "config.yaml", "--domain", small_domain, "--sample", "4", "--json")
    tickets = json.loads(called.out)["sources"][1]
    assert tickets["sampled_records"] == 2
    assert 35 <= tickets["records"] <= 48, tickets


def test_a_plan_says_how_sure_it_is_and_shows_what_goes_masked(curate: Call, small_domain: Path) -> None:
    secret = "电话13912345678找李四"
    rows = [{"编号": f"{i:03}", "内容": secret if i % 4 == 0 else BOILER + f"第{i:03}次。"} for i in range(200)]
    (small_domain / "raw" / "tickets.jsonl").write_text(
        "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows), "utf-8"
    )
    (small_domain / "raw" / "tickets.csv").write_text("编号,内容\n", "utf-8")
    called = curate("plan", small_domain / "config.yaml", "--domain", small_domain, "--sample", "100", "--json")
    (quality,) = [s for s in json.loads(called.out)["stages"] if s["kind"] == "quality"]
    low, high = quality["between"]["too_short"]
    share = quality["dropped"]["too_short"] / quality["in"]
    assert low < share < high
    assert low < 51 / 209 < high, "what a run would drop"
    assert 0.03 < high - low < 0.25
    shown = quality["examples"]["too_short"]
    assert len(shown) == 3
    assert not [text for text in shown if any(c.isdigit() for c in text)]
    assert "电************找*四" in shown
    assert not [part for part in ("李四", "电话", "139") if part in called.out]


@pytest.mark.parametrize(
    ("value", "expected", "why"),
    [
        ("mask", "mask", "a word as it is"),
        (0.5, "0.5", "a number"),
        (["a", "b"], '["a", "b"]', "a short list whole"),
        ({"a": "x" * 200}, '{"a": "' + "x" * 200 + '"}', "only lists are cut"),
        ([f"{n:06d}" for n in range(300)], '["000000", "000001", "000002", "000003", "000004", "000005", "000006", "000007", ... 300 in all', "the words of a lexicon would fill the screen"),
    ],
)  # fmt: skip
def test_a_value_of_a_plan(value: object, expected: str, why: str) -> None:
    assert _short(value) == expected, why


def test_a_plan_for_people(curate: Call, small_domain: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(small_domain)
    out = curate("plan", "config.yaml", "--domain", ".").out
    assert ["chars.least", "30.0", "config.yaml:4"] in [line.split() for line in out.splitlines()]
    assert "other_language 1 (10.0%, 1 in the sample)" in out
    assert "needs the whole corpus: not forecast" in out
    assert not any(text[:12] in out for text in (BOILER, CELLAR, STEAMING, TICKET))


def test_an_interrupted_run_says_so_and_the_same_command_continues(small_domain: Path, small_dataset: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "curate",
        "run",
        str(small_domain / "config.yaml"),
        "--domain",
        str(small_domain),
        "--workers",
        "1",
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT)
    tasks = small_domain / "work" / "small" / "tasks"
    deadline = time.monotonic() + 60
    while not tasks.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert out == ""
    assert err.splitlines()[-1] == "interrupted: what is finished is kept, the same command continues from there"
    assert "Traceback" not in err
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    assert "wrote" in done.stdout
    assert dataset_digest(small_domain / "outbox" / "small" / "0.1.0") == dataset_digest(small_dataset)


def result(n: int, skipped: bool = False, dropped: int = 2) -> TaskResult:
    stages = {"quality": {"in": n, "kept": n - dropped, "dropped": {"too_short": dropped}}}
    marker = {"rows": n - dropped, "stages": stages, "outputs": {"a": {"bytes": 1000 * n, "sha256": ""}}}
    return TaskResult("t", ("a",), marker, skipped=skipped)


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(shown, "time", clock)
    return clock


def test_plain_progress(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    watch = shown.PlainProgress()
    watch.start("normalise → language → quality", 10)
    watch.task(result(50, skipped=True))
    clock.now += 10
    watch.task(result(100))
    assert capsys.readouterr().err == "", "not every task is a line"
    clock.now += 15
    watch.task(result(150))
    assert (
        capsys.readouterr().err
        == "normalise → quality         3/10 tasks · 10 documents/s · 10.0 kB/s · 6 dropped · about 88 s left\n"
    )
    watch.end(Phase("normalise → language → quality", "300 in   6 dropped"))
    watch.start("write", 1)
    watch.end(Phase("write", ""))
    assert capsys.readouterr().err == "normalise → quality         300 in   6 dropped\n", (
        "a phase with nothing to say is silent"
    )


def test_progress_on_a_terminal(clock: Clock) -> None:
    out = io.StringIO()
    bars = Bars(
        TextColumn("{task.description} {task.completed}/{task.total} {task.fields[told]}", markup=False),
        console=Console(file=out, force_terminal=True, width=120),
        auto_refresh=False,
    )
    with bars:
        watch = shown.BarProgress(bars)
        watch.start("ingest", 4)
        clock.now += 10
        watch.task(result(100))
        bars.refresh()
        assert "ingest 1/4 10 documents/s · 10.0 kB/s · 2 dropped" in out.getvalue()
        watch.end(Phase("ingest", "[1] 4 files"))
    assert "ingest                      [1] 4 files" in out.getvalue(), "what looks like markup is none"
