"""The gates before the recogniser for whole columns: texts without the makings of a find never become Python strings."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from .. import records
from ..kernels.pii_confirm import ALONE, confirm
from ..kernels.pii_gate import flag
from ..kernels.pii_marks import marks, words
from .normal import MAP
from .rules import lead_rules

__all__ = ["Gate"]

Flags = npt.NDArray[np.bool_]


class Gate:
    """Says which texts to look through; `least` is the score from which finds are reported."""

    def __init__(self, least: float = 0.5) -> None:
        self._alone = least <= ALONE
        led = lead_rules()
        closing = {form for form, rules in led.items() if any(rule.row.gate == "before" for rule in rules)}
        leading = {form for form, rules in led.items() if any(rule.row.gate != "before" for rule in rules)}
        self._words = words(leading, closing)

    def texts(self, column: pa.Array) -> Flags:
        """Running texts that may hold a find; the others hold none."""
        out = self._flagged(column)
        confirm(*records.text_buffers(column), MAP, self._alone, out)
        return self._marked(column, out)

    def fields(self, column: pa.Array) -> Flags:
        """The same of JSON objects: its own signs stand where values do not have them, so there are more."""
        return self._marked(column, self._flagged(column))

    @staticmethod
    def _flagged(column: pa.Array) -> Flags:
        out = np.zeros(len(column), np.bool_)
        flag(*records.text_buffers(column), out)
        return out

    def _marked(self, column: pa.Array, out: Flags) -> Flags:
        marks(*records.text_buffers(column), MAP, *self._words, out)
        return out
