"""Repeated runs: stretches of text that stand in several records, counted always and taken out if the recipe says so.

They are found by winnowing (see `kernels.anchors`), which misses none, and compared on the code points themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import ClassVar, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pydantic import Field

from ..config import Strict
from ..records import mark, set_column, text_buffers, with_text
from ..stage import Corpus
from .survivors import standing

__all__ = ["Substrings"]

RUNS = pa.schema(
    [
        pa.field("address", pa.uint64(), nullable=False),
        pa.field("start", pa.uint32(), nullable=False),
        pa.field("stop", pa.uint32(), nullable=False),
        pa.field("lost", pa.bool_(), nullable=False),
    ]
)
"""Runs of texts, in bytes: those that several records hold, and again (`lost`) what a record of a lesser id keeps."""

CONTEXT_POINTS = 1 << 24
"""Code points around anchors that are held at once, 4 bytes each; more only where one group has more."""

TEXT_BYTES = 8 << 20
"""Bytes of text that are held at once, or one text."""

CLASSES = 1 << 10
"""Different contexts that room is made for at first."""

HALF = np.uint64(32)
Ints = npt.NDArray[np.int64]
Addresses = npt.NDArray[np.uint64]
Runs = tuple[Addresses, npt.NDArray[np.uint32], npt.NDArray[np.uint32]]
NONE: Runs = (np.empty(0, np.uint64), np.empty(0, np.uint32), np.empty(0, np.uint32))


class Substrings(Strict):
    """Count the characters of runs that other records hold too (重复片段), and take them out if `remove` says so.

    A window of `least` characters is repeated if another record holds it; a run is all windows that overlap or touch.
    A window counts only if at least half of its characters are telling: no white space, and other than each of the two
    before them in the window. Rules, dot leaders and indentation stand everywhere and are nobody's.
    """

    kind: Literal["substrings"] = "substrings"
    version: ClassVar[int] = 1
    adds: ClassVar[Mapping[str, pa.DataType]] = {"repeated": pa.int32()}
    reasons: ClassVar[tuple[str, ...]] = ("only_repeats",)
    singles: ClassVar[bool] = False
    stores: ClassVar[tuple[str, ...]] = ()

    least: int = Field(50, ge=16, le=1000)
    """Characters of the shortest run."""
    remove: bool = False
    """Whether a repeated window stays only in the record with the least id; what is left of the others is joined."""
    least_left: int = Field(1, ge=0)
    """A record of which removal leaves fewer characters than that, white space apart, is dropped."""

    @property
    def edits(self) -> bool:
        """Only removal alters texts."""
        return self.remove

    def keys(self) -> tuple[str, ...]:
        """The hash of an anchor."""
        return ("anchor",)

    def emit(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """One row for each anchor: `at`, the byte of the text where it begins, and `size`, the bits of the text's length."""
        from ..kernels.anchors import anchors, gram

        data, offsets = text_buffers(batch.column("text"))
        key, where = anchors(data, offsets, self.least, gram(self.least))
        row = (where >> HALF).astype(np.uint32)
        size = np.frexp(np.diff(offsets))[1].astype(np.uint8)
        return pa.record_batch({"anchor": key, "row": row, "at": where.astype(np.uint32), "size": size[row]})

    def reduce(self, group: pa.Table, corpus: Corpus) -> pa.Table:
        """The runs (RUNS) around the anchors of the groups, those of one text apart from each other."""
        from ..kernels.anchors import gram

        classes = _Classes(corpus, self.least, gram(self.least))
        found: tuple[list[Runs], list[Runs]] = ([], [])
        for portion, sizes in self._portions(group):
            for kind, runs in zip(found, self._runs(portion, sizes, corpus, classes), strict=True):
                kind.append(runs)
        return _table(found)

    def _portions(self, group: pa.Table) -> Iterator[tuple[pa.Table, Ints]]:
        """The groups that have several records, few at once, and how many rows each has."""
        from ..kernels.anchors import gram

        key, address = group["group"].to_numpy(), group["address"].to_numpy()
        first = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]])[: len(key)])
        sizes = np.diff(first, append=len(key))
        several = address[first] != address[first + sizes - 1]
        chosen = np.flatnonzero(np.repeat(several, sizes))
        sizes = sizes[several]
        ends = np.cumsum(sizes)
        most = CONTEXT_POINTS // (2 * self.least - gram(self.least))
        lo = row = 0
        while lo < len(sizes):
            hi = max(lo + 1, int(np.searchsorted(ends, row + most, side="right")))
            yield group.take(pa.array(chosen[row : ends[hi - 1]])), sizes[lo:hi]
            lo, row = hi, int(ends[hi - 1])

    def _runs(self, group: pa.Table, sizes: Ints, corpus: Corpus, classes: _Classes) -> tuple[Runs, Runs]:
        """The runs that several records hold, and what records lose, of groups of `sizes` rows."""
        from ..kernels.anchors import gram
        from ..kernels.windows import spans

        address = group["address"].to_numpy()
        order = np.argsort(address, kind="stable")
        address = address[order]
        first = np.concatenate([[True], address[1:] != address[:-1]])
        addresses, doc = address[first], np.cumsum(first) - 1
        place = standing(corpus, addresses, (), ())[1] if self.remove else np.arange(len(addresses))
        at = group["at"].to_numpy()[order].astype(np.int64)
        rows = np.stack([doc, at, np.repeat(np.arange(len(sizes)), sizes)[order], place[doc]], axis=1)
        room = np.uint32(1) << group["size"].to_numpy()[order][first].astype(np.uint32)
        contexts, about, of = classes.of(rows, addresses, room)
        by_group = np.argsort(about[:, 0], kind="stable")
        bounds = np.searchsorted(about[by_group, 0], np.arange(len(sizes) + 1))
        around = np.empty((len(about), 6), np.int32)
        spans(contexts, about, by_group, bounds, self.least, self.least - gram(self.least), around)
        around = around[of]
        lost = np.where((rows[:, 3] > about[of, 3])[:, None], around[:, 4:6], around[:, 2:4]) * self.remove
        return _around(addresses, doc, at, around[:, 0:2]), _around(addresses, doc, at, lost)

    def merge(self, parts: Iterable[pa.Table], corpus: Corpus) -> pa.Table:  # noqa: ARG002
        """The runs of all parts, sorted by address, `lost` and start."""
        runs = pa.concat_tables([RUNS.empty_table(), *parts])
        address, start, stop, lost = (runs[name].to_numpy() for name in RUNS.names)
        held, gone = ([(address[of], start[of], stop[of])] for of in (~lost, lost))
        return _table((held, gone))

    def mark(self, batch: pa.RecordBatch, decisions: pa.Table) -> pa.RecordBatch:
        """The batch with `repeated` set, and with `remove` the texts without what others keep, and `dropped`."""
        from ..kernels.runs import covered, cut, visible

        row, start, stop, lost = (decisions[name].to_numpy() for name in ("row", "start", "stop", "lost"))
        data, offsets = text_buffers(batch.column("text"))
        repeated = np.zeros(batch.num_rows, np.int32)
        covered(data, offsets, row[~lost], start[~lost], stop[~lost], repeated)
        batch = set_column(batch, "repeated", pa.array(repeated))
        if not self.remove:
            return batch
        shorter = np.unique(row[lost]).astype(np.int64)
        reasons: list[str | None] = [None] * batch.num_rows
        values: list[float | None] = [None] * batch.num_rows
        thresholds: list[float | None] = [None] * batch.num_rows
        text = batch.column("text")
        if len(shorter):
            data, offsets = cut(data, offsets, row[lost], start[lost], stop[lost])
            text = pa.StringArray.from_buffers(batch.num_rows, pa.py_buffer(offsets), pa.py_buffer(data))
            left = np.empty(len(shorter), np.int64)
            visible(data, offsets, shorter, left)
            for i, count in zip(shorter.tolist(), left.tolist(), strict=True):
                if count < self.least_left:
                    reasons[i], values[i], thresholds[i] = "only_repeats", float(count), float(self.least_left)
        return mark(with_text(batch, text), reasons, values=values, thresholds=thresholds)


