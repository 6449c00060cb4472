"""The synthetic labelled set: deterministic, complete, valid, and nothing labelled that is a trap."""

from __future__ import annotations

import ipaddress
import json
import re
import tracemalloc
from collections import Counter
from collections.abc import Callable
from itertools import islice, pairwise
from random import Random
from typing import Any

import pytest

from curate.cli.pii import settings
from curate.errors import UserError
from curate.industry import builtin_profiles
from curate.pii import DECLARED, ENTITIES, validators
from curate.pii.gold import Setting, documents, kinds
from curate.pii.gold.tables import rows, yaml
from curate.pii.gold.templates import Draft, fill
from curate.pii.gold.values import VALUES
from curate.pii.normal import normal

from . import values as formulas

TEA = Setting("tea", "茶叶", ("采摘",), ("采摘日报",), ("鲜叶", "杀青"))
SPACES = re.compile(r"[ \n-]")
HK = re.compile(r"([A-Z]{1,2})([0-9]{6})\(([0-9A])\)")


def plain(text: str) -> str:
    """Without separators, in ASCII."""
    return SPACES.sub("", normal(text))


@pytest.fixture(scope="module")
def some() -> list[dict[str, Any]]:
    return list(documents(3000, 5, settings()))


def test_the_same_seed_gives_the_same_bytes_whatever_the_count() -> None:
    first = [json.dumps(d) for d in documents(60, 7, settings())]
    assert first == [json.dumps(d) for d in islice(documents(5000, 7, settings()), 60)]
    texts = {json.loads(line)["text"] for line in first}
    assert not texts & {d["text"] for d in documents(60, 8, settings())}


def test_all_entities_industries_forms_traps_and_kinds_occur(some: list[dict[str, Any]]) -> None:
    assert {d["industry"] for d in some} == set(builtin_profiles())
    assert {s["kind"] for d in some for s in d["spans"]} == set(kinds())
    assert {d["kind"] for d in some} == {form["name"] for form in yaml("forms")["forms"]}
    assert {t["trap"] for d in some for t in d["traps"]} == {row[0] for row in rows("traps")}
    assert set(VALUES) == set(kinds())
    assert len({d["id"] for d in some}) == len(some)
    named = {kind.entity for kind in kinds().values()}
    assert named <= {*ENTITIES, *DECLARED, "ORG"}, "an entity the finder has another name for"
    assert set(ENTITIES) - named <= {"PUBLIC_PHONE"}, "an entity that is never generated"


def test_spans_and_traps_do_not_overlap_and_lie_in_the_text(some: list[dict[str, Any]]) -> None:
    for d in some:
        all_spans = sorted((s["start"], s["end"]) for s in d["spans"] + d["traps"])
        assert all(end <= start for (_, end), (start, _) in pairwise(all_spans)), d["id"]
        assert all(0 <= start < end <= len(d["text"]) for start, end in all_spans)


def test_some_documents_are_ordinary_or_hold_traps_alone(some: list[dict[str, Any]]) -> None:
    empty = [d for d in some if not d["spans"]]
    assert 0.1 < len(empty) / len(some) < 0.4
    assert {d["kind"] for d in empty} <= {"ordinary", "traps"}


def test_no_number_goes_on_beyond_its_span(some: list[dict[str, Any]]) -> None:
    for d in some:
        for s in d["spans"]:
            if s["entity"] in ("PERSON", "ORG", "ADDRESS"):
                continue
            around = d["text"][max(0, s["start"] - 1) : s["start"]] + d["text"][s["end"] : s["end"] + 1]
            assert not re.search("[0-9A-Za-z]", normal(around)) or s["kind"] in ("secret",), (d["kind"], s["kind"])


def hk(text: str) -> bool:
    found = HK.fullmatch(normal(text))
    assert found
    letters = found[1].rjust(2)
    numbers = [36 if c == " " else ord(c) - 55 for c in letters] + [int(c) for c in found[2]] + [int(found[3], 16)]
    return sum(n * w for n, w in zip(numbers, range(9, 0, -1), strict=True)) % 11 == 0


