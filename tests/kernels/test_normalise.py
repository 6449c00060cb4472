"""The normalising kernels against a plain-Python rewriting of the same table."""

from __future__ import annotations

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from curate.kernels.normalise import HAS_TEXT, NEEDS_COMPOSING, NEEDS_REWRITING, classify, rewrite
from curate.kernels.utf8 import CODE_POINTS
from curate.records import text_buffers

from ..stages.rows import batch

FOLDS = {"Ａ": "A", "０": "0", "\u3000": " ", "\xa0": " "}
REMOVED = "\x00\u200b\ufeff"
NEWLINES = "\r\n\x85\u2028"
COMPOSED = "\u0301\uf900"
TEXTS = st.lists(
    st.text(alphabet="ab酒，\U00020bb7 \t\n\r" + "".join(FOLDS) + REMOVED + NEWLINES + COMPOSED, max_size=20)
)


def table() -> np.ndarray:
    made = np.zeros(CODE_POINTS, np.uint8)
    for chars, action in ((NEWLINES, 1), (REMOVED, 2), (COMPOSED, 3), (" \t", 4)):
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
        elif c in NEWLINES:
            changes += c != "\n"
            lines.append([])
        else:
            lines[-1].append((FOLDS.get(c, c), c in FOLDS))
            changes += c in FOLDS
        i += 1
    out = []
    for line in lines:
        while line and line[-1][0] in " \t":
            changes += not line.pop()[1]  # a folded one was counted
        out.append("".join(c for c, _ in line))
    return "\n".join(out), changes


@settings(deadline=None)  # the first call compiles
@given(TEXTS)
@example(["a \nb", "a\n b", "a\t"])
@example(["\u3000 \r\n\ra \u200b", "", "a\r", " ", "\r\u200b\n"])
def test_kernels_do_what_plain_python_does(texts: list[str]) -> None:
    data, offsets = text_buffers(batch(texts)["text"])
    flags, chars = classify(data, offsets, table())
    out, places, changes = rewrite(data, offsets, flags, table())
    for i, text in enumerate(texts):
        expected, count = plain(text)
        assert bytes(out[places[i] : places[i + 1]]).decode() == expected
        assert changes[i] == count
        assert bool(flags[i] & NEEDS_REWRITING) == (expected != text)
        assert bool(flags[i] & NEEDS_COMPOSING) == any(c in COMPOSED for c in text)
        assert bool(flags[i] & HAS_TEXT) == bool(expected.strip("\n\t "))
        assert chars[i] == len(text)
