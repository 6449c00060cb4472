"""Stratified splits as a stage: no cut of the corpus matters, and no near-duplicate pair is on two sides."""

from __future__ import annotations

import pickle
import random
from collections import Counter
from itertools import combinations
from typing import Any, Literal

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.catalog import load_catalog
from curate.jobs import mapping
from curate.jobs.files import MappedCorpus
from curate.jobs.mapping import stage_of
from curate.pipeline import Splits
from curate.planner import Planner
from curate.recipe import resolve, resolve_with_origins
from curate.records import SOURCE, record_id
from curate.splits import settled_units, split_bounds, strata_of, stratified_indices, unit_bits
from curate.stages import is_corpus_stage
from curate.stages.anonymise import Anonymise
from curate.stages.exact_dedup import ExactDedup
from curate.stages.near_dedup import NearDedup
from curate.stages.normalise import Normalise
from curate.stages.quality import Quality
from curate.stages.stratify import Stratify

from ..runs import ROOT
from .driver import run
from .test_near_dedup import LETTERS, edited, jaccard

SHARES = {"train": 0.6, "validation": 0.2, "test": 0.2}


def stratify(seed: int = 0, by: tuple[Literal["industry", "source"], ...] = ("source",)) -> Stratify:
    return Stratify(by=by, splits=tuple(SHARES), shares=tuple(SHARES.values()), seed=seed)


def corpus(seed: int, rows: int) -> pa.Table:
    """Records of three sources of very different sizes, some in clusters that lie in more than one."""
    rng = random.Random(seed)
    ids = [record_id("s", "raw/a", f"{seed}/{i}") for i in range(rows)]
    sources = rng.choices("abc", weights=(80, 15, 5), k=rows)
    clusters = [rng.choice(ids[:5]) if rng.random() < 0.2 else None for _ in range(rows)]
    return pa.table(
        {
            "id": pa.array(ids),
            "text": pa.array(["一"] * rows),
            "industry": pa.array([rng.choice(["coal", None]) for _ in range(rows)], pa.string()),
            "source": pa.array([{"source_id": source} for source in sources], SOURCE),
            "cluster": pa.array(clusters, pa.string()),
        }
    )


def splits_of(marked: pa.Table) -> dict[str, str]:
    return dict(zip(marked["id"].to_pylist(), marked["split"].to_pylist(), strict=True))


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 1 << 30),
    st.integers(1, 120),
    st.sampled_from([("source",), ("industry",), ("industry", "source")]),
    st.integers(1, 40),
    st.integers(1, 4),
)
def test_batches_cuts_and_order_change_nothing(
    seed: int, rows: int, by: tuple[Literal["industry", "source"], ...], batch_rows: int, cuts: int
) -> None:
    stage = stratify(seed, by=by)
    table = corpus(seed, rows)
    whole = splits_of(run(stage, table))
    assert splits_of(run(stage, table, batch_rows, cuts)) == whole
    order = list(range(rows))
    random.Random(seed).shuffle(order)
    assert splits_of(run(stage, table.take(order), batch_rows, cuts)) == whole


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1 << 30), st.integers(1, 120), st.integers(1, 4))
def test_what_is_decided_is_what_the_rule_says(seed: int, rows: int, cuts: int) -> None:
    table = corpus(seed, rows)
    batch = table.combine_chunks().to_batches()[0]
    units, ids = unit_bits(batch), unit_bits(batch.drop_columns(["cluster"]))
    sizes, strata = settled_units(units, ids, strata_of(batch, ("source",)))
    expected = stratified_indices(units, sizes, strata, tuple(SHARES.values()), seed)
    marked = run(stratify(seed), table, 17, cuts)
    assert marked["split"].to_pylist() == [list(SHARES)[i] for i in expected.tolist()]
    assert marked.drop_columns(["split"]).equals(table), "nothing else is touched"
    together: dict[str, set[str]] = {}
    for cluster, split in zip(marked["cluster"].to_pylist(), marked["split"].to_pylist(), strict=True):
        if cluster:
            together.setdefault(cluster, set()).add(split)
    assert all(len(found) == 1 for found in together.values())


def near_corpus(seed: int) -> pa.Table:
    """Families of texts with few edits, each in any of three sources."""
    rng = random.Random(seed)
    texts = []
    for _ in range(rng.randrange(2, 12)):
        base = "".join(rng.choices(LETTERS, k=rng.choice([3, 6, 40, 120])))
        texts += [edited(base, rng.choice([0, 1, 1, 2, 5]), rng) for _ in range(rng.choice([1, 1, 2, 3, 9]))]
    rng.shuffle(texts)
    ids = [record_id("s", "raw/a", f"{seed}/{i}") for i in range(len(texts))]
    sources = [{"source_id": rng.choice("aab")} for _ in texts]
    columns = {"id": pa.array(ids), "text": pa.array(texts), "source": pa.array(sources, SOURCE)}
    return pa.table(columns | {"industry": pa.nulls(len(ids), pa.string())})


