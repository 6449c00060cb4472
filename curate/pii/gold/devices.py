"""Made-up addresses in networks, accounts, numbers of devices, places on the map and secrets."""

from __future__ import annotations

import base64
import json
from random import Random

from .tables import names
from .written import LETTERS, digits, pick, wide, with_luhn

__all__ = ["email", "gps", "iccid", "imei", "imsi", "ip", "mac", "qq", "secret", "wechat", "weibo"]

LOWER = LETTERS.lower()
URL_SAFE = LETTERS + LOWER + "0123456789-_"


def email(r: Random) -> str:
    """Hosts that are reserved for examples, or of eight random letters."""
    words = names()["pinyin"]
    local = r.choice(words) + r.choice(("", ".", "_", "-")) + r.choice(words)
    local += r.choice(("", str(r.randint(1, 9999)), str(r.randint(1960, 2005))))
    host = "".join(r.choices(LOWER, k=8)) + r.choice((".com", ".com.cn", ".cn", ".net", ".gov.cn", ".edu.cn"))
    line = f"{local}@{r.choice(('example.com', 'mail.example.org', 'example.net', host, host))}"
    return pick(r, (88, line), (4, line.upper()), (4, line.replace("@", "＠")), (4, wide(line)))


def wechat(r: Random) -> str:
    """A name of 6 to 20 characters that begins with a letter."""
    if r.random() < 0.3:
        return "wxid_" + "".join(r.choices(LOWER + "0123456789", k=14))
    words = names()["pinyin"]
    return r.choice(words) + r.choice(("", "_", "-")) + r.choice(words) + str(r.randint(100, 99999))


def qq(r: Random) -> str:
    """5 to 11 digits."""
    return r.choice("123456789") + digits(r, r.choice((5, 7, 8, 8, 9, 9)))


def weibo(r: Random) -> str:
    """The number of an account, or its name, perhaps with the sign before it."""
    if r.random() < 0.3:
        return r.choice("123456789") + digits(r, 9)
    words = names()["pinyin"]
    return f"{r.choice(('@', '@', ''))}{r.choice(words)}_{r.choice(words)}{r.randint(10, 9999)}"


def ip(r: Random) -> str:
    """Version 4, sometimes 6; no private network."""
    if r.random() < 0.75:
        first = r.choice([n for n in range(11, 223) if n not in (100, 127, 169, 172, 192, 198)])
        return f"{first}.{r.randint(0, 255)}.{r.randint(0, 255)}.{r.randint(1, 254)}"
    groups = [f"{r.randrange(1, 1 << 16):x}" for _ in range(6)]
    head = r.choice(("2001:db8", "240e:3a1", "2409:8a5"))
    return f"{head}:{':'.join(groups)}" if r.random() < 0.6 else f"{head}::{':'.join(groups[:3])}"


def mac(r: Random) -> str:
    """Six bytes."""
    line = r.choice(":-").join(f"{r.randrange(256):02x}" for _ in range(6))
    return line.upper() if r.random() < 0.6 else line


def imei(r: Random) -> str:
    """15 digits with a check digit."""
    return with_luhn(r.choice(("86", "35")) + digits(r, 12))


def imsi(r: Random) -> str:
    """460, the network, the subscriber."""
    return "460" + r.choice(("00", "01", "02", "07", "11", "15")) + digits(r, 10)


def iccid(r: Random) -> str:
    """20 digits of a SIM card."""
    return with_luhn("8986" + r.choice(("00", "01", "03", "11")) + digits(r, 13))


def gps(r: Random) -> str:
    """A point inside the country."""
    lng, lat = r.uniform(98, 122), r.uniform(22, 42)
    way = r.randrange(4)
    if way == 0:
        return f"{lng:.6f},{lat:.6f}"
    if way == 1:
        return f"{lat:.5f}, {lng:.5f}"
    if way == 2:
        return f"东经{lng:.6f}°，北纬{lat:.6f}°"
    return (
        f"北纬{int(lat)}°{r.randint(0, 59)}′{r.randint(0, 59)}″，东经{int(lng)}°{r.randint(0, 59)}′{r.randint(0, 59)}″"
    )


def secret(r: Random) -> str:
    """Passwords and keys."""
    way = r.randrange(8)
    if way < 4:
        return f"{r.choice(LETTERS)}{''.join(r.choices(LOWER, k=5))}{r.choice('@#!$%')}{digits(r, 4)}"
    if way == 4:
        return "AKIA" + "".join(r.choices(LETTERS + "234567", k=16))
    if way == 5:
        return "sk-" + "".join(r.choices(LETTERS + LOWER + "0123456789", k=40))
    if way == 6:
        return "ghp_" + "".join(r.choices(LETTERS + LOWER + "0123456789", k=36))
    head, body = ({"alg": "HS256", "typ": "JWT"}, {"sub": digits(r, 8)})
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in (head, body)]
    return ".".join([*parts, "".join(r.choices(URL_SAFE, k=43))])
