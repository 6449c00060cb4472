from __future__ import annotations

import time
from pathlib import Path

import pytest

from curate.catalog import Limits
from curate.ingest.html_tree import depth_of, strip_tags
from curate.ingest.markup import main_text
from curate.ingest.pdf import join_lines, without_headers
from tests.ingest.making import docx, faults, items, paragraph, pdf, read, zipped

BODY = "".join(f"<p>第{n}号曲房本周翻曲两次，温度正常，湿度略高，已经开窗通风。</p>" for n in "一二三四五六")
MENU = '<div class="nav"><a href="#">首页</a><a href="#">通知公告</a></div>'


def page(body: str, title: str = "曲房周报_某酒厂") -> str:
    return f"<html><head><title>{title}</title></head><body>{body}</body></html>"


OUT = [
    (f"{MENU}<div>{BODY}</div>", "首页", "a menu"),
    (f"<nav>栏目</nav><div>{BODY}</div>", "栏目", "nav"),
    (f"<div>{BODY}<script>var 脚本='，。';</script></div>", "脚本", "a script"),
    (f"<div>{BODY}<style>.样式{{}}</style></div>", "样式", "a style sheet"),
    (f"<div>{BODY}</div><footer>版权声明，保留权利。</footer>", "版权", "a footer"),
    (f"<div>{BODY}</div><div id='page-foot'>备案号，地址。</div>", "备案", "a footer by its id"),
    (f"<div>{BODY}<ul><li><a>另一篇</a></li><li><a>又一篇</a></li></ul></div>", "另一篇", "a list of links"),
    (f"<div>{BODY}</div><form><label>检索，词语</label></form>", "检索", "a form"),
    (f"<div>{BODY}<!-- 注释，文字。 --></div>", "注释", "a comment"),
    (f"<div>{BODY}<div class='shareBar'>分享到</div></div>", "分享", "a class in camel case"),
]


@pytest.mark.parametrize(("body", "word", "reason"), OUT)
def test_what_stays_out(body: str, word: str, reason: str) -> None:
    text = main_text(page(body))
    assert word not in text, reason
    assert text.count("翻曲两次") == 6, reason


def test_title_once() -> None:
    assert main_text(page(f"<div>{BODY}</div>")).startswith("曲房周报\n第一号")
    assert main_text(page(f"<h1>周报</h1><div>{BODY}</div>")).count("周报") == 1
    assert main_text(page(f"<div><h1>曲房周报</h1>{BODY}</div>")).count("曲房周报") == 1


def test_layout() -> None:
    table = "<table><tr><td>曲房</td><td>温度</td></tr><tr><td>一号</td><td>52</td></tr></table>"
    text = main_text(page(f"<div>{BODY}{table}<p>一<br>二&nbsp;三 <b>四</b></p></div>"))
    assert text.endswith("曲房\t温度\n一号\t52\n一\n二 三 四")


def test_a_page_that_is_one_form() -> None:
    assert main_text(page(f"<form><div>{BODY}</div></form>")).count("翻曲两次") == 6


def test_pages_without_running_text(tmp_path: Path) -> None:
    assert faults(read(tmp_path, "a.html", b"<html><body><script>x</script></body></html>")) == [("", "no_text")]
    assert faults(read(tmp_path, "a.html", b" \n")) == [("", "empty")]


def test_trafilatura_is_asked_where_nothing_is_found() -> None:
    words = "".join(f"<span>word{i} </span>" for i in range(90))
    assert main_text(page(f"<div class='side'>{words}</div>")).count("word") >= 80


def test_depth() -> None:
    deep = page("<div>" * 5000 + BODY + "</div>" * 5000)
    assert depth_of(deep) == 5000
    assert depth_of(page("<p>一<p>二<li>三<br><img>" * 900)) < 10
    started = time.process_time()
    text = main_text(deep.replace("<body>", f"<body><nav>栏目</nav><script>if (a<b) 脚本</script>{MENU}"))
    assert time.process_time() - started < 2
    assert text.count("翻曲两次") == 6
    assert "栏目" not in text
    assert "脚本" not in text


