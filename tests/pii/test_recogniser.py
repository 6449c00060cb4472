"""The recogniser: a table of what is and is not found, the gates against none, and Presidio against a direct call."""

from __future__ import annotations

import itertools
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.pii import ENTITIES
from curate.pii.normal import normal
from curate.pii.recogniser import ChineseRecognizer, analyzer_engine, resolve
from curate.pii.rules import Hit, Rule, labels, rules

from .test_entities import CASES as LED_CASES
from .values import CARD, CARD_19, ID, ID_X, MOBILE, USCC, VISA, card, credit_code, id_card, ids, texts

WIDE = "".join(chr(ord(c) + 0xFEE0) for c in MOBILE)
WRONG_ID = ID[:-1] + ("0" if ID[-1] != "0" else "1")
IMEI = card("35000000000000")
ID_15 = "110199850607123"

CASES: dict[str, list[tuple[str, str | None, str]]] = {
    "CN_ID_CARD": [
        (f"身份证号：{ID}。", ID, "behind its word"),
        (f"号码{ID}号", ID, "Han on both sides, where \\b fails"),
        (f"公民身份号码 {ID_X}", ID_X, "check digit X"),
        (f"证件号{ID_X.lower()}", ID_X.lower(), "check digit in lower case"),
        (f"{ID[:6]} {ID[6:14]} {ID[14:]}", f"{ID[:6]} {ID[6:14]} {ID[14:]}", "in groups"),
        (f"{ID[:6]}-{ID[6:14]}-{ID[14:]}", f"{ID[:6]}-{ID[6:14]}-{ID[14:]}", "with hyphens"),
        (f"2024 {ID} 12", ID, "other numbers beside it"),
        (f"2024 {ID[:14]} {ID[14:]}", f"{ID[:14]} {ID[14:]}", "the number before makes 18 digits with its first part"),
        (f"订单号：{ID}", ID, "even as an order number: all checks passing is no chance"),
        (f"身份证{ID_15}", ID_15, "15 digits behind its word"),
        (f"记录 {ID_15}", None, "15 digits without a word"),
        (f"账号{ID_15}", None, "15 digits as an account"),
        (f"身份证：{WRONG_ID}", None, "wrong check digit"),
        (f"X{ID}", None, "part of a longer code"),
        (f"{ID}5", None, "19 digits"),
        ("身份证：" + id_card("99010119900101123"), None, "no such province"),
        ("流水 20240101123045678901", None, "20 digits of a time"),
        ("110101********1234", None, "already masked"),
        (f"{ID[:6]}\n{ID[6:]}", f"{ID[:6]}\n{ID[6:]}", "at the end of a line"),
        (
            f"身份证 {ID_15[:6]} {ID_15[6:12]} {ID_15[12:]}",
            f"{ID_15[:6]} {ID_15[6:12]} {ID_15[12:]}",
            "15 digits in groups",
        ),
        ("永居证" + id_card("91184019900101123"), id_card("91184019900101123"), "permanent residence, 2023"),
        ("居住证" + id_card("81000019900101123"), id_card("81000019900101123"), "people of Hong Kong"),
    ],
    "CN_MOBILE": [
        (f"电话{MOBILE}号", MOBILE, "Han on both sides, where \\b fails"),
        (MOBILE, MOBILE, "alone"),
        (f"+86 {MOBILE}", f"+86 {MOBILE}", "with the country"),
        (f"0086{MOBILE}", f"0086{MOBILE}", "with the country, dialled"),
        (f"86{MOBILE}", f"86{MOBILE}", "with the country, bare"),
        ("174-7000-1234", "174-7000-1234", "3-4-4 with hyphens"),
        ("174 7000 1234", "174 7000 1234", "3-4-4 with spaces"),
        ("1747 000 1234", "1747 000 1234", "4-3-4"),
        ("174.7000.1234", "174.7000.1234", "dots"),
        (f"手机（{WIDE}）", WIDE, "full width"),
        ("174\u200b7000\u200b1234", "174\u200b7000\u200b1234", "zero-width characters inside"),
        (f"Tel{MOBILE}", MOBILE, "glued to Tel"),
        (f"手机 0{MOBILE}", f"0{MOBILE}", "the 0 once dialled, behind a word"),
        (f"订单的手机{MOBILE}", MOBILE, "the nearest word decides"),
        (f"编号手机{MOBILE}", MOBILE, "so it does within four characters"),
        (f"1.{MOBILE}", MOBILE, "second column of a numbered list"),
        (f"￥100，{MOBILE}", MOBILE, "behind an amount"),
        (f"2024-01-01 {MOBILE}", MOBILE, "behind a date"),
        (f"订单号：{MOBILE}", None, "an order"),
        (f"工单编号{MOBILE}", None, "a work order"),
        (f"批号 {MOBILE}", None, "a batch"),
        (f"编号：{MOBILE}", None, "a number of something"),
        (f"￥{MOBILE}", None, "money"),
        (f"{MOBILE}元", None, "money"),
        (f"累计流量{MOBILE}立方米", None, "a quantity"),
        (f"0.{MOBILE}", None, "a decimal"),
        (f"9{MOBILE}", None, "part of a longer number"),
        (f"{MOBILE}a", None, "part of a code"),
        ("15400001234", None, "a segment that does not exist"),
        ("42120170001", None, "from the footer of a licence"),
        ("174747.0001234", None, "not grouped as a number is"),
        ("手机174\n70001234", "174\n70001234", "at the end of a line"),
        ("1747000\n1234", "1747000\n1234", "at the end of a line, later"),
        ("174\n7000\n1234", None, "a column of a table"),
    ],
    "CN_LANDLINE": [
        ("0851-85000000", "0851-85000000", "with hyphen"),
        ("（0851）85000000", "（0851）85000000", "full-width brackets"),
        ("0851-8500 0000", "0851-8500 0000", "in groups"),
        ("010 85000000", "010 85000000", "Beijing"),
        ("0851—85000000", "0851—85000000", "a dash for a hyphen"),
        ("0851-85000000转801", "0851-85000000转801", "extension"),
        ("0851-85000000-801", "0851-85000000-801", "extension behind a hyphen"),
        ("+86 851 85000000", "+86 851 85000000", "from abroad"),
        ("电话：085185000000", "085185000000", "nothing between, behind its word"),
        ("电话：85000000", "85000000", "local, right behind its word"),
        ("传真：8500000", "8500000", "local, seven digits"),
        ("Fax0851-85000000", "0851-85000000", "glued to Fax"),
        ("电话085185000000转分机801", "085185000000转分机801", "nothing between, extension"),
        ("共085185000000件", None, "nothing between and no word"),
        ("产量85000000", None, "a figure"),
        ("电话回访时间：20240101", None, "a date behind the word"),
        ("电话会议2019-2023", None, "years behind the word"),
        ("0299-85000000", None, "no such area code"),
        ("010-8500000", None, "one digit short"),
        ("3.085185000000", None, "a decimal"),
        ("编号0851-85000000", None, "a number of something"),
        ("电话110", None, "emergency"),
        ("12345热线", None, "hotline"),
    ],
    "PUBLIC_PHONE": [
        ("400-123-4567", "400-123-4567", "service number"),
        ("4001234567", "4001234567", "without hyphens"),
        ("400 1234 567", "400 1234 567", "other groups"),
        ("客服热线400-1234567。", "400-1234567", "other groups"),
        ("800-810-0000", "800-810-0000", "free of charge"),
        ("4 0 0".replace(" ", "") + "－123－4567", "400－123－4567", "full-width hyphens"),
        ("+86 400 123 4567", "+86 400 123 4567", "from abroad"),
        ("0851-12345", "0851-12345", "the city's hotline"),
        ("（0851）12315", "（0851）12315", "complaints"),
        ("010-95588", "010-95588", "a bank"),
        ("400-123-456", None, "one digit short"),
        ("400-123-45678", None, "one digit long"),
        ("编号：4001234567", None, "a number of something"),
        ("￥4001234567", None, "money"),
        ("0299-12345", None, "no such area code"),
        ("010103010.xhp", None, "name of a file"),
        ("a4001234567", None, "part of a code"),
    ],
    "EMAIL_ADDRESS": [
        ("邮箱zhang.san@example.com。", "zhang.san@example.com", "Han on both sides stay out"),
        ("zhang@example.com.cn", "zhang@example.com.cn", "two labels"),
        ("＜ｚｈａｎｇ＠ｅｘａｍｐｌｅ．ｃｏｍ＞", "ｚｈａｎｇ＠ｅｘａｍｐｌｅ．ｃｏｍ", "full width"),
        ("info@example.org", "info@example.org", "role boxes too"),
        ("mailto:a_b-c+d@example.net", "a_b-c+d@example.net", "signs in the local part"),
        (f"{MOBILE}@163.com", f"{MOBILE}@163.com", "a number as the name: one find"),
        (f"电话{MOBILE}@163.com", f"{MOBILE}@163.com", "even where the number is announced"),
        ("...zhang@example.com", "zhang@example.com", "dots before it"),
        ("a@example.com,b", "a@example.com", "comma behind it"),
        ("订单号：zhang@example.com", "zhang@example.com", "in the place of an order number"),
        ("1.zhang@example.com", "1.zhang@example.com", "glued to a list's number"),
        ("user@host.local", None, "no top-level domain"),
        ("@Override", None, "decorator"),
        ("a @ example.com", None, "spaces"),
        ("pkg@1.2.3", None, "version"),
        ("a@b", None, "no dot"),
        ("张@例子.中国", None, "not ASCII"),
    ],
    "BANK_CARD": [
        (f"卡号{CARD}", CARD, "UnionPay, 16 digits"),
        (CARD_19, CARD_19, "UnionPay, 19 digits, no word"),
        (
            "卡号：" + " ".join(CARD[i : i + 4] for i in range(0, 16, 4)),
            " ".join(CARD[i : i + 4] for i in range(0, 16, 4)),
            "groups",
        ),
        (
            "卡号：" + "-".join(CARD_19[i : i + 4] for i in range(0, 19, 4)),
            "-".join(CARD_19[i : i + 4] for i in range(0, 19, 4)),
            "groups of a long number",
        ),
        (
            " ".join(CARD[i : i + 4] for i in range(0, 16, 4)) + " 123",
            " ".join(CARD[i : i + 4] for i in range(0, 16, 4)),
            "a number behind it",
        ),
        (f"信用卡 {VISA}", VISA, "Visa behind its word"),
        ("账号：378282246310005", "378282246310005", "American Express"),
        ("银行卡 3782 822463 10005", "3782 822463 10005", "American Express in its groups"),
        ("开户行某支行，账户 5555555555554444", "5555555555554444", "Mastercard, word further off"),
        ("卡号 622200 0000000000123".replace("0000000000123", CARD_19[6:]), f"622200 {CARD_19[6:]}", "issuer and rest"),
        (
            "卡号" + "".join(chr(ord(c) + 0xFEE0) for c in CARD),
            "".join(chr(ord(c) + 0xFEE0) for c in CARD),
            "full width",
        ),
        (VISA, None, "Visa without a word: a tenth of numbers pass"),
        (f"| 李某 | {VISA} |", VISA, "Visa alone in a cell of a table"),
        (f"李某\t{VISA}\t是", VISA, "the same between tabs"),
        (f"| 订单{VISA} |", None, "not alone in it"),
        (f"卡号{CARD[:-1]}{(int(CARD[-1]) + 1) % 10}", None, "wrong check digit"),
        (f"卡号{CARD[:4]}\n{CARD[4:]}", f"{CARD[:4]}\n{CARD[4:]}", "at the end of a line"),
        (f"IMEI：{IMEI}", None, "IMEI has the same check digit"),
        (f"设备{IMEI}卡", None, "IMEI: no card begins so with 15 digits"),
        (f"订单号：{CARD}", None, "an order"),
        (f"流水号 {CARD_19}", None, "a transaction"),
        (f"￥{CARD}", None, "money"),
        ("卡号9780000000002", None, "13 digits of a book"),
        (f"a{CARD}", None, "part of a code"),
    ],
    "CN_USCC": [
        (f"统一社会信用代码：{USCC}", USCC, "behind its word"),
        (f"代码{USCC}的企业", USCC, "Han on both sides"),
        (USCC, USCC, "alone"),
        (USCC.lower(), USCC.lower(), "lower case"),
        ("税号" + credit_code("92520199MA6ABCDE2"), credit_code("92520199MA6ABCDE2"), "a trader's"),
        (credit_code("12520199000000123"), credit_code("12520199000000123"), "an institution's, digits only"),
        (credit_code("N2520199MF0000001"), credit_code("N2520199MF0000001"), "a village cooperative's"),
        (credit_code("11100000000012345"), credit_code("11100000000012345"), "an office of the state"),
        ("".join(chr(ord(c) + 0xFEE0) for c in USCC), "".join(chr(ord(c) + 0xFEE0) for c in USCC), "full width"),
        (USCC[:-1] + ("0" if USCC[-1] != "0" else "1"), None, "wrong check character"),
        (credit_code("91990199MA6ABCDE1"), None, "no such province"),
        (credit_code("71520199MA6ABCDE1"), None, "no such office"),
        (f"A{USCC}", None, "part of a longer code"),
        (ID, None, "an ID card is none"),
        (USCC.replace("A", "I"), None, "I is not in the alphabet"),
    ],
    "CN_PLATE": [
        ("车牌贵A12345", "贵A12345", "plain"),
        ("贵A·12345", "贵A·12345", "with the dot of the plate"),
        ("贵A 12345", "贵A 12345", "with a space"),
        ("川·A12345", "川·A12345", "dot behind the province"),
        ("京AD01234", "京AD01234", "new energy, small"),
        ("京A01234D", "京A01234D", "new energy, large"),
        ("粤Z1234港", "粤Z1234港", "cross-border"),
        ("贵A1234学", "贵A1234学", "learner"),
        ("贵A1234挂", "贵A1234挂", "trailer"),
        ("贵Ａ１２３４５", "贵Ａ１２３４５", "full width"),
        ("在贵A0B123停放", "贵A0B123", "a letter among the digits"),
        ("停放的云A12345", None, "a sign that is a word, none for it near enough to the front"),
        ("车牌号云A12345", "云A12345", "a sign that is a word, behind its word"),
        ("，云A12345，", "云A12345", "no Han before it, so it ends no word"),
        ("一辆云A12345货车", "云A12345", "a vehicle behind it"),
        ("渝GB12345", "渝GB12345", "though GB12345 is a standard"),
        ("号牌号码 新GB1234", "新GB1234", "a sign that is a word, right behind its word"),
        ("粤A股票", None, "shares"),
        ("华为云CCE2023", None, "a product"),
        ("新GB18030标准", None, "a standard"),
        ("贵A1234", None, "too short"),
        ("贵A123456", None, "too long"),
        ("贵I12345", None, "there is no I"),
        ("贵AABCDE", None, "letters only"),
        ("京A1O234", None, "no O either"),
    ],
}

