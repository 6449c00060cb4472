from __future__ import annotations

import json
import random
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.catalog import Limits
from curate.ingest.lines import binary_lines
from tests.ingest.making import faults, gz, items, read

TEXT = "窖池底糟水分偏高，第二轮次下沙时减少润粮水量。"

LINES = [
    (b'{"text": "x"}', None, "an object"),
    (b'\t {"text": "x"} \r', None, "white space around it"),
    (b'{"text": ""}', None, "empty text is text: the quality stage drops it with a reason"),
    (b'{"text": "he said \\"text\\": no"}', None, "the name of the field inside a string"),
    (b'{"text": "x", "o": {"text": 1, "text": 2}}', None, "twice in an object inside"),
    (b'{"text": "x", "text": "y"}', "bad_record", "twice"),
    (b'{"text": 1}', "bad_record", "no string"),
    (b'{"text": null}', "bad_record", "null"),
    (b'{"other": "x"}', "bad_record", "missing"),
    (b'["text"]', "bad_record", "a list"),
    (b"null", "bad_record", "null"),
    (b'"text"', "bad_record", "a string"),
    (b'{"text": "x"', "bad_record", "cut"),
    (b'{"text": NaN}', "bad_record", "no JSON"),
    (b'{"text": "\\ud800"}', "bad_record", "half a surrogate pair"),
    (b'{"text": "x"}{"text": "y"}', "bad_record", "two objects"),
    (b"[" * 9999, "bad_record", "too deep"),
    (b'{"text": "\xff\xfe\xfd"}', "encoding", "bytes of no encoding"),
    (f'{{"text": "{TEXT}"}}'.encode("gbk"), None, "a line in GB18030"),
]


@pytest.mark.parametrize(("line", "kind", "reason"), LINES)
def test_a_line_among_good_ones(tmp_path: Path, line: bytes, kind: str | None, reason: str) -> None:
    good = f'{{"text": "{TEXT}"}}\n'.encode()
    parts = read(tmp_path, "a.jsonl", good * 3 + line + b"\n\n  \n" + good)
    assert [part[0] for part in parts] == ["L1", "L2", "L3", "L4", "L5", "L6", "L7"], reason
    blank = [("L5", "empty"), ("L6", "empty")]  # they have a line after them
    assert faults(parts) == ([] if kind is None else [("L4", kind)]) + blank, reason


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be", "utf-32", "gb18030", "big5hkscs", "hz"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    text = TEXT if encoding != "big5hkscs" else "窖池底糟水分偏高，第二輪次下沙時減少潤糧水量。"
    data = "\n".join(json.dumps({"text": text, "n": n}, ensure_ascii=False) for n in range(50)).encode(encoding)
    parts = items(read(tmp_path, "a.jsonl", data))
    assert [(item.text, item.meta) for item in parts] == [(text, {"n": n}) for n in range(50)]


def test_long_lines(tmp_path: Path) -> None:
    long = b'{"text": "%s"}' % (b"x" * 2000)
    parts = read(tmp_path, "a.jsonl", b'{"text": "a"}\n' + long + b'\n{"text": "b"}\n' + long, Limits(record_chars=100))
    assert [item.locator for item in items(parts)] == ["L1", "L3"]
    assert faults(parts) == [("L2", "too_long"), ("L4", "too_long")]


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.lists(st.binary(max_size=40)), st.integers(1, 50), st.integers(1, 30))
def test_lines_do_not_depend_on_blocks(pieces: list[bytes], size: int, longest: int) -> None:
    data = b"\n".join(pieces)
    blocks = [data[i : i + size] for i in range(0, len(data), size)]
    expected = data.split(b"\n")
    if not expected[-1]:
        expected.pop()
    for line, want in zip(binary_lines(blocks, 1 << 20), expected, strict=True):
        assert line is not None
        assert line.removesuffix(b"\r") == want.removesuffix(b"\r")
    kept = [line for line in binary_lines(blocks, longest) if line is not None]
    assert max(map(len, kept), default=0) <= longest


def test_a_line_without_end_is_not_held() -> None:
    tracemalloc.start()
    try:
        assert list(binary_lines((bytes(1 << 20) for _ in range(64)), 4 << 20)) == [None]
        assert tracemalloc.get_traced_memory()[1] < 16 << 20
    finally:
        tracemalloc.stop()


def test_a_broken_stream_keeps_its_whole_lines(tmp_path: Path) -> None:
    data = b"".join(b'{"text": "%d"}\n' % i for i in range(50_000))
    packed = bytearray(gz(data))
    packed[-6] ^= 1  # the checksum
    parts = read(tmp_path, "a.jsonl.gz", bytes(packed))
    assert 40_000 < len(items(parts)) <= 50_000  # what came out with the damage is lost, at most 64 KiB
    assert faults(parts) == [(f"L{len(items(parts)) + 1}", "corrupt")]


MEASURE = """
import resource, sys
from pathlib import Path
from curate.catalog import Limits
from curate.ingest import read_file, to_batches
from tests.ingest.making import source
limit = 900 << 20
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
path = Path(sys.argv[1])
parts = read_file(path, path.name, source(), Limits())
rows = sum(b.num_rows for b, _ in to_batches(parts, source=source(), path="p", sha256="0", record_chars=10**7))
print(rows)
"""


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    draw = random.Random(1)
    texts = ("".join(draw.choices(TEXT, k=900)) for _ in range(1000))
    member = b"".join(json.dumps({"text": text}, ensure_ascii=False).encode() + b"\n" for text in texts)
    path = tmp_path / "large.jsonl.gz"
    path.write_bytes(gz(member) * 150)  # unpacks to 400 MB
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(path)],
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-400:]
    assert int(done.stdout) == 150_000
