"""What is written: the records that stay as they were, in files like those they came in, and the ledger of all."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.dedup import Fields, corpus, inputs, job
from curate.errors import UserError
from curate.stages import STAGES

from .making import PLAIN, do, jsonl, line, page
from .test_inputs import BAD, GOOD, WAYS, Write

LONG = page(3, 300)
NEAR = LONG[:150] + "改" + LONG[151:]

FRAMES: list[tuple[str, bytes, bytes]] = [
    ("plain", b"", b"\n"),
    ("byte order mark", b"\xef\xbb\xbf", b"\n"),
    ("line feeds of Windows", b"", b"\r\n"),
    ("both", b"\xef\xbb\xbf", b"\r\n"),
]


@pytest.mark.parametrize(("mark", "end"), [row[1:] for row in FRAMES], ids=[row[0] for row in FRAMES])
@pytest.mark.parametrize("last", [True, False], ids=["", "no last line feed"])
@pytest.mark.parametrize("shard", [1, 1 << 20], ids=["many shards", "one shard"])
def test_lines_that_stay_are_those_that_came(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mark: bytes, end: bytes, last: bool, shard: int
) -> None:
    """All lines of the tables of `test_inputs`, each good one twice: the first stays, with all its bytes."""
    monkeypatch.setattr(corpus, "SHARD", shard)
    monkeypatch.setattr(inputs, "BLOCK", 300)
    lines = [row[1] for row in GOOD] + [row[1] for row in BAD] + [b'{"text": "\xe6\x9c\xab"}']
    again = [b'{"again": 1, "text": %s}' % json.dumps(row[2]).encode() for row in GOOD]
    data = mark + end.join([*again[:3], *lines, *again, b'{"text": "last"}']) + (end if last else b"")
    (tmp_path / "a.jsonl").write_bytes(data)
    done = do(tmp_path / "out", tmp_path / "a.jsonl")
    assert (done.outcome.records, len(done.outcome.bad)) == (2 * len(GOOD) + 3 + 2, len(BAD))
    every = data.removeprefix(mark).split(b"\n")
    expected = b""
    for row in done.ledger:
        if row["fate"] == "kept":
            expected += every[int(row["locator"][1:]) - 1] + b"\n"
    kept = done.kept("a.jsonl")
    assert kept == expected, "also the last line ends with a line feed"
    assert {json.loads(k)["text"] for k in kept.splitlines() if k.strip()} == {row[2] for row in GOOD} | {"末", "last"}


TEXTS = st.lists(st.sampled_from(["", "a", "b\n", "曲" * 30, LONG, NEAR, LONG + "。"]), max_size=12)


@settings(max_examples=60, deadline=None)
@given(files=st.lists(TEXTS, min_size=1, max_size=3), shard=st.sampled_from([1, 3000]), rows=st.integers(1, 5))
def test_files_without_what_was_dropped(
    tmp_path_factory: pytest.TempPathFactory, files: list[list[str]], shard: int, rows: int
) -> None:
    place = tmp_path_factory.mktemp("kept")
    paths = [
        jsonl(place / f"{i}.jsonl", [{"id": f"{i}-{j}", "text": text, "n": j} for j, text in enumerate(texts)])
        for i, texts in enumerate(files)
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(corpus, "SHARD", shard)
        patch.setattr(job, "ROWS", rows)
        done = do(place / "out", *paths)
    fates = done.fates()
    for i, texts in enumerate(files):
        expected = [
            line({"id": f"{i}-{j}", "text": text, "n": j})
            for j, text in enumerate(texts)
            if fates[f"{i}-{j}"][0] == "kept"
        ]
        assert done.kept(f"{i}.jsonl") == b"".join(expected)
    texts = [json.loads(x)["text"] for i in range(len(files)) for x in done.kept(f"{i}.jsonl").splitlines()]
    families = [{"": 1, "a": 2, "b\n": 3, "曲" * 30: 4}.get(text, 5) for text in texts]
    assert sorted(families) == sorted(set(families)), "one of each stays"


def wide(rows: int) -> pa.Table:
    """A table with columns of many types around the text; every third text repeats."""
    texts = [page(i // 3 if i % 3 else 10_000 + i, 40) for i in range(rows)]
    struct = pa.array([{"a": i, "b": [i, None]} for i in range(rows)])
    table = pa.table(
        {
            "before": pa.array(range(rows), pa.int8()),
            "id": pa.array([f"r{i}" for i in range(rows)], pa.large_string()),
            "struct": struct,
            "text": pa.array(texts, pa.large_string()),
            "kind": pa.array([["x", "y"][i % 2] for i in range(rows)]).dictionary_encode(),
            "when": pa.array(range(rows), pa.timestamp("ms", "Asia/Shanghai")),
            "data": pa.array([bytes([i]) for i in range(rows)], pa.binary()),
            "none": pa.nulls(rows),
            "half": pa.array([i / 2 for i in range(rows)], pa.float32()),
        }
    )
    fields = [f.with_metadata({b"unit": b"m"}) if f.name == "half" else f for f in table.schema]
    return table.cast(pa.schema(fields, metadata={b"huggingface": b"{}"}))


def read_any(path: Path) -> pa.Table:
    if path.suffix == ".parquet":
        return pq.read_table(path)
    if path.name == "file.arrow":
        with pa.memory_map(str(path)) as source:
            return pa.ipc.open_file(source).read_all()
    with pa.memory_map(str(path)) as source:
        return pa.ipc.open_stream(source).read_all()


@pytest.mark.parametrize(("name", "write"), WAYS)
@pytest.mark.parametrize("shard", [1, 1 << 20], ids=["many shards", "one shard"])
@pytest.mark.parametrize("at_once", [7, 4096])
def test_tables_keep_their_columns_their_order_and_their_form(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, write: Write, shard: int, at_once: int
) -> None:
    monkeypatch.setattr(corpus, "SHARD", shard)
    monkeypatch.setattr("curate.dedup.tables.ROWS", at_once)
    table = wide(30)
    write(tmp_path / name, table)
    done = do(tmp_path / "out", tmp_path / name)
    assert done.outcome.kept == 20
    kept = read_any(tmp_path / "out" / "data" / name)
    came = read_any(tmp_path / name)
    assert kept.schema.equals(came.schema, check_metadata=True)
    stays = [row["fate"] == "kept" for row in done.ledger]
    assert kept.to_pylist() == came.filter(pa.array(stays)).to_pylist()
    assert [row["input_id"] for row in done.ledger] == came["id"].to_pylist()


@pytest.mark.parametrize(("group", "groups"), [(1, 30), (1 << 20, 1)])
def test_row_groups_are_as_large_as_may_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, group: int, groups: int
) -> None:
    monkeypatch.setattr("curate.dedup.tables.ROWS", 1)
    monkeypatch.setattr("curate.dedup.kept.ROW_GROUP", group)
    table = pa.table({"text": [page(i) for i in range(30)]})
    pq.write_table(table, tmp_path / "a.parquet", row_group_size=3)
    do(tmp_path / "out", tmp_path / "a.parquet")
    file = pq.ParquetFile(tmp_path / "out/data/a.parquet")
    assert (file.num_row_groups, file.read()) == (groups, table)


@pytest.mark.parametrize(("name", "write"), WAYS)
def test_tables_with_rows_that_are_no_records(tmp_path: Path, name: str, write: Write) -> None:
    table = pa.table({"text": [None, "a", None, "b", "a", None], "n": range(6)})
    write(tmp_path / name, table)
    done = do(tmp_path / "out", tmp_path / name)
    assert read_any(tmp_path / "out" / "data" / name)["n"].to_pylist() == [1, 3]
    assert [(n, b.row) for n, b in done.outcome.bad] == [(name, 1), (name, 3), (name, 6)]
    assert [row["locator"] for row in done.ledger] == ["R2", "R4", "R5"]
    assert [row["id"] for row in done.ledger] == [f"{name}#R2", f"{name}#R4", f"{name}#R5"]


@pytest.mark.parametrize(("name", "write"), WAYS)
@pytest.mark.parametrize(
    "table",
    [pa.table({"text": pa.array([], pa.string())}), pa.table({"text": pa.array([None, None], pa.string())})],
    ids=["no row", "no record"],
)
def test_tables_of_which_nothing_is_kept(tmp_path: Path, name: str, write: Write, table: pa.Table) -> None:
    write(tmp_path / name, table)
    done = do(tmp_path / "out", tmp_path / name)
    kept = read_any(tmp_path / "out" / "data" / name)
    assert (kept.num_rows, kept.schema, done.outcome.kept) == (0, table.schema, 0)


def test_many_files_of_every_kind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A record in each file, the same in all: it stays in the one whose id is least."""
    monkeypatch.setattr(corpus, "SHARD", 1)
    top = tmp_path / "in"
    (top / "deep").mkdir(parents=True)
    (top / "empty.jsonl").touch()
    for i, (name, write) in enumerate(WAYS):
        write(top / "deep" / name, pa.table({"id": [f"t{i}", f"own{i}"], "text": [LONG, page(i)]}))
    jsonl(top / "z.jsonl", [{"id": "a", "text": LONG}, {"id": "b", "text": NEAR}])
    jsonl(top / "0.jsonl", [{"id": "c", "text": LONG}])
    done = do(tmp_path / "out", top)
    files = sorted(p.relative_to(top).as_posix() for p in top.rglob("*") if p.is_file())
    assert sorted(p.relative_to(done.folder / "data").as_posix() for p in done.folder.glob("data/**/*.*")) == files
    assert done.kept("z.jsonl") == line({"id": "a", "text": LONG})
    assert done.kept("0.jsonl") == done.kept("empty.jsonl") == b""
    for i, (name, _) in enumerate(WAYS):
        assert read_any(done.folder / "data" / "deep" / name)["id"].to_pylist() == [f"own{i}"]
    assert {row["cluster"] for row in done.ledger} == {"a", None}


