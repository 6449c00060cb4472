from __future__ import annotations

import pytest

from curate.pii.names.latin import latin
from curate.pii.names.profiles import profile
from curate.pii.names.rules import names_in

from .marked import marked

CASES = [
    ("Dr. Smithson said", ["Smithson"], "a title in front"),
    ("请 Mr. Tom Smithson 签收", ["Tom Smithson"], "a title in front of two words"),
    ("客户 John Smithson 来电", ["John Smithson"], "a known given name and another word"),
    ("Zhang Wei 来电", ["Zhang Wei"], "Pinyin with a known surname"),
    ("Li Xiaoming，你好", ["Li Xiaoming"], "Pinyin, given name of two syllables"),
    ("Ouyang Xiu", ["Ouyang Xiu"], "compound surname in Pinyin"),
    ("经理⟦Kelvin⟧gton 到场", ["Kelvington"], "a word the network heard in part"),
    ("歌手⟦Ste⟧fano Qwist 演出", ["Stefano Qwist"], "one word heard brings the other"),
    ("J. R. ⟦Qwist⟧", ["J. R. Qwist"], "initials belong to the name"),
    ("Batch Normalization", [], "term in title case"),
    ("使用 Adam 优化", [], "a given name alone says nothing"),
    ("The ⟦Beatle⟧", ["Beatle"], "The is no part of a name"),
    ("import ⟦Tensor⟧.foo", [], "a word in code"),
    ("x=⟦Kernel⟧(3)", [], "a call in code"),
    ("Shanghai Pudong", [], "Pinyin whose first word is no surname"),
    ("ABC DEF", [], "capitals only"),
]


@pytest.mark.parametrize(("text", "names", "why"), CASES, ids=[why for *_, why in CASES])
def test_cases(text: str, names: list[str], why: str) -> None:
    plain, per = marked(text)
    assert [plain[a:b] for a, b, _ in latin(plain, per, profile("balanced").latin, [])] == names


def test_brackets_behind_a_han_name() -> None:
    text, per = marked("⟦波罗洛⟧（Qwist）与电压（Volt）")
    assert [text[h.start : h.end] for h in names_in(text, per, profile("balanced"))] == ["波罗洛", "Qwist"]
