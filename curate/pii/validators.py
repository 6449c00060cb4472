"""Checks that refuse what only looks like an identifier: pure functions of the text a pattern found, in normal form."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from functools import cache

from . import data
from .figures import birth_date, gps, handle, imsi, ipv4, ipv4_small, ipv6, mac, postcode, secret, years

__all__ = [
    "CHECKS",
    "area_code",
    "bank_card",
    "born",
    "credit_code",
    "email",
    "hk_id_card",
    "id_card",
    "id_card_15",
    "id_check_digit",
    "imei",
    "landline",
    "luhn",
    "mobile",
    "org_code",
    "permanent_residence",
    "plate",
    "plate_in_doubt",
    "province",
    "tw_id_card",
    "union_pay",
    "vin",
]

ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
ID_CHECK = "10X98765432"
CODE_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
ORG_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
NO_CODE = re.compile("[^0-9A-Z]")
CODE_OFFICES = "1234569ANY"  # 登记管理部门, first character of a credit code
NO_DIGIT = re.compile("[^0-9]")
APART = re.compile(r"[ \n-]")
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
    """The province that a code of GB/T 2260 or an ID number begins with; behind a 9 it is of a permanent resident's card."""
    if code[:1] == "9" and code[1:3] in _provinces():
        return _provinces()["9"]
    return _provinces().get(code[:2])


def born(number: str) -> date | None:
    """The date of birth in an ID number of 18 or 15 characters without separators; None if it is no date."""
    year, rest = (number[6:10], number[10:14]) if len(number) == 18 else ("19" + number[6:8], number[8:12])
    if int(year) not in years():
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
    number = APART.sub("", text).upper()
    return province(number) is not None and born(number) is not None and id_check_digit(number[:17]) == number[17]


def id_card_15(text: str) -> bool:
    """An ID number of the old form: known province and real date of birth in the 20th century."""
    number = APART.sub("", text)
    return province(number) is not None and born(number) is not None


def credit_code(text: str) -> bool:
    """A unified social credit code: known office and province, right check character (GB 32100-2015), no ID number."""
    code = text.upper()
    if code.isdigit() and province(code) and born(code):
        return False  # an ID number with a slip in it
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


@cache
def _letters(scheme: str) -> dict[str, int]:
    """What letters and digits count for in `vin` or `tw`."""
    letters, values = next(row[1:] for row in data.rows("identity_letters") if row[0] == scheme)
    return dict(zip(letters, map(int, values.split(",")), strict=True)) | {str(i): i for i in range(10)}


def hk_id_card(text: str) -> bool:
    """An identity number of Hong Kong: the weighted sum with its check character is 0 modulo 11."""
    code = NO_CODE.sub("", text)
    values = [int(c, 36) for c in code]
    if len(code) == 8:
        values.insert(0, 36)  # a blank before one letter counts so
    return sum(w * v for w, v in zip(range(9, 0, -1), values, strict=True)) % 11 == 0


def tw_id_card(text: str) -> bool:
    """An identity number of Taiwan: the letter counts as two digits, the weighted sum is 0 modulo 10."""
    first = _letters("tw")[text[0]]
    total = first // 10 + 9 * (first % 10) + int(text[9])
    return (total + sum(w * int(c) for w, c in zip(range(8, 0, -1), text[1:9], strict=True))) % 10 == 0


def permanent_residence(text: str) -> bool:
    """A permanent resident's number of the old form: a known province and a real date of birth."""
    try:
        date(1900 + int(text[7:9]), int(text[9:11]), int(text[11:13]))
    except ValueError:
        return text[7:13] == "000229"
    return text[3:5] in _provinces()


def org_code(text: str) -> bool:
    """An organisation code with its check character (GB 11714-1997)."""
    code = text.replace("-", "")
    total = sum(w * int(c, 36) for w, c in zip(ORG_WEIGHTS, code[:8], strict=True))
    return "0123456789X"[-total % 11] == code[8]


def vin(text: str) -> bool:
    """A vehicle's number with its check character (GB 16735) and a letter among the descriptive ones."""
    values = _letters("vin")
    total = sum(w * values[c] for w, c in zip(VIN_WEIGHTS, text, strict=True))
    described = text[3:8] + text[9:11]
    return "0123456789X"[total % 11] == text[8] and not described.isdigit()


def imei(text: str) -> bool:
    """The number of a device with its check digit."""
    return luhn(NO_DIGIT.sub("", text))


CHECKS: dict[str, Callable[[str], bool]] = {
    "area_code": area_code,
    "bank_card": bank_card,
    "birth_date": birth_date,
    "credit_code": credit_code,
    "email": email,
    "gps": gps,
    "handle": handle,
    "hk_id_card": hk_id_card,
    "id_card": id_card,
    "id_card_15": id_card_15,
    "imei": imei,
    "imsi": imsi,
    "ipv4": ipv4,
    "ipv4_small": ipv4_small,
    "ipv6": ipv6,
    "landline": landline,
    "luhn": luhn,
    "mac": mac,
    "mobile": mobile,
    "org_code": org_code,
    "permanent_residence": permanent_residence,
    "plate": plate,
    "plate_in_doubt": plate_in_doubt,
    "postcode": postcode,
    "secret": secret,
    "tw_id_card": tw_id_card,
    "union_pay": union_pay,
    "vin": vin,
}
"""The names that data/entities.yaml uses."""
