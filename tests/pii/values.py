"""Invented values with valid check digits, by formulas written otherwise than in the package.

None can belong to anyone: county 110199 was never issued, no holder has the segment 1747 (libphonenumber 9.0.43 knows
1740[0-5] alone), card numbers are of ranges the schemes publish for tests, plates and organisations are made up.
"""

from __future__ import annotations

from hypothesis import strategies as st

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
PROVINCES = [
    "11",
    "12",
    "13",
    "14",
    "15",
    "21",
    "22",
    "23",
    "31",
    "32",
    "33",
    "34",
    "35",
    "36",
    "37",
    "41",
    "42",
    "43",
    "44",
    "45",
    "46",
    "50",
    "51",
    "52",
    "53",
    "54",
    "61",
    "62",
    "63",
    "64",
    "65",
]


def id_card(first: str) -> str:
    """17 digits and the check digit: the weighted sum of all 18 is 1 modulo 11 (ISO 7064)."""
    for i, last in enumerate("0123456789X"):
        if (sum(int(c) * pow(2, 17 - at, 11) for at, c in enumerate(first)) + i) % 11 == 1:
            return first + last
    raise AssertionError


def credit_code(first: str) -> str:
    """17 characters and the check character: the weighted sum of all 18 is 0 modulo 31."""
    total = sum(ALPHABET.index(c) * pow(3, at, 31) for at, c in enumerate(first))
    return first + next(c for i, c in enumerate(ALPHABET) if (total + i) % 31 == 0)


def card(first: str) -> str:
    """A card number with its check digit, found by trying."""
    double = {str(i): sum(map(int, str(2 * i))) for i in range(10)}
    body = sum(double[c] if at % 2 == 0 else int(c) for at, c in enumerate(reversed(first)))
    return first + str(-body % 10)


def hk_id_card(first: str) -> str:
    """One letter or two and six digits with the check character in brackets, found by trying."""
    for last in "0123456789A":
        values = [36] * (8 - len(first)) + [int(c, 36) for c in first + last]
        if sum((9 - at) * value for at, value in enumerate(values)) % 11 == 0:
            return f"{first}({last})"
    raise AssertionError