def test_the_ledger(tmp_path: Path) -> None:
    records = [
        {"id": "b", "text": LONG},
        {"id": "a", "text": LONG},
        {"text": NEAR},
        {"id": 5, "text": page(9)},
        {"id": "d", "text": page(8)},
        {"id": "e", "text": page(8)},
    ]
    jsonl(tmp_path / "x" / "a.jsonl", records)
    jsonl(tmp_path / "y" / "a.jsonl", [])
    done = do(tmp_path / "out", tmp_path / "x", tmp_path / "y")
    ledger = done.ledger
    near = f"{len(LONG) - 9}/{len(LONG) + 1}"  # five shingles of each differ
    share = int(near.split("/")[0]) / int(near.split("/")[1])
    common = {"source_id": "x/a.jsonl", "source_path": "x/a.jsonl"}
    none = dict.fromkeys(["stage", "reason", "value", "threshold", "duplicate_of", "cluster"])
    assert [row["locator"] for row in ledger] == ["L1", "L2", "L3", "L4", "L5", "L6"]
    assert ledger[0] == common | {
        "id": "b",
        "input_id": "b",
        "locator": "L1",
        "fate": "dropped",
        "stage": "exact_dedup",
        "reason": "exact_duplicate",
        "value": None,
        "threshold": None,
        "duplicate_of": "a",
        "cluster": "a",
    }
    assert ledger[1] == common | none | {
        "id": "a",
        "input_id": "a",
        "locator": "L2",
        "fate": "kept",
        "cluster": "a",
    }
    value = ledger[2].pop("value")
    assert math.isclose(value, share)
    assert ledger[2] == common | {
        "id": "x/a.jsonl#L3",
        "input_id": None,
        "locator": "L3",
        "fate": "dropped",
        "stage": "near_dedup",
        "reason": "near_duplicate",
        "threshold": 0.8,
        "duplicate_of": "a",
        "cluster": "a",
    }
    assert ledger[3] == common | none | {"id": "5", "input_id": "5", "locator": "L4", "fate": "kept"}
    assert [(row["fate"], row["cluster"]) for row in ledger[4:]] == [("kept", None), ("dropped", "d")]


