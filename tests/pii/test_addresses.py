"""Addresses: what is and is not one, how much of a made-up one is covered, and what is left of one that is generalised."""

from __future__ import annotations

import itertools
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.pii import data
from curate.pii.address_regions import names, parents, region_at, region_before
from curate.pii.addresses import AddressFinder, addresses_in, folded, generalised
from curate.pii.rules import Hit

from .address_lines import lines

# The whole text of the find, or None; "" stands for the text itself. Several finds are parted by |.
CASES: list[tuple[str, str | None, str]] = [
    ("贵州省遵义市红花岗区青溪路12号碧云花园3栋2单元501室", "", "from the province to the room"),
    ("他住在青溪路12号。", "青溪路12号", "a street and a number, behind a verb"),
    ("搬迁至青溪路5号附3号，欢迎", "青溪路5号附3号", "a number with its addition"),
    ("青溪路12-3号", "", "a number with a hyphen"),
    ("青溪路12号之一", "", "a number with 之一"),
    ("青溪路１２号", "", "full-width digits"),
    ("青溪路十二号", "", "Chinese digits"),
    ("北京市朝阳区青溪门外大街甲6号", "", "甲 before a number"),
    ("成都市武侯区青溪大道中段666号", "", "section of a street, named"),
    ("武侯区青溪路二段6号", "", "section of a street, numbered"),
    ("上海市静安区青溪路123弄45号601室", "", "a lane of Shanghai"),
    ("天津市和平区南溪道189号", "", "道 alone, as in Tianjin"),
    ("荷天路646号", "", "天路 would be none, but the name is longer"),
    ("遵义市红花岗区碧云花园3-2-501", "", "building, entrance and room as three numbers"),
    ("碧云小区5号楼3单元402，有空来", "碧云小区5号楼3单元402", "an estate without a street"),
    ("云上之光3栋2单元501室", "", "an estate whose name has no suffix"),
    ("青溪路8号云山大厦B座2608", "", "a lettered tower"),
    ("青溪路8号云山国际公寓12#908", "", "two suffixes in a row, and a #"),
    ("青溪路8号（云山酒店旁）", "", "what stands beside it, in brackets"),
    ("湄潭县永安镇中岭村三组12号", "", "group of a village"),
    ("永安镇中岭村五组", "", "a village without its county"),
    ("德镇江林社区17号", "", "镇江 inside is no region"),
    ("镇远县星新乡石岭村第16村民小组", "", "新乡 inside is no region; the long form of a group"),
    ("青云街道办事处新安社区居委会3组附12号", "", "three suffixes of townships and villages"),
    ("张湾镇和康村1号", "", "和 begins a name"),
    ("高县和金东路936号", "", "和 begins a street's name behind a county"),
    ("湄潭县永安镇中岭村的茶叶", "湄潭县永安镇中岭村", "county, town and village without a number"),
    ("贵州遵义湄潭青溪路6号", "", "short forms of regions"),
    ("黔东南州凯里市青溪南路12号", "", "a prefecture by its everyday name"),
    ("内蒙古呼和浩特市赛罕区青溪东街26号", "", "the province whose name holds that of a people"),
    ("贵州省 遵义市 红花岗区 青溪路 88 号 2 栋 1204", "", "spaces between all parts"),
    ("贵州省遵义市\n红花岗区青溪\n路12号", "", "broken between parts and inside a name"),
    ("大连市沙河口区青溪街 8 号 - 3 - 2", "", "hyphens in spaces"),
    ("他在遵义汇川区青溪路的云山城8栋2单元", "遵义汇川区青溪路的云山城8栋2单元", "的 between parts"),
    ("臺北市中正區青溪東路一段１２號３樓之1", "", "Taiwan, traditional characters"),
    ("香港九龍青溪道123號5樓A室", "", "Hong Kong, a lettered room"),
    ("香港新界沙田區青溪正街18號3座12樓B室", "", "the New Territories"),
    (
        "云岩区青溪路8号、南明区碧水路16号；花溪区云大街5号",
        "云岩区青溪路8号|南明区碧水路16号|花溪区云大街5号",
        "a list: each by itself",
    ),
    ("Room 501, Building 3, No. 12 Qingxi Road, Honghuagang District, Zunyi, Guizhou 563000, China", "", "in English"),
    ("住No. 12, Qingxi Rd的", "No. 12, Qingxi Rd", "in English, between Han"),
    ("Flat A, 12/F, Block 3, Bihai Garden, 88 Qingxi Road, Kowloon, Hong Kong", "", "as in Hong Kong"),
    # announced
    ("住址：贵州省湄潭县永安镇", "贵州省湄潭县永安镇", "a label: no number is needed"),
    ("籍贯：贵州遵义", "贵州遵义", "a label: a bare region is enough"),
    ("籍贯贵州遵义，汉族", "贵州遵义", "a label without a colon, the region closed by a comma"),
    ("| 住址 | 碧云花园3栋501 |", "碧云花园3栋501", "in a cell"),
    ("收货地址：云上之光3栋501", "云上之光3栋501", "a label: an estate whose name has no suffix"),
    ("家住遵义市汇川区青溪路", "遵义市汇川区青溪路", "a verb: a street without a number is enough"),
    ("家住遵义，喜欢旅游", None, "a verb: a bare city is not"),
    ("户籍地在贵州省行政区域内的居民", None, "a law's words, not a person's"),
    ("户籍所在地公安机关", None, "no region"),
    ("经常居住地人民法院", None, "no region"),
    ("收货地址为乙方仓库", None, "no address"),
    ("地址栏填写说明", None, "the word alone"),
    ("邮箱地址：abc@example.com，内存地址 0x7f", None, "other kinds of address"),
    ("文件地址：/usr/local/bin", None, "a path"),
    ("现住院治疗，病情稳定", None, "现住 begins another word"),
    ("家住农村，身体健康", None, "no place"),
    ("送至中央仓库3号门", None, "a gate"),
    # no detail
    ("贵州省遵义市是一座城市", None, "a city"),
    ("他去了贵州和北京", None, "provinces"),
    ("遵义市人民医院很好", None, "an institution"),
    ("贵州省公安厅", None, "an authority"),
    ("《贵州省道路条例》第12号", None, "a law"),
    ("中山路步行街很热闹", None, "a street without a number"),
    ("沿青溪路向北行驶500米", None, "a street and a distance"),
    ("位于中国山西省高平市河西镇宰岭村", None, "where a sight is"),
    ("解放路派出所", None, "named after a street"),
    # numbers of other things
    ("G75兰海高速12号桥", None, "a bridge"),
    ("沪昆高速公路3号隧道", None, "a tunnel"),
    ("国道210号", None, "a trunk road"),
    ("输电线路3号杆塔", None, "线路 is no street"),
    ("道路12号施工图", None, "道路 is no street"),
    ("运输巷2号支架", None, "巷 in a mine"),
    ("新庄矿区5号井", None, "a shaft"),
    ("地铁2号线", None, "a line"),
    ("2号机组，3号炉", None, "plant"),
    ("现场设置3座配电室，2座泵房", None, "quantities"),
    ("三室一厅，3室2厅1卫", None, "a flat's rooms"),
    ("3号楼正在施工", None, "a building without an estate"),
    ("8栋宿舍停电", None, "the same"),
    ("青溪路12号3号机组", "青溪路12号", "the number of a machine behind an address"),
    ("会展中心3号楼", None, "one building of a public place"),
    ("厂区2号楼3层会议室", None, "inside a plant"),
    ("教学楼3楼302室", None, "inside a school"),
    ("门诊楼5楼", None, "inside a hospital"),
    ("第3号公告，主席令第12号", None, "numbers of documents"),
    ("2024年5月3号", None, "a date"),
    ("他排在3号", None, "a place in a row"),
    ("2组患者，对照组3人", None, "groups of patients"),
    ("一组3号同学", None, "groups of pupils"),
    ("村支部3名党员", None, "people of a village"),
    ("这里3号", None, "这里 is no lane"),
    ("蛇夫座36A", None, "a star"),
    ("See Table 3 St. Louis", None, "no street"),
]


