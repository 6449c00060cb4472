"""What examples/baijiu holds: which text goes into which file, and what must become of it."""

from __future__ import annotations

from typing import Any, NamedTuple

__all__ = [
    "BAD_LINES",
    "BROKEN",
    "DOCUMENTS",
    "FOOTER",
    "KEPT",
    "MENU",
    "NEWS",
    "PACKED",
    "PERSONAL",
    "ROW_FATES",
    "SCRIPT",
    "TABLES",
    "ZIP",
    "ZIPPED",
    "Doc",
    "Fate",
    "Table",
]

MENU = ("首页", "集团概况", "新闻中心", "产品展示", "在线商城", "人才招聘")
FOOTER = "版权所有 赤水河畔示例酒业 黔ICP备99000123号-1 贵公网安备 52990002000123号 网站地图"
SCRIPT = "var _hm = _hm || []; document.title = document.title;"


class Fate(NamedTuple):
    """What must become of a record: `reason` is the reason of the ledger, or the kind of the quarantine."""

    fate: str
    stage: str
    reason: str


KEPT = Fate("kept", "", "")


class Doc(NamedTuple):
    """A file that is one record."""

    path: str
    text: str
    """Name in baijiu_documents.txt."""
    edits: tuple[tuple[str, str], ...] = ()
    near: str = ""
    """Group of near duplicates; exact duplicates need no name."""
    fate: Fate = KEPT
    options: dict[str, Any] = {}


def quality(reason: str) -> Fate:
    return Fate("dropped", "quality", reason)


OTHER = Fate("dropped", "language", "other_language")
DOS = {"encoding": "gb18030", "newline": "\r\n"}
STACK_TABLE = (
    ("测温点", "第一天", "第二天", "第三天", "第四天"),
    ("堆顶", "31", "38", "45", "50"),
    ("堆腰", "29", "33", "39", "43"),
)

DOCUMENTS = (
    Doc("process/2025/qu-shift-0618.txt", "qu-shift-a"),
    Doc("process/2025/qu-shift-0619.txt", "qu-shift-b"),  # the same form, other events: must stay
    Doc("process/2025/xiasha-1029.docx", "xiasha", options={"table": STACK_TABLE}),
    Doc("process/2025/zaosha-1201.docx", "zaosha"),
    Doc("process/2025/steaming.txt", "steaming", options=DOS),
    Doc("process/2025/stacking-log.md", "stacking"),
    Doc("process/2026/pit-sealing.txt", "pit", options={"bom": True}),
    Doc("process/2026/rounds.docx", "rounds", near="rounds"),
    Doc(
        "process/2026/rounds-revised.docx",
        "rounds",
        edits=(("产量不过百分之二三", "产量不过百分之三四"),),
        near="rounds",
    ),
    Doc(
        "process/2026/rounds-printed.docx",
        "rounds",
        edits=(("新进职工往往", "新来的职工往往"), ("才轮到勾调师动手。", "才轮到勾调师动手。各班组织学习一次。")),
        near="rounds",
    ),
    Doc("process/2026/round3-0411.txt", "round3"),
    Doc("process/2026/round3-0411-copy.txt", "round3", options=DOS),
    Doc("process/2026/round4-0513.txt", "round4"),
    Doc("process/2026/blending.txt", "blending", options={"encoding": "utf-16-le", "bom": True}),
    Doc("process/2026/ageing.txt", "ageing", options={"encoding": "big5"}),
    Doc("process/2026/stacking-essay.txt", "essay", near="essay"),
    Doc(
        "process/2026/stacking-essay-final.txt",
        "essay",
        edits=(
            ("二百四十六个堆子", "二百六十四个堆子"),
            ("计入班组考核。", "计入班组考核，连续两月漏填的停发质量奖。"),
        ),
        near="essay",
    ),
    Doc("process/2026/qu-storage.txt", "qu-storage"),
    Doc("laboratory/report-0312.pdf", "report-a"),
    Doc("laboratory/report-0313.pdf", "report-b"),
    Doc("laboratory/energy-review.pdf", "energy-review"),
    Doc("laboratory/gc-note.docx", "gc-note"),
    Doc("laboratory/grain.docx", "grain", near="grain"),
    Doc(
        "laboratory/grain-2026.md",
        "grain",
        edits=(
            ("留样期十二个月", "留样期十八个月"),
            ("由质量部解释。", "由质量部解释，原规定同时废止，旧表单用完为止。"),
        ),
        near="grain",
    ),
    Doc("laboratory/thermometers.txt", "thermometers", fate=quality("many_digits")),
    Doc("equipment/boiler.txt", "boiler"),
    Doc("equipment/crane.docx", "crane"),
    Doc("knowledge/standard-26760.md", "standard-a", near="standard"),
    Doc(
        "knowledge/standard-26760-b.md",
        "standard-a",
        edits=(("用意是防止串型", "目的是防止串型"),),
        near="standard",
    ),
    Doc("knowledge/standard-2757.txt", "standard-b"),
    Doc("knowledge/pickup.docx", "pickup"),
    Doc("knowledge/qu-training.pdf", "qu-training"),
    Doc("knowledge/safety-2026-07.docx", "safety"),
    Doc("knowledge/fire.txt", "fire"),
    Doc("knowledge/fire-handout.docx", "fire"),
    Doc("knowledge/glossary.txt", "glossary", options=DOS),
    Doc("knowledge/anti-fake.docx", "anti-fake"),
    Doc("knowledge/marketing.md", "marketing"),
    Doc("knowledge/recruitment.txt", "recruitment"),
    Doc("knowledge/visitor.txt", "visitor"),
    Doc("knowledge/supplier.docx", "supplier"),
    Doc("knowledge/notice.txt", "notice", fate=quality("too_short")),
    Doc("knowledge/slogan.txt", "slogan", fate=quality("repeated_text")),
    Doc("knowledge/mojibake.txt", "mojibake", fate=quality("mojibake")),
    Doc("knowledge/lost-characters.txt", "lost-characters", fate=quality("replacement_characters")),
    Doc("portal/craft.html", "craft", near="craft", options={"encoding": "gb2312"}),
    Doc(
        "portal/craft-reprint.html",
        "craft",
        edits=(
            ("大约要五年。", "前后大约要五年时间。"),
            ("就是快不了的。", "就是快不了的。本文由酒旅中心整理供参观者阅读。"),
        ),
        near="craft",
    ),
    Doc("portal/trace-guide.html", "trace-guide"),
    Doc("portal/contact.html", "contact"),
    Doc("portal/english.html", "english", fate=OTHER),
    Doc("portal/japanese.html", "japanese", fate=OTHER),
    Doc("portal/crawl-list.txt", "crawl-list", fate=quality("duplicate_lines")),
)