NEVER = [
    ("GB/T 1234-2020", "standard"),
    ("DL/T 5210.1-2012", "standard"),
    ("Q/GZ 001-2023", "enterprise standard"),
    ("GB 11643-1999《公民身份号码》", "the standard of ID cards, its word behind it"),
    ("TC609-5-2025-01", "technical committee"),
    ("黔府办发〔2024〕12号", "document"),
    ("ISBN 978-7-111-00000-6", "book"),
    ("ISSN 1000-0000", "serial"),
    ("黔ICP备13000573号-1", "record of a website"),
    ("鄂公网安备 42010602000206號", "record of a website"),
    ("京B2-20090059", "licence"),
    ("ZL 2010 1 0123456.7", "patent"),
    ("CN102345678A", "patent"),
    ("投资6,200,000,000元", "money"),
    ("2024-01-01 12:30:45", "time"),
    ("20240101123045", "time"),
    ("1700000000000", "time of a computer"),
    ("106.6302341,26.6470612", "coordinates"),
    ("3.14159265358979323846", "a constant"),
    ("13000573", "licence"),
    ("pedaily2012", "account of a publisher"),
    ("192.168.100.101", "address of a machine"),
    ("批次2024-0000-1234-5678", "batch"),
]


@pytest.mark.parametrize(
    ("entity", "text", "expected", "why"), [(entity, *row) for entity, table in CASES.items() for row in table]
)
def test_table(recognizer: ChineseRecognizer, entity: str, text: str, expected: str | None, why: str) -> None:
    found = [text[hit.start : hit.end] for hit in recognizer.hits(text) if hit.entity == entity]
    assert found == ([] if expected is None else [expected]), why


