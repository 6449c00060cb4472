"""Relevance: scores worked out by hand, which industry and scene a record gets, and what is dropped."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from benchmarks.relevance import FOLDERS, f1, labels, misplaced
from benchmarks.relevance import titles as titles_read
from curate.errors import DomainError
from curate.industry import Profile
from curate.stage import ReadsFiles
from curate.stages.industry_scores import TITLE_MOST, titles
from curate.stages.relevance import Relevance
from tests.runs import ROOT
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
BAIJIU, COAL = Profile(name="baijiu", title="酱酒"), Profile(name="coal", title="煤炭")


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
    check_promises(
        Relevance(),
        [
            "# 综采工作面瓦斯超限\n停电撤人",
            "基酒入库，轮次酒盘勾",
            "",
            "today",
            "春眠不觉晓",
            "\n\n河道管理\n",
            "\n港口",
        ],
    )
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


@pytest.mark.parametrize(
    ("text", "title", "why"),
    [
        ("奶酪条例\n第一条", "奶酪条例", "the first line"),
        ("# 奶酪条例\n第一条", "# 奶酪条例", "a heading of Markdown"),
        ("\ufeff\n\n  奶酪条例\r\n第一条", "  奶酪条例\r", "after a mark of byte order and empty lines"),
        ("---\ndate: 2024\ntitle: 奶酪条例\n---\n", "title: 奶酪条例", "in front matter, after a line without Chinese"),
        ("Cheese Board\n奶酪条例\n第一条", "奶酪条例", "after a line without Chinese"),
        ("奶酪条例", "", "nothing follows: that is the text"),
        ("凝乳酶加入后半小时。\n乳清排放", "", "a sentence"),
        ("凝乳酶加入后半小时；\n奶酪条例\n", "", "a sentence, and what follows it is no first line"),
        ("奶" * 80 + "\n第一条", "奶" * 80, "the longest"),
        ("奶" * 81 + "\n第一条", "", "a paragraph"),
        ("奶\n第一条", "", "one character names nothing"),
        ("-" * 398 + "\n奶酪\n", "", "too far down"),
        ("Cheese\n", "", "no Chinese"),
        ("", "", "nothing"),
    ],
)
def test_titles(text: str, title: str, why: str) -> None:
    assert titles(pa.array(["x", text, "y\n"], pa.string())[1:]).to_pylist() == [title, ""], why


def test_a_title_counts_as_the_docstring_says(root: Path) -> None:
    body = "。" * 3989
    one = 3 * math.log(2)  # a term of weight 3, once
    of_title, of_text = math.sqrt(1000 / 200), math.sqrt(1000 / 4000)
    once, weak, much, against, below = done(
        root,
        [
            "乳清排放规程\n第一条" + body,
            "巴氏杀菌规程\n第一条" + body,
            "乳清排放与凝乳酶加入\n" + body,
            "豆腐脑与点卤的规程\n" + body,
            "第一条规程\n乳清排放" + body,
        ],
    )
    assert once["relevance"] == pytest.approx(one * (3 * of_title + of_text), rel=1e-3)
    assert weak["relevance"] == pytest.approx(math.log(2) / math.log(3) * math.log(2) * of_text, rel=1e-3), (
        "of weight 1"
    )
    assert 2 * 3 * one * of_title > TITLE_MOST
    assert much["relevance"] == pytest.approx(TITLE_MOST + 2 * one * of_text, rel=1e-3), "no more than that"
    assert against["relevance"] == pytest.approx(-2 * math.log(2) * (3 * of_title + of_text), rel=1e-3)
    assert below["relevance"] == pytest.approx(one * of_text, rel=1e-3), "on the second line"


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
    settled = Relevance(files=("cheese.yaml",), among=("cheese", "coal")).settled(BAIJIU)
    assert settled.industry == "baijiu"
    assert len(settled.lexicons) == 64
    assert callable(settled.open(root))
    assert settled.settled(COAL) == settled, "what is set stays"
    assert Relevance().settled(COAL).lexicons != settled.lexicons, "others are compared"
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


TITLED = [
    ("water", "某市饮用水水源保护条例", "pumps, pipes and fines follow in every such statute"),
    ("transport", "内河船舶航行日志管理规定", "ships on rivers are traffic, not water"),
    ("transport", "地方铁路安全条例", "rail"),
    ("finance", "地方金融监督管理条例", "not government, which supervises"),
    ("agriculture", "动物防疫条例", "vets are no doctors"),
    ("medical", "院前医疗急救服务条例", "doctors"),
    ("city", "城市市容和环境卫生管理条例", "hygiene of streets is not that of people"),
    ("geo-information", "矿产资源规划管理办法", "land and what lies in it"),
    ("power", "民用核设施安全监督管理条例", "reactors"),
    ("education", "终身教育促进条例", "schools"),
    ("tourism", "古城保护条例", "sights"),
    ("meteorology", "气候资源保护和利用条例", "climate"),
    ("chemicals", "易制毒化学品管理条例", "not police, which controls them"),
    ("government", "政务服务条例", "authorities as such"),
]
STATUTE = """
第一条 为了加强管理，维护公民、法人和其他组织的合法权益，根据有关法律、行政法规，结合本省实际，制定本条例。
第二条 县级以上人民政府应当加强领导，将所需经费列入本级预算。主管部门负责监督检查，公安、财政、交通运输、农业农村、
卫生健康、自然资源等部门按照各自职责做好有关工作。
第三条 违反本条例规定的，责令限期改正，没收违法所得，并处罚款；构成犯罪的，依法追究刑事责任。当事人不服的，可以依法申请
行政复议或者提起行政诉讼。
"""


@pytest.mark.parametrize(("industry", "title", "why"), TITLED)
def test_the_title_of_a_statute_tells_its_industry(industry: str, title: str, why: str) -> None:
    out = Relevance(relabel=True).open()(batch([title + STATUTE]))
    assert out["industry"].to_pylist() == [industry], why


def test_a_menu_in_place_of_a_title_changes_little() -> None:
    menu = "首页 新闻 政务公开 农业农村 交通运输 教育 医疗卫生 联系我们\n"
    raw = sorted((ROOT / "examples" / "industries").glob("*/raw/own-*.txt"))
    texts = [file.read_text("utf-8") for file in raw]
    work = Relevance(relabel=True).open()
    plain, after = (work(batch(t))["industry"].to_pylist() for t in (texts, [menu + text for text in texts]))
    assert plain == [file.parent.parent.name for file in raw]
    assert sum(a == b for a, b in zip(plain, after, strict=True)) >= 0.95 * len(plain)


def test_statutes_against_their_folders_and_their_titles(shared: Path) -> None:
    """The bounds are a little below what was measured; `benchmarks/relevance.py` prints the tables."""
    corpus = shared / "data" / "corpora" / "laws"
    files = sorted(p for p in corpus.glob("*/*") if p.is_file())
    texts = [p.read_text("utf-8", "replace") for p in files]
    found = labels(Relevance(relabel=True), Path(), texts)
    by_title = f1(titles_read(files), found)
    assert len(by_title) == 14
    assert sum(by_title.values()) / len(by_title) > 0.96
    assert min(by_title.values()) > 0.9
    folders = [FOLDERS.get(p.parent.name, p.parent.name) for p in files]
    by_folder = f1(folders, found)
    assert sum(by_folder.values()) / len(by_folder) > 0.76
    told = [not misplaced(p) for p in files]
    rest = f1(*([x for x, ok in zip(xs, told, strict=True) if ok] for xs in (folders, found)))
    assert sum(rest.values()) / len(rest) > 0.85
