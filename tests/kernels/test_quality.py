"""Quality counts against plain Python, and on documents that are huge, empty or hostile."""

from __future__ import annotations

import re
import time

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from curate.kernels.quality import CLASSES, COUNTS, MARKS, WATCHED, measure
from curate.kernels.utf8 import CODE_POINTS
from curate.records import text_buffers

from ..stages.rows import batch

KINDS = {"酒": 1, "窖": 1, "\U00020bb7": 1, "锛": 1, "銆": 1, "斤": 1, "a": 2, "ó": 2, "Ã": 2, "1": 3, "¡": 4, "?": 4, "(": 4, ")": 4,
         "（": 4, "）": 4, "，": 4, " ": 5, "\n": 5, "\t": 5, "\ufffd": 6, "\x00": 0}  # fmt: skip
STRONG, WEAK, TONE, STOP = "锛銆Ãó", "斤¡", "ó", "，"
LOST = 2
HAN = "[" + "".join(c for c, k in KINDS.items() if k == 1) + "]"


def table() -> np.ndarray:
    made = np.zeros(CODE_POINTS, np.uint8)
    for c, k in KINDS.items():
        made[ord(c)] = k
    for chars, name in ((STRONG, "strong"), (WEAK, "weak"), (TONE, "tone"), (STOP, "stop")):
        made[[ord(c) for c in chars]] |= MARKS[name]
    made[list(WATCHED)] |= MARKS["watched"]
    return made


def plain(text: str) -> dict[str, int]:
    seen = [c for c in text if KINDS[c] != 5]
    grams = ["".join(seen[i : i + 10]) for i in range(len(seen) - 9)]
    lines = [line for line in ("".join(c for c in line if KINDS[c] != 5) for line in text.split("\n")) if line]
    runs = re.findall(f"[{STRONG}{WEAK}]+", text)
    broken = sum(len(r) for r in runs if len(r) >= 3 and len(set(r)) > 1 and set(r) & set(STRONG))
    broken += sum(len(g) for g in re.findall(f"(?<={HAN})[(（][aóÃ]{{1,6}}[)）]", text) if set(g) & set(TONE))
    lost = len(re.findall(f"(?<={HAN})\\?(?={HAN})", text))
    if lost >= LOST and lost > sum(c in STOP for c in text):
        broken += lost
    return {
        "chars": len(text),
        "visible": len(seen),
        "lines": len(lines),
        "repeated_line_chars": sum(len(x) for i, x in enumerate(lines) if x in lines[:i]),
        "grams": len(grams),
        "repeated_grams": sum(g in grams[:i] for i, g in enumerate(grams)),
        "mojibake": broken,
        **{name: sum(KINDS[c] == k for c in text) for k, name in enumerate(CLASSES)},
    }


def measured(texts: list[str]) -> list[dict[str, int]]:
    counts = measure(*text_buffers(batch(texts)["text"]), table(), LOST)
    return [dict(zip(COUNTS, row, strict=True)) for row in counts.tolist()]


PIECES = st.sampled_from(
    [
        *KINDS,
        "酒窖",
        "酒(aó)",
        "酒（óaaaaa）",
        "酒(óaaaaaa)",
        "酒?窖",
        "锛銆",
        "锛锛锛",
        "锛斤¡",
        "斤¡¡",
        "¡Ã",
        "1a1a1a1a1a",
        "\n酒a\n",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.lists(PIECES, max_size=30).map("".join), max_size=4))
@example(["a" * 600 + "(" * 600 + "酒" * 600 + "\n" * 600 + "，" * 600])  # more of a class than a byte counts
@example(["酒?窖?" + "，" * 300, "酒a" * 40 + "\n" + "酒a" * 20, "a" * 9 + "\n" + "酒" * 9 + "\n" + "a" * 9])
@example(["1a1a1a1a1\x00\n1a1a1a1a1\n"])  # a line is not a 10-gram, whatever their hashes
@example(["", "\n\n", "酒" * 25, "酒?窖?酒", "酒?窖，?酒", "1a11a1aa1(" * 4, "a\na", "酒((ó)"])
def test_counts_are_plain_pythons(texts: list[str]) -> None:
    assert measured(texts) == [plain(text) for text in texts]


@pytest.mark.parametrize(
    ("text", "repeated", "why"),
    [
        ("酒" * 1_000_000, 999_990, "one character: every 10-gram but the first is repeated"),
        (
            "".join(chr(0x4E00 + i * i % 20_011) + chr(0x4E00 + i % 20_000) for i in range(400_000)),
            None,
            "one long line",
        ),
        ("酒\n" * 500_000, 499_990, "as many lines as characters"),
    ],
)
def test_huge_documents_take_time_in_proportion(text: str, repeated: int | None, why: str) -> None:
    column = batch([text, "酒"])["text"]
    measured(["酒"])  # compiled by now
    start = time.process_time()
    counts = dict(zip(COUNTS, measure(*text_buffers(column), table(), LOST)[0].tolist(), strict=True))
    assert time.process_time() - start < 2, why
    assert counts["chars"] == len(text)
    if repeated is not None:
        assert counts["repeated_grams"] == repeated, why


def test_a_huge_document_does_not_make_the_small_ones_slow() -> None:
    measured(["酒"])
    texts = pa.array(["酒" * 3_000_000] + ["酒窖a1"] * 50_000, pa.string())
    start = time.process_time()
    measure(*text_buffers(texts), table(), LOST)
    assert time.process_time() - start < 2  # clearing the whole table for each would take minutes
