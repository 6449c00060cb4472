"""What is read of files: every record where it stands, and every row that is none, with its reason."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.dedup import inputs, tables
from curate.dedup.inputs import Fields, InputFile, Rows, find_inputs, read
from curate.errors import UserError

from .making import broken_utf8, jsonl, page

PLAIN = Fields()


def rows_of(path: Path, fields: Fields = PLAIN) -> Any:
    """All of a file's rows as one `Rows`, with lists for arrays."""
    file = find_inputs([path])[0]
    whole = Rows(pa.array([], pa.string()), [], [], [], [], [], [])  # type: ignore[arg-type]
    for rows in read(file, fields):
        whole.texts = pa.concat_arrays([whole.texts, rows.texts])
        for name in ("ids", "row", "start", "stop", "dates", "scores", "bad"):
            getattr(whole, name).extend(getattr(rows, name))
    return whole


GOOD: list[tuple[str, bytes, str]] = [
    ("text first", '{"text": "浸润", "id": 1}'.encode(), "浸润"),
    ("text last", '{"id": 1, "text": "浸润"}'.encode(), "浸润"),
    ("text alone", '{"text": "浸润"}'.encode(), "浸润"),
    ("escapes", rb'{"text": "a\n\t\"\\\/\u6d78", "id": 1}', 'a\n\t"\\/浸'),
    ("a pair of surrogate escapes", rb'{"text": "\ud83d\ude00"}', "😀"),
    ("an escaped name", rb'{"te\u0078t": "a"}', "a"),
    ("the name inside another value", b'{"meta": {"text": "no", "x": "}"}, "text": "yes"}', "yes"),
    ("the name as another value", b'{"kind": "text", "text": "yes"}', "yes"),
    ("twice: the last counts", b'{"text": "no", "text": "yes"}', "yes"),
    ("spaces around", b' \t{ "text" : "a" } ', "a"),
    ("carriage return at the end", b'{"text": "a"}\r', "a"),
    ("empty text", b'{"text": ""}', ""),
    ("a number of 30 digits beside it", b'{"text": "a", "n": 123456789012345678901234567890}', "a"),
    ("nested 120 deep beside it", b'{"text": "a", "n": ' + b"[" * 120 + b"]" * 120 + b"}", "a"),
    ("a separator that is no line end", '{"text": "a\u2028b\u0085c"}'.encode(), "a\u2028b\u0085c"),
    ("NUL as an escape", rb'{"text": "a\u0000b"}', "a\0b"),
]

BAD: list[tuple[str, bytes, str]] = [
    ("nothing", b"", "a blank line"),
    ("spaces", b" \t\r", "a blank line"),
    ("cut short", b'{"text": "a"', "not JSON in UTF-8"),
    ("no object", b'["text"]', "expected an object, got list"),
    ("a string", b'"text"', "expected an object, got str"),
    ("no text", b'{"id": 1}', "the field 'text' should be a string, got nothing"),
    ("null", b'{"id": 1, "text": null}', "the field 'text' should be a string, got nothing"),
    ("a number", b'{"id": 1, "text": 5}', "the field 'text' should be a string, got int"),
    ("a list", b'{"text": ["a"]}', "the field 'text' should be a string, got list"),
    ("not UTF-8 in the text", '{"text": "锅炉"}'.encode("gb18030"), "not JSON in UTF-8"),
    ("not UTF-8 elsewhere", b'{"text": "a", "b": "\xff"}', "not JSON in UTF-8"),
    ("UTF-8 of a surrogate", b'{"text": "\xed\xa0\x80"}', "not JSON in UTF-8"),
    ("half a surrogate pair", rb'{"text": "\ud83d"}', "not JSON in UTF-8"),
    ("half a surrogate pair elsewhere", rb'{"text": "a", "b": "\ud83d"}', "not JSON in UTF-8"),
    ("a control character", b'{"text": "a\x01"}', "not JSON in UTF-8"),
    ("two objects", b'{"text": "a"}{"text": "b"}', "not JSON in UTF-8"),
    ("nested too deep", b'{"text": "a", "n": ' + b"[" * 300 + b"]" * 300 + b"}", "not JSON in UTF-8"),
    ("NaN", b'{"text": "a", "n": NaN}', "not JSON in UTF-8"),
    ("a byte order mark that is not the file's", b'\xef\xbb\xbf{"text": "a"}', "not JSON in UTF-8"),
]


