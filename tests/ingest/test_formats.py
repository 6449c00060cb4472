"""The 144 real files of `formats/`: text as expected, nothing of the pages around it."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import pytest

from curate.catalog import Limits
from curate.ingest import Fault, Item, read_file
from tests.ingest.making import cjk_f1, source

AROUND = (
    "首页",
    "新闻动态",
    "政务公开",
    "打印本页",
    "关闭窗口",
    "浏览次数",
    "版权所有",
    "不应出现",
    "document.write",
    "color:red",
)
"""Menu, footer, script and style of the pages in `formats/html-*`."""
NAMES = {"gbk": "gb18030"}
FIXED = ("pdf", "docx", "xlsx")  # formats that say nothing of an encoding


@pytest.fixture(scope="module")
def truth(shared: Path) -> list[dict[str, str]]:
    lines = (shared / "data/formats/truth.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_every_kind_is_read_as_expected(shared: Path, truth: list[dict[str, str]]) -> None:
    scores: dict[str, list[float]] = defaultdict(list)
    for row in truth:
        parts = list(read_file(shared / "data" / row["file"], row["file"], source(), Limits()))
        assert not [part for part in parts if isinstance(part, Fault)], row["file"]
        texts = [part for part in parts if isinstance(part, Item)]
        text = "\n".join(part.text for part in texts)
        scores[row["kind"]].append(cjk_f1(text, (shared / "data" / row["expected"]).read_text("utf-8")))
        encodings = {part.encoding for part in texts}
        expected = None if row["kind"] in FIXED else NAMES.get(row["encoding"], row["encoding"])
        assert encodings == {expected}, row["file"]
        if row["kind"].startswith("html"):
            assert not [word for word in AROUND if word in text], row["file"]
    assert len(scores) == 15
    for kind, found in scores.items():
        assert sum(found) / len(found) >= 0.99, kind
        assert min(found) >= 0.97, kind


def test_pages_do_carry_what_must_not_come_out(shared: Path, truth: list[dict[str, str]]) -> None:
    page = next(row for row in truth if row["kind"] == "html-utf8")
    raw = (shared / "data" / page["file"]).read_text("utf-8")
    assert all(word in raw for word in AROUND)


def test_pdf_paragraphs_are_joined(shared: Path, truth: list[dict[str, str]]) -> None:
    right = expected_lines = got_lines = 0
    for row in truth:
        if row["kind"] != "pdf":
            continue
        (item,) = read_file(shared / "data" / row["file"], row["file"], source(), Limits())
        assert isinstance(item, Item)
        want = {"".join(line.split()) for line in (shared / "data" / row["expected"]).read_text("utf-8").splitlines()}
        got = ["".join(line.split()) for line in item.text.splitlines()]
        right += sum(line in want for line in got)
        expected_lines += len(want)
        got_lines += len(got)
    assert right / got_lines > 0.95
    assert right / expected_lines > 0.93


def test_reading_twice_gives_the_same(shared: Path, truth: list[dict[str, str]]) -> None:
    for row in truth[::9]:
        path = shared / "data" / row["file"]
        assert list(read_file(path, row["file"], source(), Limits())) == list(
            read_file(path, row["file"], source(), Limits())
        )
