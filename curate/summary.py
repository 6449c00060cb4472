"""Totals over the records kept, for the card and the statistics: counts only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["SAID_AND_FOUND", "Summary", "add_up", "confusion"]

SAID_AND_FOUND = " > "
"""Between the industry that the catalog says and the one found, in a tally of `relevance`."""


class Summary:
    """Adds up batch by batch; `counts` is plain data."""

    def __init__(self) -> None:
        self.counts: dict[str, Any] = {
            "chars": 0,
            "bytes": 0,
            "changes": 0,
            "pii_records": 0,
            "pii": {},
            "residual_records": 0,
            "residual_names": 0,
            "residual": {},
            "lang": {},
            "script": {},
            "source": {},
        }

    def add(self, record: pa.RecordBatch) -> None:
        """Count the records of one batch."""
        c = self.counts
        c["chars"] += pc.sum(record["n_chars"]).as_py() or 0
        c["bytes"] += pc.sum(pc.binary_length(record["text"])).as_py() or 0
        c["changes"] += pc.sum(record["changes"]).as_py() or 0
        for name, column in (
            ("lang", record["lang"]),
            ("script", record["script"]),
            ("source", pc.struct_field(record["source"], "source_id")),
        ):
            for pair in pc.value_counts(column).to_pylist():
                key = pair["values"] or "und"
                c[name][key] = c[name].get(key, 0) + pair["counts"]
        found = record["pii"]
        c["pii_records"] += pc.sum(pc.greater(pc.list_value_length(found), 0)).as_py() or 0
        flat = pc.list_flatten(found)
        for entity, operator, count in zip(
            flat.field("entity").to_pylist(),
            flat.field("operator").to_pylist(),
            flat.field("count").to_pylist(),
            strict=True,
        ):
            at = f"{entity}/{operator}"
            c["pii"][at] = c["pii"].get(at, 0) + count
        for row in record["residual"].drop_null().to_pylist():
            entities = {one["entity"] for one in row}
            c["residual_names"] += "PERSON" in entities
            c["residual_records"] += bool(entities - {"PERSON"})
            for one in row:
                c["residual"][one["entity"]] = c["residual"].get(one["entity"], 0) + one["count"]


def add_up(summaries: list[dict[str, Any]]) -> dict[str, Any]:
    """The counts of several summaries as one."""
    total: dict[str, Any] = {}
    for summary in summaries:
        for key, value in summary.items():
            if isinstance(value, dict):
                tally: dict[str, int] = total.setdefault(key, {})
                for name, n in value.items():
                    tally[name] = tally.get(name, 0) + n
            else:
                total[key] = total.get(key, 0) + value
    return {k: dict(sorted(v.items())) if isinstance(v, dict) else v for k, v in total.items()}


def confusion(tally: Mapping[str, int]) -> list[tuple[str | int, ...]]:
    """The tally of `relevance` as a table: a column for each industry found, a row for each that the catalog says."""
    pairs = [pair.rsplit(SAID_AND_FOUND, 1) for pair in tally]
    said, found = sorted({a for a, _ in pairs}), sorted({b for _, b in pairs})
    rows: list[tuple[str | int, ...]] = [(a, *(tally.get(f"{a}{SAID_AND_FOUND}{b}", 0) for b in found)) for a in said]
    return [("", *found), *rows]
