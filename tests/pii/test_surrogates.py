"""Surrogates: like the real ones to look at, and none of them could be one."""

from __future__ import annotations

import ipaddress
import re
from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.pii import DECLARED, ENTITIES, data
from curate.pii.canonical import canonical, date_of, form_of
from curate.pii.fakenames import Draw, fake_name
from curate.pii.keys import Hash, Key
from curate.pii.pseudonyms import TOKEN
from curate.pii.recogniser import ChineseRecognizer
from curate.pii.rules import labels
from curate.pii.second import remaining
from curate.pii.surrogates import MAKERS, Surrogates, _ip, looks_real

from .test_canonical import SAME
from .values import ALPHABET, CARD, ID, ID_X, MOBILE, PROVINCES, USCC, card, credit_code, id_card

KEY, OTHER = Key("dataset", b"k" * 32), Key("dataset", b"l" * 32)
MAKE = Surrogates(KEY)
EACH = 150
LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"


def digits(draw: Draw, number: int) -> str:
    return draw.signs("0123456789", number)


def an_id(draw: Draw) -> str:
    day = f"{draw.between(1930, 2019)}{draw.between(1, 12):02}{draw.between(1, 28):02}"
    return id_card(f"{draw.one(PROVINCES)}0199{day}{digits(draw, 3)}")


def a_name(draw: Draw) -> str:
    return "".join(
        part for part in (draw.one("张王李赵欧钱孙"), draw.one("伟芳文国秀"), draw.one(["", "丽", "强", "明"]))
    )


REAL: dict[str, Callable[[Draw], str]] = {
    "BANK_CARD": lambda d: card("62" + digits(d, d.between(13, 16))),
    "BIRTH_DATE": lambda d: (
        f"{d.between(1930, 2019)}{d.one(['年', '-'])}{d.between(1, 12)}".replace("年", "年")
        + d.one(["月3日", "月28日"])
    ).replace("-", "年"),
    "CN_HK_MACAU_PERMIT": lambda d: d.one("HM") + digits(d, 8),
    "CN_ID_CARD": an_id,
    "CN_LANDLINE": lambda d: f"{d.one(['0851', '010', '0755'])}-{d.between(21_000_000, 89_999_999)}",
    "CN_MOBILE": lambda d: f"1747{digits(d, 7)}",
    "CN_ORG_CODE": lambda d: f"{digits(d, 8)}-{digits(d, 1)}",
    "CN_PASSPORT": lambda d: d.one("EGDSP") + digits(d, 8),
    "CN_PERMANENT_RESIDENCE": lambda d: d.signs(LETTERS, 3) + digits(d, 12),
    "CN_PLATE": lambda d: (
        f"{d.one('贵京沪川')}{d.one('ABC')}{d.one(['', '·'])}{digits(d, d.between(4, 5))}{d.one('1F')}"
    ),
    "CN_POSTCODE": lambda d: f"55{digits(d, 4)}",
    "CN_USCC": lambda d: credit_code(f"9{d.one('123')}{d.one(PROVINCES)}0199{d.signs(ALPHABET, 9)}"),
    "EMAIL_ADDRESS": lambda d: f"{d.signs('abcxyz.', 5).strip('.')}a@{d.signs('abc', 3)}.com",
    "GPS": lambda d: f"2{digits(d, 1)}.{digits(d, 6)},10{digits(d, 1)}.{digits(d, 6)}",
    "HK_ID_CARD": lambda d: f"{d.signs(LETTERS, d.between(1, 2))}{digits(d, 6)}({d.one('0123456789A')})",
    "ICCID": lambda d: "8986" + digits(d, 16),
    "IMEI": lambda d: card("35" + digits(d, 12)),
    "IMSI": lambda d: "46000" + digits(d, 10),
    "IP_ADDRESS": lambda d: f"{d.between(11, 99)}.{d.between(128, 255)}.{d.between(0, 255)}.{d.between(1, 254)}",
    "MAC_ADDRESS": lambda d: ":".join(d.signs("0123456789ABCDEF", 2) for _ in range(6)),
    "PERSON": a_name,
    "QQ": lambda d: d.one("123456789") + digits(d, d.between(4, 10)),
    "TW_ID_CARD": lambda d: d.one(LETTERS) + d.one("12") + digits(d, 8),
    "VIN": lambda d: "L" + d.signs(LETTERS + "0123456789", 10) + digits(d, 6),
}
"""Values as they are found; numbers of nobody, as in `values`."""

PROVINCE = set(PROVINCES) | {"71", "81", "82", "83", "91"}
SEGMENTS = {row[0] for row in data.rows("mobile_segments")}
AREAS = {row[0] for row in data.rows("area_codes")}
BINS = [(row[0], row[1]) for row in data.rows("bank_bins")]


