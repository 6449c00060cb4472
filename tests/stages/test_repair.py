"""Repairing: a table of cases for each repair, idempotence and batches as properties, the nasty files, clean statutes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.stages.repair import Repair

from .rows import batch, check_promises, reasons

WORK = Repair().open()
ADVERT = "久久精品_国产精品_欧美日韩_免费视频_无码高清_在线观看"
BODY = "酱酒的酿造分为制曲、下沙、造沙等工序，历时一年。" * 3
PAGE = (
    "今年全市煤矿企业认真落实安全生产责任，瓦斯治理工程\n按计划推进，井下监测系统运行平稳，没有发生任何的事\n"
    "故，各项指标好于去年，其中通风系统改造已经全部完成\n并通过验收。"
)


def broken(text: str, right: str, wrong: str) -> str:
    """A text written in one encoding and read in another."""
    return text.encode(right).decode(wrong)


# kind, text, expected, count, why
CASES = [
    ("glosses", "報(bào)告", "報告", 1, "a traditional character"),
    ("glosses", "报（bào）告", "报告", 1, "full-width brackets; the character has one reading"),
    ("glosses", "業(ye)務", "業務", 1, "no tone, inside a word"),
    ("glosses", "數(shù)據(jù)。", "數據。", 2, "one behind the other"),
    ("glosses", "女(nǚ)工(gōng)安(ān)全(quán)。", "女工安全。", 4, "beside sure ones those with several readings go"),
    ("glosses", "银行(háng)业", "银行(háng)业", 0, "an author tells which of two readings is meant"),
    ("glosses", "損失(loss)與(a)項", "損失(loss)與(a)項", 0, "English words and single letters"),
    ("glosses", "人(gǒu)类", "人(gǒu)类", 0, "not a reading of that character"),
    ("glosses", "张三(Zhang San)、长度(mm)、氡(Rn)", "张三(Zhang San)、长度(mm)、氡(Rn)", 0, "names, units, formulae"),
    ("glosses", "人(rén) 口(kǒu) 手(shǒu)", "人(rén) 口(kǒu) 手(shǒu)", 0, "a primer: readings are meant"),
    ("mojibake", broken("我国人民安全", "utf-8", "gb18030"), "我国人民安全", 1, "UTF-8 read as GB18030"),
    ("mojibake", "前文" + broken("中文错误", "utf-8", "cp1252"), "前文中文错误", 1, "read as Windows-1252 inside good text"),
    ("mojibake", broken("中文编码错误", "utf-8", "latin1"), "中文编码错误", 1, "read as Latin-1"),
    ("mojibake", broken(broken("我们的国家", "utf-8", "latin1"), "utf-8", "latin1"), "我们的国家", 1, "twice"),
    ("mojibake", broken("贵州省人民政府2004年", "gbk", "latin1"), "贵州省人民政府2004年", 2, "short spans beside a long one"),
    ("mojibake", "été naïve Übergröße Äê", "été naïve Übergröße Äê", 0, "other languages"),
    ("mojibake", "前文鎴戜滑鐨勫浗瀹躲\ufffd", "前文鎴戜滑鐨勫浗瀹躲\ufffd", 0, "a byte is lost: left as it is"),
    ("escapes", "甲&lt;乙&#20013;", "甲<乙中", 2, "entities"),
    ("escapes", "研发(R&amp;amp;D)", "研发(R&D)", 2, "escaped twice"),
    ("escapes", "前\\u4e2d\\u6587后", "前中文后", 1, "half-decoded JSON"),
    ("escapes", "看%E4%B8%AD%E6%96%87好", "看中文好", 1, "percent signs in prose"),
    ("escapes", "[\\u4e00-\\u9fa5] 与 \"\\u4e2d\\u6587\"", "[\\u4e00-\\u9fa5] 与 \"\\u4e2d\\u6587\"", 0, "patterns, literals"),
    ("escapes", "http://x.cn/%E4%B8%AD", "http://x.cn/%E4%B8%AD", 0, "addresses"),
    ("escapes", "写作`&amp;`\n```\n&lt;\n```", "写作`&amp;`\n```\n&lt;\n```", 0, "code"),
    ("escapes", "<p>&lt;</p>", "<p>&lt;</p>", 0, "markup"),
    ("soft_hyphens", "软\xad件", "软件", 1, "invisible"),
    ("spaces", "我 们 今 天 在 山 上 采 茶 ， 天 气 很 好 。", "我们今天在山上采茶，天气很好。", 14, "scanned"),
    ("spaces", "中国 人民 银行 今天 发布 公告 说明 情况 如下", "中国 人民 银行 今天 发布 公告 说明 情况 如下", 0, "words"),
    ("spaces", "第 一 章  总 则", "第 一 章  总 则", 0, "a heading set wide"),
    ("spaces", "是 否 是 是 否 否 是 否 有 无 有 无", "是 否 是 是 否 否 是 否 有 无 有 无", 0, "a row of a table"),
    ("lines", PAGE, PAGE.replace("\n", ""), 3, "full lines with sentences going on"),
    ("lines", "白日依山尽\n黄河入海流\n欲穷千里目\n更上一层楼", "白日依山尽\n黄河入海流\n欲穷千里目\n更上一层楼", 0, "verse"),
    ("lines", "\n\n".join(PAGE.split("\n")), "\n\n".join(PAGE.split("\n")), 0, "paragraphs"),
    ("lines", PAGE.replace("\n", "\n（一）"), PAGE.replace("\n", "\n（一）"), 0, "items of a list"),
    ("furniture", f"首页 > 新闻 > 正文\n{BODY}", BODY, 1, "breadcrumb"),
    ("furniture", f"{BODY}\n责任编辑：某某\n返回顶部\n京ICP备12345678号-1", BODY + "\n", 3, "foot of a page"),
    ("furniture", f"{BODY}（责任编辑：某某）", BODY, 1, "behind the last sentence"),
    ("furniture", f"{BODY}\n分享到：微信 微博", BODY + "\n", 1, "share buttons"),
    ("furniture", "责任编辑应当核对稿件。\n版权所有者享有权利。", "责任编辑应当核对稿件。\n版权所有者享有权利。", 0, "sentences"),
    ("furniture", "网站应当标明ICP备案号。", "网站应当标明ICP备案号。", 0, "a sentence on such numbers"),
    ("links", f"{BODY}\n相关阅读\n酒价上涨\n新厂投产\n", BODY + "\n", 3, "titles behind the text"),
    ("links", f"{BODY}\n相关阅读\n酒价上涨\n{BODY}", f"{BODY}\n相关阅读\n酒价上涨\n{BODY}", 0, "text follows"),
    ("hijacked", f"{ADVERT}\n{BODY}", f"\n{BODY}", 1, "before good text"),
    ("hijacked", "赌博、吸毒、卖淫 白癜风 癫痫 妇科 男科 神经科", "赌博、吸毒、卖淫 白癜风 癫痫 妇科 男科 神经科", 0, "crimes and diseases"),
]  # fmt: skip


def counts(row: dict[str, list[dict[str, int]]]) -> dict[str, int]:
    return {str(r["kind"]): r["count"] for r in row["repairs"]}


@pytest.mark.parametrize(("kind", "text", "expected", "count", "why"), CASES)
def test_cases(kind: str, text: str, expected: str, count: int, why: str) -> None:
    row = WORK(batch([text])).to_pylist()[0]
    assert row["text"] == expected, why
    assert counts(row).get(kind, 0) == count, why
    off = Repair.model_validate({kind: False}).open()(batch([text])).to_pylist()[0]
    assert kind not in counts(off), "each repair has a switch"


def test_promises() -> None:
    check_promises(Repair(), [text for _, text, *_ in CASES] + ["", " \n", ADVERT])
    check_promises(Repair(simplify=True), [text for _, text, *_ in CASES] + ["", " \n", ADVERT])


SEEDS = [text for _, text, *_ in CASES] + [ADVERT, "\n", "\r\n", "(", "&amp;", "\u4e2d", "锟斤拷", "\ufffd", " "]
TEXTS = st.lists(st.lists(st.one_of(st.sampled_from(SEEDS), st.text(max_size=5)), max_size=6).map("".join), max_size=4)


@settings(deadline=None, max_examples=150)
@given(TEXTS)
def test_twice_is_once_and_each_record_stands_alone(texts: list[str]) -> None:
    once = WORK(batch(texts))
    again = WORK(batch(once["text"].to_pylist()))
    assert again["text"].to_pylist() == once["text"].to_pylist()
    alone = [WORK(batch([text])).to_pylist()[0] for text in texts]
    assert [(r["text"], r["repairs"]) for r in alone] == [(r["text"], r["repairs"]) for r in once.to_pylist()]


def test_mostly_keywords_is_dropped() -> None:
    out = WORK(batch([ADVERT, f"{ADVERT}\n{BODY}"]))
    assert reasons(out) == ["hijacked", None]
    assert out["dropped"][0].as_py()["value"] == 1.0
    assert out["dropped"][0].as_py()["threshold"] == 0.5


def test_simplified_by_sentence_and_script_kept() -> None:
    out = Repair(simplify=True).open()(batch(["憑藉這個係統，我們做甚麼都快。后来的事情。", "后来"])).to_pylist()
    assert [row["text"] for row in out] == ["凭借这个系统，我们做什么都快。后来的事情。", "后来"]
    assert [row["script"] for row in out] == ["Hant", None]


def test_what_is_left_broken_is_counted() -> None:
    row = WORK(batch(["前文鎴戜滑鐨勫浗瀹躲\ufffd"])).to_pylist()[0]
    assert counts(row) == {"mojibake_left": 1}


def test_nasty_files(shared: Path) -> None:
    folder = shared / "data" / "nasty" / "crafted"

    def repaired(name: str) -> tuple[str, str, dict[str, int]]:
        old = (folder / name).read_bytes().decode()
        row = WORK(batch([old])).to_pylist()[0]
        return old, row["text"], counts(row)

    old, new, count = repaired("pinyin-annotated-traditional.txt")
    expected = re.sub("(?<=[一-鿿])\\([a-zāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ]+\\)", "", old)
    assert new == expected
    assert count == {"glosses": 85}
    for name in ("mojibake-double-utf8.txt", "mojibake-gbk-as-latin1.txt"):
        _, new, count = repaired(name)
        assert set(count) == {"mojibake"}, name
        assert not re.search("[\x80-\xb6\xb8-\xff]", new.replace("\xa0", "")), name
    old, new, count = repaired("mojibake-utf8-as-gbk.txt")
    assert new == old, "bytes are lost, so the quality filter drops it as a whole"
    assert set(count) == {"mojibake_left"}
    _, new, count = repaired("half-width-ocr.txt")
    assert set(count) == {"spaces"}
    assert not re.search("[一-鿿] [一-鿿]", new)


def test_clean_statutes_stay_as_they_are(shared: Path) -> None:
    files = sorted((shared / "data" / "corpora" / "laws").rglob("*.md"))[::10]
    texts = [file.read_text("utf-8") for file in files]
    assert len(texts) > 100
    assert WORK(batch(texts))["text"].to_pylist() == texts
