from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from curate.errors import Unreadable
from curate.ingest.data import rows
from curate.ingest.decoding import Decoded, decode, decode_line
from curate.ingest.encoding import detect, sample_of
from tests.ingest.making import faults, items, read

LEAST = 0.5
TEXT = "为了规范白酒生产经营活动，保障产品质量，维护消费者的合法权益，制定本办法。"
TRADITIONAL = "為了規範白酒生產經營活動，保障產品品質，維護消費者的合法權益，制定本辦法。"
JAPANESE = "すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。"

DETECTED = [
    (TEXT.encode(), "utf-8", "plain UTF-8"),
    (b"\xef\xbb\xbf" + TEXT.encode(), "utf-8-sig", "a mark decides"),
    (b"\xff\xfe" + TEXT.encode("utf-16-le"), "utf-16-le", "a mark decides"),
    (b"\xfe\xff" + TEXT.encode("utf-16-be"), "utf-16-be", "a mark decides"),
    (b"\xff\xfe\x00\x00" + TEXT.encode("utf-32-le"), "utf-32-le", "begins with the mark of UTF-16"),
    (b"\x00\x00\xfe\xff" + TEXT.encode("utf-32-be"), "utf-32-be", "a mark decides"),
    (TEXT.encode("utf-16-le"), "utf-16-le", "high bytes on one side"),
    (TEXT.encode("utf-16-be"), "utf-16-be", "high bytes on one side"),
    (TEXT.encode("gbk"), "gb18030", "GBK is read as its superset"),
    (TEXT.encode("gb18030")[:-1], "gb18030", "a character cut at the end is no error"),
    (TEXT.encode()[:-1], "utf-8", "a character cut at the end is no error"),
    (TRADITIONAL.encode("big5hkscs"), "big5hkscs", "Big5"),
    (TRADITIONAL.encode("gb18030"), "gb18030", "traditional characters in GB18030 are not Big5"),
    (TEXT.encode("hz"), "hz", "7-bit Chinese"),
    (JAPANESE.encode("iso2022_jp"), "iso2022_jp", "7-bit Japanese"),
    (JAPANESE.encode("euc_jp"), "euc_jp", "kana tell Japanese"),
    (JAPANESE.encode("shift_jis"), "shift_jis", "kana tell Japanese"),
    (b"plain ASCII, no more", "utf-8", "ASCII is UTF-8"),
    ("Les élèves préfèrent le café".encode(), "utf-8", "accents stand alone, so they are no GB18030"),
]
REFUSED = [
    (bytes(range(256)) * 8, "binary"),
    (random.Random(1).randbytes(4096), "noise"),
    ("Grüße aus München, schöne Straßen".encode("latin-1"), "Latin-1 has no reader"),
    ("Привет, как дела, друзья мои".encode("cp1251"), "Cyrillic has no reader"),
    ("한국어 문장은 여기에 있습니다".encode("euc_kr"), "Korean reads as rare Chinese"),
    ("学习".encode("gbk"), "pairs of GB18030 that are valid UTF-8"),
]


def attempt(data: bytes) -> Decoded | None:
    """The decoded text, None if it is refused in one of the two ways it may be."""
    try:
        return decode(data, None, LEAST)
    except Unreadable as error:
        if error.kind not in ("encoding", "unsupported"):
            raise
        return None


@pytest.mark.parametrize(("data", "expected", "reason"), DETECTED)
def test_detects(data: bytes, expected: str, reason: str) -> None:
    found = detect(data)
    assert found.encoding == expected, reason
    assert found.confidence >= LEAST, reason


@pytest.mark.parametrize(("data", "reason"), REFUSED)
def test_is_not_sure(data: bytes, reason: str) -> None:
    found = detect(data)
    assert found.encoding is None or found.confidence < LEAST, reason


