from __future__ import annotations

import io
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl  # type: ignore[import-untyped]
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlwt  # type: ignore[import-untyped]

from curate.catalog import Limits
from curate.ingest import Item
from tests.ingest.making import faults, gz, items, ods, read, zipped

LONG = "曲房温度升到五十度以上时翻曲，翻曲后关窗保温，第二天再测。"


def lines(*objects: Any) -> bytes:
    return "\n".join(json.dumps(value, ensure_ascii=False) for value in objects).encode()


RULE: list[tuple[dict[str, Any], dict[str, Any], tuple[str, str | None, Any], str]] = [
    ({"id": 0, "text": "甲", "k": 1}, {}, ("甲", "0", {"k": 1}), "a field text is the text, 0 is an id"),
    ({"标题": "题", "内容": LONG}, {}, (LONG, None, {"标题": "题"}), "a column named like text with most characters"),
    ({"条": "第一条", "正文": LONG}, {}, (f"第一条 {LONG}", None, None), "a label opens the text"),
    ({"正文": LONG, "条": "一"}, {}, (LONG, None, {"条": "一"}), "a column after the text is no label"),
    (
        {"内容": "短", "备注": LONG},
        {},
        (f"内容: 短\n备注: {LONG}", None, None),
        "named like text but with few characters",
    ),
    (
        {"a": "x", "b": ["y", "z"], "c": None, "d": ""},
        {},
        ("a: x\nb: y\nz", None, None),
        "composed of non-empty fields",
    ),
    ({"n": 3, "o": {"p": True}}, {}, ('n: 3\no: {"p":true}', None, None), "other values as JSON"),
    ({"q": "问", "a": "答"}, {"text": "a"}, ("答", None, {"q": "问"}), "the catalog names the column"),
    ({"a": ["一", "二"]}, {"text": "a"}, ("一\n二", None, None), "a list of strings is lines"),
    ({"no": "x9", "text": "t"}, {"record_id": "no"}, ("t", "x9", None), "the catalog names the id"),
    ({"id": True, "text": "t"}, {}, ("t", None, {"id": True}), "a boolean is no id"),
    (
        {"姓名": "某甲", "事由": LONG},
        {"personal": {"姓名": "PERSON"}},
        (f"事由: {LONG}", None, {"姓名": "某甲"}),
        "personal columns go to meta",
    ),
    (
        {"id": "520", "text": "t"},
        {"personal": {"id": "CN_ID_CARD"}},
        ("t", None, {"id": "520"}),
        "a personal id is in meta only",
    ),
    (
        {"text": "某甲", "b": "x"},
        {"personal": {"text": "PERSON"}},
        ("b: x", None, {"text": "某甲"}),
        "a personal column is never the text",
    ),
]


@pytest.mark.parametrize(("fields", "catalog", "expected", "reason"), RULE)
def test_the_rule(
    tmp_path: Path, fields: dict[str, Any], catalog: dict[str, Any], expected: tuple[Any, ...], reason: str
) -> None:
    (item,) = read(tmp_path, "a.jsonl", lines(fields), **catalog)
    assert isinstance(item, Item)
    assert (item.text, item.input_id, item.meta) == expected, reason
    (item,) = items(read(tmp_path, "a.json", json.dumps([fields]).encode(), **catalog))
    assert (item.text, item.input_id, item.meta) == expected, reason


def test_json_shapes(tmp_path: Path) -> None:
    assert [part.locator for part in read(tmp_path, "a.json", b'[{"text":"x"},"y",3]')] == ["I1", "I2", "I3"]
    assert faults(read(tmp_path, "a.json", b'[{"text":"x"},"y",3]')) == [("I3", "bad_record")]
    assert [item.locator for item in items(read(tmp_path, "a.json", b'{"text":"x"}'))] == ["1"]
    assert [item.locator for item in items(read(tmp_path, "a.json", b'{"text":"x"}\n{"text":"y"}'))] == ["L1", "L2"]
    for bad in (b"3", b"{", b'{"a":1}{'):
        assert faults(read(tmp_path, "a.json", bad)) == [("", "bad_record")]
    for empty in (b" \n", b"[]", b"\xef\xbb\xbf"):
        assert faults(read(tmp_path, "a.json", empty)) == [("", "empty")]


