"""A close look at texts that `pii_gate` flagged: do digits, letters and separators stand as a pattern wants them?

What follows holds for every find of the patterns in the package `pii`, but not only for finds: a text that fails it has
none, and never becomes a Python string.
"""

from __future__ import annotations

import numba as nb
import numpy as np
import numpy.typing as npt
from numba import njit, types

from . import CACHED, inlined, kernel
from .minhash import BYTES, OFFSETS
from .pii_gate import DIGITS, PROVINCES
from .utf8 import decode

__all__ = ["ALONE", "confirm"]

ALONE = 0.1
"""What a local number scores that no word announces."""

ENDS = "话机真式码lLxX☎📞📠"  # of the words that announce a local number
REACH = 5  # the end of such a word is one of so many characters before the number,
BRACKET, INSIDE = 13, 8  # or one of the first in a bracket that opens so near behind it

SIGN_POINTS = np.array(sorted(map(ord, PROVINCES)), np.uint32)
END_POINTS = np.array(sorted(map(ord, ENDS)), np.uint32)

SPACE, HYPHEN, LINE, DOT, MIDDLE, OPEN, CLOSE, PLUS, AT, UNDERSCORE = (np.uint32(ord(c)) for c in " -\n.·()+@_")
ZERO, ONE, TWO, THREE, FOUR, SIX, EIGHT, NINE, E, L, X = (np.uint32(ord(c)) for c in "01234689elx")
CASE = np.uint32(32)  # the bit by which a letter of ASCII is small

LONGEST = 19  # digits of a number
MARGIN = 32  # zeros before and behind a text, more than any look reaches

# Where the groups of a number may end before its last: bit i for the i-th digit.
MOBILE = np.array(sorted([0, 1 << 3, 1 << 4, 1 << 7, 1 << 3 | 1 << 6, 1 << 3 | 1 << 7, 1 << 4 | 1 << 7]), np.int64)
CARD = np.array(
    sorted([0, 1 << 4, 1 << 6, 1 << 4 | 1 << 10, 1 << 4 | 1 << 8 | 1 << 12, 1 << 4 | 1 << 8 | 1 << 12 | 1 << 16]),
    np.int64,
)

PLAIN = types.Array(nb.uint16, 1, "C", readonly=True)

Points = npt.NDArray[np.uint32]


@inlined
def _digit(c: np.uint32) -> bool:
    return bool(c >= ZERO and c <= NINE)


@inlined
def _letter(c: np.uint32) -> bool:
    low = c | np.uint32(32)
    return bool(low >= 97 and low <= 122)


@inlined
def _plate_letter(c: np.uint32) -> bool:
    """A capital, but neither I nor O."""
    return bool(c >= 65 and c <= 90 and c != 73 and c != 79)


@inlined
def _in_label(c: np.uint32) -> bool:
    return bool(_letter(c) or _digit(c) or c == HYPHEN)


@inlined
def _among(c: np.uint32 | int, some: Points | npt.NDArray[np.int64]) -> bool:
    at = np.searchsorted(some, c)
    return bool(at < len(some) and some[at] == c)


@inlined
def _digits_end(points: Points, i: int) -> int:
    while _digit(points[i]):
        i += 1
    return i


@kernel
def _plate(points: Points, i: int) -> bool:
    """A province's sign before the letter at `i`; behind it four places, at least two of them digits."""
    sign = points[i - 2] if points[i - 1] == SPACE or points[i - 1] == MIDDLE else points[i - 1]
    if not _among(sign, SIGN_POINTS):
        return False
    first = i + 1 + int(points[i + 1] == SPACE or points[i + 1] == MIDDLE or points[i + 1] == HYPHEN)
    digits = 0
    for c in points[first : first + 4]:
        if _digit(c):
            digits += 1
        elif not _plate_letter(c):
            return False
    return digits >= 2


@kernel
def _address(points: Points, at: int) -> bool:
    """Behind the @ at `at` a label and a dot, and behind one such dot two letters or more with no digit behind."""
    before = points[at - 1]
    if not (_letter(before) or _digit(before) or before == UNDERSCORE):
        return False
    i = at + 1
    while True:
        first = i
        while _in_label(points[i]):
            i += 1
        if i == first or points[i] != DOT:
            return False
        i += 1
        end = i
        while _letter(points[end]):
            end += 1
        if end - i >= 2 and not _digit(points[end]):
            return True


@kernel
def _credit_code(points: Points, start: int, end: int) -> bool:
    """Whether the digits stand second to eighth, at least, of eighteen letters and digits."""
    first = start - int(_letter(points[start - 1]))
    last = first
    while last < first + 19 and (_letter(points[last]) or _digit(points[last])):
        last += 1
    return last - first == 18 and end >= first + 8 and not _letter(points[first - 1]) and not _digit(points[first - 1])


@inlined
def _area_code(points: Points, start: int, size: int) -> bool:
    """010, 02x or, with four digits, 0 and one from 3."""
    second = points[start + 1]
    short = second == TWO or (second == ONE and points[start + 2] == ZERO)
    return (size == 3 and short) or (size == 4 and second >= THREE)


@kernel
def _local(points: Points, start: int) -> int:
    """The end of a number of 7 or 8 digits, the last 4 of which may stand apart, not begun by 0 or 1; 0 if none is there."""
    end = _digits_end(points, start)
    size = end - start
    if size == 3 or size == 4:
        last = _digits_end(points, end + 1)
        if (points[end] == SPACE or points[end] == HYPHEN) and last - end == 5:
            size, end = size + 4, last
    return end if (size == 7 or size == 8) and points[start] >= TWO else 0


