"""Made-up numbers of telephones, bank cards, organisations and vehicles.

Check digits: ISO/IEC 7812-1 (cards), GB 11714-1997 (organisation code), GB 32100-2015 (credit code), GB 16735 (VIN).
"""

from __future__ import annotations

from random import Random

from .. import data
from .tables import places
from .written import digits, grouped, pick, wide, with_luhn, written

__all__ = ["bank_card", "landline", "mobile", "org_code", "plate", "postcode", "uscc", "vin"]

CODE_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
NO_IO = "ABCDEFGHJKLMNPQRSTUVWXYZ"
ORG_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
VIN_LETTERS = "0123456789ABCDEFGHJKLMNPRSTUVWXYZ"
VIN_VALUES = dict(
    zip("ABCDEFGHJKLMNPRSTUVWXYZ", (1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 7, 9, 2, 3, 4, 5, 6, 7, 8, 9), strict=True)
)
VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


def mobile(r: Random) -> str:
    """Any segment, with and without the country's prefix."""
    number = r.choice(data.rows("mobile_segments"))[0] + digits(r, 8)
    way = r.random()
    if way < 0.16:
        plain = pick(r, (2, number), (1, grouped(number, (3, 4), " ")), (1, grouped(number, (3, 4), "-")))
        return r.choice(("+86", "+86 ", "+86-", "86-", "0086", "(+86)", "（+86）")) + plain
    return written(r, number, (3, 4), (3, 4), (4, 3))


def landline(r: Random) -> str:
    """Area code and number, perhaps an extension."""
    place = r.choice(places())
    number = r.choice("2345678") + digits(r, 7 if len(place.area) == 3 or place.area in ("0851", "0755", "0571") else 6)
    way = r.random()
    if way < 0.6:
        line = f"{place.area}-{number}"
    elif way < 0.75:
        line = f"({place.area}){number}" if way < 0.7 else f"（{place.area}）{number}"
    elif way < 0.85:
        line = f"{place.area} {number}"
    elif way < 0.93:
        line = f"+86-{place.area[1:]}-{number}"
    else:
        line = place.area + number
    if r.random() < 0.15:
        line += r.choice(("-", "转", "分机", " ext.")) + str(r.randint(1, 8999))
    return wide(line) if r.random() < 0.07 else line


def postcode(r: Random) -> str:
    """Six digits."""
    return r.choice(places()).post + digits(r, 4)


def bank_card(r: Random) -> str:
    """Mostly UnionPay."""
    first, length = r.choice((("62", 19), ("62", 19), ("62", 16), ("622", 19), ("621", 19), ("4", 16), ("53", 16)))
    number = with_luhn(first + digits(r, length - len(first) - 1))
    return written(r, number, (4, 4, 4, 4), (4, 4, 4, 4), (6,) if length == 19 else (4, 4, 4, 4))


def org_code(r: Random) -> str:
    """Eight characters, a hyphen, the check character."""
    number = _org_code(r)
    return number[:8] + "-" + number[8:] if r.random() < 0.8 else number


def _org_code(r: Random) -> str:
    body = digits(r, 8) if r.random() < 0.5 else "MA" + "".join(r.choices(CODE_ALPHABET, k=6))
    total = sum(weight * int(c, 36) for weight, c in zip(ORG_WEIGHTS, body, strict=True))
    return body + "0123456789X"[-total % 11]


def uscc(r: Random) -> str:
    """Companies, traders, associations, offices."""
    first = r.choice(("91", "91", "92", "51", "12")) + r.choice(places()).code + _org_code(r)
    total = sum(CODE_ALPHABET.index(c) * pow(3, at, 31) for at, c in enumerate(first))
    return pick(r, (92, number := first + CODE_ALPHABET[-total % 31]), (8, wide(number)))


def plate(r: Random) -> str:
    """Blue, green and special plates."""
    sign, city = r.choice(places()).plate, r.choice("ABCDEFGH")
    way = r.randrange(10)
    if way < 5:
        tail = list(digits(r, 5))
        for at in r.sample(range(5), r.choice((0, 1, 1, 2))):
            tail[at] = r.choice(NO_IO)
        rest = "".join(tail)
    elif way < 7:
        rest = r.choice("DFABC") + r.choice(NO_IO + "0123456789") + digits(r, 4)
    elif way == 7:
        rest = digits(r, 5) + r.choice("DF")
    else:
        rest = digits(r, 4) + r.choice("挂学警")
    line = sign + city + pick(r, (70, ""), (20, "·"), (5, " "), (5, "-")) + rest
    return wide(line) if r.random() < 0.05 else line


def vin(r: Random) -> str:
    """17 characters, the ninth a check."""
    body = "L" + "".join(r.choices(VIN_LETTERS, k=10)) + digits(r, 6)
    values = [int(c) if c.isdigit() else VIN_VALUES[c] for c in body]
    check = "0123456789X"[sum(weight * value for weight, value in zip(VIN_WEIGHTS, values, strict=True)) % 11]
    return body[:8] + check + body[9:]
