"""Runs with stratified splits: the same whatever cuts the work, whole by `curate verify`, and shares as they should be."""

from __future__ import annotations

import json
import random
import shutil
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest

from curate.recipe import resolve
from curate.runner import run
from tests.report.tampering import found, reseal, rewrite_shard, shard
from tests.runs import Watch, dataset_digest, read_records

SHARES = {"train": 0.8, "validation": 0.1, "test": 0.1}
ROWS = {"logs": 300, "tickets": 40, "notes": 9}
WORDS = "巡检 锅炉 给水泵 轴承 温度 压力 阀门 记录 交接班 窖池 封泥 曲粉 摊晾 上甑 蒸汽 酒醅 堆积 发酵 取样 化验"

RECIPE = """\
name: marking
about: Near duplicates stay; some records are too short, as is told before and after.
stages:
  - normalise
  - near_dedup: {action: mark}
  - %s
  - anonymise
"""
CONFIG = """\
recipe: marking.yaml
name: marked
industry: {name: baijiu, title: 酱酒}
splits: {train: 0.8, validation: 0.1, test: 0.1, seed: 3, stratify: [source]}
"""
SOURCE = """\
  - id: %s
    title: %s
    paths: [raw/%s.jsonl]
    industry: baijiu
    holder: 生产部
    licence: internal
    grade: 一般2
    obtained: {on: 2026-03-01, how: 导出}
"""


def make_domain(folder: Path, *, sources: list[str], stage: str = "exact_dedup") -> Path:
    """Three sources, of which the first lends copies with an edit to the others."""
    rng = random.Random(4)
    (folder / "raw").mkdir(parents=True)
    (folder / "domain.yaml").write_text("name: marked\nholder: 示例酒业\n", "utf-8")
    (folder / "catalog.yaml").write_text("sources:\n" + "".join(SOURCE % (s, s, s) for s in sources), "utf-8")
    (folder / "config.yaml").write_text(CONFIG, "utf-8")
    (folder / "marking.yaml").write_text(RECIPE % stage, "utf-8")
    texts: list[str] = []
    for source, rows in ROWS.items():
        lines = []
        for i in range(rows):
            text = "".join(rng.choices(WORDS.split(), k=rng.randrange(20, 60)))
            if texts and rng.random() < 0.25:
                text = rng.choice(texts) + f"补记{i}"
            texts.append(text)
            lines.append(json.dumps({"text": text}, ensure_ascii=False) + "\n")
        (folder / "raw" / f"{source}.jsonl").write_text("".join(lines), "utf-8")
    return folder


def build(folder: Path, *sets: str, workers: int = 1) -> Path:
    pipeline = resolve(folder / "config.yaml", sets)
    return run(pipeline, folder, workers=workers, progress=Watch()).dataset


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(make_domain(tmp_path_factory.mktemp("marked") / "domain", sources=list(ROWS)))


def counts_of(records: list[dict[str, Any]]) -> dict[str, Counter[str]]:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for r in records:
        counts[r["source"]["source_id"]][r["split"]] += 1
    return counts


def clusters_of(records: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    clusters = defaultdict(list)
    for r in records:
        if r["cluster"]:
            clusters[r["cluster"]].append(r)
    return clusters


def test_each_source_has_its_shares_and_each_cluster_one_split(built: Path) -> None:
    assert found(built) == []
    records = read_records(built)
    clusters = clusters_of(records)
    over = [c for c in clusters.values() if len({r["source"]["source_id"] for r in c}) > 1]
    assert len(clusters) > 30
    assert len(over) > 3
    assert all(len({r["split"] for r in c}) == 1 for c in clusters.values())
    # a cluster counts where its record with the least id is
    home = {r["id"]: min(c, key=lambda r: r["id"])["source"]["source_id"] for c in clusters.values() for r in c}
    settled = Counter((home.get(r["id"], r["source"]["source_id"]), r["split"]) for r in records)
    for source in ROWS:
        n = sum(settled[source, split] for split in SHARES)
        assert all(abs(settled[source, split] - n * share) < 1 for split, share in SHARES.items()), settled
    manifest = json.loads((built / "manifest.json").read_bytes())
    assert manifest["config"]["splits"]["stratify"] == ["source"]
    assert {s: v["rows"] for s, v in manifest["splits"].items()} == Counter(r["split"] for r in records)
    assert [s["kind"] for s in manifest["stages"]] == ["normalise", "near_dedup", "exact_dedup", "anonymise"]
    card = (built / "README.md").read_text("utf-8")
    assert all(f"| {split} | {v['rows']:,} |" in card for split, v in manifest["splits"].items())


@pytest.mark.parametrize(
    ("sets", "workers"),
    [
        (("work.task_mb=0.005", "work.batch_rows=7"), 1),
        (("work.task_mb=0.01", "work.batch_rows=50", "work.memory_mb=1"), 2),
    ],
    ids=["small shards and batches", "two workers and little memory"],
)
def test_nothing_but_content_and_seed_decides(built: Path, tmp_path: Path, sets: tuple[str, ...], workers: int) -> None:
    folder = make_domain(tmp_path / "domain", sources=list(ROWS))
    assert dataset_digest(build(folder, *sets, workers=workers)) == dataset_digest(built)


def test_the_order_of_sources_and_the_size_of_data_files_move_no_record(built: Path, tmp_path: Path) -> None:
    folder = make_domain(tmp_path / "domain", sources=list(reversed(ROWS)))
    expected = {r["id"]: r["split"] for r in read_records(built)}
    again = build(folder, "output.shard_mb=1", "work.task_mb=0.02")
    assert {r["id"]: r["split"] for r in read_records(again)} == expected
    other = build(folder, "splits.seed=4", "version=0.2.0")
    moved = {r["id"]: r["split"] for r in read_records(other)}
    assert sum(moved[i] != split for i, split in expected.items()) > 40
    assert found(other) == []


def test_shares_are_of_what_later_stages_leave(tmp_path: Path) -> None:
    folder = make_domain(tmp_path / "domain", sources=list(ROWS), stage="quality: {chars: {least: 110}}")
    dataset = build(folder, "near_dedup.action=drop")
    assert found(dataset) == []
    for counts in counts_of(read_records(dataset)).values():
        n = counts.total()
        assert all(abs(counts[split] - n * share) < 1 for split, share in SHARES.items()), counts
    manifest = json.loads((dataset / "manifest.json").read_bytes())
    dropped = {s["kind"]: sum(s["dropped"].values()) for s in manifest["stages"]}
    assert dropped["quality"] > 50
    assert dropped["near_dedup"] > 50


@pytest.mark.parametrize("change", ["cluster", "seed", "strata"])
def test_verify_finds_records_in_the_wrong_split(built: Path, tmp_path: Path, change: str) -> None:
    dataset = Path(shutil.copytree(built, tmp_path / "dataset"))
    if change == "cluster":
        assert shard(dataset).name.startswith("train")
        rewrite_shard(dataset, lambda rows: [{**r, "cluster": r["cluster"] and r["id"]} for r in rows])
        reseal(dataset)
    else:
        value: Any = 4 if change == "seed" else ["industry"]
        reseal(dataset, lambda m: m["config"]["splits"].update({"seed" if change == "seed" else "stratify": value}))
    assert any(f.startswith("data: records in the wrong split") for f in found(dataset)), found(dataset)