def tw(text: str) -> bool:
    first = dict(zip("ABCDEFGHJKLMNPQRSTUVXYWZIO", range(10, 36), strict=True))[text[0]]
    numbers = [first // 10, first % 10, *map(int, text[1:])]
    return sum(n * w for n, w in zip(numbers, (1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1), strict=True)) % 10 == 0


def vin(text: str) -> bool:
    value = {**{str(n): n for n in range(10)}, **dict(zip("ABCDEFGH", range(1, 9), strict=True))}
    value |= {
        **dict(zip("JKLMN", range(1, 6), strict=True)),
        "P": 7,
        "R": 9,
        **dict(zip("STUVWXYZ", range(2, 10), strict=True)),
    }
    weights = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
    return "0123456789X"[sum(value[c] * w for c, w in zip(text, weights, strict=True) if w) % 11] == text[8]


def org_code(text: str) -> bool:
    code = text.replace("-", "")
    total = sum(int(c, 36) * w for c, w in zip(code, (3, 7, 9, 10, 5, 8, 4, 2), strict=False))
    return (total + (10 if code[8] == "X" else int(code[8]))) % 11 == 0


def foreign(text: str) -> bool:
    return formulas.id_card(plain(text).upper()[:17]) == plain(text).upper() and text[0] in "9９"


CHECKED: dict[str, Callable[[str], bool]] = {
    "id_card": lambda text: validators.id_card(plain(text)),
    "id_card_15": lambda text: validators.id_card_15(normal(text)),
    "residence_permit": lambda text: validators.id_card(plain(text)),
    "permanent_residence_new": foreign,
    "mobile": lambda text: validators.mobile(normal(text).replace("\n", "")),
    "landline": lambda text: validators.landline(normal(text)),
    "bank_card": lambda text: validators.bank_card(plain(text)) or validators.union_pay(plain(text)),
    "uscc": lambda text: (
        validators.credit_code(normal(text)) and formulas.credit_code(normal(text)[:17]) == normal(text)
    ),
    "email": lambda text: validators.email(normal(text)),
    "plate": lambda text: validators.plate(normal(text)) or validators.plate_in_doubt(normal(text)),
    "imei": lambda text: len(text) == 15 and validators.luhn(text),
    "iccid": lambda text: len(text) == 20 and text.startswith("8986") and validators.luhn(text),
    "imsi": lambda text: re.fullmatch("460[0-9]{12}", text) is not None,
    "ip": lambda text: ipaddress.ip_address(text) is not None,
    "mac": lambda text: re.fullmatch("[0-9a-f]{2}([:-])(?:[0-9a-f]{2}\\1){4}[0-9a-f]{2}", text.lower()) is not None,
    "hk_id_card": hk,
    "tw_id_card": tw,
    "vin": vin,
    "org_code": org_code,
}


@pytest.mark.parametrize("kind", sorted(CHECKED))
def test_every_value_is_valid_by_its_own_rule(kind: str) -> None:
    random = Random(3)
    values = [VALUES[kind](random) for _ in range(400)]
    assert len(set(values)) > 380
    assert [v for v in values if not CHECKED[kind](v)] == []


def test_what_is_said_to_have_a_check_digit_is_checked_here() -> None:
    assert {name for name, kind in kinds().items() if kind.checked} <= set(CHECKED)


@pytest.mark.parametrize(
    ("kind", "form", "why"),
    [
        ("id_card", "[0-9]{6} [0-9]{8} [0-9]{3}[0-9Xx]", "groups"),
        ("id_card", "[0-9]{17}x", "small x"),
        ("id_card", "[０-９]{17}[０-９Ｘｘ]", "full width"),
        ("id_card", "[0-9]+\n[0-9]+[Xx]?", "line break inside"),
        ("mobile", "\\+86 ?-?1[0-9 -]+", "country"),
        ("mobile", "0086.*", "country the other way"),
        ("mobile", "[（(]\\+86[)）].*", "country in brackets"),
        ("mobile", "1[0-9]+\n[0-9]+", "line break inside"),
        ("bank_card", "(?:[0-9]{4} ){3,4}[0-9]{3,4}", "groups of four"),
        ("landline", ".*(?:转|分机)[0-9]+", "extension"),
        ("plate", ".[A-H]·?[DFABC][A-HJ-NP-Z0-9][0-9]{4}", "new energy"),
        ("plate", ".*挂", "trailer"),
        ("email", ".*＠.*", "full-width at"),
        ("birth_date", "[〇一二三四五六七八九]{4}年[一二十]+月.+日", "Chinese figures"),
        ("person", "..·.+|.+·.+", "dotted"),
        ("person", "[A-Z][a-z]+ [A-Z][a-z]+", "Latin"),
        ("person", ".某某", "masked"),
        ("person", "(?:欧阳|上官|司马|诸葛).+", "compound surname"),
        ("person", ".*[\U00020000-\U0003ffff].*", "rare Han outside the first plane"),
        ("address", ".*栋.单元.*室", "building"),
        ("address", ".*村.组", "village"),
        ("address", ".*[０-９]+.*", "full width"),
        ("secret", "eyJ.*\\..*\\..*", "token"),
        ("ip", ".*:.*", "version 6"),
    ],
)
def test_ways_of_writing(kind: str, form: str, why: str) -> None:
    random = Random(1)
    assert any(re.fullmatch(form, VALUES[kind](random)) for _ in range(1500)), why


def test_the_same_slot_is_the_same_value_and_each_is_labelled() -> None:
    draft = Draft(Random(1), TEA)
    fill(draft, "{person.1}和{person.2}，{person.1}")
    text = "".join(draft.parts)
    names = [text[start:end] for start, end, _ in draft.spans]
    assert names[0] == names[2] != names[1]
    assert text == f"{names[0]}和{names[1]}，{names[0]}"


def test_every_phrase_form_and_trap_can_be_filled() -> None:
    draft = Draft(Random(1), TEA)
    for kind, phrase in rows("phrases"):
        fill(draft, phrase, kind)
    for _, trap in rows("traps"):
        before = len(draft.spans)
        fill(draft, trap)
        assert len(draft.spans) == before, "a trap holds a value"
    assert Counter(kind for _, _, kind in draft.spans) == Counter(kind for kind, _ in rows("phrases"))
    with pytest.raises(KeyError):
        fill(draft, "{nothing}")


def test_a_trap_is_marked_as_it_stands() -> None:
    draft = Draft(Random(1), TEA)
    for _ in range(50):
        fill(draft, "〈{?}〉")
    text = "".join(draft.parts)
    assert [f"〈{text[start:end]}〉" for start, end, _ in draft.traps] == re.findall("〈.+?〉", text)


def test_an_industry_without_words_is_the_users_mistake() -> None:
    with pytest.raises(UserError, match="empty"):
        list(documents(1, 1, [Setting("empty", "空", (), (), ())]))
    with pytest.raises(UserError):
        list(documents(1, 1, []))


def test_memory_does_not_grow_with_the_count() -> None:
    stream = documents(3000, 1, [TEA])
    for _ in islice(stream, 500):
        pass
    tracemalloc.start()
    for _ in islice(stream, 1000):
        pass
    grown, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert grown < 200_000
