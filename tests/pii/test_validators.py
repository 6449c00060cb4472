"""Validators: what is made by the standards' formulas passes, the same with one character changed does not."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.pii import data, validators

from .values import ALPHABET, cards, codes, id_card, ids

PUBLISHED = [
    (validators.id_card, "11010519491231002X", "the example of GB 11643"),
    (validators.credit_code, "91350100M000100Y43", "the example of GB 32100"),
    (validators.union_pay, "6250941006528599", "UnionPay's number for tests"),
    (validators.bank_card, "4111111111111111", "Visa's number for tests"),
    (validators.bank_card, "5555555555554444", "Mastercard's"),
    (validators.bank_card, "378282246310005", "American Express's, 15 digits"),
    (validators.bank_card, "3566002020360505", "JCB's"),
    (validators.bank_card, "36227206271667", "Diners Club's, 14 digits"),
]


@pytest.mark.parametrize(("check", "number", "why"), PUBLISHED)
def test_published_examples_pass(check: object, number: str, why: str) -> None:
    assert callable(check)
    assert check(number), why


def changed(number: str, at: int, by: int, alphabet: str) -> str:
    """The number with the character at `at` moved `by` places in the alphabet."""
    i = alphabet.index(number[at])
    return number[:at] + alphabet[(i + by) % len(alphabet)] + number[at + 1 :]


@given(ids, st.integers(0, 16), st.integers(1, 9))
def test_id_card_refuses_a_changed_digit(number: str, at: int, by: int) -> None:
    assert validators.id_card(number)
    assert validators.id_card(f"{number[:6]} {number[6:14]}-{number[14:]}".lower())
    assert not validators.id_card(changed(number, at, by, "0123456789"))


@given(ids, st.integers(0, 15))
def test_id_card_refuses_two_digits_swapped(number: str, at: int) -> None:
    swapped = number[:at] + number[at + 1] + number[at] + number[at + 2 :]
    assert validators.id_card(swapped) is (swapped == number)


@given(codes, st.integers(0, 17), st.integers(1, 30))
def test_credit_code_refuses_a_changed_character(code: str, at: int, by: int) -> None:
    assert validators.credit_code(code)
    assert validators.credit_code(code.lower())
    assert not validators.credit_code(changed(code, at, by, ALPHABET))


@given(cards, st.integers(0, 18), st.integers(1, 9))
def test_card_refuses_a_changed_digit(number: str, at: int, by: int) -> None:
    assert validators.union_pay(number)
    assert not validators.luhn(changed(number, at, by, "0123456789"))


REFUSED_IDS = [
    ("16019919900101123", "there is no province 16"),
    ("99000019900101123", "there is no province 99"),
    ("11019919900230123", "30 February"),
    ("11019919901301123", "month 13"),
    ("11019919900100123", "day 0"),
    ("11019918490101123", "older than any holder"),
    ("11019920280101123", "born after the last year of the table"),
    ("11019919000229123", "1900 was no leap year"),
]


@pytest.mark.parametrize(("first", "why"), REFUSED_IDS)
def test_id_card_needs_province_and_date(first: str, why: str) -> None:
    assert not validators.id_card(id_card(first)), why


def test_birth_of_both_forms() -> None:
    assert validators.born(id_card("11019920000229123")) == date(2000, 2, 29)
    assert validators.born("110199850607123") == date(1985, 6, 7)
    assert validators.province("520199") == "贵州省"


@pytest.mark.parametrize("segment", [row[0] for row in data.rows("mobile_segments")])
def test_every_segment_is_a_mobile_number(segment: str) -> None:
    assert validators.mobile(f"{segment}00000000")
    assert validators.mobile(f"(+86) {segment}-0000-0000")


@pytest.mark.parametrize("segment", ["154", "160", "161", "163", "164", "168", "169", "179", "194"])
def test_segments_not_in_use_are_refused(segment: str) -> None:
    assert not validators.mobile(f"{segment}00000000")


LANDLINES = [
    ("0851-85000000", True, "Guiyang, eight digits"),
    ("0851-8500000", True, "Guiyang before 2014"),
    ("010-85000000", True, "Beijing"),
    ("010-8500000", False, "Beijing has had eight digits since 1996"),
    ("(0851)85000000转801", True, "brackets and extension"),
    ("+86-851-85000000", True, "from abroad, without the 0"),
    ("0852-8500000", True, "retired code, in old texts"),
    ("0299-8500000", False, "no such area code"),
    ("0420-8500000", False, "no such area code"),
    ("+86 (0)10 85000000", False, "not a form the pattern hands over"),
]


@pytest.mark.parametrize(("text", "good", "why"), LANDLINES)
def test_landline(text: str, good: bool, why: str) -> None:
    assert validators.landline(text) is good, why


EMAILS = [
    ("a@example.com", True, "plain"),
    ("a@example.com.cn", True, "two labels"),
    ("a@example.com.Then", True, "the next sentence glued to it"),
    ("a@example.CN", True, "capitals"),
    ("a@host.local", False, "no top-level domain"),
    ("a@com", False, "a top-level domain alone"),
    ("a@v1.so2", False, "a version"),
]


@pytest.mark.parametrize(("text", "good", "why"), EMAILS)
def test_email(text: str, good: bool, why: str) -> None:
    assert validators.email(text) is good, why


def test_tables_say_where_they_come_from() -> None:
    from importlib.resources import files

    for file in files("curate.pii.data").iterdir():
        if file.name.endswith((".tsv", ".yaml")):
            first = file.read_text("utf-8").splitlines()[0]
            assert first.startswith("# "), file.name
            assert "20" in first, file.name