def test_every_entity_has_a_table_with_both_sides() -> None:
    assert {*CASES, *LED_CASES} == set(ENTITIES)
    for table in (*CASES.values(), *LED_CASES.values()):
        assert len(table) >= 7
        assert {expected is None for _, expected, _ in table} == {True, False}


@pytest.mark.parametrize(("text", "what"), NEVER)
def test_safe_numbers_are_never_found(recognizer: ChineseRecognizer, text: str, what: str) -> None:
    assert recognizer.hits(text) == [], what
    assert recognizer.hits(f"联系电话见{text}，卡号无。") == [], what


def test_names_are_those_of_the_table() -> None:
    assert tuple(sorted({rule.row.entity for rule in rules()})) == ENTITIES
    assert set(ENTITIES) <= set(labels())


@given(ids)
def test_an_id_card_is_never_a_credit_code(recognizer: ChineseRecognizer, number: str) -> None:
    hits = recognizer.hits(f"代码 {number}")
    assert [hit.entity for hit in hits] == ["CN_ID_CARD"]


def test_offsets_are_code_points(recognizer: ChineseRecognizer) -> None:
    text = f"𠮷😀：{WIDE}\r\n，{MOBILE}"
    assert [text[h.start : h.end] for h in recognizer.hits(text)] == [WIDE, MOBILE]


