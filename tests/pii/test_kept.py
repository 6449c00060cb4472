"""Professional numbers: what pattern an example gives, which patterns are refused, and that only such numbers stay."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.config import Document, validate
from curate.errors import ConfigError
from curate.industry import Profile, builtin_profiles
from curate.pii import ENTITIES, data
from curate.pii.kept import Cover, check, pattern_of
from curate.pii.normal import normal
from curate.pii.recogniser import ChineseRecognizer
from curate.pii.rules import rules

from .values import CARD, ID, MOBILE

DERIVED: list[tuple[str, str, bool, str]] = [
    ("53%vol", "酒精度42%vol。", True, "other digits"),
    ("53%vol", "53％ｖｏｌ", True, "full width in the text"),
    ("５３％ｖｏｌ", "53%vol", True, "full width in the example"),
    ("53%vol", "153%vol", False, "a digit more before it"),
    ("53%vol", "53%volt", False, "a letter more behind it"),
    ("耳标 152040100012345", "耳标：152040100067890", True, "a colon for the space behind Han"),
    ("耳标 152040100012345", "耳标152040100067890", True, "no space at all"),
    ("耳标：152040100012345", "耳标 152040100067890", True, "a space for the colon"),
    ("耳标 152040100012345", "耳标   152040100067890", False, "three spaces"),
    ("耳标 152040100012345", "耳标 15204010001234", False, "a digit less"),
    ("UN 1005", "UN1203", True, "no space behind letters"),
    ("UN 1005", "UN:1203", False, "a colon behind letters announces nothing"),
    ("01:12:36:08", "00:59:59:24", True, "a time code"),
    ("01:12:36:08", "00595924", False, "its colons are literal"),
    ("某府办发〔2024〕12号", "某府办发〔2025〕34号", True, "brackets as they are"),
    ("Q=730 m3/s", "q=730 m3/s", False, "letters as they are"),
    ("a.b+c 1", "axbbc 1", False, "signs of regular expressions are plain signs"),
]


@pytest.mark.parametrize(("example", "text", "expected", "why"), DERIVED)
def test_patterns_of_examples(example: str, text: str, expected: bool, why: str) -> None:
    assert bool(re.search(pattern_of(example), normal(text))) is expected, why


@given(st.text(min_size=1))
def test_a_pattern_matches_its_example(example: str) -> None:
    assert re.fullmatch(pattern_of(example), normal(example))


REFUSED: list[tuple[str, str, str, str]] = [
    (r"[0-9]{11}", "", "CN_MOBILE", "a bare mobile number"),
    (r"13[0-9]{9}", "", "CN_MOBILE", "some bare mobile numbers"),
    (r"1[3-9][0-9]-[0-9]{4}-[0-9]{4}", "", "CN_MOBILE", "one in groups"),
    (r"[0-9]{17}[0-9X]", "", "CN_ID_CARD", "a bare identity card"),
    (r"52[0-9]{16}", "", "CN_ID_CARD", "those of one province"),
    (r"[1-9][0-9]{14}", "", "CN_ID_CARD", "the old ones"),
    (r"[0-9]{8}", "", "CN_LANDLINE", "a local number"),
    (r"6[0-9]{7}", "", "CN_LANDLINE", "some local numbers"),
    (r"[0-9]{16}", "", "BANK_CARD", "a bare card number"),
    (r"[\u4e00-\u9fff][A-Z][0-9]{5}", "", "CN_PLATE", "a number plate"),
    (r"\S+", "", "CN_MOBILE", "everything"),
    (r"手机 ?[0-9]+", "", "CN_MOBILE", "behind the word that announces one"),
    (r"号[ :]?[0-9]{11}", "", "CN_MOBILE", "the end of such a word"),
    (r"身份证号码[ :]{0,2}[0-9A-Z]+", "", "CN_ID_CARD", "the same of identity cards"),
    (r"批号.*", "批号 12", "CN_MOBILE", "what stands behind the number too"),
    (r"批号[ ,0-9]+", "批号 12", "CN_MOBILE", "a list of numbers"),
    (r".*吨", "12吨", "CN_MOBILE", "what stands before it"),
    (r"联系我们[ ][0-9]{11}", f"联系我们 {MOBILE}", "CN_MOBILE", "a word in it announces a mobile number"),
]


@pytest.mark.parametrize(("pattern", "example", "entity", "why"), REFUSED)
def test_wide_patterns_are_refused(pattern: str, example: str, entity: str, why: str) -> None:
    with pytest.raises(ValueError) as caught:
        check(pattern, example)
    assert str(caught.value) == f"would leave personal data as they are: {entity}", why


ACCEPTED = [
    (r"批号[ :]{0,2}[0-9]{11}(?![0-9])", "批号 17470001234"),
    (r"耳标[ :]{0,2}[0-9]{15}(?![0-9])", "耳标 152040100012345"),
    (r"[A-Z]{2}[0-9]{8}-[0-9]{4}", "YD20240316-0087"),
]


@pytest.mark.parametrize(("pattern", "example"), ACCEPTED)
def test_narrow_patterns_pass(pattern: str, example: str) -> None:
    assert check(pattern, example) == pattern


def profile(**kept: str) -> Profile:
    section = {"name": "mine", "title": "我的", "keep": [{"name": "编号", **kept}]}
    return validate(Profile, Document("mine.yaml", {"industry": section}, {}), at=("industry",), data=section)


MISTAKES: list[tuple[dict[str, str], str]] = [
    ({"example": MOBILE}, r"industry\.keep\[0\]\.example: would leave personal data as they are: CN_MOBILE"),
    ({"example": f"手机 {MOBILE}"}, r"industry\.keep\[0\]\.example: would leave personal data as they are: CN_MOBILE"),
    ({"example": ID}, r"industry\.keep\[0\]\.example: would leave personal data as they are: CN_ID_CARD"),
    ({"example": "1", "pattern": "[0-9]+"}, r"industry\.keep\[0\]\.pattern: would leave personal data as they are"),
    ({"example": "1", "pattern": "["}, r"industry\.keep\[0\]\.pattern: no regular expression"),
    ({"example": "乙1", "pattern": "甲[0-9]"}, r"industry\.keep\[0\]\.example: the pattern does not match the example"),
    (
        {"example": "甲12", "pattern": "甲[0-9]"},
        r"industry\.keep\[0\]\.example: the pattern does not match the example",
    ),
    ({"example": ""}, r"industry\.keep\[0\]\.example: string should have at least 1 character"),
]


@pytest.mark.parametrize(("kept", "message"), MISTAKES)
def test_mistakes_name_their_field(kept: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        profile(**kept)


def test_a_pattern_takes_the_place_of_the_example() -> None:
    (kept,) = profile(example="甲12", pattern="甲[0-9]{1,4}").keep
    assert kept.regex == "甲[0-9]{1,4}"
    (kept,) = profile(example="甲12").keep
    assert kept.regex == pattern_of("甲12")


spans = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)).map(lambda s: (min(s), max(s))), max_size=8)


@given(spans, st.integers(0, 30), st.integers(0, 5))
def test_cover(some: list[tuple[int, int]], start: int, size: int) -> None:
    found = Cover(some).around(start, start + size)
    holding = [span for span in some if span[0] <= start and start + size <= span[1]]
    assert (found in holding) if holding else (found is None)


EAR = pattern_of("耳标 152040100012345")
OLD_ID = "110199850607123"
RUN: list[tuple[tuple[str, ...], str, list[str], str]] = [
    ((), f"证号：耳标 {OLD_ID}", [OLD_ID], "no pattern: found"),
    ((EAR,), f"证号：耳标 {OLD_ID}", [], "kept"),
    ((EAR,), f"证号：耳标 {OLD_ID}，证号：{OLD_ID}", [OLD_ID], "the same digits elsewhere are not"),
    ((EAR,), f"耳标 {OLD_ID} {MOBILE}", [MOBILE], "a neighbour is not"),
    (("批号[0-9]{18}",), f"批号{ID}", [ID], "an identity card is found whatever it is called"),
    (("批号[0-9]{18}",), f"批号{ID}，{MOBILE}", [ID, MOBILE], "beside a find that could be kept too"),
    (("邮箱[a-z@.]+",), "邮箱a@example.com", ["a@example.com"], "an e-mail address too"),
    (("[0-9]{5}热线",), "174 700 01234热线", ["174 700 01234"], "a number that only reaches into one"),
    (("运单[0-9]{11}",), f"手机：运单{MOBILE}", [], "a word before the kept number's own"),
    (("运单手机[0-9]{11}",), f"运单手机{MOBILE}", [MOBILE], "the kept number's own word announces it"),
    (("[0-9]{11}吨",), f"手机：{MOBILE}吨", [MOBILE], "nothing between the word and the find"),
    (("[0-9]{11}吨",), f"共计{MOBILE}吨", [], "no word before it"),
    (("卡[0-9]{16}",), f"卡{CARD}", [], "a card number without a word, in one"),
]


@pytest.mark.parametrize(("kept", "text", "expected", "why"), RUN)
def test_what_is_found_beside_kept_numbers(kept: tuple[str, ...], text: str, expected: list[str], why: str) -> None:
    assert [text[hit.start : hit.end] for hit in ChineseRecognizer(kept=kept).hits(text)] == expected, why


KEPT = [(name, kept.name, kept.example) for name, profile in builtin_profiles().items() for kept in profile.keep]
SENTENCES = [
    "当班记录填写{example}，值班人手机{mobile}，身份证号{id}。",
    "身份证{id}持有人填报：{example}；联系电话{mobile}。",
    "{mobile} {example} {id}",
]


@pytest.mark.parametrize(("industry", "name", "example"), KEPT)
def test_each_industrys_examples_survive_and_personal_data_do_not(industry: str, name: str, example: str) -> None:
    patterns = tuple(kept.regex for kept in builtin_profiles()[industry].keep)
    for least in (0.5, 0.1):
        recognizer = ChineseRecognizer(least, patterns)
        for sentence in SENTENCES:
            text = sentence.format(example=example, mobile=MOBILE, id=ID)
            found = {text[hit.start : hit.end] for hit in recognizer.hits(text)}
            assert found == {MOBILE, ID}, (name, least, sentence)


def test_all_industries_keep_some() -> None:
    assert len(builtin_profiles()) == 24
    assert all(len(profile.keep) >= 3 for profile in builtin_profiles().values())


@pytest.mark.parametrize(("industry", "name", "least"), [("water", "测站编码", 0.1), ("city", "部件编码", 0.1)])
def test_examples_that_would_be_taken_for_personal_data(industry: str, name: str, least: float) -> None:
    profile = builtin_profiles()[industry]
    example = next(kept.example for kept in profile.keep if kept.name == name)
    assert ChineseRecognizer(least).hits(example), "else this shows nothing"
    assert not ChineseRecognizer(least, tuple(kept.regex for kept in profile.keep)).hits(example)


def test_samples_are_of_all_entities_and_look_like_them() -> None:
    samples = data.rows("samples")
    assert {entity for entity, _ in samples} == set(ENTITIES)
    for entity, form in samples:
        plain = normal(form)
        patterns = [pattern for rule in rules() if rule.row.entity == entity for pattern in rule.patterns]
        assert any(pattern.fullmatch(plain) for pattern in patterns), (entity, form)
