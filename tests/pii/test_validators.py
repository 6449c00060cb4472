"""Validators: what is made by the standards' formulas passes, the same with one character changed does not."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.pii import data, validators

from .values import ALPHABET, cards, codes, hk_id_card, id_card, ids, org_code, tw_id_card, vin

PUBLISHED = [
    (validators.id_card, "11010519491231002X", "the example of GB 11643"),
    (validators.credit_code, "91350100M000100Y43", "the example of GB 32100"),
    (validators.union_pay, "6250941006528599", "UnionPay's number for tests"),
    (validators.bank_card, "4111111111111111", "Visa's number for tests"),
    (validators.bank_card, "5555555555554444", "Mastercard's"),
    (validators.bank_card, "378282246310005", "American Express's, 15 digits"),
    (validators.bank_card, "3566002020360505", "JCB's"),
    (validators.bank_card, "36227206271667", "Diners Club's, 14 digits"),
    (validators.org_code, "D2143569-X", "the example of GB 11714"),
    (validators.vin, "1M8GDM9AXKP042788", "the usual example of ISO 3779's check"),
    (validators.hk_id_card, "A123456(3)", "the usual example"),
    (validators.tw_id_card, "A123456789", "the usual example"),
    (validators.imei, "490154203237518", "the usual example"),
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


NEW: list[tuple[str, str, bool, str]] = [
    ("birth_date", "1985年2月29日", False, "no leap year"),
    ("birth_date", "1984年2月29日", True, "a leap year"),
    ("birth_date", "一九八四年二月二十九日", True, "in Han figures"),
    ("birth_date", "一九八五年二月二十九日", False, "no leap year, in Han figures"),
    ("birth_date", "二〇〇〇年十月廿一日", True, "廿 is twenty"),
    ("birth_date", "1985-13", False, "no thirteenth month"),
    ("birth_date", "19850607", True, "digits alone"),
    ("gps", "26.6000,106.6000", True, "in the country"),
    ("gps", "106.6000,26.6000", True, "the other way round"),
    ("gps", "60.0000,106.6000", False, "north of it"),
    ("gps", "东经106°36′0″，北纬26°36′0″", True, "degrees"),
    ("gps", "东经10°36′0″，北纬26°36′0″", False, "west of it"),
    ("ipv4", "203.0.113.7", True, "large figures"),
    ("ipv4", "8.8.4.4", False, "small figures"),
    ("ipv4", "10.200.1.1", False, "private"),
    ("ipv4", "300.1.1.1", False, "no such figure"),
    ("ipv4_small", "8.8.4.4", True, "small figures"),
    ("ipv4_small", "203.0.113.7", False, "large figures"),
    ("ipv4_small", "0.1.2.3", False, "this network"),
    ("ipv6", "2001:db8::1", True, "three groups"),
    ("ipv6", "a::b", False, "two"),
    ("ipv6", "fe80::1:2", False, "link-local"),
    ("ipv6", "1:2:3", False, "too few"),
    ("mac", "00:00:00:00:00:00", False, "nothing"),
    ("mac", "02:00:00:00:00:00", True, "a device"),
    ("handle", "zhangsan", False, "could be a word"),
    ("handle", "zhang_san", True, "a sign"),
    ("postcode", "550000", True, "a province"),
    ("postcode", "900000", False, "none"),
    ("imsi", "460000000000001", True, "a network"),
    ("imsi", "460990000000001", False, "none"),
    ("secret", "aaaaaaa1a", False, "two characters"),
    ("secret", "required", False, "no digit"),
    ("secret", "abc12345", True, "letters and digits"),
    ("permanent_residence", "USA110085060701", True, "place and date"),
    ("permanent_residence", "USA990085060701", False, "no place"),
    ("permanent_residence", "USA110085063101", False, "no date"),
    ("permanent_residence", "USA110000022901", True, "a leap day of 2000"),
    ("org_code", "20240101-1", False, "wrong check digit"),
    ("credit_code", "522301197503080858", False, "an ID number with a slip, right by chance"),
    ("id_card", id_card("91184019900101123"), True, "permanent residence, 2023"),
    ("id_card", id_card("99984019900101123"), False, "of no province"),
]


@pytest.mark.parametrize(("check", "text", "expected", "why"), NEW)
def test_checks_of_single_values(check: str, text: str, expected: bool, why: str) -> None:
    assert validators.CHECKS[check](text) is expected, why


@given(st.sampled_from("ABCDEFGHJKLMNPRSTUVWXYZ"), st.integers(0, 999999), st.integers(0, 16), st.integers(1, 9))
def test_vin_refuses_most_changed_digits(letter: str, number: int, at: int, by: int) -> None:
    whole = vin(f"L{letter}AA{letter}00A0B0{number:06d}")
    assert validators.vin(whole)
    if at != 8 and whole[at].isdigit():
        assert not validators.vin(changed(whole, at, by, "0123456789"))


@given(st.integers(0, 99_999_999), st.integers(0, 7), st.integers(1, 9))
def test_organisation_codes_refuse_a_changed_digit(number: int, at: int, by: int) -> None:
    code = org_code(f"A{number:08d}"[:8])
    assert validators.org_code(code)
    if code[at].isdigit():
        assert not validators.org_code(changed(code, at, by, "0123456789"))


@given(st.integers(0, 999_999), st.integers(1, 6), st.integers(1, 9))
def test_cards_of_hong_kong_and_taiwan_refuse_a_changed_digit(number: int, at: int, by: int) -> None:
    hongkong, taiwan = hk_id_card(f"A{number:06d}"), tw_id_card(f"A10{number:06d}")
    assert validators.hk_id_card(hongkong)
    assert validators.tw_id_card(taiwan)
    assert not validators.hk_id_card(changed(hongkong, at, by, "0123456789"))
