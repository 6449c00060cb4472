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
Runs = tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint32], npt.NDArray[np.uint32]]


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
        found: tuple[list[Runs], list[Runs]] = ([], [])
        for address, sizes, at, size in self._portions(group):
            for kind, runs in zip(found, self._runs(address, sizes, at, size, corpus), strict=True):
                kind.append(_union(*runs))
        return _table([_union(*_joined(kind)) for kind in found])

    def _portions(self, group: pa.Table) -> Iterator[tuple[npt.NDArray[np.uint64], Ints, Ints, Ints]]:
        """Groups of several records, few enough at once: addresses, rows of each group, bytes, bits of the texts' lengths."""
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
            rows = chosen[row : ends[hi - 1]]
            at, size = (group[name].to_numpy()[rows].astype(np.int64) for name in ("at", "size"))
            yield address[rows], sizes[lo:hi], at, size
            lo, row = hi, int(ends[hi - 1])

    def _runs(
        self, address: npt.NDArray[np.uint64], sizes: Ints, at: Ints, size: Ints, corpus: Corpus
    ) -> tuple[Runs, Runs]:
        """The runs that several records hold, and what records lose."""
        from ..kernels.anchors import gram
        from ..kernels.windows import spans

        k = gram(self.least)
        addresses, doc = np.unique(address, return_inverse=True)
        place = standing(corpus, addresses, (), ())[1] if self.remove else np.arange(len(addresses))
        order = np.lexsort((at, doc))
        doc, at = doc[order], at[order]
        group = np.repeat(np.arange(len(sizes)), sizes)[order]
        rows = np.stack([doc, at, group, place[doc]], axis=1).astype(np.int64)
        contexts, classes, of = _classes(rows, addresses, size[order], self.least, k, corpus)
        by_group = np.argsort(classes[:, 0], kind="stable")
        bounds = np.searchsorted(classes[by_group, 0], np.arange(len(sizes) + 1))
        around = np.empty((len(classes), 6), np.int64)
        spans(contexts, classes, by_group, bounds, self.least, self.least - k, around)
        others = place[doc] > classes[of, 3]
        held = around[of, 0:2]
        lost = np.where(others[:, None], around[of, 4:6], around[of, 2:4]) * self.remove
        return _at(addresses[doc], at, held), _at(addresses[doc], at, lost)

    def merge(self, parts: Iterable[pa.Table], corpus: Corpus) -> pa.Table:  # noqa: ARG002
        """The runs of all parts, sorted by address, `lost` and start."""
        runs = pa.concat_tables([RUNS.empty_table(), *parts])
        address, start, stop, lost = (runs[name].to_numpy() for name in RUNS.names)
        return _table([_union(address[of], start[of], stop[of]) for of in (~lost, lost)])

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


def _classes(
    rows: Ints, addresses: npt.NDArray[np.uint64], size: Ints, least: int, k: int, corpus: Corpus
) -> tuple[npt.NDArray[np.uint32], Ints, npt.NDArray[np.int32]]:
    """The different contexts of rows sorted by text, what `windows.classify` says of them, and which each row has."""
    from ..kernels.clusters import chunks
    from ..kernels.minhash import slots
    from ..kernels.windows import classify

    doc = np.ascontiguousarray(rows[:, 0])
    room = np.zeros(len(addresses), np.uint32)
    room[doc] = np.uint32(1) << size.astype(np.uint32)
    texts = chunks(np.arange(len(addresses)), room, TEXT_BYTES)
    table = np.full(slots(len(rows)), -1, np.int32)
    of = np.empty(len(rows), np.int32)
    contexts = np.empty((CLASSES, 2 * least - k), np.uint32)
    classes = np.empty((CLASSES, 5), np.int64)
    count = 0
    for (first, last), (lo, hi) in zip(pairwise(texts), pairwise(np.searchsorted(doc, texts).tolist()), strict=True):
        data, offsets = text_buffers(corpus.take(addresses[first:last], ["text"])["text"].combine_chunks())
        rows[lo:hi, 0] -= first
        while True:
            lo, count = classify(data, offsets, rows, lo, hi, least - k, table, count, contexts, classes, of)
            if lo == hi:
                break
            contexts, classes = (np.concatenate([a, np.empty_like(a)]) for a in (contexts, classes))
    return contexts[:count], classes[:count], of


def _at(address: npt.NDArray[np.uint64], at: Ints, around: Ints) -> Runs:
    """Runs from the bytes before and after a place, those of them that are not empty."""
    some = around[:, 1] > 0
    start, stop = at - around[:, 0], at + around[:, 1]
    return address[some], start[some].astype(np.uint32), stop[some].astype(np.uint32)


def _joined(runs: list[Runs]) -> Runs:
    empty = (np.empty(0, np.uint64), np.empty(0, np.uint32), np.empty(0, np.uint32))
    address, start, stop = (np.concatenate(column) for column in zip(empty, *runs, strict=True))
    return address, start, stop


def _union(address: npt.NDArray[np.uint64], start: npt.NDArray[np.uint32], stop: npt.NDArray[np.uint32]) -> Runs:
    """Runs sorted by address and start, those merged that overlap or touch."""
    from ..kernels.runs import union

    order = np.lexsort((start, address))
    address, start, stop = address[order], start[order], stop[order]
    n = union(address, start, stop)
    return address[:n], start[:n], stop[:n]


def _table(kinds: list[Runs]) -> pa.Table:
    """The runs that are held, and those that are lost, as one table sorted by address."""
    address, start, stop = _joined(kinds)
    lost = np.repeat([False, True], [len(runs[0]) for runs in kinds])
    order = np.argsort(address, kind="stable")
    return pa.table([address[order], start[order], stop[order], lost[order]], schema=RUNS)
