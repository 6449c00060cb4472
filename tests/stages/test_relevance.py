"""Relevance: scores worked out by hand, which industry and scene a record gets, and what is dropped."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from curate.errors import DomainError
from curate.stage import ReadsFiles
from curate.stages.relevance import Relevance
from tests.stages.rows import batch, check_promises, reasons

FILES = {
    "cheese.yaml": """industry:
  name: cheese
  title: 奶酪
  scenes:
    - {name: 熟成管理, terms: [熟成库, 翻转奶酪]}
    - {name: 质量追溯, terms: [批次追溯, 凝乳酶]}
  lexicon: {3: [凝乳酶, 乳清排放], 1: [巴氏杀菌], -2: [豆腐脑]}
""",
    "tofu.yaml": """industry:
  name: tofu
  title: 豆制品
  lexicon: {3: [豆腐脑, 点卤], 1: [巴氏杀菌]}
""",
    "bare.yaml": "industry: {name: bare, title: 空}\n",
}
MILK = "凝乳酶加入后半小时，凝乳酶活力检验合格，乳清排放完毕，送熟成库"
BEAN = "点卤之后成豆腐脑，点卤要慢"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


def stage(**more: Any) -> Relevance:
    given = {"industry": "cheese", "among": ("cheese", "tofu"), "files": tuple(FILES)}
    return Relevance(**(given | more))


def done(root: Path, texts: list[str], said: list[str | None] | None = None, **more: Any) -> list[dict[str, Any]]:
    records = batch(texts)
    if said is not None:
        records = records.append_column("industry", pa.array(said, pa.string()))
    plain: list[dict[str, Any]] = stage(**more).open(root)(records).to_pylist()
    return plain


def test_promises() -> None:
    check_promises(Relevance(), ["综采工作面瓦斯超限，停电撤人", "基酒入库，轮次酒盘勾", "", "today", "春眠不觉晓"])
    check_promises(
        Relevance(industry="coal", action="drop"), ["综采工作面瓦斯超限，停电撤人", "基酒入库，轮次酒盘勾", ""]
    )


def test_the_score_is_what_the_docstring_says(root: Path) -> None:
    rarity = math.log(1 + 2 / 2) / math.log(1 + 2)  # of 巴氏杀菌, which speaks for both
    per_1000 = math.sqrt(1000 / 200)  # a short text counts as 200 characters
    row, long, against = done(root, ["凝乳酶、凝乳酶，巴氏杀菌，熟成库", "凝乳酶" + "。" * 3997, "豆腐脑"])
    cheese = (3 * math.log(3) + rarity * math.log(2) + math.log(2)) * per_1000
    tofu = rarity * math.log(2) * per_1000
    assert row["relevance"] == pytest.approx(cheese)
    assert row["margin"] == pytest.approx(math.log((1 + cheese) / (1 + tofu)))
    assert long["relevance"] == pytest.approx(3 * math.log(2) / 2)
    assert against["relevance"] == pytest.approx(-2 * math.log(2) * per_1000)
    assert against["margin"] == pytest.approx(-math.log(1 + 3 * math.log(2) * per_1000)), "below 0 counts as 0"


def test_without_an_industry_wanted_the_best_is_scored(root: Path) -> None:
    for row, name in zip(done(root, [MILK, BEAN], industry=None), ("cheese", "tofu"), strict=True):
        assert row["industry"] == name
        assert row["margin"] > 0
    assert done(root, [BEAN], industry="tofu")[0]["relevance"] == done(root, [BEAN], industry=None)[0]["relevance"]


@pytest.mark.parametrize(
    ("text", "said", "relabel", "industry", "scene", "why"),
    [
        (MILK, None, False, "cheese", "质量追溯", "nobody said anything; its term stands twice, that of 熟成管理 once"),
        (MILK, "tofu", False, "tofu", None, "the catalog said; no scene of what it said is found"),
        (MILK, "tofu", True, "cheese", "质量追溯", "told to overrule the catalog"),
        (BEAN, "cheese", False, "cheese", None, "the catalog said, and the scene is of that"),
        (BEAN, "cheese", True, "tofu", None, "an industry without scenes"),
        ("翻转奶酪，凝乳酶", "cheese", False, "cheese", "熟成管理", "of equals the first"),
        ("春眠不觉晓", "cheese", True, None, None, "told to overrule, and it is of none"),
        ("春眠不觉晓", "coal", False, "coal", None, "an industry that is not compared"),
    ],
)
def test_labels(
    text: str, said: str | None, relabel: bool, industry: str | None, scene: str | None, why: str, root: Path
) -> None:
    row = done(root, [text], [said], relabel=relabel)[0]
    assert (row["industry"], row["scene"]) == (industry, scene), why
    assert row["dropped"] is None


@pytest.mark.parametrize(
    ("text", "more", "reason", "why"),
    [
        (MILK, {}, None, "of the industry wanted"),
        (BEAN, {}, "other_industry", "another has more"),
        ("春眠不觉晓", {}, "no_industry", "none has any"),
        ("巴氏杀菌", {}, "no_industry", "too little for any"),
        ("巴氏杀菌", {"least": 0.5}, None, "as much for both, and enough"),
        ("巴氏杀菌", {"least": 0.5, "least_margin": 0.1}, "other_industry", "as much for another"),
        (BEAN, {"least_margin": -9.0}, "no_industry", "whatever others have, it has too little itself"),
        (MILK + BEAN, {"industry": "tofu", "least_margin": -9.0}, None, "of both"),
        (BEAN, {"action": "label"}, None, "only labelled"),
        (BEAN, {"industry": None}, None, "of one, whichever"),
        ("春眠不觉晓", {"industry": None}, "no_industry", "of none"),
    ],
)
def test_drops(text: str, more: dict[str, Any], reason: str | None, why: str, root: Path) -> None:
    row = done(root, [text], **({"action": "drop"} | more))[0]
    assert (row["dropped"] and row["dropped"]["reason"]) == reason, why
    if reason == "other_industry":
        assert row["dropped"]["value"] == pytest.approx(row["margin"])
        assert row["dropped"]["threshold"] == more.get("least_margin", 0.0)
    elif reason:
        assert row["dropped"]["value"] == pytest.approx(row["relevance"])
        assert row["dropped"]["threshold"] == more.get("least", 5.0)


def test_an_industry_without_a_lexicon(root: Path) -> None:
    row = done(root, [MILK], industry="bare")[0]
    assert (row["industry"], row["relevance"], row["margin"]) == ("cheese", None, None)
    with pytest.raises(DomainError, match="no lexicon"):
        stage(industry="bare", action="drop").open(root)
    with pytest.raises(DomainError, match="no lexicon") as raised:
        stage(among=("cheese", "toffu")).reads(root)
    assert "tofu" in str(raised.value)


def test_files_are_read_and_known(root: Path) -> None:
    assert isinstance(stage(), ReadsFiles)
    assert stage().reads(root) == tuple(FILES)
    (root / "tofu.yaml").write_text("industry: {name: tofu}\n")
    with pytest.raises(DomainError, match="missing field"):
        stage().reads(root)
    with pytest.raises(DomainError, match="no such file"):
        stage(files=("none.yaml",)).reads(root)
    with pytest.raises(ValueError, match="leaves the domain"):
        stage(files=("../cheese.yaml",))


def test_the_lexicons_planned_with_are_those_run_with(root: Path) -> None:
    settled = Relevance(files=("cheese.yaml",), among=("cheese", "coal")).settled("baijiu")
    assert settled.industry == "baijiu"
    assert len(settled.lexicons) == 64
    assert settled.open(root)
    assert settled.settled("coal") == settled, "what is set stays"
    assert Relevance().settled("coal").lexicons != settled.lexicons, "others are compared"
    with pytest.raises(DomainError, match="lexicons are not those"):
        Relevance(lexicons="0" * 64).reads(root)


def test_built_in_industries_tell_their_own_documents() -> None:
    texts = {
        "coal": "综采工作面回风流瓦斯超限，切断电源，撤出人员，加强通风，采煤机停机检查液压支架。",
        "baijiu": "三轮次基酒入库，窖池开窖，上甑摘酒，曲块粉碎后下沙，酱香突出。",
        "meteorology": "气象台发布暴雨红色预警信号，预计未来三小时降水量将达一百毫米以上，伴有雷暴大风。",
    }
    out = Relevance(industry=None, action="drop").open()(batch([*texts.values(), "春眠不觉晓，处处闻啼鸟。"]))
    assert out["industry"].to_pylist() == [*texts, None]
    assert reasons(out) == [None, None, None, "no_industry"]
