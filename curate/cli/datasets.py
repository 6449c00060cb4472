"""`show`, `trace`, `verify`, `diff`: reading finished datasets."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from .output import message, relative, result, result_json

__all__ = ["COMMANDS"]

Dataset = Annotated[Path, typer.Argument(metavar="DATASET", help="The folder of a built dataset.")]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


def show(dataset: Dataset, as_json: Json = False) -> None:
    """Say what is in a dataset: counts, splits, sources, stages, languages, personal data; never a text."""
    from ..report.show import describe, description_lines

    told = describe(dataset)
    if as_json:
        result_json(told)
    else:
        result(description_lines(told))


def trace(
    dataset: Dataset,
    record: Annotated[
        str,
        typer.Argument(
            metavar="ID", help="A record's id or the beginning of it, its input id, its path, or path#locator."
        ),
    ],
    as_json: Json = False,
) -> None:
    """Tell one record's whole life: where it was read, what each stage did, why it was dropped, what it duplicates."""
    from ..report.trace import life, life_lines

    told = life(dataset, record)
    if as_json:
        result_json(told)
    else:
        result(life_lines(told))


def verify(dataset: Dataset, as_json: Json = False) -> None:
    """Recompute every hash, count and id of a dataset, offline; exit 1 if anything differs."""
    from ..report.model import open_dataset
    from ..report.verify import verify as findings_of

    findings = findings_of(dataset)
    if as_json:
        result_json({"dataset": relative(dataset), "whole": not findings, "findings": [f.as_dict() for f in findings]})
    elif findings:
        result(map(str, findings))
        message(f"{relative(dataset)} is not whole: {len(findings)} findings")
    else:
        manifest = open_dataset(dataset)
        result(
            [
                f"{relative(dataset)} is whole: {len(manifest.outputs) + 2:,} files, {manifest.counts.kept:,} records, "
                f"{manifest.counts.rows_in:,} in the ledger · manifest {manifest.digest}"
            ]
        )
    if findings:
        raise typer.Exit(1)


def diff(
    left: Annotated[Path, typer.Argument(metavar="A", help="The folder of one dataset.")],
    right: Annotated[Path, typer.Argument(metavar="B", help="The folder of another.")],
    as_json: Json = False,
) -> None:
    """Compare two datasets: config, inputs, counts, and the fate of every record by its id."""
    from ..report.diff import compare, comparison_lines

    told = compare(left, right)
    if as_json:
        result_json(told)
    else:
        result(comparison_lines(told))


COMMANDS: dict[str, Callable[..., None]] = {"show": show, "trace": trace, "verify": verify, "diff": diff}
