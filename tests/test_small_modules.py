"""Manifest, records, splits, summary, errors and scan: small promises."""

from __future__ import annotations

import copy
import hashlib
import itertools
import json
import os
import pickle
import time
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate import errors
from curate.catalog import load_catalog
from curate.errors import ConfigError, CurateError, Problem, TaskError, Unreadable
from curate.manifest import seal, sealed
from curate.records import mark, record_id, text_buffers
from curate.scan import scan
from curate.splits import split_bounds, split_indices
from curate.summary import add_up
from curate.writer import features_of
from tests.runs import domain_copy

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda x: st.lists(x) | st.dictionaries(st.text(), x),
)


@given(st.dictionaries(st.text(), PLAIN))
def test_what_is_sealed_is_canonical_and_found_when_changed(content: dict[str, object]) -> None:
    data = seal(content)
    assert sealed(data)
    assert seal(json.loads(data)) == data
    assert not sealed(data.replace(b'"digest":"', b'"digest":"0', 1))
    assert not sealed(data + b"\n")


@pytest.mark.parametrize("data", [b"", b"[]", b"null", b"\xff", b"{}", b'{"digest":1}', b"1e999"])
def test_nonsense_is_not_sealed(data: bytes) -> None:
    assert not sealed(data)


def test_ids_are_stable_and_tell_places_apart() -> None:
    assert record_id("s", "raw/a.txt", "1") == hashlib.sha256(b"s\0raw/a.txt\x001").hexdigest()[:20]
    places = [("s", "ab", "c"), ("s", "a", "bc"), ("sa", "b", "c"), ("s", "ab", "d")]
    assert len({record_id(*p) for p in places}) == 4


def test_text_buffers_of_a_slice_point_into_the_same_bytes() -> None:
    column = pa.array(["一二", "", "abc", "三"])[1:]
    data, offsets = text_buffers(column)
    texts = [bytes(data[a:b]).decode() for a, b in itertools.pairwise(offsets)]
    assert texts == ["", "abc", "三"]
    assert text_buffers(pa.array([], pa.string()))[1].tolist() == [0]


def test_mark_is_null_for_rows_that_stay() -> None:
    batch = pa.RecordBatch.from_pydict({"id": ["a", "b"]})
    marked = mark(batch, [None, "short"], values=[None, 3.0], thresholds=[None, 60.0])
    assert marked["dropped"].to_pylist() == [
        None,
        {"reason": "short", "value": 3.0, "threshold": 60.0, "duplicate_of": None, "cluster": None},
    ]


def test_splits_have_the_shares_they_should_and_do_not_move() -> None:
    names, bounds = split_bounds({"train": 0.8, "validation": 0.0, "test": 0.2})
    assert names == ["train", "test"]
    keys = [record_id("s", "raw/a", str(i)) for i in range(5000)]
    which = split_indices(keys, bounds, 0)
    assert 0.18 < sum(which) / 5000 < 0.22
    assert split_indices(keys[:10], bounds, 0) == which[:10]
    assert split_indices(keys, bounds, 1) != which
    assert split_indices([], bounds, 0) == []


def test_summaries_add_up() -> None:
    one, two = {"chars": 1, "lang": {"zh": 2}}, {"chars": 2, "lang": {"zh": 1, "en": 4}}
    assert add_up([one, two]) == {"chars": 3, "lang": {"en": 4, "zh": 3}}
    assert one == {"chars": 1, "lang": {"zh": 2}}


def test_features_are_those_of_the_datasets_library() -> None:
    datasets = pytest.importorskip("datasets")
    from curate.records import RECORD

    assert features_of(RECORD) == datasets.Features.from_arrow_schema(RECORD).to_dict()


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    drawn = errors.__doc__ or ""
    classes = [c for c in vars(errors).values() if isinstance(c, type) and issubclass(c, CurateError)]
    for cls in classes:
        assert (
            f"{cls.__name__}  " in drawn or drawn.rstrip().endswith(cls.__name__) or f"\n{cls.__name__}\n" in drawn
        ), cls
    assert sorted(errors.__all__) == errors.__all__


@pytest.mark.parametrize(
    "error",
    [
        TaskError("what", where="task", got="g", expected="e", fix="f."),
        Unreadable("bomb", "too much", where="a"),
        ConfigError([Problem("f", 3, "a.b", "unknown field", "x", "y", "Did you mean y?")]),
    ],
    ids=lambda e: type(e).__name__,
)
def test_errors_survive_the_way_from_a_worker(error: CurateError) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == str(error)
    assert type(again) is type(error)
    assert vars(again) == vars(error)
    assert str(copy.copy(error)) == str(error)


def test_a_file_is_hashed_again_only_when_it_moved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = domain_copy("meteorology", tmp_path)
    old = time.time() - 100
    for path in (folder / "raw").rglob("*"):
        os.utime(path, (old, old))
    catalog = load_catalog(folder)
    first = scan(folder, catalog, tmp_path / "work")
    from curate import scan as module

    hashed: list[Path] = []
    entry = module.file_entry
    monkeypatch.setattr(module, "file_entry", lambda path: hashed.append(path) or entry(path))
    assert scan(folder, catalog, tmp_path / "work") == first
    assert hashed == []
    changed = folder / first[3].path
    changed.write_bytes(changed.read_bytes() + b"x")
    assert scan(folder, catalog, tmp_path / "work")[3].sha256 != first[3].sha256
    assert hashed == [changed]
