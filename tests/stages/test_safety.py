"""Safety: which terms are found and which only look like it, what is flagged, and what no output may hold."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from curate.errors import DomainError
from curate.records import RECORD, SAFETY
from curate.stage import ReadsFiles
from curate.stages.safety import Matcher, Safety
from curate.stages.safety_lexicon import Listing, sample, spelled
from tests.stages.rows import batch, check_promises, reasons

OWN = """# own terms, all made up
甜味骗局\tA.1.a
酸味圈套\tA.2.b\t3
苦味\tA.1.c\t2\t苦味素|去苦味
味骗\tA.1.a
k粉条\tA.1.h
sour trap\tA.2.b
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "own.tsv").write_text(OWN, "utf-8")
    (tmp_path / "more.tsv").write_text("甜味骗局\tA1-a\t3\n苦味\tA.1.c\t1\t微苦味\n咸味把戏\tA.3.a\n", "utf-8")
    return tmp_path


def done(root: Path, texts: list[str], **more: Any) -> list[dict[str, Any]]:
    plain: list[dict[str, Any]] = Safety(**({"lexicons": ("own.tsv",)} | more)).open(root)(batch(texts)).to_pylist()
    return plain


def hits(root: Path, text: str, **more: Any) -> dict[str, int]:
    return {r["risk"]: r["hits"] for r in done(root, [text], **more)[0]["safety"]["risks"]}


def test_promises() -> None:
    texts = ["宣扬恐怖主义", "地域黑龙江", "", "性别歧视和年龄歧视，民族歧视", "今天天气很好" * 50, "煽动*颠覆国家政权"]
    check_promises(Safety(), texts)
    check_promises(Safety(action="drop"), texts)


def test_the_record_has_its_column() -> None:
    assert RECORD.field("safety").type == SAFETY == Safety.adds["safety"]


RISKS = [
    ("网上有人煽动颠覆国家政权", "A.1.a", "a call against the state"),
    ("他们合谋窃取国家秘密", "A.1.b", "espionage"),
    ("该组织图谋破坏国家统一", "A.1.c", "secession"),
    ("视频公开宣扬极端主义", "A.1.d", "extremism"),
    ("帖子故意制造民族矛盾", "A.1.e", "ethnic hatred"),
    ("网站提供血腥暴力内容", "A.1.f", "violence"),
    ("有人散布谣言说要停水", "A.1.g", "rumours"),
    ("群里公开买卖枪支", "A.1.h", "other crimes"),
    ("这是赤裸裸的民族歧视", "A.2.a", "ethnic group"),
    ("岗位要求涉嫌宗教歧视", "A.2.b", "belief"),
    ("房东公然歧视外国人", "A.2.c", "nationality"),
    ("评论区充满地域歧视", "A.2.d", "region"),
    ("招聘启事写着仅限男性", "A.2.e", "sex"),
    ("三十五岁以上免谈是年龄歧视", "A.2.f", "age"),
    ("饭店门口歧视农民工", "A.2.g", "occupation"),
    ("公司歧视残疾人", "A.2.h", "health"),
    ("面试中的身高歧视", "A.2.i", "other ways"),
]


@pytest.mark.parametrize(("text", "risk", "why"), RISKS)
def test_the_sample_finds_each_of_the_17_risks(root: Path, text: str, risk: str, why: str) -> None:
    [row] = done(root, [text], lexicons=())
    assert row["safety"]["verdict"] == "flagged", why
    assert [r["risk"] for r in row["safety"]["risks"]] == [risk], why


