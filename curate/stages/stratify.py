"""Stratified splits: in each stratum the shares hold as exactly as whole clusters allow.

No recipe names this stage: the planner adds it where the config sets `splits.stratify`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar, Literal

import numpy as np
import pyarrow as pa

from ..config import Strict
from ..records import set_column
from ..splits import id_bits, settled_units, strata_of, stratified_indices, unit_bits
from ..stage import Corpus

__all__ = ["Stratify"]

SETTLED = pa.schema(
    [
        pa.field("address", pa.uint64(), nullable=False),
        pa.field("unit", pa.uint64(), nullable=False),
        pa.field("size", pa.int64(), nullable=False),
        pa.field("stratum", pa.uint64(), nullable=False),
    ]
)
"""A record with its unit, how many records that has, and the stratum to which it belongs as a whole."""

DECIDED = pa.schema(
    [pa.field("address", pa.uint64(), nullable=False), pa.field("split", pa.int8(), nullable=False)],
)
"""Records that are in another split than the first."""


class Stratify(Strict):
    """Give every record its split, so that each stratum is divided in the same shares; see `splits.stratified_indices`."""

    kind: Literal["stratify"] = "stratify"
    version: ClassVar[int] = 1
    adds: ClassVar[Mapping[str, pa.DataType]] = {"split": pa.string()}
    reasons: ClassVar[tuple[str, ...]] = ()

    by: tuple[Literal["industry", "source"], ...]
    """What the records of a stratum have in common."""
    splits: tuple[str, ...]
    """Names of the splits that can hold records."""
    shares: tuple[float, ...]
    """Their shares, each more than 0."""
    seed: int

    singles: ClassVar[bool] = True
    edits: ClassVar[bool] = False
    stores: ClassVar[tuple[str, ...]] = ()

    def keys(self) -> tuple[str, ...]:
        """The cluster of a record, or its id: what must stay together."""
        return ("unit",)

    def emit(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """One row per record: its unit, its id and its stratum, each as 64 bits."""
        return pa.record_batch(
            {
                "unit": pa.array(unit_bits(batch)),
                "row": pa.array(np.arange(batch.num_rows, dtype=np.uint32)),
                "id": pa.array(id_bits(batch)),
                "stratum": pa.array(strata_of(batch, self.by)),
            }
        )

    def reduce(self, group: pa.Table, corpus: Corpus) -> pa.Table:  # noqa: ARG002
        """The records of some groups with their unit's size and stratum (SETTLED)."""
        units = group["group"].to_numpy()
        sizes, strata = settled_units(units, group["id"].to_numpy(), group["stratum"].to_numpy())
        return pa.table([group["address"], units, sizes, strata], schema=SETTLED)

    def merge(self, parts: Iterable[pa.Table], corpus: Corpus) -> pa.Table:  # noqa: ARG002
        """The records that are in another split than the first (DECIDED)."""
        table = pa.concat_tables([SETTLED.empty_table(), *parts])
        units, sizes, strata = (table[name].to_numpy() for name in ("unit", "size", "stratum"))
        which = stratified_indices(units, sizes, strata, self.shares, self.seed)
        away = np.flatnonzero(which)
        address = table["address"].to_numpy()[away]
        order = np.argsort(address)
        return pa.table([address[order], which[away][order]], schema=DECIDED)

    def mark(self, batch: pa.RecordBatch, decisions: pa.Table) -> pa.RecordBatch:
        """The batch with `split` set."""
        which = np.zeros(batch.num_rows, np.int8)
        which[decisions["row"].to_numpy()] = decisions["split"].to_numpy()
        return set_column(batch, "split", pa.array(self.splits).take(pa.array(which)))
