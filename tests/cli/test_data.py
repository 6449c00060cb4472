"""extract, langid and pii scan."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Call
from tests.small import BOILER, STEAMING


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    rows = [
        {"id": 7, "text": STEAMING + "联系电话13912345678。"},
        {"id": "en", "text": "The boiler was inspected this morning and no defect was found. " * 3},
        {"id": "empty", "text": ""},
        {"id": "emoji", "text": "😀😀电话13912345678"},
    ]
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows), "utf-8")
    return tmp_path / "in.jsonl"


def test_extract(curate: Call, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(BOILER.encode("gb18030"))
    (tmp_path / "b.csv").write_text("内容,班次\n" + STEAMING + ",早\n", "utf-8")
    (tmp_path / "c.bin").write_bytes(bytes(range(256)))
    called = curate("extract", *(tmp_path / n for n in ("a.txt", "b.csv", "c.bin")), "--out", tmp_path / "out.jsonl")
    assert (called.code, called.out) == (0, "")
    assert called.err == "3 files   2 records   1 faults\n"
    a, b, c = lines(tmp_path / "out.jsonl")
    assert a == {
        "path": str(tmp_path / "a.txt"),
        "media_type": "text/plain",
        "encoding": "gb18030",
        "locator": "1",
        "text": BOILER,
        "error": None,
    }
    assert (b["text"], b["locator"], b["error"]) == (STEAMING, "R1", None)
    assert (c["text"], c["error"].split(":")[0]) == (None, "unsupported")


def test_extract_takes_the_column_and_the_encoding_it_is_given(curate: Call, tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_bytes(("甲,乙\n一二三,四五六\n").encode("big5"))
    called = curate("extract", tmp_path / "b.csv", "--out", "-", "--text", "乙", "--encoding", "big5")
    assert json.loads(called.out)["text"] == "四五六"
    called = curate("extract", tmp_path / "b.csv", "--out", "-", "--encoding", "big6")
    assert called.code == 2
    assert "no such encoding" in called.err


def test_extract_of_what_is_not_there_writes_nothing(curate: Call, tmp_path: Path) -> None:
    (tmp_path / "out.jsonl").write_text("before")
    called = curate("extract", tmp_path / "none.txt", "--out", tmp_path / "out.jsonl")
    assert called.code == 2
    assert (tmp_path / "out.jsonl").read_text() == "before"
    assert [p.name for p in tmp_path.iterdir()] == ["out.jsonl"]


def test_langid(curate: Call, texts: Path, tmp_path: Path) -> None:
    assert curate("langid", texts, "--out", tmp_path / "out.jsonl").code == 0
    found = {r["id"]: (r["lang"], r["script"]) for r in lines(tmp_path / "out.jsonl")}
    assert found[7] == ("zh", "Hans")
    assert found["en"][1] == "Latn"
    assert found["empty"][0] == "und"
    assert all(
        0 <= r["score"] <= 1 and list(r) == ["id", "lang", "script", "score"] for r in lines(tmp_path / "out.jsonl")
    )


def test_langid_knows_every_language_that_it_is_shown(curate: Call, texts: Path) -> None:
    out = curate("langid", texts, "--out", "-").out
    assert {r["id"]: r["lang"] for r in map(json.loads, out.splitlines())}["en"] == "en"


def test_pii_scan(curate: Call, texts: Path) -> None:
    called = curate("pii", "scan", texts, "--out", "-")
    assert called.code == 0
    found = [json.loads(line) for line in called.out.splitlines()]
    assert [(r["id"], r["entity"], r["end"] - r["start"]) for r in found] == [
        (7, "CN_MOBILE", 11),
        ("emoji", "CN_MOBILE", 11),
    ]
    assert found[1]["start"] == 4, "characters, not bytes or UTF-16 units"
    assert "13912345678" not in called.out


def test_pii_scan_with_a_bound_that_nothing_reaches(curate: Call, texts: Path) -> None:
    assert curate("pii", "scan", texts, "--out", "-", "--least", "1").out.count("\n") <= 2
    assert curate("pii", "scan", texts, "--out", "-", "--least", "2").code == 2


@pytest.mark.parametrize("command", [["langid"], ["pii", "scan"]], ids=" ".join)
def test_bad_lines_are_named_and_the_rest_is_done(curate: Call, tmp_path: Path, command: list[str]) -> None:
    good = json.dumps(
        {"id": 1, "text": "电话13912345678，锅炉房早班检查发现给水泵有异响。"}, ensure_ascii=False
    ).encode()
    bad = [
        b"{broken 13912345678",
        b"[1]",
        b'{"id": 2}',
        b'{"text": "x"}',
        b'{"id": 3, "text": 4}',
        "名".encode("gb18030"),
        b"",
    ]
    (tmp_path / "in.jsonl").write_bytes(b"\n".join([*bad, good]))
    called = curate(*command, tmp_path / "in.jsonl", "--out", "-")
    assert called.code == 3
    assert called.out.count("\n") == 1
    assert called.err.splitlines()[-1] == "6 lines left out"
    assert "line 1: not JSON" in called.err
    assert "line 6: not JSON" in called.err
    assert "13912345678" not in called.err


@pytest.mark.parametrize("command", [["langid"], ["pii", "scan"]], ids=" ".join)
def test_no_such_file(curate: Call, tmp_path: Path, command: list[str]) -> None:
    called = curate(*command, tmp_path / "none.jsonl", "--out", tmp_path / "out.jsonl")
    assert called.code == 2
    assert not (tmp_path / "out.jsonl").exists()


def test_half_a_surrogate_pair_is_no_reason_to_stop(curate: Call, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text('{"id": "\\ud83d", "text": "电话\\ud83d13912345678"}\n')
    assert curate("langid", tmp_path / "in.jsonl", "--out", "-").code == 0
    assert curate("pii", "scan", tmp_path / "in.jsonl", "--out", "-").code == 0