EVASIONS = [
    ("甜味骗局", {"A.1.a": 2}, "as it stands; a term inside another counts too"),
    ("甜*味*骗*局", {"A.1.a": 2}, "signs between"),
    ("甜 味 骗 局", {"A.1.a": 2}, "spaces between"),
    ("甜　味－骗·局", {"A.1.a": 2}, "wide spaces, dashes, dots"),
    ("甜\u200b味\u200d骗\ufeff局", {"A.1.a": 2}, "what nobody sees"),
    ("甜\u0336味\u0336骗\u0336局\u0336", {"A.1.a": 2}, "struck through"),
    ("甜🌶️味🌶️骗🌶️局", {"A.1.a": 2}, "emoji with selectors"),
    ("甜味騙局", {"A.1.a": 2}, "traditional"),
    ("甜***味*骗局", {"A.1.a": 1}, "more signs than `gap` between two characters"),
    ("Ｋ粉条", {"A.1.h": 1}, "full-width"),
    ("K 粉条", {"A.1.h": 1}, "capital and space"),
    ("Ⓚ粉条", {"A.1.h": 1}, "in a circle"),
    ("Sour Trap", {"A.2.b": 1}, "capitals"),
    ("sour  trap", {}, "words of ASCII are found as they stand"),
]


@pytest.mark.parametrize(("text", "expected", "why"), EVASIONS)
def test_evasions(root: Path, text: str, expected: dict[str, int], why: str) -> None:
    assert hits(root, text) == expected, why
    assert hits(root, f"前{text}后") == expected, why


FALSE_FRIENDS = [
    ("甜味，骗局", {}, "over a comma"),
    ("甜味。骗局", {}, "over a full stop"),
    ("甜味\n骗局", {}, "over the end of a line"),
    ("甜味\t骗局", {}, "over the border of a cell"),
    ("甜味|骗局", {}, "over a bar"),
    ("“甜味”骗局", {}, "over a quotation mark"),
    ("甜味（骗局）", {}, "over a bracket"),
    ("甜味——骗局", {}, "over a dash that ends a clause"),
    ("甜味、骗局", {}, "over an enumeration comma"),
    ("苦味", {"A.1.c": 1}, "a term"),
    ("苦味素", {}, "in a context in which it does not count"),
    ("去苦味", {}, "in the other"),
    ("去苦味素", {}, "in both at once"),
    ("去*苦味 素", {}, "contexts are found over signs, too"),
    ("去苦味，苦味素，苦味", {"A.1.c": 1}, "one of three counts"),
    ("ok粉条", {}, "inside a longer word of ASCII"),
    ("our sour traps", {}, "the same at the end"),
]


@pytest.mark.parametrize(("text", "expected", "why"), FALSE_FRIENDS)
def test_false_friends(root: Path, text: str, expected: dict[str, int], why: str) -> None:
    assert hits(root, text) == expected, why


def test_gap(root: Path) -> None:
    assert hits(root, "酸*味圈套", gap=0) == {}
    assert hits(root, "酸\u200b味圈套", gap=0) == {"A.2.b": 1}
    assert hits(root, "酸****味圈套", gap=3) == {}
    assert hits(root, "酸****味圈套", gap=4) == {"A.2.b": 1}


def filled(term: str, chars: int) -> str:
    """The term in a text of so many characters."""
    return term + "好" * (chars - len(term))


THRESHOLDS = [
    (filled("苦味", 1999), 1.0, "flagged", "level 2 in fewer than 2,000 characters"),
    (filled("苦味", 2000), 1.0, "clean", "at the bound"),
    (filled("酸味圈套", 2999), 1.0, "flagged", "level 3"),
    (filled("酸味圈套", 3000), 1.0, "clean", "at the bound"),
    (filled("甜味骗局", 2000), 1.0, "clean", "two terms of level 1, one inside the other"),
    (filled("甜味骗局", 1999), 1.0, "flagged", "in a shorter text"),
    (filled("苦味", 100_000), 0.0, "flagged", "0: one hit is enough"),
    ("", 0.0, "clean", "an empty text"),
    ("好好学习", 0.0, "clean", "no hit"),
    (filled("苦味素", 10), 0.0, "clean", "a hit that does not count"),
    ("*" * 1000 + filled("苦味", 1000), 1.0, "clean", "characters of the text as it is"),
]


@pytest.mark.parametrize(("text", "most", "verdict", "why"), THRESHOLDS)
def test_the_length_matters(root: Path, text: str, most: float, verdict: str, why: str) -> None:
    assert done(root, [text], most=most)[0]["safety"]["verdict"] == verdict, why


