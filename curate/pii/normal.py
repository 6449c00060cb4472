"""A copy of a text in which full-width characters, dashes and spaces are plain ASCII, each character in its place."""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt

__all__ = ["DIGITS", "MAP", "normal"]


def _map() -> npt.NDArray[np.uint16]:
    """What each UTF-16 unit becomes; one to one, so that offsets stay valid."""
    plain = np.arange(1 << 16, dtype=np.uint16)
    plain[0xFF01:0xFF5F] = np.arange(0x21, 0x7F)
    # zero-width characters become spaces too, since they may hide inside a number
    plain[[0xA0, 0xAD, *range(0x2000, 0x2010), 0x202F, 0x2060, 0x3000, 0xFEFF]] = ord(" ")
    plain[[*range(0x2010, 0x2016), 0x2212]] = ord("-")
    plain[[0x2022, 0x2027, 0x30FB]] = ord("·")
    return plain


MAP = _map()

DIGITS = re.compile(r"[0-9](?:[ ().·\n-]{0,3}[0-9]){6}")
"""Seven digits with at most three separators between two: every number looked for holds this in its normal form."""


def normal(text: str) -> str:
    """`text` in its normal form, of the same length."""
    if text.isascii():
        return text
    units = np.frombuffer(text.encode("utf-16-le", "surrogatepass"), np.uint16)
    return MAP[units].tobytes().decode("utf-16-le", "surrogatepass")
