"""One form for all the ways in which a value is written, so that it gets one token; and the dates within such values."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Callable
from functools import cache

from . import data
from .normal import normal
from .validators import id_check_digit

__all__ = ["canonical", "date_of", "form_of", "plain"]

BLANKS = re.compile(r"\s+")
NO_ALNUM = re.compile(r"[\W_]+")
UNSEEN = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")  # variation selectors
DOTS = str.maketrans(dict.fromkeys(".•∙⋅。ㆍ-", "·"))
EXTENSION = re.compile(r"(?:转|分机|ext\.?|x|-)[:：]?([0-9]{1,6})$", re.IGNORECASE)
HAN_DIGITS = {c: i % 10 for i, c in enumerate("〇一二三四五六七八九零")}
HAN_NUMBER = "〇零一二三四五六七八九十廿卅"
DATE = re.compile(
    rf"(?P<y>[0-9]{{4}}|[{HAN_NUMBER}]{{4}})[-/.年](?P<m>[0-9]{{1,2}}|[{HAN_NUMBER}]{{1,3}})"
    rf"(?:[-/.月](?:(?P<d>[0-9]{{1,2}}|[{HAN_NUMBER}]{{1,3}})[日号]?)?)?"
    r"|(?P<y8>[0-9]{4})(?P<m8>[0-9]{2})(?P<d8>[0-9]{2})"
)


@cache
def _forms() -> dict[str, str]:
    return {row[0]: row[1] for row in data.rows("forms")}


def form_of(entity: str) -> str:
    """How values of this entity are written: a form of data/forms.tsv, `text` for entities that it does not name."""
    return _forms().get(entity, "text")


def plain(text: str) -> str:
    """`text` with compatibility characters folded (NFKC), dashes and spaces plain, and variation selectors out."""
    return normal(UNSEEN.sub("", unicodedata.normalize("NFKC", text)))


def canonical(entity: str, text: str) -> str:
    """The same string for all written variants of one value; never empty unless `text` is.

    Blanks, hyphens, full width, brackets, the country's prefix of telephone numbers, case where it has no meaning, the
    two lengths of ID numbers and the ways to write a date make no difference. Names lose blanks and have one kind of dot.
    """
    form = form_of(entity)
    if form == "exact":
        return text
    tight = BLANKS.sub("," if form == "gps" else "", plain(text))  # a blank may be all that parts two numbers
    return FORMS.get(form, _compact)(tight) or tight or text


def date_of(text: str) -> tuple[int, int, int] | None:
    """Year, month and day (0 where there is none) of a date in plain form without blanks; None if it is none.

    1990年5月3日, 1990-05-03, 19900503, 一九九〇年五月三日; whether the day exists is not looked at.
    """
    found = DATE.fullmatch(text)
    if found is None:
        return None
    year = found["y"] or found["y8"]
    month, day = found["m"] or found["m8"], found["d"] or found["d8"] or "0"
    whole = year if year.isdecimal() else "".join(str(HAN_DIGITS.get(c, "")) for c in year)
    return (int(whole), _number(month), _number(day)) if len(whole) == 4 else None


def _number(text: str) -> int:
    """Up to 99, in figures or in Han numerals."""
    if text.isdecimal():
        return int(text)
    tens, sign, ones = text.replace("廿", "二十").replace("卅", "三十").rpartition("十")
    head = HAN_DIGITS.get(tens, 1) if sign else 0
    return 10 * head + HAN_DIGITS.get(ones, 0)


def _compact(text: str) -> str:
    return NO_ALNUM.sub("", text).upper()


def _text(text: str) -> str:
    return text


def _lower(text: str) -> str:
    return text.casefold()


def _name(text: str) -> str:
    return text.translate(DOTS).casefold()


def _id(text: str) -> str:
    """18 characters also for the 15 that were issued before, which had no century and no check digit."""
    number = _compact(text)
    if len(number) == 15 and number.isdecimal():
        first = f"{number[:6]}19{number[6:]}"
        return first + id_check_digit(first)
    return number


def _phone(text: str) -> str:
    """Digits with the 0 of the area and without the country's 86; an extension behind an x."""
    extension = ""
    if found := EXTENSION.search(text):
        before = re.sub("[^0-9]", "", text[: found.start()])
        local = before[:1] in tuple("23456789") and len(before) in (7, 8) and before[:3] not in ("400", "800")
        if not found[0].startswith("-") or local or (before.startswith(("0", "86")) and len(before) >= 10):
            text, extension = text[: found.start()], "x" + found[1]
    digits = re.sub("[^0-9]", "", text)
    abroad = digits.startswith("0086") or text.startswith(("+86", "(+86")) or (len(digits) > 11 and digits[:2] == "86")
    if abroad:
        digits = digits.removeprefix("00").removeprefix("86")
    if len(digits) == 12 and digits[0] == "0" and digits[1] == "1" and digits[2] in "3456789":
        digits = digits[1:]
    is_mobile = len(digits) == 11 and digits[0] == "1"
    if abroad and not is_mobile and not digits.startswith(("0", "400", "800")):
        digits = "0" + digits
    return digits + extension if digits else ""


def _date(text: str) -> str:
    found = date_of(text)
    return "{:04}-{:02}-{:02}".format(*found) if found else text


def _gps(text: str) -> str:
    return re.sub("[,;、/]+", ",", text).upper()


def _ip(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return text.casefold()


FORMS: dict[str, Callable[[str], str]] = {
    "account": _lower,
    "date": _date,
    "email": _lower,
    "gps": _gps,
    "id": _id,
    "ip": _ip,
    "name": _name,
    "phone": _phone,
    "text": _text,
}
"""The forms of data/forms.tsv; the others keep letters and digits alone, in capitals."""
