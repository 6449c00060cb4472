"""Checks of figures that mean something: network addresses, dates, coordinates, postcodes, networks of SIM cards, secrets.

Like `validators`, pure functions of the text a pattern found, in normal form.
"""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

from . import data

__all__ = [
    "birth_date",
    "gps",
    "handle",
    "imsi",
    "ipv4",
    "ipv4_small",
    "ipv6",
    "mac",
    "postcode",
    "secret",
    "years",
]

HAN = {c: i % 10 for i, c in enumerate("〇一二三四五六七八九零")} | {"○": 0}
HAN_DATE = re.compile("(.{4})年(.{1,3})月(?:(.{1,3})[日号])?")


@cache
def years() -> range:
    """The years in which people now alive or just dead were born."""
    first, last = data.rows("birth_years")[0]
    return range(int(first), int(last) + 1)


@cache
def _local_networks() -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(row[0]) for row in data.rows("local_networks"))


def _public(address: IPv4Address | IPv6Address) -> bool:
    return not any(address.version == net.version and address in net for net in _local_networks())


def _octets(text: str) -> list[int] | None:
    """The four figures of an address on the internet."""
    try:
        address = IPv4Address(text)
    except ValueError:
        return None
    return list(address.packed) if _public(address) else None


def ipv4(text: str) -> bool:
    """An address on the internet with one figure from 100 on or three from 10 on, as no version or clause has them."""
    octets = _octets(text)
    return octets is not None and (max(octets) >= 100 or sum(n >= 10 for n in octets) >= 3)


def ipv4_small(text: str) -> bool:
    """Any other address on the internet."""
    return _octets(text) is not None and not ipv4(text)


def ipv6(text: str) -> bool:
    """An address on the internet of three groups or more."""
    try:
        address = IPv6Address(text)
    except ValueError:
        return False
    return text.count(":") >= 3 and _public(address)


def mac(text: str) -> bool:
    """An address of a device: not all bytes the same, as in masks and broadcasts."""
    return len(set(re.split("[:-]", text.lower()))) > 1


def handle(text: str) -> bool:
    """The name of an account: with a digit or a sign, as no word is."""
    return any(c in "_-@" or c.isdigit() for c in text)


@cache
def _postcodes() -> frozenset[str]:
    return frozenset(row[0] for row in data.rows("postcodes"))


def postcode(text: str) -> bool:
    """A postcode of a known province."""
    return text[:2] in _postcodes()


def birth_date(text: str) -> bool:
    """A date that exists, in a year in which people now alive or just dead were born."""
    year, month, day = _figures(text)
    if year not in years() or not 1 <= month <= 12:
        return False
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _figures(text: str) -> tuple[int, int, int]:
    """Year, month and day of a date in one of the forms of entities.yaml; a missing day is the first."""
    if text[0] in HAN:
        year, month, day = HAN_DATE.match(text).groups()  # type: ignore[union-attr]
        return int("".join(str(HAN[c]) for c in year)), _han(month), _han(day) if day else 1
    parts = [int(part) for part in re.findall("[0-9]+", text)]
    if len(parts) == 1:
        return parts[0] // 10000, parts[0] // 100 % 100, parts[0] % 100
    return parts[0], parts[1], parts[2] if len(parts) > 2 else 1


def _han(text: str) -> int:
    """A number below 100 in Han figures."""
    total = 0
    for c in text:
        total = max(total, 1) * 10 if c == "十" else total + HAN.get(c, 20 if c == "廿" else 30)
    return total


def gps(text: str) -> bool:
    """Two figures of which one is a latitude, the other a longitude of the country."""
    parts = [float(part) for part in re.findall(r"[0-9]+(?:\.[0-9]+)?", text)]
    if len(parts) > 2:  # degrees, minutes, seconds
        degrees = [float(part) for part in re.findall(r"([0-9]+)[ ]?[°度]", text)]
        parts = degrees if len(degrees) == 2 else parts[:2]
    low, high = sorted(parts)
    return 3 <= low <= 54 and 73 <= high <= 136


@cache
def _networks() -> frozenset[str]:
    return frozenset(row[0] for row in data.rows("networks"))


def imsi(text: str) -> bool:
    """The number of a subscriber of a known network."""
    return text[:5] in _networks()


def secret(text: str) -> bool:
    """A value with a digit that is more than one character repeated."""
    return any(c.isdigit() for c in text) and len(set(text)) > 2
