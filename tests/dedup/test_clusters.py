"""What is told of clusters, and corpora that are large, empty or odd: what becomes of them, and in how much work."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from curate.dedup import Settings, corpus, dedup
from curate.kernels import clusters
from curate.report.layout import masked
from curate.stages import STAGES, near_dedup

from .making import PLAIN, do, jsonl, page

TITLES: list[tuple[str, str, str]] = [
    ("中华人民共和国节约能源法", "中*人*共*国*约*源*", "every other character"),
    ("联系人王小明13912345678", "联*人*小************", "no digit stays"),
    ("# 第一章 总则", "# 第*章 总*", "marks and spaces stay, and the next character is shown again"),
    ("Zhang San, 5 Road", "***** ***, * ****", "no letter of another script"),
    ("ΑБ漢ア한", "**漢**", "nor of these"),
    ("\n\n  题目\n正文", "题*", "the first line that has something"),
    ("题" * 50, "题*" * 10, "20 characters"),
    ("甲。乙", "甲。乙", "a mark between them"),
    ("\x1b[31m红\x07\u202e字\r", "[***红*", "nothing that a terminal obeys"),
    ("", "", "nothing"),
    (" \n\t ", "", "only spaces"),
]


@pytest.mark.parametrize(("text", "title"), [row[:2] for row in TITLES], ids=[row[2] for row in TITLES])
def test_titles_are_masked(text: str, title: str) -> None:
    assert masked(text) == title


def test_the_largest_clusters_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corpus, "SHARD", 2000)
    records = [
        {"id": f"{cluster}-{i}", "text": f"题目{cluster}：{page(cluster)}" + "。" * (i % 2)}
        for cluster, size in enumerate([1, 4, 2, 4, 3, 1])
        for i in range(size)
    ]
    path = jsonl(tmp_path / "a.jsonl", records[::-1])
    outcome = do(tmp_path / "out", path, clusters=3).outcome
    assert outcome.sizes == {2: 1, 3: 1, 4: 2}
    told = [(c.id, c.records, c.title[:4]) for c in outcome.largest]
    assert told == [("1-1", 4, "题**："), ("3-1", 4, "题**："), ("4-1", 3, "题**：")]
    assert do(tmp_path / "out2", path, clusters=0).outcome.largest == []


def test_clusters_that_are_only_marked_are_told_too(tmp_path: Path) -> None:
    records = [{"id": str(i), "text": page(i // 3) + "。" * (i % 3)} for i in range(7)]
    stages = (STAGES["exact_dedup"](), STAGES["near_dedup"](action="mark"))
    path = jsonl(tmp_path / "a.jsonl", records)
    outcome = dedup([path], tmp_path / "out", Settings(stages))
    assert (outcome.kept, outcome.sizes) == (7, {3: 2})
    assert (tmp_path / "out/data/a.jsonl").read_bytes() == path.read_bytes()


PUNCTUATION = "！？。，" * 30

ODD: list[tuple[str, list[str], list[int]]] = [
    ("no record", [], []),
    ("empty texts are copies of one another", ["", "", ""], [0]),
    ("an empty text is no copy of a space", ["", " "], [0, 1]),
    ("nor spaces of other spaces too short for a shingle", [" ", "  ", "   ", "　", "\n"], [0, 1, 2, 3, 4]),
    ("long runs of spaces have one shingle alike: J = 1", [" " * 50, " " * 60, "\n" * 50], [1, 2]),
    ("only punctuation", [PUNCTUATION, PUNCTUATION + "！？", "，" * 30], [1, 2]),
    ("shorter than a shingle and alike", ["甲", "甲", "甲乙丙丁", "甲乙丙丁"], [0, 2]),
    ("shorter than a shingle and not", ["甲", "乙", "甲乙", "甲乙丙", "甲乙丙丁", "甲乙丙丁戊"], [0, 1, 2, 3, 4, 5]),
    ("one shingle and two", ["甲乙丙丁戊", "甲乙丙丁戊己"], [0, 1]),
]


@pytest.mark.parametrize(("texts", "stay"), [row[1:] for row in ODD], ids=[row[0] for row in ODD])
def test_short_and_odd_texts(tmp_path: Path, texts: list[str], stay: list[int]) -> None:
    path = jsonl(tmp_path / "a.jsonl", [{"id": str(i), "text": text} for i, text in enumerate(texts)])
    done = do(tmp_path / "out", path)
    assert [int(row["id"]) for row in done.ledger if row["fate"] == "kept"] == stay


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Counts what could grow faster than the corpus: rows that are reduced, sets that are made, their code points."""
    counted: Counter[str] = Counter()
    reduce, sets = near_dedup.NearDedup.reduce, near_dedup._Sets.of
    pairs = clusters.jaccard_pairs

    def reduced(self: Any, group: Any, *args: Any) -> Any:
        counted["rows"] += group.num_rows
        return reduce(self, group, *args)

    def made(self: Any, addresses: Any, chars: int) -> Any:
        counted["sets"] += len(addresses)
        counted["chars"] += chars
        return sets(self, addresses, chars)

    def measured(*args: Any) -> None:
        counted["pairs"] += len(args[2])
        pairs(*args)

    monkeypatch.setattr(near_dedup.NearDedup, "reduce", reduced)
    monkeypatch.setattr(near_dedup._Sets, "of", made)
    monkeypatch.setattr(clusters, "jaccard_pairs", measured)
    return counted


