from __future__ import annotations

import bz2
import lzma
import tarfile
import zipfile
from pathlib import Path

import pytest
import zstandard

from curate.catalog import Limits
from tests.ingest.making import docx, faults, gz, items, paragraph, read, tar, zipped

TEXT = "酱香型白酒的制曲在端午前后开始，曲块温度每天记录两次。\n".encode()
LINES = b"".join(b'{"text": "%d"}\n' % i for i in range(1, 2001))
PACKERS = {
    "gz": gz,
    "zst": zstandard.ZstdCompressor().compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
}


def zeros(count: int) -> bytes:
    """Text that packs very well."""
    return b"0" * count


@pytest.mark.parametrize("suffix", PACKERS)
def test_packed_streams_add_nothing_to_the_locator(tmp_path: Path, suffix: str) -> None:
    pack = PACKERS[suffix]
    (item,) = items(read(tmp_path, f"a.txt.{suffix}", pack(TEXT)))
    assert (item.locator, item.text.encode(), item.media_type) == ("1", TEXT, "text/plain")
    parts = read(tmp_path, f"a.jsonl.{suffix}", pack(LINES))
    assert [part.locator for part in parts] == [f"L{i}" for i in range(1, 2001)]


@pytest.mark.parametrize("suffix", PACKERS)
def test_members_of_a_packed_stream_are_joined(tmp_path: Path, suffix: str) -> None:
    pack = PACKERS[suffix]
    (item,) = read(tmp_path, f"a.txt.{suffix}", pack(TEXT) + pack(TEXT) + bytes(8 if suffix != "zst" else 0))
    assert item[1].encode() == TEXT * 2


