"""Quality counts against plain Python, and on documents that are huge, empty or hostile."""

from __future__ import annotations

import math
import re
import time
from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from curate.kernels.quality import CLASSES, COUNTS, MARKS, TRAITS, WATCHED, measure, tail
from curate.kernels.utf8 import CODE_POINTS
from curate.records import text_buffers

from ..stages.rows import batch

KINDS = {"酒": 1, "窖": 1, "\U00020bb7": 1, "锛": 1, "銆": 1, "斤": 1, "a": 2, "ó": 2, "Ã": 2, "1": 3, "¡": 4, "?": 4, "(": 4, ")": 4,
         "（": 4, "）": 4, "，": 4, "【": 4, "】": 4, "…": 4, "#": 4, "•": 4, ":": 4, "/": 4, ".": 4, "的": 1, "更": 1, "多": 1, "w": 2,
         " ": 5, "\n": 5, "\t": 5, "\ufffd": 6, "\x00": 0}  # fmt: skip
STRONG, WEAK, TONE, STOP = "锛銆Ãó", "斤¡", "ó", "，"
TRAIT = {"function": "的", "sentence": "，?", "terminal": "，…", "bullet": "•1", "ellipsis": "…", "hash": "#"}
TAILS = ("更多", "更多w", "w")
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


def traits() -> np.ndarray:
    made = np.zeros(CODE_POINTS, np.uint8)
    for name, chars in TRAIT.items():
        made[[ord(c) for c in chars]] |= TRAITS[name]
    made[[ord(t[-1]) for t in TAILS]] |= TRAITS["more"]
    return made


TABLES = (table(), LOST, traits(), np.array([tail(t) for t in TAILS], np.uint64))


def most_frequent(seen: list[str], n: int) -> int:
    """Those of one place of 65,536 count as the same."""
    grams = Counter(tail("".join(seen[i : i + n]))[1] >> 48 for i in range(len(seen) - n + 1))
    return max(grams.values(), default=0)


def plain(text: str) -> dict[str, float]:
    seen = [c for c in text if KINDS[c] != 5]
    grams = ["".join(seen[i : i + 10]) for i in range(len(seen) - 9)]
    lines = [line for line in ("".join(c for c in line if KINDS[c] != 5) for line in text.split("\n")) if line]
    runs = re.findall(f"[{STRONG}{WEAK}]+", text)
    broken = sum(len(r) for r in runs if len(r) >= 3 and len(set(r)) > 1 and set(r) & set(STRONG))
    broken += sum(len(g) for g in re.findall(f"(?<={HAN})[(（][aóÃ]{{1,6}}[)）]", text) if set(g) & set(TONE))
    lost = len(re.findall(f"(?<={HAN})\\?(?={HAN})", text))
    if lost >= LOST and lost > sum(c in STOP for c in text):
        broken += lost
    times = Counter(seen)
    in_brackets = "".join("".join(re.findall("【([^【】]*)】", line)) for line in text.split("\n"))
    return {
        "chars": len(text),
        "visible": len(seen),
        "lines": len(lines),
        "repeated_line_chars": sum(len(x) for i, x in enumerate(lines) if x in lines[:i]),
        "grams": len(grams),
        "repeated_grams": sum(g in grams[:i] for i, g in enumerate(grams)),
        "mojibake": broken,
        **{name: sum(KINDS[c] == k for c in text) for k, name in enumerate(CLASSES)},
        "distinct": len(times),
        "entropy": -sum(n / len(seen) * math.log(n / len(seen)) for n in times.values()),
        "top_2gram": most_frequent(seen, 2),
        "top_4gram": most_frequent(seen, 4) if 40 * most_frequent(seen, 2) >= len(seen) else 0,
        **{name: sum(c in TRAIT[name] for c in text) for name in ("function", "sentence", "hash", "ellipsis")},
        "bracketed": sum(KINDS[c] != 5 for c in in_brackets),
        "url": sum(map(len, re.findall(r"(?:[A-Za-z]+://|www\.)[A-Za-z0-9._~:/?#@!$&*+=%-]*", text))),
        "terminal_lines": sum(line[-1] in TRAIT["terminal"] for line in lines),
        "bullet_lines": sum(line[0] in TRAIT["bullet"] for line in lines),
        "ellipsis_lines": sum(line[-1] in TRAIT["ellipsis"] for line in lines),
        "more_lines": sum(line.endswith(TAILS) for line in lines),
    }


def measured(texts: list[str]) -> list[dict[str, float]]:
    counts = measure(*text_buffers(batch(texts)["text"]), *TABLES)
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
        "【酒 窖】",
        "a://",
        "www.",
        "更多\n",
        "更多w\n",
        "\n• ",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.lists(PIECES, max_size=30).map("".join), max_size=4))
@example(["a" * 600 + "(" * 600 + "酒" * 600 + "\n" * 600 + "，" * 600])  # more of a class than a byte counts
@example(["酒?窖?" + "，" * 300, "酒a" * 40 + "\n" + "酒a" * 20, "a" * 9 + "\n" + "酒" * 9 + "\n" + "a" * 9])
@example(["1a1a1a1a1\x00\n1a1a1a1a1\n"])  # a line is not a 10-gram, whatever their hashes
@example(
    [
        "【酒【a a】】 】【\n酒】",
        "w://w.a www.a酒 wwww.a/?#:// ://a a1://w",
        "更多\nw多\n更多 w",
        "酒…\n• 酒，\n•…",
        "酒酒酒酒酒",
    ]
)
@example(["", "\n\n", "酒" * 25, "酒?窖?酒", "酒?窖，?酒", "1a11a1aa1(" * 4, "a\na", "酒((ó)"])
def test_counts_are_plain_pythons(texts: list[str]) -> None:
    for found, text in zip(measured(texts), texts, strict=True):
        assert found == pytest.approx(plain(text), abs=1e-9)


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
    counts = dict(zip(COUNTS, measure(*text_buffers(column), *TABLES)[0].tolist(), strict=True))
    assert time.process_time() - start < 2, why
    assert counts["chars"] == len(text)
    if repeated is not None:
        assert counts["repeated_grams"] == repeated, why


def test_a_huge_document_does_not_make_the_small_ones_slow() -> None:
    measured(["酒"])
    texts = pa.array(["酒" * 3_000_000] + ["酒窖a1"] * 50_000, pa.string())
    start = time.process_time()
    measure(*text_buffers(texts), *TABLES)
    assert time.process_time() - start < 2  # clearing the whole table for each would take minutes
