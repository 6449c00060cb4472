"""The second detector: plain patterns of its own, and names on which two others agree."""

from __future__ import annotations

import pytest
from hypothesis import given

from curate.pii.second import remaining
from curate.pii.second_names import count_names

from .values import CARD, ID, MOBILE, texts


@pytest.mark.parametrize(
    ("text", "expected", "why"),
    [
        (f"电话{MOBILE}", {"CN_MOBILE": 1}, "a mobile number"),
        (f"电话 {MOBILE[:3]}-{MOBILE[3:7]}-{MOBILE[7:]}", {"CN_MOBILE": 1}, "with hyphens"),
        ("电话" + "".join(chr(ord(c) + 0xFEE0) for c in MOBILE), {"CN_MOBILE": 1}, "in full width"),
        (f"订单{MOBILE}", {}, "a word against it"),
        (f"{MOBILE}1", {}, "part of a longer number"),
        (f"身份证{ID}", {"CN_ID_CARD": 1}, "an identity card"),
        (f"身份证{ID[:-1]}{'1' if ID[-1] != '1' else '2'}", {}, "with a wrong check digit"),
        (f"卡号{CARD}", {"BANK_CARD": 1}, "a bank card"),
        ("邮箱 someone@mail.cn", {"EMAIL_ADDRESS": 1}, "a mail address"),
        ("邮箱 someone@a.invalid", {}, "a made-up one"),
        ("电话174****1234，身份证11****************", {}, "masked"),
        ("<手机号>，<姓名_bcdfghjkmnpqrtvwbc>", {}, "labels and tokens"),
        ("", {}, "empty"),
    ],
)
def test_numbers(text: str, expected: dict[str, int], why: str) -> None:
    assert remaining([text], names=False) == [expected], why


NAMES = [
    ("联系人张伟芳和王建国师傅一起检查了窖池。", 2, "two"),
    ("张**和王**一起检查了窖池。", 0, "masked"),
    ("高温制曲之后入窖发酵。", 0, "no name"),
    ("", 0, "empty"),
]


@pytest.mark.parametrize(("text", "expected", "why"), NAMES, ids=[why for *_, why in NAMES])
def test_names(text: str, expected: int, why: str) -> None:
    assert count_names([text]) == [expected], why


def test_names_do_not_depend_on_the_texts_beside_them() -> None:
    some = [text for text, *_ in NAMES]
    assert count_names(some) == [expected for _, expected, _ in NAMES]
    assert count_names(some[::-1] * 3) == [expected for _, expected, _ in NAMES[::-1]] * 3


@given(texts)
def test_any_text(text: str) -> None:
    assert remaining([text, text], names=False)[0] == remaining([text], names=False)[0]
