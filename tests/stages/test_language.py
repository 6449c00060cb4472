"""Language: what scripts settle, what the detector is asked, real sentences."""

from __future__ import annotations

import unicodedata
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pycld2
import pytest
from pydantic import ValidationError

from curate.stages.detect import DETECTORS, UNRELIABLE, Detector
from curate.stages.language import Language, Scripts
from curate.stages.repair import Repair

from .rows import batch, check_promises, reasons

ALL = Language().open()
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
    ("Boux vunz youq ndaw ranz cienz laeuj, haet neix miz sam boux daeuj guh hong.", "za", "Latn", None, "Zhuang"),
    ("ئىشچىلار ئەتىگەندە كېلىپ ھاراق زاۋۇتىدا ئىشلەيدۇ.", "ug", "Arab", None, "Uyghur"),
    ("جۇمىسشىلار بۇگىن تاڭەرتەڭ زاۋىتقا كەلىپ جۇمىس ىستەدى", "kk", "Arab", None, "Kazakh in China"),
    ("Ажилчид өглөө үйлдвэрт ирж ажлаа эхэлсэн байна.", "mn", "Cyrl", None, "Mongolian in Cyrillic"),
    ("Жұмысшылар бүгін таңертең зауытқа келіп, жұмысын бастады.", "kk", "Cyrl", None, "Kazakh in Cyrillic"),
    ("本窖池三月入窖 open the cellar at eight", "zh", "Hani", 7 / 12, "mixed: 7 Han, 20 Latin letters at a quarter"),
    ("班長 open the cellar at eight in the morning, please", "en", "Latn", None, "mixed: Latin leads"),
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


@pytest.mark.parametrize(
    "stage",
    [
        Language(),
        Language(detector="langdetect"),
        Language(keep=("ja", "en"), least=0.9, ask="kept"),
    ],
)
def test_promises(stage: Language) -> None:
    check_promises(stage, [text for text, *_ in CASES])


