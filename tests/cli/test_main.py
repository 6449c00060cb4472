"""Help, versions, exit codes, and what is said when something goes wrong."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import curate.cli.app as app
from curate import __version__
from curate.errors import ConfigError, DatasetError, IntegrityError, Problem, QuotaError, TaskError, Unreadable
from tests.cli.conftest import Call
from tests.runs import ROOT


def commands() -> Iterator[tuple[str, Any]]:
    for name, command in app.command().commands.items():
        if hasattr(command, "commands"):
            yield from ((f"{name} {sub}", c) for sub, c in command.commands.items())
        else:
            yield name, command


@pytest.mark.parametrize(("name", "command"), list(commands()), ids=lambda v: v if isinstance(v, str) else "")
def test_every_command_explains_itself_and_its_options(curate: Call, name: str, command: Any) -> None:
    called = curate(*name.split(), "--help")
    assert called.code == 0
    assert called.err == ""
    assert len(command.help) > 20
    for option in command.params:
        assert option.help, f"{name} {option.name}"
    # paragraphs are broken by the terminal, not by the source
    assert all("\n" not in paragraph for paragraph in command.help.split("\n\n"))


def test_the_readme_lists_the_commands_that_there_are() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    table = readme.split("| command | does |")[1].split("\n\n")[0]
    named = set(re.findall(r"`(?:curate )?((?:pii |safety )?[a-z]+)", table))
    assert {name for name, _ in commands()} == named


def test_version(curate: Call) -> None:
    assert curate("--version").out == f"qiancui {__version__}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["nothing"],
        ["run"],
        ["run", "baijiu"],
        ["show"],
        ["show", "--nothing", "x"],
        ["run", "baijiu", "--domain", "x", "--workers", "0"],
        ["run", "baijiu", "--domain", "x", "--engine", "spark"],
    ],
    ids=" ".join,
)
def test_a_command_that_is_none(curate: Call, arguments: list[str]) -> None:
    called = curate(*arguments)
    assert called.code == 2
    assert called.out == ""
    assert called.err


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConfigError([Problem("a.yaml", 3, "x", "unknown field"), Problem("a.yaml", 4, "y", "unknown field")]), 2),
        (DatasetError("not a dataset", where="x"), 2),
        (IntegrityError("differs"), 1),
        (QuotaError("too many"), 3),
        (TaskError("stage raised"), 2),
        (Unreadable("bad_record", "no text"), 3),
        (KeyboardInterrupt(), 130),
        (PermissionError(13, "Permission denied", "/data/work"), 2),
    ],
    ids=lambda v: type(v).__name__ if isinstance(v, BaseException) else "",
)
def test_exit_codes(curate: Call, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int) -> None:
    def fails() -> None:
        raise error

    monkeypatch.setitem(app.machine.COMMANDS, "doctor", fails)
    called = curate("doctor")
    assert (called.code, called.out) == (code, "")
    assert "Traceback" not in called.err
    if isinstance(error, ConfigError):
        assert called.err == "a.yaml:3: x: unknown field\na.yaml:4: y: unknown field\n"


def test_a_fault_of_the_program_names_its_place_and_not_its_text(curate: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails() -> None:
        raise ValueError("王小明 13912345678")

    monkeypatch.setitem(app.machine.COMMANDS, "doctor", fails)
    called = curate("doctor")
    assert called.code == 70
    assert "ValueError at test_main.py:" in called.err
    assert "王小明" not in called.err
    assert "Traceback" not in called.err


def test_help_loads_nothing_heavy() -> None:
    """`curate --help` takes a tenth of a second of processor time; one of these alone would take more."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "curate", "--help"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    loaded = {line.rsplit("|", 1)[1].strip() for line in done.stderr.splitlines() if "|" in line}
    assert loaded.isdisjoint(
        {"numpy", "pyarrow", "numba", "pydantic", "ruamel.yaml", "presidio_analyzer", "datasets", "pandas"}
    )
    assert "Exit codes" in done.stdout


def test_a_terminal_without_chinese_gets_escapes(small_dataset: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "curate", "show", str(small_dataset)],
        capture_output=True,
        check=True,
        cwd=ROOT,
        env={"PYTHONIOENCODING": "ascii", "PATH": ""},
    )
    assert b"\\u9171\\u9152" in done.stdout
