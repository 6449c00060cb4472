"""The quality score: pairs in the right order, what a measure may do to it, odd texts, any batch size."""

from __future__ import annotations

from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.stages.quality_model import Feature, Model, load_model, raw_features
from tools.train_quality_model import columns_of, make

MODEL = load_model()

GOOD = (
    "今天上午，检修班对三号水泵做了例行保养。拆下泵盖以后，发现密封圈有一处裂纹，当即更换，并把旧件交回库房登记。\n"
    "下午两点试车，运行四十分钟，轴承温度五十一度，声音平稳，出口压力与上周相同。班长在记录上签了字，第二天起恢复正常轮换。\n"
    "老师傅说，这台泵已经用了十一年，真正要留心的不是密封，而是基础螺栓有没有松动，所以每个月都要拿扳手走一遍。"
)
STATUTE = (
    "第一条　为了规范台账的保存，根据有关规定，制定本办法。\n第二条　经营单位应当建立台账，并保存两年。\n"
    "第三条　有下列情形之一的，由主管部门责令改正：\n（一）未建立台账的；\n（二）台账记载不实的；\n（三）擅自销毁台账的。\n"
    "第四条　本办法自发布之日起施行。"
)
POEM = "夜雨孤舟对寒灯，故园明月照归人。\n青苔幽径无人过，野渡斜阳下远村。"
MANUAL = (
    "# 读入数据\n\n下面的函数把一个文件读入内存，然后逐行处理，其中参数 `path` 是文件的位置。\n\n```\ndef read(path):\n"
    "    with open(path) as file:\n        return [line.strip() for line in file]\n```\n\n如果文件不存在，函数会抛出错误，调用它的"
    "程序应当自己处理。返回值是一个列表，每一项是一行文字，行末的空白已经去掉。"
)
QUESTION = "我家的热水器点火以后几分钟就熄了，请问是什么原因？\n先看看进风口有没有堵住，再看燃气阀是不是全开；如果都正常，就要请师傅来检查烟道。"

PAIRS = [
    (GOOD, GOOD.replace("，", "").replace("。", "").replace("\n", ""), "all punctuation lost"),
    (GOOD, " ".join(GOOD), "a space behind each character"),
    (GOOD, GOOD.encode().decode("latin-1"), "UTF-8 read as Latin-1"),
    (GOOD, GOOD.encode().decode("gb18030", "replace"), "UTF-8 read as GBK"),
    (GOOD, GOOD[:60] + GOOD[60:90].encode().decode("latin-1") + GOOD[90:], "a part read in a wrong encoding"),
    (GOOD, "".join("\ufffd" if i % 20 == 7 else c for i, c in enumerate(GOOD)), "one character of twenty lost"),
    (GOOD, "".join("?" if i % 4 == 1 else c for i, c in enumerate(GOOD)), "question marks for what was not encoded"),
    (GOOD, "".join("~" + c if i % 5 == 1 else c for i, c in enumerate(GOOD)), "signs of bad OCR"),
    (GOOD, "".join("，；？" + c if i % 9 == 1 else c for i, c in enumerate(GOOD)), "punctuation in wrong places"),
    (
        GOOD,
        "\n".join(GOOD.replace("\n", "")[i : i + 3] for i in range(0, 180, 3)),
        "a line feed after three characters",
    ),
    (GOOD, "\n".join([GOOD.split("\n")[1]] * 12), "one line again and again"),
    (GOOD, "水泵保养，" * 40, "one phrase again and again"),
    (GOOD, "泵" * 200, "one character"),
    (GOOD, GOOD[:9], "the first characters alone"),
    (
        GOOD,
        "_".join(["水泵维修", "厂家电话", "批发价格", "哪家好", "高清图片", "官方网站", "免费下载"] * 9),
        "keywords joined by _",
    ),
    (GOOD, "首页\n关于我们\n产品展示\n新闻中心\n联系我们\n在线留言\n人才招聘\n返回顶部", "a menu"),
    (
        GOOD,
        "\n".join(f"· 我市召开第{i}次水泵安全会 2024-0{i}-1{i}" for i in range(1, 9)),
        "titles of other pages with dates",
    ),
    (GOOD, "\n".join("\t".join(str(i * 37 % 991) for i in range(k, k + 8)) for k in range(20)), "numbers alone"),
    (GOOD, "".join(chr(0x4E00 + i * 7919 % 20_000) for i in range(200)), "random Han characters"),
    (GOOD, "★★★全网最低价！！！加微信 xxxx0000 领券→→→ http://example.com/a?id=1 🔥🔥🔥速抢！！！", "an advert"),
    (GOOD, '<div class="nav"><ul><li><a href="/index.html">水泵</a></li></ul></div>' * 6, "remains of HTML"),
    (GOOD, GOOD.encode().hex(), "hexadecimal"),
    (STATUTE, STATUTE.replace("。", "").replace("；", "").replace("，", "").replace("\n", ""), "articles run together"),
    (STATUTE, STATUTE.encode().decode("gb18030", "replace"), "articles read in a wrong encoding"),
    (POEM, " ".join(POEM), "a poem with spaces"),
    (POEM, POEM[:8] * 6, "the first words of a poem six times"),
    (MANUAL, "".join("^" + c if i % 4 == 1 else c for i, c in enumerate(MANUAL)), "a manual with signs of bad OCR"),
    (MANUAL, MANUAL.encode().decode("cp1252", "replace"), "a manual read in a wrong encoding"),
    (QUESTION, "".join(c + " " for c in QUESTION), "an answer with spaces"),
    (
        QUESTION,
        "热水器哪家好热水器价格热水器批发热水器官网热水器排行榜热水器图片热水器维修热水器电话",
        "a spun text about the same",
    ),
]

