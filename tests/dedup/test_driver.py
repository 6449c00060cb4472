"""The same records stay whatever order, files, memory and threads; and they are those that a pipeline keeps."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from curate import budget
from curate.dedup import Settings, corpus, dedup, driver, inputs, job
from curate.jobs import shuffle
from curate.recipe import resolve
from curate.runner import run
from curate.stages.exact_dedup import ExactDedup
from curate.stages.near_dedup import NearDedup

from ..near_pairs import near_pairs
from ..runs import Watch, read_records
from ..stages import driver as tables
from ..stages.test_near_dedup import EVERY_PAIR, FAMILIES, jaccard, plain
from .making import PLAIN, Done, do, jsonl, page

MANY = st.lists(FAMILIES, min_size=1, max_size=3).map(lambda families: [t for texts in families for t in texts])


def make(texts: list[str]) -> list[dict[str, Any]]:
    """Records with ids that do not sort as they stand."""
    return [{"id": f"{i * 7919 % 100_003:06d}", "text": text} for i, text in enumerate(texts)]


def outcome(done: Done) -> dict[str, tuple[Any, ...]]:
    names = ("fate", "stage", "reason", "value", "threshold", "duplicate_of", "cluster")
    return {row["id"]: tuple(row[name] for name in names) for row in done.ledger}


SMALL = [(1 << 20, 1000, 1 << 19, 1 << 19), (1 << 20, 5, 20, 1), (1000, 3, 1 << 19, 7), (1, 1, 100, 50)]
"""Bytes of a shard, records at once, rows grouped at once, rows reduced at once."""


@settings(max_examples=40, deadline=None)
@given(
    texts=MANY,
    order=st.randoms(use_true_random=False),
    files=st.integers(1, 4),
    small=st.sampled_from(SMALL),
    workers=st.sampled_from([1, 2, 4]),
    look_back=st.sampled_from([1, 64]),
)
def test_only_texts_and_ids_decide(
    tmp_path_factory: pytest.TempPathFactory,
    texts: list[str],
    order: random.Random,
    files: int,
    small: tuple[int, int, int, int],
    workers: int,
    look_back: int,
) -> None:
    place = tmp_path_factory.mktemp("order")
    shard, rows, group_rows, reduce_rows = small
    stages = (ExactDedup(), NearDedup(threshold=0.7, look_back=look_back))
    records = make(texts)
    want = do(place / "want", jsonl(place / "a.jsonl", records), stages=stages)
    order.shuffle(records)
    cuts = np.linspace(0, len(records), files + 1).astype(int).tolist()
    for i in range(files):
        jsonl(place / "in" / f"{i}.jsonl", records[cuts[i] : cuts[i + 1]])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(corpus, "SHARD", shard)
        patch.setattr(job, "ROWS", rows)
        patch.setattr(inputs, "BLOCK", 1000)
        patch.setattr(budget, "GROUP_BYTES", budget.MB // group_rows)
        patch.setattr(budget, "REDUCE_BYTES", budget.MB // reduce_rows)
        found = do(place / "found", place / "in", stages=stages, memory_mb=1, workers=workers)
    assert outcome(found) == outcome(want)
    assert found.outcome.as_dict() | {"files": 0} == want.outcome.as_dict() | {"files": 0}


def test_little_memory_makes_many_cuts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the test above varies does what it is meant to: groups and reduces of a few rows each."""
    sizes: dict[str, list[int]] = {"grouped": [], "reduced": []}
    groups, read = shuffle.groups, shuffle.read_groups

    def grouped(*args: Any, **kwargs: Any) -> pa.Table:
        table = groups(*args, **kwargs)
        sizes["grouped"].append(table.num_rows)
        return table

    def reduced(*args: Any) -> pa.Table:
        table = read(*args)
        sizes["reduced"].append(table.num_rows)
        return table

    monkeypatch.setattr(driver, "groups", grouped)
    monkeypatch.setattr(driver, "read_groups", reduced)
    monkeypatch.setattr(corpus, "SHARD", 1)
    monkeypatch.setattr(job, "ROWS", 4)
    monkeypatch.setattr(budget, "GROUP_BYTES", budget.MB // 10)
    monkeypatch.setattr(budget, "REDUCE_BYTES", budget.MB // 50)
    texts = [page(i // 2) + "。" * (i % 2) for i in range(40)]
    path = jsonl(tmp_path / "a.jsonl", make(texts))
    done = do(tmp_path / "out", path, stages=(NearDedup(),), memory_mb=1)
    assert done.outcome.kept == 20
    assert len(sizes["grouped"]) == 21 * 4, "21 keys of 40 rows, 10 rows at once"
    assert len(sizes["reduced"]) > 5
    assert max(sizes["reduced"]) <= 2 * 21 * 4, "no more than the groups that one shard leads"


@settings(max_examples=40, deadline=None)
@given(texts=MANY)
@example(texts=[])
@example(texts=["", "", " ", " ", "a", "a"])
def test_clusters_are_those_of_all_pairs(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    place = tmp_path_factory.mktemp("pairs")
    records = make(texts)
    done = do(
        place / "out",
        jsonl(place / "a.jsonl", records),
        stages=(ExactDedup(), NearDedup(threshold=0.6, **EVERY_PAIR)),
    )
    first: dict[str, str] = {}
    for record in sorted(records, key=lambda r: r["id"]):
        first.setdefault(record["text"], record["id"])
    near = plain(list(first), list(first.values()), 0.6, 5)
    for record in records:
        fate, stage, _, _, _, duplicate_of, cluster = outcome(done)[record["id"]]
        same = first[record["text"]]
        why, near_cluster = near[same]
        stays = same == record["id"] and why is None
        assert fate == ("kept" if stays else "dropped")
        if same != record["id"]:
            assert (stage, duplicate_of, cluster) == ("exact_dedup", same, near_cluster or same)
        else:
            assert (duplicate_of, cluster) == ((why or {}).get("duplicate_of"), near_cluster)  # type: ignore[attr-defined]


@settings(max_examples=25, deadline=None)
@given(texts=MANY)
def test_the_stages_give_the_same_in_a_pipeline(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    place = tmp_path_factory.mktemp("stages")
    records = make(texts)
    done = do(place / "out", jsonl(place / "a.jsonl", records))
    table = tables.records(texts, [r["id"] for r in records])
    exact = tables.fates(tables.run(ExactDedup(), table))
    left = table.filter(pa.array([exact[i][0] is None for i in table["id"].to_pylist()], pa.bool_()))
    near = tables.fates(tables.run(NearDedup(), left))
    for id, (_, stage, reason, value, _, duplicate_of, cluster) in outcome(done).items():
        dropped = exact[id][0] or near[id][0] or {}
        assert (reason, value, duplicate_of) == tuple(dropped.get(n) for n in ("reason", "value", "duplicate_of"))
        if stage == "near_dedup":
            assert cluster == dropped["cluster"]


RECIPE = "name: alone\nabout: Deduplication alone.\nstages: [exact_dedup, near_dedup]\n"
CONFIG = """\
recipe: alone.yaml
name: alone
industry: {name: baijiu, title: 酱酒}
splits: {train: 1.0, validation: 0.0, test: 0.0, seed: 1}
"""
CATALOG = """\
sources:
  - id: pages
    title: 页面
    paths: [raw/pages.jsonl]
    industry: baijiu
    holder: 生产部
    licence: internal
    grade: 一般2
    obtained: {on: 2026-03-01, how: 导出}
"""


def test_a_run_of_a_pipeline_keeps_the_same_texts(tmp_path: Path) -> None:
    """Lengths differ within a cluster, since ids, which a run makes of places, would decide otherwise."""
    texts = [page(i % 60) + "加" * (i // 60) for i in range(150)] + [page(i) for i in range(20)]
    domain = tmp_path / "domain"
    path = jsonl(domain / "raw" / "pages.jsonl", make(texts))
    (domain / "domain.yaml").write_text("name: alone\nholder: 示例酒业\n", "utf-8")
    (domain / "catalog.yaml").write_text(CATALOG, "utf-8")
    (domain / "config.yaml").write_text(CONFIG, "utf-8")
    (domain / "alone.yaml").write_text(RECIPE, "utf-8")
    dataset = run(resolve(domain / "config.yaml"), domain, workers=1, progress=Watch()).dataset
    done = do(tmp_path / "out", path)
    kept = [json.loads(line)["text"] for line in done.kept("pages.jsonl").splitlines()]
    assert sorted(kept) == sorted(r["text"] for r in read_records(dataset))
    assert len(kept) == 60


def test_statutes_compared_with_measured_pairs(tmp_path: Path, shared: Path) -> None:
    """Every near pair is in one cluster, nothing under 0.75 is joined, and laws that only share a topic stay."""
    pairs, texts = near_pairs(shared)
    ids = [f"{i:04d}" for i in range(len(texts))]
    path = jsonl(tmp_path / "a.jsonl", [{"id": i, "text": t} for i, t in zip(ids, texts, strict=True)])
    done = do(tmp_path / "out", path)
    found = outcome(done)
    cluster = {i: row[6] or i for i, row in found.items()}
    measured = {frozenset((ids[a], ids[b])): jaccard5 for a, b, jaccard5 in pairs}
    near = [pair for pair, jaccard5 in measured.items() if jaccard5 >= 0.8]
    assert len(near) > 100
    assert all(len({cluster[i] for i in pair}) == 1 for pair in near)
    by_pairs = components(near)
    text = dict(zip(ids, texts, strict=True))
    for i, row in found.items():
        if row[2] == "near_duplicate":
            assert i in by_pairs, "dropped without a pair that reaches the threshold"
            assert by_pairs[i] == by_pairs[row[5]], "joined by nothing that reaches the threshold"
            assert abs(row[3] - measured.get(frozenset((i, row[5])), jaccard(text[i], text[row[5]]))) < 1e-4
    relations = json_lines(shared / "data/neardup-dev/pairs.jsonl")
    hard = [r for r in relations if r["relation"] == "same-topic-other-law" and r["jaccard5"] < 0.8]
    names = sorted({r[side] for r in relations for side in "ab"})
    place = dict(zip(names, ids, strict=True))
    assert len(hard) > 1000
    for r in hard:
        assert cluster[place[r["a"]]] != cluster[place[r["b"]]]


def json_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def components(pairs: list[frozenset[str]]) -> dict[str, int]:
    """The component of each id that stands in a pair."""
    name: dict[str, int] = {}
    members: defaultdict[int, set[str]] = defaultdict(set)
    for n, pair in enumerate(pairs):
        joined = set(pair).union(*(members.pop(name[i]) for i in pair if i in name and name[i] in members))
        members[n] = joined
        for i in joined:
            name[i] = n
    return name


def test_no_pair_is_joined_that_does_not_reach_the_threshold(
    tmp_path: Path, shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The edges themselves, as the reduces give them."""
    pairs, texts = near_pairs(shared)
    measured = {frozenset(pair[:2]): pair[2] for pair in pairs}
    edges: list[pa.Table] = []
    reduce = NearDedup.reduce

    def watched(self: NearDedup, *args: Any) -> pa.Table:
        edges.append(reduce(self, *args))
        return edges[-1]

    monkeypatch.setattr(NearDedup, "reduce", watched)
    monkeypatch.setattr(budget, "REDUCE_BYTES", budget.MB)
    do(tmp_path / "out", jsonl(tmp_path / "a.jsonl", [{"text": t} for t in texts]), memory_mb=200)
    table = pa.concat_tables(edges)
    assert table.num_rows > 50
    for a, b, value in zip(*(table[n].to_pylist() for n in ("a", "b", "jaccard")), strict=True):
        assert value >= 0.8
        assert abs(value - measured[frozenset((a, b))]) < 1e-4
        assert abs(value - jaccard(texts[a], texts[b])) < 1e-12


def test_ids_that_files_share_change_nothing_of_what_stays(tmp_path: Path) -> None:
    """Each file counts from 0: a place, not an id, tells such records apart in the ledger."""
    for name in ("x", "y"):
        texts = [page(i) + "。" * (name == "y") for i in range(0, 10)] + [
            page(100 + i + 50 * (name == "y")) for i in range(5)
        ]
        jsonl(tmp_path / "in" / f"{name}.jsonl", [{"id": i, "text": text} for i, text in enumerate(texts)])
    found = dedup([tmp_path / "in"], tmp_path / "out", Settings(PLAIN))
    ledger = pq.read_table(tmp_path / "out" / "ledger.parquet").to_pylist()
    fates = {(row["source_path"], row["locator"]): row["fate"] for row in ledger}
    assert len(fates) == found.records == 30
    stay = {(f"{name}.jsonl", f"L{i}") for name in "xy" for i in range(1, 16) if i > 10 or name == "y"}
    assert {place for place, fate in fates.items() if fate == "kept"} == stay
