"""The command `curate` with all its subcommands, each group from its own file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any

import typer

from .. import __version__
from . import data, datasets, dedup, domains, machine, pii, quality, runs, safety, vault

__all__ = ["command"]

EPILOG = (
    "Exit codes: 0 done · 1 finished, but a check failed · 2 your mistake · 3 the data were at fault beyond what is "
    "allowed · 70 a fault of the program · 130 interrupted"
)


def command() -> Any:
    """The click command of the whole."""
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, no_args_is_help=True, epilog=EPILOG)
    app.callback()(curate)
    for module in (domains, runs, datasets, quality, data, dedup, machine):
        _add(app, module.COMMANDS)
    for group, about, commands in (
        ("pii", "Personal data in texts.", {**data.PII_COMMANDS, **pii.COMMANDS, **vault.PII_COMMANDS}),
        ("safety", "Lexicons of sensitive content.", safety.COMMANDS),
    ):
        of_group = typer.Typer(no_args_is_help=True, help=about)
        _add(of_group, commands)
        app.add_typer(of_group, name=group)
    return typer.main.get_command(app)


def _add(app: typer.Typer, commands: Mapping[str, Callable[..., None]]) -> None:
    for name, function in commands.items():
        app.command(name, help=_help(function))(function)


def _help(function: Callable[..., None]) -> str:
    """A command's docstring, each paragraph on one line: the terminal's width decides where it breaks."""
    return "\n\n".join(" ".join(p.split()) for p in (function.__doc__ or "").split("\n\n"))


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"qiancui {__version__}")
        raise typer.Exit


def curate(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    """Turn raw Chinese documents into industry datasets inside your own domain."""
