"""Exact deduplication: which record stays, and that nothing but texts and ids decides it."""

from __future__ import annotations

import hashlib
import random

import pyarrow as pa
import pytest
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


def test_equal_keys_of_different_digests_do_not_meet() -> None:
    """Two texts whose digests agree in 8 bytes cannot be made, so the task is given such rows."""
    one, two = b"k" * 8 + b"a" * 24, b"k" * 8 + b"b" * 24
    group = pa.table(
        {
            "key": pa.array([7] * 4 + [8], pa.uint64()),
            "address": pa.array([0, 1, 2, 3, 4], pa.uint64()),
            "digest": pa.array([one, two, one, two, one], pa.binary(32)),
        }
    )
    corpus = TableCorpus(pa.table({"id": ["d", "c", "b", "a", "e"]}), group["address"].to_numpy())
    shared = groups(group.to_batches(max_chunksize=2), ["key"], 0, 1, singles=False)
    decided = ExactDedup().reduce(regroup([shared]), corpus)
    assert dict(zip(decided["address"].to_pylist(), decided["duplicate_of"].to_pylist(), strict=True)) == {
        0: "b",
        1: "a",
    }


def test_the_digest_is_sha256_of_the_bytes_and_the_key_its_head() -> None:
    batch = records(["x", "泥", "窖", ""]).to_batches()[0].slice(1)
    emitted = ExactDedup().emit(batch)
    want = [hashlib.sha256(t.encode()).digest() for t in ("泥", "窖", "")]
    assert emitted["digest"].to_pylist() == want
    assert emitted["key"].to_pylist() == [int.from_bytes(d[:8], "little") for d in want]
    assert emitted["row"].to_pylist() == [0, 1, 2]


def test_without_rows() -> None:
    empty = records([]).to_batches() or [pa.RecordBatch.from_pylist([], records([]).schema)]
    assert ExactDedup().emit(empty[0]).num_rows == 0
    assert run(ExactDedup(), records([])).num_rows == 0
    nothing = ExactDedup().merge([], None)  # type: ignore[arg-type]
    assert ExactDedup().mark(empty[0], nothing.append_column("row", pa.array([], pa.uint32()))).num_rows == 0