def bare(text: str) -> str:
    return re.sub("[^0-9A-Za-z\u4e00-\u9fff]", "", text)


IMPOSSIBLE: dict[str, Callable[[str], bool]] = {
    "BANK_CARD": lambda f: card(f[:-1]) != f and not any(a <= f[: len(a)] <= b for a, b in BINS),
    "BIRTH_DATE": lambda f: True,
    "CN_HK_MACAU_PERMIT": lambda f: f[0] not in "HM",
    "CN_ID_CARD": lambda f: f[:2] not in PROVINCE and id_card(f[:17]) != f,
    "CN_LANDLINE": lambda f: f[:4] not in AREAS and f[:3] not in AREAS and f[4] == "0",
    "CN_MOBILE": lambda f: f[:3] not in SEGMENTS and f[:2] in ("10", "11", "12") and len(f) == 11,
    "CN_ORG_CODE": lambda f: f[-1] not in "0123456789X",
    "CN_PASSPORT": lambda f: f[:3] == "QOI",
    "CN_PERMANENT_RESIDENCE": lambda f: f[:3] == "QOI",
    "CN_PLATE": lambda f: f[1] == "I",
    "CN_POSTCODE": lambda f: f[:2] == "96",
    "CN_USCC": lambda f: not set(f) <= set(ALPHABET) and f[2:4] not in PROVINCE,
    "EMAIL_ADDRESS": lambda f: f.endswith("exampleinvalid"),
    "GPS": lambda f: True,
    "HK_ID_CARD": lambda f: f[-1] not in "0123456789A",
    "ICCID": lambda f: f[:4] == "8900" and card(f[:-1]) != f,
    "IMEI": lambda f: f[:2] == "00" and card(f[:-1]) != f,
    "IMSI": lambda f: f[:3] == "001",
    "IP_ADDRESS": lambda f: True,
    "MAC_ADDRESS": lambda f: f.startswith("00005E0053"),
    "PERSON": lambda f: True,
    "QQ": lambda f: f[0] == "0",
    "TW_ID_CARD": lambda f: f[1] == "0",
    "VIN": lambda f: "Q" in f and "O" in f,
}
"""Why a surrogate without its separators is no real one, told otherwise than in the package."""


def fakes(entity: str, number: int = EACH) -> list[tuple[str, str]]:
    draw = Draw(entity.encode())
    return [(real, MAKE(entity, real)) for real in (REAL[entity](draw) for _ in range(number))]


def test_the_tables_name_all_that_have_surrogates() -> None:
    typed = {e for e in (*DECLARED, *ENTITIES) if form_of(e) in MAKERS}
    # of the forms of an ID card, a landline and a date of birth, which are in the tables
    assert typed - set(REAL) == {"CN_SOCIAL_SECURITY", "PUBLIC_PHONE", "DATE"}
    assert set(IMPOSSIBLE) == set(REAL)


@pytest.mark.parametrize("entity", sorted(REAL))
def test_no_surrogate_is_a_real_one(entity: str) -> None:
    for real, fake in fakes(entity):
        assert canonical(entity, fake) != canonical(entity, real)
        assert not looks_real(entity, fake)
        assert TOKEN.fullmatch(fake) or IMPOSSIBLE[entity](bare(fake)), fake


@pytest.mark.slow
@pytest.mark.parametrize("entity", sorted(REAL))
def test_none_of_5000_is_a_real_one(entity: str) -> None:
    for real, fake in fakes(entity, 5000):
        assert canonical(entity, fake) != canonical(entity, real)
        assert not looks_real(entity, fake)
        assert TOKEN.fullmatch(fake) or IMPOSSIBLE[entity](bare(fake)), fake


NO_TOKEN = sorted(set(REAL) - {"IP_ADDRESS", "MAC_ADDRESS"})
"""Addresses for documentation are surrogates where the tables know them as such."""


@pytest.mark.parametrize("entity", NO_TOKEN)
def test_surrogates_have_the_make_of_the_real_ones(entity: str) -> None:
    for real, fake in fakes(entity):
        assert not TOKEN.fullmatch(fake)
        if entity not in ("EMAIL_ADDRESS", "BIRTH_DATE", "GPS", "CN_LANDLINE"):
            assert len(fake) == len(real)
            assert [c for c in fake if not c.isalnum()] == [c for c in real if not c.isalnum()]


def test_dates_and_places_do_not_exist() -> None:
    for _, fake in fakes("BIRTH_DATE"):
        found = date_of(fake)
        assert found
        assert found[2] > {2: 29}.get(found[1], 30)
    for _, fake in fakes("GPS"):
        south, east = map(float, fake.split(","))
        assert south > 90
        assert east > 180