@given(st.text())
def test_normal_form_has_the_same_length(text: str) -> None:
    assert len(normal(text)) == len(text)


def naive(recognizer: ChineseRecognizer, text: str) -> list[Hit]:
    """All patterns over the whole text, no gates."""
    plain = normal(text)
    candidates: list[tuple[Rule, Hit]] = [(rule, hit) for rule in rules() for hit in rule.hits(plain)]
    return recognizer.decide(plain, candidates)


@settings(max_examples=400)
@given(texts)
def test_gates_lose_nothing(text: str) -> None:
    for least in (0.5, 0.0):
        recognizer = ChineseRecognizer(least)
        assert recognizer.hits(text) == naive(recognizer, text)


@settings(max_examples=60)
@given(texts)
def test_finds_do_not_overlap(text: str) -> None:
    hits = ChineseRecognizer(0.0).hits(text)
    assert all(a.end <= b.start for a, b in itertools.pairwise(hits))


OVERLAPS = [
    ([Hit("A", 0, 5, 0.9), Hit("B", 3, 6, 0.5, rank=2)], "B", "a check before everything"),
    ([Hit("A", 0, 9, 0.9), Hit("B", 3, 6, 0.5, rank=1)], "B", "a word before length"),
    ([Hit("A", 0, 5, 0.6), Hit("B", 3, 6, 0.9)], "A", "the longer before the surer"),
    ([Hit("A", 0, 5, 0.6), Hit("B", 3, 8, 0.9)], "B", "the surer of equals"),
    ([Hit("A", 0, 5, 0.6), Hit("B", 3, 8, 0.6)], "A", "the first of equals"),
    ([Hit("A", 0, 5, 0.6), Hit("B", 5, 8, 0.6)], "AB", "neighbours do not overlap"),
    ([Hit("A", 0, 5, 0.6), Hit("B", 4, 12, 0.6), Hit("C", 11, 14, 0.6)], "B", "one over two"),
    ([Hit("A", 0, 3, 0.6), Hit("B", 2, 5, 0.6, rank=2), Hit("C", 5, 7, 0.6)], "BC", "only those it touches"),
]


