"""One record's whole life, from its place in a raw file to its split, or to the rule that dropped it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ..errors import DatasetError
from ..manifest import file_entry
from ..pii.places import DIGITS, clean, locator_pattern, path_pattern
from ..records import RECORD
from ..stages.against import EXACT, NEAR
from ..stages.decontaminate import CONTAMINATED
from .ids import ID_DIGITS
from .layout import size, table
from .model import Manifest, open_dataset

__all__ = ["life", "life_lines"]

ANY = f"[0-9a-f]{{{DIGITS}}}"
"""Any digest, in the pattern of a path."""

MOST = 10
"""Matches that a message lists."""

EARLIER = {EXACT: "the text of", NEAR: "nearly"}
"""How a record stands to that of an earlier dataset that `duplicate_of` names, by the reason it was dropped for."""

RECORD_FIELDS = (
    "id",
    "industry",
    "scene",
    "lang",
    "script",
    "lang_score",
    "n_chars",
    "changes",
    "quality",
    "relevance",
    "margin",
    "pii",
    "grade",
    "source",
    "split",
    "cluster",
)
"""What is read of a kept record: everything but its text and its other fields."""


def life(folder: Path, query: str) -> dict[str, Any]:
    """The life of one record as plain data; `query` is its id, the beginning of it, its input id, path or path#locator.

    Raises:
        DatasetError: no record, or more than one, is meant; or the ledger cannot be read.
    """
    manifest = open_dataset(folder)
    try:
        row = _one(folder, manifest, query)
        quarantine = _quarantined(folder, row["id"]) if row["fate"] == "quarantined" else None
        record = _record(folder, manifest, row["id"]) if row["fate"] == "kept" else None
        own = row["duplicate_of"] and row["reason"] not in EARLIER
        partner = next(_rows(folder, manifest, pc.field("id") == row["duplicate_of"]), None) if own else None
        members = _members(folder, manifest, row) if row["cluster"] else 0
    except (OSError, pa.ArrowException) as error:
        raise DatasetError(
            "the dataset cannot be read",
            where=str(folder),
            got=type(error).__name__,
            fix="`curate verify` says which file is damaged.",
        ) from None
    file = next(
        (f for f in manifest.inputs.files if (f.source_id, f.path) == (row["source_id"], row["source_path"])), None
    )
    return {
        **row,
        "bytes": file.bytes if file else None,
        "sha256": file.sha256 if file else None,
        "fault": quarantine,
        "stages": _passed(manifest, row),
        "parameters": manifest.parameters().get(row["stage"] or ""),
        "partner": partner,
        "cluster_size": members,
        "record": record,
    }


def life_lines(d: dict[str, Any]) -> list[str]:
    """The life for people to read."""
    head = f"{d['id']}  {d['source_id']}  {place(d)}" + (f"  input id {d['input_id']}" if d["input_id"] else "")
    if d["fate"] == "quarantined":
        return [
            head,
            *table(
                [
                    (
                        "ingest",
                        f"quarantined: {d['reason']}: {d['fault']}" if d["fault"] else f"quarantined: {d['reason']}",
                    )
                ]
            ),
        ]
    record = d["record"]
    read = f"{size(d['bytes'])}, sha256 {d['sha256'][:16]}" if d["sha256"] else ""
    if record:
        source = record["source"]
        read = ", ".join(filter(None, (source["media_type"], source["encoding"], read)))
    rows = [("ingest", f"read from {read}")]
    rows += [(kind, TOLD[kind](record) if record and kind in TOLD else "passed") for kind in d["stages"]]
    if record:
        together = (
            f", cluster {record['cluster']} of {d['cluster_size']}, of which it is the one kept" if d["cluster"] else ""
        )
        rows.append(("kept", f"split {record['split']}, {record['n_chars']:,} characters{together}"))
    else:
        rows.append((d["stage"], f"dropped: {_why(d)}"))
    return [head, *table(rows)]


def place(row: dict[str, Any]) -> str:
    """`raw/logs/0217.docx#1`."""
    return f"{row['source_path']}#{row['locator']}" if row["locator"] else str(row["source_path"])


def _why(d: dict[str, Any]) -> str:
    if d["reason"] in EARLIER:
        dataset, _, id = d["duplicate_of"].rpartition(":")
        estimate = f", Jaccard about {d['value']:.2f}, from {d['threshold']:g}" if d["value"] is not None else ""
        return f"{d['reason']}: {EARLIER[d['reason']]} record {id} of the earlier dataset {dataset}{estimate}"
    if d["reason"] == CONTAMINATED:
        name, _, item = d["duplicate_of"].partition(":")
        least = f"from {d['threshold']:g}"
        return f"{d['reason']}: a run of length {d['value']:g}, {least}, is in item {item} of the evaluation set {name}"
    if d["duplicate_of"]:
        parts = [f"{d['reason']} of {d['duplicate_of']}"]
        if d["partner"]:
            p = d["partner"]
            fate = "kept" if p["fate"] == "kept" else f"later dropped by {p['stage']}"
            parts[0] += f" ({place(p)}, {fate})"
        if d["value"] is not None:
            parts.append(
                f"Jaccard {d['value']:.2f}" + (f", from {d['threshold']:g}" if d["threshold"] is not None else "")
            )
        if d["cluster"]:
            parts.append(f"cluster of {d['cluster_size']}")
        return ", ".join(parts)
    measured = f", measured {d['value']:g}" if d["value"] is not None else ""
    bound = f", bound {d['threshold']:g}" if d["threshold"] is not None else ""
    return f"{d['reason']}{measured}{bound}"


def _language(record: dict[str, Any]) -> str:
    name = "-".join(filter(None, (record["lang"], record["script"])))
    return f"{name} {record['lang_score']:.2f}" if record["lang_score"] is not None else name or "passed"


def _quality(record: dict[str, Any]) -> str:
    score = (record["quality"] or {}).get("score")
    return f"score {score:.2f}" if score is not None else "passed"


def _relevance(record: dict[str, Any]) -> str:
    """Relevance and margin are those of the industry wanted, which need not be the record's."""
    told = [record["industry"] or "no industry", record["scene"]]
    told += [f"{name} {record[name]:.2f}" for name in ("relevance", "margin") if record[name] is not None]
    return ", ".join(filter(None, told))