@pytest.mark.parametrize("suffix", PACKERS)
def test_cut_streams(tmp_path: Path, suffix: str) -> None:
    packed = PACKERS[suffix](LINES)
    assert faults(read(tmp_path, f"a.txt.{suffix}", packed[:-9])) in ([("", "truncated")], [("", "corrupt")])
    parts = read(tmp_path, f"a.jsonl.{suffix}", packed[: len(packed) // 2])
    ((locator, kind),) = faults(parts)
    assert kind == "truncated"
    assert locator == (f"L{len(items(parts)) + 1}" if items(parts) else "")  # zst and bz2 unpack a block at once
    assert suffix in ("zst", "bz2") or len(items(parts)) > 500


@pytest.mark.parametrize("suffix", PACKERS)
def test_damaged_streams(tmp_path: Path, suffix: str) -> None:
    packed = bytearray(PACKERS[suffix](TEXT * 50))
    packed[len(packed) // 2] ^= 0xFF
    parts = read(tmp_path, f"a.txt.{suffix}", bytes(packed))
    if suffix == "zst":  # written without a checksum, damage may go unseen by the format itself
        assert parts
    else:
        assert faults(parts) == [("", "corrupt")]
        assert not items(parts)


def test_a_wrong_checksum_of_zstd_is_seen(tmp_path: Path) -> None:
    packed = bytearray(zstandard.ZstdCompressor(write_checksum=True).compress(TEXT * 50))
    packed[-1] ^= 0xFF
    assert faults(read(tmp_path, "a.txt.zst", bytes(packed))) == [("", "corrupt")]


@pytest.mark.parametrize("suffix", PACKERS)
def test_rubbish_after_the_stream_is_named_and_the_text_kept(tmp_path: Path, suffix: str) -> None:
    parts = read(tmp_path, f"a.txt.{suffix}", PACKERS[suffix](TEXT) + b"rubbish")
    assert [item.text.encode() for item in items(parts)] == [TEXT]
    assert faults(parts) == [("", "corrupt")]


@pytest.mark.parametrize("suffix", PACKERS)
def test_bombs_are_stopped_by_the_ratio(tmp_path: Path, suffix: str) -> None:
    bomb = PACKERS[suffix](zeros(48 << 20))
    assert faults(read(tmp_path, f"a.txt.{suffix}", bomb)) == [("", "bomb")]
    assert faults(read(tmp_path, f"a.jsonl.{suffix}", bomb))[-1][1] == "bomb"


def test_bombs_are_stopped_by_the_total(tmp_path: Path) -> None:
    limits = Limits(unpacked_bytes=10_000)
    assert faults(read(tmp_path, "a.txt.gz", gz(TEXT * 500), limits)) == [("", "bomb")]
    small = zipped([(f"{i}.txt", TEXT * 10) for i in range(20)])
    parts = read(tmp_path, "a.zip", small, limits)
    assert "bomb" in [kind for _, kind in faults(parts)]
    assert len(items(parts)) < 20


def test_nesting_is_counted(tmp_path: Path) -> None:
    three = gz(zipped({"b.txt.xz": lzma.compress(TEXT)}))
    (item,) = items(read(tmp_path, "a.zip.gz", three))
    assert item.locator == "b.txt.xz::1"
    assert faults(read(tmp_path, "a.zip.gz.gz", gz(three))) == [("b.txt.xz::", "too_deep")]
    assert faults(read(tmp_path, "a.zip.gz", three, Limits(depth=0))) == [("", "too_deep")]


def test_zip_members(tmp_path: Path) -> None:
    members = [
        ("b/正文.txt", TEXT),
        ("a.jsonl", b'{"id": 7, "text": "x"}\n'),
        ("b/正文.txt", TEXT * 2),
        ("word.docx", docx(paragraph("曲房"))),
        ("empty.txt", b""),
        ("__MACOSX/._a", b"\0"),
        (".DS_Store", b"\0"),
        ("C:/x.txt", TEXT),
        ("a/../../x.txt", TEXT),
        ("\\x.txt", TEXT),
    ]
    parts = read(tmp_path, "a.zip", zipped(members))
    assert [item.locator for item in items(parts)] == [
        "b/正文.txt::1",
        "a.jsonl::L1",
        "b/正文.txt~2::1",
        "word.docx::1",
    ]
    assert faults(parts) == [
        ("empty.txt::", "empty"),
        ("C:/x.txt::", "unsafe_path"),
        ("a/../../x.txt::", "unsafe_path"),
        ("\\x.txt::", "unsafe_path"),
    ]
    assert [path.name for path in tmp_path.iterdir()] == ["a.zip"]


def test_names_of_members_stay_unique(tmp_path: Path) -> None:
    names = ["a.txt~2", "a.txt", "a.txt", "a.txt~2", "a.txt"]
    parts = read(tmp_path, "a.zip", zipped([(name, TEXT) for name in names]))
    assert [item.locator for item in items(parts)] == [
        "a.txt~2::1",
        "a.txt::1",
        "a.txt~3::1",
        "a.txt~2~2::1",
        "a.txt~4::1",
    ]


def test_encrypted_zip_members(tmp_path: Path) -> None:
    data = bytearray(zipped({"a.txt": TEXT, "b.txt": TEXT}, zipfile.ZIP_STORED))
    entry = data.find(b"PK\x01\x02")
    data[entry + 8] |= 1  # the flag in the directory entry of the first member
    parts = read(tmp_path, "a.zip", bytes(data))
    assert faults(parts) == [("a.txt::", "encrypted")]
    assert [item.locator for item in items(parts)] == ["b.txt::1"]


def test_a_damaged_zip_member_leaves_the_others(tmp_path: Path) -> None:
    data = zipped({"a.txt": TEXT, "b.txt": TEXT * 2}, zipfile.ZIP_STORED).replace(TEXT, TEXT.upper()[::-1], 1)
    parts = read(tmp_path, "a.zip", data)
    assert faults(parts) == [("a.txt::", "corrupt")]
    assert [item.locator for item in items(parts)] == ["b.txt::1"]


def test_zip_names_in_gb18030(tmp_path: Path) -> None:
    data = zipped({"QQQQ.txt": TEXT}).replace(b"QQQQ", "制曲".encode("gbk"))
    (item,) = items(read(tmp_path, "a.zip", data))
    assert item.locator == "制曲.txt::1"


def test_tar_members(tmp_path: Path) -> None:
    link = tarfile.TarInfo("link.txt")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/hostname"
    device = tarfile.TarInfo("device")
    device.type = tarfile.CHRTYPE
    data = tar([("./a.txt", TEXT), (link, b""), (device, b""), ("../b.txt", TEXT), ("a.txt", TEXT), (".x", TEXT)])
    for name, packed in (("a.tar", data), ("a.tgz", gz(data)), ("a.tar.zst", PACKERS["zst"](data))):
        parts = read(tmp_path, name, packed)
        assert [item.locator for item in items(parts)] == ["a.txt::1", "a.txt~2::1"]
        assert faults(parts) == [
            ("link.txt::", "unsafe_path"),
            ("device::", "unsafe_path"),
            ("../b.txt::", "unsafe_path"),
        ]


def test_cut_tar_keeps_whole_members(tmp_path: Path) -> None:
    data = tar([("a.txt", TEXT), ("b.txt", TEXT * 100)])
    parts = read(tmp_path, "a.tar", data[:2000])
    assert [item.locator for item in items(parts)] == ["a.txt::1"]
    assert faults(parts) == [("b.txt::", "truncated"), ("", "truncated")]


def test_limit_of_members(tmp_path: Path) -> None:
    members = [(f"{i}.txt", TEXT) for i in range(5)]
    assert faults(read(tmp_path, "a.zip", zipped(members), Limits(members=4))) == [("", "too_large")]
    parts = read(tmp_path, "a.tar", tar(list(members)), Limits(members=4))
    assert len(items(parts)) == 4
    assert faults(parts) == [("", "too_large")]


MISMATCHED = [
    ("a.gz", TEXT, "wrong_type", "text named .gz"),
    ("a.zip", TEXT, "wrong_type", "text named .zip"),
    ("a.docx", TEXT, "wrong_type", "text named .docx"),
    ("a.xlsx", TEXT, "wrong_type", "text named .xlsx"),
    ("a.pdf", TEXT, "wrong_type", "text named .pdf"),
    ("a.parquet", TEXT, "wrong_type", "text named .parquet"),
    ("a.txt", b"\x89PNG\r\n\x1a\n" + bytes(99), "unsupported", "an image named .txt"),
    ("a.jsonl", bytes(range(256)) * 9, "unsupported", "binary data named .jsonl"),
    ("a.bin", bytes(999), "unsupported", "NULs"),
    ("a.docx", zipped({"x.txt": TEXT})[:60], "truncated", "the start of a zip"),
    ("a.pptx", zipped({"ppt/presentation.xml": b"<a/>"}), "unsupported", "a presentation"),
]


@pytest.mark.parametrize(("name", "data", "kind", "reason"), MISMATCHED)
def test_what_is_not_read(tmp_path: Path, name: str, data: bytes, kind: str, reason: str) -> None:
    assert faults(read(tmp_path, name, data)) == [("", kind)], reason
    assert not items(read(tmp_path, name, data)), reason


def test_content_wins_over_the_suffix(tmp_path: Path) -> None:
    assert items(read(tmp_path, "a.txt", gz(TEXT)))[0].text.encode() == TEXT
    assert items(read(tmp_path, "a.pdf", docx(paragraph("曲房"))))[0].text == "曲房"
    assert items(read(tmp_path, "a", b"<!DOCTYPE html><title>t</title><p>" + TEXT))[0].media_type == "text/html"


def test_limits_of_files_and_documents(tmp_path: Path) -> None:
    assert faults(read(tmp_path, "a.txt", TEXT, Limits(file_bytes=10))) == [("", "too_large")]
    assert faults(read(tmp_path, "a.txt", TEXT, Limits(document_bytes=10))) == [("", "too_large")]
    assert faults(read(tmp_path, "a.txt", TEXT, Limits(record_chars=10))) == [("", "too_large")]


def test_missing_file(tmp_path: Path) -> None:
    from curate.ingest import read_file
    from tests.ingest.making import source

    assert faults(list(read_file(tmp_path / "no.txt", "no.txt", source(), Limits()))) == [("", "corrupt")]
