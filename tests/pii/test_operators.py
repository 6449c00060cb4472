"""Operators: what each makes of a value, and that Presidio's engine makes the same of a text as splicing does."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from presidio_anonymizer.entities import InvalidParamError
from pydantic import TypeAdapter, ValidationError

from curate.config import Strict
from curate.errors import DomainError
from curate.pii import DECLARED, ENTITIES, specs
from curate.pii.clean import Cleaner
from curate.pii.keys import load_key, make_key
from curate.pii.operators import OPERATORS, Operators, anonymizer_engine, config
from curate.pii.pseudonyms import TOKEN
from curate.pii.recogniser import ChineseRecognizer
from curate.pii.rules import labels
from curate.pii.specs import Generalise, Keep, Mask, Pseudonym, Redact, Surrogate, Vault, key_names
from curate.pii.vault import restore

from .test_surrogates import REAL, fakes
from .values import CARD, ID, ID_X, MOBILE, USCC, parted


def applied(spec: Strict, entity: str, text: str) -> str:
    setting = config(entity, spec)
    return str(OPERATORS[setting.operator_name]().operate(text=text, params=setting.params))


CASES = [
    (Keep(), "CN_USCC", USCC, USCC, "left as it is"),
    (Redact(), "CN_MOBILE", MOBILE, "<手机号>", "our name for it"),
    (Redact(), "STAFF_NO", "A-17", "<STAFF_NO>", "a name of the catalog's"),
    (Mask(), "CN_MOBILE", MOBILE, "***********", "all of it"),
    (Mask(keep_head=3, keep_tail=4), "CN_MOBILE", MOBILE, "174****1234", "the usual form"),
    (Mask(keep_tail=4, char="×"), "BANK_CARD", CARD, "×" * 12 + CARD[-4:], "another sign"),
    (Mask(keep_head=1), "PERSON", "张三", "张*", "a short name"),
    (Mask(keep_head=1), "PERSON", "张", "*", "nothing would be masked"),
    (Mask(keep_head=3, keep_tail=4), "CN_MOBILE", "85000000", "********", "an eighth would be masked: too little"),
    (Mask(keep_head=9, keep_tail=9), "CN_MOBILE", MOBILE, "***********", "less than nothing would be masked"),
    (Mask(keep_head=1), "PERSON", "", "", "nothing"),
    (Generalise(), "CN_ID_CARD", ID, "<身份证号 北京市 1990年>", "18 digits"),
    (Generalise(), "CN_ID_CARD", ID_X.lower(), "<身份证号 北京市 1985年>", "X in lower case"),
    (Generalise(), "CN_ID_CARD", f"{ID[:6]} {ID[6:14]}-{ID[14:]}", "<身份证号 北京市 1990年>", "in groups"),
    (Generalise(), "CN_ID_CARD", "520199850607123", "<身份证号 贵州省 1985年>", "15 digits"),
    (Generalise(), "CN_ID_CARD", "12345", "<身份证号>", "no ID number"),
    (Generalise(), "CN_ID_CARD", "520199859907123", "<身份证号>", "no date"),
    (Generalise(), "CN_ID_CARD", ID[:17] + ("0" if ID[17] != "0" else "1"), "<身份证号>", "a wrong check digit"),
    (Generalise(), "AGE", "37岁", "<年龄 30-39岁>", "ten years"),
    (Generalise(years=5), "AGE", "37", "<年龄 35-39岁>", "five years"),
    (Generalise(years=5), "AGE", "89岁", "<年龄 85-89岁>", "the last band but one"),
    (Generalise(years=5), "AGE", "90周岁", "<年龄 90岁以上>", "the last"),
    (Generalise(), "AGE", "１０３", "<年龄 90岁以上>", "full width"),
    (Generalise(), "AGE", "0", "<年龄 0-9岁>", "the first"),
    (Generalise(), "AGE", "不详", "<年龄>", "no age"),
    (Generalise(), "BIRTH_DATE", "1990年5月3日", "<出生日期 1990年(5月)>", "the month"),
    (Generalise(date="year"), "BIRTH_DATE", "1990-05-03", "<出生日期 1990年>", "the year"),
    (Generalise(), "BIRTH_DATE", "一九九〇年十二月", "<出生日期 1990年(12月)>", "Han figures"),
    (Generalise(), "BIRTH_DATE", "1990-13-03", "<出生日期>", "no date"),
    (Generalise(), "GPS", "26.581234,106.713421", "<坐标 26.58,106.71>", "two decimals, cut and not rounded"),
    (Generalise(), "GPS", "26.581234 106.713421", "<坐标 26.58,106.71>", "a blank between"),
    (Generalise(), "GPS", "东经106度", "<坐标>", "another way to write it"),
    (Generalise(), "CN_POSTCODE", "550001", "<邮编 55****>", "the province"),
    (Generalise(), "IP_ADDRESS", "203.0.113.77", "<IP地址 203.0.113.*>", "the network of 256"),
    (Generalise(), "IP_ADDRESS", "2001:db8:1:2::7", "<IP地址 2001:0db8:0001:*>", "the network of a site"),
    (Generalise(), "IP_ADDRESS", "203.0.113", "<IP地址>", "no address"),
    (Generalise(), "ADDRESS", "贵州省贵阳市 云杉路８号", "贵州省贵阳市<地址>", "the city"),
    (Generalise(), "ADDRESS", "云杉路8号", "<地址>", "no city"),
    (Generalise(), "PERSON", "张三", "<姓名>", "nothing less exact"),
]


@pytest.mark.parametrize(("spec", "entity", "text", "expected", "why"), CASES)
def test_table(spec: Strict, entity: str, text: str, expected: str, why: str) -> None:
    assert applied(spec, entity, text) == expected, why


@pytest.mark.parametrize("char", ["0", "a", "-", " ", "**", ""])
def test_mask_takes_no_sign_that_could_be_read_as_a_value(char: str) -> None:
    with pytest.raises(ValidationError):
        Mask.model_validate({"char": char})


PLAN: dict[str, Strict] = {
    "BANK_CARD": Mask(keep_tail=4),
    "CN_ID_CARD": Generalise(),
    "CN_LANDLINE": Redact(),
    "CN_MOBILE": Mask(keep_head=3, keep_tail=4),
    "CN_PLATE": Mask(keep_head=2),
    "CN_USCC": Keep(),
    "EMAIL_ADDRESS": Redact(),
    "PUBLIC_PHONE": Keep(),
}
ENGINE = anonymizer_engine()
OF_PLAN = Operators(PLAN, Path())
CLEANER = Cleaner(OF_PLAN, 0.5)


@settings(max_examples=150, deadline=None)
@given(parted)
def test_presidio_engine_and_splicing_agree(text: str) -> None:
    # where what stays looks like another find, splicing goes on and the engine stops
    found = ChineseRecognizer().analyze(text)
    settings_ = {entity: OF_PLAN.config(entity) for entity in ENTITIES}
    engine = ENGINE.anonymize(text, found, settings_, merge_entities_with_spaces=False)
    assume(all(OF_PLAN.name(hit.entity) == "keep" for hit in ChineseRecognizer().hits(engine.text)))
    assert CLEANER.text(text, Counter()) == engine.text


@pytest.fixture
def domain(tmp_path: Path) -> Path:
    (tmp_path / "domain.yaml").write_text("")
    make_key(tmp_path, "dataset")
    make_key(tmp_path, "other")
    return tmp_path


KEYED: dict[str, Strict] = {
    "CN_MOBILE": Pseudonym(),
    "CN_LANDLINE": Pseudonym(key="other"),
    "PERSON": Vault(),
    "EMAIL_ADDRESS": Vault(cipher="sm4-gcm", hash="sm3"),
    "CN_ID_CARD": Surrogate(),
    "CN_USCC": Keep(),
}


def test_operators_have_their_keys(domain: Path) -> None:
    made = Operators(KEYED, domain)
    token = made.apply("CN_MOBILE", MOBILE)
    assert re.fullmatch("<手机号_[a-z]{18}>", token)
    assert token == made.apply("CN_MOBILE", f"+86 {MOBILE}")
    assert token[5:] != made.apply("CN_LANDLINE", MOBILE)[6:], "another key"
    assert restore(domain, "dataset", made.apply("PERSON", "张三"), "a test").text == "张三"
    assert restore(domain, "dataset", made.apply("EMAIL_ADDRESS", "a@b.com"), "a test").text == "a@b.com"
    assert re.fullmatch(r"\d{17}[\dX]", made.apply("CN_ID_CARD", ID))
    assert made.apply("CN_USCC", USCC) == USCC
    assert made.apply("QQ", "123456") == "<QQ号>", "what no plan names is redacted"
    assert [made.name(e) for e in ("CN_MOBILE", "PERSON", "QQ")] == ["pseudonym", "vault", "redact"]
    made.flush()


def test_another_process_makes_the_same(domain: Path) -> None:
    one, other = Operators(KEYED, domain), Operators(KEYED, domain)
    for entity in KEYED:
        assert one.apply(entity, ID) == other.apply(entity, ID)


def test_a_missing_or_exchanged_key_ends_it(domain: Path) -> None:
    ids = {name: load_key(domain, name).id for name in ("dataset", "other")}
    Operators(KEYED, domain, ids)
    with pytest.raises(DomainError, match="another one"):
        Operators(KEYED, domain, {**ids, "other": ids["dataset"]})
    (domain / "vault/keys/other.key").unlink()
    with pytest.raises(DomainError, match="no such key"):
        Operators(KEYED, domain)
    Operators({"PERSON": Redact()}, domain)


def test_nothing_shows_the_key(domain: Path) -> None:
    made = Operators(KEYED, domain)
    secrets = [(domain / f"vault/keys/{name}.key").read_text().strip() for name in ("dataset", "other")]
    shown = " ".join(f"{made.config(entity)!r} {made.config(entity).params}" for entity in KEYED)
    shown += json.dumps([spec.model_dump() for spec in KEYED.values()])
    for secret in secrets:
        assert secret not in shown
        assert repr(bytes.fromhex(secret))[2:-1] not in shown


def test_presidio_makes_the_same_with_keys(domain: Path) -> None:
    made = Operators(KEYED, domain)
    text = f"手机{MOBILE}，身份证{ID}，邮箱a@b.com，税号{USCC}。"
    found = ChineseRecognizer().analyze(text)
    assert {hit.entity_type for hit in found} == {"CN_MOBILE", "CN_ID_CARD", "EMAIL_ADDRESS", "CN_USCC"}
    engine = ENGINE.anonymize(text, found, {entity: made.config(entity) for entity in KEYED})
    assert engine.text == (
        f"手机{made.apply('CN_MOBILE', MOBILE)}，身份证{made.apply('CN_ID_CARD', ID)}，"
        f"邮箱{made.apply('EMAIL_ADDRESS', 'a@b.com')}，税号{USCC}。"
    )


@pytest.mark.parametrize("spec", [Pseudonym(), Surrogate(), Vault()])
def test_presidio_refuses_an_operator_without_its_key(spec: Strict) -> None:
    text = f"手机{MOBILE}"
    with pytest.raises(InvalidParamError, match="needs a key") as error:
        ENGINE.anonymize(text, ChineseRecognizer().analyze(text), {"CN_MOBILE": config("CN_MOBILE", spec)})
    assert MOBILE not in str(error.value)


RECOGNISER = ChineseRecognizer()
SPECS: list[Strict] = [
    Generalise(),
    Generalise(years=5, date="year"),
    Pseudonym(hash="sm3"),
    Redact(),
    Surrogate(),
    Vault(),
]


@pytest.mark.parametrize("spec", SPECS, ids=repr)
def test_a_second_look_finds_nothing(domain: Path, spec: Strict) -> None:
    entities = [e for e in (*ENTITIES, "AGE", "STAFF_NO") if e != "PUBLIC_PHONE"]
    made = Operators(dict.fromkeys(entities, spec), domain)
    for entity in entities:
        values = (
            [real for real, _ in fakes(entity, 12)] if entity in REAL else ["ZY-123456", "wx_abc123", "520199008", "12"]
        )
        word = labels().get(entity, "年龄")
        for value in values:
            said = made.apply(entity, value)
            assert said != value
            for text in (
                said,
                f"{word}：{said}",
                f"{word}{said}，{said}。",
                f"{word} {said} 12345678",
                f"{said}{word}",
            ):
                assert RECOGNISER.hits(text) == [], text


READ = [
    ({"operator": "pseudonym"}, Pseudonym(), ["dataset"], True),
    ({"operator": "pseudonym", "key": "b-1", "hash": "sm3"}, Pseudonym(key="b-1", hash="sm3"), ["b-1"], True),
    ({"operator": "surrogate"}, Surrogate(), ["dataset"], True),
    ({"operator": "vault", "cipher": "sm4-gcm"}, Vault(cipher="sm4-gcm"), ["dataset"], True),
    ({"operator": "generalise", "years": 5, "date": "year"}, Generalise(years=5, date="year"), [], False),
    ({"operator": "redact"}, Redact(), [], False),
]


@pytest.mark.parametrize(("written", "spec", "keys", "reversible"), READ)
def test_specs(written: dict[str, Any], spec: Any, keys: list[str], reversible: bool) -> None:
    assert TypeAdapter(specs.Operator).validate_python(written) == spec
    assert key_names([spec, Keep()]) == keys
    assert spec.reversible is reversible


@pytest.mark.parametrize(
    "written",
    [
        {"operator": "pseudonym", "key": "../x"},
        {"operator": "pseudonym", "key": "A"},
        {"operator": "vault", "cipher": "aes-128-gcm"},
        {"operator": "surrogate", "hash": "md5"},
        {"operator": "generalise", "years": 7},
        {"operator": "pseudonym", "secret": "00"},
    ],
)
def test_specs_refused(written: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(specs.Operator).validate_python(written)


def test_tokens_of_all_entities_are_tokens(domain: Path) -> None:
    made = Operators(dict.fromkeys((*DECLARED, *ENTITIES), Vault()), domain)
    assert all(TOKEN.fullmatch(made.apply(entity, "12345")) for entity in (*DECLARED, *ENTITIES))
