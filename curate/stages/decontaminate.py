"""Decontamination: records that share a run of characters with evaluation sets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pydantic import AfterValidator, Field, model_validator

from ..config import Strict
from ..errors import DomainError
from ..records import CONTAMINATION, mark, set_column, text_buffers
from .evaluation import EvaluationSet, inside, items_of, phrases_of
from .folding import CJK, fold_table, folded

if TYPE_CHECKING:
    from ..kernels.ngrams import Index

__all__ = ["CONTAMINATED", "Coverage", "Decontaminate"]

CONTAMINATED = "contaminated"

MOST_REPORTED = 20
"""Items named for each record."""
MOST_BYTES = (1 << 31) - 1
"""UTF-8 bytes of all sets together: their offsets are 32-bit."""


@dataclass(frozen=True)
class Coverage:
    """How much of an evaluation set can be found at all."""

    name: str
    items: int
    short: int
    """Items whose texts are all shorter than the least run."""
    common: int
    """Items all of whose n-grams are no evidence, because too many others or the phrases have them too."""


class Decontaminate(Strict):
    """Drop or flag records that share a run of characters with items of evaluation sets.

    Both are folded before they are compared (`folding.py`): full-width and half-width, capitals and small letters,
    traditional and simplified are one, and only letters and digits are left. A run lies within one field of an item, and
    holds at least one n-gram that is evidence. Its length is what its characters weigh: 1, but `letter_weight` for digits
    and letters of alphabets, of which 13 are only two words or the head of a URL.

    Some runs say nothing: "which of the following statements about this is wrong" stands in a hundred items, the full
    title of a law in as many records. Therefore an n-gram in more than `most_items` items of one set is no evidence (Brown
    et al., Language models are few-shot learners, 2020, appendix C, leaves out 13-grams of more than 10 documents), nor is
    one in a line of `phrases`; a run may go on over them but does not rest on them. Of a passage with more questions than
    that, only the questions are evidence: raise `most_items` for such sets.

    `contamination` lists the 20 items with the longest runs, longest first, then in the order of the sets, with the plain
    number of characters; it is empty where nothing was found, null where there are no sets. Items too short to be found
    are counted by `coverage`.
    """

    kind: Literal["decontaminate"] = "decontaminate"
    version: ClassVar[int] = 1
    adds: ClassVar[Mapping[str, pa.DataType]] = {"contamination": CONTAMINATION}
    reasons: ClassVar[tuple[str, ...]] = (CONTAMINATED,)

    sets: tuple[EvaluationSet, ...] = ()
    """The evaluation sets; without any, nothing is looked for."""
    ngram: int = Field(13, ge=4, le=256)
    """Folded characters of an n-gram."""
    least_run: int | None = None
    """Least length of a run that counts, `ngram` if nothing is said; a text that is shorter cannot be found."""
    letter_weight: float = Field(0.25, gt=0, le=1)
    """What a digit or a letter of an alphabet adds to the length of a run; 1 counts plain characters."""
    most_items: int = Field(10, ge=1)
    """An n-gram that stands in more items of a set than this is no evidence."""
    phrases: Annotated[str, AfterValidator(inside)] | None = None
    """A text file below the domain, one phrase a line, whose n-grams are no evidence: titles of laws, set phrases."""
    action: Literal["drop", "flag"] = "drop"
    """Whether contaminated records are dropped, or only reported in `contamination`."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.least_run is not None and self.least_run < self.ngram:
            raise ValueError("least_run is less than ngram; shorter runs cannot be found")
        names = [one.name for one in self.sets]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"name of a set used twice: {', '.join(twice)}")
        return self

    def reads(self, root: Path) -> tuple[str, ...]:
        """The files of the sets and of the phrases, each read to its end to see that it can be.

        Raises:
            DomainError: one is missing or cannot be read whole, a field named is not there, or none of a set's items is
                long enough to be found.
        """
        total = 0
        for one in self.sets:
            findable = False
            for _, texts in items_of(root, one):
                total += sum(len(text.encode()) for text in texts)
                findable = findable or any(self._length(text) >= self._least for text in texts)
            if not findable:
                raise DomainError(
                    "no item of the evaluation set can be found",
                    where=one.file,
                    got=f"no text of length {self._least}, letters and digits as {self.letter_weight} each",
                    fix="Look at which fields are named, or lower ngram.",
                )
        if total > MOST_BYTES:
            raise DomainError("evaluation sets are too large", got=f"{total} bytes of text", expected="less than 2 GiB")
        if self.phrases is None:
            return tuple(one.file for one in self.sets)
        phrases_of(root, self.phrases)
        return (*(one.file for one in self.sets), self.phrases)

    def coverage(self, root: Path) -> tuple[Coverage, ...]:
        """For each set how many items it has and how many of them cannot be found, and why.

        Raises:
            DomainError: as `reads`.
        """
        evidence = self._evidence(root)
        items = len(evidence.sets)
        long, found = np.zeros(items, np.bool_), np.zeros(items, np.bool_)
        weights = np.where(evidence.index.points < CJK, self.letter_weight, 1.0)
        weights[evidence.index.points == 0] = 0.0  # between texts
        lengths = np.add.reduceat(weights, evidence.bounds[:-1])
        owners = evidence.owners[lengths >= self._least]
        long[owners[owners >= 0]] = True
        found[evidence.index.items[evidence.index.items >= 0]] = True
        return tuple(
            Coverage(one.name, int(here.sum()), int((here & ~long).sum()), int((here & long & ~found).sum()))
            for number, one in enumerate(self.sets)
            for here in (evidence.sets == number,)
        )

    def open(self, root: Path = Path()) -> Callable[[pa.RecordBatch], pa.RecordBatch]:
        """A function that adds `contamination` and marks what shares a run; it holds the index of all items' n-grams.

        Raises:
            DomainError: a set cannot be read, see `reads`.
        """
        if not self.sets:
            return _nothing
        from ..kernels.ngram_search import search

        table, longer = fold_table()
        evidence = self._evidence(root)
        sets = pa.array([one.name for one in self.sets], pa.string()).take(pa.array(evidence.sets))

        def decontaminate(batch: pa.RecordBatch) -> pa.RecordBatch:
            data, offsets = text_buffers(batch.column("text"))
            items, lengths, chars, counts = search(
                data,
                offsets,
                table,
                longer,
                evidence.index,
                len(evidence.sets),
                self.ngram,
                self._least,
                self.letter_weight,
                CJK,
                MOST_REPORTED,
            )
            listed = np.arange(MOST_REPORTED) < counts[:, None]
            which = pa.array(items[listed])
            runs = pa.StructArray.from_arrays(
                [sets.take(which), evidence.names.take(which), pa.array(chars[listed])],
                fields=list(CONTAMINATION.value_type),
            )
            bounds = pa.array(np.concatenate([[0], np.cumsum(counts)]).astype(np.int32))
            batch = set_column(batch, "contamination", pa.ListArray.from_arrays(bounds, runs, type=CONTAMINATION))
            reasons: list[str | None] = [None] * batch.num_rows
            values: list[float | None] = [None] * batch.num_rows
            thresholds: list[float | None] = [None] * batch.num_rows
            partners: list[str | None] = [None] * batch.num_rows
            for row in np.flatnonzero(counts) if self.action == "drop" else ():
                item = items[row, 0]
                reasons[row], values[row], thresholds[row] = CONTAMINATED, float(lengths[row, 0]), float(self._least)
                partners[row] = f"{sets[item]}:{evidence.names[item]}"
            return mark(batch, reasons, values=values, thresholds=thresholds, duplicate_of=partners)

        return decontaminate

    @property
    def _least(self) -> int:
        return self.ngram if self.least_run is None else self.least_run

    def _length(self, text: str) -> float:
        plain = text.translate(folded())
        letters = sum(ord(c) < CJK for c in plain)
        return len(plain) - letters + self.letter_weight * letters

    def _evidence(self, root: Path) -> _Evidence:
        from ..kernels import ngrams

        names, sets, texts, owners = list[str](), list[int](), list[str](), list[int]()
        for number, one in enumerate(self.sets):
            for name, of_item in items_of(root, one):
                owners += [len(names)] * len(of_item)
                texts += of_item
                names.append(name)
                sets.append(number)
        if self.phrases is not None:
            phrases = phrases_of(root, self.phrases)
            owners += [ngrams.NOBODY] * len(phrases)
            texts += phrases
        table, longer = fold_table()
        data, offsets = text_buffers(pa.array(texts, pa.string()))
        points = np.empty(len(data) + len(texts) + 1, np.uint32)
        bounds = np.empty(len(texts) + 1, np.int64)
        points = points[: ngrams.fold(data, offsets, table, longer, points, bounds)].copy()
        owner_of, set_of = np.array(owners, np.int32), np.array(sets, np.int32)
        index = ngrams.index(points, bounds, owner_of, set_of, self.ngram, self.most_items)
        return _Evidence(pa.array(names, pa.string()), set_of, owner_of, bounds, index)


@dataclass(frozen=True)
class _Evidence:
    """The items of all sets, and what finds them."""

    names: pa.Array
    """Of each item."""
    sets: npt.NDArray[np.int32]
    """Of each item the number of its set."""
    owners: npt.NDArray[np.int32]
    """Of each text its item."""
    bounds: npt.NDArray[np.int64]
    """Where each text begins among the folded ones."""
    index: Index


def _nothing(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The batch with nothing looked for."""
    batch = set_column(batch, "contamination", pa.nulls(batch.num_rows, CONTAMINATION))
    return mark(batch, [None] * batch.num_rows)
