from __future__ import annotations

import itertools
import re
import sys
import types

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.pii.names import anchored, forms, latin, likely, propagation, rules, words
from curate.pii.names.profiles import profile
from curate.pii.names.rules import Figures, names_in

from .marked import marked

CASES = [
    ("昨天⟦李小明⟧来了", ["李小明"], "what the network is sure of"),
    ("⟦张三⟧，⟦李四⟧", ["张三", "李四"], "a comma parts two names"),
    ("⟦王小明\n李小红⟧", ["王小明", "李小红"], "a line break parts two names"),
    ("患⟦于帕金森⟧病", [], "a disease's name is no person, nor is what leads to it"),
    ("服用⟦卡马西平⟧片", [], "drug"),
    ("去⟦沃尔玛⟧买", [], "brand"),
    ("买了⟦李宁⟧鞋", [], "brand that could be a name"),
    ("记者⟦李宁⟧", ["李宁"], "the same, with a role in front"),
    ("⟦阿森纳⟧胜了", [], "club"),
    ("⟦高斯⟧消元", [], "eponym"),
    ("按⟦李雅普诺⟧定理", [], "a fixed term"),
    ("⟦北齐⟧灭亡后", [], "dynasty"),
    ("⟦许可⟧证管理", [], "part of a word on the list"),
    ("读《⟦李小明⟧传》", [], "title of a work"),
    ("《⟦李小明⟧与⟦王芳⟧离婚纠纷案》", ["李小明", "王芳"], "a paper about persons is no work"),
    ("⟦威廉⟧二世到访", ["威廉二世"], "the number belongs to the name"),
    ("⟦巧言⟧·葛力马", ["巧言·葛力马"], "what stands behind the dot belongs to the name"),
    ("⟦于布赖滕费尔德⟧再战", ["布赖滕费尔德"], "于 at the front is the sentence's"),
    ("⟦\u200b⟧空⟦。⟧", [], "signs that are no Han characters"),
    ("⟦王🌸芳⟧", ["王", "芳"], "an emoji inside: both sides, offsets in code points"),
    ("⟦张⟧　伟　⟦李⟧ 娜 王建", ["张　伟", "李 娜"], "a list of names with spaces inside"),
    ("⟦张⟧ 伟大", ["张"], "the word behind the space is longer than a given name of one character"),
    ("⟦𠮷田㛃⟧到了", ["𠮷田㛃"], "characters beyond the first plane"),
    ("姓名：张⟦三⟧丰", ["张三丰"], "the network hears one character of what a rule found"),
    ("姓名：⟦王芳⟧芳", ["王芳芳"], "a rule and the network overlap: all that either covers"),
]


@pytest.mark.parametrize(("text", "names", "why"), CASES, ids=[why for *_, why in CASES])
def test_cases(text: str, names: list[str], why: str) -> None:
    plain, per = marked(text)
    assert [plain[h.start : h.end] for h in names_in(plain, per, profile("balanced"))] == names


def test_a_given_name_takes_its_second_character_where_the_network_hears_a_little() -> None:
    text, per = marked("⟦王小⟧明来了，⟦王小⟧吃了")
    per[2] = 0.05
    assert [text[h.start : h.end] for h in names_in(text, per, profile("balanced"))] == ["王小明", "王小"]


FIXED = [
    ("⟦李雅普⟧定理", [], "a fixed term, where the network is not sure"),
    ("⟦李雅普⟧说", ["李雅普"], "the same, speaking"),
    ("位于⟦李雅普⟧市", [], "a place"),
    ("⟦李雅普⟧手术后", ["李雅普"], "a word of terms that is said of persons too"),
    ("记者⟦李雅普⟧", ["李雅普"], "a role in front"),
]


@pytest.mark.parametrize(("text", "names", "why"), FIXED, ids=[why for *_, why in FIXED])
def test_words_around_weigh_where_the_network_is_unsure(text: str, names: list[str], why: str) -> None:
    plain, per = marked(text, 0.6)
    assert [plain[h.start : h.end] for h in names_in(plain, per, profile("balanced"))] == names


FIGURES: list[tuple[str, Figures, list[str], str]] = [
    ("⟦孔子⟧曰", "mask", ["孔子"], "masked like all others unless a policy says otherwise"),
    ("⟦孔子⟧曰", "keep", [], "kept"),
    ("邻居⟦李白⟧来了", "role", ["李白"], "no public role beside the name"),
    ("诗人⟦李白⟧写道", "role", [], "a public role before the name"),
    ("⟦李小白⟧诗人", "keep", ["李小白"], "not on the list"),
]


@pytest.mark.parametrize(("text", "policy", "names", "why"), FIGURES, ids=[why for *_, why in FIGURES])
def test_persons_of_history(text: str, policy: Figures, names: list[str], why: str) -> None:
    plain, per = marked(text)
    assert [plain[h.start : h.end] for h in names_in(plain, per, profile("balanced"), policy)] == names


