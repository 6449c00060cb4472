"""Normalise: one form for each character, so that equal texts are equal bytes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ..config import Strict
from ..records import mark, set_column, text_buffers
from .tables import points, rows

__all__ = ["Normalise"]


class Normalise(Strict):
    """NFC; line ends as line feeds; control, zero-width and bidi characters out; full-width ASCII and spaces folded.

    Chinese punctuation stays as it is. Trailing blanks of a line go, and so do blanks and blank lines before the first
    visible character and after the last. What each character becomes is in
    `data/normalise.tsv`; what NFC must look at is in `data/nfc.tsv`.
    """

    kind: Literal["normalise"] = "normalise"

    version: ClassVar[int] = 1
    adds: ClassVar[Mapping[str, pa.DataType]] = {"n_chars": pa.int32(), "changes": pa.int32()}
    reasons: ClassVar[tuple[str, ...]] = ("empty",)

    def open(self, root: Path = Path()) -> Callable[[pa.RecordBatch], pa.RecordBatch]:  # noqa: ARG002
        """A function that normalises `text` and adds `n_chars` and `changes`; a batch of clean texts is not copied."""
        from ..kernels.normalise import NEEDS_COMPOSING, NEEDS_REWRITING, classify, rewrite

        table = actions()
        composing = re.compile(f"[^{composing_set()}]?[{composing_set()}]+")

        def normalise(batch: pa.RecordBatch) -> pa.RecordBatch:
            text = batch.column("text")
            data, offsets = text_buffers(text)
            flags, spans, chars, changes = classify(data, offsets, table)
            if changes.any() or (flags & NEEDS_REWRITING).any():
                room = pa.allocate_buffer(int((spans[:, 1] - spans[:, 0]).sum()))
                offsets = rewrite(data, spans, flags, table, chars, changes, np.frombuffer(room, np.uint8))
                text = pa.StringArray.from_buffers(batch.num_rows, pa.py_buffer(offsets), room)
            touched = np.flatnonzero(flags & NEEDS_COMPOSING)
            if len(touched):
                composed = [_compose(composing, one) for one in text.take(pa.array(touched)).to_pylist()]
                changes[touched] += np.array([count for _, count in composed], np.int32)
                chars[touched] = [len(new) for new, _ in composed]
                text = _replaced(text, touched, [new for new, _ in composed])
            if changes.any():
                batch = set_column(batch, "text", text)
            batch = set_column(batch, "n_chars", pa.array(chars))
            batch = set_column(batch, "changes", pa.array(changes))
            reasons: list[str | None] = [None] * batch.num_rows
            values: list[float | None] = [None] * batch.num_rows
            thresholds: list[float | None] = [None] * batch.num_rows
            for row in np.flatnonzero(chars == 0):
                reasons[row], values[row], thresholds[row] = "empty", 0.0, 1.0
            return mark(batch, reasons, values=values, thresholds=thresholds)

        return normalise


def actions() -> npt.NDArray[np.uint8]:
    """The table that the kernels read: an action, or the ASCII character it becomes, for every code point."""
    from ..kernels.normalise import ACTIONS
    from ..kernels.utf8 import CODE_POINTS

    table = np.zeros(CODE_POINTS, np.uint8)
    for field, action in rows("nfc.tsv"):
        table[points(field)] = ACTIONS[action]
    for field, action, becomes, _ in rows("normalise.tsv"):  # goes before composition
        table[points(field)] = int(becomes, 16) if action == "replace" else ACTIONS[action]
    return table


def composing_set() -> str:
    """The code points that NFC must look at, as the inside of a set in a regular expression."""
    spans = (points(field) for field, _ in rows("nfc.tsv"))
    return "".join(f"{re.escape(chr(span.start))}-{re.escape(chr(span.stop - 1))}" for span in spans)


def _compose(composing: re.Pattern[str], text: str) -> tuple[str, int]:
    """The text in NFC, and how many characters that altered: in each run, those from the first to the last difference.

    A character outside the set never composes with what stands before it, so each run stands alone.
    """
    changes = 0

    def compose(run: re.Match[str]) -> str:
        nonlocal changes
        old = run.group()
        new = unicodedata.normalize("NFC", old)
        if new != old:
            changes += len(old) - _shared(old, new)
        return new

    return composing.sub(compose, text), changes


def _shared(old: str, new: str) -> int:
    """How many characters two different strings share at their beginning and, beside those, at their end."""
    most = min(len(old), len(new))
    head = next((i for i in range(most) if old[i] != new[i]), most)
    tail = next((i for i in range(most - head) if old[-1 - i] != new[-1 - i]), most - head)
    return head + tail


def _replaced(text: pa.Array, at: npt.NDArray[np.int64], new: list[str]) -> pa.Array:
    """The text with the rows `at` replaced."""
    mask = np.zeros(len(text), bool)
    mask[at] = True
    return pc.replace_with_mask(text, pa.array(mask), pa.array(new, pa.string()))
