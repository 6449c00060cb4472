"""Normalising: a table of cases, NFC and idempotence as properties, the nasty files."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from curate.stages.normalise import Normalise

from .rows import batch, check_promises, reasons

WORK = Normalise().open()

CASES = [
    ("一。\r\n二。\r三。", "一。\n二。\n三。", 2, "CR LF and CR are one line feed"),
    ("一\u2028二\u2029三\x85四\x0b五\x0c六", "一\n二\n三\n四\n五\n六", 5, "other line ends"),
    ("酒\u200b窖\ufeff\u202e池\u2066\xad\x00\x9f", "酒窖池", 7, "zero-width, bidi, BOM, soft hyphen, controls"),
    ("\U000e0041酒", "酒", 1, "tags are invisible"),
    ("一\t二", "一\t二", 0, "a tab inside a line stays"),
    ("总则\n\u3000\u3000第一条\xa0酒窖", "总则\n  第一条 酒窖", 3, "other spaces become spaces"),
    ("一  \n二\t\n三\u3000", "一\n二\n三", 4, "trailing blanks go, each counted once"),
    ("酒 \u200b\n窖", "酒\n窖", 2, "what is removed does not hide a trailing blank"),
    ("酒\r\u200b\n窖", "酒\n\n窖", 2, "a line end is not made by removing"),
    ("酒窖\n", "酒窖", 1, "a final line feed goes, as it is not of the text"),
    ("\ufeff\n \n\u3000\u3000第一条\n  二\r\n\n\t\n", "第一条\n  二", 11, "blank lines and blanks at both ends"),
    ("一\n\n\n二", "一\n\n\n二", 0, "blank lines inside stay"),
    ("ＧＢ／Ｔ　４３６９７－２０２４", "GB/T 43697-2024", 15, "full-width letters, digits, signs"),
    ("［２０２６］５％＋＃＠＝＆", "[2026]5%+#@=&", 13, "full-width signs"),
    ("，。：；！？（）【】“”‘’、《》～…—·￥", "，。：；！？（）【】“”‘’、《》～…—·￥", 0, "Chinese punctuation stays"),
    ("cafe\u0301", "café", 2, "a letter and its mark compose"),
    ("\uf900度", "豈度", 1, "compatibility ideographs"),
    ("酒\u0301", "酒\u0301", 0, "what does not compose stays"),
    ("\u1112\u1161\u11ab", "한", 3, "jamo compose"),
    ("＝\u0338", "≠", 3, "folding goes before composing"),
    ("e\u200b\u0301", "é", 3, "removing goes before composing"),
    ("a\u0323\u0307 \u0307\u0323", "ạ\u0307 \u0323\u0307", 4, "marks in canonical order"),
    ("\ufb01 ② Ⅳ ㎏ ｶ", "\ufb01 ② Ⅳ ㎏ ｶ", 0, "NFC, not NFKC"),
    ("𠮷\U0001f600", "𠮷\U0001f600", 0, "characters of four bytes"),
]


@pytest.mark.parametrize(("text", "expected", "changes", "why"), CASES)
def test_cases(text: str, expected: str, changes: int, why: str) -> None:
    row = WORK(batch([text])).to_pylist()[0]
    assert (row["text"], row["changes"], row["n_chars"]) == (expected, changes, len(expected)), why


def test_promises() -> None:
    check_promises(Normalise(), [text for text, *_ in CASES] + ["", " \n", "酒窖"])


# The same rules in Python's own terms, as a check of the data tables as well.
PUNCTUATION = "！（），：；？～"
FORMAT = re.compile(
    "[\xad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff\ufdd0-\ufdef\U000e0000-\U000e007f]"
)


def plain(text: str) -> str:
    text = re.sub("\r\n|[\r\x0b\x0c\x85\u2028\u2029]", "\n", text)
    out = []
    for c in FORMAT.sub("", text):
        if c in "\n\t":
            out.append(c)
        elif unicodedata.category(c) == "Zs":
            out.append(" ")
        elif 0xFF01 <= ord(c) <= 0xFF5E and c not in PUNCTUATION:
            out.append(chr(ord(c) - 0xFEE0))
        elif unicodedata.category(c) != "Cc":
            out.append(c)
    lines = [line.rstrip(" \t") for line in "".join(out).split("\n")]
    return unicodedata.normalize("NFC", "\n".join(lines).strip(" \t\n"))


HARD = "ab酒\r\n \t\u3000\u2028\u200b\x85Ａ１，ae\u0301\u0323\u0338\u0307\uf900\u1100\u1161\u11a8각\u0958\u2126\u037e\u1fef\U0001d15e=＝<"
TEXTS = st.lists(st.one_of(st.text(max_size=30), st.text(alphabet=HARD, max_size=30)), max_size=5)


@settings(deadline=None, max_examples=400)
@given(TEXTS)
@example(["\u2001\u0344", "\u0f73\u0f75", "\u0344\u0301"])
def test_it_is_what_plain_python_does_and_twice_is_once(texts: list[str]) -> None:
    once = WORK(batch(texts))
    assert once["text"].to_pylist() == [plain(text) for text in texts]
    assert once["n_chars"].to_pylist() == [len(plain(text)) for text in texts]
    assert [n == 0 for n in once["changes"].to_pylist()] == [
        a == b for a, b in zip(texts, once["text"].to_pylist(), strict=True)
    ]
    again = WORK(batch(once["text"].to_pylist()))
    assert again["text"].equals(once["text"])
    assert again["changes"].to_pylist() == [0] * len(texts)


def test_every_code_point() -> None:
    texts = ["a" + chr(c) + "b" for c in range(0x110000) if not 0xD800 <= c < 0xE000]
    assert WORK(batch(texts))["text"].to_pylist() == [plain(text) for text in texts]


def test_a_clean_batch_is_not_copied() -> None:
    clean = batch(["第一条 总则。\n第二条", "酒窖", "각 café", "q\u0301"])
    out = WORK(clean)
    assert out["text"].buffers()[2].address == clean["text"].buffers()[2].address
    assert out["n_chars"].to_pylist() == [11, 2, 6, 2]


def test_texts_that_differ_in_blanks_around_them_only_become_equal() -> None:
    same = ["酒窖", "酒窖\n", "\n酒窖", "  酒窖\r\n\r\n", "\u3000酒窖 \u200b"]
    assert set(WORK(batch(same))["text"].to_pylist()) == {"酒窖"}


def test_only_what_holds_composing_characters_goes_through_python(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    real = unicodedata.normalize

    def spy(form: Literal["NFC"], text: str) -> str:
        seen.append(text)
        return real(form, text)

    monkeypatch.setattr("curate.stages.normalise.unicodedata.normalize", spy)
    WORK(batch(["Ａ 酒\r\n", "cafe\u0301 酒"]))
    assert seen == ["e\u0301"]


@pytest.mark.parametrize(
    ("text", "why"), [("", "nothing"), (" \u3000\n\t", "blanks"), ("\ufeff\u200b\x00", "all removed")]
)
def test_empty_is_dropped(text: str, why: str) -> None:
    out = WORK(batch(["酒", text]))
    assert reasons(out) == [None, "empty"], why
    assert out["dropped"][1].as_py()["value"] == 0
    assert out["dropped"][1].as_py()["threshold"] == 1


def test_nasty_files(shared: Path) -> None:
    folder = shared / "data" / "nasty" / "crafted"
    names = ["control-chars.txt", "null-bytes.txt", "cr-only.txt", "only-space.txt", "only-bom.txt"]
    out = WORK(batch([(folder / name).read_bytes().decode() for name in names]))
    texts = dict(zip(names, out["text"].to_pylist(), strict=True))
    assert not any(unicodedata.category(c) in ("Cc", "Cf") and c not in "\n\t" for text in texts.values() for c in text)
    assert len(texts["cr-only.txt"].split("\n")) > 10
    assert reasons(out) == [None, None, None, "empty", "empty"]


def test_large_documents(shared: Path) -> None:
    line = (shared / "data" / "nasty" / "crafted" / "huge-line.txt").read_text("utf-8")
    out = WORK(pa.RecordBatch.from_pylist([{"id": "1", "text": line + "\u0301Ａ"}]))
    assert out["text"][0].as_py() == plain(line + "\u0301Ａ")