def test_rank_and_score() -> None:
    text, per = marked("联系人：⟦王芳⟧。⟦李小明⟧在")
    told, heard = names_in(text, per, profile("balanced"))
    assert (told.rank, heard.rank) == (1, 0)
    assert told.entity == heard.entity == "PERSON"
    assert 0 < heard.score < told.score <= 1


def test_profiles_miss_less_in_their_order() -> None:
    text, per = marked("有⟦李小明⟧在", 0.2)
    found = {name: len(names_in(text, per, profile(name))) for name in ("fast", "balanced", "recall")}
    assert found == {"fast": 0, "balanced": 0, "recall": 1}


PIECES = st.sampled_from(
    [
        "联系人：",
        "姓名",
        "王",
        "李小明",
        "欧阳",
        "某",
        "××",
        "**",
        "·",
        "买买提",
        "先生",
        "，男，",
        "@",
        "Dr. ",
        "John ",
        "Li ",
        "《",
        "》",
        "\n",
        "\u3000",
        "😀",
        "𠮷",
        "㛃",
        "é",
        "\ud800",
        "昵称",
        "说",
        "定理",
        "。",
        " ",
        "a",
        "1",
        "二世",
    ]
)


@given(
    st.lists(PIECES, max_size=40), st.randoms(use_true_random=False), st.sampled_from(["fast", "balanced", "recall"])
)
def test_any_text(pieces: list[str], random: object, name: str) -> None:
    text = "".join(pieces)
    per = np.array([random.choice([0.0, 0.01, 0.2, 0.5, 0.95]) for _ in text], np.float32)  # type: ignore[attr-defined]
    hits = names_in(text, per, profile(name))  # type: ignore[arg-type]
    assert all(0 <= h.start < h.end <= len(text) and 0 <= h.score <= 1 for h in hits)
    assert all(a.end <= b.start for a, b in itertools.pairwise(hits))


@given(st.text(max_size=200))
def test_any_characters(text: str) -> None:
    hits = names_in(text, np.full(len(text), 0.5, np.float32), profile("recall"))
    assert all(0 <= h.start < h.end <= len(text) for h in hits)
    assert all(a.end <= b.start for a, b in itertools.pairwise(hits))


HOSTILE = [
    "联系人：王",
    "姓名：王芳、",
    "王某",
    "某",
    "王×",
    "*",
    "·",
    "古丽·",
    "阿·",
    "阿阿阿阿阿阿阿阿·",
    "@",
    "@a ",
    "昵称：",
    "先生",
    "王先生",
    "，男",
    "A",
    "Aa ",
    "A.",
    "《",
    "《王芳》",
    "王芳。",
    "王芳·",
    "（",
    "我叫",
    "：王",
]


def calls(text: str, p: float) -> int:
    """How many functions, built-in ones too, a search of `text` calls."""
    per = np.full(len(text), p, np.float32)
    per[::3] = 0
    count = 0

    def seen(frame: types.FrameType, event: str, arg: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(seen)
    try:
        names_in(text, per, profile("recall"))
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("unit", HOSTILE)
@pytest.mark.parametrize("p", [0.0, 0.9])
def test_work_grows_no_faster_than_the_text(unit: str, p: float) -> None:
    once, fourfold = (calls(unit * (n // len(unit)), p) for n in (600, 2400))
    assert fourfold <= 4.4 * once + 200
    assert fourfold <= 60 * 2400  # calls a character


def test_patterns_are_bounded_and_begin_with_their_sign() -> None:
    modules = (anchored, forms, latin, likely, propagation, rules, words)
    patterns = {v.pattern for m in modules for v in vars(m).values() if isinstance(v, re.Pattern)}
    patterns |= {anchored._said().pattern, anchored._courtesy().pattern, anchored._nick_words().pattern}
    # PART looks only inside what the network heard; PIECE only inside a name; the parts of foreign names are matched in windows
    unbounded = {
        p
        for p in patterns
        if re.search(r"(?<!\\)[\])][*+]|(?<![\\\[(])[.\w][*+](?!\?)", re.sub(r"\[[^\]]*\]", "[]", p))
    }
    assert unbounded == {likely.PART.pattern, latin.PIECE.pattern}
    searched = {p for p in patterns if p.startswith("[" + words.HAN) and len(p) > len(words.HAN) + 2}
    # all of these are matched where a sign was found, or inside what the network heard
    assert searched == {
        likely.PART.pattern,
        forms.GIVEN.pattern,
        forms.DOTTED.pattern,
        anchored.FEW.pattern,
        anchored.HANDLE_TEXT.pattern,
    }
