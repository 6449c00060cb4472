"""Made-up numbers of papers, cards and accounts of people, and dates of birth.

Check digits: GB 11643-1999 (identity card); those of the cards of Hong Kong and Taiwan are as commonly published.
"""

from __future__ import annotations

from datetime import date
from random import Random

from ..validators import id_check_digit
from .tables import places
from .written import LETTERS, digits, pick, wide, written

__all__ = [
    "birth_date",
    "driver_file",
    "hk_id_card",
    "hk_macau_permit",
    "housing_fund",
    "id_card",
    "id_card_15",
    "medical_insurance",
    "medical_record",
    "officer_card",
    "passport",
    "permanent_residence",
    "permanent_residence_new",
    "residence_permit",
    "social_security",
    "taiwan_permit",
    "tw_id_card",
]

TW_LETTERS = "ABCDEFGHJKLMNPQRSTUVXYWZIO"  # in the order of their values, 10 to 35
HAN = "〇一二三四五六七八九"
NO_IO = "ABCDEFGHJKLMNPQRSTUVWXYZ"


def _birth(r: Random, first: int = 1935, last: int = 2015) -> date:
    return date.fromordinal(r.randint(date(first, 1, 1).toordinal(), date(last, 12, 31).toordinal()))


def id_card(r: Random) -> str:
    """18 characters, the last perhaps a small x."""
    return _id(r, f"{r.choice(places()).code}{_birth(r):%Y%m%d}{r.randint(1, 999):03d}")


def _id(r: Random, first: str) -> str:
    number = first + id_check_digit(first)
    number = number.lower() if r.random() < 0.3 else number
    return written(r, number, (6, 8), (6, 4, 4), (3, 3, 4, 4), (6,))


def id_card_15(r: Random) -> str:
    """15 digits as given out until 1999."""
    number = f"{r.choice(places()).code}{_birth(r, 1935, 1985):%y%m%d}{r.randint(1, 999):03d}"
    return pick(r, (92, number), (8, wide(number)))


def residence_permit(r: Random) -> str:
    """For people of Hong Kong, Macau and Taiwan."""
    return _id(r, f"8{r.randint(1, 3)}0000{_birth(r):%Y%m%d}{r.randint(1, 999):03d}")


def permanent_residence(r: Random) -> str:
    """The old form: a country, a place, a date, a number."""
    country = r.choice(("USA", "GBR", "KOR", "JPN", "DEU", "FRA", "CAN", "AUS", "RUS"))
    return f"{country}{r.choice(places()).code[:4]}{_birth(r):%y%m%d}{digits(r, 2)}"


def permanent_residence_new(r: Random) -> str:
    """The form of 2023."""
    return _id(r, f"9{r.choice(places()).code[:2]}{digits(r, 3)}{_birth(r):%Y%m%d}{r.randint(1, 999):03d}")


def hk_macau_permit(r: Random) -> str:
    """回乡证."""
    return r.choice("HM") + digits(r, r.choice((8, 8, 10)))


def taiwan_permit(r: Random) -> str:
    """台胞证."""
    return digits(r, 8)


def hk_id_card(r: Random) -> str:
    """One letter or two, six digits, the check character in brackets."""
    letters = r.choice(LETTERS) if r.random() < 0.8 else r.choice("XWE") + r.choice("ABCDG")
    figures = digits(r, 6)
    values = [36] * (2 - len(letters)) + [ord(c) - 55 for c in letters] + [int(c) for c in figures]
    check = "0123456789A"[-sum(weight * value for weight, value in zip(range(9, 1, -1), values, strict=True)) % 11]
    left, right = ("（", "）") if r.random() < 0.3 else ("(", ")")
    return f"{letters}{figures}{left}{check}{right}"


def tw_id_card(r: Random) -> str:
    """A letter, the sex, seven digits and the check digit."""
    letter, body = r.choice(TW_LETTERS), r.choice("12") + digits(r, 7)
    code = TW_LETTERS.index(letter) + 10
    total = code // 10 + code % 10 * 9 + sum(weight * int(c) for weight, c in zip(range(8, 0, -1), body, strict=True))
    return f"{letter}{body}{-total % 10}"


def passport(r: Random) -> str:
    """Ordinary, electronic, diplomatic, official."""
    number = r.choice("EEEGDSP") + digits(r, 8) if r.random() < 0.8 else f"E{r.choice(NO_IO)}{digits(r, 7)}"
    return pick(r, (92, number), (8, wide(number)))


def driver_file(r: Random) -> str:
    """12 digits."""
    return r.choice(places()).code[:4] + digits(r, 8)


def officer_card(r: Random) -> str:
    """军字第…号 and its like."""
    return f"{r.choice('军士文武')}字第{digits(r, r.choice((6, 7, 8)))}号"


def medical_record(r: Random) -> str:
    """As each hospital does."""
    return r.choice(
        (
            digits(r, 8),
            digits(r, 10),
            f"ZY{digits(r, 8)}",
            f"{r.choice(LETTERS)}{digits(r, 7)}",
            f"20{digits(r, 2)}-{digits(r, 5)}",
        )
    )


def social_security(r: Random) -> str:
    """A letter and eight digits, or digits alone."""
    return r.choice((r.choice(LETTERS) + digits(r, 8), r.choice("123456789") + digits(r, 9)))


def medical_insurance(r: Random) -> str:
    """As cities do."""
    return r.choice(
        (r.choice(LETTERS) + digits(r, 8), r.choice("123456789") + digits(r, 9), r.choice("123456789") + digits(r, 11))
    )


def housing_fund(r: Random) -> str:
    """9 to 12 digits."""
    return r.choice("123456789") + digits(r, r.randint(8, 11))


def birth_date(r: Random) -> str:
    """A date in one of its forms."""
    day = _birth(r)
    y, m, d = day.year, day.month, day.day
    return r.choice(
        (
            f"{y}年{m}月{d}日", f"{y}年{m}月{d}日", f"{y}-{m:02d}-{d:02d}", f"{y}.{m}.{d}", f"{y}/{m:02d}/{d:02d}",
            f"{y}年{m:02d}月", "".join(HAN[int(c)] for c in str(y)) + f"年{_han(m)}月{_han(d)}日", wide(f"{y}年{m}月{d}日"),
        )
    )  # fmt: skip


def _han(number: int) -> str:
    tens, ones = divmod(number, 10)
    return ("", "十", "二十", "三十")[tens] + (HAN[ones] if ones else "")