def test_a_statute_that_names_crimes_is_clean() -> None:
    statute = "".join(
        f"第{n}条　有关主管部门依照职责分工，对违反本法规定的行为调查核实，责令改正，并记入信用档案，向社会公布。\n"
        for n in "一二三四五六七八九十" * 5
    )
    text = statute + "第五十一条　宣扬恐怖主义、极端主义，尚不构成犯罪的，依法给予治安管理处罚。\n"
    [row] = Safety().open()(batch([text])).to_pylist()
    assert row["safety"] == {
        "verdict": "clean",
        "risks": [{"risk": "A.1.d", "hits": 1}],
        "method": "lexicon",
        "lexicon": row["safety"]["lexicon"],
    }


def test_label_drops_nothing_and_drop_says_why(root: Path) -> None:
    texts = ["苦味食物", "食物很好", filled("苦味", 4000)]
    assert [r["dropped"] for r in done(root, texts)] == [None] * 3
    dropped = done(root, texts, action="drop")
    assert [r["safety"]["verdict"] for r in dropped] == ["flagged", "clean", "clean"]
    assert dropped[0]["dropped"] == {
        "reason": "sensitive",
        "value": 500.0,
        "threshold": 1.0,
        "duplicate_of": None,
        "cluster": None,
    }
    out = Safety(lexicons=("own.tsv",), action="drop").open(root)(batch(texts))
    assert reasons(out) == ["sensitive", None, None]


def test_only_risks_that_count(root: Path) -> None:
    text = "甜味骗局，酸味圈套，苦味"
    assert hits(root, text) == {"A.1.a": 2, "A.1.c": 1, "A.2.b": 1}, "in the order of Annex A"
    assert hits(root, text, risks=("A.1",)) == {"A.1.a": 2, "A.1.c": 1}
    assert hits(root, text, risks=("A2-b", "A.1.c")) == {"A.1.c": 1, "A.2.b": 1}


def test_lexicons_together(root: Path) -> None:
    both = {"lexicons": ("own.tsv", "more.tsv")}
    assert hits(root, "甜味骗局，咸味把戏", **both) == {"A.1.a": 2, "A.3.a": 1}, "a term listed twice counts once"
    assert hits(root, "微苦味，苦味素，苦味", **both) == {"A.1.c": 1}, "in none of the contexts of either"
    text = filled("甜味骗局", 4000)
    assert done(root, [text], **both)[0]["safety"]["verdict"] == "clean", "3 and 1 for 4,000 characters"
    assert done(root, [text[:-1]], **both)[0]["safety"]["verdict"] == "flagged", "the higher level counts"
    one, two = (done(root, [""], lexicons=x)[0]["safety"]["lexicon"] for x in (("own.tsv",), ("own.tsv", "more.tsv")))
    assert one != two
    assert re.fullmatch("[0-9a-f]{12}", one)
    assert done(root, [""], lexicons=("more.tsv", "own.tsv"))[0]["safety"]["lexicon"] == two, "in any order"


def test_a_context_may_be_a_term_itself(root: Path) -> None:
    (root / "own.tsv").write_text("苦味\tA.1.c\t3\t苦味素\n苦味素\tA.1.c\n", "utf-8")
    assert hits(root, "苦味素") == {"A.1.c": 1}
    assert hits(root, "苦味素，苦味") == {"A.1.c": 2}
    verdicts = [r["safety"]["verdict"] for r in done(root, [filled("苦味素", 999), filled("苦味素", 1000)])]
    assert verdicts == ["flagged", "clean"], "of its own level"


def test_files_it_reads(root: Path) -> None:
    stage = Safety(lexicons=("own.tsv", "more.tsv"))
    assert isinstance(stage, ReadsFiles)
    assert stage.reads(root) == ("own.tsv", "more.tsv")
    assert Safety().reads(root) == ()
    terms = {c.risk.code: c.terms for c in stage.coverage(root)}
    assert (terms["all"], terms["A.1.a"], terms["A.3"]) == (7, 2, 1)
    assert next(c for c in Safety().coverage(root) if c.risk.code == "all").terms == len(sample())


