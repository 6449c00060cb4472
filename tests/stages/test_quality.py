"""Quality: bounds and reasons, the data tables, nasty files, and real texts that must survive."""

from __future__ import annotations

import csv
import io
import math
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from curate.config import Document, validate
from curate.errors import ConfigError
from curate.industry import Profile
from curate.records import QUALITY
from curate.stages.language import Language
from curate.stages.normalise import Normalise
from curate.stages.quality import REASONS, Bound, Least, Most, Quality, Rule, presets

from .rows import batch, check_promises, reasons

BOUNDED = Quality(preset="document")
SCORE = Quality().open()


def text_of(n: int) -> str:
    """Han characters that repeat nothing."""
    return "".join(chr(0x4E00 + i * 37 % 6_000) for i in range(n))


CASES: list[tuple[str, dict[str, Any], str | None, float | None, str]] = [
    ("酒窖", {}, None, None, "without bounds nothing is dropped"),
    ("酒窖", {"chars": Bound(least=3)}, "too_short", 2, "fewer characters"),
    ("酒窖", {"chars": Bound(least=2, most=2)}, None, None, "bounds are included"),
    ("酒窖", {"chars": Bound(most=1)}, "too_long", 2, "more characters"),
    ("酒窖ab", {"han_share": Least(least=0.6)}, "low_han_share", 0.5, "two of four"),
    ("𠮷酒ab", {"han_share": Least(least=0.5)}, None, None, "a Han character of four bytes"),
    ("12酒②", {"digit_share": Most(most=0.7)}, "many_digits", 0.75, "all numerals"),
    ("123酒窖池温封泥糟", {"digit_share": Most(most=0.3)}, None, None, "three of ten are 0.3, in any precision"),
    ("酒，。🙂", {"symbol_share": Most(most=0.7)}, "many_symbols", 0.75, "punctuation and symbols"),
    ("酒 \n窖", {"space_share": Most(most=0.4)}, "many_spaces", 0.5, "spaces and line feeds"),
    (
        "酒窖\n 酒窖\n池",
        {"duplicate_line_share": Most(most=0.3)},
        "duplicate_lines",
        0.4,
        "lines differ in spaces only",
    ),
    ("酒窖\n\n\n池", {"duplicate_line_share": Most(most=0.0)}, None, None, "empty lines do not repeat"),
    ("酒" * 20, {"repeated_10gram_share": Most(most=0.5)}, "repeated_text", 10 / 11, "all but the first"),
    ("酒\ufffd", {"replacement_share": Most(most=0.1)}, "replacement_characters", 0.5, "what was not decoded"),
    (
        "酒",
        {"chars": Bound(least=2), "han_share": Least(least=1), "digit_share": Most(most=0)},
        "too_short",
        1,
        "the first rule",
    ),
    (
        "Ã¤¸1",
        {"mojibake_share": Most(most=0.1), "han_share": Least(least=1)},
        "mojibake",
        0.75,
        "broken goes before low Han share",
    ),
    ("酒ab", {"latin_share": Most(most=0.6)}, "many_letters", 2 / 3, "two letters of three"),
    ("的窖 是酒", {"function_share": Least(least=0.6)}, "few_function_characters", 0.5, "two of four Han characters"),
    ("酒酒窖 窖", {"distinct_share": Least(least=0.6)}, "few_distinct_characters", 0.5, "two of four visible ones"),
    ("酒窖", {"entropy": Bound(least=0.7)}, "low_entropy", math.log(2), "two characters, ln 2"),
    ("酒。窖！池", {"sentences": Bound(least=3)}, "few_sentences", 2, "two marks"),
    ("酒窖\n\n池", {"mean_line_chars": Bound(least=2)}, "short_lines", 1.5, "an empty line is none"),
    ("酒窖\n池 ", {"mean_line_chars": Bound(most=1)}, "long_lines", 1.5, "spaces are not visible"),
    ("#酒", {"hash_share": Most(most=0.4)}, "many_hash_signs", 0.5, "one of two"),
    ("酒…", {"ellipsis_share": Most(most=0.4)}, "many_ellipses", 0.5, "one of two"),
    ("酒【窖 池】", {"bracketed_share": Most(most=0.3)}, "much_in_brackets", 0.4, "two of five, without the brackets"),
    ("酒【窖\n池】", {"bracketed_share": Most(most=0.0)}, None, None, "brackets do not reach over lines"),
    ("酒www.a窖", {"url_share": Most(most=0.5)}, "many_addresses", 5 / 7, "up to the Han character"),
    ("酒://窖", {"url_share": Most(most=0.0)}, None, None, "a scheme has letters"),
    ("酒窖。 \n池", {"terminal_line_share": Least(least=0.6)}, "unfinished_lines", 0.5, "one of two lines"),
    ("• 酒\n窖•", {"bullet_line_share": Most(most=0.4)}, "many_bullets", 0.5, "only at the beginning"),
    ("酒…\n…窖", {"ellipsis_line_share": Most(most=0.4)}, "cut_lines", 0.5, "only at the end"),
    ("酒 更多\n更多窖", {"more_line_share": Most(most=0.4)}, "links_to_more", 0.5, "only at the end"),
    ("更\n多", {"more_line_share": Most(most=0.0)}, None, None, "nor with the line before"),
    ("酒窖酒窖酒池", {"top_2gram_share": Most(most=0.6)}, "frequent_2gram", 2 / 3, "twice two of six"),
    ("酒窖池温酒窖池温", {"top_4gram_share": Most(most=0.9)}, "frequent_4gram", 1.0, "twice four of eight"),
    ("酒酒酒酒", {"top_2gram_share": Most(most=0.9)}, "frequent_2gram", 1.0, "overlapping pairs are no more than all"),
]


