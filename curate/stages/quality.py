"""Quality: what a record is made of, and bounds on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pydantic import Field, model_validator

from ..config import Strict
from ..records import QUALITY, mark, set_column, text_buffers
from .tables import points, rows

__all__ = ["Bound", "Least", "Most", "Quality"]

REASONS = {
    ("chars", "least"): "too_short",
    ("chars", "most"): "too_long",
    ("replacement_share", "most"): "replacement_characters",
    ("mojibake_share", "most"): "mojibake",
    ("digit_share", "most"): "many_digits",
    ("space_share", "most"): "many_spaces",
    ("symbol_share", "most"): "many_symbols",
    ("han_share", "least"): "low_han_share",
    ("duplicate_line_share", "most"): "duplicate_lines",
    ("repeated_10gram_share", "most"): "repeated_text",
}
"""The reason of each bound; a record's reason is the first in this order that it misses."""

Columns = dict[str, npt.NDArray[np.float64]]


class Bound(Strict):
    """A number that must lie from `least` to `most`, both included; None is no bound."""

    least: float | None = Field(None, ge=0)
    most: float | None = Field(None, ge=0)

    @model_validator(mode="after")
    def _ordered(self) -> Bound:
        if self.least is not None and self.most is not None and self.least > self.most:
            raise ValueError("least is greater than most: every record would be dropped")
        return self


class Least(Strict):
    """A share that must be `least` or more; None is no bound."""

    least: float | None = Field(None, ge=0, le=1)


class Most(Strict):
    """A share that must be `most` or less; None is no bound."""

    most: float | None = Field(None, ge=0, le=1)


class Quality(Strict):
    """Measures each record, gives it a score, and drops those outside the bounds; without bounds it only scores.

    Shares are of the record's characters, but for repeated lines and 10-grams, whose characters are those that are not
    spaces. `score` is a product of factors, one for each share, each falling linearly from 1 to 0 between two
    values in `data/quality_score.tsv`: a share that gets better never lowers it.
    """

    kind: Literal["quality"] = "quality"
    chars: Bound = Bound()
    """Code points of the text."""
    han_share: Least = Least()
    """Han characters (汉字)."""
    digit_share: Most = Most()
    """Digits and other numerals."""
    symbol_share: Most = Most()
    """Punctuation and symbols."""
    space_share: Most = Most()
    """Spaces, tabs and line feeds."""
    duplicate_line_share: Most = Most()
    """Characters in lines that stood in the record before."""
    repeated_10gram_share: Most = Most()
    """Sequences of ten characters that stood in the record before."""
    replacement_share: Most = Most()
    """U+FFFD, in place of what could not be decoded."""
    mojibake_share: Most = Most()
    """Characters of text read in a wrong encoding (乱码), readings in brackets, question marks for lost punctuation."""

    version: ClassVar[int] = 1
    adds: ClassVar[Mapping[str, pa.DataType]] = {"quality": QUALITY}
    reasons: ClassVar[tuple[str, ...]] = tuple(REASONS.values())

    def open(self, root: Path = Path()) -> Callable[[pa.RecordBatch], pa.RecordBatch]:  # noqa: ARG002
        """A function that adds `quality` and marks what is out of bounds."""
        from ..kernels.quality import measure

        classes, lost = character_classes()
        ramps = [(name, float(zero), float(one)) for name, zero, one in rows("quality_score.tsv")]

        def quality(batch: pa.RecordBatch) -> pa.RecordBatch:
            data, offsets = text_buffers(batch.column("text"))
            columns = shares(measure(data, offsets, classes, lost))
            columns["score"] = score(columns, ramps)
            fields = [pa.array(columns[field.name].astype(np.float32)) for field in QUALITY]
            batch = set_column(batch, "quality", pa.StructArray.from_arrays(fields, fields=list(QUALITY)))
            return self._mark(batch, columns)

        return quality

    def _mark(self, batch: pa.RecordBatch, columns: Columns) -> pa.RecordBatch:
        reasons: list[str | None] = [None] * batch.num_rows
        values: list[float | None] = [None] * batch.num_rows
        thresholds: list[float | None] = [None] * batch.num_rows
        stays = np.ones(batch.num_rows, bool)
        for (name, side), reason in REASONS.items():
            bound = getattr(getattr(self, name), side)
            if bound is None:
                continue
            value = columns[name]
            missed = stays & (value < bound if side == "least" else value > bound)
            for row in np.flatnonzero(missed):
                reasons[row], values[row], thresholds[row] = reason, float(value[row]), float(bound)
            stays &= ~missed
        return mark(batch, reasons, values=values, thresholds=thresholds)


def character_classes() -> tuple[npt.NDArray[np.uint8], int]:
    """The table that `measure` reads, of classes and marks for every code point, and its `lost`."""
    from ..kernels.quality import CLASSES, MARKS, WATCHED
    from ..kernels.utf8 import CODE_POINTS

    table = np.zeros(CODE_POINTS, np.uint8)
    for field, name in rows("classes.tsv"):
        table[points(field)] = CLASSES.index(name)
    lost = 0
    for field, name, _ in rows("mojibake.tsv"):
        if name == "lost":
            lost = int(field, 16)
        else:
            table[points(field)] |= MARKS[name]
    for (characters,) in rows("mojibake_han.tsv"):
        table[[ord(c) for c in characters]] |= MARKS["strong"]
    table[list(WATCHED)] |= MARKS["watched"]
    return table, lost


def shares(counts: npt.NDArray[np.int64]) -> Columns:
    """What the rules look at, by name, from the kernel's counts; 0 where there is nothing to have a share of."""
    from ..kernels.quality import COUNTS

    count = {name: counts[:, i].astype(np.float64) for i, name in enumerate(COUNTS)}

    def of(part: str, whole: str) -> npt.NDArray[np.float64]:
        # A doubly broken character may be marked twice.
        return np.minimum(count[part] / np.maximum(count[whole], 1.0), 1.0)

    return {
        "chars": count["chars"],
        "han_share": of("han", "chars"),
        "digit_share": of("digit", "chars"),
        "symbol_share": of("symbol", "chars"),
        "space_share": of("space", "chars"),
        "duplicate_line_share": of("repeated_line_chars", "visible"),
        "repeated_10gram_share": of("repeated_grams", "grams"),
        "replacement_share": of("replacement", "chars"),
        "mojibake_share": of("mojibake", "chars"),
    }


def score(columns: Columns, ramps: list[tuple[str, float, float]]) -> npt.NDArray[np.float64]:
    """The product of the factors of all ramps (share, where its factor is 0, where it is 1)."""
    product = np.ones(len(columns["chars"]))
    for name, zero, one in ramps:
        product *= np.clip((columns[name] - zero) / (one - zero), 0.0, 1.0)
    return product