def test_a_lexicon_that_is_wrong_names_the_line_and_not_the_term(root: Path) -> None:
    (root / "wrong.tsv").write_text("甜味骗局\tA.1.a\n秘密词语\tA.7.a\n秘密说法\n", "utf-8")
    for method in ("reads", "open", "coverage"):
        with pytest.raises(DomainError) as caught:
            getattr(Safety(lexicons=("own.tsv", "wrong.tsv")), method)(root)
        assert str(caught.value).startswith("wrong.tsv:2: risk: no such risk; got A.7.a; expected a code such as A.1.a")
        assert "all mistakes of this file, 2." in str(caught.value)
        assert not set("秘密词语说法") & set(str(caught.value))


def test_what_cannot_be_read(root: Path) -> None:
    with pytest.raises(DomainError, match=r"none\.tsv: no such file in the domain"):
        Safety(lexicons=("none.tsv",)).reads(root)
    (root / "link.tsv").symlink_to(root / "own.tsv")
    with pytest.raises(DomainError, match=r"link\.tsv: no such file in the domain"):
        Safety(lexicons=("link.tsv",)).reads(root)
    (root / "empty.tsv").write_text("# nothing\n", "utf-8")
    with pytest.raises(DomainError, match=r"empty\.tsv: no term of the risks that count; got 0 terms"):
        Safety(lexicons=("empty.tsv",)).reads(root)
    with pytest.raises(DomainError, match="got 6 terms"):
        Safety(lexicons=("own.tsv",), risks=("A.5",)).reads(root)


@pytest.mark.parametrize("given", [{"lexicons": ("../own.tsv",)}, {"risks": ("A.6",)}, {"most": -1}, {"gap": -1}])
def test_parameters_that_are_wrong(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Safety(**given)


def test_no_term_is_in_what_it_adds(root: Path) -> None:
    rows = done(root, ["甜味骗局，酸味圈套，苦味，K粉条"], action="drop")
    shown = json.dumps([{k: v for k, v in row.items() if k != "text"} for row in rows], ensure_ascii=False)
    assert "A.2.b" in shown
    assert not any("\u4e00" <= c <= "\u9fff" for c in shown)


SIGNS = "*-· "


def slowly(text: str, term: str, gap: int) -> int:
    """Occurrences of a term, by a regular expression that allows signs between its characters."""
    text = text.translate(str.maketrans("騙Ｋ", "骗k")).lower().replace("\u200b", "")
    run = f"[{re.escape(SIGNS)}]{{0,{gap}}}"
    parts = [re.escape(term[0])]
    for a, b in pairwise(term):
        parts += ["" if a.isascii() and b.isascii() else run, re.escape(b)]
    left = "(?<![0-9a-z])" if term[0].isascii() else ""
    right = "(?![0-9a-z])" if term[-1].isascii() else ""
    return len(re.findall(f"{left}(?={''.join(parts)}{right})", text))


@settings(max_examples=150)
@given(
    st.lists(st.text("甜味骗k1", min_size=2, max_size=4), min_size=1, max_size=8, unique=True),
    st.lists(st.text("甜味骗騙KＫk1，\n\u200b" + SIGNS, max_size=24), min_size=1, max_size=5),
    st.integers(0, 3),
)
def test_as_a_slow_search_finds_them(terms: list[str], texts: list[str], gap: int) -> None:
    assert [spelled(term) for term in terms] == terms
    codes = ["A.1.a", "A.1.b", "A.2.a"]
    listings = [Listing(n, term, codes[n % 3], 1 + n % 2, ()) for n, term in enumerate(terms)]
    found = Matcher(listings, gap).match(pa.array(["前文", *texts], pa.string())[1:])
    for text, weighed, listed in zip(texts, found.weighed.tolist(), found.listed().to_pylist(), strict=True):
        counts = [slowly(text, term, gap) for term in terms]
        expected = {code: sum(counts[i::3]) for i, code in enumerate(codes)}
        assert {r["risk"]: r["hits"] for r in listed} == {code: n for code, n in expected.items() if n}
        assert weighed == sum(n * (1 + i % 2) for i, n in enumerate(counts))