@pytest.mark.parametrize(("text", "parameters", "reason", "value", "why"), CASES)
def test_reasons(text: str, parameters: dict[str, Any], reason: str | None, value: float | None, why: str) -> None:
    out = Quality(**parameters).open()(batch([text]))
    assert reasons(out) == [reason], why
    if reason:
        assert out["dropped"][0]["value"].as_py() == pytest.approx(value)
        bounds = [b for p in parameters.values() for b in p.model_dump().values() if b is not None]
        assert out["dropped"][0]["threshold"].as_py() in bounds


MOJIBAKE = "窖池温度每班记录，班长签字确认。异常情况立即报告车间。" * 3


@pytest.mark.parametrize(
    ("text", "broken", "why"),
    [
        (MOJIBAKE.encode().decode("gbk", "replace"), True, "UTF-8 read as GBK"),
        (MOJIBAKE.encode("gbk").decode("latin-1"), True, "GBK read as Latin-1"),
        (MOJIBAKE.encode("gbk").decode("cp1252", "replace"), True, "GBK read as Windows-1252"),
        (MOJIBAKE.encode().decode("latin-1"), True, "UTF-8 read as Latin-1"),
        (MOJIBAKE.encode().decode("latin-1").encode().decode("latin-1"), True, "and once more"),
        (MOJIBAKE.replace("，", "锟斤拷"), True, "U+FFFD in UTF-8 read as GBK"),
        ("窖(jiào)池温度(dù)每班記錄。", True, "readings in brackets"),
        (
            text_of(60).replace(text_of(60)[9::10], "?") + "?".join(text_of(14)),
            True,
            "question marks instead of all stops",
        ),
        (MOJIBAKE, False, "as it should be"),
        ("温度高吗?记录了吗?班长来了,看过了。", False, "short questions with half-width marks"),
        ("循环神经网络(RNN)与卷积网络（CNN）", False, "abbreviations in brackets"),
        ("René·笛卡尔与Müller、Grüße、El Niño，误差±5℃", False, "foreign names, signs"),
        ("一轮明月照，青烟烘烘，细雨涓涓。", False, "a rare character doubled"),
        ("王锟、李绾签字。", False, "rare characters in names"),
        ("宽×高=3×4，90°±2°，§3", False, "signs of Latin-1 in measures"),
    ],
)
def test_mojibake(text: str, broken: bool, why: str) -> None:
    out = SCORE(Normalise().open()(batch([text])).select(["id", "text"]))
    assert (out["quality"][0]["mojibake_share"].as_py() > 0.02) == broken, why


def test_promises() -> None:
    texts = [text for text, *_ in CASES] + [text for text, _ in BROKEN.values()] + ["", text_of(100), MOJIBAKE]
    for name in presets():
        check_promises(Quality(preset=name), texts)


