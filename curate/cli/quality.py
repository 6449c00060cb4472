"""`quality`: try other thresholds on a built dataset, by the measures that its records hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .output import relative, result, result_json

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from ..report.model import Manifest
    from ..stages.quality import Quality

    Measures = dict[str, npt.NDArray[np.float32]]

__all__ = ["COMMANDS"]

KIND = "quality"
QUANTILES = (1, 5, 50, 95, 99)
SAMPLE = 1_000_000
"""Records whose measures, about 100 bytes each, are looked at together."""


def quality(
    dataset: Annotated[Path, typer.Argument(metavar="DATASET", help="The folder of a built dataset.")],
    preset: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="web, document, dialogue or tabular; otherwise the rules of the dataset."),
    ] = None,
    sets: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="MEASURE.SIDE=VALUE", help="Another threshold; null takes a rule away."),
    ] = None,
    sample: Annotated[
        int, typer.Option(metavar="N", min=1, help="Look at so many records at most, spread evenly over all.")
    ] = SAMPLE,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Try quality rules on a built dataset: how many records each would drop, and how each measure is spread.

    Reads the measures that the records hold and no text, so it takes seconds. A dataset holds what was kept: to
    see all records, build it with `drop: none` first.

    Example: curate quality outbox/coal/0.1.0 --preset web --set digit_share.most=0.2 --set chars.least=200
    """
    from ..report.model import open_dataset

    manifest = open_dataset(dataset)
    stage = _stage(manifest, preset, sets or [])
    measures = _read(dataset, manifest, sample)
    told = _told(dataset, manifest, stage, measures)
    if as_json:
        result_json(told)
    else:
        result(_lines(told))


def _stage(manifest: Manifest, preset: str | None, sets: list[str]) -> Quality:
    """The stage whose rules are tried: the dataset's own, or those of a preset, with what `sets` say.

    Raises:
        ConfigError: there is no such preset, or one of `sets` is wrong.
    """
    from ..config import Document, validate
    from ..errors import ConfigError, Problem
    from ..recipe import read_sets
    from ..stages.quality import Quality

    problems: list[Problem] = []
    given = read_sets([f"{KIND}.{text}" for text in sets], [KIND], problems).get(KIND, {})
    if problems:
        raise ConfigError(problems)
    data: dict[str, Any] = {"preset": preset} if preset is not None else dict(manifest.parameters().get(KIND, {}))
    for name, value in given.items():
        own = data.get(name)
        data[name] = {**own, **value} if isinstance(own, dict) and isinstance(value, dict) else value
    return validate(Quality, Document("--preset or --set", None, {(): 0}), data=data)


def _read(folder: Path, manifest: Manifest, most: int) -> Measures:
    """Each measure of the records, or of `most` of them.

    Raises:
        DatasetError: the records hold no measures, or those of another version.
    """
    import numpy as np

    from ..records import QUALITY

    total = manifest.counts.kept
    chosen = np.arange(total) if total <= most else np.arange(most) * total // most
    parts = []
    first = 0
    for shard in (name for names in manifest.shards().values() for name in names):
        for batch in _measures(folder / shard, shard):
            low, high = np.searchsorted(chosen, [first, first + len(batch)])
            parts.append(batch.take(chosen[low:high] - first))
            first += len(batch)
    names = [field.name for field in QUALITY if field.name != "flags"]
    return {
        name: np.concatenate([np.zeros(0, np.float32), *(part.field(name).to_numpy() for part in parts)])
        for name in names
    }


def _measures(path: Path, name: str) -> Iterator[Any]:
    """The column `quality` of a shard, batch by batch; nothing else is read."""
    import pyarrow as pa

    from ..errors import DatasetError
    from ..records import QUALITY

    again = "Build the dataset again with the stage quality in its recipe."
    with pa.memory_map(str(path)) as file:
        with pa.ipc.open_stream(file) as reader:
            at = reader.schema.get_field_index(KIND)
            if at < 0 or reader.schema.field(at).type != QUALITY:
                raise DatasetError("its measures of quality are not those of this version", where=name, fix=again)
        file.seek(0)
        with pa.ipc.open_stream(file, options=pa.ipc.IpcReadOptions(included_fields=[at])) as reader:
            for batch in reader:
                column = batch.column(0)
                if column.null_count:
                    raise DatasetError("records hold no measures of quality", where=name, fix=again)
                yield column


def _told(folder: Path, manifest: Manifest, stage: Quality, measures: Measures) -> dict[str, Any]:
    """What each rule would do, and the quantiles of each measure."""
    import numpy as np

    from ..estimates import interval

    total, n = manifest.counts.kept, len(measures["score"])
    missed = stage.missed(measures, n)

    def share(count: int) -> dict[str, Any]:
        part = count / max(n, 1)
        return {"records": count, "share": part, "between": list(interval(part, n, n / max(total, 1)))}

    rules = [
        {"measure": name, "side": side, "threshold": threshold, "reason": reason, **share(int(missed[:, k].sum()))}
        for k, (name, side, reason, threshold) in enumerate(stage.bounds())
    ]
    ran = next((s for s in manifest.stages if s.kind == KIND), None)
    return {
        "dataset": relative(folder),
        "records": total,
        "looked_at": n,
        "preset": stage.preset,
        "rules": rules,
        "any": share(int(missed.any(axis=1).sum())),
        "quantiles": {
            name: {str(q): float(v) for q, v in zip(QUANTILES, np.percentile(values, QUANTILES), strict=True)}
            for name, values in measures.items()
            if n
        },
        "dropped_before": dict(ran.dropped) if ran else {},
    }


def _lines(told: dict[str, Any]) -> list[str]:
    """The same for people to read."""
    from ..report.layout import table, tally

    looked = "" if told["looked_at"] == told["records"] else f", {told['looked_at']:,} of them looked at"
    lines = [f"{told['dataset']} · {told['records']:,} records{looked} · preset {told['preset'] or 'none'}"]
    if told["dropped_before"]:
        lines.append(f"not in it, since its own run dropped them: {tally(told['dropped_before'])}")

    def counted(row: dict[str, Any]) -> tuple[str, str, str]:
        low, high = row["between"]
        between = f"{low:.2%} to {high:.2%}" if low < high else ""
        return f"{row['records']:,}", f"{row['share']:.2%}", between

    rows = [(r["reason"], r["measure"], f"{r['side']} {r['threshold']:g}", *counted(r)) for r in told["rules"]]
    heading = ("rule", "measure", "threshold", "miss it", "share", "95 %" if looked else "")
    lines += ["", *table([heading, *rows, ("any of them", "", "", *counted(told["any"]))], right=(3, 4))]
    spread = [(name, *(f"{v:.4g}" for v in q.values())) for name, q in told["quantiles"].items()]
    columns = tuple(range(1, len(QUANTILES) + 1))
    return [*lines, "", *table([("measure", *(f"{q} %" for q in QUANTILES)), *spread], right=columns)]


COMMANDS: dict[str, Callable[..., None]] = {"quality": quality}