ODD = [
    "",
    " ",
    "\n\n\n",
    "酒",
    "?",
    "\ufffd",
    "\x00",
    "🙂" * 50,
    "a",
    "1",
    "。",
    "\u0301" * 30,
    "的" * 3_000,
]


@pytest.mark.parametrize("text", [GOOD, STATUTE, POEM, MANUAL, QUESTION])
def test_good_texts_score_high(text: str) -> None:
    assert MODEL.score(columns_of([text]))[0] > 0.7


@pytest.mark.parametrize(("good", "bad", "why"), PAIRS)
def test_order(good: str, bad: str, why: str) -> None:
    better, worse = MODEL.score(columns_of([good, bad]))
    assert better > worse + 0.2, why


def test_odd_texts_have_a_low_score_that_is_a_number() -> None:
    score = MODEL.score(columns_of(ODD))
    assert np.isfinite(score).all()
    assert (score >= 0).all()
    assert (score < 0.5).all(), dict(zip(ODD, score, strict=True))
    assert len(MODEL.score(columns_of([]))) == 0


def test_any_batch_size_gives_the_same_bits() -> None:
    texts = make([GOOD, STATUTE, MANUAL, QUESTION], 200, Random(0)).texts + ODD
    whole = MODEL.score(columns_of(texts))
    for size in (1, 7):
        parts = [MODEL.score(columns_of(texts[i : i + size])) for i in range(0, len(texts), size)]
        assert np.concatenate(parts).tobytes() == whole.tobytes()


def test_no_weight_is_positive() -> None:
    assert (MODEL.weight < 0).all()
    assert (MODEL.scale > 0).all()


ONE_SIDED = sorted(
    (measure, sides.pop())
    for measure in {f.measure for f in MODEL.features}
    - {"latin_share", "chars"}  # those say what is no wonder in others
    if len(sides := {f.side for f in MODEL.features if f.measure == measure}) == 1
)


def test_what_is_broken_may_only_hurt() -> None:
    assert {("mojibake_share", "over"), ("replacement_share", "over"), ("repeated_10gram_share", "over")} <= set(
        ONE_SIDED
    )


