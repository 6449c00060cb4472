"""The string of one field of every line of JSON, taken out without parsing the rest.

Strings are all that can hide a bracket or a quote, so walking from string to string finds the fields of the outermost
object. What is taken out is checked here: control characters, escapes, surrogates; whether it is UTF-8 is left to Arrow. The
rest of the line is checked by whoever parses it with an empty string in its place: the line is JSON exactly if that is.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from . import inlined, kernel

__all__ = ["take_strings"]

Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.int64]
Offsets = npt.NDArray[np.int32]

_ESCAPED = np.zeros(256, np.uint8)
for _name, _value in zip(b'"\\/bfnrt', b'"\\/\b\f\n\r\t', strict=True):
    _ESCAPED[_name] = _value
_HEX = np.full(256, 255, np.uint8)
for _digit in b"0123456789abcdefABCDEF":
    _HEX[_digit] = int(chr(_digit), 16)
_LONG_NUMBER = 19  # digits: fewer always fit 64 bits
_DEEP = 100  # levels, more than any object that is met with
_STRIDE = 16


@kernel
def take_strings(data: Bytes, name: Bytes, longest: int) -> tuple[Places, Places, Places, Offsets, Bytes]:
    """The string of field `name` (UTF-8, not escaped) of every line of `data`, the last of which ends with LF.

    Gives starts, firsts, lasts, offsets and texts. Of line i, which is data[starts[i]:starts[i + 1]], the string in its
    quotes is data[firsts[i]:lasts[i]]; what the k-th of these says is texts[offsets[k]:offsets[k + 1]]. firsts[i] is -1
    where there is no such string, or where the line needs more care: the field stands twice, the line has more than
    `longest` bytes without its LF, a number may have more than 64 bits, or brackets are nested deep.
    """
    lines = 0
    for i in range(len(data)):
        lines += data[i] == 10
    starts, offsets = np.zeros(lines + 1, np.int64), np.zeros(lines + 1, np.int32)
    firsts, lasts = np.empty(lines, np.int64), np.empty(lines, np.int64)
    texts = np.empty(len(data), np.uint8)
    at = 0
    used = 0
    rows = 0
    for line in range(lines):
        start = at
        first, last, end = _take(data, at, name, texts, used)
        at = max(at, last)
        while data[at] != 10:
            at += 1
        if at - start > longest:
            first = -1
        if first >= 0:
            used = end
            rows += 1
            offsets[rows] = used
        at += 1
        firsts[line], lasts[line], starts[line + 1] = first, last, at
    return starts, firsts, lasts, offsets[: rows + 1], texts


@kernel
def _take(data: Bytes, i: int, name: Bytes, out: Bytes, used: int) -> tuple[int, int, int]:
    """Where the string of the line that starts at byte `i` is, and where its text, from out[used] on, ends; -1 if none.

    Nothing after the line feed is read, since it ends every string.
    """
    bad = (-1, -1, used)
    first, last, end = bad
    i = _after_space(data, i)
    if data[i] != 123:  # {
        return bad
    i += 1
    depth = 1
    key = True  # whether a string that comes next is the name of a field of the outermost object
    digits = 0
    while depth:
        c = data[i]
        if c == 34:  # "
            if not (key and depth == 1):
                i = _after_string(data, i + 1)
                if i < 0:
                    return bad
                continue
            key = False
            i, stop = _string(data, i + 1, out, end)  # what it writes is written over
            if i < 0:
                return bad
            if not _same(out, end, stop, name):
                continue
            i = _after_space(data, i)
            if first >= 0 or data[i] != 58:  # :
                return bad
            i = _after_space(data, i + 1)
            if data[i] != 34:
                return bad
            first = i
            last, end = _string(data, i + 1, out, used)
            if last < 0:
                return bad
            i = last
            continue
        if c >= 48 and c <= 57:  # 0 to 9
            digits += 1
            if digits == _LONG_NUMBER:
                return bad
        else:
            digits = 0
            if c == 123 or c == 91:  # { [
                depth += 1
                if depth == _DEEP:
                    return bad
            elif c == 125 or c == 93:  # } ]
                depth -= 1
            elif c == 44:  # ,
                key = True
            elif c == 10:
                return bad
        i += 1
    return first, last, end


@inlined
def _after_space(data: Bytes, i: int) -> int:
    while data[i] == 32 or data[i] == 9 or data[i] == 13:
        i += 1
    return i


@inlined
def _same(out: Bytes, start: int, stop: int, name: Bytes) -> bool:
    if stop - start != len(name):
        return False
    for k in range(len(name)):  # noqa: SIM110  # a kernel
        if out[start + k] != name[k]:
            return False
    return True


@inlined
def _after_string(data: Bytes, i: int) -> int:
    """The byte after the closing quote of a string, which is not checked; -1 if the line ends before."""
    while data[i] != 34:
        if data[i] == 92:  # a backslash
            i += 1
        if data[i] == 10:
            return -1
        i += 1
    return i + 1


@kernel
def _string(data: Bytes, i: int, out: Bytes, o: int) -> tuple[int, int]:
    """Write the string whose first byte is `i` to out[o:]; the byte after its quote, -1 if it is none, and the new `o`."""
    bad = (-1, o)
    if i < 0 or o < 0:
        return bad  # never so, but unless that is said, every index is made ready to count from the end
    while True:
        while i + _STRIDE <= len(data):  # loops of a fixed length, which become a few vector instructions
            special = False
            for k in range(_STRIDE):
                c = data[i + k]
                special |= (c < 32) | (c == 34) | (c == 92)
            if special:
                break
            for k in range(_STRIDE):
                out[o + k] = data[i + k]
            i += _STRIDE
            o += _STRIDE
        c = data[i]
        while c >= 32 and c != 34 and c != 92:
            out[o] = c
            o += 1
            i += 1
            c = data[i]
        if c == 34:
            return i + 1, o
        if c < 32:
            return bad
        c = data[i + 1]
        if c == 117:  # u
            point, i = _escaped_point(data, i + 2)
            if i < 0:
                return bad
            o += _write(point, out, o)
        elif _ESCAPED[c]:
            out[o] = _ESCAPED[c]
            i += 2
            o += 1
        else:
            return bad


@inlined
def _escaped_point(data: Bytes, i: int) -> tuple[int, int]:
    r"""The code point whose four digits after \u start at byte `i`, with the second of a pair, and the byte after it."""
    point = _four(data, i)
    if point < 0 or (point >= 0xDC00 and point < 0xE000):
        return 0, -1
    i += 4
    if point < 0xD800 or point >= 0xE000:
        return point, i
    if data[i] != 92 or data[i + 1] != 117:
        return 0, -1
    low = _four(data, i + 2)
    if low < 0xDC00 or low >= 0xE000:
        return 0, -1
    return 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00), i + 6


@kernel
def _four(data: Bytes, i: int) -> int:
    """The value of four hexadecimal digits, -1 if they are not."""
    value = 0
    for k in range(i, i + 4):
        digit = int(_HEX[data[k]])
        if digit > 15:
            return -1
        value = value << 4 | digit
    return value


@kernel
def _write(point: int, out: Bytes, o: int) -> int:
    """Write a code point as UTF-8 and return its bytes."""
    if point < 0x80:
        out[o] = point
        return 1
    if point < 0x800:
        out[o] = 0xC0 | point >> 6
        out[o + 1] = 0x80 | point & 63
        return 2
    if point < 0x10000:
        out[o] = 0xE0 | point >> 12
        out[o + 1] = 0x80 | point >> 6 & 63
        out[o + 2] = 0x80 | point & 63
        return 3
    out[o] = 0xF0 | point >> 18
    out[o + 1] = 0x80 | point >> 12 & 63
    out[o + 2] = 0x80 | point >> 6 & 63
    out[o + 3] = 0x80 | point & 63
    return 4
