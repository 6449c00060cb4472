"""LAC is asked about the right pieces, and says the same of a piece whatever it is read with."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.pii.names.cascade import Cascade, Gate, gates, pieces
from curate.pii.names.features import code_points
from curate.pii.names.judge import CAPITAL, SMALL, Judge, evidence, levelled
from curate.pii.names.lac import BATCH, Lac
from curate.pii.names.network import Network, Reading, between

GATE = Gate(profile="test", low=0.1, high=0.8, around=3, longest=16, weight=0.5)
NETWORK, LAC = Network("onnxruntime"), Lac()
TAGS = 59  # the model says more than tag.dic has names for


@pytest.mark.parametrize(
    ("text", "likely", "expected", "why"),
    [
        ("一二三四五六七八九十", {}, [], "no name"),
        ("一二三四五六七八九十", {4: 0.5}, ["二三四五六七八"], "three on either side"),
        ("一二三四五六七八九十", {4: 0.9, 5: 0.95}, [], "certain in every character"),
        ("一二三四五六七八九十", {4: 0.9, 5: 0.3}, ["二三四五六七八九"], "certain in one of two"),
        ("一二三四五六七八九十", {4: 0.1}, [], "not above the gate"),
        ("一二三\n四五六七八九十", {4: 0.5}, ["四五六七"], "not across a line break before"),
        ("一二三四五\r\n六七八九十", {4: 0.5}, ["二三四五"], "nor behind"),
        ("一二三四五六七八九十甲乙", {1: 0.5, 9: 0.5}, ["一二三四五", "七八九十甲乙"], "the ends of the text"),
        ("一二三四五六七八九十甲乙", {2: 0.5, 7: 0.5}, ["一二三四五六七八九十甲"], "two that overlap are one"),
        ("一二三四\n五六七八九", {3: 0.5, 4: 0.5, 5: 0.5}, ["一二三四", "五六七八"], "a break is part of no name"),
        ("一二三四五六七八九十甲乙丙丁戊己庚辛", dict.fromkeys(range(18), 0.5), ["一二三四五六七八九", "十甲乙丙丁戊己庚辛"], "cut where too long"),
    ],
)  # fmt: skip
def test_pieces(text: str, likely: dict[int, float], expected: list[str], why: str) -> None:
    person = np.zeros(len(text), np.float32)
    person[list(likely)] = list(likely.values())
    starts, ends = pieces(code_points(text), person, GATE)
    assert [text[a:b] for a, b in zip(starts, ends, strict=True)] == expected, why


@pytest.mark.parametrize(
    ("text", "expected", "why"),
    [
        ("作者是 Ada Lovelake 女士", "作者是 Ada Lovelake 女士", "two words in capitals"),
        ("调用 Tensor 计算", "", "one word"),
        ("文件 src/Ada Lovelake/main 里", "", "a path"),
        ("运行 Ada Lovelake() 即可", "", "a call"),
    ],
)
def test_latin_names_are_asked_about(text: str, expected: str, why: str) -> None:
    starts, ends = pieces(code_points(text), np.zeros(len(text), np.float32), gates()["balanced"])
    assert "".join(text[a:b] for a, b in zip(starts, ends, strict=True)) == expected, why


@pytest.mark.parametrize("together", [1, 2, 5, BATCH, BATCH + 3])
def test_lac_and_judge_read_each_piece_on_its_own(together: int) -> None:
    text = "联系人欧阳雪梅的电话在附页上，李建国师傅和买买提·艾力检查了锅炉，Ada Lovelake没来。"
    codes = code_points(text)
    starts = np.arange(together, dtype=np.int64)
    lengths = np.full(together, 20, np.int64)
    judge, words = Judge(), NETWORK.features.words(NETWORK.features.ids(codes))
    alone = []
    for start in starts:
        ((_, said),) = LAC.read(codes, np.array([start]), np.array([20]))
        at = start + np.arange(20)[None]
        alone.append((said[0], judge(said, LAC.tags, codes[at], words[at])[0]))
    for which, said in LAC.read(codes, starts, lengths):
        at = starts[which][:, None] + np.arange(20)
        likely = judge(said, LAC.tags, codes[at], words[at])
        for row, piece in enumerate(which):
            assert np.array_equal(said[row], alone[piece][0])
            assert np.array_equal(likely[row], alone[piece][1])


def test_lac_reads_each_piece_once_and_whole() -> None:
    starts, lengths = np.array([0, 3, 5, 9]), np.array([4, 7, 4, 2])
    answers = {
        int(row): said.shape[1]
        for which, said in LAC.read(code_points("由李建国担任组长，去云州"), starts, lengths)
        for row in which
    }
    assert answers == dict(enumerate(lengths))
    assert sum(len(which) for which, _ in LAC.read(code_points("由李建国担任组长，去云州"), starts, lengths)) == 4


def test_lac_knows_names() -> None:
    text = "由李建国担任组长"
    ((_, said),) = LAC.read(code_points(text), np.array([0]), np.array([len(text)]))
    person = said[0][:, [LAC.tags["PER-B"], LAC.tags["PER-I"]]].sum(1)
    assert (person > 0.5).tolist() == [c in "李建国" for c in text]
    assert np.allclose(said.sum(2), 1, atol=1e-5)


def test_weight_says_how_much_lac_counts() -> None:
    codes = code_points(between(["周五由李建国担任组长，去云州市检查"]))
    zero = Reading(*(np.zeros(len(codes), np.float32) for _ in range(3)))
    zero.person[25] = 0.5  # somewhere in the name, so that LAC is asked
    asked = {w: Cascade(GATE.model_copy(update={"weight": w}), NETWORK.features)(codes, zero) for w in (0.0, 0.5, 1.0)}
    assert np.array_equal(asked[0.0].person, zero.person)
    assert asked[1.0].person.max() > 0.5
    assert np.allclose((asked[0.0].person + asked[1.0].person) / 2, asked[0.5].person, atol=1e-6)
    assert zero.person.sum() == 0.5, "the network's reading is left as it was"


@settings(max_examples=40, deadline=None)
@given(st.text(st.sampled_from("王李张伟敏，。·\nAda \r於陳𠮷"), min_size=1, max_size=60), st.data())
def test_pieces_hold_all_that_is_unsure(text: str, data: st.DataObject) -> None:
    person = np.array(
        data.draw(st.lists(st.sampled_from([0, 0.3, 0.9]), min_size=len(text), max_size=len(text))), np.float32
    )
    starts, ends = pieces(code_points(text), person, GATE)
    assert (ends - starts <= GATE.longest).all()
    assert (starts[1:] >= ends[:-1]).all()
    inside = np.zeros(len(text), bool)
    for a, b in zip(starts, ends, strict=True):
        inside[a:b] = True
        assert a < b
        assert not set(text[a:b]) & set("\r\n")
    unsure = [p == np.float32(0.3) and c not in "\r\n" for p, c in zip(person, text, strict=True)]
    assert inside[unsure].all()


def test_letters_of_a_word_are_level() -> None:
    kinds = np.array([[CAPITAL, SMALL, 7, CAPITAL, 0], [SMALL, 0, 0, 0, SMALL]], np.uint8)
    likely = np.array([[0.2, 0.4, 0.1, 0.8, 0.3], [0.5, 0.1, 0.2, 0.3, 0.7]], np.float32)
    expected = np.array([[0.3, 0.3, 0.1, 0.8, 0.3], [0.5, 0.1, 0.2, 0.3, 0.7]], np.float32)
    assert np.allclose(levelled(likely, kinds), expected)


def test_nothing_stands_beyond_a_piece() -> None:
    said = np.full((1, 2, TAGS), 1 / TAGS, np.float32)
    zeros = np.zeros((1, 2), np.uint8), np.zeros((1, 2), np.int32)
    two = evidence(said, LAC.tags, *zeros)
    one = evidence(said[:, :1], LAC.tags, zeros[0][:, :1], zeros[1][:, :1])
    assert one.shape[2] == two.shape[2]
    # one neighbour to the right: its tags, its kind; words begin to the left and at the character itself
    assert np.count_nonzero(one) < np.count_nonzero(two[0, 0])


def test_the_kernel_weighs_the_evidence() -> None:
    random = np.random.default_rng(0)
    judge = Judge()
    judge._inner = random.normal(0, 0.1, judge._inner.shape).astype(
        np.float32
    )  # nothing so sure that it hides the rest
    for pieces_, length in ((1, 1), (3, 2), (2, 9)):
        said = random.dirichlet(np.ones(TAGS), (pieces_, length)).astype(np.float32)
        codes = random.choice(code_points("王a，A8·（𠮷"), (pieces_, length))
        words = random.integers(0, 1 << 12, (pieces_, length)).astype(np.int32)
        kinds = judge._kinds[np.minimum(codes, 0xFFFF)]
        facts = evidence(said, LAC.tags, kinds, words)
        units = np.maximum(facts @ judge._inner + judge._inner_shift, 0)
        slow = 1 / (1 + np.exp(-(units @ judge._outer + judge._outer_shift).clip(-30, 30)))
        assert np.allclose(judge(said, LAC.tags, codes, words), levelled(slow.astype(np.float32), kinds), atol=1e-5)
