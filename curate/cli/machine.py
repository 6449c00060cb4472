"""`doctor`: what this machine can do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from .output import result, result_json

__all__ = ["COMMANDS"]


def doctor(as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False) -> None:
    """Say what this machine can do: packages, kernels, engines, isolation; exit 1 if something needed is missing."""
    from ..doctor import examine, report_lines

    told = examine()
    if as_json:
        result_json(told)
    else:
        result(report_lines(told))
    if told["missing"]:
        raise typer.Exit(1)


COMMANDS: dict[str, Callable[..., None]] = {"doctor": doctor}
