"""`safety lexicon`: how far lexicons of sensitive terms cover what the standard asks for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .output import message, result, result_json

if TYPE_CHECKING:
    from ..errors import Problem
    from ..stages.safety_lexicon import Covered, Listing

__all__ = ["COMMANDS"]

SHOWN = 20
"""Duplicates that are named on a terminal."""


def lexicon(
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="FILE...", help="Lexicons; without any, the built-in sample.")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 if terms are missing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Count the terms of lexicons by risk class (GB/T 45652), and name missing, duplicate and wrong ones by their lines.

    A lexicon has one term a line: term, tab, risk (A.1.a), and where wanted a tab and a level from 1 to 3, a tab and contexts
    in which the term does not count, with | between them. Terms are never printed.

    Example: curate safety lexicon lexicons/own.tsv --strict
    """
    from ..errors import ConfigError, UserError
    from ..stages.safety_lexicon import coverage, read_lexicon, sample, shortfall

    found: dict[str, list[Listing]] = {}
    problems: list[Problem] = []
    for file in files or ():
        if not file.is_file():
            raise UserError("no such file", where=str(file))
        found[str(file)], wrong = read_lexicon(file.read_bytes(), str(file))
        problems += wrong
    if not files:
        found["(sample)"] = list(sample())
        message("no FILE: this is the built-in sample, which is for tests and examples alone")
    covered = coverage(x for listings in found.values() for x in listings)
    twice = _duplicates(found)
    if as_json:
        result_json(_as_json(found, covered, twice, problems))
    else:
        result(_lines(covered, twice))
    if problems:
        raise ConfigError(problems)
    if told := shortfall(covered):
        message(told)
        if strict:
            raise typer.Exit(1)


def _duplicates(found: dict[str, list[Listing]]) -> list[tuple[str, str]]:
    """Lines with a term that an earlier line gives for the same risk, and those earlier lines."""
    first: dict[tuple[str, str], str] = {}
    twice = []
    for file, listings in found.items():
        for x in listings:
            here = f"{file}:{x.line}"
            earlier = first.setdefault((x.term, x.risk), here)
            if earlier != here:
                twice.append((here, earlier))
    return twice


def _lines(covered: list[Covered], twice: list[tuple[str, str]]) -> list[str]:
    from ..report.layout import table

    rows = [
        (
            c.risk.code,
            c.terms,
            "" if c.risk.least is None else c.risk.least,
            c.missing or "",
            f"{c.risk.title} ({c.risk.english})",
        )
        for c in covered
    ]
    lines = table([("risk", "terms", "least", "missing", "name"), *rows], right=(1, 2, 3))
    lines += [f"{here}: the same term and risk as {earlier}" for here, earlier in twice[:SHOWN]]
    if len(twice) > SHOWN:
        lines.append(f"{len(twice) - SHOWN:,} more duplicates")
    return lines


def _as_json(
    found: dict[str, list[Listing]], covered: list[Covered], twice: list[tuple[str, str]], problems: list[Problem]
) -> dict[str, Any]:
    from ..stages.safety_lexicon import digest_of

    return {
        "digest": digest_of(x for listings in found.values() for x in listings),
        "files": [{"file": file, "lines": len(listings)} for file, listings in found.items()],
        "risks": [
            {"risk": c.risk.code, "name": c.risk.title, "english": c.risk.english, "terms": c.terms}
            | {"least": c.risk.least, "missing": c.missing}
            for c in covered
        ],
        "duplicates": [{"line": here, "first": earlier} for here, earlier in twice],
        "problems": [vars(p) for p in problems],
    }


COMMANDS: dict[str, Callable[..., None]] = {"lexicon": lexicon}
