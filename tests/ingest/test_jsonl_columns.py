"""The same records, faults and batches, whether lines are taken by columns or one by one, and however they are cut."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import Any

import pytest

from curate.catalog import Limits
from curate.ingest import Block, Item, jsonl, lines, read_blocks, read_file, to_batches
from curate.ingest.items import Parts
from tests.ingest.hostile import LINES, hostile_file
from tests.ingest.making import faults, items, read, source

SOURCES: tuple[dict[str, Any], ...] = (
    {},
    {"encoding": "utf-8"},
    {"text": "标题"},
    {"personal": {"b": "PERSON", "标题": "PERSON"}},
    {"record_id": "text"},
    {"record_id": "n"},
    {"personal": {"id": "PERSON"}},
)


def batches(parts: Parts | Any, **more: Any) -> list[tuple[list[dict[str, Any]], list[Any]]]:
    """Small batches, so that blocks are cut by rows and by bytes."""
    given = source(**more)
    found = []
    for batch, some in to_batches(
        parts, source=given, path="raw/a.jsonl", sha256="0", record_chars=200, rows=37, text_bytes=2000
    ):
        batch.validate(full=True)
        found.append((batch.to_pylist(), some))
    return found


@pytest.mark.parametrize("seed", range(56))
def test_columns_and_lines_agree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    more = SOURCES[seed % len(SOURCES)]
    path = tmp_path / "a.jsonl"
    mark = b"\xef\xbb\xbf" if seed % 5 == 0 else b""
    path.write_bytes(mark + hostile_file(seed, good=(20, 60, 90, 99)[seed % 4]))
    limits = Limits(record_chars=200)
    monkeypatch.setattr(jsonl, "_LEAST_TAKEN", 2)  # more than all: by lines
    by_line = list(read_blocks(path, path.name, source(**more), limits))
    assert not any(isinstance(part, Block) for part in by_line)
    expected = batches(by_line, **more)
    for least in (0, 0.98):
        monkeypatch.setattr(jsonl, "_LEAST_TAKEN", least)
        assert batches(read_blocks(path, path.name, source(**more), limits), **more) == expected
        assert list(read_file(path, path.name, source(**more), limits)) == by_line


@pytest.mark.parametrize(("line", "reason"), LINES)
def test_each_line_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: bytes, reason: str) -> None:
    good = b'{"id": 0, "text": "a"}\n'
    found = []
    for least in (0, 2):
        monkeypatch.setattr(jsonl, "_LEAST_TAKEN", least)
        found.append(read(tmp_path, "a.jsonl", good * 3 + line + b"\n" + good, Limits(record_chars=200)))
    assert found[0] == found[1], reason
    assert [part.locator for part in found[0] if part.locator != "L4"] == ["L1", "L2", "L3", "L5"], reason


@pytest.mark.parametrize("seed", range(6))
def test_blocks_of_any_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(hostile_file(seed, good=90))
    found = []
    for size in (1 << 20, 5000, 333, 7):
        monkeypatch.setattr(lines, "_BLOCK", size)
        parts = read_blocks(path, path.name, source(encoding="utf-8"), Limits(record_chars=200))
        found.append(batches(parts, encoding="utf-8"))
    assert all(other == found[0] for other in found[1:])


def test_good_lines_come_as_one_block(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"".join(b'{"id": %d, "n": 1, "text": "x"}\n\n' % n for n in range(100)))
    lines_of_blank = list(read_blocks(path, path.name, source(), Limits()))
    assert [part.locator for part in lines_of_blank if isinstance(part, Item)] == [f"L{n}" for n in range(1, 200, 2)]
    path.write_bytes(b"".join(b'{"id": %d, "n": 1, "text": "x"}\n' % n for n in range(100)) + b"\n")
    (block,) = read_blocks(path, path.name, source(), Limits())
    assert isinstance(block, Block)
    assert block.locators == [f"L{n}" for n in range(1, 101)]
    assert block.input_ids == [str(n) for n in range(100)]
    assert block.metas == [{"n": 1}] * 100
    assert set(block.texts.to_pylist()) == {"x"}


def test_a_bad_line_among_many_ends_a_block(tmp_path: Path) -> None:
    number = count()
    good = b"".join(b'{"text": "%d"}\n' % next(number) for _ in range(100))
    path = tmp_path / "a.jsonl"
    path.write_bytes(good + b'{"text": 1}\n' + good + b'{"text": "x"}}\n' + good)
    parts = list(read_blocks(path, path.name, source(), Limits()))
    assert [type(part).__name__ for part in parts] == ["Block", "Fault", "Block", "Fault", "Block"]
    assert [part.locators[0] for part in parts if isinstance(part, Block)] == ["L1", "L102", "L203"]
    for part in parts:
        if isinstance(part, Block):
            assert part.texts.to_pylist() == [str(n) for n in range(100)]


def test_labels_open_the_text(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes('{"条": "第一条", "内容": "为了规范生产，保证安全。", "n": 1}\n'.encode() * 9)
    parts = list(read_blocks(path, path.name, source(), Limits()))
    assert [part.text for part in parts if isinstance(part, Item)] == ["第一条 为了规范生产，保证安全。"] * 9


NUMBERS = [
    ("9223372036854775807", 9223372036854775807, "signed"),
    ("18446744073709551615", 18446744073709551615, "the most of 64 bits"),
    ("18446744073709551616", "18446744073709551616", "one more"),
    ("-9223372036854775808", -9223372036854775808, "the least"),
    ("-9223372036854775809", "-9223372036854775809", "one less"),
    ("123456789012345678901234567890", "123456789012345678901234567890", "thirty digits"),
    ("9" * 300, "9" * 300, "the most that orjson takes, nearly"),
    ("1234567890.1234567890123456789", 1234567890.1234568, "a fraction is a float, as everywhere"),
    ("1e30", 1e30, "and so is what is written as one"),
]


@pytest.mark.parametrize(("digits", "value", "reason"), NUMBERS)
@pytest.mark.parametrize("name", ["a.jsonl", "a.json"])
def test_whole_numbers_keep_their_digits(tmp_path: Path, name: str, digits: str, value: Any, reason: str) -> None:
    line = f'{{"id": {digits}, "text": "x", "n": [{{"o": {digits}}}]}}'
    other = '{"id": 1, "text": "y"}'
    data = f"{line}\n{other}\n" if name == "a.jsonl" else f"[{line}, {other}]"
    first, _ = items(read(tmp_path, name, data.encode()))
    assert first.input_id == str(value), reason
    assert first.meta == {"n": [{"o": value}]}, reason


@pytest.mark.parametrize(("levels", "bad"), [(90, 0), (120, 0), (249, 0), (250, 1), (300, 1), (1020, 1)])
def test_nesting_that_could_not_be_written_is_a_fault(tmp_path: Path, levels: int, bad: int) -> None:
    deep = b'{"text": "x", "a": %s1%s}\n' % (b"[" * levels, b"]" * levels)
    parts = read(tmp_path, "a.jsonl", b'{"text": "a"}\n' * 3 + deep + b'{"text": "b"}\n')
    assert faults(parts) == [("L4", "bad_record")] * bad
    assert sum(len(rows) for rows, _ in batches(parts)) == 5 - bad
