"""Recheck: a second detector looks through what anonymise left, and a run in which too much remains fails."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np
import pyarrow as pa
from pydantic import Field

from ..config import Strict
from ..records import RESIDUAL, set_column

__all__ = ["Recheck"]


MEANT = ("keep", "surrogate")


class Recheck(Strict):
    """Counts what a second, different detector still finds in the texts and other fields of anonymised records.

    Its patterns are plain ones of its own (`curate/pii/data/second.tsv`), its names those on which a word segmenter with a
    dictionary and a language model agree. Entities that the config keeps in a record, or replaces by made-up ones, are not counted there. Nothing is dropped:
    what remains is in `residual`, and over `most` or `most_names` the run fails.
    """

    kind: Literal["recheck"] = "recheck"
    most: float = Field(0.0, ge=0, le=1)
    """Share of the records in which numbers, addresses of mail and the like may remain."""
    names: bool = True
    """Whether names are looked for too, at some 2 million characters a second."""
    most_names: float = Field(1.0, ge=0, le=1)
    """Share of the records in which something may remain that looks like a name; 1: it is counted, but fails no run.

    The second detector takes some words for names that are none: look at what it counts before setting this.
    """

    version: ClassVar[int] = 1
    adds: ClassVar[Mapping[str, pa.DataType]] = {"residual": RESIDUAL}
    reasons: ClassVar[tuple[str, ...]] = ()

    def open(self, root: Path = Path()) -> Callable[[pa.RecordBatch], pa.RecordBatch]:  # noqa: ARG002
        """A function that adds `residual`."""
        from ..pii.second import remaining

        def recheck(batch: pa.RecordBatch) -> pa.RecordBatch:
            found = remaining(batch["text"].to_pylist(), names=self.names)
            if "meta" in batch.schema.names:
                metas = [meta or "" for meta in batch["meta"].to_pylist()]
                for counts, more in zip(found, remaining(metas, names=False), strict=True):
                    counts.update(more)
            for counts, meant in zip(found, _meant(batch), strict=True):
                for entity in meant:
                    counts.pop(entity, None)
            return set_column(batch, "residual", _column(found))

        return recheck


def _meant(batch: pa.RecordBatch) -> list[set[str]]:
    """The entities that each record is meant to show: kept, or made up in place of real ones."""
    if "pii" not in batch.schema.names:
        return [set() for _ in range(batch.num_rows)]
    return [{one["entity"] for one in row or () if one["operator"] in MEANT} for row in batch["pii"].to_pylist()]


def _column(found: list[Counter[str]]) -> pa.ListArray:
    """The counts of each record, sorted by entity."""
    flat = [pair for counts in found for pair in sorted(counts.items()) if pair[1]]
    values = pa.StructArray.from_arrays(
        [pa.array([entity for entity, _ in flat], pa.string()), pa.array([n for _, n in flat], pa.int32())],
        fields=list(RESIDUAL.value_type),
    )
    lengths = [sum(1 for n in counts.values() if n) for counts in found]
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), values, type=RESIDUAL)
