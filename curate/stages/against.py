"""Against earlier datasets: of records that one of them already has, none stays."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Annotated, ClassVar, Literal

import numpy as np
import pyarrow as pa
from pydantic import AfterValidator, Field

from ..config import Strict
from ..records import mark
from ..signatures import ABOUT, Store, find_store, match

__all__ = ["EXACT", "NEAR", "Against"]

EXACT, NEAR = "exact_earlier", "near_earlier"


def _below(path: str) -> str:
    """The path in the one way in which it can be written, so that the same dataset is not named twice."""
    plain = PurePosixPath(path)
    if not plain.parts or plain.is_absolute() or ".." in plain.parts:
        raise ValueError("leaves the domain; expected the folder of a dataset below it, such as outbox/NAME/VERSION")
    return plain.as_posix()


class Against(Strict):
    """Drop records that an earlier dataset already has, exactly or nearly; without datasets it does nothing.

    Of the earlier dataset only what it keeps is compared, by the signatures stored when it was built (see `output.signatures`):
    its texts need not be there. `duplicate_of` is `NAME/VERSION:ID` of the earlier record.

    Texts are compared as they stand where this stage does and where the earlier pipeline had near_dedup: what edits texts
    between the two makes equal records unlike each other.
    """

    kind: Literal["against"] = "against"
    version: ClassVar[int] = 1
    adds: ClassVar[Mapping[str, pa.DataType]] = {}
    reasons: ClassVar[tuple[str, ...]] = (EXACT, NEAR)

    datasets: tuple[Annotated[str, AfterValidator(_below)], ...] = ()
    """Folders of earlier datasets, relative to the domain: outbox/NAME/VERSION."""
    threshold: float = Field(0.8, gt=0, le=1)
    """Least Jaccard similarity, 0 to 1, as the share of the signatures' values that agree.

    That is an estimate: with 128 values its standard error is 0.035 at 0.8, so pairs near the threshold fall on either side.
    """
    look_back: int = Field(64, ge=1)
    """Of earlier records that agree in one band at most this many are compared, those with the least ids."""

    def reads(self, root: Path) -> tuple[str, ...]:
        """What describes the signatures of each dataset, with hashes of all their files.

        Raises:
            DomainError: there is no such dataset, no signatures of it are kept, or they are damaged.
        """
        folders = [find_store(root, dataset) for dataset in self.datasets]
        for folder in folders:
            Store.open(root / folder)
        return tuple((folder / ABOUT).as_posix() for folder in folders)

    def open(self, root: Path = Path()) -> Callable[[pa.RecordBatch], pa.RecordBatch]:
        """The function that does it, with the stores mapped."""
        stores = [Store.open(root / find_store(root, dataset)) for dataset in self.datasets]
        if not stores:
            return lambda batch: batch
        names = [f"{store.name}/{store.version}" for store in stores]
        return self.holding(stores, names)

    def holding(self, stores: Sequence[Store], names: Sequence[str]) -> Callable[[pa.RecordBatch], pa.RecordBatch]:
        """The function that drops what one of `stores` has; `names` are what the earlier datasets are called."""

        def against(batch: pa.RecordBatch) -> pa.RecordBatch:
            n = batch.num_rows
            found = match(stores, batch.column("text"), self.threshold, self.look_back)
            reasons: list[str | None] = [None] * n
            values: list[float | None] = [None] * n
            thresholds: list[float | None] = [None] * n
            earlier: list[str | None] = [None] * n
            for row in np.flatnonzero(found.store >= 0).tolist():
                earlier[row] = f"{names[found.store[row]]}:{found.id[row]}"
                reasons[row] = EXACT
                if not found.exact[row]:
                    reasons[row], values[row], thresholds[row] = NEAR, float(found.estimate[row]), self.threshold
            return mark(batch, reasons, values=values, thresholds=thresholds, duplicate_of=earlier)

        return against