@kernel
def _announced(points: Points, start: int, end: int) -> bool:
    """Whether the last character of an announcing word stands before a local number, or in a bracket behind it."""
    for c in points[start - REACH : start]:
        if _among(c, END_POINTS):
            return True
    for i in range(end, end + BRACKET):
        if points[i] == OPEN:
            for c in points[i : i + INSIDE]:
                if _among(c, END_POINTS):
                    return True
    return False


@inlined
def _dotted(points: Points, end: int) -> bool:
    """Whether two groups of four digits follow, each behind the same dot."""
    sign = points[end]
    found = bool(sign in (DOT, MIDDLE) and points[end + 5] == sign)
    for i in range(1, 5):
        found = found and _digit(points[end + i]) and _digit(points[end + 5 + i])
    return found


@inlined
def _complete(points: Points, start: int, count: int, groups: int, check: int, luhn: int) -> bool:
    """Whether `count` digits may be a whole number.

    `groups` has a bit for each digit before which a group ends, `check` is the remainder of ISO 7064 MOD 11-2, and
    `luhn` the sum of ISO/IEC 7812.
    """
    first, second = points[start], points[start + 1]
    if count < 10 or count > LONGEST:
        return False
    if count == 10 and first in (FOUR, EIGHT) and second == ZERO:
        return True  # 400 and 800
    if count <= 12 and groups == 0 and first == ZERO:
        return True  # area code and number, or a mobile number behind 0
    if count == 11 and first == ONE:
        return _among(groups, MOBILE)
    if count == 13 and first == EIGHT and second == SIX:
        return True  # a mobile number behind 86
    if count == 15 and groups & ~(1 << 6 | 1 << 12) == 0 and first != ZERO:
        return True  # the old ID card, in groups of 6, 6 and 3
    if count == 18 and check == 1:
        return True
    return count >= 13 and first != ZERO and luhn % 10 == 0 and _among(groups, CARD)


@kernel
def _long(points: Points, start: int) -> bool:
    """Whether a number of ten digits or more begins at `start`, in groups that one space, hyphen or line end parts."""
    count, groups, check, plain, crossed = 0, 0, 0, 0, 0
    i = start
    while count < LONGEST:
        while _digit(points[i]):
            value = int(points[i]) - int(ZERO)
            twice = 2 * value - 9 * int(value > 4)
            plain, crossed = crossed + value, plain + twice
            check = (2 * check + value) % 11
            count += 1
            i += 1
        apart = int(points[i] == SPACE or points[i] == HYPHEN or points[i] == LINE)
        last = points[i] | CASE
        if (not _letter(points[i]) or last in (X, E)) and _complete(points, start, count, groups, check, plain):
            return True
        if count == 17 and points[i + apart] | CASE == X and (2 * check + 10) % 11 == 1:
            return True
        if not apart or not _digit(points[i + 1]):
            return False
        groups |= 1 << count
        i += 1
    return False


@kernel
def _number(points: Points, start: int, end: int, alone: bool) -> bool:
    """Whether a number may begin with the digits from `start` to `end`, which no digit stands beside."""
    size, before, first = end - start, points[start - 1], points[start]
    if size >= DIGITS and _credit_code(points, start, end):
        return True
    if _letter(before) and before | CASE != L and before | CASE != X:
        return False  # a number may begin right behind Tel and Fax, but behind no other letter
    if first == EIGHT and points[start + 1] == SIX and before == PLUS:
        return True  # +86
    if first == ZERO and points[start + 1] == ZERO and points[start + 2] == EIGHT and points[start + 3] == SIX:
        return True  # 0086
    if first == ZERO and _area_code(points, start, size):
        behind = end
        while behind < end + 4 and (points[behind] == SPACE or points[behind] == HYPHEN or points[behind] == CLOSE):
            behind += 1
        stop = _digits_end(points, behind)
        if _local(points, behind) > 0 or ((stop - behind == 5 or stop - behind == 6) and behind > end):
            return True
    local = _local(points, start)
    if local > 0 and (alone or _announced(points, start, local)):
        return True
    return ((size == 3 or size == 5) and _dotted(points, end)) or _long(points, start)


@kernel
def _any(points: Points, stop: int, alone: bool) -> bool:
    """Whether a text in normal form may hold a find; it lies between margins of zeros."""
    i = MARGIN
    while i < stop:
        c = points[i]
        if _digit(c):
            end = i + 1
            while _digit(points[end]):
                end += 1
            if _number(points, i, end, alone):
                return True
            i = end
        else:
            if (c == AT and _address(points, i)) or (_plate_letter(c) and _plate(points, i)):
                return True
            i += 1
    return False


@njit(nb.void(BYTES, OFFSETS, PLAIN, nb.boolean, nb.boolean[::1]), nogil=True, cache=CACHED)
def confirm(
    data: npt.NDArray[np.uint8],
    offsets: npt.NDArray[np.int32],
    plain: npt.NDArray[np.uint16],
    alone: bool,
    out: npt.NDArray[np.bool_],
) -> None:
    """Of the texts set in `out`, keep those with digits, an address or a plate as a pattern wants them.

    `plain` is the table of `pii.normal`: what each of the first 65,536 characters counts as. Unless `alone`, a local
    number must be announced by a word; without one it scores `ALONE`.
    """
    room = 0
    for d in range(out.shape[0]):
        if out[d]:
            room = max(room, offsets[d + 1] - offsets[d])
    points = np.zeros(room + 2 * MARGIN, np.uint32)
    for d in range(out.shape[0]):
        if out[d]:
            stop = MARGIN + decode(data, offsets[d], offsets[d + 1], points[MARGIN:])
            points[stop : stop + MARGIN] = 0
            for i in range(MARGIN, stop):
                if points[i] < len(plain):
                    points[i] = plain[points[i]]
            out[d] = _any(points, stop, alone)