@pytest.mark.parametrize(("text", "expected", "why"), CASES, ids=[case[2] for case in CASES])
def test_table(text: str, expected: str | None, why: str) -> None:
    found = [text[hit.start : hit.end] for hit in addresses_in(text)]
    assert found == ([] if expected is None else (expected or text).split("|")), why


def _person(text: str, name: str) -> Hit:
    return Hit("PERSON", text.index(name), text.index(name) + len(name), 0.9)


@pytest.mark.parametrize(
    ("text", "expected", "why"),
    [
        ("王青山住碧云花园，", "碧云花园", "an estate is enough near a person"),
        ("王青山，永安镇中岭村人", "永安镇中岭村", "so is a village"),
        ("王青山青溪路5号", "青溪路5号", "a name is no part of the address"),
        ("王青山，贵州遵义人", None, "a city is not enough"),
        ("王青山说花园很美", None, "an estate's suffix alone"),
        ("王青山认识遵义市王青山路5号的人", "遵义市王青山路5号", "a street called like the person"),
        ("王青山" + "很" * 50 + "碧云花园，", None, "too far"),
    ],
)
def test_persons(text: str, expected: str | None, why: str) -> None:
    person = _person(text, "王青山")
    assert [text[hit.start : hit.end] for hit in addresses_in(text, None, [person])] == ([expected] if expected else [])
    if "5号" not in text:
        assert addresses_in(text) == []


