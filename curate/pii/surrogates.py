"""Made-up values (同类型替换) that look like the real ones and fail as such, the same for the same value under one key.

What makes a number impossible stands at the function of its form. A value of which no such form is known, or that is not
written as its entity is, gets a token of `pseudonyms`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from . import data
from .canonical import canonical, date_of, form_of, plain
from .fakenames import Draw, fake_name
from .keys import Hash, Key, mac
from .normal import normal
from .pseudonyms import Pseudonyms
from .rules import LED, Rule, rules
from .validators import id_check_digit, luhn, province

__all__ = ["Surrogates", "looks_real"]

DIGITS = "0123456789"
SIGNS = "京津沪渝冀豫辽黑湘皖鲁苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
VIN_SIGNS = "ABCDEFGHJKLMNPRSTUVWXYZ" + DIGITS
TRIES = 16
SURE = 0.5
"""A find of a row without a check counts from here on: one that a word has to announce says nothing of the number."""


class Surrogates:
    """Makes surrogates with one key."""

    def __init__(self, key: Key, of: Hash = "sha256") -> None:
        self._key, self._hash = key.derive("surrogate", of), of
        self._token = Pseudonyms(key, of)

    def __call__(self, entity: str, text: str) -> str:
        """Another value of the entity's type, or a token; never the value itself, and none that `looks_real`."""
        form = form_of(entity)
        maker = MAKERS.get(form)
        if maker is None:
            return self._token(entity, text)
        value, written = canonical(entity, text), plain(text).strip()
        for turn in range(TRIES):
            seed = mac(self._key, f"{form}\0{value}\0{turn}".encode("utf-8", "surrogatepass"), self._hash)
            fake = maker(Draw(seed), value, written)
            if fake is None:
                break
            if canonical(entity, fake) != value and not looks_real(entity, fake):
                return fake
        return self._token(entity, text)

    def __repr__(self) -> str:
        return f"Surrogates({self._hash})"


def looks_real(entity: str, text: str) -> bool:
    """Whether a row of data/entities.yaml takes a part of `text` for personal data, the entity's own behind any word for it."""
    as_read = normal(text)
    for rule in rules():
        own = rule.row.entity == entity
        if own and rule.row.gate in LED and any(_checked(rule, pattern.match(as_read)) for pattern in rule.patterns):
            return True
        if any(own or rule.check is not None or hit.score >= SURE for hit in rule.hits(as_read)):
            return True
    return False


def _checked(rule: Rule, found: re.Match[str] | None) -> bool:
    return found is not None and (rule.check is None or rule.check(found[0]))


def _laid(written: str, fake: str) -> str:
    """`fake` with the separators of `written`; what stands before it there, as +86, goes."""
    out: list[str] = []
    left = list(fake)
    for sign in reversed(written):
        if not left:
            break
        out.append(left.pop() if sign.isalnum() else sign)
    return fake if left else "".join(reversed(out))


def _without_luhn(draw: Draw, first: str, length: int) -> str:
    """`first` and digits to `length`, the last of which is not the check digit."""
    body = first + draw.signs(DIGITS, length - len(first) - 1)
    return body + draw.one([c for c in DIGITS if not luhn(body + c)])


@cache
def _no_provinces() -> tuple[str, ...]:
    """Codes of two digits that no province ever had; those from 40 on also begin bank cards, 9 the cards of foreigners."""
    return tuple(code for n in (*range(16, 40), *range(70, 90)) if province(code := str(n)) is None)


@cache
def _no_areas() -> tuple[str, ...]:
    known = {row[0] for row in data.rows("area_codes")}
    return tuple(code for n in range(300, 1000) if (code := f"0{n}") not in known)


def _id(draw: Draw, value: str, written: str) -> str | None:
    """No such province, and a wrong check digit; the digit that tells man from woman stays even or odd, the birth does not."""
    if len(value) != 18 or not value[:17].isdecimal():
        return None
    birth = f"{draw.between(1935, 2015)}{draw.between(1, 12):02}{draw.between(1, 28):02}"
    sex = str(2 * draw.below(5) + int(value[16]) % 2)
    body = (
        f"{draw.one(_no_provinces())}{draw.signs(DIGITS, 2)}0{draw.signs(DIGITS, 1)}{birth}{draw.signs(DIGITS, 2)}{sex}"
    )
    last = draw.one([c for c in DIGITS + "X" if c != id_check_digit(body)])
    old = sum(map(str.isalnum, written)) == 15
    return _laid(written, body[:6] + body[8:] if old else body + last)


