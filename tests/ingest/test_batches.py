from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.ingest import Block, Fault, Item, to_batches
from curate.records import INGESTED, record_id
from tests.ingest.making import read, source


def item(locator: str, text: str, meta: dict[str, Any] | None = None, input_id: str | None = None) -> Item:
    return Item(locator, text, input_id, meta, "text/plain", "utf-8")


def rows(parts: list[Item | Fault], **more: Any) -> tuple[list[dict[str, Any]], list[Fault]]:
    found, faults = [], []
    given_source = more.pop("source", source())
    more = {"record_chars": 1000, **more}
    for batch, some in to_batches(parts, source=given_source, path="raw/a.txt", sha256="f" * 64, **more):
        batch.validate(full=True)
        assert batch.schema.equals(INGESTED)
        found += batch.to_pylist()
        faults += some
    return found, faults


def test_a_row() -> None:
    given_source = source(personal={"电话": "CN_MOBILE", "姓名": "PERSON"}, authorisation="grants/a.json")
    ((row,), faults) = rows([item("L3", "甲", {"电话": "1", "备注": 2}, "7")], source=given_source)
    assert not faults
    assert row == {
        "id": record_id("s", "raw/a.txt", "L3"),
        "input_id": "7",
        "text": "甲",
        "industry": "baijiu",
        "grade": "一般2",
        "source": {
            "source_id": "s",
            "path": "raw/a.txt",
            "locator": "L3",
            "sha256": "f" * 64,
            "media_type": "text/plain",
            "encoding": "utf-8",
            "licence": "internal",
            "authorisation": "grants/a.json",
            "obtained_at": "2026-01-02",
        },
        "meta": '{"备注":2,"电话":"1"}',
        "personal": '{"电话":"CN_MOBILE"}',
    }


def test_nothing_personal_and_no_meta() -> None:
    (plain, other), _ = rows(
        [item("1", "甲"), item("2", "乙", {"备注": "x"})], source=source(personal={"电话": "CN_MOBILE"})
    )
    assert (plain["meta"], plain["personal"]) == (None, None)
    assert (other["meta"], other["personal"]) == ('{"备注":"x"}', None)
    assert plain["source"]["authorisation"] is None


def test_mixed_encodings_in_a_batch() -> None:
    parts: list[Item | Fault] = [item("1", "甲"), item("2", "乙")._replace(encoding=None), item("3", "丙")]
    assert [row["source"]["encoding"] for row in rows(parts)[0]] == ["utf-8", None, "utf-8"]


def test_faults_come_with_the_rows_around_them() -> None:
    bad = Fault("L2", "bad_record", "no object")
    batches = list(
        to_batches(
            [item("L1", "a"), bad, item("L3", "b"), item("L4", "x" * 11), bad],
            source=source(),
            path="p",
            sha256="0",
            record_chars=10,
            rows=1,
        )
    )
    assert [(batch.num_rows, [fault[:2] for fault in faults]) for batch, faults in batches] == [
        (1, []),
        (1, [("L2", "bad_record")]),
        (0, [("L4", "too_long"), ("L2", "bad_record")]),
    ]
    assert list(to_batches([], source=source(), path="p", sha256="0", record_chars=1)) == []


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.lists(TEXTS, max_size=30), st.integers(1, 9), st.integers(1, 200))
def test_no_row_is_lost_whatever_the_size_of_batches(texts: list[str], count: int, size: int) -> None:
    parts: list[Item | Fault] = [item(f"L{n}", text) for n, text in enumerate(texts)]
    split = list(
        to_batches(iter(parts), source=source(), path="p", sha256="0", record_chars=99, rows=count, text_bytes=size)
    )
    assert [text for batch, _ in split for text in batch.column("text").to_pylist()] == texts
    assert all(batch.num_rows <= count for batch, _ in split)
    for batch, _ in split:
        batch.validate(full=True)
        lengths = [len(text.encode()) for text in batch.column("text").to_pylist()]
        assert sum(lengths[:-1]) <= size + 30  # 4-byte characters are counted as 3


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.lists(TEXTS, max_size=30), st.integers(1, 9), st.integers(1, 60), st.integers(1, 30), st.integers(1, 30))
def test_blocks_make_the_same_batches(texts: list[str], count: int, size: int, most: int, cut: int) -> None:
    parts: list[Item | Fault] = [item(f"L{n}", text, {"n": n}, str(n)) for n, text in enumerate(texts)]
    blocks = [
        Block(
            [part.locator for part in parts[i : i + cut]],
            pa.array(texts[i : i + cut], pa.string()),
            [str(n) for n in range(i, min(i + cut, len(texts)))],
            [{"n": n} for n in range(i, min(i + cut, len(texts)))],
            "text/plain",
            "utf-8",
        )
        for i in range(0, len(texts), cut)
    ]
    one, other = (
        list(to_batches(given, source=source(), path="p", sha256="0", record_chars=most, rows=count, text_bytes=size))
        for given in (parts, blocks)
    )
    assert one == other


def test_parts_are_taken_one_by_one() -> None:
    taken = []

    def parts() -> Iterator[Item]:
        for n in range(10):
            taken.append(n)
            yield item(f"L{n}", "x")

    first = next(iter(to_batches(parts(), source=source(), path="p", sha256="0", record_chars=9, rows=2)))
    assert first[0].num_rows == 2
    assert taken == [0, 1]


def test_ids_are_unique_over_a_real_file(tmp_path: Path) -> None:
    data = b"".join(b'{"text": "%d"}\n' % (n % 3) for n in range(5000))
    found, _ = rows(read(tmp_path, "a.jsonl", data))
    assert len({row["id"] for row in found}) == 5000
