"""Rows found by address, in the order asked for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.jobs.files import MappedCorpus, batches_of, pack_address, writer

SHARDS = [[3, 1], [5], [2, 2, 2]]  # rows of each batch of each shard


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> MappedCorpus:
    folder, n = tmp_path_factory.mktemp("shards"), 0
    paths = []
    for k, batches in enumerate(SHARDS):
        paths.append(folder / f"{k}.arrow")
        with writer(paths[-1], pa.schema([("text", pa.string()), ("n", pa.int64())])) as out:
            for rows in batches:
                out.write_batch(
                    pa.RecordBatch.from_pydict(
                        {"text": [f"文{i}" for i in range(n, n + rows)], "n": list(range(n, n + rows))}
                    )
                )
                n += rows
    return MappedCorpus(paths)


ALL = [int(pack_address(k, r)) for k, batches in enumerate(SHARDS) for r in range(sum(batches))]


@given(st.lists(st.sampled_from(range(len(ALL))), max_size=30))
def test_take_gives_rows_in_the_order_asked_for(corpus: MappedCorpus, wanted: list[int]) -> None:
    table = corpus.take(np.array([ALL[i] for i in wanted], np.uint64), ["n", "text"])
    assert table["n"].to_pylist() == wanted
    assert table["text"].to_pylist() == [f"文{i}" for i in wanted]
    assert table.column_names == ["n", "text"]


def test_few_shards_are_open_at_once(corpus: MappedCorpus, monkeypatch: pytest.MonkeyPatch) -> None:
    """A corpus may have more shards than a process may have files."""
    monkeypatch.setattr(MappedCorpus, "MOST_OPEN", 1)
    monkeypatch.setattr(MappedCorpus, "RELEASE", 1)
    fresh = MappedCorpus(corpus._paths)
    for wanted in ([0, 4, 8], [8, 4, 0], [4, 8, 0, 4]):
        table = fresh.take(np.array([ALL[i] for i in wanted], np.uint64), ["n"])
        assert table["n"].to_pylist() == wanted
        assert len(fresh._open) == len(fresh._maps) == 1


def test_nothing_asked_for_has_the_columns_all_the_same(corpus: MappedCorpus) -> None:
    assert corpus.take(np.array([], np.uint64), ["text"]).schema.names == ["text"]
    assert MappedCorpus([]).take(np.array([], np.uint64), ["text"]).num_rows == 0


def test_batches_between_two_places(tmp_path: Path) -> None:
    with writer(tmp_path / "a", pa.schema([("n", pa.int64())])) as out:
        for i in range(5):
            out.write_batch(pa.RecordBatch.from_pydict({"n": [i]}))
    assert [b["n"].to_pylist() for b in batches_of(tmp_path / "a", 1, 3)] == [[1], [2]]
    assert len(list(batches_of(tmp_path / "a"))) == 5