@pytest.mark.parametrize("unit", ["<a ", "<!--", "<script>", "<", "<div", "</", "<p><div><b>", "<table><tr><td>"])
def test_broken_markup_takes_linear_time(unit: str) -> None:
    started = time.process_time()
    main_text(unit * 60_000)
    strip_tags(unit * 60_000)
    assert time.process_time() - started < 4


def test_charset_of_the_page_counts_only_where_the_rule_is_unsure(tmp_path: Path) -> None:
    wrong = page(BODY).replace("<head>", '<head><meta charset="utf-8">').encode("gbk")
    assert items(read(tmp_path, "a.html", wrong))[0].encoding == "gb18030"
    korean = page("<p>한국어 문장은 여기에 있습니다.</p>" * 9, "제목")
    marked = korean.replace("<head>", '<head><meta charset="euc-kr">').encode("euc_kr")
    assert items(read(tmp_path, "b.html", marked))[0].text.count("한국어 문장") == 9
    assert faults(read(tmp_path, "c.html", korean.encode("euc_kr"))) == [("", "encoding")]
    strange = korean.replace("<head>", '<head><meta charset="no-such">').encode("euc_kr")
    assert faults(read(tmp_path, "d.html", strange)) == [("", "encoding")]


def cell(text: str) -> str:
    return f"<w:tc>{paragraph(text)}</w:tc>"


RUN = "<w:r><w:t>{}</w:t></w:r>"
DOCX = [
    (paragraph("甲") + paragraph("乙"), "甲\n乙", "a paragraph a line"),
    (f"<w:p>{RUN.format('甲')}{RUN.format('乙')}</w:p>", "甲乙", "runs"),
    ("<w:p><w:r><w:t>甲</w:t><w:tab/><w:t>乙</w:t><w:br/><w:t>丙</w:t></w:r></w:p>", "甲\t乙\n丙", "tab and break"),
    (
        f"<w:tbl><w:tr>{cell('一')}{cell('二')}</w:tr><w:tr>{cell('三')}{cell('四')}</w:tr></w:tbl>",
        "一\t二\n三\t四",
        "table",
    ),
    (
        f"<w:p>{RUN.format('留')}<w:del>{RUN.format('删')}</w:del><w:ins>{RUN.format('增')}</w:ins></w:p>",
        "留增",
        "changes",
    ),
    (
        "<w:p><mc:AlternateContent><mc:Choice><w:r><w:t>甲</w:t></w:r></mc:Choice>"
        "<mc:Fallback><w:r><w:t>甲</w:t></w:r></mc:Fallback></mc:AlternateContent></w:p>",
        "甲",
        "one branch of alternatives",
    ),
    (
        f"<w:p>{RUN.format('正文')}<w:r><w:pict><w:txbxContent>{paragraph('框')}</w:txbxContent></w:pict></w:r></w:p>",
        "正文\n框",
        "a text box after its paragraph",
    ),
    (f"<w:sdt><w:sdtContent>{paragraph('甲')}</w:sdtContent></w:sdt>", "甲", "a content control"),
    ("<w:p><w:pPr><w:tabs><w:tab/></w:tabs></w:pPr><w:r><w:t>甲</w:t></w:r></w:p>", "甲", "tab stops are no text"),
    ("<w:p><w:r><w:instrText>PAGE</w:instrText><w:t>甲</w:t></w:r></w:p>", "甲", "field codes are no text"),
]


@pytest.mark.parametrize(("body", "expected", "reason"), DOCX)
def test_docx(tmp_path: Path, body: str, expected: str, reason: str) -> None:
    (item,) = items(read(tmp_path, "a.docx", docx(body)))
    assert (item.locator, item.text, item.encoding) == ("1", expected, None), reason


