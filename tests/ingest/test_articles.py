"""Pages with several articles, written for this test, and everything that looks like one and is not."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.cli.data import extract
from curate.errors import ConfigError
from curate.ingest import to_batches
from curate.ingest.articles import spans
from curate.records import record_id
from tests.ingest.making import docx, items, paragraph, read, source, zipped

KILN = (
    "新窑投产以后，车间把点火、升温和保温三个阶段分别交给三个小组负责，交接时双方在记录本上签名。"
    "头一个月里出现过两次升温过快的情况，都在半小时内调整过来了。组长说，今后还要把每个时段的曲线贴在墙上，"
    "让夜班的人一眼就能看出偏差。设备科也答应在下个季度更换两支老化的热电偶，并把备用的一支放在控制室里。"
)
BRIDGE = (
    "大桥合龙那天，两岸的施工队伍同时停下手里的活，站在栈道上看最后一节钢梁慢慢落位。"
    "负责测量的小组从凌晨就开始读数，因为早上温度变化最小，梁的长度最稳定。合龙误差只有三毫米，比要求的还小一半。"
    "项目负责人表示，接下来要做的是桥面铺装和护栏安装，预计入冬之前可以通车，沿线三个乡镇的群众出行时间将缩短一小时。"
)
ORCHARD = (
    "果园今年换了新的灌溉办法，水从山上的蓄水池流下来，经过过滤以后由细管送到每一棵树下。"
    "技术员每周记两次土壤湿度，低于下限才开阀。到了采收季节，果子的大小比往年整齐，裂果也少了许多。"
    "合作社算了一笔账，省下的水费和人工差不多够买来年的肥料，几户原来观望的人家也来打听怎么铺管子。"
)
NIGHT = (
    "值夜班的护士要在一小时内走完十二间病房，查看输液速度和伤口敷料，还要留意老人有没有踢开被子。"
    "遇到家属询问，她总是先请对方到走廊上再轻声回答。凌晨四点是最难熬的时候，她会用冷水洗一把脸，再去核对早上的药单。"
    "交班时天已经亮了，她把夜里发生的每件事都讲给接班的同事听，连谁换了枕头也没有漏掉。这样的夜晚她已经过了七年。"
)
LONG = KILN + BRIDGE
A, B, C = "新窑车间三班交接走上正轨", "山谷大桥顺利合龙", "果园细管灌溉初见成效"


def block(title: str, byline: str, body: str) -> str:
    return f"{title}\n{byline}\n{body}\n"


PAGES: list[tuple[str, str, list[str]]] = [
    (
        "labels with date, source and views in one line",
        block(A, "发布时间：2024-03-05 09:12 来源：厂办 阅读次数：132", KILN)
        + block(B, "发布时间：2024-03-07 来源：项目部 阅读次数：98", BRIDGE)
        + block(C, "发布时间：2024-03-11 来源：合作社 阅读次数：7", ORCHARD),
        [A, B, C],
    ),
    (
        "author and date in lines of their own, blank lines between",
        f"{A}\n\n作者：本报记者\n\n日期：2024年3月5日\n\n{KILN}\n\n{B}\n\n作者：通讯员\n\n日期：2024年3月7日\n\n{BRIDGE}\n",
        [A, B],
    ),
    (
        "labels whose values stand in the next line, as cells of a table are printed",
        f"{A}\n来源：\n示例日报\n时间：\n2024-03-05\n{KILN}\n{B}\n来源：\n示例晚报编辑部\n时间：\n2024-03-07\n{BRIDGE}\n",
        [A, B],
    ),
    (
        "date and time without a label; each article ends with its editor and a signature",
        f"{A}\n2024-03-05 09:12 示例日报\n{KILN}\n责任编辑：某某\n{B}\n2024年03月07日 10:20\n{BRIDGE}\n示例县交通局\n2024-03-07\n",
        [A, B],
    ),
    (
        "a signature with a date between two articles is no title",
        f"{A}\n来源：厂办\n{KILN}\n第二砖瓦厂办公室\n2024-03-05\n{B}\n来源：项目部\n{BRIDGE}\n",
        [A, B],
    ),
    (
        "subtitles behind dashes belong to their titles",
        f"{A}\n——第二砖瓦厂见闻\n作者：某某\n{KILN}\n{B}\n——来自工地的报道\n作者：某某\n{BRIDGE}\n",
        [A, B],
    ),
    (
        "a short page head stays with the first article",
        f"示例县要闻汇编\n{A}\n来源：厂办\n{KILN}\n{B}\n来源：项目部\n{BRIDGE}\n",
        ["示例县要闻汇编", B],
    ),
    (
        "a long page head is a part of its own",
        f"{NIGHT}{ORCHARD}\n{A}\n来源：厂办\n{KILN}\n{B}\n来源：项目部\n{BRIDGE}\n",
        [NIGHT[:10], A, B],
    ),
    (
        "bylines, with lines of marks between the articles as well: the marks are left out",
        f"{A}\n来源：厂办\n{KILN}\n==========\n{B}\n来源：项目部\n{BRIDGE}\n",
        [A, B],
    ),
    (
        "a line of marks between articles without bylines",
        f"第二砖瓦厂夜班见闻录\n{LONG}\n==========\n果园里的新管子和旧水渠\n{ORCHARD}{NIGHT}\n",
        ["第二砖瓦厂夜班见闻录", "果园里的新管子和旧水渠"],
    ),
    (
        "two kinds of marks: only the one that stands between articles splits",
        f"※※※\n第二砖瓦厂夜班见闻录\n{KILN}\n-----\n{BRIDGE}\n※※※\n果园里的新管子和旧水渠\n{ORCHARD}{NIGHT}\n※※※\n",
        ["第二砖瓦厂夜班见闻录", "果园里的新管子和旧水渠"],
    ),
    (
        "Markdown: first headings behind rules",
        f"# 第二砖瓦厂夜班见闻录\n\n{LONG}\n\n---\n\n# 果园里的新管子和旧水渠\n\n{ORCHARD}{NIGHT}\n",
        ["# 第二砖瓦厂夜班见闻录", "# 果园里的新管子和旧水渠"],
    ),
    (
        "numbered articles, the title in the same line",
        f"第一篇：夜班交接心得体会\n{LONG}\n第二篇：田间灌溉心得体会\n{ORCHARD}{NIGHT}\n",
        ["第一篇：夜班交接心得体会", "第二篇：田间灌溉心得体会"],
    ),
    (
        "numbered articles, the title in the next line: the number is left out",
        f"篇一\n夜班交接心得体会\n{LONG}\n篇二\n田间灌溉心得体会\n{ORCHARD}{NIGHT}\n",
        ["夜班交接心得体会", "田间灌溉心得体会"],
    ),
]

WHOLE: list[tuple[str, str]] = [
    ("one article", block(A, "发布时间：2024-03-05 来源：厂办", LONG)),
    ("titles and dates: a list of links", "".join(f"{t}\n2024-03-0{i}\n" for i, t in enumerate([A, B, C], 1))),
    ("dates before titles: the same", "".join(f"2024-03-0{i}\n{t}\n" for i, t in enumerate([A, B, C], 1))),
    (
        "short news: one sentence below each title",
        "".join(block(t, "发布时间：2024-03-05", body.split("。")[0] + "。") for t, body in ((A, KILN), (B, BRIDGE))),
    ),
    (
        "teasers that go on elsewhere",
        "".join(block(t, "发布时间：2024-03-05", body + "……阅读全文>>") for t, body in ((A, KILN), (B, BRIDGE))),
    ),
    ("one article and a short one", block(A, "来源：厂办", KILN) + block(B, "来源：项目部", "大桥合龙。明年通车。")),
    (
        "an article, its signature and furniture",
        f"{A}\n来源：厂办\n{KILN}\n第二砖瓦厂办公室\n2024-03-05\n上一篇：无\n下一篇：{B}\n",
    ),
    (
        "statute with chapters",
        "示例县砖瓦厂管理办法\n2024年3月5日示例县人民政府公布\n"
        + "".join(f"第{n}章 {name}\n第{m}条 {KILN}\n" for n, m, name in (("一", "一", "总则"), ("二", "二", "附则"))),
    ),
    (
        "statute whose chapters stand between rules",
        f"第一章 砖瓦厂的设立和登记\n第一条 {LONG}\n-----\n第二章 砖瓦厂的监督和检查\n第二条 {LONG}\n",
    ),
    (
        "manual with numbered headings between rules",
        f"1. 窑炉点火前的准备工作\n{LONG}\n-----\n2. 窑炉升温阶段的操作\n{ORCHARD}{NIGHT}\n",
    ),
    (
        "manual with numbered headings and dates below them",
        f"1.1 窑炉点火前的准备\n日期：2024-03-05\n{LONG}\n1.2 升温阶段的操作\n日期：2024-03-07\n{ORCHARD}{NIGHT}\n",
    ),
    (
        "report whose parts stand between rules: names of parts are short or usual",
        f"背景与现状\n{LONG}\n-----\n主要做法\n{ORCHARD}{NIGHT}\n-----\n本项目的参考文献\n{LONG}\n",
    ),
    (
        "sections of Markdown behind rules",
        f"# 第二砖瓦厂夜班见闻录\n\n{LONG}\n\n---\n\n## 夜班之后的交接和记录\n\n{ORCHARD}{NIGHT}\n",
    ),
    (
        "headings with lines below them",
        f"第二砖瓦厂夜班见闻录\n==========\n{LONG}\n\n果园里的新管子和旧水渠\n==========\n{ORCHARD}{NIGHT}\n",
    ),
    (
        "headings between two lines",
        f"=====\n第二砖瓦厂夜班见闻录\n=====\n{LONG}\n=====\n果园里的新管子和旧水渠\n=====\n{ORCHARD}{NIGHT}\n",
    ),
    (
        "table of contents, then the book: its parts hold chapters",
        "第一篇 窑炉设备基础\n第二篇 桥梁施工基础\n"
        f"第一篇 窑炉设备基础\n第一章 点火\n{LONG}\n第二篇 桥梁施工基础\n第二章 合龙\n{LONG}\n",
    ),
    (
        "numbers that do not begin at one",
        f"第三篇：夜班交接心得体会\n{LONG}\n第四篇：田间灌溉心得体会\n{LONG}{NIGHT}\n",
    ),
    (
        "chat: names, times, short messages",
        "".join(f"张某 2024-03-05 10:2{i}\n师傅说明天早上换热电偶\n" for i in range(5)),
    ),
    (
        "chat with long messages",
        "".join(f"窑炉车间小组长{i}号\n2024-03-05 10:22:0{i}\n{LONG}\n" for i in range(2)).replace(
            "号\n", " 2024-03-05 10:22\n"
        ),
    ),
    (
        "export of a chat: the same names again and again",
        "".join(f"窑炉车间小组长\n2024-03-05 10:22:0{i}\n{LONG}\n" for i in range(3)),
    ),
    (
        "forum: posts with numbers",
        f"窑炉升温太快怎么办\n楼主\n发布时间：2024-03-05\n{LONG}\n热电偶要多久换一次\n2楼\n作者：乙\n{NIGHT}\n",
    ),
    (
        "forum: long posts below names and times",
        f"爱烧窑的老师傅\n发表于 2024-03-05 10:22\n{LONG}\n桥工队的小学徒\n发表于 2024-03-05 11:07\n{NIGHT}\n",
    ),
    (
        "questions and answers",
        f"窑炉升温太快怎么办\n提问者：甲\n来源：网友\n{LONG}\n热电偶要多久换一次\n提问者：乙\n来源：网友\n{NIGHT}\n",
    ),
    (
        "figures and tables with sources below their captions",
        f"{LONG}\n图1 各月升温曲线对比\n来源：厂办\n{BRIDGE}\n表2 各月裂果率变化情况\n来源：合作社\n{NIGHT}\n",
    ),
    (
        "notes of versions",
        f"版本 2.1\n发布日期：2024-03-05\n{LONG}\n版本 2.2\n发布日期：2024-04-05\n{ORCHARD}{NIGHT}\n",
    ),
    (
        "records of shifts: one title for all",
        "".join(f"窑炉车间早班记录\n日期：2024-03-0{i}\n{body}\n" for i, body in ((5, KILN), (6, NIGHT))),
    ),
    ("front matter and a rule", f"---\ntitle: 夜班见闻录和其他\n---\n{LONG}\n\n---\n\n{NIGHT}\n"),
    ("a rule inside one article", f"第二砖瓦厂夜班见闻录\n{LONG}\n-----\n{NIGHT}{BRIDGE}\n"),
    (
        "a rule before a note on the author",
        f"第二砖瓦厂夜班见闻录\n{LONG}\n-----\n关于本文作者的说明\n{NIGHT}{BRIDGE}\n",
    ),
    (
        "book without contents: its parts hold chapters",
        f"第一篇 窑炉设备基础\n第一章 点火\n{LONG}\n第二篇 桥梁施工基础\n第二章 合龙\n{LONG}\n",
    ),
    ("report whose parts have short names", f"厂里的现状\n{LONG}\n-----\n主要的做法\n{ORCHARD}{NIGHT}\n"),
    ("entries with sources: names of things are no titles", f"窑炉\n来源：厂办\n{LONG}\n大桥\n来源：项目部\n{NIGHT}\n"),
    (
        "lists below titles and bylines: no sentences",
        "".join(block(t, "来源：厂办", "热电偶两支\n耐火砖三百块\n铁锹四把\n手套二十双\n" * 8) for t in (A, B)),
    ),
    ("short texts between rules", f"第二砖瓦厂夜班见闻录\n{KILN}\n-----\n果园里的新管子和旧水渠\n{ORCHARD}\n"),
    (
        "a heading with a line below it, and a short line below that",
        f"第二砖瓦厂夜班见闻录\n{LONG}\n升温阶段的操作要点\n-----\n夜班人员需要记住的几件事\n{ORCHARD}{NIGHT}\n",
    ),
    ("no lines at all", LONG * 3),
    ("only marks", "=====\n" * 20),
    ("nothing", ""),
]


@pytest.mark.parametrize(
    ("why", "text", "begins"), PAGES, ids=lambda v: v if isinstance(v, str) and len(v) < 120 else ""
)
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"], ids=["lf", "crlf", "cr"])
def test_articles_with_clear_boundaries_are_split(why: str, text: str, begins: list[str], ends: str) -> None:
    text = text.replace("\n", ends)
    parts = [text[a:b] for a, b in spans(text).values()]
    assert [part[: len(begin)] for part, begin in zip(parts, begins, strict=True)] == begins, why
    assert not left_out(text).strip("=-※*# \r\n"), why
    assert not any(part != part.strip("=-※ \r\n") for part in parts), "the marks between articles are part of none"


@pytest.mark.parametrize(("why", "text"), WHOLE, ids=[why for why, _ in WHOLE])
def test_whatever_is_not_clear_stays_whole(why: str, text: str) -> None:
    assert spans(text) == {}, why


def left_out(text: str) -> str:
    """What stands in no part, without the numbers of articles; parts must be in order and apart."""
    rest, at = [], 0
    found = spans(text)
    assert list(found) == list(range(min(found, default=1), min(found, default=1) + len(found)))
    for start, stop in found.values():
        assert at <= start < stop
        rest.append(text[at:start])
        at = stop
    return re.sub("第?[一二]?篇[一二]?", "", "".join(rest) + text[at:]) if found else ""


PIECES = st.sampled_from(
    [A, B, C, KILN, BRIDGE, ORCHARD, NIGHT, LONG, "来源：厂办", "发布时间：2024-03-05", "作者：", "2024-03-05", "", " ", "　",
     "=====", "-----", "※※※", "* * *", "第一篇", "第二篇", "篇一", "第一篇：夜班交接心得体会", "第一章 总则", "示例县交通局", "——侧记",
     "2楼", "附件1", "\ufeff", "a", "短句。"]
)  # fmt: skip


@given(st.lists(st.tuples(PIECES, st.sampled_from(["\n", "\n\n", "\r\n", "\r", "\n \n"])), max_size=24))
def test_nothing_is_lost_but_blanks_and_separators(pieces: list[tuple[str, str]]) -> None:
    text = "".join(piece + end for piece, end in pieces)
    for line in re.split("[\r\n]", left_out(text)):
        assert not line.strip("\ufeff \u3000=-※*"), "only separators and blanks stand between parts"


@given(st.text(alphabet="一篇第二：=-※*\n 。2024年:来源时间", max_size=200))
def test_any_text_is_read(text: str) -> None:
    left_out(text)


ARTICLE = "<article><h2>{}</h2><p>{}</p></article>"
TWO = ARTICLE.format(A, KILN) + ARTICLE.format(B, BRIDGE)


def page(body: str) -> bytes:
    return f"<!doctype html><html><head><meta charset=utf-8><title>示例网</title></head><body>{body}</body></html>".encode()


HTML: list[tuple[str, str, list[str]]] = [
    ("siblings with headings", f"<main>{TWO}</main>", ["1/A1", "1/A2"]),
    ("menu and footer beside them", f"<nav>首页</nav><main>{TWO}</main><footer>示例网</footer>", ["1/A1", "1/A2"]),
    ("a long introduction before them", f"<main><p>{NIGHT}{ORCHARD}</p>{TWO}</main>", ["1/A0", "1/A1", "1/A2"]),
    ("text between them stays with the one before", f"<main>{TWO}<p>以上由厂办供稿。</p></main>", ["1/A1", "1/A2"]),
    ("comments below an article are part of it", f"<main>{TWO.replace('</p></article>', '</p><article><p>写得好，学习了。</p></article></article>')}</main>", ["1/A1", "1/A2"]),
    ("blocks without such elements, with bylines", f"<div><h2>{A}</h2><span>来源：厂办</span><p>{KILN}</p></div><div><h2>{B}</h2><span>来源：项目部</span><p>{BRIDGE}</p></div>", ["1/A1", "1/A2"]),
    ("one article", f"<main>{ARTICLE.format(A, LONG)}</main>", ["1"]),
    ("nested only", f"<article><h2>{A}</h2><p>{LONG}</p><article><h2>{B}</h2><p>{NIGHT}</p></article></article>", ["1"]),
    ("all inside one", f"<article><h1>{C}</h1>{TWO}</article>", ["1"]),
    ("in a block of related pages", f"<div><h1>{C}</h1><p>{ORCHARD}</p></div><div class=related>{TWO}</div>", ["1"]),
    ("not siblings", f"<ul><li>{ARTICLE.format(A, KILN)}</li><li>{ARTICLE.format(B, BRIDGE)}</li></ul>", ["1"]),
    ("teasers below a story", f"<main><div><h1>{C}</h1><p>{LONG * 3}</p></div><section>{TWO}</section></main>", ["1"]),
    ("short news", f"<main>{ARTICLE.format(A, KILN[:40] + '。')}{ARTICLE.format(B, BRIDGE[:40] + '。')}</main>", ["1"]),
    ("posts without headings", f"<main><article><p>{KILN}</p></article><article><p>{BRIDGE}</p></article></main>", ["1"]),
    ("a forum", f"<main>{TWO.replace('<p>', '<div>2楼</div><p>')}</main>", ["1"]),
    ("the same heading twice", f"<main>{ARTICLE.format(A, KILN)}{ARTICLE.format(A, BRIDGE)}</main>", ["1"]),
    ("hidden in a menu", f"<div><h1>{C}</h1><p>{LONG}</p></div><nav>{TWO}</nav>", ["1"]),
]  # fmt: skip


@pytest.mark.parametrize(("why", "body", "locators"), HTML, ids=[why for why, *_ in HTML])
def test_articles_of_web_pages(tmp_path: Path, why: str, body: str, locators: list[str]) -> None:
    found = items(read(tmp_path, "page.html", page(body), split="articles"))
    assert [item.locator for item in found] == locators, why
    plain = items(read(tmp_path, "page.html", page(body)))
    assert [item.locator for item in plain] == ["1"], "the switch is off"
    if len(locators) == 1:
        assert found == plain
    else:
        han = re.compile("[\u4e00-\u9fff]")
        joined = "".join(han.findall("".join(item.text for item in found)))
        assert "".join(han.findall(plain[0].text)).removeprefix("示例网") in joined, (
            "no text that is read without the switch is lost"
        )
        assert [KILN in found[-2].text, BRIDGE in found[-1].text] == [True, True]


def test_between_and_around_articles_of_web_pages_nothing_is_lost(tmp_path: Path) -> None:
    body = f"<main><p>示例网摘编。</p>{ARTICLE.format(A, KILN)}<p>以上由厂办供稿。</p>{ARTICLE.format(B, BRIDGE)}<p>全文完。</p></main>"
    first, second = items(read(tmp_path, "page.html", page(body), split="articles"))
    assert first.text == f"示例网摘编。\n{A}\n{KILN}\n以上由厂办供稿。"
    assert second.text == f"{B}\n{BRIDGE}\n全文完。"


TEXT = PAGES[0][1]


@pytest.mark.parametrize(
    ("name", "data", "at"),
    [
        ("a.txt", TEXT.encode(), ""),
        ("a.txt", TEXT.encode("gb18030"), ""),
        ("a.md", TEXT.encode(), ""),
        ("a.docx", docx("".join(map(paragraph, TEXT.splitlines()))), ""),
        ("a.zip", zipped({"内/a.txt": TEXT.encode()}), "内/a.txt::"),
    ],
    ids=["txt", "gb18030", "md", "docx", "zip"],
)
def test_every_format_of_documents(tmp_path: Path, name: str, data: bytes, at: str) -> None:
    found = items(read(tmp_path, name, data, split="articles"))
    assert [(item.locator, item.text.splitlines()[0]) for item in found] == [
        (f"{at}1/A1", A),
        (f"{at}1/A2", B),
        (f"{at}1/A3", C),
    ]
    assert [item.locator for item in items(read(tmp_path, name, data))] == [f"{at}1"]


@pytest.mark.parametrize("rows", [1, 2, 100])
def test_each_article_has_an_id_of_its_own(tmp_path: Path, rows: int) -> None:
    parts = read(tmp_path, "a.txt", TEXT.encode(), split="articles")
    made = to_batches(
        parts, source=source(split="articles"), path="raw/a.txt", sha256="0" * 64, record_chars=10**6, rows=rows
    )
    ids = [id for batch, _ in made for id in batch["id"].to_pylist()]
    assert ids == [record_id("s", "raw/a.txt", f"1/A{n}") for n in (1, 2, 3)]


def test_records_of_tables_are_as_their_file_has_them(tmp_path: Path) -> None:
    parts = read(tmp_path, "a.jsonl", json.dumps({"text": TEXT}).encode(), split="articles")
    assert [item.locator for item in items(parts)] == ["L1"]


def test_extract_splits_where_it_is_told(tmp_path: Path) -> None:
    file, out = tmp_path / "a.txt", tmp_path / "out.jsonl"
    file.write_text(TEXT, "utf-8")
    for split, locators in (("none", ["1"]), ("articles", ["1/A1", "1/A2", "1/A3"])):
        extract([file], str(out), split=split)
        assert [json.loads(line)["locator"] for line in out.read_text("utf-8").splitlines()] == locators
    with pytest.raises(ConfigError, match="split"):
        extract([file], str(out), split="pages")


@pytest.mark.parametrize("corpus", ["laws", "food-howtocook", "education-d2l", "education-oi-wiki", "software-paddle"])
def test_real_documents_stay_whole(shared: Path, corpus: str) -> None:
    texts = [p for p in sorted((shared / "data/corpora" / corpus).rglob("*")) if p.suffix in (".md", ".txt", ".rst")]
    assert texts
    assert [p.name for p in texts if spans(p.read_text("utf-8", errors="replace"))] == []