@given(st.data())
def test_a_measure_on_its_bad_side_never_raises_the_score(data: st.DataObject) -> None:
    share = st.floats(0, 1)
    names = sorted({f.measure for f in MODEL.features} | {"chars", "latin_share"})
    columns = {name: np.array([data.draw(share)] * 2) for name in names}
    columns["chars"][:] = data.draw(st.integers(0, 10**6))
    measure, side = data.draw(st.sampled_from(ONE_SIDED))
    low, high = sorted((data.draw(share), data.draw(share)))
    columns[measure][:] = (low, high) if side == "over" else (high, low)
    better, worse = MODEL.score(columns)
    assert 0 <= worse <= better <= 1


def test_beyond_a_bound() -> None:
    columns = {"chars": np.array([0.0, 9.0]), "x": np.array([0.5, 0.0])}
    features = [
        Feature("x", "plain", "over", 0.25),
        Feature("x", "plain", "under", 0.25),
        Feature("chars", "log", "over", 1.0),
    ]
    assert raw_features(features, columns).tolist() == [[0.25, 0, 0], [0, 0.25, pytest.approx(np.log(10) - 1)]]


def test_score_by_hand() -> None:
    model = Model([Feature("x", "plain", "over", 0.5)], np.array([0.1]), np.array([0.2]), np.array([-3.0]), 1.0)
    score = model.score({"chars": np.zeros(2), "x": np.array([0.25, 1.0])})
    assert score == pytest.approx([1 / (1 + np.exp(-2.5)), 1 / (1 + np.exp(5.0))])


def test_why_names_what_hurts_most_first() -> None:
    broken = GOOD[:60] + GOOD[60:120].encode().decode("latin-1")
    columns = columns_of([GOOD, broken])
    why = MODEL.why(columns, 1)
    assert why[0][0] == "mojibake_share over"
    best = MODEL.intercept - float((MODEL.mean * MODEL.weight / MODEL.scale).sum())
    score = MODEL.score(columns)[1]
    assert np.log(score / (1 - score)) == pytest.approx(best + sum(part for _, part in why))


def test_why_adds_up_the_bounds_of_one_side() -> None:
    features = [Feature(x, "plain", "over", bound) for x, bound in (("a", 0.5), ("b", 0.1), ("b", 0.4), ("c", 0.5))]
    model = Model(features, np.zeros(4), np.array([0.5, 1.0, 1.0, 1.0]), np.array([-1.0, -2.0, -5.0, -3.0]), 1.0)
    columns = {"chars": np.zeros(2), "a": np.array([0.0, 0.75]), "b": np.array([0.0, 0.6]), "c": np.array([0.0, 0.5])}
    assert model.why(columns, 0) == []
    names, parts = zip(*model.why(columns, 1), strict=True)
    assert names == ("b over", "a over")
    assert parts == pytest.approx((-2.0, -0.5))


CORPORA = [
    ("laws/**/*.md", 20, 0.9, "statutes"),
    ("laws/**/*.txt", 1, 0.9, "statutes as plain text"),
    ("food-howtocook/**/*.md", 1, 0.8, "recipes: items without full stops"),
    ("education-d2l/**/*.md", 1, 0.8, "a textbook with code and formulae"),
    ("education-oi-wiki/**/*.md", 1, 0.7, "a wiki with code and formulae"),
    ("software-paddle/**/*.rst", 1, 0.7, "manuals with code; those in Markdown are half addresses"),
]


@pytest.mark.parametrize(("pattern", "every", "least", "why"), CORPORA)
def test_real_texts_score_high(shared: Path, pattern: str, every: int, least: float, why: str) -> None:
    files = sorted((shared / "data" / "corpora").glob(pattern))[::every]
    score = MODEL.score(columns_of([file.read_text("utf-8") for file in files]))
    assert np.median(score) > least, why


@pytest.mark.parametrize(
    "name",
    [
        "digits-table",
        "half-width-ocr",
        "mojibake-double-utf8",
        "mojibake-gbk-as-latin1",
        "mojibake-utf8-as-gbk",
        "pinyin-annotated-traditional",
        "repeat-one-char",
        "repeat-one-sentence",
        "replacement-chars",
    ],
)
def test_nasty_files_score_low(shared: Path, name: str) -> None:
    text = (shared / "data" / "nasty" / "crafted" / f"{name}.txt").read_text("utf-8")
    assert MODEL.score(columns_of([text]))[0] < 0.35
