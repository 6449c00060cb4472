"""Tokens: the same for one value, never the same for two, nothing that could be taken for a value."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.pii.keys import Hash, Key
from curate.pii.pseudonyms import LENGTH, LETTERS, TOKEN, Pseudonyms
from curate.pii.surrogates import looks_real

from .test_canonical import OTHERS, SAME
from .values import ID, MOBILE

KEY, OTHER = Key("dataset", b"k" * 32), Key("dataset", b"l" * 32)
BOTH: tuple[Hash, Hash] = ("sha256", "sm3")


@pytest.mark.parametrize("of", BOTH)
@pytest.mark.parametrize(("entity", "one", "other", "why"), SAME)
def test_variants_have_one_token(of: Hash, entity: str, one: str, other: str, why: str) -> None:
    make = Pseudonyms(KEY, of)
    assert make(entity, one) == make(entity, other), why


@pytest.mark.parametrize(("entity", "one", "other", "why"), OTHERS)
def test_other_values_have_other_tokens(entity: str, one: str, other: str, why: str) -> None:
    make = Pseudonyms(KEY)
    assert make(entity, one) != make(entity, other), why


def test_form() -> None:
    token = Pseudonyms(KEY)("PERSON", "张三")
    assert re.fullmatch("<姓名_[bcdfghjkmnpqrtvw]{18}>", token)
    assert TOKEN.fullmatch(token)
    assert Pseudonyms(KEY)("STAFF", "A-17").startswith("<STAFF_")
    assert LENGTH * math.log2(len(LETTERS)) >= 64


def test_fixed() -> None:
    # tokens in released datasets must not change with a new version: these were made by hand with `hmac` alone
    import hmac

    secret = hmac.digest(b"k" * 32, b"qiancui 1 pseudonym\x01", "sha256")
    digits = hmac.digest(secret, b"phone\x0017470001234", "sha256").hex()[:18]
    expected = "".join("bcdfghjkmnpqrtvw"[int(c, 16)] for c in digits)
    assert Pseudonyms(KEY)("CN_MOBILE", "+86 174-7000-1234") == f"<手机号_{expected}>"


def test_other_keys_and_hashes_cannot_be_linked() -> None:
    values = [f"174{n:08}" for n in range(2000)]
    made = [{Pseudonyms(k, h).letters("CN_MOBILE", v) for v in values} for k in (KEY, OTHER) for h in BOTH]
    assert len(set.union(*made)) == 4 * len(values)
    # no more equal letters at one place than chance has: 1 in 16
    pairs = [(Pseudonyms(KEY).letters("CN_MOBILE", v), Pseudonyms(OTHER).letters("CN_MOBILE", v)) for v in values]
    equal = sum(a == b for one, other in pairs for a, b in zip(one, other, strict=True))
    assert abs(equal / (LENGTH * len(values)) - 1 / 16) < 0.006


def test_one_number_is_one_whatever_finds_it() -> None:
    make = Pseudonyms(KEY)
    assert make.letters("CN_ID_CARD", ID) == make.letters("CN_SOCIAL_SECURITY", ID)
    assert make.letters("CN_MOBILE", MOBILE) == make.letters("CN_LANDLINE", MOBILE)
    assert make.letters("PERSON", MOBILE) != make.letters("CN_MOBILE", MOBILE)


def distinct(number: int) -> int:
    make = Pseudonyms(KEY)
    return len({make.letters("CN_MOBILE", f"1{n:010}") for n in range(number)})


def test_no_two_of_50_000_are_the_same() -> None:
    assert distinct(50_000) == 50_000


@pytest.mark.slow
def test_no_two_of_a_million_are_the_same() -> None:
    assert distinct(1_000_000) == 1_000_000


@given(st.text(max_size=30), st.sampled_from(["PERSON", "CN_MOBILE", "SECRET", "BANK_CARD", "X"]))
def test_no_token_looks_like_a_value(text: str, entity: str) -> None:
    token = Pseudonyms(KEY)(entity, text)
    assert TOKEN.fullmatch(token)
    assert not re.search("[0-9]", token)
    assert not looks_real(entity, token)


def test_nothing_is_shown() -> None:
    assert "k" * 8 not in repr(Pseudonyms(KEY))
    assert repr(Pseudonyms(KEY)) == "Pseudonyms(sha256)"
