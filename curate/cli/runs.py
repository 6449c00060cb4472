"""`run` and `plan`: apply a config to a domain, or say what that would do."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from .output import message, relative, result, result_json

if TYPE_CHECKING:
    from ..catalog import Source
    from ..pipeline import Pipeline
    from ..runner import RunReport

__all__ = ["COMMANDS"]

WIDE = 80
"""Characters of a list that a plan shows."""

Config = Annotated[str, typer.Argument(metavar="CONFIG", help="A config file, or the name of a built-in one.")]
DomainFolder = Annotated[
    Path, typer.Option("--domain", metavar="DIR", help="The folder with domain.yaml and catalog.yaml.")
]
Sets = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="STAGE.FIELD=VALUE", help="Set one value over the config's; may be given again."),
]
AgainstDatasets = Annotated[
    list[Path] | None,
    typer.Option(
        "--against",
        metavar="DATASET",
        help="Leave out what this earlier dataset of the domain has already; may be given again.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


def run(
    config: Config,
    domain: DomainFolder,
    engine: Annotated[Literal["local", "ray"], typer.Option(help="What runs the tasks.")] = "local",
    workers: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Processes; all processors if not given.")
    ] = None,
    sets: Sets = None,
    against: AgainstDatasets = None,
    limit: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Take only so many records, into a dataset of its own.")
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Start over instead of continuing.")] = False,
    as_json: Json = False,
) -> None:
    """Run a config over a domain and write the dataset to its outbox.

    Interrupted by whatever means, the same command continues where it stopped. The same input, config and version give
    the same bytes, whatever the engine and the number of workers.
    """
    from .. import runner
    from ..builtin import find_config
    from ..catalog import load_catalog, load_domain, source_files
    from ..recipe import resolve
    from .progress import shown_progress

    load_domain(domain)
    pipeline = _held_against(resolve(find_config(config), sets or ()), domain, against or ())
    catalog = load_catalog(domain)
    count = workers or len(os.sched_getaffinity(0))
    message(_headline(pipeline, source_files(domain, catalog), domain, f"{engine}, {_workers(count)}"))
    _warn_of_entities(catalog.sources)
    _tell_coverage(pipeline, domain)
    try:
        with shown_progress() as progress:
            report = runner.run(
                pipeline, domain, engine=engine, workers=count, limit=limit, fresh=fresh, progress=progress
            )
    except KeyboardInterrupt:
        message("interrupted: what is finished is kept, the same command continues from there")
        raise typer.Exit(130) from None
    if as_json:
        result_json(_report(report))
    else:
        result(_report_lines(report))


def _held_against(pipeline: Pipeline, domain: Path, datasets: Sequence[Path]) -> Pipeline:
    """The pipeline with `datasets` added to those that its stage `against` compares with.

    Raises:
        DatasetError: one of them is no dataset.
        DomainError: one of them is not in the domain.
        ConfigError: the recipe has no such stage, or the dataset is the one that the config writes.
    """
    from ..config import Document, validate
    from ..errors import ConfigError, DomainError, Problem
    from ..manifest import load_manifest
    from ..pipeline import Pipeline

    if not datasets:
        return pipeline
    root, names = domain.resolve(), []
    for dataset in datasets:
        load_manifest(dataset)
        if not dataset.resolve().is_relative_to(root):
            raise DomainError(
                "the dataset is not in the domain",
                where=str(dataset),
                expected=f"a folder below {domain}",
                fix="Copy it there; its manifest.json and its signatures are enough.",
            )
        names.append(dataset.resolve().relative_to(root).as_posix())
    plain = pipeline.model_dump(mode="json")
    stage = next((stage for stage in plain["stages"] if stage["kind"] == "against"), None)
    if stage is None:
        what, hint = (
            f"recipe {pipeline.recipe} has no such stage",
            "Put `- against` into the recipe, before exact_dedup.",
        )
        raise ConfigError([Problem("--against", 0, "against", what, hint=hint)])
    stage["datasets"] = list(dict.fromkeys([*stage["datasets"], *names]))
    return validate(Pipeline, Document("--against", plain, {(): 0}))


def _headline(pipeline: Pipeline, files: list[tuple[Source, str]], domain: Path, engine: str) -> str:
    from ..report.layout import size

    sources = len({source.id for source, _ in files})
    total = size(sum((domain / path).stat().st_size for _, path in files))
    return (
        f"{pipeline.name} {pipeline.version} · recipe {pipeline.recipe} · {sources:,} sources, {len(files):,} files, "
        f"{total} · {engine}"
    )


def _workers(count: int) -> str:
    return "1 worker" if count == 1 else f"{count} workers"


def _warn_of_entities(sources: tuple[Source, ...]) -> None:
    """A declared entity that nobody knows is redacted whole: safe, but seldom what was meant."""
    from ..config import nearest
    from ..pii import DECLARED, ENTITIES

    known = (*DECLARED, *ENTITIES)
    for source in sources:
        for column, entity in source.personal.items():
            if entity not in known:
                hint = nearest(entity, known)
                message(
                    f"catalog.yaml: source {source.id}: personal.{column}: {entity} is no known entity, the column is "
                    f"redacted; known are {', '.join(sorted(known))}. {hint}".rstrip()
                )


def _tell_coverage(pipeline: Pipeline, domain: Path) -> None:
    """How much of each evaluation set can be found at all, and what a lexicon of sensitive terms lacks."""
    from ..stages.safety_lexicon import shortfall

    for stage in pipeline.stages:
        if stage.kind == "decontaminate" and stage.sets:
            for c in stage.coverage(domain):
                message(
                    f"evaluation set {c.name}: {c.items:,} items; {c.short:,} too short to be found, {c.common:,} without "
                    "a run of their own"
                )
        if stage.kind == "safety" and (short := shortfall(stage.coverage(domain))):
            message(short)


def _report(report: RunReport) -> dict[str, Any]:
    m = report.manifest
    return {
        "dataset": relative(report.dataset),
        "name": m["name"],
        "version": m["version"],
        "digest": m["digest"],
        "counts": m["counts"],
        "splits": m["splits"],
        "subsets": m["subsets"],
        "tasks": {"run": report.tasks_run, "skipped": report.tasks_skipped},
        "rewritten": report.rewritten,
    }


def _report_lines(report: RunReport) -> list[str]:
    m, place = report.manifest, relative(report.dataset)
    subsets, splits = m["subsets"], m["splits"]
    shards = sum(s["shards"] for s in splits.values())
    parts = f"{len(subsets)} subsets, " if len(subsets) > 1 else ""
    did = "wrote" if report.rewritten else "nothing changed:"
    return [
        f"{did} {place}   {m['counts']['kept']:,} records, {parts}{len(splits)} splits, {shards} shards",
        f"next: curate show {place}",
        f"      curate trace {place} ID",
        f"      curate verify {place}",
        *(f'      load_dataset("{place}", "{subset}")' for subset in subsets),
    ]


def plan(
    config: Config,
    domain: DomainFolder,
    sets: Sets = None,
    against: AgainstDatasets = None,
    sample: Annotated[int, typer.Option(min=1, metavar="N", help="Read about so many records of all sources.")] = 1000,
    workers: Annotated[int | None, typer.Option(min=1, metavar="N", help="Processes the forecast is for.")] = None,
    as_json: Json = False,
) -> None:
    """Print the resolved pipeline, and forecast on a sample what each rule would drop; writes nothing."""
    from ..builtin import find_config
    from ..catalog import load_catalog, load_domain, source_files
    from ..forecast import forecast, forecast_lines
    from ..recipe import resolve_with_origins

    pipeline, origins = resolve_with_origins(find_config(config), sets or ())
    load_domain(domain)
    if against:
        pipeline = _held_against(pipeline, domain, against)
        origins["against.datasets"] = "--against"
    catalog = load_catalog(domain)
    files = source_files(domain, catalog)
    count = workers or len(os.sched_getaffinity(0))
    _warn_of_entities(catalog.sources)
    told = forecast(pipeline, domain, catalog, files, records=sample, workers=count)
    if as_json:
        result_json({"pipeline": pipeline.model_dump(mode="json"), "origins": origins, **told})
        return
    result([_headline(pipeline, files, domain, _workers(count)), ""])
    result(_pipeline_lines(pipeline, origins))
    result(["", *forecast_lines(told)])


def _pipeline_lines(pipeline: Pipeline, origins: dict[str, str]) -> list[str]:
    """Each value with where it was given, but for bounds that nobody set; of a long list how much it has."""
    from ..report.layout import table

    given = pipeline.model_dump(mode="json")
    values = {stage["kind"]: stage for stage in given["stages"]} | {k: given[k] for k in ("splits", "output", "work")}
    lines = []
    for part, fields in values.items():
        lines.append(part)
        rows = []
        for name, origin in origins.items():
            head, _, field = name.partition(".")
            if head == part:
                value = fields
                for key in field.split("."):
                    value = value[key]
                if value is not None or origin != "default":
                    rows.append((field, _short(value), origin))
        lines += table(rows, indent="  ")
    return lines


def _short(value: Any) -> str:
    """A value in one line, of a long list the beginning."""
    if isinstance(value, str):
        return value
    shown = json.dumps(value, ensure_ascii=False)
    return f"{shown[:WIDE]} ... {len(value)} in all" if isinstance(value, list) and len(shown) > WIDE else shown


COMMANDS: dict[str, Callable[..., None]] = {"run": run, "plan": plan}
