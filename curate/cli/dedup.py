"""`dedup`: deduplication alone, on files of records."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..absent import absent
from ..errors import UserError
from .output import message, relative, result, result_json

if TYPE_CHECKING:
    from ..dedup import Outcome

__all__ = ["COMMANDS"]

DATA_AT_FAULT = 3
SHOWN = 10
"""Bad rows that are named."""

MORE = ("boilerplate", "substrings")
"""What can be run beside exact and near deduplication."""

LOCAL = ("against", "decontaminate")


def dedup(
    inputs: Annotated[
        list[Path], typer.Argument(metavar="IN...", help="Files or folders of .jsonl, .parquet or .arrow.")
    ],
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="A new folder for what is kept, the ledger and a report."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Find clusters and say their sizes; write nothing.")
    ] = False,
    threshold: Annotated[
        float, typer.Option(min=0.01, max=1, help="Least Jaccard similarity of near-duplicates.")
    ] = 0.8,
    against: Annotated[
        list[Path] | None,
        typer.Option("--against", metavar="DATASET", help="Drop what this earlier dataset has; may be given again."),
    ] = None,
    decontaminate: Annotated[
        list[Path] | None,
        typer.Option("--decontaminate", metavar="FILE", help="Drop what shares a run with this evaluation set."),
    ] = None,
    also: Annotated[
        list[str] | None, typer.Option("--also", metavar="STAGE", help="boilerplate or substrings; may be given again.")
    ] = None,
    sets: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="STAGE.FIELD=VALUE", help="Set one value of a stage, as in a config; may be given again."
        ),
    ] = None,
    signatures: Annotated[
        bool,
        typer.Option("--signatures", help="Keep signatures in DIR, to hold later records against it without texts."),
    ] = False,
    text: Annotated[str, typer.Option(metavar="FIELD", help="The field that is the text.")] = "text",
    id_field: Annotated[
        str, typer.Option("--id", metavar="FIELD", help="The field that is the record's own id.")
    ] = "id",
    date: Annotated[
        str | None, typer.Option(metavar="FIELD", help="The field that `survivor: newest` goes by; dates that sort.")
    ] = None,
    score: Annotated[
        str | None, typer.Option(metavar="FIELD", help="The field that `survivor: best_quality` goes by; a number.")
    ] = None,
    memory_mb: Annotated[int, typer.Option("--memory-mb", min=1, help="Memory for keys and groups, MB.")] = 1024,
    workers: Annotated[int, typer.Option(min=1, metavar="N", help="Threads that make signatures.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Remove exact and near duplicates from files of records, and say for each which record it duplicates.

    DIR gets data/ with the same files without the duplicates, ledger.parquet with the fate of every record, and
    report.json. The result is the same for any order of the files, memory and number of workers.
    """
    import pyarrow as pa

    gc.disable()  # hardly a cycle is made while it works
    from ..dedup import Fields, Settings
    from ..dedup import dedup as run
    from ..memory import keep_memory

    _leave_pandas()
    keep_memory()
    pa.set_cpu_count(workers)
    if dry_run == (out is not None):
        raise UserError("say either --out DIR or --dry-run")
    root, evaluation = _evaluation(decontaminate or ())
    kinds = ["exact_dedup", "near_dedup", *_also(also or ())]
    kinds += [*(["against"] if against else []), *(["decontaminate"] if evaluation else [])]
    given = {"near_dedup": {"threshold": threshold}, "against": {"threshold": threshold}, "decontaminate": evaluation}
    stages = _stages(kinds, given, sets or ())
    settings = Settings(
        stages=tuple(stage for kind, stage in stages.items() if kind not in LOCAL),
        against=stages.get("against"),
        earlier=tuple(against or ()),
        decontaminate=stages.get("decontaminate"),
        evaluation=root,
        signatures=signatures,
        fields=Fields(text, id_field, date, score),
        memory_mb=memory_mb,
        workers=workers,
        clusters=SHOWN,
    )
    try:
        outcome = run(inputs, out, settings)
    finally:
        gc.enable()
    if as_json:
        result_json(outcome.as_dict())
    else:
        result(_lines(outcome, out))
    for name, bad in outcome.bad[:SHOWN]:
        message(f"{name}, row {bad.row}: {bad.reason}")
    if outcome.bad:
        message(f"{len(outcome.bad):,} rows left out, they are no records")
        raise typer.Exit(DATA_AT_FAULT)


def _leave_pandas() -> None:
    """Let pyarrow find no pandas, which it would load to ask whether a list is one of its own: 0.2 s."""
    import pyarrow as pa

    with absent("pandas"):
        pa.array([0])


def _also(kinds: Sequence[str]) -> Sequence[str]:
    for kind in kinds:
        if kind not in MORE:
            raise UserError("no such stage", where="--also", got=kind, expected=" or ".join(MORE))
    return kinds


def _evaluation(files: Sequence[Path]) -> tuple[Path, dict[str, Any]]:
    """The folder that all evaluation sets are in, and the parameters that name them."""
    if not files:
        return Path(), {}
    for file in files:
        if not file.is_file():
            raise UserError("no such file", where=str(file))
    root = Path(os.path.commonpath([file.resolve().parent for file in files]))
    names = [file.stem for file in files]
    sets = [
        {"name": name if names.count(name) == 1 else f"{name}-{i}", "file": file.resolve().relative_to(root).as_posix()}
        for i, (name, file) in enumerate(zip(names, files, strict=True), 1)
    ]
    return root, {"sets": sets}


def _stages(kinds: Sequence[str], given: Mapping[str, dict[str, Any]], sets: Sequence[str]) -> dict[str, Any]:
    """The stages of these kinds in the order in which a pipeline takes them, `given` their values but for `sets`.

    Raises:
        ConfigError: a value is wrong.
    """
    from ..config import Document, validate
    from ..errors import ConfigError, Problem
    from ..stages import STAGES

    problems: list[Problem] = []
    kinds = [kind for kind in STAGES if kind in kinds]
    read: dict[str, Any] = {}
    if sets:
        from ..recipe import read_sets

        read = read_sets(sets, kinds, problems)
    for kind in sorted(read.keys() - set(kinds)):
        problems.append(Problem("--set", 0, kind, "this stage is not run", expected="one of " + ", ".join(kinds)))
    stages = {}
    for kind in kinds:
        try:
            values = given.get(kind, {}) | read.get(kind, {})
            stages[kind] = validate(STAGES[kind], Document("--set", None, {}), at=(kind,), data=values)
        except ConfigError as error:
            problems += [replace(problem, line=0) for problem in error.problems]
    if problems:
        raise ConfigError(problems)
    return stages


def _lines(outcome: Outcome, out: Path | None) -> list[str]:
    lines = [f"{outcome.files:,} files   {outcome.records:,} records   {outcome.kept:,} kept"]
    for kind, count in outcome.stages.items():
        why = ", ".join(f"{reason} {n:,}" for reason, n in count["dropped"].items()) or "-"
        lines.append(f"{kind:<14} {count['in']:>11,} in   {count['in'] - count['kept']:>9,} dropped: {why}")
    clusters = sum(outcome.sizes.values())
    if clusters:
        lines += ["", f"{clusters:,} clusters; the largest (every other character of a title is masked):"]
        lines += [f"{'records':>9}  {'kept id':<24}  title"]
        lines += [f"{c.records:>9,}  {c.id:<24}  {c.title}" for c in outcome.largest]
    if out is not None:
        lines += ["", f"wrote {relative(out)}"]
    return lines


COMMANDS: dict[str, Callable[..., None]] = {"dedup": dedup}
