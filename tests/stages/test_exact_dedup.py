"""Exact deduplication: which record stays, and that nothing but texts and ids decides it."""

from __future__ import annotations

import json
import random
from typing import Any

import pyarrow as pa
import pytest
import xxhash
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.jobs.shuffle import groups, regroup
from curate.stages.exact_dedup import ExactDedup

from .driver import TableCorpus, fates, records, run


@pytest.mark.parametrize(
    ("texts", "dropped", "why"),
    [
        (["窖池", "窖池"], {"b": "a"}, "the same text"),
        (["窖池", "窖池 "], {}, "one space more is another text"),
        (["窖池", "曲块", "窖池", "窖池"], {"c": "a", "d": "a"}, "all but the least id, whatever their number"),
        (["é", "e\u0301"], {}, "the same look with other code points: bytes decide"),
        (["", ""], {"b": "a"}, "empty texts are the same text"),
        (["窖池", "曲块", "曲块", "窖池"], {"c": "b", "d": "a"}, "two groups"),
    ],
)
def test_what_is_dropped(texts: list[str], dropped: dict[str, str], why: str) -> None:
    found = fates(run(ExactDedup(), records(texts, "abcdef"[: len(texts)])))
    got = {i: d["duplicate_of"] for i, (d, _) in found.items() if d}
    assert got == dropped, why


@settings(deadline=None)
@given(
    texts=st.lists(st.text(alphabet="酒曲a", max_size=3), min_size=1, max_size=25),
    order=st.randoms(use_true_random=False),
    cuts=st.integers(1, 3),
    batch_rows=st.integers(1, 26),
)
def test_only_texts_and_ids_decide(texts: list[str], order: random.Random, cuts: int, batch_rows: int) -> None:
    table = records(texts)
    least: dict[str, str] = {}
    for i, text in zip(table["id"].to_pylist(), texts, strict=True):
        least[text] = min(i, least.get(text, i))
    rows = list(range(len(texts)))
    order.shuffle(rows)
    found = fates(run(ExactDedup(), table.take(rows), batch_rows, cuts))
    for i, text in zip(table["id"].to_pylist(), texts, strict=True):
        first = least[text]
        want = {"reason": "exact_duplicate", "value": None, "threshold": None, "duplicate_of": first, "cluster": first}
        assert found[i][0] == (None if i == first else want)


def test_equal_keys_of_different_texts_do_not_meet() -> None:
    """Two texts whose digests agree in 8 bytes are hard to make, so the task is given such rows."""
    texts = ["酒曲", "酒糟", "酒曲", "酒糟", "酒曲"]
    group = pa.table(
        {
            "key": pa.array([7] * 4 + [8], pa.uint64()),
            "address": pa.array([0, 1, 2, 3, 4], pa.uint64()),
            "n_bytes": pa.array([6] * 5, pa.uint32()),
        }
    )
    corpus = TableCorpus(pa.table({"id": ["d", "c", "b", "a", "e"], "text": texts}), group["address"].to_numpy())
    shared = groups(group.to_batches(max_chunksize=2), ["key"], 0, 1, singles=False)
    decided = ExactDedup().reduce(regroup([shared]), corpus)
    assert dict(zip(decided["address"].to_pylist(), decided["duplicate_of"].to_pylist(), strict=True)) == {
        0: "b",
        1: "a",
    }


def test_the_key_is_the_head_of_the_digest() -> None:
    batch = records(["x", "泥", "窖", ""]).to_batches()[0].slice(1)
    emitted = ExactDedup().emit(batch)
    want = [xxhash.xxh3_128_digest(t.encode()) for t in ("泥", "窖", "")]
    assert emitted["key"].to_pylist() == [int.from_bytes(d[:8], "little") for d in want]
    assert emitted["row"].to_pylist() == [0, 1, 2]
    assert emitted["n_bytes"].to_pylist() == [3, 3, 0]


DATED = pa.struct([pa.field("source_id", pa.string()), pa.field("obtained_at", pa.string())])
SCORED = pa.struct([pa.field("score", pa.float32())])


@pytest.mark.parametrize(
    ("survivor", "stays", "why"),
    [
        ((), "a", "without a criterion the least id"),
        ("smallest_id", "a", "the same, said"),
        ("longest", "a", "equal texts are equally long"),
        ("newest", "d", "the latest date; none stands last"),
        ("best_quality", "b", "the greatest score; none stands last, no number neither"),
        ("source_order", "c", "the first of the named sources"),
        (["source_order", "newest"], "c", "the first criterion that tells them apart decides"),
        (["newest", "best_quality"], "d", "and so here"),
        (["smallest_id", "newest"], "a", "nothing comes after the id"),
    ],
)
def test_which_record_stays(survivor: Any, stays: str, why: str) -> None:
    table = records(["同一篇"] * 4, ["a", "b", "c", "d"])
    sources = [("x", "2024-01-01"), ("x", None), ("y", "2023-12-31"), ("z", "2026-02-03")]
    scores = [0.4, 0.9, None, float("nan")]
    source = pa.array([{"source_id": s, "obtained_at": at} for s, at in sources], DATED)
    table = table.append_column("source", source)
    table = table.append_column("quality", pa.array([{"score": score} for score in scores], SCORED))
    stage = ExactDedup.model_validate_json(json.dumps({"survivor": survivor, "sources": ["y", "x"]}))
    found = fates(run(stage, table, batch_rows=3))
    assert [i for i, (dropped, _) in found.items() if dropped is None] == [stays], why


def test_without_rows() -> None:
    empty = records([]).to_batches() or [pa.RecordBatch.from_pylist([], records([]).schema)]
    assert ExactDedup().emit(empty[0]).num_rows == 0
    assert run(ExactDedup(), records([])).num_rows == 0
    nothing = ExactDedup().merge([], None)  # type: ignore[arg-type]
    assert ExactDedup().mark(empty[0], nothing.append_column("row", pa.array([], pa.uint32()))).num_rows == 0
