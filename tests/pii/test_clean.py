"""Cleaning texts and the other fields of records."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.config import Strict
from curate.pii import ENTITIES
from curate.pii.clean import Cleaner, Counts
from curate.pii.fields import named_in_fields
from curate.pii.operators import Operators
from curate.pii.recogniser import ChineseRecognizer
from curate.pii.rules import Hit
from curate.pii.specs import Generalise, Keep, Mask, Redact

from .values import CARD, ID, MOBILE, VISA, texts

PLAN: dict[str, Strict] = {
    "ADDRESS": Redact(),
    "BANK_CARD": Mask(keep_tail=4),
    "CN_ID_CARD": Mask(keep_head=2),
    "CN_LANDLINE": Mask(keep_head=4),
    "CN_MOBILE": Mask(keep_head=3, keep_tail=4),
    "CN_PLATE": Mask(keep_head=2),
    "CN_USCC": Keep(),
    "EMAIL_ADDRESS": Mask(keep_head=1),
    "PERSON": Mask(keep_head=1),
    "PUBLIC_PHONE": Keep(),
}
MASKED: dict[str, Strict] = {entity: PLAN.get(entity, Mask()) for entity in ENTITIES}
CLEANER = Cleaner(Operators(PLAN, Path()), 0.5)

TEXTS = [
    (f"电话{MOBILE}，再说", "电话174****1234，再说", {"CN_MOBILE": 1}, "one"),
    (f"{MOBILE} {MOBILE}", "174****1234 174****1234", {"CN_MOBILE": 2}, "two beside each other"),
    (f"打400-123-4567或{MOBILE}", "打400-123-4567或174****1234", {"CN_MOBILE": 1, "PUBLIC_PHONE": 1}, "one kept"),
    ("订单号：17470001234", "订单号：17470001234", {}, "safe"),
    ("", "", {}, "empty"),
    (
        f"{MOBILE}-567890123，传真",
        "174****1234-567890123，传真",
        {"CN_MOBILE": 1},
        "what stays is looked at again, and is nothing",
    ),
]


@pytest.mark.parametrize(("text", "expected", "counted", "why"), TEXTS)
def test_text(text: str, expected: str, counted: dict[str, int], why: str) -> None:
    counts: Counts = Counter()
    assert CLEANER.text(text, counts) == expected, why
    assert {entity: n for (entity, _), n in counts.items()} == counted, why


def test_names_that_are_kept_are_counted_beside_numbers_that_are_not() -> None:
    """They are known in the first turn alone; what is found again of the second counts once."""
    text, counts = f"张伟芳电话{MOBILE}，转400-123-4567", Counts()
    cleaner = Cleaner(Operators({**PLAN, "PERSON": Keep()}, Path()), 0.5)
    assert cleaner.text(text, counts, named=[Hit("PERSON", 0, 3, 0.9)]) == "张伟芳电话174****1234，转400-123-4567"
    assert counts == {("PERSON", "keep"): 1, ("CN_MOBILE", "mask"): 1, ("PUBLIC_PHONE", "keep"): 1}


def test_names_in_fields_are_looked_for_at_once_and_not_in_declared_ones() -> None:
    asked: list[list[str]] = []

    def look(texts: Sequence[str]) -> list[list[Hit]]:
        asked.append(list(texts))
        return [[Hit("PERSON", 4, 7, 0.9)] if "张伟芳" in text else [] for text in texts]

    metas = [
        ('{"经办人": "张伟芳", "备注": "无误", "n": 1}', None),
        ('{"姓名": "张伟芳", "深": [{"经办人": "张伟芳"}]}', '{"姓名": "PERSON"}'),
        ("not json", None),
    ]
    named, held = named_in_fields(metas, look)
    assert asked == [["经办人:张伟芳", "备注:无误"]], "each value once, with its field's name before it"
    assert held == [True, True, False]
    counts = Counts()
    assert json.loads(CLEANER.meta(*metas[1], counts, named)) == {"姓名": "张**", "深": [{"经办人": "张**"}]}
    assert counts == {("PERSON", "mask"): 2}


def test_what_stays_of_neighbours_is_cleaned_too() -> None:
    # 4 digits that a mask leaves, and 12 beside them, are a card number behind its word
    plan = {**PLAN, "CN_MOBILE": Mask(keep_tail=4)}
    rest = next(n for n in range(10**6) if ChineseRecognizer().hits(f"卡号 4000-0000-0000-{n:04d}"))
    text = f"卡号 17470004000-0000-0000-{rest:04d}"
    counts: Counts = Counter()
    clean = Cleaner(Operators(plan, Path()), 0.5).text(text, counts)
    assert not ChineseRecognizer().hits(clean)
    assert {entity for entity, _ in counts} == {"BANK_CARD", "CN_MOBILE"}


def test_a_label_speaks_for_no_number_behind_it() -> None:
    plan = {**PLAN, "CN_LANDLINE": Redact(), "CN_ID_CARD": Generalise()}
    text = f"传真0851-85000000，20241234；{ID}，{VISA}，110199850607123"
    clean = Cleaner(Operators(plan, Path()), 0.5).text(text, Counter())
    assert clean == f"传真<固定电话>，20241234；<身份证号 北京市 1990年>，{VISA}，110199850607123"


@settings(max_examples=250)
@given(texts, st.sampled_from([0.3, 0.5, 0.8]))
def test_a_second_look_finds_only_what_is_kept(text: str, least: float) -> None:
    clean = Cleaner(Operators(MASKED, Path()), least).text(text, Counter())
    left = {hit.entity for hit in ChineseRecognizer(least).hits(clean)}
    assert left <= {"CN_USCC", "PUBLIC_PHONE"}
    assert len(clean) == len(text)


META: list[tuple[Any, dict[str, str] | None, Any, dict[str, int], str]] = [
    ({"备注": f"电话{MOBILE}"}, None, {"备注": "电话174****1234"}, {"CN_MOBILE": 1}, "a string"),
    ({"备注": int(MOBILE)}, None, {"备注": "174****1234"}, {"CN_MOBILE": 1}, "a number"),
    ({"备注": float(MOBILE)}, None, {"备注": "174****1234.0"}, {"CN_MOBILE": 1}, "a float"),
    ({"a": {"b": [1, MOBILE]}}, None, {"a": {"b": [1, "174****1234"]}}, {"CN_MOBILE": 1}, "deeper"),
    ({"电话": "85000000"}, None, {"电话": "8500****"}, {"CN_LANDLINE": 1}, "its field's name is its word"),
    ({"卡号": VISA}, None, {"卡号": "*" * 12 + VISA[-4:]}, {"BANK_CARD": 1}, "its field's name is its word"),
    ({"订单号": MOBILE}, None, {"订单号": MOBILE}, {}, "its field's name says it is safe"),
    ({"n": 12, "b": True, "x": None}, None, {"n": 12, "b": True, "x": None}, {}, "nothing in it"),
    ({MOBILE: 1}, None, {"174****1234": 1}, {"CN_MOBILE": 1}, "a field's name"),
    (
        {"17470001234": 1, "17479991234": 2},
        None,
        {"174****1234": 1, "174****1234 #2": 2},
        {"CN_MOBILE": 2},
        "two names that become one",
    ),
    ({"客户": "张三"}, {"客户": "PERSON"}, {"客户": "张*"}, {"PERSON": 1}, "declared"),
    ({"客户": "张三", "别的": "李四"}, {"客户": "PERSON"}, {"客户": "张*", "别的": "李四"}, {"PERSON": 1}, "only that"),
    ({"住": "贵阳市某路1号"}, {"住": "ADDRESS"}, {"住": "<地址>"}, {"ADDRESS": 1}, "declared address"),
    ({"工号": 17}, {"工号": "STAFF_NO"}, {"工号": "<STAFF_NO>"}, {"STAFF_NO": 1}, "an entity we do not know"),
    ({"电话": 85123}, {"电话": "CN_MOBILE"}, {"电话": "*****"}, {"CN_MOBILE": 1}, "whatever it holds"),
    ({"客户": ["张三", "李四"]}, {"客户": "PERSON"}, {"客户": ["张*", "李*"]}, {"PERSON": 2}, "a list"),
    (
        {"客户": {"名": "张三"}},
        {"客户": "PERSON"},
        {"客户": "{" + "*" * 10},
        {"PERSON": 1},
        "an object",
    ),
    ({"客户": None}, {"客户": "PERSON"}, {"客户": None}, {}, "nothing in it"),
    ({"客户": ""}, {"客户": "PERSON"}, {"客户": ""}, {}, "empty"),
    ({"别的": 1}, {"客户": "PERSON"}, {"别的": 1}, {}, "declared but absent"),
    (
        {"服务": f"400-123-4567，{MOBILE}"},
        {"服务": "PUBLIC_PHONE"},
        {"服务": "400-123-4567，174****1234"},
        {"PUBLIC_PHONE": 2, "CN_MOBILE": 1},
        "kept, but others in it are not",
    ),
    ([MOBILE], None, ["174****1234"], {"CN_MOBILE": 1}, "no object"),
    (
        {"n": int(CARD) * 1000, "s": MOBILE},
        None,
        {"n": int(CARD) * 1000, "s": "174****1234"},
        {"CN_MOBILE": 1},
        "19 digits stay exact",
    ),
]


@pytest.mark.parametrize(("fields", "personal", "expected", "counted", "why"), META)
def test_meta(fields: Any, personal: dict[str, str] | None, expected: Any, counted: dict[str, int], why: str) -> None:
    counts: Counts = Counter()
    meta = json.dumps(fields, ensure_ascii=True)
    clean = CLEANER.meta(meta, None if personal is None else json.dumps(personal), counts)
    assert json.loads(clean) == expected, why
    assert {entity: n for (entity, _), n in counts.items()} == counted, why
    if expected == fields:
        assert clean == meta, "unchanged to the byte"


def test_meta_that_is_no_json_is_text() -> None:
    assert CLEANER.meta(f"{{电话 {MOBILE}", None, Counter()) == "{电话 174****1234"


def test_meta_with_half_a_surrogate_pair_stays_utf8() -> None:
    meta = '{"a":"\\ud800","b":"' + MOBILE + '"}'
    clean = CLEANER.meta(meta, None, Counter())
    assert clean.encode()
    assert json.loads(clean) == {"a": "\ud800", "b": "174****1234"}


def test_no_value_is_counted() -> None:
    counts: Counts = Counter()
    CLEANER.meta(json.dumps({"a": f"{MOBILE} {ID} a@example.com"}), '{"b": "PERSON"}', counts)
    assert sorted(counts) == [("CN_ID_CARD", "mask"), ("CN_MOBILE", "mask"), ("EMAIL_ADDRESS", "mask")]
