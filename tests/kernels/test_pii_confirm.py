"""The close look behind the gate: what it must keep, what it should let go, and that it never hides a find."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.kernels.pii_confirm import ALONE, ENDS, REACH, confirm
from curate.kernels.pii_gate import flag
from curate.pii.gate import Gate
from curate.pii.normal import MAP
from curate.pii.recogniser import ChineseRecognizer
from curate.pii.rules import LED, rules
from curate.records import text_buffers

from ..pii.values import CARD, CARD_19, ID, ID_X, MOBILE, USCC, texts


def possible(column: pa.Array, *, alone: bool = False) -> list[bool]:
    """What the gate and the close look leave."""
    out = np.zeros(len(column), np.bool_)
    flag(*text_buffers(column), out)
    confirm(*text_buffers(column), MAP, alone, out)
    return [bool(x) for x in out]


CASES = [
    (MOBILE, True, "a mobile number"),
    ("174 7000 1234", True, "in groups"),
    ("174 700 01234", True, "in other groups"),
    ("174·7000·1234", True, "between dots"),
    ("174.7000·1234", False, "between different dots"),
    ("174 70001 234", False, "in groups that nobody writes"),
    ("174\n70001234", True, "at the end of a line"),
    ("622200\n0000000001234", True, "a card at the end of a line"),
    ("110199 850607 123", True, "the old ID card in groups"),
    ("86174-7000-1234", True, "behind the country"),
    ("Tel17470001234", True, "behind Tel"),
    ("a17470001234", False, "behind another letter"),
    ("17470001234a", False, "before a letter"),
    ("27470001234", False, "no number of 11 digits begins with 2"),
    ("192.168.100.101", False, "address of a machine"),
    ("2024-01-12 12:30:45", False, "time"),
    ("20240112", False, "date"),
    ("2019-2023", False, "years"),
    ("电话2019-2023", True, "a word says it is a number"),
    ("２０２４０１１２（电话）", True, "a word behind it does"),
    ("20240112转8号（见下表格里的数）", False, "another bracket does not"),
    ("传真号20240112", True, "one character between"),
    ("传真号码是20240112", True, "the end of a word in reach"),
    ("话一二三四五20240112", False, "out of reach"),
    ("1.2.3.4.5.6.7", False, "a section"),
    ("0851-85000000", True, "area code and number"),
    ("(0851) - 8500 0000", True, "with brackets"),
    ("0151-85000000", False, "no area code begins so"),
    ("085185000000", True, "with nothing between"),
    ("085185000000x12", True, "and an extension"),
    ("085185000000EXT12", True, "and an extension"),
    ("0851-12345", True, "a service behind an area code"),
    ("+86 10 85000000", True, "from abroad"),
    ("0086(10)85000000", True, "from abroad"),
    ("400 1234 567", True, "a service"),
    ("500 1234 567", False, "none"),
    (ID, True, "an ID card"),
    (f"{ID[:6]}-{ID[6:14]}-{ID[14:]}", True, "in groups"),
    (f"{ID[:6]}-{ID[6:14]}-{int(ID[14:]) + 1}", False, "in groups, wrong check digit"),
    (f"{ID_X[:6]} {ID_X[6:14]} {ID_X[14:]}", True, "with check digit X"),
    ("0 1 1 0 1 0 0 1 1 1 0 1 0 0 1 0 1 1 0", False, "a row of a table"),
    (CARD, True, "a card"),
    (f"{CARD[:-1]}{(int(CARD[-1]) + 1) % 10}", False, "wrong check digit"),
    ("3782 822463 10005", True, "a card in groups of its own"),
    (" ".join(CARD_19[i : i + 4] for i in range(0, 19, 4)), True, "a long card in groups"),
    ("3.1415926535897932384626", False, "more digits than any number"),
    (USCC, True, "a credit code"),
    (USCC + "A", False, "a longer code"),
    ("3f2504e04f8911d39a0c0305e82c3301", False, "a hash"),
    ("a@b.cn", True, "an address"),
    ("ａ＠ｂ．ｃｎ", True, "in full width"),
    ("a@1.b-2.cn", True, "with labels that are no words"),
    ("a@b", False, "no dot"),
    ("pkg@1.2.3", False, "a version"),
    ("a@b..cn", False, "no label between dots"),
    ("-@b.cn", False, "no name"),
    ("贵A12345", True, "a plate"),
    ("贵 Ａ·Ｄ０１２３４", True, "with signs, in full width"),
    ("贵A1234应急", True, "of a rescue car"),
    ("贵AABC1D", False, "too few digits"),
    ("贵A123", False, "too short"),
    ("新GB/T18030", False, "a standard"),
    ("贵I12345", False, "there is no I"),
    ("", False, "empty"),
]


@pytest.mark.parametrize(("text", "expected", "why"), CASES)
def test_table(text: str, expected: bool, why: str) -> None:
    assert possible(pa.array([text])) == [expected], why
    assert possible(pa.array([f"酒{text}。"])) == [expected], why


def test_a_local_number_may_stand_alone() -> None:
    assert possible(pa.array(["产量20240112", "产量10240112", "8500 0000"]), alone=True) == [True, False, True]


def test_texts_do_not_run_into_each_other() -> None:
    column = pa.array([MOBILE, "174700012", "34567890", "贵A1", "2345", None, "贵A12345"])
    assert possible(column) == [True, False, False, False, False, False, True]
    assert possible(column.slice(1, 5)) == [False] * 5
    assert possible(pa.array([], pa.string())) == []


def test_local_numbers_are_those_of_the_table() -> None:
    """The row without area code is the only one that the gate weighs by its words."""
    (row,) = [rule.row for rule in rules() if rule.row.gate not in LED and rule.patterns[0].search("85000000")]
    assert {word[-1] for word in row.words} == {c for c in ENDS if c == c.lower()}
    assert set(ENDS) == {form for c in ENDS for form in (c.lower(), c.upper())}
    assert row.reach == REACH - 1
    assert max(row.scores.plain, row.scores.against) == ALONE


digits = st.text("0123456789", min_size=1, max_size=8)
groups = st.lists(st.tuples(digits, st.sampled_from([*" -.·()", ") ", ") -", "  ", "+", "转", "x", "－"])), max_size=7)
announced = st.sampled_from(["电话", "传真：", "Tel", "FAX ", "☎", "+86", "0086", "(0", "贵A", "", "", "，"])
numbers = st.lists(st.tuples(announced, groups), max_size=4).map(
    lambda some: "".join(word + "".join(d + sign for d, sign in parts) for word, parts in some)
)
RECOGNIZERS = {least: ChineseRecognizer(least) for least in (0.0, 0.1, 0.11, 0.5)}


@settings(max_examples=600, deadline=None)
@given(st.lists(st.one_of(texts, numbers), max_size=4), st.sampled_from(sorted(RECOGNIZERS)))
def test_a_text_with_a_find_is_always_kept(some: list[str], least: float) -> None:
    left = Gate(least).texts(pa.array(some, pa.string()))
    fields = Gate(least).fields(pa.array(some, pa.string()))
    for text, kept, field in zip(some, left, fields, strict=True):
        assert (kept and field) or not RECOGNIZERS[least].hits(text)


def test_hardly_any_statute_is_left(shared: Path) -> None:
    files = sorted((shared / "data/corpora/laws").glob("*/*.*"))[::10]
    column = pa.array([file.read_text("utf-8", errors="replace") for file in files])
    left = possible(column)
    assert len(left) > 100
    assert sum(left) <= 0.02 * len(left)
    recognizer = RECOGNIZERS[0.5]
    gate = Gate().texts(column)
    assert sum(gate) <= 0.2 * len(left)
    assert not any(recognizer.hits(text) for text, one in zip(column.to_pylist(), gate, strict=True) if not one)