def _phone(draw: Draw, value: str, written: str) -> str | None:
    """A mobile number of 10, 11 or 12, which begin short service numbers; an area without a code, and a number from 0."""
    number, _, extension = value.partition("x")
    if len(number) == 11 and number[0] == "1" and not extension:
        return _laid(written, "1" + draw.signs("012", 1) + draw.signs(DIGITS, 9))
    if number[:3] in ("400", "800") or not 7 <= len(number) <= 12:
        return None
    local = 7 if len(number) in (7, 11) and number[:3] not in ("010", *(f"02{n}" for n in range(10))) else 8
    fake = f"{draw.one(_no_areas())}-0{draw.signs(DIGITS, local - 1)}"
    return f"{fake}转0{draw.signs(DIGITS, len(extension) - 1)}" if extension else fake


def _card(draw: Draw, value: str, written: str) -> str | None:
    """Begins with 00, which is assigned to no issuer (ISO/IEC 7812-1), and has a wrong check digit.

    Its second and third group begin with 0, so that what stands behind a blank is no number either.
    """
    if not value.isdecimal() or not 12 <= len(value) <= 19:
        return None
    first = f"00{draw.signs(DIGITS, 2)}0{draw.signs(DIGITS, 3)}0"
    return _laid(written, _without_luhn(draw, first, len(value)))


def _credit_code(draw: Draw, value: str, written: str) -> str | None:
    """An office 0, a kind I and a check sign O, which the standard does not have."""
    return _laid(written, f"0I{draw.one(_no_provinces())}{draw.signs(DIGITS, 13)}O") if len(value) == 18 else None


def _organisation(draw: Draw, value: str, written: str) -> str | None:
    """A letter where the check digit stands, which is a digit or X."""
    return _laid(written, draw.signs(DIGITS, 8) + draw.signs("ABCDEFGH", 1)) if len(value) == 9 else None


def _plate(draw: Draw, value: str, written: str) -> str | None:
    """An authority I, a letter that plates do not have (GA 36)."""
    if not re.fullmatch("[\u4e00-\u9fff][A-Z][0-9A-Z]{4,5}[0-9A-Z\u4e00-\u9fff]", value):
        return None
    last = value[-1] if not value[-1].isascii() else ""
    return _laid(written, draw.signs(SIGNS, 1) + "I" + draw.signs(DIGITS, len(value) - 2 - len(last)) + last)


def _vin(draw: Draw, value: str, written: str) -> str | None:
    """Begins with Q and has an O where the check digit stands: letters that such numbers do not have (GB 16735)."""
    if len(value) != 17:
        return None
    return _laid(written, f"Q{draw.signs(VIN_SIGNS, 7)}O{draw.signs(VIN_SIGNS, 2)}{draw.signs(DIGITS, 6)}")


def _email(draw: Draw, value: str, written: str) -> str | None:  # noqa: ARG001  # nothing of the address stays
    """A domain below `invalid`, which nobody can register (RFC 2606)."""
    return draw.signs("abcdefghijklmnopqrstuvwxyz", 10) + "@example.invalid"


def _ip(draw: Draw, value: str, written: str) -> str | None:  # noqa: ARG001
    """An address of the ranges for documentation (RFC 5737, RFC 3849)."""
    if ":" in value:
        return "2001:db8:" + ":".join(f"{draw.between(0x1000, 0xFFFF):x}" for _ in range(6))
    return f"{draw.one(('192.0.2', '198.51.100', '203.0.113'))}.{draw.between(1, 254)}"


def _mac(draw: Draw, value: str, written: str) -> str | None:
    """An address of the range for documentation (RFC 7042)."""
    return _laid(written, "00005E0053" + draw.signs("0123456789ABCDEF", 2)) if len(value) == 12 else None


def _permit(draw: Draw, value: str, written: str) -> str | None:
    """Begins with the letters QOI, as no document does; O and I are in none of China's, since they look like 0 and 1."""
    if not re.fullmatch("[A-Z]{1,3}[0-9]{7,12}", value):
        return None
    return _laid(written, "QOI" + draw.signs(DIGITS, len(value) - 3))


