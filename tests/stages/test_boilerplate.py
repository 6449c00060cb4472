"""Boilerplate: what goes, what stays and why, whatever the order and the cut of the corpus."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from curate.jobs.shuffle import groups, regroup
from curate.records import DROPPED
from curate.stages.boilerplate import LINES, Boilerplate
from curate.stages.tables import rows
from tests.stages.driver import TableCorpus, records, run

BODY = "第{}号窖池本轮出酒正常，班组按规程取样并登记。"
N = 10


def bodies(count: int, before: str = "", after: str = "") -> list[str]:
    return [before + BODY.format(chr(0x4E00 + i)) + after for i in range(count)]


def texts_of(stage: Boilerplate, texts: Sequence[str]) -> list[str]:
    out: list[str] = run(stage, records(texts))["text"].to_pylist()
    return out


GOES = [
    # a line that stands in every record, why it goes
    ("黔山酒业集团质量管理部内部资料", "a header"),
    ("  黔山酒业集团\u3000质量管理部 内部资料 ", "white space does not matter"),
    ("首页 | 新闻中心 | 产品展示 | 联系我们", "a menu"),
    ("本资料仅供内部使用，未经许可不得外传。", "a disclaimer"),
    ("返回顶部", "short, but listed"),
    ("—12—", "a page number of an official document"),
    ("上一页 下一页", "a pager, listed without its space"),
    ("Copyright © 2024 Qianshan Distillery. All rights reserved.", "a footer in English"),
]


@pytest.mark.parametrize(("line", "why"), GOES)
@pytest.mark.parametrize("place", ["{}\n{}", "{}\n\n{}"])
def test_goes(line: str, why: str, place: str) -> None:
    plain = bodies(N + 1)
    assert texts_of(Boilerplate(), [place.format(line, text) for text in plain]) == plain, why
    assert texts_of(Boilerplate(), [place.format(text, line) for text in plain]) == plain, why


STAYS = [
    # a line that stands in every record, why it stays
    ("第一章 总则", "numbering"),
    ("第三十二条 违反前款规定的，由主管部门责令其限期改正。", "numbering of a statute protects the whole line"),
    ("## 第六章 附则", "numbering as a heading in Markdown"),
    ("（一）未按照规定期限报送统计资料的；", "a numbered item"),
    ("二、进一步加强安全生产工作的组织领导", "a numbered item"),
    ("3.2 试验方法与步骤应当符合有关要求", "a numbered section"),
    ("本办法自公布之日起施行，原暂行办法同时废止。", "when it takes effect"),
    ("2024年3月1日贵州省人民代表大会常务委员会通过", "a date"),
    ("二〇二四年三月一日由省人民政府办公厅印发", "a date in Chinese numerals"),
    ("中华人民共和国主席令第四十五号公布施行", "the number of an order"),
    ("各市、自治州人民政府，各县（市、区、特区）人民政府：", "the addressees of a document"),
    ("现印发给你们，请结合实际认真贯彻执行。", "the closing formula of a document"),
    ("违反本条例规定，构成犯罪的，交由司法机关处理。", "a penal clause"),
    ("附件：省级工业园区名单及其四至范围一览", "an annex"),
    ("目录", "a short heading"),
    ("法律责任", "a short heading"),
    ("| 设备名称 | 规格型号 | 检修日期 | 负责班组 |", "a row of a table"),
    ("2024 118.5 97.2 103.8 99.1 100.4 12.7 88.0", "a row of numbers has no letters"),
    ("department: 心血管内科门诊部", "a field, as ingest writes a row of a table"),
    ("#### 必备原料和工具以及替代品", "a heading in Markdown"),
    ("    records.append(normalise(line));", "a line of code"),
    ("\\begin{aligned} x &= y + zabcdefgh", "a line of a formula"),
    (".. code-block:: python somewhere", "a directive"),
    ("```\n黔山酒业集团质量管理部内部资料\n```", "inside a code fence nothing goes"),
]


@pytest.mark.parametrize(("line", "why"), STAYS)
def test_stays(line: str, why: str) -> None:
    texts = bodies(N + 1, line + "\n")
    assert texts_of(Boilerplate(), texts) == texts, why


def test_page_numbers_go_though_their_digits_differ() -> None:
    plain = bodies(N + 1)
    pages = [
        f"{text}\n第 {i} 页 共 {i + 20} 页\n\f{text[::-1]}\n第{i + 1}页共{i + 20}页" for i, text in enumerate(plain)
    ]
    assert texts_of(Boilerplate(), pages) == [f"{text}\n\f{text[::-1]}" for text in plain]


def test_elsewhere_digits_matter() -> None:
    texts = [f"{text}\n本月窖池温度平均值为 {i} 摄氏度" for i, text in enumerate(bodies(N + 1))]
    assert texts_of(Boilerplate(), texts) == texts


@pytest.mark.parametrize(("count", "goes"), [(N, False), (N + 1, True)])
def test_the_bound(count: int, goes: bool) -> None:
    line = "本资料仅供内部使用，未经许可不得外传。"
    texts = bodies(count, after=f"\n{line}")
    assert texts_of(Boilerplate(), texts) == (bodies(count) if goes else texts)


def test_copies_in_one_record_count_once_and_go_together() -> None:
    line = "本资料仅供内部使用，未经许可不得外传。\n"
    alone = [line * 50 + text for text in bodies(N)]
    assert texts_of(Boilerplate(), alone) == alone, "in N records, however often in each"
    many = [line * 3 + text + "\n" + line for text in bodies(N + 1)]
    assert texts_of(Boilerplate(), many) == [text + "\n" for text in bodies(N + 1)]


def test_only_boilerplate_is_dropped_and_empty_text_is_not_ours() -> None:
    line = "本资料仅供内部使用，未经许可不得外传。"
    out = run(Boilerplate(), records([line, f"\n{line}\n\n{line}\r\n", "", " \n", *bodies(N, after="\n" + line)]))
    dropped = out["dropped"].to_pylist()
    assert [d and (d["reason"], d["value"], d["threshold"]) for d in dropped[:2]] == [
        ("only_boilerplate", 0.0, 1.0)
    ] * 2
    assert dropped[2:] == [None] * (N + 2)
    assert out["text"].to_pylist()[:4] == ["", "", "", " \n"]
    assert out["boilerplate"].to_pylist()[:5] == [19, 43, 0, 0, 20]


def test_least_left() -> None:
    line = "本资料仅供内部使用，未经许可不得外传。"
    texts = ["短 句\n" + line, "长一句\n" + line, "短句", *bodies(N, after="\n" + line)]
    dropped = run(Boilerplate(least_left=3), records(texts))["dropped"].to_pylist()
    assert dropped[0]["value"] == 2.0
    assert dropped[0]["threshold"] == 3.0
    assert dropped[1:] == [None] * (N + 2), "neither what is long enough nor what nothing was taken from"


def test_paragraphs() -> None:
    note = "免责声明：本站内容来自网络，\n仅供参考。\n"
    again = "免责声明：本站内容\n来自网络，仅供参考。\n"  # broken elsewhere
    texts = [f"{text}\n\n{note if i % 2 else again}\n{text}" for i, text in enumerate(bodies(N + 1))]
    texts.append("另有一段\n" + note)  # its lines are in a larger paragraph
    texts.append("仅供参考。")
    out = texts_of(Boilerplate(unit="paragraph"), texts)
    assert out == [*(f"{text}\n\n{text}" for text in bodies(N + 1)), *texts[-2:]]
    assert texts_of(Boilerplate(), texts[:-2]) == texts[:-2], "no line alone is long enough or in enough records"


def test_keep_first_keeps_one_copy_in_the_record_of_least_id() -> None:
    line = "本资料仅供内部使用，未经许可不得外传。"
    texts = [f"{line}\n{text}\n{line}" for text in bodies(N + 1)]
    ids = [f"{(i * 7 + 3) % (N + 1):04d}" for i in range(N + 1)]
    out = run(Boilerplate(keep_first=True), records(texts, ids), batch_rows=3)["text"].to_pylist()
    expected = bodies(N + 1)
    least = ids.index("0000")
    assert least not in (0, N)
    expected[least] = f"{line}\n{expected[least]}"
    assert out == expected


def test_protected_and_forms_of_the_config() -> None:
    line = "本资料仅供内部使用，未经许可不得外传。"
    texts = bodies(N + 1, after=f"\n{line}\n浏览 88 次")
    assert texts_of(Boilerplate(protected=("本资料仅供内部",)), texts) == texts
    assert texts_of(Boilerplate(forms=("浏览 # 次",)), texts) == bodies(N + 1)
    colon = bodies(N + 1, after="\n技术支持:黔山信息技术有限公司")
    assert texts_of(Boilerplate(), colon) == colon, "looks like a field of a table"
    assert texts_of(Boilerplate(forms=("技术支持:黔山信息技术有限公司",)), colon) == bodies(N + 1), "forms go first"


@pytest.mark.parametrize(
    "bad", [{"protected": ("(",)}, {"forms": (" ",)}, {"forms": ("长" * 64,)}, {"most_records": 0}]
)
def test_bad_parameters(bad: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Boilerplate.model_validate(bad)


COLLIDE = ("怀怀怀怿悞怀怗怀", "悎恉怐怀怀怀怀恡")
"""Two lines of one 64-bit hash; see tests/kernels/test_lines.py."""


@pytest.mark.parametrize(
    ("first", "second", "gone"),
    [(N + 1, 1, N + 1), (N, 1, 0), (1, N + 1, 0)],
    ids=["the other stays", "each counts for itself", "the first of a group speaks for it"],
)
def test_a_collision_removes_nothing(first: int, second: int, gone: int) -> None:
    texts = [f"{line}\n{i}号记录" for i, line in enumerate([COLLIDE[0]] * first + [COLLIDE[1]] * second)]
    out = texts_of(Boilerplate(), texts)
    assert out == [f"{i}号记录" if i < gone else text for i, text in enumerate(texts)]


LINE = st.sampled_from(
    [
        "本资料仅供内部使用不得外传",
        "黔山酒业集团质量管理部",
        "第 1 页",
        "第 2 页",
        "短句",
        "",
        "第一条 本办法适用于全省。",
        "窖池温度正常，未见异常",
        "```",
    ]
)
TEXT = st.lists(LINE, max_size=8).map("\n".join)


@settings(deadline=None, max_examples=60)
@given(st.lists(TEXT, min_size=1, max_size=12), st.booleans(), st.sampled_from(["line", "paragraph"]), st.randoms())
def test_any_batch_cut_and_order(texts: list[str], keep_first: bool, unit: str, order: random.Random) -> None:
    stage = Boilerplate.model_validate({"most_records": 2, "keep_first": keep_first, "unit": unit})
    table = records(texts)
    whole = run(stage, table)
    for batch_rows, cuts in ((1, 3), (4, 2)):
        assert run(stage, table, batch_rows, cuts).to_pylist() == whole.to_pylist()
    shuffled = np.array(order.sample(range(len(texts)), len(texts)))
    again = run(stage, table.take(pa.array(shuffled)))
    assert again.take(pa.array(np.argsort(shuffled))).to_pylist() == whole.to_pylist()
    for before, row in zip(texts, whole.to_pylist(), strict=True):
        assert row["n_chars"] == len(row["text"])
        assert row["boilerplate"] + len(row["text"]) == len(before), "what went and what is left is all"
        assert not row["text"] or row["text"] in before or row["boilerplate"] > 0
        assert "\n\n\n" not in row["text"] or "\n\n\n" in before, "no doubled blank lines"


def test_nothing_to_do() -> None:
    empty = records([])
    batch = pa.RecordBatch.from_arrays([pa.array([], pa.string())] * 2, names=["id", "text"])
    assert Boilerplate().emit(batch).num_rows == 0
    corpus = TableCorpus(empty, np.empty(0, np.uint64))
    assert Boilerplate().merge(iter([]), corpus).schema == LINES
    out = Boilerplate().mark(batch, pa.table({"row": pa.array([], pa.uint32()), "at": [], "keep": []}))
    assert out.schema.field("dropped").type == DROPPED
    assert {**Boilerplate.adds} == {name: out.schema.field(name).type for name in ("boilerplate", "n_chars")}


class Counting(TableCorpus):
    """Remembers how many texts were read."""

    def __init__(self, table: pa.Table, addresses: npt.NDArray[np.uint64]) -> None:
        super().__init__(table, addresses)
        self.rows = 0

    def take(self, addresses: npt.NDArray[np.uint64], columns: Sequence[str]) -> pa.Table:
        self.rows += len(addresses)
        return super().take(addresses, columns)


@pytest.mark.parametrize("copies", [100, 10_000])
def test_copies_of_one_page_are_linear_work(copies: int) -> None:
    """One row per line and record is emitted and removed, and each text is read once however many of its lines go."""
    page = "\n".join(f"{chr(0x4E00 + i) * 9}，这一行每一页都有" for i in range(40))
    table = records([page] * copies)
    emitted = Boilerplate().emit(table.combine_chunks().to_batches()[0])
    names = {"line": "line", "row": "address", "at": "at", "bytes": "bytes"}
    keyed = emitted.select(list(names)).rename_columns(list(names.values()))
    keyed = keyed.set_column(1, "address", keyed["address"].cast(pa.uint64()))
    corpus = Counting(table, np.arange(copies, dtype=np.uint64))
    removed = Boilerplate().reduce(regroup([groups([keyed], ["line"], 0, 1, singles=False)]), corpus)
    assert emitted.num_rows == removed.num_rows == 40 * copies
    assert corpus.rows <= copies + 40


def test_tables_are_well_formed() -> None:
    patterns = rows("boilerplate_protected.tsv")
    assert all(len(row) == 2 and row[1] for row in patterns)
    for pattern, _ in patterns:
        assert not re.match(pattern, "黔山酒业集团质量管理部内部资料"), pattern
        assert not re.match(pattern, "CopyrightQianshanDistilleryAllrightsreserved"), pattern
    forms = rows("boilerplate_forms.tsv")
    assert all(len(row) == 2 and row[1] and not re.search(r"\s|\d", row[0]) for row in forms)
    assert len({form for form, _ in forms}) == len(forms)
    assert all(len(form) <= 63 for form, _ in forms), "as the kernels count letters"


def test_statutes_keep_every_line(shared: Path) -> None:
    """What is law stays: of 1,470 statutes in several editions and typesettings nothing goes."""
    folder = shared / "data" / "corpora" / "laws"
    files = sorted(folder.rglob("*.md"))
    texts = [path.read_text("utf-8", errors="replace") for path in files]
    assert len(texts) > 1300
    out = run(Boilerplate(), records(texts))
    assert sum(out["boilerplate"].to_pylist()) == 0
