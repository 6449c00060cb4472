"""Checks that refuse what only looks like an identifier: pure functions of the text a pattern found, in normal form."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from functools import cache

from . import data

__all__ = [
    "CHECKS",
    "area_code",
    "bank_card",
    "born",
    "credit_code",
    "email",
    "id_card",
    "id_card_15",
    "id_check_digit",
    "landline",
    "luhn",
    "mobile",
    "plate",
    "plate_in_doubt",
    "province",
    "union_pay",
]

ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
ID_CHECK = "10X98765432"
CODE_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CODE_OFFICES = "1234569ANY"  # 登记管理部门, first character of a credit code
NO_DIGIT = re.compile("[^0-9]")
COUNTRY = re.compile(r"^(?:\+|00)?86(?=[^0-9]*1)|^0(?=1)")
LANDLINE = re.compile(
    r"\(?(?:(?:\+|00)86\)?[ -]*)?\(?0?(10|2[0-9]|[3-9][0-9]{2})\)?[ -]*([2-9][0-9]{2,3}[ -]?[0-9]{4})"
)
AREA = re.compile(r"\(?(0[0-9]+)[)-]")
DOUBTFUL = "新云"


@cache
def _area_codes() -> frozenset[str]:
    return frozenset(row[0] for row in data.rows("area_codes"))


@cache
def _segments() -> frozenset[str]:
    return frozenset(row[0] for row in data.rows("mobile_segments"))


@cache
def _domains() -> frozenset[str]:
    return frozenset(row[0] for row in data.rows("tlds"))


@cache
def _provinces() -> dict[str, str]:
    return {row[0]: row[1] for row in data.rows("provinces")}


@cache
def _years() -> range:
    first, last = data.rows("birth_years")[0]
    return range(int(first), int(last) + 1)


@cache
def _bins() -> tuple[tuple[str, str, frozenset[int]], ...]:
    out = []
    for first, last, lengths, *_ in data.rows("bank_bins"):
        allowed: set[int] = set()
        for part in lengths.split(","):
            low, _, high = part.partition("-")
            allowed.update(range(int(low), int(high or low) + 1))
        out.append((first, last, frozenset(allowed)))
    return tuple(out)


def province(code: str) -> str | None:
    """The province that a code of GB/T 2260 or an ID number begins with."""
    return _provinces().get(code[:2])


def born(number: str) -> date | None:
    """The date of birth in an ID number of 18 or 15 characters without separators; None if it is no date."""
    year, rest = (number[6:10], number[10:14]) if len(number) == 18 else ("19" + number[6:8], number[8:12])
    if int(year) not in _years():
        return None
    try:
        return date(int(year), int(rest[:2]), int(rest[2:]))
    except ValueError:
        return None


def id_check_digit(first: str) -> str:
    """The last character of an ID number by its first 17 digits (ISO 7064 MOD 11-2, GB 11643-1999)."""
    return ID_CHECK[sum(w * int(c) for w, c in zip(ID_WEIGHTS, first, strict=True)) % 11]


def id_card(text: str) -> bool:
    """An ID number of 18 characters: known province, real date of birth, right check digit."""
    number = text.replace(" ", "").replace("-", "").upper()
    return province(number) is not None and born(number) is not None and id_check_digit(number[:17]) == number[17]


def id_card_15(text: str) -> bool:
    """An ID number of the old form: known province and real date of birth in the 20th century."""
    return province(text) is not None and born(text) is not None


def credit_code(text: str) -> bool:
    """A unified social credit code: known office and province, right check character (GB 32100-2015)."""
    code = text.upper()
    if code[0] not in CODE_OFFICES or not (province(code[2:]) or code.startswith("100000", 2)):
        return False
    total, weight = 0, 1
    for c in code[:17]:
        total += CODE_ALPHABET.index(c) * weight
        weight = weight * 3 % 31
    return CODE_ALPHABET[-total % 31] == code[17]


def mobile(text: str) -> bool:
    """A mobile number, with or without the country's prefix, of a segment that is in use."""
    number = NO_DIGIT.sub("", COUNTRY.sub("", text.replace("(", "")))
    return len(number) == 11 and number[:3] in _segments()


def landline(text: str) -> bool:
    """A landline number whose area code exists; the codes of three digits go with eight digits."""
    found = LANDLINE.match(text)
    if found is None:
        return False
    code, number = "0" + found[1], NO_DIGIT.sub("", found[2])
    return code in _area_codes() and len(number) in ((8,) if len(code) == 3 else (7, 8))


def area_code(text: str) -> bool:
    """A number that begins with an existing area code."""
    found = AREA.match(text)
    return found is not None and found[1] in _area_codes()


def luhn(number: str) -> bool:
    """Whether the last digit is the check digit of the others (ISO/IEC 7812-1)."""
    total = 0
    for i, c in enumerate(reversed(number)):
        n = int(c) * (1 + i % 2)
        total += n - 9 * (n > 9)
    return total % 10 == 0


def union_pay(text: str) -> bool:
    """A card number of the UnionPay range 62, right in length and check digit."""
    number = NO_DIGIT.sub("", text)
    return number.startswith("62") and _issued(number) and luhn(number)


def bank_card(text: str) -> bool:
    """A card number of another known issuer, right in length and check digit."""
    number = NO_DIGIT.sub("", text)
    return not number.startswith("62") and _issued(number) and luhn(number)


def _issued(number: str) -> bool:
    return any(first <= number[: len(first)] <= last and len(number) in lengths for first, last, lengths in _bins())


def email(text: str) -> bool:
    """An address with a top-level domain behind its first dot; words glued to its end do not matter."""
    return any(label.lower() in _domains() for label in text.rpartition("@")[2].split(".")[1:])


def plate(text: str) -> bool:
    """A number plate with at most two letters behind the city's (GA 36), of a province whose sign is no word."""
    return text[0] not in DOUBTFUL and _few_letters(text)


def plate_in_doubt(text: str) -> bool:
    """The same for the provinces whose sign is also an everyday word."""
    return text[0] in DOUBTFUL and _few_letters(text)


def _few_letters(text: str) -> bool:
    return sum(c.isascii() and c.isalpha() for c in text) <= 3


CHECKS: dict[str, Callable[[str], bool]] = {
    "area_code": area_code,
    "bank_card": bank_card,
    "credit_code": credit_code,
    "email": email,
    "id_card": id_card,
    "id_card_15": id_card_15,
    "landline": landline,
    "mobile": mobile,
    "plate": plate,
    "plate_in_doubt": plate_in_doubt,
    "union_pay": union_pay,
}
"""The names that data/entities.yaml uses."""
