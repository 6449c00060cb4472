"""Invented personal data: valid in form and check digit, so that they must be found, yet no person can own them."""

from __future__ import annotations

__all__ = ["UNISSUED_COUNTY", "bank_card", "id_card", "landline", "mobile", "plate", "uscc"]

UNISSUED_COUNTY = "529900"
"""A county code of Guizhou (52) that GB/T 2260 has never held: there is no prefecture 99."""


def _scatter(seq: int, digits: int) -> str:
    """The number `seq` spread over all numbers of that many digits, so that neighbours do not look alike."""
    size: int = 10**digits
    return str((seq * 7_368_787 + 3_141_593) % size).zfill(digits)


def id_card(region: str = UNISSUED_COUNTY, birth: str = "19850412", seq: int = 1) -> str:
    """An 18-digit resident number (GB 11643) with its check digit; harmless as long as `region` was never issued."""
    body = f"{region}{birth}{seq:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 11]


def mobile(seq: int) -> str:
    """A mobile number beginning with 1743: of 174, as far as we know, only 1740, 1741 and 1749 are in use."""
    return "1743" + _scatter(seq, 7)


def landline(seq: int, area: str = "0851") -> str:
    """A landline number of Guizhou beginning with 9, which China's local networks keep for service codes."""
    return f"{area}-9{_scatter(seq, 7)}"


def bank_card(seq: int, prefix: str = "629998", length: int = 19) -> str:
    """A bank card number with its Luhn digit; 629998 lies in UnionPay's range and, as far as we know, names no bank."""
    body = prefix + _scatter(seq, length - len(prefix) - 1)
    total = 0
    for place, digit in enumerate(reversed(body)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return body + str(-total % 10)


USCC_DIGITS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
ORGANISATION_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"  # GB 11714 counts with all letters


def uscc(seq: int, kind: str = "92", region: str = UNISSUED_COUNTY) -> str:
    """A unified social credit code (GB 32100) with both check digits; 92 is a self-employed person, 91 a company."""
    body = "MA" + _scatter(seq, 6)
    total = sum(ORGANISATION_DIGITS.index(c) * w for c, w in zip(body, (3, 7, 9, 10, 5, 8, 4, 2), strict=True))
    code = kind + region + body + "0123456789X"[(11 - total % 11) % 11]
    total = sum(USCC_DIGITS.index(c) * pow(3, i, 31) for i, c in enumerate(code))
    return code + USCC_DIGITS[-total % 31]


def plate(seq: int, new_energy: bool = False) -> str:
    """A number plate of Guizhou under the letter Z, which no prefecture bears."""
    return f"贵ZD{_scatter(seq, 5)}" if new_energy else f"贵Z{_scatter(seq, 5)}"