@pytest.mark.parametrize(("line", "text"), [row[1:] for row in GOOD], ids=[row[0] for row in GOOD])
@pytest.mark.parametrize("beside", [b'{"text": "z"}', b"broken"], ids=["among good lines", "among a bad one"])
def test_a_line_that_is_a_record(tmp_path: Path, line: bytes, text: str, beside: bytes) -> None:
    (tmp_path / "a.jsonl").write_bytes(b'{"text": "y"}\n' + line + b"\n" + beside + b"\n")
    rows = rows_of(tmp_path / "a.jsonl")
    assert rows.texts.to_pylist()[:2] == ["y", text]
    data = (tmp_path / "a.jsonl").read_bytes()
    assert data[rows.start[1] : rows.stop[1]] == line + b"\n"
    assert rows.row[:2] == [1, 2]


@pytest.mark.parametrize(("line", "why"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_a_line_that_is_none(tmp_path: Path, line: bytes, why: str) -> None:
    (tmp_path / "a.jsonl").write_bytes(b'{"text": "y"}\n' + line + b'\n{"text": "z"}\n')
    rows = rows_of(tmp_path / "a.jsonl")
    assert [(b.row, b.reason) for b in rows.bad] == [(2, why)]
    assert (rows.texts.to_pylist(), rows.row) == (["y", "z"], [1, 3])


ENDS: list[tuple[str, bytes, list[str], int]] = [
    ("no byte", b"", [], 0),
    ("only a byte order mark", b"\xef\xbb\xbf", [], 0),
    ("no last line feed", b'{"text": "a"}\n{"text": "b"}', ["a", "b"], 0),
    ("one line without line feed", b'{"text": "a"}', ["a"], 0),
    ("a byte order mark", b'\xef\xbb\xbf{"text": "a"}\n{"text": "b"}\n', ["a", "b"], 0),
    ("a byte order mark and no line feed", b'\xef\xbb\xbf{"text": "a"}', ["a"], 0),
    ("spaces after the last line feed", b'{"text": "a"}\n  ', ["a"], 0),
    ("the last line cut short", b'{"text": "a"}\n{"tex', ["a"], 1),
    ("line feeds of Windows", b'{"text": "a"}\r\n{"text": "b"}\r\n', ["a", "b"], 0),
    ("an empty line at the end", b'{"text": "a"}\n\n', ["a"], 1),
]


@pytest.mark.parametrize(("data", "texts", "bad"), [row[1:] for row in ENDS], ids=[row[0] for row in ENDS])
def test_how_files_begin_and_end(tmp_path: Path, data: bytes, texts: list[str], bad: int) -> None:
    (tmp_path / "a.jsonl").write_bytes(data)
    rows = rows_of(tmp_path / "a.jsonl")
    assert (rows.texts.to_pylist(), len(rows.bad)) == (texts, bad)
    for start, stop, text in zip(rows.start, rows.stop, texts, strict=True):
        assert json.loads((data + b"\n")[start:stop]) == {"text": text}


LINES = st.lists(
    st.one_of(
        st.builds(
            lambda text, id: json.dumps({"id": id, "text": text}, ensure_ascii=False).encode(),
            st.text(st.sampled_from('ab曲\n\t"\\'), max_size=40),
            st.integers(0, 9),
        ),
        st.sampled_from([row[1] for row in (*GOOD, *BAD) if len(row[1]) < 60 and row[1][:1] != b"\xef"]),
    ),
    max_size=20,
)


@settings(max_examples=150, deadline=None)
@given(lines=LINES, block=st.integers(1, 70), mark=st.booleans(), end=st.booleans())
def test_blocks_of_any_size_give_the_same(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes], block: int, mark: bool, end: bool
) -> None:
    """Against one line after the other, each by itself."""
    data = b"".join(line + b"\n" for line in lines)
    data = data if end else data[:-1]
    path = tmp_path_factory.mktemp("in") / "a.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" * mark + data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inputs, "BLOCK", block)
        patch.setattr(inputs, "TAIL", 7)
        rows = rows_of(path)
    expected: list[tuple[int, str, bytes]] = []
    bad = []
    raw = data.split(b"\n")
    for n, line in enumerate(raw[:-1] if not raw[-1].strip() else raw, 1):
        why = next((w for _, known, w in BAD if known == line), None)
        text = next((t for _, known, t in GOOD if known == line), None)
        if why is not None:
            bad.append((n, why))
        else:
            expected.append((n, json.loads(line)["text"] if text is None else text, line))
    assert list(zip(rows.row, rows.texts.to_pylist(), strict=True)) == [e[:2] for e in expected]
    assert [(b.row, b.reason) for b in rows.bad] == bad
    whole = path.read_bytes() + b"\n"
    assert [whole[a:b] for a, b in zip(rows.start, rows.stop, strict=True)] == [e[2] + b"\n" for e in expected]


