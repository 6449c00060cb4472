"""Made-up addresses of many forms, in the surroundings they are written in; regions are real, the rest is invented."""

from __future__ import annotations

import random
from functools import cache
from typing import NamedTuple

from curate.pii import data
from curate.stages.tables import rows

__all__ = ["Line", "lines"]

FIRST = "青碧云霞松竹梅兰桂荷枫柳榆槐龙凤鹤锦瑞祥福康泰安宁华兴盛昌丰嘉怡和文明德仁义礼智信诚朝晨曙晓春夏秋星月江河湖溪泉山岭石玉金银紫丹"
SECOND = "山水江河湖溪泉源林园城阳光华辉明亮霞云天海洋岛岭峰谷川原平安康宁泰兴盛隆昌荣富贵德善仁义乐怡悦和顺达通远景新春秋月星"
ROADS = (
    "路",
    "路",
    "路",
    "街",
    "大道",
    "大街",
    "巷",
    "东路",
    "西路",
    "南路",
    "北路",
    "中路",
    "一路",
    "二路",
    "西街",
    "北街",
    "胡同",
    "横街",
    "支路",
    "环路",
    "大道东段",
    "路二段",
    "大道中段",
)
ESTATES = (
    "小区",
    "花园",
    "家园",
    "公寓",
    "苑",
    "雅苑",
    "名苑",
    "山庄",
    "新城",
    "华府",
    "名都",
    "花苑",
    "嘉园",
    "公馆",
    "豪庭",
    "府",
    "郡",
    "国际",
    "新村",
    "家属院",
    "大厦",
    "广场",
    "国际公寓",
    "城",
    "湾",
)
FAMILIES = "王李张刘陈杨黄赵周吴徐孙马朱胡郭何林罗高"
BEFORE = (
    "",
    "",
    "住址：",
    "家庭住址:",
    "地址 ",
    "收货地址：",
    "户籍地址：",
    "现住",
    "他住在",
    "请把文件寄到",
    "请送至",
    "被告人{p}，男，汉族，住",
    "原告{p}，住所地",
    "{p}家住",
    "我们约好在",
    "昨晚消防队赶到",
    "案发地为",
    "经查，该房屋位于",
    "公司已搬迁至",
    "收件人：{p}\n地址：",
    "| {p} | ",
    "{p}，",
    "快递放在",
    "房屋坐落：",
    "Tel: 无\n",
    "一、",
    "（",
    "“",
    "他从",
    "门店在",
    "自有房产一处，即",
    "我家在",
    "业主{p}的房屋（",
)
AFTER = (
    "",
    "",
    "。",
    "，电话另附。",
    "，请尽快送达。",
    "；",
    "\n邮编：000000",
    " 收",
    "，现已出租。",
    "（{p}收）",
    "的业主来电投诉。",
    "、",
    " | 自提 |",
    "发生一起火情。",
    "）",
    "”",
    "附近有人报警。",
)
HAN = "零一二三四五六七八九"


class Line(NamedTuple):
    """A text, where its address stands, and of what form it is."""

    text: str
    start: int
    end: int
    form: str


@cache
def _regions() -> list[tuple[str, str, str]]:
    """Province, prefecture and county, whole names, of the regions of today."""
    by_code = {row[0]: row[1] for row in reversed(data.rows("regions")) if len(row) == 2}
    out = []
    for code, name in sorted(by_code.items()):
        above = by_code.get(code[:4] + "00"), by_code.get(code[:2] + "0000")
        if code[4:] != "00" and above[0] and above[1] and code[:2] < "71":
            out.append((above[1], above[0], name))
    return out


def _short(name: str) -> str:
    for ending in ("省", "市", "县", "区"):
        if name.endswith(ending) and len(name) > 2 and "自治" not in name:
            return name[:-1]
    return name


@cache
def _traditional() -> dict[int, str]:
    out: dict[int, str] = {}
    for old, new in rows("simplified.tsv"):
        for t, s in zip(old, new, strict=True):
            if s in "县镇乡号楼栋单层区东门园庄广厦华湾阳龙凤云兰贵龙义庆宁报经户籍":
                out.setdefault(ord(s), t)
    return out


def _name(draw: random.Random) -> str:
    return draw.choice(FIRST) + draw.choice(SECOND)


def _number(draw: random.Random, most: int) -> str:
    n = draw.randint(1, most)
    if n < 100 and draw.random() < 0.12:
        tens, ones = divmod(n, 10)
        return ("" if tens == 0 else "十" if tens == 1 else HAN[tens] + "十") + (HAN[ones] if ones else "")
    return str(n)


