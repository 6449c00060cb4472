"""One value written in several ways is one; two values stay two."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.pii.canonical import canonical, date_of, form_of

from .values import CARD, ID, ID_X, MOBILE, USCC, id_card


def wide(text: str) -> str:
    """In full width."""
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


SAME = [
    ("CN_MOBILE", MOBILE, "174 7000 1234", "groups"),
    ("CN_MOBILE", MOBILE, "174-7000-1234", "hyphens"),
    ("CN_MOBILE", MOBILE, "174—7000‑1234", "dashes of other kinds"),
    ("CN_MOBILE", MOBILE, "+86 17470001234", "the country"),
    ("CN_MOBILE", MOBILE, "+86-174-7000-1234", "the country and hyphens"),
    ("CN_MOBILE", MOBILE, "(+86)17470001234", "the country in brackets"),
    ("CN_MOBILE", MOBILE, "008617470001234", "the country as dialled"),
    ("CN_MOBILE", MOBILE, "8617470001234", "the country without a sign"),
    ("CN_MOBILE", MOBILE, "017470001234", "the 0 once dialled"),
    ("CN_MOBILE", MOBILE, "１７４７０００１２３４", "full width"),
    ("CN_MOBILE", MOBILE, "＋８６　１７４　７０００　１２３４", "all of that"),
    ("CN_MOBILE", MOBILE, "174\u200b7000\u200b1234", "zero-width spaces"),
    ("CN_MOBILE", MOBILE, "174.7000.1234", "dots"),
    ("CN_MOBILE", MOBILE, "174\n70001234", "a line's end"),
    ("CN_LANDLINE", "0851-85000000", "(0851)85000000", "brackets"),
    ("CN_LANDLINE", "0851-85000000", "+86 851 8500 0000", "the country, and no 0"),
    ("CN_LANDLINE", "0851-85000000", "86-851-85000000", "the country without a sign"),
    ("CN_LANDLINE", "0851-85000000转123", "0851-85000000-123", "the extension behind a hyphen"),
    ("CN_LANDLINE", "0851-85000000转123", "085185000000ext.123", "the extension in English"),
    ("CN_LANDLINE", "8500000-12", "8500000转12", "the extension of a local number"),
    ("PUBLIC_PHONE", "400-123-4567", "4001234567", "no extension here"),
    ("PUBLIC_PHONE", "400-1234-567", "4001234567", "nor here"),
    ("CN_ID_CARD", ID_X, ID_X.lower(), "x in lower case"),
    ("CN_ID_CARD", ID_X, wide(ID_X.lower()), "the same in full width"),
    ("CN_ID_CARD", ID, f"{ID[:6]} {ID[6:14]} {ID[14:]}", "groups"),
    ("CN_ID_CARD", "110199901231123", id_card("11019919901231123"), "15 characters and 18 of one person"),
    ("BANK_CARD", CARD, " ".join(CARD[i : i + 4] for i in range(0, 16, 4)), "groups"),
    ("CN_USCC", USCC, USCC.lower(), "lower case"),
    ("CN_PLATE", "贵A12345", "贵a·12345", "a dot, and lower case"),
    ("CN_PLATE", "贵A12345", "贵A 12345", "a blank"),
    ("EMAIL_ADDRESS", "Zhang.San@Example.COM", "zhang.san＠example.com", "case and full width"),
    ("PERSON", "张三", "张 三", "a blank inside"),
    ("PERSON", "张三", "张\u3000三", "a wide blank"),
    ("PERSON", "买买提·艾力", "买买提•艾力", "a bullet"),
    ("PERSON", "买买提·艾力", "买买提・艾力", "a Japanese dot"),
    ("PERSON", "买买提·艾力", "买买提．艾力", "a full-width point"),
    ("PERSON", "买买提·艾力", "买买提-艾力", "a hyphen"),
    ("PERSON", "John Smith", "JOHN  SMITH", "Latin capitals"),
    ("PERSON", "José", unicodedata.normalize("NFD", "José"), "combining marks"),
    ("PERSON", "葛\U000e0100亮", "葛亮", "a variation selector"),
    ("BIRTH_DATE", "1990年5月3日", "1990-05-03", "signs"),
    ("BIRTH_DATE", "1990年5月3日", "19900503", "figures alone"),
    ("BIRTH_DATE", "1990年5月3日", "一九九〇年五月三日", "Han figures"),
    ("BIRTH_DATE", "1990/12/21", "一九九零年十二月二十一日", "Han numerals"),
    ("IP_ADDRESS", "2001:db8::1", "2001:0DB8:0:0::0001", "zeros"),
    ("MAC_ADDRESS", "00-00-5E-00-53-01", "00:00:5e:00:53:01", "colons"),
    ("VIN", "LSVAA4187E2123456", "lsvaa4187e2123456", "lower case"),
    ("HK_ID_CARD", "A123456(3)", "A1234563", "brackets"),
    ("GPS", "26.581234,106.713421", "26.581234, 106.713421", "a blank behind the comma"),
    ("GPS", "26.581234,106.713421", "26.581234 106.713421", "a blank for the comma"),
    ("ADDRESS", "样本市云杉路8号", "样本市 云杉路 ８号", "blanks and full width"),
    ("WECHAT", "Wx_abc-1", "wx_abc-1", "case"),
    ("STAFF_NO", "A-17", "Ａ-17 ", "an entity nobody knows"),
]


@pytest.mark.parametrize(("entity", "one", "other", "why"), SAME)
def test_same(entity: str, one: str, other: str, why: str) -> None:
    assert canonical(entity, one) == canonical(entity, other), why


OTHERS = [
    ("CN_MOBILE", MOBILE, "17470001235", "another number"),
    ("CN_LANDLINE", "0851-85000000", "0851-85000000转1", "an extension is a part of it"),
    ("CN_LANDLINE", "0851-85000000", "0852-85000000", "another area"),
    ("PERSON", "张三", "张三丰", "a longer name"),
    ("WECHAT", "wx_abc", "wxabc", "the sign is a part of it"),
    ("SECRET", "abc", "ABC", "case is a part of it"),
    ("GPS", "26.5,106.7", "26.51,06.7", "the comma is a part of it"),
    ("BIRTH_DATE", "1990-11-01", "1990-01-11", "another day"),
]


@pytest.mark.parametrize(("entity", "one", "other", "why"), OTHERS)
def test_others(entity: str, one: str, other: str, why: str) -> None:
    assert canonical(entity, one) != canonical(entity, other), why


@pytest.mark.parametrize("entity", ["CN_MOBILE", "PERSON", "CN_ID_CARD", "BIRTH_DATE", "GPS", "IP_ADDRESS", "X"])
@given(text=st.text(min_size=1, max_size=20))
def test_any_text_has_a_form_that_is_its_own(entity: str, text: str) -> None:
    form = canonical(entity, text)
    assert form
    assert canonical(entity, wide(text)) == form


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("1990年5月", (1990, 5, 0)),
        ("2000年十月卅日", (2000, 10, 30)),
        ("二〇〇〇年二十月廿一号", (2000, 20, 21)),
        ("90年5月3日", None),
        ("1990", None),
    ],
)
def test_dates(text: str, date: tuple[int, int, int] | None) -> None:
    assert date_of(text) == date


def test_every_entity_of_ours_has_a_form() -> None:
    from curate.pii import DECLARED, ENTITIES

    assert [e for e in (*DECLARED, *ENTITIES) if form_of(e) == "text"] == []
