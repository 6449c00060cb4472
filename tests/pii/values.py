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


words = st.sampled_from(
    [
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
        "\u3000",
        "\u200b",
    ]
)
values = st.one_of(
    ids,
    mobiles.flatmap(spaced),
    cards,
    codes,
    emails,
    landlines,
    plates,
    st.just("400-123-4567"),
    st.just("0851-12345"),
    st.just("(0851) -12345"),
)
glued = st.lists(st.one_of(words, values, st.text("0123456789- @.()A一转", max_size=12)), max_size=14).map("".join)
parted = st.lists(st.tuples(words, values).map(lambda both: "".join(both) + "，"), max_size=6).map("".join)
texts = st.one_of(glued, parted)
"""Running text with everything in it, half of it glued together as no author would."""
