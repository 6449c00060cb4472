"""Each text is read on its own: no batch, order, repeated line or earlier text changes what is found."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.pii.names import finder as module
from curate.pii.names.finder import Found, NameFinder
from curate.pii.names.memory import LONGEST, WORTH, Memory, lines, stretches
from curate.pii.names.network import Reading

FINDERS = {name: NameFinder(name) for name in ("fast", "balanced", "recall")}

HEAD = "云州市青石区安全生产简报\n主办：云州市青石区应急管理局\n本期编辑：欧阳雪梅，校对：李建国\n地址：云州市青石路十八号\n供内部交流，请勿外传\n"
BODY = "昨天下午，王建国工程师和买买提·艾力到清河机械厂检查三号锅炉，李某某没有来。"

pieces = st.lists(st.sampled_from([HEAD, BODY, "李建国", "於是陳偉說：", "\n", "\r\n", "Ada Lovelake", "𠮷田一郎", "\ud800", "８号", ""]), max_size=6).map("".join)  # fmt: skip


def same(a: Found, b: Found) -> bool:
    return a.persons == b.persons and a.organisations == b.organisations and np.array_equal(a.place, b.place)


@pytest.mark.parametrize("name", ["fast", "balanced"])
@settings(max_examples=25, deadline=None)
@given(texts=st.lists(pieces, max_size=5), cut=st.integers(0, 5))
def test_batches_and_order_change_nothing(name: str, texts: list[str], cut: int) -> None:
    finder = FINDERS[name]
    whole = finder.find_many(texts)
    parts = finder.find_many(texts[:cut]) + finder.find_many(texts[cut:])
    turned = finder.find_many(texts[::-1])[::-1]
    assert len(whole) == len(texts)
    for text, one, two, three in zip(texts, whole, parts, turned, strict=True):
        assert same(one, two)
        assert same(one, three)
        assert len(one.place) == len(text)
        assert all(0 <= hit.start < hit.end <= len(text) for hit in one.persons + one.organisations)


@pytest.mark.parametrize("name", ["fast", "balanced", "recall"])
def test_repeated_lines_change_nothing(name: str) -> None:
    texts = [HEAD + BODY + f"\n第{n}期\n" + HEAD[: 20 * n] for n in range(5)] * 2
    finder = NameFinder(name)
    one_by_one = [found for text in texts for found in finder.find_many([text])]
    for text, found in zip(texts, one_by_one, strict=True):
        assert same(found, NameFinder.find_many(FINDERS[name], [text])[0])
    fresh = [NameFinder(name).find_many([text])[0] for text in texts[:2]]
    assert all(same(a, b) for a, b in zip(fresh, one_by_one, strict=False))


def test_repeated_lines_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    finder, read = NameFinder("fast"), []
    monkeypatch.setattr(
        finder._network, "read", lambda codes, real=finder._network.read: read.append(len(codes)) or real(codes)
    )
    for n in range(4):
        finder.find_many([HEAD * 2 + f"第{n}期"])
    assert read[1] == read[0], "met once: read again"
    assert read[3] < read[0] - len(HEAD), "met twice: remembered"


@pytest.mark.parametrize(
    "written", [str, lambda text: text.translate(str.maketrans("欧阳雪国买见说", "歐陽雪國買見說"))]
)
def test_names_are_found(written) -> None:
    text = written(HEAD + BODY)
    for finder in FINDERS.values():
        found = finder.find_many([text])[0]
        names = {text[hit.start : hit.end] for hit in found.persons}
        assert {written(name) for name in ("欧阳雪梅", "李建国", "买买提·艾力")} <= names
        assert {hit.entity for hit in found.persons} == {"PERSON"}
        at = text.index("云州市")
        assert found.place[at : at + 3].min() > 0.2


def test_organisations_are_found() -> None:
    text = "云州市清河机械制造有限公司与青石银行签订了合同。"
    hits = FINDERS["balanced"].find_many([text])[0].organisations
    assert {hit.entity for hit in hits} == {"ORG"}
    assert any("机械制造有限公司" in text[hit.start : hit.end] for hit in hits)


def test_large_batches_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [BODY, "", HEAD * 3, BODY, "", ""]
    whole = FINDERS["fast"].find_many(texts)
    monkeypatch.setattr(module, "AT_ONCE", 50)
    assert all(same(a, b) for a, b in zip(whole, FINDERS["fast"].find_many(texts), strict=True))


@given(pieces)
def test_lines_hold_the_whole_text(text: str) -> None:
    assert "".join(text[start:end] for start, end, _ in lines(text)) == text
    assert all(key[1] == text[start:end] for start, end, key in lines(text))


@pytest.mark.parametrize(
    ("known", "expected", "why"),
    [
        ([], [], "nothing"),
        ([(0, 9, False)], [(0, 9)], "a line"),
        ([(0, 9, False), (9, 12, True), (12, 20, False)], [(0, 20)], "too little is known to be worth a gap"),
        ([(0, 9, False), (9, 9 + WORTH, True), (9 + WORTH, 90, False)], [(0, 9), (9 + WORTH, 90)], "enough is"),
        ([(0, WORTH, True), (WORTH, 2 * WORTH, True)], [], "all is known"),
        ([(0, 5, True)], [(0, 5)], "known, but cheaper to read"),
    ],
)
def test_stretches(known: list[tuple[int, int, bool]], expected: list[tuple[int, int]], why: str) -> None:
    assert list(stretches(known)) == expected, why


def test_memory_forgets_before_it_grows() -> None:
    reading = Reading(*(np.zeros(4, np.float32) for _ in range(3)))
    memory = Memory(room=30)
    keys = [("", f"第{n}行\n", "") for n in range(9)]
    for key in keys * 2:
        memory.put(key, reading)
        memory.put(key, reading)
        assert memory._held <= 30
    assert memory.get(keys[-1]) is not None
    memory.put(("", "长" * (LONGEST + 1), ""), reading)
    assert memory.get(("", "长" * (LONGEST + 1), "")) is None
