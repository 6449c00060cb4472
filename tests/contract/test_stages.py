"""What every member of the stage union promises, held over records of the examples."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from curate.catalog import load_catalog, source_files
from curate.ingest import read_file, to_batches
from curate.jobs.files import MappedCorpus
from curate.jobs.mapping import stage_of
from curate.records import DROPPED
from curate.stages import STAGES, is_corpus_stage
from tests.runs import ROOT

LOCAL = [kind for kind, stage in STAGES.items() if not is_corpus_stage(stage)]
CORPUS = [kind for kind, stage in STAGES.items() if is_corpus_stage(stage)]


@pytest.fixture(scope="module")
def ingested() -> pa.RecordBatch:
    """All readable records of one example as one batch, as the first stage gets them."""
    folder = ROOT / "examples" / "coal"
    catalog = load_catalog(folder)
    batches = []
    for source, path in source_files(folder, catalog):
        parts = read_file(folder / path, path, source, catalog.limits)
        made = to_batches(parts, source=source, path=path, sha256="0" * 64, record_chars=10**6)
        batches += [batch for batch, _ in made if batch.num_rows]
    whole: pa.RecordBatch = pa.Table.from_batches(batches).combine_chunks().to_batches()[0]
    assert whole.num_rows > 80
    return whole


@pytest.fixture(scope="module")
def arriving(ingested: pa.RecordBatch) -> dict[str, pa.RecordBatch]:
    """What each stage gets in a pipeline of all stages before it, dropped rows taken out."""
    out, batch = {}, ingested
    for kind, stage in STAGES.items():
        out[kind] = batch
        if kind in LOCAL:
            done = stage().open()(batch)
            if "dropped" in done.schema.names:
                done = done.filter(pc.is_null(done["dropped"])).drop_columns(["dropped"])
            batch = done.drop_columns([name for name in ("tally",) if name in done.schema.names])
    return out


def rows(batch: pa.RecordBatch) -> list[dict[str, Any]]:
    plain: list[dict[str, Any]] = batch.to_pylist()
    return plain


def values_planted() -> set[str]:
    expected = json.loads((ROOT / "examples" / "coal" / "expected.json").read_text("utf-8"))
    return {value for entry in expected for value in entry.get("must_not_appear", [])}


@pytest.mark.parametrize("kind", STAGES)
def test_a_stage_is_its_own_configuration(kind: str) -> None:
    stage = STAGES[kind]()
    assert stage.kind == kind
    assert stage_of(stage.model_dump(mode="json")) == stage, "plain data and back"
    assert pickle.loads(pickle.dumps(stage)) == stage
    assert isinstance(stage.version, int)
    assert len(set(stage.reasons)) == len(stage.reasons)
    with pytest.raises(ValueError, match="frozen"):
        stage.kind = "other"


@pytest.mark.parametrize("kind", LOCAL)
def test_same_rows_in_the_same_order_with_the_columns_it_declares(
    kind: str, arriving: dict[str, pa.RecordBatch]
) -> None:
    stage, batch = STAGES[kind](), arriving[kind]
    done = stage.open()(batch)
    done.validate(full=True)
    assert done["id"].equals(batch["id"])
    for name in set(batch.schema.names) - {"text", "meta", "n_chars"}:
        there = pc.is_valid(batch[name]) if name in stage.adds else pa.array([True] * batch.num_rows)
        assert done[name].filter(there).equals(batch[name].filter(there)), f"{name} is not this stage's to change"
    for name, kind_of in stage.adds.items():
        assert done.schema.field(name).type == kind_of
    new = set(done.schema.names) - set(batch.schema.names)
    assert new <= {*stage.adds, "dropped"}
    if "dropped" in new:
        assert done.schema.field("dropped").type == DROPPED
        assert {r for r in done["dropped"].field("reason").to_pylist() if r} <= set(stage.reasons)


@pytest.mark.parametrize("kind", LOCAL)
@pytest.mark.parametrize("size", [1, 7, 1000])
def test_the_size_of_batches_changes_nothing(kind: str, size: int, arriving: dict[str, pa.RecordBatch]) -> None:
    batch = arriving[kind]
    whole = rows(STAGES[kind]().open()(batch))
    work = STAGES[kind]().open()
    parts = [row for i in range(0, batch.num_rows, size) for row in rows(work(batch.slice(i, size)))]
    assert [{k: r.get(k) for k in whole[0]} for r in parts] == whole


@pytest.mark.parametrize("kind", LOCAL)
def test_an_empty_batch_gives_the_same_columns(kind: str, arriving: dict[str, pa.RecordBatch]) -> None:
    work = STAGES[kind]().open()
    done = work(arriving[kind].slice(0, 0))
    assert done.num_rows == 0
    assert set(STAGES[kind].adds) <= set(done.schema.names)


@pytest.mark.parametrize("kind", LOCAL)
def test_twice_is_the_same(kind: str, arriving: dict[str, pa.RecordBatch]) -> None:
    work = STAGES[kind]().open()
    assert rows(work(arriving[kind])) == rows(work(arriving[kind])) == rows(STAGES[kind]().open()(arriving[kind]))


@pytest.mark.parametrize("kind", CORPUS)
def test_emit_speaks_of_the_rows_it_was_given(kind: str, arriving: dict[str, pa.RecordBatch]) -> None:
    stage, batch = STAGES[kind](), arriving[kind]
    emitted, names = stage.emit(batch), list(stage.keys())
    assert len(set(names)) == len(names) >= 1
    assert {emitted.schema.field(name).type for name in names} == {pa.uint64()}
    assert emitted.schema.field("row").type == pa.uint32()
    assert set(stage.stores) <= set(emitted.schema.names)
    rows = emitted["row"].to_numpy()
    assert (rows[1:] >= rows[:-1]).all(), "in the order of the records"
    parts = []
    for i in range(0, batch.num_rows, 7):
        part = stage.emit(batch.slice(i, 7)).to_pylist()
        parts += [{**r, "row": r["row"] + i} for r in part]
    assert parts == emitted.to_pylist()
    assert stage.emit(batch.slice(0, 0)).num_rows == 0


@pytest.mark.parametrize("kind", ["exact_dedup", "near_dedup"])
def test_no_record_is_left_out(kind: str, arriving: dict[str, pa.RecordBatch]) -> None:
    batch = arriving[kind]
    assert STAGES[kind]().emit(batch)["row"].to_pylist() == list(range(batch.num_rows))


@pytest.mark.parametrize("kind", CORPUS)
def test_no_decision_marks_nothing(kind: str, arriving: dict[str, pa.RecordBatch]) -> None:
    stage, batch = STAGES[kind](), arriving[kind]
    decisions = stage.merge(iter([]), MappedCorpus([]))
    none = decisions.drop_columns(["address"]).append_column("row", pa.array([], pa.uint32()))
    done = stage.mark(batch, none)
    assert done["id"].equals(batch["id"])
    assert done["text"].equals(batch["text"])
    if "dropped" in done.schema.names:
        assert done["dropped"].null_count == done.num_rows


def test_no_personal_value_stays_or_is_counted(arriving: dict[str, pa.RecordBatch]) -> None:
    done = STAGES["anonymise"]().open()(arriving["anonymise"])
    planted = values_planted()
    assert any(v in t for v in planted for t in arriving["anonymise"]["text"].to_pylist()), "there is something to find"
    for name in done.schema.names:
        if name not in ("source", "input_id", "id"):
            shown = json.dumps(done[name].to_pylist(), ensure_ascii=False, default=str)
            assert not [v for v in planted if v in shown], name


def test_each_stage_has_its_module() -> None:
    for kind in STAGES:
        assert (Path(ROOT) / "curate" / "stages" / f"{kind}.py").is_file()
