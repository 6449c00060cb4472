"""Which texts could hold structured personal data: a look at the bytes, before any text becomes a Python string."""

from __future__ import annotations

import numba as nb
import numpy as np
import numpy.typing as npt
from numba import njit

from . import CACHED, inlined
from .minhash import BYTES, OFFSETS

__all__ = ["PROVINCES", "flag"]

DIGITS = 7  # every number has at least as many, but for those that `pii_marks` looks for
GAP = 3  # separators it allows between two digits

PROVINCES = "京津沪渝冀豫辽黑湘皖鲁苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼云新"  # number plates begin so
SIGNS = np.array(sorted(int.from_bytes(c.encode(), "big") for c in PROVINCES), np.uint32)
STEP = np.uint64(1)

Bytes = npt.NDArray[np.uint8]
Offsets = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]


def _kinds() -> npt.NDArray[np.uint8]:
    """What a byte may begin: 0 nothing of interest, 1 a digit, 2 a separator, 3 a capital, 4 an @, 5 look closer."""
    kinds = np.zeros(256, np.uint8)
    kinds[ord("0") : ord("9") + 1] = 1
    kinds[[ord(c) for c in " ().-\n"]] = 2
    kinds[ord("A") : ord("Z") + 1] = 3
    kinds[ord("@")] = 4
    kinds[[0xC2, 0xE2, 0xE3, 0xEF]] = 5
    return kinds


KINDS = _kinds()
TRIGGERS = np.isin(KINDS, [1, 3, 4]) | (np.arange(256) == 0xEF)  # what a separator begins is no find


@inlined
def _closer(data: Bytes, i: int) -> int:
    """The kind of the character of two or three bytes at `i`; the code points are those of `pii.normal`."""
    a, b = data[i], data[i + 1]
    kind = 0
    if a == 0xC2:
        if b == 0xA0 or b == 0xAD or b == 0xB7:
            kind = 2
    else:
        c = data[i + 2]
        if a == 0xE2:
            if b == 0x80:
                kind = 2 * (c <= 0x95 or c == 0xA2 or c == 0xA7 or c == 0xAF)
            else:
                kind = 2 * ((b == 0x81 and c == 0xA0) or (b == 0x88 and c == 0x92))
        elif a == 0xE3:
            if (b == 0x80 and c == 0x80) or (b == 0x83 and c == 0xBB):
                kind = 2
        elif b == 0xBC:
            if c >= 0x90 and c <= 0x99:
                kind = 1
            elif c == 0x88 or c == 0x89 or c == 0x8D or c == 0x8E:
                kind = 2
            elif c == 0xA0:
                kind = 4
            elif c >= 0xA1 and c <= 0xBA:
                kind = 3
        elif b == 0xBB and c == 0xBF:
            kind = 2
    return kind


@inlined
def _size(byte: np.uint8) -> int:
    """Bytes of the UTF-8 character that begins with `byte`."""
    return 1 + int(byte >= 0xC0) + int(byte >= 0xE0) + int(byte >= 0xF0)


@inlined
def _kind(data: Bytes, i: int, stop: int) -> int:
    """The kind of the character at `i`."""
    kind = int(KINDS[data[i]])
    if kind == 5:
        kind = _closer(data, i) if i + _size(data[i]) <= stop else 0
    return kind


@inlined
def _trigger(data: Bytes, i: int, stop: int) -> np.int64:
    """The first byte from `i` on that may begin a find; `stop` if there is none."""
    at, end = np.uint64(i), np.uint64(stop)  # unsigned, so that no place counts from the end of the buffer
    while at < end and not TRIGGERS[data[at]]:
        at += STEP
    return np.int64(at)


@inlined
def _sign(data: Bytes, start: int, i: int) -> bool:
    """Whether a province's sign ends right before byte `i`."""
    found = False
    if i - start >= 3 and data[i - 1] >= 0x80:
        code = (np.uint32(data[i - 3]) << np.uint32(16)) | (np.uint32(data[i - 2]) << np.uint32(8)) | data[i - 1]
        low = np.searchsorted(SIGNS, code)
        found = low < SIGNS.shape[0] and SIGNS[low] == code
    return found


@inlined
def _word(byte: np.uint8) -> bool:
    """Whether `byte` is of a letter, a digit, an underscore, or of a character beyond ASCII."""
    c = int(byte)
    return c >= 0x80 or (c >= 48 and c <= 57) or ((c | 32) >= 97 and (c | 32) <= 122) or c == 95


@njit(nb.void(BYTES, OFFSETS, nb.boolean[::1]), nogil=True, cache=CACHED)
def flag(data: Bytes, offsets: Offsets, out: Flags) -> None:
    """Set `out` for each text that has the makings of a find.

    They are seven digits with at most three separators between two of them (ASCII or full-width), an @ between two
    characters that may stand in an address, and a province's sign before a capital letter.
    """
    for d in range(offsets.shape[0] - 1):
        start, stop = int(offsets[d]), int(offsets[d + 1])
        i, hit = start, False
        while not hit:
            i = int(_trigger(data, i, stop))
            if i == stop:
                break
            kind = _kind(data, i, stop)
            if kind == 1:
                digits, gap = 0, 0
                while i < stop and gap <= GAP and kind != 0 and kind <= 2 and not hit:
                    if kind == 1:
                        digits += 1
                        gap = 0
                        hit = digits >= DIGITS
                    else:
                        gap += 1
                    i += _size(data[i])
                    if i < stop:
                        kind = _kind(data, i, stop)
                continue
            if kind == 3:
                hit = _sign(data, start, i)
                if not hit and i > start:
                    before = i - 1
                    while before > start and data[before] & 0xC0 == 0x80:
                        before -= 1
                    if _kind(data, before, i) == 2:
                        hit = _sign(data, start, before)
            elif kind == 4:
                after = i + _size(data[i])
                hit = i > start and after < stop and _word(data[i - 1]) and _word(data[after])
            i += _size(data[i])
        out[d] = hit