def test_docx_notes_and_headers(tmp_path: Path) -> None:
    notes = f"<w:footnote>{paragraph('脚注')}</w:footnote>"
    (item,) = items(read(tmp_path, "a.docx", docx(paragraph("正文"), footnotes=notes, header1=paragraph("页眉"))))
    assert item.text == "正文\n脚注"


def test_docx_refused(tmp_path: Path) -> None:
    dtd = '<!DOCTYPE x [<!ENTITY a "曲房">]>'
    assert faults(read(tmp_path, "a.docx", docx(paragraph("&a;"), before=dtd))) == [("", "entities")]
    assert faults(read(tmp_path, "a.docx", docx(""))) == [("", "no_text")]
    assert faults(read(tmp_path, "a.docx", zipped({"word/document.xml": b"<a><b>"}))) == [("", "corrupt")]
    large = docx(paragraph("曲" * 1000) * 50)
    assert faults(read(tmp_path, "a.docx", large, Limits(document_bytes=10_000))) == [("", "too_large")]
    assert faults(read(tmp_path, "a.docx", large, Limits(record_chars=10_000))) == [("", "too_large")]
    bomb = docx(paragraph("曲" * 1000) * 8000)
    assert faults(read(tmp_path, "a.docx", bomb)) == [("", "bomb")]
    lying = bytearray(docx(paragraph("曲" * 100)))
    for mark, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = lying.find(mark) + place
        lying[at : at + 4] = (20).to_bytes(4, "little")  # the size that the member declares
    assert faults(read(tmp_path, "a.docx", bytes(lying))) == [("", "corrupt")]


def test_pdf(tmp_path: Path) -> None:
    pages = [["Report", f"body {word} line", f"page {n}"] for n, word in enumerate(["one", "two", "three"])]
    (item,) = items(read(tmp_path, "a.pdf", pdf(pages)))
    assert "Report" not in item.text
    assert "page" not in item.text
    assert item.text.split() == ["body", "one", "line", "body", "two", "line", "body", "three", "line"]
    assert faults(read(tmp_path, "a.pdf", pdf([[], []]))) == [("", "no_text")]
    assert faults(read(tmp_path, "a.pdf", pdf(pages), Limits(pages=2))) == [("", "too_large")]
    assert items(read(tmp_path, "a.pdf", b"rubbish\n" + pdf(pages)))


def test_headers_and_footers_of_pages() -> None:
    pages = [["内部资料", f"{text}一", "甲", f"{text}二", f"- {n} -"] for n, text in enumerate("子丑寅卯辰巳", 7)]
    assert without_headers(pages) == [[f"{text}一", "甲", f"{text}二"] for text in "子丑寅卯辰巳"]
    assert without_headers(pages[:2]) == pages[:2]
    some = [["第一章", "甲"], ["乙", "丙"], ["丁", "戊"], ["第一章", "己"], ["第一章", "庚"]]
    assert without_headers(some) == some
    assert without_headers([["页眉"], ["页眉"], ["页眉", "甲"]]) == [[], [], ["甲"]]


LINE = "一二三四五六七八九十一二三四五六七八九十"
JOINED = [
    ([LINE, "末行。"], [LINE + "末行。"], "a full line goes on"),
    ([LINE, "短行", "下一段"], [LINE + "短行", "下一段"], "a short line ends a paragraph"),
    ([LINE, "第二条 甲"], [LINE, "第二条 甲"], "an article begins"),
    (["甲" + "." * 38 + " 1", "乙" + "." * 38 + " 2"], ["甲" + "." * 38 + " 1", "乙" + "." * 38 + " 2"], "contents"),
    ([LINE, "（一）甲"], [LINE, "（一）甲"], "a list item begins"),
    (["word " * 8 + "end", "next"], ["word " * 8 + "end next"], "Latin words keep a space between them"),
]


@pytest.mark.parametrize(("lines", "expected", "reason"), JOINED)
def test_joining(lines: list[str], expected: list[str], reason: str) -> None:
    assert join_lines(lines) == expected, reason