PACKED = "process/archive/qu-storage.txt.gz"
ZIP = "knowledge/handbook.zip"
ZIPPED = (("环境/晾堂卫生.txt", "zip-hygiene"), ("环境/用水.md", "zip-water"), ("包装/标签验收.docx", "zip-label"))


class Table(NamedTuple):
    """A file with one record a row; `groups` are the heads in baijiu_rows.txt of its sheets, or of its one part."""

    path: str
    groups: tuple[str, ...]
    columns: tuple[str, ...]
    """The names of the cells in the head; the text column comes last."""


TICKET = ("工单号", "日期", "客户姓名", "联系电话", "内容")
TABLES = (
    Table("equipment/inspection.xlsx", ("点检", "检修"), ("日期", "设备编号", "情况描述")),
    Table("equipment/alarms.jsonl", ("报警",), ("时间", "设备编号", "情况描述")),
    Table("laboratory/energy.json", ("能耗",), ("月份", "分析")),
    Table("tickets/2026-q1.csv", ("工单",), TICKET),
    Table("tickets/2026-q2.jsonl", ("咨询",), TICKET),
    Table("tickets/dealers.xlsx", ("经销商",), TICKET),
)
PERSONAL = {"客户姓名": "PERSON", "联系电话": "CN_MOBILE"}
BAD_LINES = {2: '{"时间": "2026-03-06 09:12", "设备编号": "TK-09", "情况描述": "高液位报警', 4: "[报警] DW-17 离线"}
ROW_FATES = {"正常，无异常。": quality("too_short")}

BROKEN = (
    ("equipment/manual-truncated.docx", "truncated"),
    ("equipment/plc-dump.dat", "unsupported"),
    ("knowledge/empty.txt", "empty"),
    ("knowledge/fake.pdf", "wrong_type"),
    ("knowledge/notes.txt.gz", "wrong_type"),
    ("portal/scan.png", "unsupported"),
)

NEWS = (
    "制酒一车间完成四轮次取酒",
    "我厂召开春季安全生产例会",
    "红缨子高粱订单种植签约",
    "陶坛酒库扩建工程封顶",
    "职工技能大赛摘酒项目收官",
    "赤水河增殖放流活动举行",
    "包装中心开展质量月活动",
    "客服中心夜间值守安排公布",
)