@pytest.mark.parametrize(("hits", "kept", "why"), OVERLAPS)
def test_overlaps(hits: list[Hit], kept: str, why: str) -> None:
    assert "".join(hit.entity for hit in resolve(hits)) == kept, why
    assert resolve(reversed(hits)) == resolve(hits)


ENGINE = analyzer_engine()


@settings(max_examples=100, deadline=None)
@given(texts)
def test_presidio_engine_and_direct_call_agree(text: str) -> None:
    direct = {(r.entity_type, r.start, r.end, r.score) for r in ChineseRecognizer().analyze(text)}
    assert {(r.entity_type, r.start, r.end, r.score) for r in ENGINE.analyze(text, "zh")} == direct


def test_presidio_engine_can_be_asked_for_some() -> None:
    text = f"电话{MOBILE}，卡号{CARD}"
    found = ENGINE.analyze(text, "zh", entities=["BANK_CARD"])
    assert [(r.entity_type, text[r.start : r.end]) for r in found] == [("BANK_CARD", CARD)]
    assert sorted(ENGINE.get_supported_entities("zh")) == list(ENTITIES)


HARD = [
    "1.2.3." * 15_000,
    "12:" * 30_000,
    "ab-" * 30_000,
    "密码：" * 30_000,
    "QQ" * 50_000,
    "eyJ_" * 25_000,
    "-----BEGIN PRIVATE KEY-----" * 3_000,
    "出生一九" * 25_000,
    "106.6000," * 10_000,
    "26°36′" * 15_000,
    "A1234567" * 12_000,
    "通行证(((((((" * 10_000,
    "GB 1.1.1.1-" * 9_000,
    "1 " * 40_000,
    "138-" * 20_000,
    "a" * 100_000 + "@",
    "a." * 50_000 + "@b.c",
    "贵A" * 40_000,
    "+86 " * 20_000,
    f"{MOBILE}," * 5_000,
]


@pytest.mark.parametrize("text", HARD, ids=[text[:6] for text in HARD])
def test_hard_texts_take_no_more_than_linear_time(recognizer: ChineseRecognizer, text: str) -> None:
    start = time.process_time()
    recognizer.hits(text)
    assert time.process_time() - start < 3