def test_addresses_are_those_for_documentation() -> None:
    for n in range(300):
        for value in ("8.8.4.4", "2400:3200::1"):
            fake = _ip(Draw(n.to_bytes(2, "big")), value, value)
            assert fake
            assert not ipaddress.ip_address(fake).is_global


RECOGNISER = ChineseRecognizer()


@pytest.mark.parametrize("entity", sorted(set(REAL) - {"PERSON"}))
@pytest.mark.parametrize("frame", ["{}", "{label}：{}。", "{label}{}，电话 12345", "联系 {label} 是 {} 和 {}"])
def test_a_second_look_finds_no_surrogate(entity: str, frame: str) -> None:
    for real, fake in fakes(entity, 60):
        text = frame.format(fake, MAKE(entity, real + "1"), label=labels()[entity])
        assert RECOGNISER.hits(text) == [], text


@pytest.mark.parametrize("entity", sorted(set(REAL) - {"PERSON", "EMAIL_ADDRESS"}))
def test_the_second_detector_finds_no_surrogate(entity: str) -> None:
    # not in the groups of a card either; it takes any name for a name, and any address for one of mail
    reals = [real for real, _ in fakes(entity)]
    if entity in ("BANK_CARD", "CN_ID_CARD", "ICCID"):
        reals += [re.sub("(....)", r"\1 ", real).strip() for real in reals]
    for real in reals:
        text = f"卡号 {MAKE(entity, real)}，"
        assert remaining([text], names=False) == [Counter()], text


@pytest.mark.parametrize(("entity", "one", "other", "why"), SAME)
def test_variants_have_one_surrogate(entity: str, one: str, other: str, why: str) -> None:
    same = canonical(entity, MAKE(entity, one)) == canonical(entity, MAKE(entity, other))
    assert same or (form_of(entity) == "id" and len(bare(one)) != len(bare(other))), why


@pytest.mark.parametrize("entity", sorted(REAL))
@pytest.mark.parametrize("of", ["sha256", "sm3"])
def test_a_surrogate_is_decided_by_value_key_and_hash(entity: str, of: Hash) -> None:
    values = [real for real, _ in fakes(entity, 20)]
    again, other = Surrogates(KEY, of), Surrogates(OTHER, of)
    assert [again(entity, v) for v in values] == [Surrogates(KEY, of)(entity, v) for v in reversed(values)][::-1]
    assert [again(entity, v) for v in values] != [other(entity, v) for v in values]


WRITTEN = [
    ("CN_ID_CARD", f"{ID[:6]} {ID[6:14]} {ID[14:]}", r"\d{6} \d{8} \d{3}[\dX]", "groups stay"),
    ("CN_ID_CARD", "110199901231123", r"\d{15}", "15 characters stay 15"),
    ("CN_ID_CARD", ID_X.lower(), r"\d{17}[\dX]", "18 characters"),
    ("CN_SOCIAL_SECURITY", ID, r"\d{17}[\dX]", "an ID number by another name"),
    ("CN_MOBILE", f"+86 {MOBILE[:3]}-{MOBILE[3:7]}-{MOBILE[7:]}", r"1[012]\d-\d{4}-\d{4}", "without the country"),
    ("CN_LANDLINE", "(0851)85000000转12", r"0\d{3}-0\d{7}转0\d", "an extension stays one"),
    ("CN_LANDLINE", "8500000", r"0\d{3}-0\d{6}", "a local number gets an area"),
    ("BANK_CARD", " ".join(CARD[i : i + 4] for i in range(0, 16, 4)), r"00\d\d( \d{4}){3}", "groups stay"),
    ("CN_USCC", USCC, r"0I\d{15}O", "18 characters"),
    ("CN_PLATE", "贵A·1234学", r"[一-龟]I·\d{4}学", "what a plate is for stays"),
    ("EMAIL_ADDRESS", "zhang.san@example.com", r"[a-z]{10}@example\.invalid", "nothing stays"),
    ("BIRTH_DATE", "1990-05-03", r"\d{4}-\d\d-3[01]", "signs stay"),
    ("BIRTH_DATE", "19900503", r"\d{6}3[01]", "figures stay"),
    ("GPS", "106.713421 26.5812", r"1\d\d\.\d{6},9\d\.\d{4}", "the order stays"),
    ("PUBLIC_PHONE", "400-123-4567", TOKEN.pattern, "no number of a service is known to be impossible"),
    ("ADDRESS", "样本市云杉路8号", TOKEN.pattern, "nor an address"),
    ("WECHAT", "wx_abc", TOKEN.pattern, "nor an account"),
    ("CN_ID_CARD", "12345", TOKEN.pattern, "no ID number"),
    ("IMEI", "abc", TOKEN.pattern, "no IMEI"),
    ("STAFF_NO", "A-17", TOKEN.pattern, "an entity nobody knows"),
]


