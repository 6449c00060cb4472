"""The kernel against orjson: what it takes is what a parser finds, and the rest of a line is JSON exactly if the line is."""

from __future__ import annotations

import json
import random
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.kernels.json_lines import take_strings
from tests.ingest.hostile import LINES, hostile_file

Taken = list[tuple[bytes, str] | None]
"""Of each line its rest and the text taken out of it."""


def take(data: bytes, name: str = "text", longest: int = 10_000) -> Taken:
    starts, firsts, lasts, offsets, texts = take_strings(
        np.frombuffer(data, np.uint8), np.frombuffer(name.encode(), np.uint8), longest
    )
    assert starts.tolist() == [0, *(i + 1 for i, byte in enumerate(data) if byte == 10)]
    found: Taken = []
    row = 0
    for start, first, last, stop in zip(starts, firsts, lasts, starts[1:], strict=False):
        if first < 0:
            found.append(None)
            continue
        text = texts[offsets[row] : offsets[row + 1]].tobytes()
        rest = data[start:first] + b'""' + data[last:stop]
        found.append((rest, text.decode("utf-8", "surrogateescape")))
        row += 1
    assert row == len(offsets) - 1
    return found


def loads(data: bytes) -> Any:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        return None


def check(line: bytes, taken: tuple[bytes, str] | None, name: str = "text") -> None:
    """If it was taken, that is right; whether it should have been is for the tests to say."""
    if taken is None:
        return
    rest, text = taken
    if any("\udc80" <= c <= "\udcff" for c in text):
        return  # not UTF-8, which is seen to elsewhere
    whole, left = loads(line), loads(rest)
    assert (whole is None) == (left is None)
    if whole is not None:
        assert {**left, name: text} == whole


@pytest.mark.parametrize(("line", "reason"), LINES)
def test_lines(line: bytes, reason: str) -> None:
    (taken,) = take(line + b"\n")
    check(line, taken)
    fields = loads(line)
    if taken is None and isinstance(fields, dict) and isinstance(fields.get("text"), str):
        assert reason in {"twice", "twice, once escaped", "nested deep", "the least and the most of 64 bits"}


def test_many_hostile_lines() -> None:
    taken = 0
    for seed in range(100):
        data = hostile_file(seed, good=30).removesuffix(b"\n") + b"\n"
        for line, found in zip(data.split(b"\n")[:-1], take(data), strict=True):
            check(line, found)
            taken += found is not None
    assert taken > 4000


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**17), 10**17) | st.floats(-1e9, 1e9) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5) | st.just("text"), inner, max_size=3)
    ),
    max_leaves=8,
)
NAMES = st.sampled_from(["text", "内容", 'a"b', "c\\", "😀", "\n"])


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    st.lists(st.dictionaries(st.text(max_size=5), VALUES, max_size=4), max_size=4),
    st.lists(st.text(max_size=99), min_size=4, max_size=4),
    NAMES,
    st.booleans(),
    st.sampled_from([(",", ":"), (", ", ": "), (" ,\t", " :\r ")]),
    st.randoms(use_true_random=False),
)
def test_every_plain_object_is_taken(
    objects: list[dict[str, Any]],
    texts: list[str],
    name: str,
    escaped: bool,
    separators: tuple[str, str],
    draw: random.Random,
) -> None:
    lines, expected = [], []
    for fields, text in zip(objects, texts, strict=False):
        pairs = [pair for pair in fields.items() if pair[0] != name]
        pairs.insert(draw.randrange(len(pairs) + 1), (name, text))
        lines.append(json.dumps(dict(pairs), ensure_ascii=escaped, separators=separators).encode())
        expected.append(text)
    taken = take(b"".join(line + b"\n" for line in lines), name)
    for line, found, text in zip(lines, taken, expected, strict=True):
        assert found is not None or _has_long_number(line)
        if found is not None:
            assert found[1] == text
            check(line, found, name)


def _has_long_number(line: bytes) -> bool:
    """Floats may have 19 digits after a point; these are left to the parser."""
    run = 0
    for byte in line:
        run = run + 1 if 48 <= byte <= 57 else 0
        if run >= 19:
            return True
    return False


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.binary(max_size=60), st.sampled_from([line for line, _ in LINES if len(line) < 200]), st.integers(0, 200))
def test_any_bytes(noise: bytes, line: bytes, at: int) -> None:
    data = b"".join(part + b"\n" for part in (line[:at] + noise + line[at:]).split(b"\n"))
    for part, found in zip(data.split(b"\n")[:-1], take(data), strict=True):
        check(part, found)


def test_a_long_line_is_left() -> None:
    line = b'{"text": "abc"}'
    assert take(line + b"\n" + line + b"\n", longest=len(line)) != [None, None]
    assert take(line + b"\n" + line + b"\n", longest=len(line) - 1) == [None, None]


@pytest.mark.parametrize("size", [*range(70), 1000])
def test_escapes_at_every_place_of_a_stride(size: int) -> None:
    for special in ("\n", '"', "\\", "水", "😀", "\u2028"):
        text = "a" * size + special + "b" * 40
        for escaped in (True, False):
            line = json.dumps({"text": text}, ensure_ascii=escaped).encode() + b"\n"
            (found,) = take(line)
            assert found is not None
            assert found[1] == text