@pytest.mark.parametrize(
    ("text", "parameters", "reason", "value", "why"),
    [
        ("本窖池三月入窖", {}, None, None, "kept and sure"),
        ("水温abcd", {}, None, None, "two thirds is enough"),
        ("水温abcd", {"least": 0.7}, "language_unsure", 2 / 3, "a kept language, its score under least"),
        ("2026", {}, "no_letters", 0, "nothing to go by"),
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

    monkeypatch.setitem(DETECTORS, "pycld2", spy)
    texts = [
        "本窖池三月入窖 and so on",
        "술을 빚는 날",
        "only Latin (1) letters",
        KANA_7_PERCENT,
        "café, 酒",
        KANA_2_PERCENT,
    ]
    out = Language(ask="kept").open()(batch(texts))
    assert asked == [(KANA_7_PERCENT, ("zh", "ja"))]
    assert out["lang"].to_pylist() == ["zh", "ko", "und", "zh", "zh", "zh"]
    asked.clear()
    Language(keep=("en",), ask="kept").open()(batch([texts[2] + " 酒", "a" * 5_000]))
    assert [text for text, _ in asked] == ["only Latin letters", "a" * 1_000]
    assert "zh" not in asked[0][1]


def test_unknown_language_is_an_error() -> None:
    with pytest.raises(ValidationError, match="zh-Hans"):
        Language(keep=("zh-Hans",))
    with pytest.raises(ValidationError):
        Language(keep=())
    with pytest.raises(ValidationError, match="langdetect tells no such language apart: ug"):
        Language(keep=("zh", "ug"), detector="langdetect")
    assert Language(keep=("zh", "ug", "bo"))


DETECTED: list[tuple[Detector, str, str, str, str]] = [
    ("pycld2", "The cellar is opened in spring", "en fr", "en", "sure"),
    ("pycld2", "The cellar is opened in spring", "fr de", "und", "never what is no candidate"),
    ("pycld2", KANA_7_PERCENT, "zh ja", "zh", "between Chinese and Japanese"),
    ("pycld2", "酒窖溫度記錄表與班長簽字" * 4 + "のはに", "zh ja", "zh", "traditional Chinese is Chinese"),
    ("pycld2", "היין נמצא במרתף והפועלים כותבים את הטמפרטורה", "he yi", "he", "iw is an old code of he"),
    ("pycld2", "", "zh ja", "und", "nothing"),
    ("langdetect", "The cellar is opened in spring", "en fr", "en", "sure"),
    ("langdetect", "", "en fr", "und", "nothing"),
    ("langdetect", KANA_7_PERCENT, "zh ja", "zh", "two profiles of Chinese are one"),
]


@pytest.mark.parametrize(("detector", "text", "candidates", "lang", "why"), DETECTED)
def test_detectors(detector: Detector, text: str, candidates: str, lang: str, why: str) -> None:
    found = DETECTORS[detector](text, tuple(candidates.split()))
    assert found[0] == lang, why
    assert (0 < found[1] <= 1) == (lang != "und"), why
    assert all(DETECTORS[detector](text, tuple(candidates.split())) == found for _ in range(3)), (
        "always the same answer"
    )


def test_pycld2_is_half_as_sure_where_it_must_guess() -> None:
    lang, probability = DETECTORS["pycld2"]("abcd", ("en",))
    assert lang == "en"
    assert probability <= UNRELIABLE


def test_pycld2_refuses_no_letter() -> None:
    letters = np.flatnonzero(Scripts.load("pycld2").table)
    for start in range(0, len(letters), 500):
        DETECTORS["pycld2"]("".join(map(chr, letters[start : start + 500])), ("en",))


@pytest.mark.parametrize("detector", DETECTORS)
def test_only_what_a_detector_knows_is_asked_of_it(detector: Detector) -> None:
    if detector == "pycld2":
        names = {"he": "iw", "jv": "jw"}
        known = {code for name, code in pycld2.LANGUAGES if name in {n.upper() for n in pycld2.DETECTED_LANGUAGES}}
    else:
        names = {"zh": "zh-cn"}
        known = {file.name for file in (files("langdetect") / "profiles").iterdir()}
    scripts = Scripts.load(detector)
    open_to_it = [languages for languages in scripts.written if len(languages) > 1]
    assert len(open_to_it) >= 4
    for languages in open_to_it:
        assert {names.get(lang, lang) for lang in languages} <= known


def test_the_script_table_agrees_with_character_names() -> None:
    scripts = Scripts.load("pycld2")
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
    "zh": 1, "ja": 1, "ko": 0.995, "en": 0.995, "fr": 0.95, "vi": 0.99, "ru": 0.9, "de": 0.98, "uk": 0.98, "th": 0.98, "mn": 0.99,
    "kk": 0.99, "ar": 0.99, "bn": 0.99,
}  # fmt: skip


def sentences(shared: Path) -> dict[str, list[str]]:
    """The sentences of 75 languages."""
    found = sorted((shared / "data" / "langid-dev" / "lingua").glob("*/sentences.txt"))
    return {file.parent.name: [line for line in file.read_text("utf-8").splitlines() if line.strip()] for file in found}


def test_real_sentences(shared: Path) -> None:
    """Who is Chinese among 75 languages, and that the others get their names."""
    right = wrong = missed = 0
    for lang, lines in sentences(shared).items():
        out = ALL(batch(lines))
        found = out["lang"].to_pylist()
        kept = len(lines) - sum(1 for reason in reasons(out) if reason)
        if lang == "zh":
            right, missed = kept, len(lines) - kept
        else:
            wrong += found.count("zh") + kept
        assert found.count(lang) / len(lines) >= LEAST_RIGHT.get(lang, 0), lang
    assert right / (right + wrong) >= 0.995
    assert right / (right + missed) >= 0.995


@pytest.mark.parametrize("lang", ["en", "fr", "ru", "vi"])
def test_real_sentences_by_langdetect(shared: Path, lang: str) -> None:
    lines = sentences(shared)[lang][:60]  # it is slow
    found = Language(detector="langdetect").open()(batch(lines))["lang"].to_pylist()
    assert found.count(lang) / len(found) >= 0.9


def test_statutes_are_chinese(shared: Path) -> None:
    laws = sorted((shared / "data" / "corpora" / "laws").glob("*/*.*"))
    out = ALL(batch([file.read_text("utf-8") for file in laws]))
    assert len(laws) > 1_000
    assert out["lang"].to_pylist().count("zh") / len(laws) >= 0.995
    assert out["dropped"].null_count / len(laws) >= 0.995


@pytest.mark.parametrize(("simplify", "script"), [(True, ["Hant", "Hans"]), (False, ["Hant", "Hans"])])
def test_the_script_a_text_came_in_stays_when_repair_simplifies_it(simplify: bool, script: list[str]) -> None:
    texts = batch(["這是繁體中文寫成的記錄，內容與說明書無關。", "这是简体中文写成的记录，内容与说明书无关。"])
    done = Language().open()(Repair(simplify=simplify).open()(texts).drop_columns(["dropped"]))
    assert done["script"].to_pylist() == script
    assert ("繁體" in done["text"][0].as_py()) is not simplify
