"""The gate for what words announce, codes, network addresses and coordinates: what it must set, what it should leave."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from curate.kernels.pii_marks import AHEAD, BEHIND, LEAST, marks, words
from curate.pii import data
from curate.pii.normal import MAP, normal
from curate.pii.rules import BACK, JOINT, LED, Rule, lead_rules, rules
from curate.records import text_buffers

TABLES = words(["微信", "QQ", "密码", "军字第", "社保", "token"], ["出生"])


def marked(column: pa.Array, out: np.ndarray | None = None) -> list[bool]:
    out = np.zeros(len(column), np.bool_) if out is None else out
    marks(*text_buffers(column), MAP, *TABLES, out)
    return [bool(x) for x in out]


CASES = [
    ("微信：abcd", True, "a word and four signs"),
    ("微信：ab", False, "three signs, the colon among them"),
    ("微信支付", False, "a word alone"),
    ("微" + "信息" + "abcd1234", True, "the word is there, whatever it means"),
    ("微 信abcd1234", False, "a space inside the word"),
    ("qQ：１２３４５", True, "either case, full width"),
    ("ＱＱ12345", True, "the word in full width"),
    ("军字第1234", True, "the word is part of the find"),
    ("社保" + "的" * AHEAD + "1234", False, "out of reach"),
    ("社保" + "的" * (AHEAD - LEAST) + "1234", True, "just in reach"),
    ("一九八五年出生", True, "Han figures before a word that stands behind"),
    ("出生一九八五年", False, "which does not look ahead"),
    ("1985" + "的" * BEHIND + "出生", False, "out of reach"),
    ("A1234567", True, "a letter and seven digits"),
    ("A123456(", True, "six and a bracket"),
    ("A123456", False, "six"),
    ("a1234567", False, "a small letter"),
    ("ABCD1234567", False, "four letters"),
    ("LAAAA00A000000001", True, "17 with four digits last"),
    ("LAAAA00A00000000A", False, "17 with a letter last"),
    ("89860000000000000000", True, "a SIM card"),
    ("00000001-2", True, "eight, a hyphen, one"),
    ("00000001-23", False, "eight, a hyphen, two"),
    ("1.2.3.4", True, "four figures"),
    ("1.2.3", False, "three"),
    ("1234.5.6.7", False, "one of four digits"),
    ("12:30:45", False, "a time"),
    ("a:b::1", True, "colons"),
    ("02-00-5E-10-00-01", True, "hyphens"),
    ("2024-01-02", False, "a date"),
    ("26.6000,106.6000", True, "two figures"),
    ("26.6000", False, "one"),
    ("26°36′，106°36′", True, "degrees"),
    ("25度到30度", False, "temperatures"),
    ("", False, "empty"),
]


@pytest.mark.parametrize(("text", "expected", "why"), CASES)
def test_table(text: str, expected: bool, why: str) -> None:
    assert marked(pa.array([text])) == [expected], why
    assert marked(pa.array([f"酒{text}。"])) == [expected], why


def test_texts_do_not_run_into_each_other() -> None:
    column = pa.array(["微信：", "abcd", "A12", "34567", None, "QQ12345"])
    assert marked(column) == [False] * 5 + [True]
    assert marked(column.slice(1, 3)) == [False] * 3
    assert marked(pa.array([], pa.string())) == []


def test_what_is_set_stays() -> None:
    assert marked(pa.array(["a", "b"]), np.array([True, False])) == [True, False]


def widest(pattern: str) -> int:
    from re import _parser  # type: ignore[attr-defined]  # the only place that knows

    return int(_parser.parse(pattern, 64).getwidth()[1])


def test_joints_are_shorter_than_the_look_ahead() -> None:
    """The lead word, what may follow it and the first signs of the find lie within what the gate reads."""
    for rule in rules():
        if rule.row.gate == "lead":
            assert widest(f"(?:{rule.row.joint}){JOINT}") + 8 <= AHEAD, rule.row.entity
    assert BACK <= BEHIND


def test_every_led_sample_has_enough_signs() -> None:
    led = {rule.row.entity: rule for rule in rules() if rule.row.gate == "lead"}
    for entity, form in data.rows("samples"):
        if entity in led:
            one = words([led[entity].row.words[0]], [])
            out = np.zeros(1, np.bool_)
            marks(*text_buffers(pa.array([led[entity].row.words[0] + form])), MAP, *one, out)
            assert out[0], (entity, form)


def test_lead_words_are_in_normal_form() -> None:
    assert all(normal(form) == form for form in lead_rules())
    assert all(isinstance(rule, Rule) and rule.row.gate in LED for some in lead_rules().values() for rule in some)


def test_few_statutes_are_marked(shared: Path) -> None:
    from curate.pii.gate import Gate

    files = sorted((shared / "data/corpora/laws").glob("*/*.*"))[::10]
    left = Gate().texts(pa.array([file.read_text("utf-8", errors="replace") for file in files]))
    assert len(left) > 100
    assert sum(left) <= 0.2 * len(left)
