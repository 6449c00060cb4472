"""`pii gold`, `pii evaluate`: a synthetic labelled set, and how well personal data are found in a labelled one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .output import json_lines, message, result, result_json

if TYPE_CHECKING:
    from ..pii.gold import Setting
    from ..pii.labelled import Labelled

__all__ = ["COMMANDS", "settings"]

DATA_AT_FAULT = 3
SHOWN = 10
"""Wrong rows that are named."""

Documents = Annotated[int, typer.Option("--docs", min=1, metavar="N", help="Documents to generate.")]
Seed = Annotated[int, typer.Option("--seed", metavar="S", help="The same seed gives the same documents.")]


def gold(
    out: Annotated[str, typer.Option("--out", metavar="F.jsonl", help="Where the lines go; - is stdout.")],
    docs: Documents = 2000,
    seed: Seed = 0,
) -> None:
    """Write a synthetic labelled set: lines {id, text, spans: [{start, end, entity, kind}], traps, industry, kind}.

    Documents of all built-in industries with all entities, traps that only look like personal data, and ordinary text. All values
    are put together at random, with right check digits, and taken from nowhere; whoever holds one holds it by chance.
    """
    from ..pii.gold import documents

    spans = traps = 0
    with json_lines(out) as write:
        for document in documents(docs, seed, settings()):
            spans += len(document["spans"])
            traps += len(document["traps"])
            write(document)
    message(f"{docs:,} documents   {spans:,} values   {traps:,} traps   all made up at random")


def evaluate(
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FILE]",
            help="JSON lines with spans or doccano's labels, a Label Studio export, IOB2; else generated.",
        ),
    ] = None,
    profile: Annotated[
        str, typer.Option(metavar="none|fast|balanced|recall", help="How names are looked for.")
    ] = "balanced",
    renamed: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="LABEL=ENTITY", help="Which entity a label of the file stands for."),
    ] = None,
    docs: Documents = 2000,
    seed: Seed = 0,
    as_json: Annotated[bool, typer.Option("--json", help="The same as JSON.")] = False,
) -> None:
    """Measure how personal data are found in a labelled file, or in a generated set if there is none; never a value.

    For each entity: how many are labelled and found, recall and precision with exact edges and their 95 % intervals, the shares of
    labelled characters that no find covers (leaked) and that no find of this entity covers (missed); and what finds that are not
    right fell into.
    """
    from ..pii.evaluation import COMMON_LABELS, finder
    from ..pii.evaluation import evaluate as measure
    from ..pii.labelled import read_labelled

    bad: list[str] = []
    rows = _generated(docs, seed) if file is None else read_labelled(file, bad)
    counted = measure(rows, finder(profile), {**COMMON_LABELS, **_names(renamed or [])})
    told: dict[str, Any] = counted.as_dict() | {"wrong_rows": bad}
    if as_json:
        result_json(told)
    else:
        result(_table(told))
    if told["unknown_labels"]:
        message(f"{told['unknown_labels']:,} labels are no entity and count for nothing; --map LABEL=ENTITY names one")
    for line in bad[:SHOWN]:
        message(line)
    if bad:
        message(f"{len(bad):,} rows left out")
        raise typer.Exit(DATA_AT_FAULT)


def _names(pairs: list[str]) -> dict[str, str]:
    from ..errors import UserError

    names = {}
    for pair in pairs:
        label, sign, entity = pair.partition("=")
        if not (label and sign and entity):
            raise UserError("cannot be read", where="--map", expected="LABEL=ENTITY, as PER=PERSON")
        names[label] = entity
    return names


def settings() -> list[Setting]:
    """The built-in industries."""
    from ..industry import builtin_profiles
    from ..pii.gold import Setting

    return [
        Setting(
            profile.name,
            profile.title,
            tuple(scene.name for scene in profile.all_scenes()),
            profile.documents,
            tuple(
                sorted(
                    {term for weight, terms in profile.lexicon.items() if weight > 0 for term in terms}.union(
                        *(scene.terms for scene in profile.all_scenes())
                    )
                )
            ),
        )
        for profile in builtin_profiles().values()
    ]


def _generated(docs: int, seed: int) -> Iterator[Labelled]:
    from ..pii.gold import documents
    from ..pii.labelled import of_document

    return map(of_document, documents(docs, seed, settings()))


def _table(told: dict[str, Any]) -> Iterator[str]:
    """The report as text."""
    yield f"{told['texts']:,} texts   {told['chars']:,} characters"
    yield f"{'entity':<24}{'gold':>8}{'found':>8}  {'recall':<24}{'precision':<24}{'leaked':>8}{'missed':>8}{'char.prec.':>11}"
    for entity, of in told["entities"].items():
        yield (
            f"{entity:<24}{of['gold']:>8,}{of['found']:>8,}  {_share(of['recall']):<24}{_share(of['precision']):<24}"
            f"{_percent(of['leaked']):>8}{_percent(of['missed']):>8}{_percent(of['char_precision']):>11}"
        )
    if told["kinds"]:
        yield ""
        yield f"{'kind':<42}{'gold':>8}  recall"
        for kind in told["kinds"]:
            yield f"{kind['entity'] + ' ' + kind['kind']:<42}{kind['gold']:>8,}  {_share(kind['recall'])}"
    if told["false"]:
        yield ""
        yield f"{'not right':<24}{'in':<36}{'finds':>6}"
        for wrong in told["false"]:
            yield f"{wrong['entity']:<24}{wrong['in']:<36}{wrong['count']:>6,}"
    for entity, count in told["not_labelled"].items():
        yield f"{entity}: {count:,} found, none labelled"


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.2%}"


def _share(of: dict[str, float] | None) -> str:
    return "-" if of is None else f"{of['share']:.2%} ({100 * of['low']:.2f}-{100 * of['high']:.2f})"


COMMANDS: dict[str, Callable[..., None]] = {"gold": gold, "evaluate": evaluate}