BANDS = 21


def test_ten_thousand_copies_of_a_page(tmp_path: Path, work: Counter[str]) -> None:
    path = jsonl(tmp_path / "a.jsonl", [{"id": f"{i:05d}", "text": page(1, 1000)} for i in range(10_000)])
    done = do(tmp_path / "out", path)
    assert done.outcome.sizes == {10_000: 1}
    assert {row["duplicate_of"] for row in done.ledger} == {None, "00000"}
    assert not work["rows"] + work["sets"], "copies go before anything is compared"


@pytest.mark.parametrize("n", [1000, 10_000])
def test_many_near_copies_of_a_page(tmp_path: Path, work: Counter[str], n: int) -> None:
    """One character changed in each, at another place or to another one."""
    base = page(1, 500)
    texts = [base[: i % 500] + chr(0x7000 + i // 500) + base[i % 500 + 1 :] for i in range(n)]
    path = jsonl(tmp_path / "a.jsonl", [{"id": f"{i:05d}", "text": text} for i, text in enumerate(texts)])
    done = do(tmp_path / "out", path)
    assert done.outcome.sizes == {n: 1}
    assert work["rows"] <= BANDS * n
    assert work["sets"] <= 8 * n
    assert work["chars"] <= 8 * n * 500
    assert work["pairs"] < n


def test_lines_of_a_log(tmp_path: Path, work: Counter[str]) -> None:
    """200,000 records of 5 to 30 characters, many of them equal and many alike."""
    n = 200_000
    rng = np.random.default_rng(5)
    words = [
        "阀门",
        "开启",
        "关闭",
        "正常",
        "报警",
        "温度",
        "压力",
        "泵",
        "一号",
        "二号",
        "交接",
        "无异常",
        "复位",
        "巡检",
    ]
    picks = rng.integers(0, len(words), (n, 9))
    length = rng.integers(3, 10, n)
    texts = ["".join(words[j] for j in row[:k]) for row, k in zip(picks.tolist(), length.tolist(), strict=True)]
    path = jsonl(tmp_path / "a.jsonl", [{"id": i, "text": text} for i, text in enumerate(texts)])
    done = dedup([path], tmp_path / "out", Settings(PLAIN))
    different = len(set(texts))
    assert done.stages["exact_dedup"]["kept"] == different
    assert 0.3 * n < done.kept <= different
    assert work["rows"] <= BANDS * different
    assert work["sets"] <= 8 * different


@pytest.mark.slow
def test_a_record_of_100_mb(tmp_path: Path) -> None:
    long = page(1, 100_000) * 340
    records = [{"id": 1, "text": long}, {"id": 2, "text": "a"}, {"id": 3, "text": long}, {"id": 4, "text": long + "。"}]
    path = jsonl(tmp_path / "a.jsonl", records)
    done = do(tmp_path / "out", path)
    assert {name: fate[:2] for name, fate in done.fates().items()} == {
        "1": ("dropped", "4"),
        "2": ("kept", None),
        "3": ("dropped", "1"),
        "4": ("kept", None),
    }
