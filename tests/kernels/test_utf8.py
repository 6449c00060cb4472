"""UTF-8 decoding against Python's, and on bytes that are not UTF-8."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from curate.kernels.utf8 import CODE_POINTS, decode, length


def decoded(data: bytes, start: int, stop: int) -> list[int]:
    out = np.empty(max(1, stop - start), np.uint32)
    n = decode(np.frombuffer(data, np.uint8), start, stop, out)
    return [int(c) for c in out[:n]]


@settings(deadline=None)  # the first call compiles
@given(st.text(), st.text(), st.text())
@example("é", "a酒\U0010ffff", "窖")
def test_code_points_of_a_slice_are_pythons(before: str, text: str, after: str) -> None:
    data = (before + text + after).encode()
    start = len(before.encode())
    stop = start + len(text.encode())
    assert decoded(data + b".", start, stop) == [ord(c) for c in text]
    assert length(np.frombuffer(data + b".", np.uint8), start, stop) == len(text)


@settings(deadline=None)  # the first call compiles
@given(st.binary(min_size=1), st.binary(min_size=4, max_size=4))
@example(b"\xe9\x85", b"\x92\x92\x92\x92")
@example(b"\xf7\xbf\xbf\xbf", b"abcd")
def test_any_bytes_end_and_what_follows_is_not_read(data: bytes, after: bytes) -> None:
    points = decoded(data, 0, len(data))
    assert points == decoded(data + after, 0, len(data))
    assert len(points) <= len(data)
    assert all(p < CODE_POINTS for p in points)


@pytest.mark.parametrize(
    ("data", "points", "why"),
    [
        (b"\x85a", [0xFFFD, 0x61], "a trail byte alone"),
        (b"a\xe9\x85", [0x61, 0xFFFD, 0xFFFD], "a character of three bytes cut after two"),
        (b"\xf0\x9f\x98", [0xFFFD] * 3, "a character of four bytes cut after three"),
        (b"\xc3", [0xFFFD], "a character of two bytes cut after one"),
    ],
)
def test_broken_sequences(data: bytes, points: list[int], why: str) -> None:
    assert decoded(data, 0, len(data)) == points, why