def test_a_partner_that_is_dropped_later_takes_its_duplicates_along(tmp_path: Path) -> None:
    """`b` is the copy of `a`; `a` goes for the longer `c`. All three are one cluster."""
    records = [{"id": "a", "text": NEAR}, {"id": "b", "text": NEAR}, {"id": "c", "text": LONG + "。"}]
    done = do(tmp_path / "out", jsonl(tmp_path / "a.jsonl", records))
    assert done.fates() == {"a": ("dropped", "c", "c"), "b": ("dropped", "a", "c"), "c": ("kept", None, "c")}
    assert done.outcome.sizes == {3: 1}
    assert [(c.id, c.records) for c in done.outcome.largest] == [("c", 3)]


MENU = "首页 关于我们 联系方式 网站地图 版权所有"
EDITING = (*PLAIN, STAGES["boilerplate"](most_records=20))

AROUND: list[tuple[str, bytes]] = [
    ("text first", b'{"text": %s, "id": 1}\n'),
    ("text last", b'{"a": {"text": "no"}, "text" :%s }\r\n'),
    ("numbers as they are written", b'{"a": 1.0, "text": %s, "b": 1e2, "c": -0}\n'),
    ("escapes in other fields", rb'{"a": "\u6d78\/", "text": %s, "b": "\ud83d\ude00"}' + b"\n"),
    ("a name that stands twice", b'{"text": %s, "a": 1, "a": 2}\n'),
    ("other white space", b'{\t"text":%s  }  \n'),
]