def _hk_id(draw: Draw, value: str, written: str) -> str | None:
    """A letter where the check digit stands, which is a digit or A."""
    if not re.fullmatch("[A-Z]{1,2}[0-9]{6}[0-9A]", value):
        return None
    return _laid(written, "YQ"[7 - len(value) :] + draw.signs(DIGITS, 6) + draw.signs("HJKLMNPR", 1))


def _tw_id(draw: Draw, value: str, written: str) -> str | None:
    """A 0 where 1 or 2 stands, or 8 or 9 for residents from elsewhere."""
    return _laid(written, draw.signs("ABCDEFGH", 1) + "0" + draw.signs(DIGITS, 8)) if len(value) == 10 else None


def _imei(draw: Draw, value: str, written: str) -> str | None:
    """Begins with 00, which is for tests, and has a wrong check digit."""
    return _laid(written, _without_luhn(draw, "00", 15)) if value.isdecimal() and len(value) == 15 else None


def _imsi(draw: Draw, value: str, written: str) -> str | None:
    """A country 001, which is for tests (ITU-T E.212)."""
    return _laid(written, "001" + draw.signs(DIGITS, 12)) if value.isdecimal() and len(value) == 15 else None


def _iccid(draw: Draw, value: str, written: str) -> str | None:
    """A card of telecommunication of the country 0, which there is not, with a wrong check digit."""
    if not value.isalnum() or not 19 <= len(value) <= 20:
        return None
    return _laid(written, _without_luhn(draw, f"89000{draw.signs(DIGITS, 3)}0", len(value)))


def _qq(draw: Draw, value: str, written: str) -> str | None:
    """Begins with 0, as no number does."""
    return _laid(written, "0" + draw.signs(DIGITS, len(value) - 1)) if value.isdecimal() else None


def _postcode(draw: Draw, value: str, written: str) -> str | None:
    """Begins with 96, which is no region's; 99 is written for Hong Kong and others."""
    return _laid(written, "96" + draw.signs(DIGITS, 4)) if value.isdecimal() and len(value) == 6 else None


def _date(draw: Draw, value: str, written: str) -> str | None:
    """A day that its month does not have; written as the date was, in figures."""
    if (found := date_of(value)) is None or not found[2]:
        return None
    month, day = draw.one(((2, 30), (2, 31), (4, 31), (6, 31), (9, 31), (11, 31)))
    year = draw.between(1935, 2015)
    if re.fullmatch("[0-9]{8}", written):
        return f"{year}{month:02}{day}"
    if sign := next((c for c in written if c in "-/."), ""):
        return f"{year}{sign}{month:02}{sign}{day}"
    return f"{year}年{month}月{day}日"


def _gps(draw: Draw, value: str, written: str) -> str | None:  # noqa: ARG001
    """A latitude beyond 90 degrees and a longitude beyond 180, with as many decimals."""
    found = re.fullmatch(r"([0-9]{1,3})\.([0-9]{1,9}),([0-9]{1,3})\.([0-9]{1,9})", value)
    if found is None:
        return None
    south, east = f"{draw.between(91, 99)}", f"{draw.between(181, 199)}"
    first, second = (south, east) if int(found[1]) < int(found[3]) else (east, south)
    return f"{first}.{draw.signs(DIGITS, len(found[2]))},{second}.{draw.signs(DIGITS, len(found[4]))}"


MAKERS: dict[str, Callable[[Draw, str, str], str | None]] = {
    "card": _card,
    "credit_code": _credit_code,
    "date": _date,
    "email": _email,
    "gps": _gps,
    "hk_id": _hk_id,
    "iccid": _iccid,
    "id": _id,
    "imei": _imei,
    "imsi": _imsi,
    "ip": _ip,
    "mac": _mac,
    "name": fake_name,
    "organisation": _organisation,
    "permit": _permit,
    "phone": _phone,
    "plate": _plate,
    "postcode": _postcode,
    "qq": _qq,
    "tw_id": _tw_id,
    "vin": _vin,
}
"""What is made of a value in canonical form, and as it was written, or None; the other forms of data/forms.tsv get tokens."""