def _region(draw: random.Random) -> str:
    province, city, county = draw.choice(_regions())
    if province == city:
        city = ""
    form = draw.random()
    gap = " " if form > 0.93 else ""
    if form < 0.12:
        return ""
    if form < 0.25:
        return county
    if form < 0.4:
        return f"{city}{county}"
    if form < 0.5:
        return f"{_short(province)}{_short(city)}{county}"
    return f"{province}{gap}{city}{gap}{county}{gap}"


def _building(draw: random.Random) -> str:
    n, unit, room = _number(draw, 60), _number(draw, 6), f"{draw.randint(1, 33)}{draw.randint(1, 12):02}"
    return draw.choice(
        (
            f"{n}栋{unit}单元{room}室",
            f"{n}栋{unit}单元{room}",
            f"{n}号楼{unit}单元{room}室",
            f"{n}幢{room}室",
            f"{n}-{unit}-{room}",
            f"{n}座{room}",
            f"{n}栋{room}房",
            f"{draw.choice('ABCD')}座{room}室",
            f"{n}号楼{draw.randint(1, 30)}层",
            f"{n}栋",
            f"{n}号楼{room}",
            f"{n}#{room}",
            f"{n}栋{unit}单元{draw.randint(1, 30)}楼{draw.randint(1, 8)}号",
            f"第{n}幢第{unit}单元第{room}号",
        )
    )


def _road(draw: random.Random) -> str:
    return _name(draw) + draw.choice(ROADS)


def _house(draw: random.Random) -> str:
    n = _number(draw, 999)
    return n + draw.choice(
        (
            "号",
            "号",
            "号",
            "号",
            f"号附{draw.randint(1, 30)}号",
            f"-{draw.randint(1, 20)}号",
            f"弄{draw.randint(1, 90)}号",
            "号之一",
            "号院",
        )
    )


def _address(draw: random.Random) -> tuple[str, str]:
    form = draw.choice(
        (
            "street",
            "street",
            "street_estate",
            "street_estate",
            "estate",
            "village",
            "village",
            "town_street",
            "spaced",
            "english",
        )
    )
    region = _region(draw)
    if form == "street":
        return region + _road(draw) + _house(draw), form
    if form == "street_estate":
        return region + _road(draw) + _house(draw) + _name(draw) + draw.choice(ESTATES) + _building(draw), form
    if form == "estate":
        return region + _name(draw) + draw.choice(ESTATES) + _building(draw), form
    if form == "village":
        town, village = (
            _name(draw) + draw.choice(("镇", "乡", "街道")),
            _name(draw) + draw.choice(("村", "村", "社区", "居委会")),
        )
        detail = draw.choice(("{}组", "{}组{}号", "{}社", "第{}村民小组", "{}村民组{}号", "{}号", "{}队", "{}屯{}号"))
        return region + town + village + detail.replace("{}", _number(draw, 20), 1).replace(
            "{}", _number(draw, 200)
        ), form
    if form == "town_street":
        return region + _name(draw) + draw.choice(("街道", "镇", "街道办事处")) + _road(draw) + _house(
            draw
        ) + _building(draw), form
    if form == "spaced":
        parts = [
            p
            for p in (region, _road(draw), _house(draw), _name(draw) + draw.choice(ESTATES[:20]), _building(draw))
            if p
        ]
        return draw.choice((" ", " ", "\n")).join(parts), form
    room, no = draw.randint(101, 3012), draw.randint(1, 800)
    road = draw.choice(("Qingshan", "Bishui", "Yunxia", "Songlin", "Zhuyuan")) + draw.choice(
        (" Road", " Street", " East Road", " Avenue", " Rd.")
    )
    tail = ", Honghuagang District, Zunyi, Guizhou" + draw.choice(("", " 000000", ", China", ", P.R. China"))
    return draw.choice(
        (
            f"Room {room}, Building {no % 30 + 1}, No. {no} {road}{tail}",
            f"No.{no}, {road}{tail}",
            f"{no} {road}{tail}",
            f"Rm {room}, {no} {road}",
        )
    ), form


def lines(count: int, seed: int) -> list[Line]:
    """`count` texts of one address each, the same for the same seed."""
    draw = random.Random(seed)
    out = []
    for _ in range(count):
        address, form = _address(draw)
        person = draw.choice(FAMILIES) + _name(draw)
        before, after = (draw.choice(side).replace("{p}", person) for side in (BEFORE, AFTER))
        text = before + address + after
        style = draw.random()
        if style < 0.1:
            text, form = text.translate(_traditional()), form + " traditional"
        elif style < 0.2:
            text = text.translate({ord("0") + n: 0xFF10 + n for n in range(10)})
        out.append(Line(text, len(before), len(before) + len(address), form))
    return out
