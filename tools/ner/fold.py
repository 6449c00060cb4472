"""The fold of the tables: which character is read in place of which, one for one."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from curate.stages.tables import rows

__all__ = ["AS_WRITTEN", "fold"]

FIRST_PLANE = 0x10000
FULL_WIDTH, ASCII = range(0xFF01, 0xFF5F), 0x21

AS_WRITTEN = "乾"
"""Traditional characters left alone: in names they are not what they are as words (乾隆, and not 干隆)."""


def fold() -> npt.NDArray[np.uint16]:
    """uint16[65536], code point to code point: traditional to simplified, full-width to ASCII, all others to themselves.

    What would leave the first plane stays: the network knows no character beyond it.
    """
    out = np.arange(FIRST_PLANE, dtype=np.uint16)
    for old, new in rows("simplified.tsv"):
        for traditional, simplified in zip(old, new, strict=True):
            if max(ord(traditional), ord(simplified)) < FIRST_PLANE and traditional not in AS_WRITTEN:
                out[ord(traditional)] = ord(simplified)
    out[FULL_WIDTH.start : FULL_WIDTH.stop] = np.arange(ASCII, ASCII + len(FULL_WIDTH), dtype=np.uint16)
    return out
