"""Operators: what each makes of a value, and that Presidio's engine makes the same of a text as splicing does."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from pydantic import ValidationError

from curate.config import Strict
from curate.pii.clean import Cleaner
from curate.pii.operators import OPERATORS, anonymizer_engine, config
from curate.pii.recogniser import ChineseRecognizer
from curate.pii.specs import Generalise, Keep, Mask, Redact

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
CLEANER = Cleaner(PLAN, 0.5)


@settings(max_examples=150, deadline=None)
@given(parted)
def test_presidio_engine_and_splicing_agree(text: str) -> None:
    # separated finds: where what stays of two neighbours looks like a third number, splicing goes on and the engine stops
    found = ChineseRecognizer().analyze(text)
    settings_ = {entity: config(entity, spec) for entity, spec in PLAN.items()}
    engine = ENGINE.anonymize(text, found, settings_, merge_entities_with_spaces=False)
    assert CLEANER.text(text, Counter()) == engine.text