@pytest.mark.parametrize("around", [row[1] for row in AROUND], ids=[row[0] for row in AROUND])
@pytest.mark.parametrize("escaped", [False, True])
def test_of_lines_whose_text_was_edited_nothing_else_changes(tmp_path: Path, around: bytes, escaped: bool) -> None:
    def written(text: str, *, ascii: bool = escaped) -> bytes:
        return around.replace(b"%s", json.dumps(text, ensure_ascii=ascii).encode())

    data = b"".join(written(f"{MENU}\n{page(i)}") for i in range(30)) + written(page(99)).rstrip(b"\n")
    (tmp_path / "a.jsonl").write_bytes(data)
    done = do(tmp_path / "out", tmp_path / "a.jsonl", stages=EDITING)
    expected = b"".join(written(page(i), ascii=False) for i in range(30)) + written(page(99))
    assert done.kept("a.jsonl") == expected
    table = pq.read_table(done.folder / "ledger.parquet")
    assert table["boilerplate"].to_pylist() == [len(MENU) + 1] * 30 + [0]


def test_of_a_record_that_one_stage_keeps_and_a_later_one_drops_the_last_word_counts(tmp_path: Path) -> None:
    """`y` stays of a cluster, and then nothing is left of it but what all pages have."""
    records = [{"id": f"r{i}", "text": f"{MENU}\n{page(i)}"} for i in range(30)]
    records += [{"id": "x", "text": MENU}, {"id": "y", "text": f"{MENU}\n"}]
    path = jsonl(tmp_path / "a.jsonl", records)
    outcome = job.dedup([path], tmp_path / "out", job.Settings(EDITING))
    ledger = {row["id"]: row for row in pq.read_table(tmp_path / "out" / "ledger.parquet").to_pylist()}
    assert outcome.kept == 30
    assert [ledger["x"][n] for n in ("fate", "stage", "duplicate_of", "cluster")] == ["dropped", "near_dedup", "y", "y"]
    assert [ledger["y"][n] for n in ("fate", "stage", "duplicate_of")] == ["dropped", "boilerplate", None]
    assert [count["kept"] for count in outcome.stages.values()] == [32, 31, 30]


def test_a_line_with_the_text_twice_is_written_anew_when_edited(tmp_path: Path) -> None:
    lines = [f'{{"text": 1, "n": {1 << 80}, "text": "{MENU}\\n{page(i)}"}}\n' for i in range(30)]
    (tmp_path / "a.jsonl").write_text("".join(lines), "utf-8")
    done = do(tmp_path / "out", tmp_path / "a.jsonl", stages=EDITING)
    kept = [json.loads(k) for k in done.kept("a.jsonl").splitlines()]
    assert kept == [{"text": page(i), "n": 1 << 80} for i in range(30)]


@pytest.mark.parametrize(("name", "write"), WAYS)
@pytest.mark.parametrize("type", [pa.string(), pa.large_string()], ids=str)
def test_tables_whose_text_was_edited(tmp_path: Path, name: str, write: Write, type: pa.DataType) -> None:
    texts = pa.array([f"{MENU}\n{page(i)}" for i in range(30)], type)
    table = pa.table({"n": range(30), "text": texts, "m": [str(i) for i in range(30)]})
    write(tmp_path / name, table)
    done = do(tmp_path / "out", tmp_path / name, stages=EDITING)
    expected = table.set_column(1, "text", pa.array([page(i) for i in range(30)], type))
    assert read_any(done.folder / "data" / name).equals(expected)


WHERE: list[tuple[str, str]] = [
    ("while reading", "curate.dedup.job.as_batch"),
    ("while grouping", "curate.dedup.driver.groups"),
    ("while writing what is kept", "curate.dedup.kept._copy_lines"),
    ("while writing the ledger", "curate.dedup.job.write_ledger"),
    ("at the very end", "curate.dedup.job._report"),
]


