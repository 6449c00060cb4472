"""Records as `curate dedup` reads them, whatever file they stand in."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

__all__ = ["Bad", "Fields", "Format", "InputFile", "Rows", "date_of", "own_ids", "score_of"]

Format = Literal["jsonl", "parquet", "arrow"]


@dataclass(frozen=True)
class InputFile:
    """One file: where it is, the name of what is kept of it, and the place of its argument on the command line."""

    path: Path
    name: str
    argument: int
    format: Format


@dataclass(frozen=True)
class Fields:
    """Which fields of a record are what; `id`, `date` and `score` may be missing."""

    text: str = "text"
    id: str = "id"
    date: str | None = None
    score: str | None = None

    def names(self) -> list[str]:
        """Their names, once each."""
        return list(dict.fromkeys(n for n in (self.text, self.id, self.date, self.score) if n))


@dataclass(frozen=True)
class Bad:
    """A row that is no record, with its number and why."""

    row: int
    reason: str


@dataclass
class Rows:
    """Some records of one file, in its order: `row` counts from 1, `start` and `stop` are bytes of JSON Lines."""

    texts: pa.StringArray
    ids: list[str | None]
    row: npt.NDArray[np.int64]
    start: npt.NDArray[np.int64]
    stop: npt.NDArray[np.int64]
    dates: list[str | None]
    scores: list[float | None]
    bad: list[Bad] = field(default_factory=list)


def own_ids(values: list[Any]) -> list[str | None]:
    """What the records' own ids are; nearly always all are of one kind."""
    kinds = set(map(type, values))
    if kinds == {int}:
        return list(map(str, values))
    if kinds == {str} and all(values):
        return values
    return [_own_id(value) for value in values]


def _own_id(value: object) -> str | None:
    """A record's own id where it has one that can be written: a string or a whole number."""
    if isinstance(value, str):
        return value or None
    return str(value) if type(value) is int else None


def date_of(value: object) -> str | None:
    """A date as it sorts: as it is written."""
    return None if value is None else str(value)


def score_of(value: object) -> float | None:
    """A number as a score, none for anything else."""
    return float(value) if isinstance(value, int | float | Decimal) and not isinstance(value, bool) else None
