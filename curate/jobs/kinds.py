"""The kinds of task, named in one literal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ..stage import TaskSpec
from .check import check_dataset
from .ingest import ingest_file
from .mapping import map_shard
from .risk import measure_risk
from .shuffle import group_keys, merge_parts, reduce_part
from .signing import write_signatures
from .writing import write_ledger, write_quarantine, write_shard

__all__ = ["JOBS", "Job"]

Job = Callable[[TaskSpec, Sequence[Path], Sequence[Path]], dict[str, Any]]

JOBS: dict[str, Job] = {
    "ingest": ingest_file,
    "map": map_shard,
    "group": group_keys,
    "reduce": reduce_part,
    "merge": merge_parts,
    "shard": write_shard,
    "ledger": write_ledger,
    "quarantine": write_quarantine,
    "risk": measure_risk,
    "signatures": write_signatures,
    "check": check_dataset,
}