def test_a_line_longer_than_a_block(tmp_path: Path) -> None:
    long = page(1, 20_000) * 150  # 9 MB in UTF-8
    jsonl(tmp_path / "a.jsonl", [{"text": "a"}, {"text": long}, {"text": "b"}, {"id": 2, "text": long + "c"}])
    rows = rows_of(tmp_path / "a.jsonl")
    assert rows.texts.to_pylist() == ["a", long, "b", long + "c"]
    assert (rows.ids, rows.row) == ([None, None, None, "2"], [1, 2, 3, 4])


IDS: list[tuple[str, Any, str | None]] = [
    ("string", "甲-1", "甲-1"),
    ("whole number", 7, "7"),
    ("zero", 0, "0"),
    ("negative", -3, "-3"),
    ("64 bits", (1 << 64) - 1, str((1 << 64) - 1)),
    ("more than 64 bits", 1 << 80, str(1 << 80)),
    ("empty", "", None),
    ("null", None, None),
    ("a fraction: would not be written again as it was", 1.5, None),
    ("truth", True, None),
    ("a list", [1], None),
]


@pytest.mark.parametrize(("id", "own"), [row[1:] for row in IDS], ids=[row[0] for row in IDS])
def test_own_ids(tmp_path: Path, id: Any, own: str | None) -> None:
    jsonl(tmp_path / "a.jsonl", [{"id": id, "text": "a"}, {"text": "b"}, {"no": id, "text": "c"}])
    assert rows_of(tmp_path / "a.jsonl").ids == [own, None, None]
    assert rows_of(tmp_path / "a.jsonl", Fields(id="no")).ids == [None, None, own]


def test_other_fields(tmp_path: Path) -> None:
    records = [
        {"正文": "a", "编号": "x", "日": "2024-01-02", "分": 0.5},
        {"分": 3, "日": 2023, "编号": 4, "正文": "b"},
        {"正文": "c", "分": "high", "日": None},
        {"正文": "d", "分": True},
    ]
    rows = rows_of(jsonl(tmp_path / "a.jsonl", records), Fields("正文", "编号", "日", "分"))
    assert rows.texts.to_pylist() == ["a", "b", "c", "d"]
    assert rows.ids == ["x", "4", None, None]
    assert rows.dates == ["2024-01-02", "2023", None, None]
    assert rows.scores == [0.5, 3.0, None, None]


TABLE = pa.table(
    {
        "text": pa.array(["甲", None, "", "丁"]),
        "id": pa.array([1, 2, None, 4]),
        "at": pa.array([datetime(2024, 1, 2, 3), None, datetime(2023, 1, 1), datetime(2024, 1, 2)], pa.timestamp("ns")),
        "day": pa.array([date(2024, 1, 2)] * 4),
        "score": pa.array([Decimal("0.5"), None, Decimal(2), Decimal(3)], pa.decimal128(5, 2)),
    }
)


