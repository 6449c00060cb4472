"""Offsets beside and inside unusual characters, and over the statutes of the real data."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from curate.pii import data
from curate.pii.gate import Gate
from curate.pii.recogniser import ChineseRecognizer
from curate.pii.rules import LED, rules

RECOGNIZER = ChineseRecognizer()
BESIDE = [
    ("😀", "emoji of one code point"),
    ("👨‍👩‍👧", "emoji joined by zero-width joiners"),
    ("𠮷", "Han of extension B"),
    ("𰻞", "Han of extension G"),
    ("e\u0301", "a combining mark"),
    ("\u202e", "a change of direction"),
    ("кириллица", "another script"),
    ("\r\n", "a line end"),
    ("\ufe0f", "a variation selector"),
]
WORDS = {rule.row.entity: rule.row.words[0] for rule in reversed(rules()) if rule.row.gate not in ("before", "whole")}
SAMPLES = sorted({row[0]: row[1] for row in reversed(data.rows("samples"))}.items())


@pytest.mark.parametrize(("beside", "why"), BESIDE)
@pytest.mark.parametrize(("entity", "form"), SAMPLES)
def test_the_span_is_the_value(entity: str, form: str, beside: str, why: str) -> None:
    text = f"{beside}一{beside}，{WORDS[entity]}：{form}。{beside}"
    assert (entity, form) in [(hit.entity, text[hit.start : hit.end]) for hit in RECOGNIZER.hits(text)], why


@pytest.mark.parametrize("inside", ["\u200b", "\u00ad", "\ufeff", "\u2060"])
def test_zero_width_characters_inside_numbers(inside: str) -> None:
    for value in ("174\u200b7000\u200b1234", "110199\u200b19900101\u200b1232", "6200\u200b0000\u200b0000\u200b0005"):
        value = value.replace("\u200b", inside)
        text = f"𠮷：{value}。"
        assert [text[hit.start : hit.end] for hit in RECOGNIZER.hits(text)] == [value]


KNOWN = {("CN_LANDLINE", "6660119")}
"""False finds in the statutes, each looked at: a fire brigade's number, announced as a telephone number."""


def test_statutes_hold_hardly_any_personal_data(shared: Path) -> None:
    texts = [file.read_text("utf-8", errors="replace") for file in sorted((shared / "data/corpora/laws").glob("*/*.*"))]
    left = Gate().texts(pa.array(texts))
    found = [
        (hit.entity, text[hit.start : hit.end])
        for text, one in zip(texts, left, strict=True)
        if one
        for hit in RECOGNIZER.hits(text)
    ]
    assert len(texts) > 1000
    assert len(found) <= 5
    assert set(found) <= KNOWN


def test_all_words_that_lead_are_tried() -> None:
    assert {rule.row.gate for rule in rules()} >= set(LED)