@pytest.mark.parametrize("stratified", [False, True], ids=["by hash", "stratified"])
@pytest.mark.parametrize("action", ["mark", "drop"])
def test_no_near_duplicates_are_in_two_splits(action: Literal["drop", "mark"], stratified: bool) -> None:
    """Over random corpora, through near deduplication and what writes the split of a record."""
    names, bounds = split_bounds(SHARES)
    near = crossing = 0
    met: Counter[str] = Counter()
    for seed in range(60):
        marked = run(NearDedup(action=action), near_corpus(seed), 7, 1 + seed % 3)
        stays = pa.array([fate is None for fate in marked["dropped"].to_pylist()])
        marked = marked.filter(stays).drop_columns(["dropped"]).combine_chunks()
        if stratified:
            marked = run(stratify(seed), marked, 5, 1 + seed % 3).combine_chunks()
        args = {"splits": names, "bounds": bounds, "seed": seed}
        records = mapping._record(marked.to_batches()[0], args).to_pylist()
        for one, other in combinations(records, 2):
            if one["text"] and other["text"] and jaccard(one["text"], other["text"]) >= 0.9:
                near += 1
                crossing += one["split"] != other["split"]
        met.update(r["split"] for r in records)
    assert crossing == 0
    assert near > 300 if action == "mark" else near == 0
    assert len(met) == 3, met
    assert min(met.values()) > 50, met


def test_a_small_source_is_in_every_split() -> None:
    for seed in range(10):
        table = corpus(seed, 400).drop_columns(["cluster"])
        marked = run(stratify(seed), table, 90, 2)
        counts = Counter(
            zip((s["source_id"] for s in marked["source"].to_pylist()), marked["split"].to_pylist(), strict=True)
        )
        for source in "abc":
            n = sum(counts[source, split] for split in SHARES)
            assert all(abs(counts[source, split] - n * share) < 1 for split, share in SHARES.items())


def test_it_keeps_to_the_protocol() -> None:
    stage = stratify(5)
    assert stage_of(stage.model_dump(mode="json")) == stage
    assert pickle.loads(pickle.dumps(stage)) == stage
    assert is_corpus_stage(stage)
    batch = corpus(1, 50).combine_chunks().to_batches()[0]
    emitted = stage.emit(batch)
    assert emitted["row"].to_pylist() == list(range(50)), "no record is left out"
    parts = [{**r, "row": r["row"] + i} for i in range(0, 50, 7) for r in stage.emit(batch.slice(i, 7)).to_pylist()]
    assert parts == emitted.to_pylist()
    assert stage.emit(batch.slice(0, 0)).schema == emitted.schema
    assert stage.merge(iter([]), MappedCorpus([])).num_rows == 0


def planner(stages: tuple[Any, ...], **splits: Any) -> Planner:
    pipe = resolve(ROOT / "configs/baijiu.yaml").model_copy(update={"stages": stages, "splits": Splits(**splits)})
    return Planner("/d", pipe, load_catalog(ROOT / "examples/baijiu"))


@pytest.mark.parametrize(
    ("stages", "expected", "why"),
    [
        (
            (Normalise(), ExactDedup(), NearDedup(), Anonymise()),
            [("normalise", "exact_dedup"), ("", "near_dedup"), ("", "stratify"), ("anonymise", None)],
            "anonymise drops nothing: rows are written once, by the last segment",
        ),
        (
            (NearDedup(), Anonymise(), Quality()),
            [("", "near_dedup"), ("anonymise quality", "stratify"), ("", None)],
            "shares are of what quality leaves",
        ),
        ((Normalise(), NearDedup()), [("normalise", "near_dedup"), ("", "stratify"), ("", None)], "nothing after"),
        ((Anonymise(),), [("", "stratify"), ("anonymise", None)], "nothing before"),
    ],
)
def test_the_planner_adds_it_where_all_that_drops_has_passed(stages: Any, expected: Any, why: str) -> None:
    def cut(plan: Planner) -> list[tuple[str, str | None]]:
        return [(" ".join(s.kind for s in x.stages), x.emits.kind if x.emits else None) for x in plan.segments]

    assert cut(planner(stages, stratify=("source",))) == expected, why
    assert [emits for _, emits in cut(planner(stages))] == [e for _, e in expected if e != "stratify"], "only if wanted"


def test_the_planner_gives_it_the_splits_that_can_hold_records() -> None:
    plan = planner((Normalise(),), stratify=("industry",), train=0.9, validation=0, test=0.1, seed=7)
    expected = Stratify(by=("industry",), splits=("train", "test"), shares=(0.9, 0.1), seed=7)
    assert plan.segments[-1].marks == expected


def test_a_config_sets_it_and_plan_shows_where() -> None:
    pipe, origins = resolve_with_origins(ROOT / "configs/baijiu.yaml", ("splits.stratify=[source, industry]",))
    assert pipe.splits.stratify == ("source", "industry")
    assert origins["splits.stratify"] == "--set"
    assert resolve_with_origins(ROOT / "configs/baijiu.yaml")[1]["splits.stratify"] == "default"