def write_parquet(path: Path, table: pa.Table) -> None:
    pq.write_table(table, path, row_group_size=2)


def write_arrow_file(path: Path, table: pa.Table) -> None:
    with pa.ipc.new_file(path, table.schema) as out:
        out.write_table(table, max_chunksize=3)


def write_arrow_stream(path: Path, table: pa.Table) -> None:
    with pa.ipc.new_stream(path, table.schema) as out:
        out.write_table(table, max_chunksize=3)


Write = Callable[[Path, pa.Table], None]
WAYS: list[tuple[str, Write]] = [
    ("a.parquet", write_parquet),
    ("file.arrow", write_arrow_file),
    ("stream.arrow", write_arrow_stream),
]


@pytest.mark.parametrize(("name", "write"), WAYS)
@pytest.mark.parametrize("type", [pa.string(), pa.large_string()], ids=str)
@pytest.mark.parametrize("at_once", [1, 4096])
def test_tables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, write: Write, type: pa.DataType, at_once: int
) -> None:
    monkeypatch.setattr(tables, "ROWS", at_once)
    write(tmp_path / name, TABLE.set_column(0, "text", TABLE["text"].cast(type)))
    rows = rows_of(tmp_path / name, Fields(date="at", score="score"))
    assert rows.texts.to_pylist() == ["甲", "", "丁"]
    assert rows.texts.type == pa.string()
    assert (rows.ids, rows.row) == (["1", None, "4"], [1, 3, 4])
    assert rows.dates[0] > rows.dates[2] > rows.dates[1], "times sort as strings"
    assert rows.scores == [0.5, 2.0, 3.0]
    assert [(b.row, b.reason) for b in rows.bad] == [(2, "the field 'text' should be a string, got nothing")]
    assert rows_of(tmp_path / name, Fields(date="day")).dates == ["2024-01-02"] * 3


@pytest.mark.parametrize(("name", "write"), WAYS)
@pytest.mark.parametrize("type", [pa.string(), pa.large_string()], ids=str)
def test_text_in_a_table_that_is_not_utf8(tmp_path: Path, name: str, write: Write, type: pa.DataType) -> None:
    text = broken_utf8([b"a", b"\xff", None, "曲".encode(), b"\xf0\x9f"], type)
    ids = broken_utf8([b"\xfe", b"y", b"z", b"u", b"v"], type)
    write(tmp_path / name, pa.table({"text": text, "id": ids}))
    rows = rows_of(tmp_path / name)
    assert rows.texts.to_pylist() == ["a", "曲"]
    assert (rows.ids, rows.row) == ([None, "u"], [1, 4])
    assert [(b.row, b.reason.rsplit(" ", 2)[-1]) for b in rows.bad] == [(2, "UTF-8"), (3, "nothing"), (5, "UTF-8")]


def twice(table: pa.Table) -> pa.Table:
    return pa.table([table["text"], table["text"]], names=["text", "text"])


WRONG: list[tuple[str, Callable[[pa.Table], pa.Table], str]] = [
    ("no text column", lambda t: t.drop_columns(["text"]), "no column 'text'"),
    ("text of another type", lambda t: t.set_column(0, "text", pa.array([1, 2, 3, 4])), "is no text; got int64"),
    ("a column twice", twice, "column 'text' stands there twice"),
]


