"""What is in a dataset: counts, splits, sources, stages, languages, personal data; never a text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ..errors import DatasetError
from ..summary import confusion
from .layout import size, table, tally
from .model import open_dataset

__all__ = ["describe", "description_lines"]

STATS = "stats.json"


def describe(folder: Path) -> dict[str, Any]:
    """What the manifest and the statistics of the dataset in `folder` say, as plain data.

    Raises:
        DatasetError: it is no dataset, or its statistics cannot be read.
    """
    manifest = open_dataset(folder)
    try:
        records = json.loads((folder / STATS).read_bytes())["records"]
    except (OSError, ValueError, KeyError, TypeError):
        raise DatasetError(
            "the statistics cannot be read", where=str(folder / STATS), fix="`curate verify` says what was changed."
        ) from None
    plain = manifest.model_dump(mode="json", by_alias=True)
    kept = records.get("source", {})
    return {
        "name": manifest.name,
        "version": manifest.version,
        "digest": manifest.digest,
        "code": plain["code"],
        "recipe": manifest.config.recipe,
        "industry": plain["config"]["industry"],
        "limit": manifest.limit,
        "counts": plain["counts"],
        "ingest": plain["ingest"],
        "splits": plain["splits"],
        "subsets": plain["subsets"],
        "sources": [{**s, "kept": kept.get(s["id"], 0)} for s in plain["inputs"]["sources"]],
        "stages": plain["stages"],
        "records": records,
        "files": len(manifest.outputs) + 2,
        "bytes": sum(o.bytes for o in manifest.outputs.values()),
        "input_bytes": sum(f.bytes for f in manifest.inputs.files),
    }


def description_lines(d: dict[str, Any]) -> list[str]:
    """The description for people to read."""
    counts, records = d["counts"], d["records"]
    lines = [
        f"{d['name']} {d['version']} · {d['industry']['title']} · recipe {d['recipe']} · built by {d['code']['package']} {d['code']['version']}",
        f"{d['files']:,} files, {size(d['bytes'])}, from {d['ingest']['files']:,} raw files, {size(d['input_bytes'])} · manifest {d['digest'][:16]}",
        f"{counts['in']:,} records in = {counts['kept']:,} kept + {counts['dropped']:,} dropped + {counts['quarantined']:,} quarantined",
    ]
    if d["limit"] is not None:
        lines.append(f"made with --limit {d['limit']}: a sample, not the whole")
    parts = [
        (subset, split, s["rows"], s["chars"], s["shards"])
        for subset, splits in d["subsets"].items()
        for split, s in sorted(splits.items(), key=lambda item: -item[1]["rows"])
    ]
    lines += ["", *table([("subset", "split", "records", "characters", "shards"), *parts], right=(2, 3, 4))]
    sources = [(s["id"], s["title"], s["files"], s["kept"], s["licence"], s["grade"]) for s in d["sources"]]
    lines += ["", *table([("source", "title", "files", "kept", "licence", "grade"), *sources], right=(2, 3))]
    faults = tally(d["ingest"]["faults"])
    stages = [("ingest", counts["in"], d["ingest"]["records"], f"quarantined: {faults}" if faults else "")]
    stages += [(s["kind"], s["in"], s["kept"], tally(s["dropped"])) for s in d["stages"]]
    lines += ["", *table([("stage", "in", "kept", "dropped"), *stages], right=(1, 2)), ""]
    for s in d["stages"]:
        if s["kind"] == "relevance":
            rows = confusion(s["tally"])
            lines += ["industries said by the catalog (rows) and found (columns)"]
            lines += [*table(rows, right=tuple(range(1, len(rows[0])))), ""]
    lines += table(
        [
            ("languages", tally(records["lang"])),
            ("scripts", tally(records["script"])),
            ("characters", f"{records['chars']:,}, of them {records['changes']:,} changed by normalise"),
            *((s["kind"], tally(s["tally"])) for s in d["stages"] if s["kind"] != "relevance" and s["tally"]),
            ("personal data", f"{sum(records['pii'].values()):,} spans in {records['pii_records']:,} records"),
            *(("", f"{at.replace('/', ' → ')} {n:,}") for at, n in sorted(records["pii"].items())),
        ]
    )
    return lines