def test_notebook(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "markdown", "source": ["# 标题\n", "说明"]},
        {"cell_type": "code", "source": "x = 1\n", "outputs": [{"text": ["输出"]}]},
        {"cell_type": "code", "source": []},
    ]
    data = json.dumps({"nbformat": 4, "cells": cells}).encode()
    for name in ("a.ipynb", "a.json"):
        (item,) = items(read(tmp_path, name, data))
        assert (item.locator, item.text, item.meta) == ("1", "# 标题\n说明\n\nx = 1", None)
    assert faults(read(tmp_path, "a.ipynb", b'{"nbformat": 4, "cells": []}')) == [("", "empty")]
    assert faults(read(tmp_path, "a.ipynb", b"not JSON")) == [("", "bad_record")]


def test_csv(tmp_path: Path) -> None:
    data = '编号,内容,备注\n1,"一行,\n二行",x\n\n2,只有两格\n,,\n3,"说""好""",\n'.encode()
    parts = read(tmp_path, "a.csv", data, text="内容", record_id="编号")
    assert [(item.locator, item.text, item.input_id, item.meta) for item in items(parts)] == [
        ("R1", "一行,\n二行", "1", {"备注": "x"}),
        ("R3", '说"好"', "3", {"备注": ""}),
    ]
    assert faults(parts) == [("R2", "bad_record")]


CSV = [
    ("a.csv", "a;b\n1;2\n", "a: 1\nb: 2", "semicolons"),
    ("a.csv", "a\tb\n1\t2\n", "a: 1\nb: 2", "tabs in .csv"),
    ("a.tsv", "a,c\tb\n1,2\t3\n", "a,c: 1,2\nb: 3", "commas in .tsv are no delimiters"),
    ("a.csv", "\ufeffa,b\r\n1,2\r\n", "a: 1\nb: 2", "a mark and CRLF"),
    ("a.csv", "a,b\r1,2\r", "a: 1\nb: 2", "CR alone"),
    ("a.csv", "a,,a\n1,2,3\n", "a: 1\ncolumn 2: 2\na~2: 3", "names that are empty or repeated"),
]


@pytest.mark.parametrize(("name", "text", "expected", "reason"), CSV)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_dialects(tmp_path: Path, name: str, text: str, expected: str, reason: str, encoding: str) -> None:
    (item,) = read(tmp_path, name, text.encode(encoding))
    assert item[1] == expected, reason


def test_csv_faults(tmp_path: Path) -> None:
    assert faults(read(tmp_path, "a.csv", b"a,b\n1,2\n", text="c")) == [("", "bad_record")]
    assert faults(read(tmp_path, "a.csv", b"a,b\n")) == [("", "empty")]
    assert faults(read(tmp_path, "a.csv", b'a,b\n1,2\n3,"open\n5,6\n')) == [("R2", "bad_record")]
    assert faults(read(tmp_path, "a.csv", b'a,b\n"x"y,2\n3,4\n')) == [("R1", "bad_record")]
    cut = read(tmp_path, "a.csv.gz", gz(b"a,b\n" + b"1,2\n" * 9000)[:-20])
    assert faults(cut)[-1] == (f"R{len(items(cut)) + 1}", "truncated")


def test_csv_lines_in_another_encoding(tmp_path: Path) -> None:
    rows = [f"{i},{LONG}".encode("gbk" if i % 3 == 0 else "utf-8") for i in range(1, 40)]
    parts = read(tmp_path, "a.csv", b"n,t\n" + b"\n".join(rows))
    assert [part[1] for part in parts] == [f"n: {i}\nt: {LONG}" for i in range(1, 40)]