class _Classes:
    """Contexts of anchors, made in buffers used again and again: fresh memory would cost more than comparing them."""

    def __init__(self, corpus: Corpus, least: int, k: int) -> None:
        self._corpus, self._reach = corpus, least - k
        self._contexts = np.empty((CLASSES, 2 * least - k), np.uint32)
        self._classes = np.empty((CLASSES, 5), np.int64)

    def of(
        self, rows: Ints, addresses: Addresses, room: npt.NDArray[np.uint32]
    ) -> tuple[npt.NDArray[np.uint32], Ints, npt.NDArray[np.int32]]:
        """The different contexts, what `windows.classify` says of them, and which each row has; valid until the next call.

        Texts stand at `addresses` and have no more than `room` bytes; `rows` are sorted by text.
        """
        from ..kernels.clusters import chunks
        from ..kernels.minhash import slots
        from ..kernels.windows import classify

        texts = chunks(np.arange(len(addresses)), room, TEXT_BYTES)
        ends = np.searchsorted(rows[:, 0], texts)
        table = np.full(slots(len(rows)), -1, np.int32)
        of = np.empty(len(rows), np.int32)
        count = 0
        for (first, last), (lo, hi) in zip(pairwise(texts.tolist()), pairwise(ends.tolist()), strict=True):
            data, offsets = text_buffers(self._corpus.take(addresses[first:last], ["text"])["text"].combine_chunks())
            rows[lo:hi, 0] -= first
            while True:
                lo, count = classify(
                    data, offsets, rows, lo, hi, self._reach, table, count, self._contexts, self._classes, of
                )
                if lo == hi:
                    break
                self._contexts = np.concatenate([self._contexts, np.empty_like(self._contexts)])
                self._classes = np.concatenate([self._classes, np.empty_like(self._classes)])
        return self._contexts[:count], self._classes[:count], of


