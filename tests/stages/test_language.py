"""Language: what scripts settle, what the detector is asked, real sentences."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from curate.stages import detect
from curate.stages.language import Language, Scripts

from .rows import batch, check_promises, reasons

ALL = Language(ask="all").open()
KANA_7_PERCENT = "酒窖温度记录表第一班次" * 4 + "のはに"
KANA_2_PERCENT = "酒窖温度记录表第一班次" * 4 + "の"

CASES: list[tuple[str, str, str, float | None, str]] = [
    ("本窖池三月入窖，班长签字。", "zh", "Hans", 1, "one-sided characters: simplified"),
    ("本窖池三月入窖，班長簽字。", "zh", "Hant", 1, "one-sided characters: traditional"),
    ("大曲入池十日", "zh", "Hani", 1, "no one-sided character"),
    ("长長", "zh", "Hani", 1, "as many of each"),
    ("二〇二六年", "zh", "Hani", 1, "〇 is a Han numeral"),
    ("𠮷𠀋", "zh", "Hani", 1, "Han of four bytes"),
    ("水池abcd", "zh", "Hani", 2 / 3, "four Latin letters weigh as one Han character"),
    ("水温 the room is warm today", "en", "Latn", None, "Latin leads"),
    ("蔵では今日も酒を造ります", "ja", "Jpan", 1, "kana make it Japanese"),
    ("ラーメン", "ja", "Jpan", 1, "kana alone; the length mark belongs to no script"),
    ("술을 빚는 날 오전", "ko", "Hang", 1, "Hangul"),
    ("བོད་ཡིག", "bo", "Tibt", 1, "Tibetan"),
    ("ᠮᠣᠩᠭᠣᠯ", "mn", "Mong", 1, "Mongolian"),
    ("ꆈꌠꁱꂷ", "ii", "Yiii", 1, "Yi"),
    ("𖼀𖽪𖼁𖽪", "hmd", "Plrd", 1, "Pollard script"),
    ("The cellar is opened in spring and the workers write it down.", "en", "Latn", None, "English"),
    ("Сегодня в погребе открыли новую бочку.", "ru", "Cyrl", None, "Russian"),
    ("Hầm rượu được mở vào mùa xuân.", "vi", "Latn", None, "Vietnamese"),
    (KANA_7_PERCENT, "zh", "Hans", None, "few kana: the detector chooses between Chinese and Japanese"),
    ("Ꞛ", "und", "Latn", 0, "the detector knows none of its n-grams"),
    ("ⴰⵣⵓⵍ", "und", "Zzzz", 0, "a script whose languages are not told apart"),
    ("", "und", "Zyyy", 0, "nothing"),
    ("2026-03-01 12:00 ½ ②", "und", "Zyyy", 0, "no letter"),
]


@pytest.mark.parametrize(("text", "lang", "script", "score", "why"), CASES)
def test_cases(text: str, lang: str, script: str, score: float | None, why: str) -> None:
    row = ALL(batch([text])).to_pylist()[0]
    assert (row["lang"], row["script"]) == (lang, script), why
    if score is not None:
        assert row["lang_score"] == pytest.approx(score), why
    assert 0 <= row["lang_score"] <= 1


@pytest.mark.parametrize("stage", [Language(), Language(ask="all"), Language(keep=("ja", "en"), least=0.9)])
def test_promises(stage: Language) -> None:
    check_promises(stage, [text for text, *_ in CASES])


@pytest.mark.parametrize(
    ("text", "parameters", "reason", "value", "why"),
    [
        ("本窖池三月入窖", {}, None, None, "kept and sure"),
        ("水温abcd", {}, None, None, "two thirds is enough"),
        ("水温abcd", {"least": 0.7}, "language_unsure", 2 / 3, "a kept language, its score under least"),
        ("2026", {}, "language_unsure", 0, "nothing to go by"),
        ("2026", {"least": 0.0}, "other_language", 0, "even where nothing is asked of the score, und is not kept"),
        ("水温abcdefghijkl", {}, "other_language", 2 / 5, "value: the share of Han"),
        ("술을 빚는 날", {}, "other_language", 0, "nothing of it is Chinese"),
        ("술을 빚는 날", {"keep": ("zh", "ko")}, None, None, "two languages are kept"),
        (
            "The cellar is opened in spring and the workers write it down.",
            {"keep": ("en",)},
            None,
            None,
            "asked and kept",
        ),
        (
            "Le chai est ouvert au printemps et les ouvriers le notent.",
            {"keep": ("en",)},
            "other_language",
            0,
            "asked, not kept",
        ),
    ],
)
def test_reasons(text: str, parameters: dict[str, Any], reason: str | None, value: float | None, why: str) -> None:
    stage = Language(**parameters)
    out = stage.open()(batch([text]))
    assert reasons(out) == [reason], why
    if reason:
        assert out["dropped"][0]["value"].as_py() == pytest.approx(value)
        assert out["dropped"][0]["threshold"].as_py() == stage.least


def test_the_detector_is_asked_only_what_may_be_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, tuple[str, ...]]] = []

    def spy(text: str, candidates: tuple[str, ...]) -> tuple[str, float]:
        asked.append((text, candidates))
        return candidates[0], 0.9

    monkeypatch.setattr(detect, "detect", spy)
    texts = [
        "本窖池三月入窖 and so on",
        "술을 빚는 날",
        "only Latin (1) letters",
        KANA_7_PERCENT,
        "café, 酒",
        KANA_2_PERCENT,
    ]
    out = Language().open()(batch(texts))
    assert asked == [(KANA_7_PERCENT, ("zh", "ja"))]
    assert out["lang"].to_pylist() == ["zh", "ko", "und", "zh", "zh", "zh"]
    asked.clear()
    Language(keep=("en",)).open()(batch([texts[2] + " 酒", "a" * 5_000]))
    assert [text for text, _ in asked] == ["only Latin letters", "a" * 1_000]
    assert "zh" not in asked[0][1]


def test_unknown_language_is_an_error() -> None:
    with pytest.raises(ValidationError, match="zh-Hans"):
        Language(keep=("zh-Hans",))
    with pytest.raises(ValidationError):
        Language(keep=())


def test_the_script_table_agrees_with_character_names() -> None:
    scripts = Scripts.load()
    names = {"CJK UNIFIED IDEOGRAPH": {"Hani", "Hans", "Hant"}, "HIRAGANA LETTER": {"Kana"}, "KATAKANA LETTER": {"Kana"},
             "HANGUL SYLLABLE": {"Hang"}, "TIBETAN LETTER": {"Tibt"}, "YI SYLLABLE": {"Yiii"}, "LATIN SMALL LETTER": {"Latn"},
             "CYRILLIC CAPITAL LETTER": {"Cyrl"}, "COMBINING GRAVE ACCENT": {"Zinh"}, "DIGIT": {"Zyyy"}}  # fmt: skip
    seen = set()
    for point in range(0x110000):
        name = unicodedata.name(chr(point), "")
        for start, codes in names.items():
            if name.startswith(start):
                seen.add(start)
                assert scripts.codes[scripts.table[point]] in codes, name
    assert seen == set(names)
    for c, code in {
        "国": "Hans",
        "國": "Hant",
        "酒": "Hani",
        "后": "Hani",
        "後": "Hant",
        "乾": "Hani",
        "台": "Hani",
        "臺": "Hant",
    }.items():
        assert scripts.codes[scripts.table[ord(c)]] == code, c


LEAST_RIGHT = {
    "zh": 0.98,
    "ja": 0.98,
    "ko": 0.98,
    "en": 0.95,
    "fr": 0.95,
    "vi": 0.95,
    "ru": 0.9,
    "de": 0.95,
    "uk": 0.9,
    "th": 0.98,
}


@pytest.mark.parametrize("lang", LEAST_RIGHT)
def test_real_sentences(shared: Path, lang: str) -> None:
    file = shared / "data" / "langid-dev" / "lingua" / lang / "sentences.txt"
    lines = [line for line in file.read_text("utf-8").splitlines() if line.strip()]
    some = lines if lang in ("zh", "ja", "ko") else lines[:60]  # the detector is slow
    out = ALL(batch(some))
    found = out["lang"].to_pylist()
    assert found.count(lang) / len(found) >= LEAST_RIGHT[lang]
    if lang == "zh":
        assert out["dropped"].null_count / len(found) >= 0.98
    else:
        assert "zh" not in found or lang == "ja"
        assert found.count("zh") / len(found) <= 0.02
