"""`curate pii gold` and `curate pii evaluate`: files, tables, exit codes, and never a value."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from curate.errors import UserError
from tests.cli.conftest import Call

NAME, MAIL = "钱小茜", "tea@example.com"
TEXT = f"联系人{NAME}，{MAIL}"


@pytest.fixture
def own(tmp_path: Path) -> Path:
    file = tmp_path / "own.jsonl"
    rows = [
        {"text": TEXT, "label": [[3, 6, "人名"], [7, 22, "EMAIL_ADDRESS"]]},
        {"text": MAIL, "label": [[0, 15, NAME]]},
    ]
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return file


def test_gold_writes_what_evaluate_reads(curate: Call, tmp_path: Path) -> None:
    first, again, other = (tmp_path / name for name in ("a.jsonl", "b.jsonl", "c.jsonl"))
    called = curate("pii", "gold", "--docs", "60", "--seed", "3", "--out", first)
    assert called.code == 0
    assert called.out == ""
    assert re.fullmatch(r"60 documents +[0-9,]+ values +[0-9,]+ traps +all made up at random\n", called.err)
    curate("pii", "gold", "--docs", "60", "--seed", "3", "--out", again)
    curate("pii", "gold", "--docs", "60", "--seed", "4", "--out", other)
    assert first.read_bytes() == again.read_bytes() != other.read_bytes()
    rows = [json.loads(line) for line in first.read_text("utf-8").splitlines()]
    assert len(rows) == 60
    assert set(rows[0]) == {"id", "text", "spans", "traps", "industry", "kind"}
    from_file = curate("pii", "evaluate", first, "--json")
    generated = curate("pii", "evaluate", "--docs", "60", "--seed", "3", "--json")
    assert from_file.code == generated.code == 0
    assert from_file.out == generated.out
    told = json.loads(from_file.out)
    assert told["texts"] == 60
    assert told["entities"]["EMAIL_ADDRESS"]["recall"]["share"] == 1.0
    assert told["wrong_rows"] == []


def test_no_value_in_the_output(curate: Call, tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    curate("pii", "gold", "--docs", "200", "--out", file)
    values = {
        row["text"][span["start"] : span["end"]]
        for row in map(json.loads, file.read_text("utf-8").splitlines())
        for span in row["spans"]
    }
    for more in ((), ("--json",)):
        called = curate("pii", "evaluate", file, *more)
        assert [v for v in values if len(v) > 5 and v in called.out + called.err] == []


def test_a_file_of_ones_own(curate: Call, own: Path) -> None:
    called = curate("pii", "evaluate", own, "--map", "人名=PERSON", "--json")
    assert called.code == 0
    told = json.loads(called.out)
    assert told["entities"]["PERSON"]["gold"] == 1
    assert told["entities"]["EMAIL_ADDRESS"]["gold"] == 1
    assert told["entities"]["EMAIL_ADDRESS"]["found"] == 2
    assert told["unknown_labels"] == 1
    assert "1 labels are no entity" in called.err
    assert NAME not in called.out + called.err


def test_the_table(curate: Call, own: Path) -> None:
    called = curate("pii", "evaluate", own)
    lines = called.out.splitlines()
    assert lines[0] == "2 texts   37 characters"
    [row] = [line.split() for line in lines if line.startswith("EMAIL_ADDRESS") and "%" in line]
    assert row[1:5] == ["1", "2", "100.00%", "(20.65-100.00)"]
    assert [line.split() for line in lines if "ordinary text" in line] == [["EMAIL_ADDRESS", "ordinary", "text", "1"]]


def test_wrong_rows_are_named_and_the_exit_code_is_3(curate: Call, own: Path) -> None:
    with own.open("a", encoding="utf-8") as file:
        file.write(f'{{"text": "{NAME}", "label": [[0, 9, "PER"]]}}\n' * 12)
    called = curate("pii", "evaluate", own)
    assert called.code == 3
    assert "line 3: a label is not within the text" in called.err
    assert "line 13" not in called.err
    assert "12 rows left out" in called.err
    assert NAME not in called.err
    assert len(json.loads(curate("pii", "evaluate", own, "--json").out)["wrong_rows"]) == 12


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("none.jsonl",), "no such file"),
        (("--map", "PER"), "LABEL=ENTITY"),
        (("--map", "=PERSON"), "LABEL=ENTITY"),
        (("--profile", "slow", "--docs", "1"), "balanced"),
    ],
)
def test_mistakes(curate: Call, arguments: tuple[str, ...], says: str) -> None:
    called = curate("pii", "evaluate", *arguments)
    assert called.code == UserError.exit_code
    assert says in called.err