@pytest.mark.parametrize(("entity", "text", "pattern", "why"), WRITTEN)
def test_written(entity: str, text: str, pattern: str, why: str) -> None:
    assert re.fullmatch(pattern, MAKE(entity, text)), why


def test_sex_stays_in_an_id_card_and_birth_does_not() -> None:
    made = fakes("CN_ID_CARD", 300)
    assert all(int(real[16]) % 2 == int(fake[16]) % 2 for real, fake in made)
    assert sum(real[6:14] == fake[6:14] for real, fake in made) == 0


PARTS = {kind: set(parts.split()) for kind, parts in data.rows("surrogate_names")}

NAMES = [
    ("张三", r"[一-龟]{2}", "two characters"),
    ("张", r"[一-龟]", "one"),
    ("欧阳文静", r"[一-龟]{4}", "a compound surname"),
    ("买买提·艾力", r"[一-龟]{3}·[一-龟]{2}", "transliterated"),
    ("阿卜杜·热合曼・艾力", r"[一-龟]{3}·[一-龟]{3}·[一-龟]{2}", "three parts"),
    ("John Smith", r"[A-Z][a-z]{3} [A-Z][a-z]{4}", "Latin"),
    ("小李", r"小[一-龟]", "familiar"),
    ("张某某", r"[一-龟]某某", "hidden in part"),
    ("李**", r"[一-龟]\*\*", "masked in part"),
    ("小丸子大王", TOKEN.pattern, "no name that we know the make of"),
    ("@handle_1", TOKEN.pattern, "a handle"),
    ("某某", TOKEN.pattern, "nothing but signs"),
    ("", TOKEN.pattern, "nothing"),
]


@pytest.mark.parametrize(("name", "pattern", "why"), NAMES)
def test_names(name: str, pattern: str, why: str) -> None:
    fake = MAKE("PERSON", name)
    assert re.fullmatch(pattern, fake), why
    if not TOKEN.fullmatch(fake):
        assert not set(fake.lower()) & set(name.lower()) - set("小某* ·") or name.isascii()


def test_a_compound_surname_for_a_compound_one() -> None:
    assert {MAKE("PERSON", f"欧阳{c}")[:2] for c in "一二三四五六七"} <= PARTS["compound"]


@pytest.mark.parametrize(("given", "kind"), [("芳", "female"), ("伟强", "male"), ("秀", "female")])
def test_a_name_keeps_the_gender_it_suggests(given: str, kind: str) -> None:
    for n in range(100):
        fake = fake_name(Draw(n.to_bytes(2, "big")), "张" + given, "张" + given)
        assert fake
        assert set(fake[1:]) & PARTS[kind]
        assert not set(fake[1:]) & PARTS["male" if kind == "female" else "female"]


@given(st.text(max_size=25), st.sampled_from(sorted({*REAL, "ADDRESS", "X"})))
def test_any_text_gets_one_that_is_not_itself(text: str, entity: str) -> None:
    fake = MAKE(entity, text)
    assert fake
    assert canonical(entity, fake) != canonical(entity, text)
    assert MAKE(entity, text) == fake


def test_a_surrogate_of_a_surrogate_is_another() -> None:
    # of days that do not exist there are so few that the same one is drawn now and then
    dates = [f"{year}年{rest}" for year in range(1935, 2016) for rest in ("2月30日", "4月31日", "11月31日")]
    for n in range(8):
        make = Surrogates(Key("dataset", bytes([n]) * 32))
        assert all(make("BIRTH_DATE", date) != date for date in dates)


LOOKS = [
    ("CN_MOBILE", MOBILE, True, "a number"),
    ("CN_MOBILE", f"a {MOBILE} b", True, "a number inside"),
    ("QQ", "123456", True, "a number behind the entity's word"),
    ("CN_PASSPORT", "AB1234567", True, "the same with letters"),
    ("CN_POSTCODE", "550001", True, "one with a check"),
    ("CN_MOBILE", "123456", False, "a number behind another entity's word"),
    ("CN_MOBILE", "10234567890", False, "no number"),
    ("EMAIL_ADDRESS", "a@example.com", True, "a domain that exists"),
    ("EMAIL_ADDRESS", "a@example.invalid", False, "one that does not"),
]


@pytest.mark.parametrize(("entity", "text", "looks", "why"), LOOKS)
def test_looks_real(entity: str, text: str, looks: bool, why: str) -> None:
    assert looks_real(entity, text) is looks, why