@pytest.mark.parametrize(("name", "write"), WAYS)
@pytest.mark.parametrize(("change", "said"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_tables_that_cannot_be_deduplicated(
    tmp_path: Path, name: str, write: Write, change: Callable[[pa.Table], pa.Table], said: str
) -> None:
    write(tmp_path / name, change(TABLE))
    with pytest.raises(UserError, match=name) as error:
        rows_of(tmp_path / name)
    assert said in str(error.value)


@pytest.mark.parametrize("data", [b"", b"PAR1", b"ARROW1\0\0", b"{}\n" * 100, bytes(range(256))], ids=repr)
@pytest.mark.parametrize("name", ["a.parquet", "a.arrow"])
def test_what_is_no_table(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(UserError, match=r"cannot be read"):
        rows_of(tmp_path / name)


@pytest.mark.parametrize(("name", "write"), WAYS)
def test_a_table_cut_short(tmp_path: Path, name: str, write: Write) -> None:
    write(tmp_path / name, TABLE)
    whole = (tmp_path / name).read_bytes()
    for size in range(8, len(whole) - 8, 97):
        (tmp_path / name).write_bytes(whole[:size])
        # a stream that ends between two batches is whole as far as anyone can tell
        with suppress(UserError):
            assert len(rows_of(tmp_path / name).texts) <= 3
            assert name == "stream.arrow"


def test_offsets_that_point_outside(tmp_path: Path) -> None:
    import numpy as np

    offsets = pa.py_buffer(np.array([0, 1 << 20, 3], np.int32))
    column = pa.Array.from_buffers(pa.string(), 2, [None, offsets, pa.py_buffer(b"abc")])
    for name, columns in (("text", [column, pa.array(["x", "y"])]), ("other", [pa.array(["x", "y"]), column])):
        path = tmp_path / f"{name}.arrow"
        table = pa.table(columns, names=["text", "other"])
        with pa.ipc.new_file(path, table.schema) as out:
            out.write_table(table)
        with pytest.raises(UserError, match="cannot be read"):
            for _ in tables.arrow_batches(InputFile(path, path.name, 0, "arrow")):
                pass


def names_of(*paths: Path) -> list[tuple[str, int]]:
    return [(file.name, file.argument) for file in find_inputs(list(paths))]


def test_files_are_found_and_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("x/a.jsonl", "x/b/a.ndjson", "x/c.txt", "x/.hidden/a.jsonl", "x/b/.a.jsonl", "y/a.jsonl", "z.jsonl"):
        jsonl(tmp_path / name, [{"text": "a"}])
    x, y, z = tmp_path / "x", tmp_path / "y", tmp_path / "z.jsonl"
    assert names_of(x) == [("a.jsonl", 0), ("b/a.ndjson", 0)]
    assert names_of(x, y) == [("x/a.jsonl", 0), ("x/b/a.ndjson", 0), ("y/a.jsonl", 1)]
    assert names_of(z, y) == [("z.jsonl", 0), ("y/a.jsonl", 1)]
    assert names_of(z) == [("z.jsonl", 0)]
    monkeypatch.chdir(x)
    assert names_of(Path()) == names_of(x)
    assert names_of(Path("../x"), Path("..") / "y") == names_of(x, y), "no name leads out of the folder of what is kept"
    assert names_of(Path("../x/b/.."), Path("../y")) == names_of(x, y)
    monkeypatch.chdir(x / "b")
    assert names_of(Path(".."), y)[0] == ("x/a.jsonl", 0)


def test_a_folder_inside_a_hidden_one_is_read(tmp_path: Path) -> None:
    jsonl(tmp_path / ".cache" / "a.jsonl", [{"text": "a"}])
    assert names_of(tmp_path / ".cache") == [("a.jsonl", 0)]


def test_a_built_dataset_is_read_without_its_ledger(small_dataset: Path) -> None:
    files = find_inputs([small_dataset])
    assert files
    assert all(f.path.is_relative_to(small_dataset / "data") for f in files)
    assert {f.format for f in files} == {"arrow"}


def test_inputs_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "a.csv").write_text("text\n")
    jsonl(tmp_path / "x" / "a.jsonl", [])
    jsonl(tmp_path / "y" / "a.jsonl", [])
    cases = [
        ([tmp_path / "none"], "no such file or folder"),
        ([tmp_path / "empty"], "nothing to read"),
        ([tmp_path / "a.csv"], "curate extract"),
        ([tmp_path / "x" / "a.jsonl", tmp_path / "y" / "a.jsonl"], "under one name"),
        ([tmp_path / "x", tmp_path / "x"], "under one name"),
    ]
    for paths, said in cases:
        with pytest.raises(UserError, match=said):
            find_inputs(paths)
