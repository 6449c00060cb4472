"""`init`, `validate`, `industries`: the files that a person writes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from .output import message, relative, result, result_json

__all__ = ["COMMANDS"]

Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty folder.")],
    industry: Annotated[str, typer.Option(metavar="NAME", help="A built-in config's name, or a new one.")],
) -> None:
    """Make a domain: commented files that validate at once, and a folder for the raw data."""
    from ..init import make_domain

    made = make_domain(folder, industry)
    if made.hint:
        message(made.hint)
    place = relative(folder)
    result([f"made {place}: " + ", ".join(made.files)])
    result(
        [
            f"next: put files into {place}/raw and enter each of them in {place}/catalog.yaml",
            f"      curate plan {made.config} --domain {place}",
            f"      curate run {made.config} --domain {place}",
        ]
    )


def validate(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...", help="Recipes, configs, industries, catalogs, domain files, or a domain's folder."
        ),
    ],
    as_json: Json = False,
) -> None:
    """Report all mistakes of all files at once, each with file, line, field and what was expected."""
    from ..errors import ConfigError
    from .judging import judge

    verdicts = [verdict for file in files for verdict in judge(file)]
    problems = list(dict.fromkeys(p for v in verdicts for p in v.problems))
    if as_json:
        result_json([v.as_dict() for v in verdicts])
    else:
        result(f"{v.file}: {v.kind}, valid" for v in verdicts if not v.problems)
    if problems:
        raise ConfigError(problems)


def industries(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="Print all that is known of this one.")] = None,
    as_json: Json = False,
) -> None:
    """List the built-in industries, or print the config of one to copy and change."""
    from ..builtin import find_config
    from ..industry import builtin_profiles
    from ..report.layout import table

    if name is not None and not as_json:
        result([find_config(name).read_text("utf-8").rstrip("\n")])
    elif name is not None:
        find_config(name)
        result_json(builtin_profiles()[name].model_dump(mode="json"))
    elif as_json:
        result_json([p.brief().model_dump(mode="json") | {"terms": p.terms()} for p in builtin_profiles().values()])
    else:
        rows = [
            (p.name, p.title, " ".join(c.code for c in p.codes), str(p.terms()), "、".join(p.brief().scenes))
            for p in builtin_profiles().values()
        ]
        result(table([("name", "title", "codes", "terms", "scenes"), *rows]))


COMMANDS: dict[str, Callable[..., None]] = {"init": init, "validate": validate, "industries": industries}