def test_what_the_network_takes_for_a_place_belongs_to_the_address() -> None:
    text = "老板说在巴拉格宗青溪路12号"
    loc = np.zeros(len(text), np.float32)
    loc[4:12] = 0.9
    assert [text[hit.start : hit.end] for hit in addresses_in(text, loc)] == ["巴拉格宗青溪路12号"]


def test_scores_and_ranks() -> None:
    assert addresses_in("住址：青溪路12号") == [Hit("ADDRESS", 3, 9, 0.95, 1)]
    assert addresses_in("遵义市青溪路12号") == [Hit("ADDRESS", 0, 9, 0.9, 0)]
    assert addresses_in("青溪路12号") == [Hit("ADDRESS", 0, 6, 0.7, 0)]


def test_texts_do_not_influence_each_other() -> None:
    texts = [line.text for line in lines(300, 3)]
    finder = AddressFinder()
    together = finder.find_many(texts)
    assert together == [finder.find(text) for text in texts] == AddressFinder().find_many(texts)
    assert finder.find_many(texts[::-1]) == together[::-1]


def test_coverage() -> None:
    """At least 95 % of the characters of made-up addresses of each form are covered, and hardly any others."""
    made = lines(3000, 5)
    covered: dict[str, list[int]] = {}
    outside = 0
    for line, hits in zip(made, AddressFinder().find_many([line.text for line in made]), strict=True):
        found = {at for hit in hits for at in range(hit.start, hit.end)}
        gold = set(range(line.start, line.end))
        outside += len(found - gold)
        for form in (line.form, "all"):
            total = covered.setdefault(form, [0, 0])
            total[0] += len(found & gold)
            total[1] += len(gold)
    shares = {form: hit / total for form, (hit, total) in covered.items()}
    assert shares["all"] >= 0.98, shares
    assert min(shares.values()) >= 0.95, shares
    assert outside / covered["all"][1] < 0.005


def test_statutes(shared: Path) -> None:
    """Statutes name hardly any address: fewer than 1 find in 100,000 characters, and none slows the rest."""
    texts = [file.read_text("utf-8") for file in sorted((shared / "data/corpora/laws").rglob("*.md"))[:150]]
    characters = sum(map(len, texts))
    assert characters > 500_000
    found = [
        text[hit.start : hit.end]
        for text, hits in zip(texts, AddressFinder().find_many(texts), strict=True)
        for hit in hits
    ]
    assert len(found) < characters / 100_000, found


def test_a_postcode_in_brackets_is_no_part_of_the_address() -> None:
    text = "住址：贵州省遵义市红花岗区青溪路12号3栋401室（邮政编码：563000）"
    assert [text[h.start : h.end] for h in addresses_in(text)] == ["贵州省遵义市红花岗区青溪路12号3栋401室"]


def test_a_region_cut_short_at_the_end_of_the_text() -> None:
    """Without an end of its own it was taken for one character longer than the text."""
    text = "贵州省花园遵义"
    assert all(
        hit.end <= len(text) for n in range(7) for hit in addresses_in(text, None, [Hit("PERSON", n, n + 1, 0.9)])
    )


