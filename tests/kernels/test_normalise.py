"""The normalising kernels against a plain-Python rewriting of the same table."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from curate.kernels.normalise import (
    BLANK,
    COMPOSE,
    LINE_FEED,
    NEEDS_COMPOSING,
    NEEDS_REWRITING,
    NEWLINE,
    REMOVE,
    classify,
    rewrite,
)
from curate.kernels.utf8 import CODE_POINTS
from curate.records import text_buffers

from ..stages.rows import batch

FOLDS = {"Ａ": "A", "０": "0", "\u3000": " ", "\xa0": " "}
REMOVED = "\x00\u200b\ufeff"
NEWLINES = "\r\x85\u2028"
COMPOSED = "\u0301\uf900"
TEXTS = st.lists(
    st.text(alphabet="ab酒，\U00020bb7 \t\n" + "".join(FOLDS) + REMOVED + NEWLINES + COMPOSED, max_size=20)
)


def table() -> np.ndarray:
    made = np.zeros(CODE_POINTS, np.uint8)
    for chars, action in (
        ("\n", LINE_FEED),
        (NEWLINES, NEWLINE),
        (REMOVED, REMOVE),
        (COMPOSED, COMPOSE),
        (" \t", BLANK),
    ):
        made[[ord(c) for c in chars]] = action
    for wide, narrow in FOLDS.items():
        made[ord(wide)] = ord(narrow)
    return made


def plain(text: str) -> tuple[str, int]:
    """The rewritten text and the number of input characters that are not in it as they were."""
    lines: list[list[tuple[str, bool]]] = [[]]
    changes = 0
    i = 0
    while i < len(text):
        c = text[i]
        if text[i : i + 2] == "\r\n" or c in REMOVED:
            changes += 1
        elif c == "\n" or c in NEWLINES:
            lines[-1].append(("\n", c != "\n"))
            changes += c != "\n"
            lines.append([])
        else:
            lines[-1].append((FOLDS.get(c, c), c in FOLDS))
            changes += c in FOLDS
        i += 1
    out: list[tuple[str, bool]] = []
    for line in lines:
        end = [line.pop()] if line and line[-1][0] == "\n" else []
        while line and line[-1][0] in " \t":
            changes += not line.pop()[1]  # an altered one was counted
        out += line + end
    for end_of_text in (-1, 0):
        while out and out[end_of_text][0] in " \t\n":
            changes += not out.pop(end_of_text)[1]
    return "".join(c for c, _ in out), changes


def run(texts: list[str]) -> tuple[list[str], np.ndarray, np.ndarray, np.ndarray]:
    """The rewritten texts, their flags, their numbers of characters and of changes."""
    data, offsets = text_buffers(batch(texts)["text"])
    flags, spans, chars, changes = classify(data, offsets, table())
    out = np.empty((spans[:, 1] - spans[:, 0]).sum() + 1, np.uint8)
    out[-1] = 0xAA
    places = rewrite(data, spans, flags, table(), chars, changes, out)
    assert out[-1] == 0xAA, "the room of the spans is enough"
    return [bytes(out[a:b]).decode() for a, b in pairwise(places)], flags, chars, changes


@settings(deadline=None)  # the first call compiles
@given(TEXTS)
@example(["a \nb", "a\n b", "a\t"])
@example(["a\u3000 \r\n\rb \u200b", "", "a\r", " ", "\r\u200b\n"])
@example(["a\u3000\r\nb", "a \r\u200b\nb", "a \u3000\r\r\nb"])
@example(["a\n", "\n\u3000酒 \n b\r\n\u200b\n ", "\u200b\r\n", "\u0301\n"])
def test_kernels_do_what_plain_python_does(texts: list[str]) -> None:
    out, flags, chars, changes = run(texts)
    expected = [plain(text) for text in texts]
    assert out == [text for text, _ in expected]
    assert changes.tolist() == [count for _, count in expected]
    assert chars.tolist() == [len(text) for text in out]
    assert [bool(f & NEEDS_COMPOSING) for f in flags] == [any(c in COMPOSED for c in text) for text in texts]
    again, flags, _, changes = run(out)
    assert again == out
    assert not (flags & NEEDS_REWRITING).any()
    assert not changes.any()


@pytest.mark.parametrize(
    ("text", "needs", "why"),
    [
        ("a b\n c", False, "blanks before a visible character"),
        (" \n a b\n\u200b ", False, "its ends alone: a span of the old bytes"),
        ("a \nb", True, "a blank at the end of a line"),
        ("a\r\nb", True, "another line end"),
        ("Ａ", True, "a folded character"),
    ],
)
def test_only_what_is_altered_inside_is_rewritten(text: str, needs: bool, why: str) -> None:
    _, flags, _, _ = run([text])
    assert bool(flags[0] & NEEDS_REWRITING) == needs, why


@settings(deadline=None)
@given(st.lists(st.binary(max_size=12).map(lambda data: data + b"\n"), max_size=4))
@example([b"\n\x80\x80\n", b"\xe9\x85\n"])
def test_any_bytes_end_and_stay_in_their_room(documents: list[bytes]) -> None:
    data = np.frombuffer(b"".join(documents) + b"\xaa", np.uint8)
    offsets = np.cumsum([0] + [len(d) for d in documents]).astype(np.int32)
    flags, spans, chars, changes = classify(data, offsets, table())
    out = np.full((spans[:, 1] - spans[:, 0]).sum() + 1, 0xAA, np.uint8)
    places = rewrite(data, spans, flags, table(), chars, changes, out)
    assert out[-1] == 0xAA
    assert (np.diff(places) <= np.diff(offsets)).all()