def _personal(record: dict[str, Any]) -> str:
    found = ", ".join(f"{p['entity']} {p['count']} {p['operator']}" for p in record["pii"] or ())
    return found or "no personal data found"


TOLD: dict[str, Callable[[dict[str, Any]], str]] = {
    "normalise": lambda r: f"{r['changes'] or 0:,} characters changed",
    "language": _language,
    "quality": _quality,
    "relevance": _relevance,
    "anonymise": _personal,
}
"""What a kept record tells of a stage; of others only that it passed."""


def _passed(manifest: Manifest, row: dict[str, Any]) -> list[str]:
    """The stages that let the record through."""
    kinds = [s.kind for s in manifest.stages]
    if row["fate"] == "quarantined":
        return []
    return kinds[: kinds.index(row["stage"])] if row["stage"] in kinds else kinds


def _one(folder: Path, manifest: Manifest, query: str) -> dict[str, Any]:
    for condition in _meanings(query, folder):
        found = [row for row, _ in zip(_rows(folder, manifest, condition), range(MOST + 1), strict=False)]
        if len(found) == 1:
            return found[0]
        if found:
            more = ["…"] if len(found) > MOST else []
            listed = [f"{r['id']} {place(r)} {r['fate']}" for r in found[:MOST]]
            raise DatasetError(
                "more than one record is meant",
                where=str(folder),
                expected="one of:\n  " + "\n  ".join([*listed, *more]),
            )
    raise DatasetError(
        "no such record",
        where=str(folder),
        expected="an id, the beginning of one, an input id, a path as in the catalog, or path#locator",
    )


def _meanings(query: str, folder: Path) -> Iterator[pc.Expression]:
    """What a query may mean, the likeliest first; a name as it is in raw/ also means what it was written as."""
    digits = query.lower()
    if query and len(query) <= ID_DIGITS and not digits.strip("0123456789abcdef"):
        yield (pc.field("id") >= digits) & (pc.field("id") < digits + "g")
    yield pc.field("input_id") == query
    yield pc.field("source_path") == query
    path, hash_, locator = query.rpartition("#")
    if hash_:
        yield (pc.field("source_path") == path) & (pc.field("locator") == locator)
    yield from (_at(pattern) for pattern in _written(query, folder))
    if hash_:
        of_locator = locator_pattern(locator)
        at = pc.field("locator") == locator if of_locator is None else _like("locator", of_locator)
        if of_locator is not None:
            yield (pc.field("source_path") == path) & at
        yield from (_at(pattern) & at for pattern in _written(path, folder))
    written = clean([query])[0]
    if written != query:
        yield pc.field("input_id") == written


def _written(path: str, folder: Path) -> Iterator[str]:
    """Patterns of the path under which a file whose name holds personal data stands in the ledger, the surest first.

    Of a dataset in its domain's outbox the file itself is looked at: its content is in its written path.
    """
    pattern = path_pattern(path)
    if pattern is None:
        return
    domain = folder.resolve().parents[2:3]
    if domain and (domain[0] / path).is_file():
        yield pattern.replace(ANY, file_entry(domain[0] / path)["sha256"][:DIGITS])
    yield pattern


def _at(pattern: str) -> pc.Expression:
    return _like("source_path", pattern)


def _like(column: str, pattern: str) -> pc.Expression:
    return pc.match_substring_regex(pc.field(column), pattern)


def _rows(folder: Path, manifest: Manifest, condition: pc.Expression) -> Iterator[dict[str, Any]]:
    """Ledger rows that meet a condition; row groups that cannot hold one are not read."""
    for name in manifest.ledger():
        yield from pq.read_table(folder / name, filters=condition).to_pylist()


def _members(folder: Path, manifest: Manifest, row: dict[str, Any]) -> int:
    """How many records are alike: those of the cluster, and the one that stays, which has it only if it stays to the end."""
    ids = {r["id"] for r in _rows(folder, manifest, pc.field("cluster") == row["cluster"])}
    return len(ids | {row["duplicate_of"] or row["id"]})


def _quarantined(folder: Path, id: str) -> str | None:
    rows = pq.read_table(folder / "quarantine.parquet", filters=pc.field("id") == id).to_pylist()
    return rows[0]["message"] if rows else None


def _record(folder: Path, manifest: Manifest, id: str) -> dict[str, Any] | None:
    """A kept record without its text."""
    options = pa.ipc.IpcReadOptions(included_fields=[RECORD.get_field_index(name) for name in RECORD_FIELDS])
    for names in manifest.shards().values():
        for name in names:
            with pa.OSFile(str(folder / name)) as file, pa.ipc.open_stream(file, options=options) as reader:
                for batch in reader:
                    found = batch.filter(pc.equal(batch["id"], id))
                    if found.num_rows:
                        row: dict[str, Any] = found.to_pylist()[0]
                        return row
    return None
