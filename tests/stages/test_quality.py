"""Quality: bounds and reasons, the data tables, nasty files, and real texts that must survive."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from curate.records import QUALITY
from curate.stages.language import Language
from curate.stages.normalise import Normalise
from curate.stages.quality import Bound, Least, Most, Quality

from .rows import batch, check_promises, reasons

BOUNDED = Quality(
    chars=Bound(least=60),
    han_share=Least(least=0.15),
    digit_share=Most(most=0.3),
    symbol_share=Most(most=0.4),
    space_share=Most(most=0.4),
    duplicate_line_share=Most(most=0.35),
    repeated_10gram_share=Most(most=0.5),
    replacement_share=Most(most=0.005),
    mojibake_share=Most(most=0.02),
)
SCORE = Quality().open()


def text_of(n: int) -> str:
    """Han characters that repeat nothing."""
    return "".join(chr(0x4E00 + i * 37 % 6_000) for i in range(n))


CASES: list[tuple[str, dict[str, Any], str | None, float | None, str]] = [
    ("酒窖", {}, None, None, "without bounds nothing is dropped"),
    ("酒窖", {"chars": Bound(least=3)}, "too_short", 2, "fewer characters"),
    ("酒窖", {"chars": Bound(least=2, most=2)}, None, None, "bounds are included"),
    ("酒窖", {"chars": Bound(most=1)}, "too_long", 2, "more characters"),
    ("酒窖ab", {"han_share": Least(least=0.6)}, "low_han_share", 0.5, "two of four"),
    ("𠮷酒ab", {"han_share": Least(least=0.5)}, None, None, "a Han character of four bytes"),
    ("12酒②", {"digit_share": Most(most=0.7)}, "many_digits", 0.75, "all numerals"),
    ("酒，。🙂", {"symbol_share": Most(most=0.7)}, "many_symbols", 0.75, "punctuation and symbols"),
    ("酒 \n窖", {"space_share": Most(most=0.4)}, "many_spaces", 0.5, "spaces and line feeds"),
    (
        "酒窖\n 酒窖\n池",
        {"duplicate_line_share": Most(most=0.3)},
        "duplicate_lines",
        0.4,
        "lines differ in spaces only",
    ),
    ("酒窖\n\n\n池", {"duplicate_line_share": Most(most=0.0)}, None, None, "empty lines do not repeat"),
    ("酒" * 20, {"repeated_10gram_share": Most(most=0.5)}, "repeated_text", 10 / 11, "all but the first"),
    ("酒\ufffd", {"replacement_share": Most(most=0.1)}, "replacement_characters", 0.5, "what was not decoded"),
    (
        "酒",
        {"chars": Bound(least=2), "han_share": Least(least=1), "digit_share": Most(most=0)},
        "too_short",
        1,
        "the first rule",
    ),
    (
        "Ã¤¸1",
        {"mojibake_share": Most(most=0.1), "han_share": Least(least=1)},
        "mojibake",
        0.75,
        "broken goes before low Han share",
    ),
]


@pytest.mark.parametrize(("text", "parameters", "reason", "value", "why"), CASES)
def test_reasons(text: str, parameters: dict[str, Any], reason: str | None, value: float | None, why: str) -> None:
    out = Quality(**parameters).open()(batch([text]))
    assert reasons(out) == [reason], why
    if reason:
        assert out["dropped"][0]["value"].as_py() == pytest.approx(value)
        bounds = [b for p in parameters.values() for b in p.model_dump().values() if b is not None]
        assert out["dropped"][0]["threshold"].as_py() in bounds


MOJIBAKE = "窖池温度每班记录，班长签字确认。异常情况立即报告车间。" * 3


@pytest.mark.parametrize(
    ("text", "broken", "why"),
    [
        (MOJIBAKE.encode().decode("gbk", "replace"), True, "UTF-8 read as GBK"),
        (MOJIBAKE.encode("gbk").decode("latin-1"), True, "GBK read as Latin-1"),
        (MOJIBAKE.encode("gbk").decode("cp1252", "replace"), True, "GBK read as Windows-1252"),
        (MOJIBAKE.encode().decode("latin-1"), True, "UTF-8 read as Latin-1"),
        (MOJIBAKE.encode().decode("latin-1").encode().decode("latin-1"), True, "and once more"),
        (MOJIBAKE.replace("，", "锟斤拷"), True, "U+FFFD in UTF-8 read as GBK"),
        ("窖(jiào)池温度(dù)每班記錄。", True, "readings in brackets"),
        (
            text_of(60).replace(text_of(60)[9::10], "?") + "?".join(text_of(14)),
            True,
            "question marks instead of all stops",
        ),
        (MOJIBAKE, False, "as it should be"),
        ("温度高吗?记录了吗?班长来了,看过了。", False, "short questions with half-width marks"),
        ("循环神经网络(RNN)与卷积网络（CNN）", False, "abbreviations in brackets"),
        ("René·笛卡尔与Müller、Grüße、El Niño，误差±5℃", False, "foreign names, signs"),
        ("一轮明月照，青烟烘烘，细雨涓涓。", False, "a rare character doubled"),
        ("王锟、李绾签字。", False, "rare characters in names"),
        ("宽×高=3×4，90°±2°，§3", False, "signs of Latin-1 in measures"),
    ],
)
def test_mojibake(text: str, broken: bool, why: str) -> None:
    out = SCORE(Normalise().open()(batch([text])).select(["id", "text"]))
    assert (out["quality"][0]["mojibake_share"].as_py() > 0.02) == broken, why


def test_promises() -> None:
    check_promises(BOUNDED, [text for text, *_ in CASES] + ["", text_of(100), MOJIBAKE])


@settings(deadline=None)
@given(st.lists(st.text(max_size=40), min_size=1, max_size=4))
def test_shares_and_score_lie_between_0_and_1(texts: list[str]) -> None:
    out = SCORE(batch(texts))
    assert out.schema.field("quality").type == QUALITY
    for row in out["quality"].to_pylist():
        assert all(0 <= value <= 1 for value in row.values())


def test_score_falls_as_a_text_gets_worse() -> None:
    good = text_of(200)
    for bad in ("1", "，", " ", "\ufffd", "a"):
        texts = [good + bad * n for n in (0, 10, 60, 200, 900)]
        scores = [row["score"] for row in SCORE(batch(texts))["quality"].to_pylist()]
        assert scores == sorted(scores, reverse=True)
        assert scores[0] == 1 > scores[-1]


@pytest.mark.parametrize(
    ("parameters", "why"),
    [
        ({"chars": {"least": 10, "most": 5}}, "no record could pass"),
        ({"han_share": {"most": 0.5}}, "there is no reason for too much Han"),
        ({"digit_share": {"least": 0.5}}, "nor for too few digits"),
        ({"digit_share": {"most": 30}}, "a share is not a percentage"),
        ({"digits": {"most": 0.3}}, "no such field"),
    ],
)
def test_wrong_parameters(parameters: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError):
        Quality(**parameters)


def survivors(texts: list[str]) -> list[str | None]:
    """The reason of each text in normalise, language and quality with the recommended bounds."""
    out = batch(texts)
    found: list[str | None] = [None] * len(texts)
    for stage in (Normalise(), Language(), BOUNDED):
        out = stage.open()(out)
        found = [old or new for old, new in zip(found, reasons(out), strict=True)]
        out = out.drop_columns(["dropped"])
    return found


def test_nasty_files(shared: Path) -> None:
    expected: dict[str, set[str | None]] = {
        "mojibake-utf8-as-gbk.txt": {"mojibake", "replacement_characters"},
        "mojibake-gbk-as-latin1.txt": {"mojibake", "other_language"},
        "mojibake-double-utf8.txt": {"mojibake", "other_language"},
        "replacement-chars.txt": {"replacement_characters"},
        "repeat-one-char.txt": {"repeated_text"},
        "repeat-one-sentence.txt": {"duplicate_lines"},
        "digits-table.txt": {"language_unsure", "many_digits"},
        "half-width-ocr.txt": {"many_spaces"},
        "pinyin-annotated-traditional.txt": {"mojibake"},
        "control-chars.txt": {None},
        "null-bytes.txt": {None},
    }
    folder = shared / "data" / "nasty" / "crafted"
    texts = [(folder / name).read_bytes().decode() for name in expected]
    for name, reason in zip(expected, survivors(texts), strict=True):
        assert reason in expected[name], name
    alone = batch(texts[:3])
    assert reasons(BOUNDED.open()(alone))[1:] == ["mojibake", "mojibake"]  # also where the language stage is left out


def test_statutes_survive_and_none_looks_broken(shared: Path) -> None:
    folder = shared / "data" / "corpora" / "laws"
    texts = [f.read_bytes().decode() for f in sorted(folder.glob("*/*"))]
    assert len(texts) == 1_470
    found = survivors(texts)
    assert found.count(None) / len(found) >= 0.97
    assert "mojibake" not in found
    assert "replacement_characters" not in found


def test_a_slice_of_a_large_batch_reads_its_own_rows_only() -> None:
    whole = batch([text_of(50), "1" * 50, text_of(50)])
    out = SCORE(whole.slice(1, 1))
    assert out["quality"][0]["digit_share"].as_py() == 1
    assert pa.array(out["id"]).to_pylist() == ["r1"]