def test_csv_line_that_has_no_encoding(tmp_path: Path) -> None:
    parts = read(tmp_path, "a.csv", f"n,t\n1,{LONG}\n".encode() + b"2,\xff\xfe\xfd\xfc\n" + f"3,{LONG}\n".encode())
    assert faults(parts) == [("R2", "encoding")]
    assert [item.locator for item in items(parts)] == ["R1", "R3"]


def sheet_bytes(rows: Sequence[Any], title: str = "记录") -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_xlsx(tmp_path: Path) -> None:
    rows = [
        ["班次记录表"],
        ["日期", "数量", "内容", None],
        [date(2026, 1, 2), 3, LONG, None],
        [None, None, None, None],
        [datetime(2026, 1, 2, 3, 4, 5), 1.5, LONG, "多"],
    ]
    parts = read(tmp_path, "a.xlsx", sheet_bytes(rows))
    assert [(item.locator, item.text, item.meta) for item in items(parts)] == [
        ("记录!R1", "班次记录表", None),
        ("记录!R3", LONG, {"日期": "2026-01-02", "数量": 3}),
        ("记录!R5", LONG, {"日期": "2026-01-02T03:04:05", "数量": 1.5, "column 4": "多"}),
    ]


def test_sheets_without_a_header(tmp_path: Path) -> None:
    cases: list[tuple[list[list[Any]], list[str], str]] = [
        ([["标题", "条例"]], ["标题\t条例"], "a lone row is no header"),
        ([[1, 2], [3, 4]], ["1\t2", "3\t4"], "numbers are no header"),
        ([["甲"], ["乙"]], ["甲", "乙"], "a lone column without a name"),
        ([["内容"], ["乙"]], ["乙"], "a lone column with a name"),
    ]
    for rows, expected, reason in cases:
        assert [item.text for item in items(read(tmp_path, "a.xlsx", sheet_bytes(rows)))] == expected, reason
    assert faults(read(tmp_path, "a.xlsx", sheet_bytes([]))) == [("", "empty")]
    assert faults(read(tmp_path, "a.xlsx", sheet_bytes([["a", "b"], [1, 2]]), text="c")) == [("记录!", "bad_record")]


def test_xls_and_ods(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("表")
    for row, column, cell in ((0, 0, "编号"), (0, 1, "内容"), (1, 0, 7), (1, 1, LONG)):
        sheet.write(row, column, cell)
    out = io.BytesIO()
    book.save(out)
    for name, data, number in (("a.xls", out.getvalue(), 7), ("a.ods", ods([["编号", "内容"], ["7", LONG]]), "7")):
        (item,) = items(read(tmp_path, name, data))
        assert (item.locator, item.text, item.meta) == ("表!R2", LONG, {"编号": number})


def sparse(cell: str) -> bytes:
    """A workbook of a few hundred bytes whose one far cell spans the sheet."""
    return zipped(
        {
            "[Content_Types].xml": b"<Types/>",
            "xl/workbook.xml": b'<workbook xmlns:r="r"><sheets><sheet name="S" sheetId="1" r:id="a"/></sheets></workbook>',
            "xl/worksheets/sheet1.xml": f'<worksheet><sheetData><row><c r="{cell}"><v>1</v></c></row></sheetData></worksheet>'.encode(),
        }
    )


def test_the_guard_of_cells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **more: object) -> None:
        raise AssertionError("the child was started")

    monkeypatch.setattr("curate.ingest.sheets.subprocess.Popen", refuse)
    assert faults(read(tmp_path, "a.xlsx", sparse("XFD1048576"))) == [("", "too_large")]
    assert faults(read(tmp_path, "a.xlsx", sheet_bytes([["a", "b"]] * 9), Limits(cells=17))) == [("", "too_large")]