GOOD = {
    "document": "第一条 为了规范窖池的温度记录，制定本规定。\n第二条 每班应当在接班时测量一次窖池温度，并把读数、时间和测量人写入台账。\n"
    "第三条 温度超过规定范围的，班长应当立即报告车间，由车间决定是否停窖检查。",
    "web": "# 怎样看懂窖池温度曲线\n很多新来的同事问，为什么窖池的温度会先升后降，其实这和酵母的活动有关。\n"
    "- 头三天升得快，是因为糖分多，酵母繁殖得也快。\n- 之后慢慢降下来，说明发酵已经到了后段，这时不要随便开窖。\n"
    "如果第五天还在升温，就要看看窖泥是不是干了，或者封窖的时候有没有漏气。更多数据见 https://example.com/pits 。",
    "dialogue": "师傅，窖池温度到三十八度了，要紧吗？\n先别急，看看是不是刚封窖第三天，是的话正常。",
    "tabular": "窖池编号: 3车间17#窖\n日期: 2026-03-12\n温度: 31.5\n湿度: 82%\n记录人: 甲班\n备注: 封窖第三天，温度正常",
}
DIGITS = "".join(str(n * n) for n in range(100, 400))
WORDS = " ".join(chr(97 + n % 26) + chr(97 + n // 26 % 26) + chr(97 + n // 7 % 26) for n in range(1, 300))
NAMES = "矿山机械设备厂家批发价格型号图片大全水泵阀门轴承皮带托辊电缆钢丝绳液压支架掘进采煤输送破碎筛选浮选洗煤焦化"
LINES = ["第三车间今天完成了窖池检查", "封窖的时候没有漏气", "温度曲线和上周相同", "湿度在规定范围之内"]
BROKEN = {
    "too_short": ("封窖。", "three characters"),
    "replacement_characters": (
        "".join("\ufffd" if n % 9 == 4 else c for n, c in enumerate(GOOD["web"])),
        "one of nine lost",
    ),
    "mojibake": (GOOD["document"].encode().decode("gbk", "replace"), "UTF-8 read as GBK"),
    "many_digits": (f"窖池温度读数如下：{DIGITS}", "nearly all are digits"),
    "many_spaces": ("  ".join(GOOD["document"]), "two spaces behind each character"),
    "many_symbols": ("，。".join(GOOD["document"]), "two marks behind each character"),
    "low_han_share": (f"{WORDS} 窖池", "two Han characters among many words"),
    "duplicate_lines": ("\n".join([*LINES, *LINES * 4]), "four lines five times"),
    "repeated_text": ("窖池的温度记录完毕，" * 30, "one phrase thirty times"),
    "frequent_4gram": (
        "".join(f"贵阳窖泥{c}{d}" for c, d in zip(NAMES, NAMES[7:], strict=False)),
        "one name before each word",
    ),
    "frequent_2gram": ("哈哈哈哈哈哈，好的，哈哈哈哈哈哈哈哈", "laughter"),
    "low_entropy": ("酒" * 150, "one character"),
    "many_addresses": (f"窖池：https://example.com/{WORDS.replace(' ', '/')}", "an address and a word"),
    "many_hash_signs": ("".join(f"#{c}{d}" for c, d in zip(NAMES, NAMES[5:], strict=False)), "tags"),
    "many_ellipses": (
        "".join(f"{c}{d}…" for c, d in zip(NAMES, NAMES[5:], strict=False)),
        "an ellipsis behind each pair",
    ),
    "much_in_brackets": (f"【{NAMES}】封窖的时候没有漏气【{NAMES[::-1]}】", "headings alone"),
    "links_to_more": ("\n".join(f"{line} 查看更多" for line in LINES * 3), "teasers"),
    "cut_lines": ("\n".join(f"{line}…" for line in LINES * 3), "teasers that break off"),
    "many_bullets": ("\n".join(f"• {line}" for line in LINES * 3), "a list and nothing else"),
    "short_lines": ("\n".join(NAMES[n : n + 3] for n in range(0, 48, 3)), "a menu"),
    "few_function_characters": (f"{NAMES}{NAMES[::-1]}", "keywords"),
}
RULES = [(name, rule) for name, rules in presets().items() for rule in rules]


@pytest.mark.parametrize(("name", "rule"), RULES, ids=[f"{name}-{rule.reason}" for name, rule in RULES])
def test_each_rule_of_each_preset(name: str, rule: Rule) -> None:
    text, why = BROKEN[rule.reason]
    out = Quality(preset=name, drop=(rule.reason,)).open()(batch([GOOD[name], text]))
    assert out["quality"][0]["flags"].as_py() == []
    assert reasons(out) == [None, rule.reason], why
    assert out["dropped"][1]["threshold"].as_py() == rule.threshold


def test_each_rule_has_a_source_and_the_reason_of_its_measure() -> None:
    assert set(presets()) == {"web", "document", "dialogue", "tabular"}
    for name, rules in presets().items():
        sides = [(rule.measure, rule.side) for rule in rules]
        assert len(set(sides)) == len(sides), name
        for rule in rules:
            assert REASONS[rule.measure, rule.side] == rule.reason
            assert len(rule.source) > 10
        assert [rule[2] for rule in Quality(preset=name).bounds()] == [
            r for r in REASONS.values() if r in {x.reason for x in rules}
        ]


def test_document_has_the_bounds_that_the_recipe_had() -> None:
    bounds = {(measure, side): value for measure, side, _, value in BOUNDED.bounds()}
    assert bounds == {
        ("chars", "least"): 60,
        ("han_share", "least"): 0.15,
        ("digit_share", "most"): 0.3,
        ("symbol_share", "most"): 0.4,
        ("space_share", "most"): 0.4,
        ("duplicate_line_share", "most"): 0.35,
        ("repeated_10gram_share", "most"): 0.5,
        ("replacement_share", "most"): 0.005,
        ("mojibake_share", "most"): 0.02,
        ("entropy", "least"): 3,  # the one that is new
    }


def read(**parameters: Any) -> Quality:
    """As a recipe gives it."""
    return validate(Quality, Document("recipe.yaml", None, {}), data=parameters)


PRESET_CASES: list[tuple[dict[str, Any], str, str, float | None, str]] = [
    ({"preset": "document"}, "digit_share", "most", 0.3, "the preset's"),
    ({"preset": "document", "digit_share": {"most": 0.2}}, "digit_share", "most", 0.2, "one given takes its place"),
    ({"preset": "document", "digit_share": {"most": None}}, "digit_share", "most", None, "null takes it away"),
    ({"preset": "document", "digit_share": {}}, "digit_share", "most", 0.3, "nothing is said of it"),
    ({"preset": "document", "chars": {"most": 900}}, "chars", "least", 60, "the other side stays"),
    ({"preset": "document", "chars": {"most": 900}}, "chars", "most", 900, "and this one is added"),
    ({"preset": "document", "url_share": {"most": 0.5}}, "url_share", "most", 0.5, "a rule that the preset lacks"),
    ({"preset": "none"}, "chars", "least", None, "no rules"),
    ({"preset": "none", "chars": {"least": 9}}, "chars", "least", 9, "only its own"),
    ({}, "chars", "least", None, "none before the industry is known"),
]


@pytest.mark.parametrize(("parameters", "measure", "side", "bound", "why"), PRESET_CASES)
def test_presets(parameters: dict[str, Any], measure: str, side: str, bound: float | None, why: str) -> None:
    stage = read(**parameters)
    assert getattr(getattr(stage, measure), side) == bound, why
    again = read(**stage.model_dump(mode="json"))
    assert (again, again.bounds()) == (stage, stage.bounds()), "as a manifest holds it"


def test_the_industry_gives_the_preset_where_none_is_given() -> None:
    tables = Profile(name="made", title="示例", preset="tabular")
    settled = read(chars={"least": 7}, digit_share={"most": None}).settled(tables)
    assert settled == read(preset="tabular", chars={"least": 7}, digit_share={"most": None})
    assert (settled.preset, settled.chars.least, settled.digit_share.most, settled.space_share.most) == (
        "tabular",
        7,
        None,
        0.6,
    )
    assert settled.settled(Profile(name="other", title="示例", preset="web")) == settled, "what is set stays"
    assert read(preset="none").settled(tables).bounds() == []


DROP_CASES: list[tuple[object, list[str | None], str]] = [
    ("all", ["too_short", "many_digits", None], "the first that each misses"),
    ("none", [None, None, None], "only flagged"),
    (["many_digits"], ["many_digits", "many_digits", None], "the first of those that drop"),
    (
        ["low_han_share", "many_symbols"],
        ["low_han_share", "low_han_share", None],
        "in the order of the rules, not of the list",
    ),
    (["many_addresses"], [None, None, None], "a rule without a bound"),
    ([], [None, None, None], "an empty list is none"),
]


@pytest.mark.parametrize(("drop", "expected", "why"), DROP_CASES)
def test_only_the_rules_named_drop_and_all_flag(drop: object, expected: list[str | None], why: str) -> None:
    out = read(preset="document", drop=drop).open()(batch(["12", DIGITS, GOOD["document"]]))
    assert reasons(out) == expected, why
    flags = [row["flags"] for row in out["quality"].to_pylist()]
    assert flags == [
        ["too_short", "many_digits", "low_han_share", "low_entropy"],
        ["many_digits", "low_han_share", "low_entropy"],
        [],
    ]


MISTAKES: list[tuple[dict[str, Any], str, str]] = [
    ({"preset": "documents"}, "'web', 'document', 'dialogue', 'tabular' or 'none'", "the presets are listed"),
    ({"drop": ["many_digit"]}, "no such reason: many_digit, expected some of too_short, ", "the reasons are listed"),
    ({"drop": "some"}, "'all' or 'none'", "neither"),
    ({"preset": "web", "chars": {"most": 9}}, "least is greater than most", "the preset's least too"),
]


@pytest.mark.parametrize(("parameters", "message", "why"), MISTAKES)
def test_mistakes_are_told(parameters: dict[str, Any], message: str, why: str) -> None:
    with pytest.raises(ConfigError) as error:
        read(**parameters)
    assert message in str(error.value), why


@settings(deadline=None)
@given(st.lists(st.text(max_size=40), min_size=1, max_size=4))
def test_shares_and_score_lie_between_0_and_1(texts: list[str]) -> None:
    out = SCORE(batch(texts))
    assert out.schema.field("quality").type == QUALITY
    for row in out["quality"].to_pylist():
        assert all(0 <= row[name] <= 1 for name in row if name == "score" or name.endswith("_share"))
        assert all(row[name] >= 0 for name in ("chars", "sentences", "mean_line_chars", "entropy"))


def test_score_falls_as_a_text_gets_worse() -> None:
    good = GOOD["document"]
    for bad in ("1", "，", " ", "\ufffd", "a"):
        texts = [good + bad * n for n in (0, 10, 60, 200, 900)]
        scores = [row["score"] for row in SCORE(batch(texts))["quality"].to_pylist()]
        assert scores == sorted(scores, reverse=True)
        assert scores[0] > 0.9 > 0.5 > scores[-1]


@pytest.mark.parametrize(
    ("parameters", "why"),
    [
        ({"chars": {"least": 10, "most": 5}}, "no record could pass"),
        ({"han_share": {"most": 0.5}}, "there is no reason for too much Han"),
        ({"digit_share": {"least": 0.5}}, "nor for too few digits"),
        ({"digit_share": {"most": 30}}, "a share is not a percentage"),
        ({"digits": {"most": 0.3}}, "no such field"),
    ],
)
def test_wrong_parameters(parameters: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError):
        Quality(**parameters)


def survivors(texts: list[str]) -> list[str | None]:
    """The reason of each text in normalise, language and quality with the recommended bounds."""
    out = batch(texts)
    found: list[str | None] = [None] * len(texts)
    for stage in (Normalise(), Language(), BOUNDED):
        out = stage.open()(out)
        found = [old or new for old, new in zip(found, reasons(out), strict=True)]
        out = out.drop_columns(["dropped"])
    return found


def test_nasty_files(shared: Path) -> None:
    expected: dict[str, set[str | None]] = {
        "mojibake-utf8-as-gbk.txt": {"mojibake", "replacement_characters"},
        "mojibake-gbk-as-latin1.txt": {"mojibake", "other_language"},
        "mojibake-double-utf8.txt": {"mojibake", "other_language"},
        "replacement-chars.txt": {"replacement_characters"},
        "repeat-one-char.txt": {"repeated_text"},
        "repeat-one-sentence.txt": {"duplicate_lines"},
        "digits-table.txt": {"no_letters"},
        "half-width-ocr.txt": {"many_spaces"},
        "pinyin-annotated-traditional.txt": {"mojibake"},
        "control-chars.txt": {None},
        "null-bytes.txt": {None},
    }
    folder = shared / "data" / "nasty" / "crafted"
    texts = [(folder / name).read_bytes().decode() for name in expected]
    for name, reason in zip(expected, survivors(texts), strict=True):
        assert reason in expected[name], name
    alone = batch(texts[:3])
    assert reasons(BOUNDED.open()(alone))[1:] == ["mojibake", "mojibake"]  # also where the language stage is left out


def test_statutes_survive_and_none_looks_broken(shared: Path) -> None:
    folder = shared / "data" / "corpora" / "laws"
    texts = [f.read_bytes().decode() for f in sorted(folder.glob("*/*"))]
    assert len(texts) == 1_470
    found = survivors(texts)
    assert found.count(None) / len(found) >= 0.97
    assert reasons(BOUNDED.open()(batch(texts))).count(None) / len(texts) >= 0.99
    assert "mojibake" not in found
    assert "replacement_characters" not in found


CRAFTED = {
    "mojibake-utf8-as-gbk.txt": {"mojibake", "replacement_characters"},
    "mojibake-gbk-as-latin1.txt": {"mojibake"},
    "mojibake-double-utf8.txt": {"mojibake"},
    "replacement-chars.txt": {"replacement_characters"},
    "repeat-one-char.txt": {"repeated_text"},
    "repeat-one-sentence.txt": {"duplicate_lines", "repeated_text"},
    "digits-table.txt": {"many_digits"},
}


@pytest.mark.parametrize("preset", presets())
def test_broken_files_fall_to_every_preset(preset: str, shared: Path) -> None:
    folder = shared / "data" / "nasty" / "crafted"
    texts = [(folder / name).read_bytes().decode() for name in CRAFTED]
    found = reasons(Quality(preset=preset).open()(batch(texts)))
    assert [r in allowed for r, allowed in zip(found, CRAFTED.values(), strict=True)] == [True] * len(CRAFTED), found


def good_texts(preset: str, data: Path) -> list[list[str]]:
    """Texts of a preset's kind, of one corpus each."""
    corpora = data / "corpora"

    def read_all(pattern: str) -> list[str]:
        return [f.read_bytes().decode() for f in sorted(corpora.glob(pattern))]

    def table(file: Path, encoding: str) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(file.read_bytes().decode(encoding))))

    if preset == "web":
        html = [f.read_bytes().decode() for f in sorted((data / "formats" / "expected").glob("*"))]
        return [read_all("food-howtocook/**/*.md"), read_all("education-oi-wiki/**/*.md"), html]
    rows = table(corpora / "medical-qa" / "内科问答-a.gbk.csv", "gb18030")
    if preset == "tabular":
        return [["\n".join(f"{name}: {value}" for name, value in row.items()) for row in rows]]
    asked = [f"{row['ask']}\n{row['answer']}" for row in rows]
    comments = [row["TEXT"] for row in table(data / "quality-dev" / "COLDataset" / "dev.csv", "utf-8-sig")]
    return [asked, [row["ask"] for row in rows if row["ask"].strip()], comments]


@pytest.mark.parametrize("preset", ["web", "dialogue", "tabular"])
def test_a_preset_keeps_good_texts_of_its_kind(preset: str, shared: Path) -> None:
    for texts in good_texts(preset, shared / "data"):
        found = reasons(Quality(preset=preset).open()(Normalise().open()(batch(texts)).select(["id", "text"])))
        assert found.count(None) / len(found) >= 0.99, Counter(found)


def test_a_slice_of_a_large_batch_reads_its_own_rows_only() -> None:
    whole = batch([text_of(50), "1" * 50, text_of(50)])
    out = SCORE(whole.slice(1, 1))
    assert out["quality"][0]["digit_share"].as_py() == 1
    assert pa.array(out["id"]).to_pylist() == ["r1"]
