"""Boilerplate: lines that stand in many records, such as headers, footers, menus and disclaimers, are taken out of the text.

What goes is counted over the corpus, never guessed from one record; what many records rightly share, such as the numbering of
statutes, is listed in `data/boilerplate_protected.tsv` and stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import pairwise
from typing import ClassVar, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field, field_validator

from ..config import Strict
from ..records import mark, set_column, text_buffers, with_text
from ..stage import Corpus
from .tables import points, rows

__all__ = ["Boilerplate"]

LINES = pa.schema(
    [
        pa.field("address", pa.uint64(), nullable=False),
        pa.field("at", pa.uint32(), nullable=False),
        pa.field("keep", pa.bool_(), nullable=False),
    ]
)
"""What goes: the line that starts at byte `at` of a record's text, and all that are equal to it; if `keep`, all but it."""

FORM_CHARS = 63  # as many letters as the kernels count in a form

CHUNK_BYTES = 8 << 20
"""Text that reduce holds at once, but for one longer record."""

Addresses = npt.NDArray[np.uint64]
Ints = npt.NDArray[np.int64]
Places = npt.NDArray[np.uint32]


class Boilerplate(Strict):
    """Takes out lines that stand in more than `most_records` records, and drops records of which nothing is left.

    Lines are equal if their visible characters are; white space never matters. Digits do matter, so that no row of
    numbers goes because another looks like it, but not in the forms of `data/boilerplate_forms.tsv`: page
    numbers and counters. A line that repeats in one record alone stays; where a line goes, all its copies go.
    Lines inside a code fence stay. Best run on normalised text, after exact and near deduplication: the lines of copies
    of one document are no boilerplate.
    """

    kind: Literal["boilerplate"] = "boilerplate"
    version: ClassVar[int] = 1
    adds: ClassVar[Mapping[str, pa.DataType]] = {"boilerplate": pa.int32(), "n_chars": pa.int32()}
    reasons: ClassVar[tuple[str, ...]] = ("only_boilerplate",)
    singles: ClassVar[bool] = False
    edits: ClassVar[bool] = True
    stores: ClassVar[tuple[str, ...]] = ()

    unit: Literal["line", "paragraph"] = "line"
    """What is compared, and goes as a whole; a paragraph is lines up to a blank one, however they are broken."""
    most_records: int = Field(10, ge=1)
    """A line that stands in more different records than this goes."""
    least_letters: int = Field(8, ge=1)
    """A line with fewer letters and Han characters stays, unless it has one of the forms; digits and symbols do not count."""
    protected: tuple[str, ...] = ()
    """Regular expressions of more lines that stay: without white space, such a line begins with what one of them matches."""
    forms: tuple[str, ...] = ()
    """More lines that may go though they are short, or protected, with # for any number: `浏览 # 次`."""
    keep_first: bool = False
    """Whether the record with the least id keeps one copy of a line that goes from all others."""
    least_left: int = Field(1, ge=1)
    """A record of which lines went is dropped if fewer visible characters than this are left."""

    @field_validator("protected")
    @classmethod
    def _are_expressions(cls, protected: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in protected:
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"{pattern!r} is no regular expression: {error}") from error
        return protected

    @field_validator("forms")
    @classmethod
    def _are_short(cls, forms: tuple[str, ...]) -> tuple[str, ...]:
        for form in forms:
            if not form.strip() or "\n" in form or len(form) > FORM_CHARS:
                raise ValueError(f"{form!r} is no form: one line of 1 to {FORM_CHARS} characters is")
        return forms

    def keys(self) -> tuple[str, ...]:
        """The hash of the line."""
        return ("line",)

    def emit(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """One row per record and different line that may go: where it first starts, and the bytes of the record's text."""
        from ..kernels.lines import find

        data, offsets = text_buffers(batch.column("text"))
        room = int(np.count_nonzero(data[offsets[0] : offsets[-1]] == ord("\n"))) + batch.num_rows
        line, row, at = np.empty(room, np.uint64), np.empty(room, np.uint32), np.empty(room, np.uint32)
        count = find(data, offsets, *self._spec(), line, row, at)
        row = row[:count]
        size = np.diff(offsets).astype(np.uint32)
        return pa.record_batch({"line": line[:count], "row": row, "at": at[:count], "bytes": size[row]})

    def reduce(self, group: pa.Table, corpus: Corpus) -> pa.Table:
        """The lines that go (LINES), each compared with the first of its group character by character.

        Only groups of more than `most_records` are read; a pattern is asked once for each.
        """
        key = group["group"].to_numpy()
        begins = np.ones(len(key), np.bool_)
        begins[1:] = key[1:] != key[:-1]
        first = np.flatnonzero(begins)
        sizes = np.diff(first, append=len(key))
        first, sizes = first[sizes > self.most_records], sizes[sizes > self.most_records]
        lines = _Lines(group, corpus, self)
        known = lines.read(first)
        free = np.flatnonzero(known.folded | ~np.array([self._protects(line) for line in known.texts()], np.bool_))
        which = np.repeat(free, sizes[free])
        members = np.repeat(first[free] - np.cumsum(sizes[free]) + sizes[free], sizes[free]) + np.arange(len(which))
        same = lines.agree(members, which, known)
        members, which = members[same], which[same]
        over = np.bincount(which, minlength=len(first)) > self.most_records
        members, which = members[over[which]], which[over[which]]
        address = group["address"].to_numpy()[members]
        keep = np.zeros(len(members), np.bool_)
        if self.keep_first:
            records, record = np.unique(address, return_inverse=True)
            ids = corpus.take(records, ["id"])["id"].combine_chunks()
            order = np.lexsort((_ranks(ids)[record], which))
            keep[order[np.unique(which[order], return_index=True)[1]]] = True
        return pa.table([address, group["at"].to_numpy()[members], keep], schema=LINES)

    def merge(self, parts: Iterable[pa.Table], corpus: Corpus) -> pa.Table:  # noqa: ARG002
        """All lines that go, in the order in which they stand."""
        table = pa.concat_tables([LINES.empty_table(), *parts])
        return table.sort_by([("address", "ascending"), ("at", "ascending")])

    def mark(self, batch: pa.RecordBatch, decisions: pa.Table) -> pa.RecordBatch:
        """The batch without those lines, and `boilerplate`: how many characters of each record went, line feeds included.

        Where lines went there is no blank line more than stood on one side of them.
        """
        n = batch.num_rows
        reasons: list[str | None] = [None] * n
        values: list[float | None] = [None] * n
        thresholds: list[float | None] = [None] * n
        text = batch.column("text")
        before = pc.utf8_length(text)
        if decisions.num_rows:
            row = decisions["row"].to_numpy()
            text, left = self._without(text, row, decisions["at"].to_numpy(), decisions["keep"].to_numpy())
            touched = np.unique(row)
            for i in touched[left[touched] < self.least_left].tolist():
                reasons[i], values[i], thresholds[i] = "only_boilerplate", float(left[i]), float(self.least_left)
        batch = with_text(batch, text)
        went = pc.subtract(before, pc.utf8_length(text)).cast(pa.int32())
        return mark(set_column(batch, "boilerplate", went), reasons, values=values, thresholds=thresholds)

    def _without(
        self, text: pa.Array, row: Places, at: Places, keep: npt.NDArray[np.bool_]
    ) -> tuple[pa.Array, npt.NDArray[np.int32]]:
        """The texts without the lines named, and how many visible characters those have left that lost some."""
        from ..kernels.strike import strike

        data, offsets = text_buffers(text)
        n = len(text)
        room = pa.allocate_buffer(int(offsets[-1] - offsets[0]))
        ends, left = np.empty(n + 1, np.int32), np.zeros(n, np.int32)
        strike(data, offsets, *self._spec(), row, at, keep, np.frombuffer(room, np.uint8), ends, left)
        return pa.StringArray.from_buffers(n, pa.py_buffer(ends), room), left

    def _spec(self) -> tuple[npt.NDArray[np.uint8], bool, int, Addresses, np.uint64]:
        """What the kernels need to know beside the text."""
        table, counts = _forms(self.forms)
        return _classes(), self.unit == "paragraph", self.least_letters, table, counts

    def _protects(self, line: str) -> bool:
        return any(pattern.match(line) for pattern in _patterns(self.protected))


class _Known:
    """The visible characters of n lines, one after the other, as the kernels compare them."""

    def __init__(self, points: Places, bounds: Ints, folded: npt.NDArray[np.bool_]) -> None:
        self.points, self.bounds, self.folded = points, bounds, folded

    def texts(self) -> Iterator[str]:
        """Each line as a string."""
        for lo, hi in pairwise(self.bounds.tolist()):
            yield self.points[lo:hi].tobytes().decode("utf-32-le")


class _Lines:
    """The lines of a group table, read from the corpus in chunks in the order of their records."""

    def __init__(self, group: pa.Table, corpus: Corpus, stage: Boilerplate) -> None:
        self._address, self._at = group["address"].to_numpy(), group["at"].to_numpy()
        self._bytes, self._corpus = group["bytes"].to_numpy(), corpus
        self._classes, self._paragraphs, _, self._forms, _ = stage._spec()

    def read(self, lines: Ints) -> _Known:
        """Those `lines`, which are rows of the table."""
        from ..kernels.line_texts import visible

        n = len(lines)
        folded = np.empty(n, np.bool_)
        found = [np.empty(0, np.uint32)] * n
        for here, row, data, offsets in self._chunks(lines):
            points, bounds = np.empty(int(offsets[-1] - offsets[0]), np.uint32), np.empty(len(here) + 1, np.int64)
            fold = np.empty(len(here), np.bool_)
            at = self._at[lines[here]]
            visible(data, offsets, self._classes, self._paragraphs, self._forms, row, at, points, bounds, fold)
            folded[here] = fold
            for i, (lo, hi) in zip(here.tolist(), pairwise(bounds.tolist()), strict=True):
                found[i] = points[lo:hi].copy()
        bounds = np.zeros(n + 1, np.int64)
        np.cumsum([len(line) for line in found], out=bounds[1:])
        return _Known(np.concatenate([np.empty(0, np.uint32), *found]), bounds, folded)

    def agree(self, lines: Ints, which: Ints, known: _Known) -> npt.NDArray[np.bool_]:
        """Whether each of `lines` is the one of `known` that `which` says."""
        from ..kernels.line_texts import agree

        same = np.empty(len(lines), np.bool_)
        for here, row, data, offsets in self._chunks(lines):
            out = np.empty(len(here), np.bool_)
            agree(
                data,
                offsets,
                self._classes,
                self._paragraphs,
                row,
                self._at[lines[here]],
                which[here],
                known.points,
                known.bounds,
                known.folded,
                out,
            )
            same[here] = out
        return same

    def _chunks(self, lines: Ints) -> Iterator[tuple[Ints, Ints, npt.NDArray[np.uint8], npt.NDArray[np.int32]]]:
        """Some of `lines` at a time: which, the texts each stands in, and those texts."""
        address = self._address[lines]
        order = np.argsort(address, kind="stable")
        records, first, record = np.unique(address[order], return_index=True, return_inverse=True)
        size = self._bytes[lines[order[first]]].astype(np.int64)
        chunk = (np.cumsum(size) - size) // CHUNK_BYTES
        for lo, hi in _runs(chunk):
            here = slice(*np.searchsorted(record, [lo, hi]).tolist())
            text = self._corpus.take(records[lo:hi], ["text"])["text"].combine_chunks()
            yield order[here], record[here] - lo, *text_buffers(text)


def _runs(values: Ints) -> Iterator[tuple[int, int]]:
    """Where each run of equal values starts and stops."""
    cuts = np.flatnonzero(np.diff(values)) + 1
    return pairwise([0, *cuts.tolist(), len(values)] if len(values) else [])


def _ranks(ids: pa.Array) -> Ints:
    """The place of each id in their order."""
    ranks = np.empty(len(ids), np.int64)
    ranks[pc.sort_indices(ids).to_numpy()] = np.arange(len(ids))
    return ranks


@cache
def _classes() -> npt.NDArray[np.uint8]:
    """The class of every code point, as the kernels know them."""
    from ..kernels import lines
    from ..kernels.utf8 import CODE_POINTS

    table = np.full(CODE_POINTS, lines.LETTER, np.uint8)
    known = {"space": lines.SPACE, "digit": lines.DIGIT, "symbol": lines.SYMBOL}
    for field, name in rows("classes.tsv"):
        table[points(field)] = known.get(name, lines.LETTER)
    return table


@cache
def _forms(more: tuple[str, ...]) -> tuple[Addresses, np.uint64]:
    """The table of forms that the kernels read, and the counts of letters in them."""
    from ..kernels.lines import forms

    listed = pa.array([form for form, _ in rows("boilerplate_forms.tsv")] + list(more), pa.string())
    table, counts = forms(*text_buffers(listed), _classes())
    return table, np.uint64(counts)


@cache
def _patterns(more: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    """Everything that protects a line."""
    return tuple(re.compile(pattern) for pattern in [*(p for p, _ in rows("boilerplate_protected.tsv")), *more])
