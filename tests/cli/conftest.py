"""Calling the command in this process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from curate.cli import main


@dataclass(frozen=True)
class Called:
    code: int
    out: str
    err: str


Call = Callable[..., Called]


@pytest.fixture
def curate(capsys: pytest.CaptureFixture[str]) -> Call:
    """`curate("show", dataset)` gives exit code, stdout and stderr."""

    def call(*arguments: str | Path) -> Called:
        code = main([str(a) for a in arguments])
        out, err = capsys.readouterr()
        return Called(code, out, err)

    return call
