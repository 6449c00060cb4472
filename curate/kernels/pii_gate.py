"""Which texts could hold structured personal data: a look at the bytes, before any text becomes a Python string."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from . import inlined, kernel

__all__ = ["flag"]

DIGITS = 7  # every number the recogniser knows has at least as many
GAP = 3  # separators it allows between two digits

PROVINCES = "京津沪渝冀豫辽黑湘皖鲁苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼云新"
SIGNS = np.array(sorted(int.from_bytes(c.encode(), "big") for c in PROVINCES), np.uint32)


def _kinds() -> npt.NDArray[np.uint8]:
    """What a byte may begin: 0 nothing of interest, 1 a digit, 2 a separator, 3 a capital, 4 an @, 5 look closer."""
    kinds = np.zeros(256, np.uint8)
    kinds[ord("0") : ord("9") + 1] = 1
    kinds[[ord(c) for c in " ().-"]] = 2
    kinds[ord("A") : ord("Z") + 1] = 3
    kinds[ord("@")] = 4
    kinds[[0xC2, 0xE2, 0xE3, 0xEF]] = 5
    return kinds


KINDS = _kinds()


@inlined
def _closer(data: npt.NDArray[np.uint8], i: int) -> int:
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
def _sign(data: npt.NDArray[np.uint8], start: int, i: int) -> bool:
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


@kernel
def flag(data: npt.NDArray[np.uint8], offsets: npt.NDArray[np.int32], out: npt.NDArray[np.bool_]) -> None:
    """Set `out` for each text that the recogniser must see; a text with a find is never left out.

    A text is flagged for seven digits with at most three separators between two of them (ASCII or full-width), for
    an @ between two characters that may stand in an address, and for a province's sign before a capital letter.
    """
    for d in range(offsets.shape[0] - 1):
        start, stop = offsets[d], offsets[d + 1]
        i, digits, gap, hit = start, 0, 0, False
        before = start  # where the last separator began: a sign may stand before it
        while i < stop and not hit:
            byte = data[i]
            kind = KINDS[byte]
            size = _size(byte)
            if kind == 5 and i + size <= stop:
                kind = _closer(data, i)
            if kind == 1:
                digits += 1
                gap = 0
                hit = digits >= DIGITS
            elif kind == 2:
                gap += 1
                if gap > GAP:
                    digits = 0
                before = i
            else:
                digits = 0
                if kind == 3:
                    hit = _sign(data, start, i)
                    if not hit and before < i and before + _size(data[before]) == i:
                        hit = _sign(data, start, before)
                elif kind == 4:
                    after = i + size
                    hit = i > start and after < stop and _word(data[i - 1]) and _word(data[after])
            i += size
        out[d] = hit