def _around(addresses: Addresses, doc: Ints, at: Ints, span: npt.NDArray[np.int32]) -> Runs:
    """The runs that reach from `at` over the bytes before and after it that `span` has, where it has any."""
    some = span[:, 1] > 0
    return _union(addresses, doc[some], (at - span[:, 0])[some], (at + span[:, 1])[some])


def _union(addresses: Addresses, doc: Ints, start: npt.NDArray[np.integer], stop: npt.NDArray[np.integer]) -> Runs:
    """Runs of the texts at `addresses`, sorted by address and start, those merged that overlap or touch."""
    from ..kernels.runs import union

    order = np.argsort(doc.astype(np.uint64) << HALF | start.astype(np.uint64))
    text = doc[order]
    starts, stops = start[order].astype(np.uint32), stop[order].astype(np.uint32)
    n = union(text, starts, stops)
    return addresses[text[:n]], starts[:n], stops[:n]


def _table(kinds: tuple[list[Runs], list[Runs]]) -> pa.Table:
    """The union of what is held and that of what is lost, as one table sorted by address."""
    columns = []
    for kind, runs in enumerate(kinds):
        address, start, stop = (np.concatenate(column) for column in zip(NONE, *runs, strict=True))
        addresses, doc = np.unique(address, return_inverse=True)
        address, start, stop = _union(addresses, doc, start, stop)
        columns.append((address, start, stop, np.full(len(address), bool(kind))))
    address, start, stop, lost = (np.concatenate(column) for column in zip(*columns, strict=True))
    order = np.argsort(address, kind="stable")
    return pa.table([address[order], start[order], stop[order], lost[order]], schema=RUNS)