def test_a_child_that_dies_is_a_fault(tmp_path: Path) -> None:
    far = openpyxl.Workbook()
    far.active["A1"] = "甲"
    far.active["XFD1048576"] = "乙"
    out = io.BytesIO()
    far.save(out)
    ((locator, kind),) = faults(read(tmp_path, "a.xlsx", out.getvalue(), Limits(cells=1 << 40)))
    assert (locator, kind) in {("", "too_large"), ("", "corrupt")}


def test_damaged_workbooks(tmp_path: Path) -> None:
    assert faults(read(tmp_path, "a.xlsx", sparse("A1"))) == [("", "corrupt")]
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    assert faults(read(tmp_path, "a.xls", ole)) == [("", "unsupported")]
    assert faults(read(tmp_path, "a.xls", ole + "Workbook\0".encode("utf-16-le"))) == [("", "corrupt")]
    assert faults(read(tmp_path, "a.xlsx", ole + "EncryptedPackage\0".encode("utf-16-le"))) == [("", "encrypted")]


TABLE = pa.table(
    {
        "id": [1, 2, 3],
        "text": ["甲", "乙", None],
        "on": pa.array([date(2026, 1, 2)] * 3),
        "at": pa.array([datetime(2026, 1, 2, tzinfo=UTC)] * 3, pa.timestamp("ns", "UTC")),
        "price": pa.array([Decimal("1.50")] * 3),
        "tags": [["a", "b"]] * 3,
        "blob": [b"\0"] * 3,
    }
)
META = {"on": "2026-01-02", "at": "2026-01-02T00:00:00+00:00", "price": "1.50", "tags": ["a", "b"]}


def columnar() -> dict[str, bytes]:
    found = {}
    for name in ("a.parquet", "a.arrow", "a.arrows"):
        out = io.BytesIO()
        if name == "a.parquet":
            pq.write_table(TABLE, out)
        else:
            new = pa.ipc.new_file if name == "a.arrow" else pa.ipc.new_stream
            with new(out, TABLE.schema) as writer:
                writer.write_table(TABLE)
        found[name] = out.getvalue()
    return found


@pytest.mark.parametrize("name", ["a.parquet", "a.arrow", "a.arrows"])
@pytest.mark.parametrize("packed", [False, True])
def test_columnar(tmp_path: Path, name: str, packed: bool) -> None:
    data = columnar()[name]
    parts = read(tmp_path, name + ".gz" * packed, gz(data) if packed else data)
    assert [(item.locator, item.text, item.input_id, item.meta) for item in items(parts)] == [
        ("R1", "甲", "1", META),
        ("R2", "乙", "2", META),
    ]
    assert faults(parts) == [("R3", "bad_record")]


def test_offsets_of_a_damaged_arrow_file_are_not_trusted(tmp_path: Path) -> None:
    good, bad = np.array([0, 2, 5], np.int32).tobytes(), np.array([0, 900, 5], np.int32).tobytes()
    out = io.BytesIO()
    batch = pa.record_batch([pa.array(["ab", "cde"])], names=["text"])
    with pa.ipc.new_stream(out, batch.schema) as writer:
        writer.write_batch(batch)
    assert faults(read(tmp_path, "a.arrows", out.getvalue())) == []
    assert faults(read(tmp_path, "a.arrows", out.getvalue().replace(good, bad))) == [("R1", "corrupt")]


@pytest.mark.parametrize("name", ["a.parquet", "a.arrow", "a.arrows"])
def test_damaged_columnar(tmp_path: Path, name: str) -> None:
    data = columnar()[name]
    for cut in (12, len(data) // 3, len(data) // 2, len(data) - 9):
        kinds = {kind for _, kind in faults(read(tmp_path, name, data[:cut]))}
        assert kinds <= {"corrupt", "bad_record"}
        assert kinds
    step = max(1, len(data) // 40)
    for place in range(8, len(data), step):  # no flipped byte may crash or hang
        broken = bytearray(data)
        broken[place] ^= 0xFF
        assert read(tmp_path, name, bytes(broken))