@pytest.mark.parametrize("target", [row[1] for row in WHERE], ids=[row[0] for row in WHERE])
@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_a_run_that_fails_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str, error: type[BaseException]
) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise error

    path = jsonl(tmp_path / "in" / "a.jsonl", [{"text": LONG}, {"text": LONG}])
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    with monkeypatch.context() as patch:
        patch.setattr(target, fail)
        with pytest.raises(error):
            do(tmp_path / "new" / "out", path)
    assert not (tmp_path / "new" / "out").exists()
    assert not list((tmp_path / "new").iterdir())
    assert not list((tmp_path / "temporary").iterdir())
    do(tmp_path / "new" / "out", path)


def test_what_a_killed_run_left_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / ".out.partial" / "work").mkdir(parents=True)
    (tmp_path / ".out.partial" / "ledger.parquet").touch()
    do(tmp_path / "out", jsonl(tmp_path / "a.jsonl", [{"text": "a"}]))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.jsonl", "out"]


def there(path: Path) -> None:
    path.mkdir()
    (path / "mine.txt").write_text("mine")


TAKEN: list[tuple[str, Callable[[Path], object]]] = [
    ("a file", lambda path: path.write_text("mine")),
    ("a folder with something in it", there),
]


@pytest.mark.parametrize("make", [row[1] for row in TAKEN], ids=[row[0] for row in TAKEN])
def test_what_stands_at_out_is_not_touched(tmp_path: Path, make: Callable[[Path], object]) -> None:
    out = tmp_path / "out"
    make(out)
    with pytest.raises(UserError, match="something is there already"):
        do(out, jsonl(tmp_path / "a.jsonl", [{"text": "a"}]))
    assert (out if out.is_file() else out / "mine.txt").read_text() == "mine"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.jsonl", "out"]


def test_out_may_be_an_empty_folder_even_this_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = jsonl(tmp_path / "a.jsonl", [{"text": "a"}])
    (tmp_path / "out").mkdir()
    monkeypatch.chdir(tmp_path / "out")
    job.dedup([path], Path(), job.Settings(PLAIN))
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["data", "ledger.parquet", "report.json"]


def test_nothing_of_out_is_read_again(tmp_path: Path) -> None:
    jsonl(tmp_path / "in" / "a.jsonl", [{"text": "a"}, {"text": "a"}])
    done = do(tmp_path / "in" / "out", tmp_path / "in")
    assert (done.outcome.files, done.outcome.records) == (1, 2)


POLICIES: list[tuple[list[str], str]] = [
    (["smallest_id"], "a"),
    (["newest"], "b"),
    (["best_quality"], "c"),
    (["source_order"], "d"),
    (["best_quality", "newest"], "c"),
]


@pytest.mark.parametrize(("survivor", "stays"), POLICIES, ids=lambda v: "-".join(v) if isinstance(v, list) else "")
def test_which_record_stays(tmp_path: Path, survivor: list[str], stays: str) -> None:
    jsonl(tmp_path / "z.jsonl", [{"id": "d", "text": LONG, "at": "2024-01-01", "score": 0.1}])
    rows = [
        {"id": "a", "text": LONG, "at": "2020-01-01", "score": 0.2},
        {"id": "b", "text": LONG, "at": "2025-01-01", "score": None},
        {"id": "c", "text": LONG, "score": 0.9},
    ]
    jsonl(tmp_path / "y.jsonl", rows)
    stages = (STAGES["exact_dedup"](survivor=survivor), STAGES["near_dedup"](survivor=survivor))
    fields = Fields(date="at", score="score")
    done = do(tmp_path / "out", tmp_path / "z.jsonl", tmp_path / "y.jsonl", stages=stages, fields=fields)
    assert {name for name, fate in done.fates().items() if fate[0] == "kept"} == {stays}


@pytest.mark.parametrize(("survivor", "option"), [("newest", "--date"), ("best_quality", "--score")])
def test_a_survivor_by_a_field_that_is_not_named(tmp_path: Path, survivor: str, option: str) -> None:
    path = jsonl(tmp_path / "a.jsonl", [{"text": "a"}, {"text": "a"}])
    with pytest.raises(UserError, match=option):
        do(tmp_path / "out", path, stages=(STAGES["exact_dedup"](survivor=[survivor]),))
    assert not (tmp_path / "out").exists()
