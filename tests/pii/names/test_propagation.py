from __future__ import annotations

import numpy as np
import pytest

from curate.pii.names.profiles import profile
from curate.pii.names.propagation import worth
from curate.pii.names.rules import names_in

from .marked import marked

CASES = [
    ("⟦李小明⟧来了。李小明走了", ["李小明", "李小明"], "a name of three characters, wherever it stands"),
    ("联系人：李小明。李小明走了", ["李小明", "李小明"], "announced once"),
    ("⟦王芳⟧来了，王芳走了", ["王芳"], "two characters the network speaks against in the second place"),
    ("⟦时光⟧，时光飞逝", ["时光"], "a surname that is a word does not carry two characters"),
    (
        "客户 John Smithson，后来 John Smithson2 和 John Smithson",
        ["John Smithson", "John Smithson"],
        "Latin letters: whole words",
    ),
    (
        "@李小明联系人：李小明",
        ["李小明联系人", "李小明"],
        "a longer name of the same beginning, cut off by the end of the text",
    ),
    ("⟦史密斯⟧来了，史密斯机报警", ["史密斯"], "part of a word that is no person"),
    ("昵称：小小丸子。后来小小丸子说", ["小小丸子", "小小丸子"], "nickname"),
]


@pytest.mark.parametrize(("text", "names", "why"), CASES, ids=[why for *_, why in CASES])
def test_cases(text: str, names: list[str], why: str) -> None:
    plain, per = marked(text)
    assert [plain[h.start : h.end] for h in names_in(plain, per, profile("balanced"))] == names


def test_two_characters_again_where_the_network_hears_a_little() -> None:
    text, per = marked("⟦王芳⟧来了，王芳走了")
    per[5:7] = 0.05
    assert [h.start for h in names_in(text, per, profile("balanced"))] == [0, 5]


def test_an_unsure_name_is_not_looked_for() -> None:
    text, per = marked("有⟦李小明⟧在，李小明走了", 0.5)
    assert [h.start for h in names_in(text, per, profile("balanced"))] == [1]


def test_the_same_as_a_plain_search() -> None:
    names = [a + b + c for a in "王李张" for b in "小大" for c in "明红𠮷"]
    body = "。".join(names * 3)
    text = "".join(f"联系人：{name}\n" for name in names) + body
    hits = names_in(text, np.zeros(len(text), np.float32), profile("balanced"))
    found = {text[h.start : h.end] for h in hits if h.start >= len(text) - len(body)}
    assert found == set(names)
    assert len(hits) == 4 * len(names)


@pytest.mark.parametrize(
    ("name", "expected", "why"),
    [
        ("李小明", True, "three characters"),
        ("王芳", True, "two with a surname"),
        ("小红", False, "two without a surname"),
        ("欧阳", False, "a compound surname is no name"),
        ("时光", False, "an everyday word"),
        ("王", False, "one character"),
        ("一" * 25, False, "too long"),
    ],
)
def test_worth(name: str, expected: bool, why: str) -> None:
    assert worth(name) is expected