COMMON = "".join(row[1] for row in rows("common_characters") if row[0] == "han")
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-32", "gb18030", "gbk", "big5hkscs", "hz", "utf-16-le", "utf-16-be")


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.text(st.sampled_from(COMMON + "，。、0a\n"), min_size=6, max_size=200), st.sampled_from(ENCODINGS))
def test_chinese_comes_back_or_is_refused(text: str, encoding: str) -> None:
    data = text.encode(encoding, "ignore")
    sent = data.decode(encoding)
    assume(sent and not (encoding in ("utf-16-le", "utf-16-be") and data.isascii()))  # such bytes are ASCII as well
    decoded = attempt(data)
    assert decoded is None or (decoded.text == sent and decoded.lost == [])


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.binary(max_size=300))
def test_any_bytes_are_decoded_or_refused(data: bytes) -> None:
    decoded = attempt(data)
    own = b"\xef\xbf\xbd" in data or b"\xfd\xff" in data or b"\xff\xfd" in data  # U+FFFD stands in the data itself
    assert decoded is None or "\ufffd" not in decoded.text or decoded.lost or own


def test_ascii_before_the_sample_ends_does_not_decide() -> None:
    data = b"ascii\n" * 20_000 + TEXT.encode("gbk") * 20
    assert detect(data[: 1 << 16]).encoding == "utf-8"
    assert decode(data, None, LEAST).encoding == "gb18030"
    assert sample_of(data).startswith(TEXT.encode("gbk"))


def test_a_cut_character_is_named_as_lost() -> None:
    decoded = decode(TEXT.encode("gbk")[:-1], None, LEAST)
    assert decoded.text == TEXT[:-1]
    assert [(fault.locator, fault.kind) for fault in decoded.lost] == [(f"@{2 * len(TEXT) - 2}", "truncated")]


def test_lines_of_another_encoding_are_decoded_by_their_own() -> None:
    lines = [TEXT] * 8
    data = b"\n".join(line.encode("gbk" if i % 2 else "utf-8") for i, line in enumerate(lines))
    assert decode(data, None, 0.0).text == "\n".join(lines)


def test_broken_places_are_named_and_too_many_are_refused() -> None:
    long = TEXT.encode() * 20
    decoded = decode(long[:60] + b"\xff" + long[60:], None, LEAST)
    assert decoded.text.count("\ufffd") == 1
    assert [fault.kind for fault in decoded.lost] == ["encoding"]
    with pytest.raises(Unreadable) as caught:
        decode((TEXT[:10].encode() + b"\xff") * 50, "utf-8", LEAST)
    assert caught.value.kind == "encoding"


def test_a_declared_encoding_is_used_strictly(tmp_path: Path) -> None:
    assert items(read(tmp_path, "a.txt", TEXT.encode("gbk"), encoding="gb2312"))[0].encoding == "gb18030"
    assert faults(read(tmp_path, "a.txt", TEXT.encode("gbk"), encoding="utf-8")) == [("", "encoding")]


def test_a_utf8_line_in_a_gb18030_file_is_not_read_as_gb18030() -> None:
    assert decode_line(TEXT.encode(), "gb18030", LEAST) == (TEXT, "utf-8")
    assert decode_line(TEXT.encode("gbk"), "gb18030", LEAST) == (TEXT, "gb18030")
    assert decode_line(TEXT.encode("gbk"), "utf-8", LEAST) == (TEXT, "gb18030")
    assert decode_line(b"a,b", "gb18030", LEAST) == ("a,b", "gb18030")


def test_natural_files(shared: Path) -> None:
    folder = shared / "data/nasty/natural-encodings/udhr"
    codecs = {
        "GB2312": "gb18030",
        "HZ": "hz",
        "UTF8": "utf-8-sig",
        "EUC": "euc_jp",
        "JIS": "iso2022_jp",
        "SJIS": "shift_jis",
    }
    for path in sorted(folder.iterdir()):
        assert detect(path.read_bytes()).encoding == codecs[path.stem.rsplit("-", 1)[1]], path.name
