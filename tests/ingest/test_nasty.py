"""The 52 nasty files: what comes out of each, how long it takes and how much memory."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from curate.catalog import Limits
from curate.ingest import Fault, read_file
from tests.ingest.making import source

ONE: list[str] = []
EXPECTED: dict[str, tuple[int, list[str]]] = {
    # file: records, kinds of faults
    "truncated.jsonl.gz": (123, ["truncated"]),  # the whole lines before the break
    "bad-crc.txt.gz": (0, ["corrupt"]),
    "not-really.gz": (0, ["wrong_type"]),
    "two-members.txt.gz": (1, ONE),
    "broken-lines.jsonl": (53, [*["bad_record"] * 7, "empty", *["bad_record"] * 4]),  # the twelfth bad line is blank
    "mixed-encodings.jsonl": (20, ONE),
    "huge-line.txt": (1, ONE),
    "huge-line.jsonl": (1, ONE),
    "null-bytes.txt": (1, ONE),
    "control-chars.txt": (1, ONE),
    "mojibake-utf8-as-gbk.txt": (1, ONE),  # valid text: the quality stage drops it
    "mojibake-gbk-as-latin1.txt": (1, ONE),
    "mojibake-double-utf8.txt": (1, ONE),
    "pinyin-annotated-traditional.txt": (1, ONE),
    "replacement-chars.txt": (1, ONE),
    "utf16le-no-bom.txt": (1, ONE),
    "utf16-odd-length.txt": (1, ["truncated"]),
    "gb18030-4byte.txt": (1, ONE),
    "big5-truncated-char.txt": (1, ONE),  # its last two bytes are a whole 。
    "hz-encoded.txt": (1, ONE),
    "wrong-meta-charset.html": (1, ONE),
    "unclosed-tags.html": (1, ONE),
    "deep-nesting.html": (1, ONE),
    "empty.txt": (0, ["empty"]),
    "only-bom.txt": (0, ["empty"]),
    "only-space.txt": (0, ["empty"]),
    "repeat-one-char.txt": (1, ONE),
    "repeat-one-sentence.txt": (1, ONE),
    "digits-table.txt": (1, ONE),
    "half-width-ocr.txt": (1, ONE),
    "cr-only.txt": (1, ONE),
    "csv-quoted-newlines.csv": (30, ONE),
    "csv-ragged.gbk.csv": (21, ["bad_record"] * 70),
    "zip-bomb-64MiB.zip": (1, ["bomb"]),  # a small text beside the bomb
    "zip-slip.zip": (1, ["unsafe_path"] * 2),
    "gzip-bomb-128MiB.txt.gz": (0, ["bomb"]),
    "triple.txt.gz.gz.gz": (1, ONE),
    "truncated.docx": (0, ["truncated"]),
    "entity-expansion.docx": (0, ["entities"]),
    "fake.docx": (0, ["wrong_type"]),
    "fake.pdf": (0, ["truncated"]),
    "encrypted.pdf": (0, ["encrypted"]),
    "image-only.pdf": (0, ["no_text"]),
    "truncated.pdf": (0, ["truncated"]),
    "名字 有空格，全角（括号）&$;é.txt": (1, ONE),
    ".hidden.txt": (1, ONE),
    "Chinese_Mandarin-GB2312.txt": (1, ONE),
    "Chinese_Mandarin-HZ.txt": (1, ONE),
    "Chinese_Mandarin-UTF8.txt": (1, ["truncated"]),  # cut upstream inside a character
    "Japanese_Nihongo-EUC.txt": (1, ONE),
    "Japanese_Nihongo-JIS.txt": (1, ["truncated"]),
    "Japanese_Nihongo-SJIS.txt": (1, ONE),
}
BEGINS = {
    "wrong-meta-charset.html": "标题\n浙江省生活垃圾管理条例\n",
    "unclosed-tags.html": "浙江省气象条例\n",
    "deep-nesting.html": "中华人民共和国国防交通法\n",
    "utf16le-no-bom.txt": "国内水路运输管理条例",
    "hz-encoded.txt": "机关、团体、企业、事业单位消防安全管理规定",
    "triple.txt.gz.gz.gz": "中国人民银行货币政策委员会条例",
}


@pytest.fixture(scope="module")
def files(shared: Path) -> dict[str, Path]:
    folder = shared / "data/nasty"
    return {path.name: path for path in folder.rglob("*") if path.is_file() and path.name != "EXPECT.jsonl"}


def test_all_are_in_the_table(files: dict[str, Path]) -> None:
    assert set(files) == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_what_comes_out(files: dict[str, Path], name: str) -> None:
    parts = list(read_file(files[name], name, source(), Limits()))
    kinds = [part.kind for part in parts if isinstance(part, Fault)]
    texts = [part.text for part in parts if not isinstance(part, Fault)]
    assert (len(texts), kinds) == EXPECTED[name]
    if name in BEGINS:
        assert texts[0].startswith(BEGINS[name])
    if name.endswith(".html"):
        assert not [word for word in ("document.write", "首页", "版权所有", "不应出现") if word in texts[0]]


def test_line_numbers_of_bad_lines(files: dict[str, Path]) -> None:
    parts = list(read_file(files["broken-lines.jsonl"], "broken-lines.jsonl", source(), Limits()))
    bad = [part.locator for part in parts if isinstance(part, Fault)]
    assert bad == [f"L{line}" for line in (4, 8, 12, 19, 24, 31, 36, 47, 56, 58, 63, 65)]


def test_no_mojibake_in_mixed_encodings(files: dict[str, Path]) -> None:
    raw = files["mixed-encodings.jsonl"].read_bytes().splitlines()
    whole = [json.loads(line.decode("utf-8" if i < 10 else "gb18030"))["text"] for i, line in enumerate(raw)]
    parts = list(read_file(files["mixed-encodings.jsonl"], "mixed-encodings.jsonl", source(), Limits()))
    assert [part.text for part in parts if not isinstance(part, Fault)] == whole
    assert {part.encoding for part in parts if not isinstance(part, Fault)} == {"utf-8", "gb18030"}


def test_faults_hold_no_text(files: dict[str, Path]) -> None:
    for name, path in files.items():
        for part in read_file(path, name, source(), Limits()):
            if isinstance(part, Fault):
                assert part.message.isascii(), name


MEASURE = """
import re, resource, sys
from pathlib import Path
from curate.catalog import Limits
from curate.ingest import read_file
from tests.ingest.making import source
for path in sorted(Path(sys.argv[1]).rglob("*")):
    if path.is_file():
        before = resource.getrusage(resource.RUSAGE_SELF)
        for part in read_file(path, path.name, source(), Limits()):
            pass
        after = resource.getrusage(resource.RUSAGE_SELF)
        took = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        if took > 3:
            sys.exit(f"{path.name} took {took:.1f} s")
# the kernel hands the peak of the process that started us down to getrusage of ourselves, not to VmHWM
own = int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
print(max(own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))
"""


def test_memory_and_time_are_bounded(shared: Path) -> None:
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(shared / "data/nasty")],
        cwd=root,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 1_000_000  # KiB
