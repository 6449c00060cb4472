"""Record ids as 10 bytes each, so that all ids of a dataset fit in memory and can be compared at once."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ..records import text_buffers

__all__ = ["ID_DIGITS", "Ids", "compared", "join", "packed", "shown", "unpacked"]

ID_DIGITS = 20
Ids = npt.NDArray[np.bytes_]
"""Each 10 bytes: the 20 hex digits of `records.record_id`."""

DTYPE = np.dtype("S10")


def packed(column: pa.Array) -> Ids:
    """The ids of a `string` column.

    Raises:
        ValueError: one of them is no id.
    """
    data, offsets = text_buffers(column)
    if column.null_count or (np.diff(offsets) != ID_DIGITS).any():
        raise ValueError("not all are ids")
    digits = bytes(data[offsets[0] : offsets[-1]])
    if digits.translate(None, b"0123456789abcdef"):
        raise ValueError("not all are ids")
    return np.frombuffer(bytes.fromhex(digits.decode("ascii")), DTYPE)


def unpacked(one: Any) -> str:
    """The id as it is written; numpy drops the zero bytes at its end."""
    return bytes(one).ljust(DTYPE.itemsize, b"\0").hex()


def join(parts: list[Ids]) -> Ids:
    """Several arrays of ids as one."""
    return np.concatenate(parts) if parts else np.zeros(0, DTYPE)


def compared(left: Ids, right: Ids) -> tuple[Ids, Ids]:
    """Ids that only `left` has, and those that only `right` has; each sorted, and unique in itself."""
    return np.setdiff1d(left, right, assume_unique=True), np.setdiff1d(right, left, assume_unique=True)


def shown(ids: Ids, most: int = 3) -> str:
    """How many, and the first few: `12 (0a…, 1b…, …)`."""
    if not len(ids):
        return "none"
    first = ", ".join(unpacked(i) for i in ids[:most])
    return f"{len(ids):,} ({first}{', …' if len(ids) > most else ''})"