def tw_id_card(first: str) -> str:
    """A letter and eight digits with the check digit."""
    code = "ABCDEFGHJKLMNPQRSTUVXYWZIO".index(first[0]) + 10
    digits = [code // 10, code % 10, *map(int, first[1:])]
    return first + str(
        -sum(digit * weight for digit, weight in zip(digits, (1, 9, 8, 7, 6, 5, 4, 3, 2, 1), strict=True)) % 10
    )


def org_code(first: str) -> str:
    """Eight characters, a hyphen, and the check character of GB 11714."""
    total = sum(int(c, 36) * weight for c, weight in zip(first, (3, 7, 9, 10, 5, 8, 4, 2), strict=True))
    return f"{first}-{'0123456789X'[-total % 11]}"


def vin(number: str) -> str:
    """17 characters, the ninth replaced by the check character of GB 16735."""
    value = {c: i % 10 for i, c in enumerate("0123456789")}
    for letters in ("_ABCDEFGH", "_JKLMN_P_R", "__STUVWXYZ"):
        value |= {c: i for i, c in enumerate(letters) if c != "_"}
    total = sum(
        value[c] * weight
        for c, weight in zip(number, (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2), strict=True)
    )
    return f"{number[:8]}{'0123456789X'[total % 11]}{number[9:]}"


def wide(text: str) -> str:
    """ASCII in full width."""
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


ID = id_card("11019919900101123")
ID_X = next(n for i in range(100) if (n := id_card(f"11019919851231{i:03d}")).endswith("X"))
MOBILE = "17470001234"
CARD = card("620000000000000")
CARD_19 = card("622200000000000123")
VISA = "4111111111111111"
USCC = credit_code("91520199MA6ABCDE1")

dates = st.dates().filter(lambda d: 1900 <= d.year <= 2020).map(lambda d: d.strftime("%Y%m%d"))
ids = st.builds(
    lambda province, birth, n: id_card(f"{province}0199{birth}{n:03d}"),
    st.sampled_from(PROVINCES),
    dates,
    st.integers(0, 999),
)
mobiles = st.integers(0, 9_999_999).map(lambda n: f"1747{n:07d}")
cards = st.integers(0, 10**9).map(lambda n: card(f"620000{n:012d}"))
codes = st.builds(
    lambda office, province, org: credit_code(f"{office}{province}0199{org}"),
    st.sampled_from(["91", "92", "51", "12", "N2"]),
    st.sampled_from(PROVINCES),
    st.text(ALPHABET, min_size=9, max_size=9),
)
emails = st.builds(
    lambda name, host, top: f"{name}@{host}.{top}",
    st.from_regex(r"[a-z][a-z0-9._-]{0,8}[a-z0-9]", fullmatch=True),
    st.from_regex(r"[a-z][a-z0-9]{1,8}", fullmatch=True),
    st.sampled_from(["com", "com.cn", "org", "gov.cn"]),
)
landlines = st.builds(
    lambda code, sign, n: f"{code}{sign}{n}",
    st.sampled_from(["0851", "010", "0755"]),
    st.sampled_from(["-", " ", "－", ") -", " — "]),
    st.integers(21_000_000, 89_999_999),
)
plates = st.builds(
    lambda sign, city, n: f"{sign}{city}{n}",
    st.sampled_from("贵京沪川"),
    st.sampled_from(["A", "B·", "C "]),
    st.sampled_from(["12345", "0A123", "D01234", "01234F", "123学"]).filter(lambda s: len(s) >= 5),
)


def spaced(number: str) -> st.SearchStrategy[str]:
    """The number as people write it: in full width, or in groups."""
    wide = "".join(chr(ord(c) + 0xFEE0) for c in number)
    return st.sampled_from([number, wide, f"{number[:3]}-{number[3:7]}-{number[7:]}", f"{number[:3]} {number[3:]}"])


WORDS = [
    "手机",
    "电话：",
    "身份证号",
    "订单号：",
    "编号",
    "批号",
    "GB/T",
    "1234-2020",
    "￥",
    "元",
    "。",
    "，",
    "、",
    "(",
    "）",
    "-",
    "·",
    ".",
    "2024",
    "2024-01-01",
    "12",
    "7",
    "0",
    "x",
    "A",
    "贵A",
    "新",
    "@",
    "转",
    "\n",
    "卡号",
    "车牌",
    "的",
    "微信",
    "QQ：",
    "密码",
    "出生",
    "生，",
    "IP",
    "MAC：",
    "护照号码",
    "通行证",
    "社保卡号：",
    "公积金",
    "病历号",
    "IMEI",
    "邮编",
    "军官证",
    "车架号",
    "定位",
    ":",
    "：",
    "=",
    "为",
    "°",
    "年",
    "\u3000",
    "\u200b",
]
words = st.sampled_from(WORDS)
LED = [
    "H00000001",
    "00000001",
    hk_id_card("A000001"),
    tw_id_card("A10000000"),
    "USA110085060701",
    "E00000001",
    org_code("00000012"),
    vin("LAAAA00A000000001"),
    "520100000001",
    "203.0.113.7",
    "8.8.4.4",
    "2001:db8::1:25",
    "02:00:5E:10:00:01",
    "02-00-5e-10-00-01",
    "zhang_san99",
    "wxid_abc1234567",
    "10000001",
    "550000",
    "ZY00000001",
    "A00000001",
    "军字第0000001号",
    "1985年6月7日",
    "1985-06-07",
    "一九八五年六月七日",
    "26.600000,106.600000",
    "东经106°36′0″，北纬26°36′0″",
    card("35000000000000"),
    "460000000000001",
    card("8986000000000000001"),
    "Abcdef@1234",
    "AKIA0000000000000000",
    "sk-a1a1a1a1a1a1a1a1a1a1a1a1",
    "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----",
]
led = st.sampled_from(LED).flatmap(lambda value: st.sampled_from([value, value, wide(value)]))
values = st.one_of(
    ids,
    mobiles.flatmap(spaced),
    cards,
    codes,
    emails,
    landlines,
    plates,
    led,
    st.just("400-123-4567"),
    st.just("0851-12345"),
    st.just("(0851) -12345"),
)
glued = st.lists(st.one_of(words, values, st.text("0123456789- @.()A一转", max_size=12)), max_size=14).map("".join)
parted = st.lists(st.tuples(words, values).map(lambda both: "".join(both) + "，"), max_size=6).map("".join)
texts = st.one_of(glued, parted)
"""Running text with everything in it, half of it glued together as no author would."""