PIECES = (
    "贵州省", "遵义市", "遵义", "红花岗区", "湄潭县", "永安镇", "中岭村", "青溪路", "中山", "路", "街道", "号", "12", "３", "十二", "栋", "单元", "501", "室", "附", "-", "#", "之一", "住址：", "家住", "地址",
    "的", "和", "\n", " ", "，", "、", "。", "(", "）", "Road", "No. 5", ", ", "𠮷", "臺", "東", "國際", "花园", "公寓", "A座", "组", "段", "\ud800", "\u0301", "👪",
)  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join) | st.text(max_size=80), st.data())
@settings(max_examples=300, deadline=None)
def test_any_text(text: str, draw: st.DataObject) -> None:
    places = draw.draw(st.lists(st.sampled_from([0.0, 0.6]), min_size=len(text), max_size=len(text)))
    start = draw.draw(st.integers(0, len(text)))
    person = Hit("PERSON", start, min(len(text), start + 3), 0.9)
    for persons in ((), (person,)):
        for loc in (None, np.array(places, np.float32)):
            hits = addresses_in(text, loc, persons)
            assert all(0 <= hit.start < hit.end <= len(text) for hit in hits)
            assert all(left.end <= right.start for left, right in itertools.pairwise(hits))
            assert all(hit.entity == "ADDRESS" and 0 < hit.score <= 1 for hit in hits)
    assert len(folded(text)) == len(text)
    assert generalised(text).endswith("<地址>")


@pytest.mark.parametrize(
    "piece",
    [
        "路12号",
        "青溪路",
        "贵州省遵义市",
        "3栋2单元",
        "地址：",
        "1-",
        "镇村",
        "村1",
        "一村",
        "县3",
        "山东路",
        "3号",
        "镇A村2-",
        "Room 5, ",
        "Qingxi Road ",
        "住址贵州",
    ],
)
def test_no_text_takes_long(piece: str) -> None:
    text = piece * (20_000 // len(piece))
    finder = AddressFinder()
    start = time.process_time()
    finder.find(text)
    assert time.process_time() - start < 0.01 * len(text.encode()) / 1000 + 0.05


@pytest.mark.parametrize(
    ("address", "expected", "why"),
    [
        ("贵州省遵义市红花岗区青溪路12号", "贵州省遵义市<地址>", "province and prefecture stay"),
        ("贵州遵义红花岗青溪路12号", "贵州省遵义市<地址>", "the same of short forms"),
        ("貴州省遵義市紅花崗區青溪路12號", "贵州省遵义市<地址>", "the same of traditional characters"),
        ("红花岗区青溪路12号", "贵州省遵义市<地址>", "a county that exists once says the rest"),
        ("朝阳区青溪路12号", "朝阳区<地址>", "one that exists twice does not"),
        ("北京市朝阳区青溪路12号", "北京市<地址>", "a city that is a province"),
        ("河南省济源市青溪路1号", "河南省济源市<地址>", "a county without a prefecture"),
        ("中山路1号", "<地址>", "a street called after a city"),
        ("No. 12, Qingxi Rd", "<地址>", "no region"),
        ("", "<地址>", "nothing"),
    ],
)
def test_generalised(address: str, expected: str, why: str) -> None:
    assert generalised(address) == expected, why
    assert generalised(expected) == expected, "done twice, the same"


def test_regions() -> None:
    rows = data.rows("regions")
    today = [row for row in rows if len(row) == 2]
    assert len({row[0] for row in today}) == len(today)
    by_code = {row[0] for row in today}
    assert sum(code.endswith("0000") for code in by_code) == 34
    assert sum(code.startswith("52") and not code.endswith("00") for code in by_code) == 88, "counties of Guizhou"
    assert all(code.isdigit() and len(code) == 6 for code, *_ in rows)
    assert list(parents("520302")) == ["520000", "520300"]
    full, short = names()
    assert full["威宁县"] == short["威宁"] == ("520526",)
    assert short["内蒙古"] == ("150000",)
    assert "新社区" not in full


def test_names_of_counties_need_their_region() -> None:
    """Many are everyday words: 和平, 朝阳 (also a prefecture), 城关."""
    assert region_before("在和平", 3) is None
    assert region_at("和平", 0) is None
    found = region_before("天津和平", 4)
    assert found is not None
    assert (found.start, found.codes) == (2, ("120101",)) or "120101" in found.codes
    assert region_at("和平", 0, ("120000",)) is not None
