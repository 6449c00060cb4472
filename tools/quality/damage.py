"""Kinds of bad text: good text damaged, or made of what stands around text on pages."""

from __future__ import annotations

import base64
from collections.abc import Callable
from random import Random

from .good import GOOD
from .phrases import PHRASES, Stock

__all__ = ["BAD"]

PUNCTUATION = "，。、；：？！“”（）《》,.;:?!()"
NOISE = "·．'`~^|;:,.*-_/\\<>"


def _good(stock: Stock, random: Random) -> str:
    return random.choice(list(GOOD.values()))(stock, random)


def _word(stock: Stock, random: Random) -> str:
    return random.choice((stock.word(random), random.choice(PHRASES["keywords"])))


def keywords(stock: Stock, random: Random) -> str:
    """Words joined by one sign."""
    words = [_word(stock, random) + random.choice(("", _word(stock, random))) for _ in range(random.randint(10, 200))]
    return random.choice(("_", ",", "，", " ", "|", "、", "-", "\n")).join(words)


def hijacked(stock: Stock, random: Random) -> str:
    """Good text with a block of joined words before or in it, more than the text is."""
    text = "".join(stock.some(random, 2, 6))
    block = keywords(stock, random)
    while len(block) < len(text):
        block += keywords(stock, random)
    at = random.choice((0, len(text) // 2))
    return text[:at] + block + text[at:]


def menu(_stock: Stock, random: Random) -> str:
    """Entries of a menu, by lines or in rows."""
    entries = [random.choice(PHRASES["menu"]) for _ in range(random.randint(8, 60))]
    return random.choice(("\n", "\n", " | ", " > ", "｜", "  ", "\n\n")).join(entries)


def links(stock: Stock, random: Random) -> str:
    """Titles of other pages, with dates or marks."""
    mark, date = random.choice(("", "· ", "- ", "[图]", "▪")), random.random() < 0.5
    lines = []
    for _ in range(random.randint(8, 50)):
        day = f" {random.randint(2010, 2025)}-{random.randint(1, 12):02}-{random.randint(1, 28):02}" if date else ""
        lines.append(mark + stock.phrase(random, "titles") + random.choice(("", "...", "")) + day)
    return "\n".join(lines)


def repeated_lines(stock: Stock, random: Random) -> str:
    """A few lines over and over."""
    lines = stock.some(random, 1, 5)
    return "\n".join(random.choice(lines) for _ in range(random.randint(4 * len(lines), 60)))


def repeated_phrase(stock: Stock, random: Random) -> str:
    """A phrase or sentence over and over, without line feeds."""
    phrase = random.choice((stock.some(random, 1, 1)[0], _word(stock, random) + random.choice(("，", "！", ""))))
    return phrase * random.randint(6, 60)


def one_character(stock: Stock, random: Random) -> str:
    """A character or two over and over."""
    return random.choice((stock.word(random)[:1], "哈", "=", "-", "*", "。", "啊", "…", "0", "★")) * random.randint(
        20, 400
    )


def shuffled(stock: Stock, random: Random) -> str:
    """Characters in random order."""
    characters = list(_good(stock, random))
    random.shuffle(characters)
    return "".join(characters)


def random_han(_stock: Stock, random: Random) -> str:
    """Random Han characters, with punctuation or without."""
    with_punctuation = random.random() < 0.5
    return "".join(
        random.choice(PUNCTUATION)
        if with_punctuation and random.random() < 0.1
        else chr(random.randint(0x4E00, 0x9FA5))
        for _ in range(random.randint(30, 600))
    )


def mojibake_latin(stock: Stock, random: Random) -> str:
    """UTF-8 or GBK read as Latin-1 or Windows-1252."""
    data = _good(stock, random).encode(random.choice(("utf-8", "gb18030")))
    return data.decode("latin-1") if random.random() < 0.5 else data.decode("cp1252", "replace")


def mojibake_gbk(stock: Stock, random: Random) -> str:
    """UTF-8 read as GBK, or GBK read as Big5."""
    text = _good(stock, random)
    read = text.encode().decode("gb18030", "replace")
    return read if random.random() < 0.7 else text.encode("gbk", "ignore").decode("big5", "replace")


def mojibake_part(stock: Stock, random: Random) -> str:
    """A good text with a wrongly read part."""
    text = "".join(stock.some(random, 4, 12))
    middle = len(text) // 2
    part = text[middle : middle + max(10, len(text) // 5)]
    return (
        text[:middle]
        + part.encode().decode(random.choice(("latin-1", "gb18030")), "replace")
        + text[middle + len(part) :]
    )


def replaced(stock: Stock, random: Random) -> str:
    """U+FFFD in place of characters, from 1 % on."""
    share = random.uniform(0.01, 0.2)
    return "".join("\ufffd" if random.random() < share else c for c in _good(stock, random))


def asked(stock: Stock, random: Random) -> str:
    """A question mark in place of what could not be encoded."""
    share = random.uniform(0.1, 0.6)
    return "".join(
        "?" if random.random() < share or c in PUNCTUATION else c for c in "".join(stock.some(random, 2, 12))
    )


def digits(_stock: Stock, random: Random) -> str:
    """A table of numbers."""
    cut, width = random.choice(("\t", " ", ",", "  ")), random.randint(2, 12)
    return "\n".join(
        cut.join(random.choice((str(random.randint(0, 9999)), f"{random.uniform(0, 100):.2f}")) for _ in range(width))
        for _ in range(random.randint(5, 60))
    )


def spaced(stock: Stock, random: Random) -> str:
    """A space behind each character, or most, as bad PDF and OCR give."""
    share = random.uniform(0.6, 1)
    return "".join(c + " " if random.random() < share else c for c in _good(stock, random))


def noisy(stock: Stock, random: Random) -> str:
    """Signs in place of characters and between them, as bad OCR gives."""
    share = random.uniform(0.08, 0.3)
    return "".join(
        random.choice(NOISE) * random.randint(1, 2) if random.random() < share else c for c in _good(stock, random)
    )


def bare(stock: Stock, random: Random) -> str:
    """All punctuation lost, in one line."""
    text = "".join(stock.some(random, 5, 40))
    return "".join(random.choice(("", " ")) if c in PUNCTUATION else c for c in text)


def wrong_punctuation(stock: Stock, random: Random) -> str:
    """Punctuation doubled, exchanged and moved."""
    return "".join(
        "".join(random.choices(PUNCTUATION, k=random.randint(1, 3))) if c in PUNCTUATION or random.random() < 0.1 else c
        for c in _good(stock, random)
    )


def broken_lines(stock: Stock, random: Random) -> str:
    """A line feed after every few characters."""
    text, width = "".join(stock.some(random, 3, 20)), random.randint(1, 6)
    return "\n".join(text[i : i + width] for i in range(0, len(text), width))


def scrap(stock: Stock, random: Random) -> str:
    """A few characters that were cut off."""
    text = stock.some(random, 1, 1)[0].rstrip("。！？")
    return text[: random.randint(1, 12)] + random.choice(("", "", "...", "，", " 更多"))


def advert(stock: Stock, random: Random) -> str:
    """Adverts one behind the other."""
    return random.choice(("\n", " ", "")).join(stock.phrase(random, "adverts") for _ in range(random.randint(2, 12)))


def spun(stock: Stock, random: Random) -> str:
    """Sentences put together by a machine around a keyword."""
    keyword, clauses = _word(stock, random) + random.choice(PHRASES["keywords"]), []
    for _ in range(random.randint(8, 60)):
        parts = [
            random.choice((keyword, stock.word(random), random.choice(PHRASES["joints"])))
            for _ in range(random.randint(3, 6))
        ]
        clauses.append("".join([*parts, keyword]) + random.choice("，，。"))
    return "".join(clauses)


def furniture(stock: Stock, random: Random) -> str:
    """A short text in much page furniture."""
    around = [
        random.choice((stock.phrase(random, "furniture"), menu(stock, random)[:40]))
        for _ in range(random.randint(8, 25))
    ]
    at = random.randint(0, len(around))
    return "\n".join([*around[:at], *stock.some(random, 1, 3), *around[at:]])


def markup(stock: Stock, random: Random) -> str:
    """Remains of HTML and scripts, with little text."""
    return random.choice(("\n", "")).join(stock.phrase(random, "html") for _ in range(random.randint(3, 20)))


def encoded(stock: Stock, random: Random) -> str:
    """Base64 or hexadecimal."""
    data = _good(stock, random).encode()[: random.randint(60, 3000)]
    return data.hex() if random.random() < 0.5 else base64.b64encode(data).decode()


BAD: dict[str, Callable[[Stock, Random], str]] = {
    "keywords": keywords,
    "hijacked": hijacked,
    "menu": menu,
    "links": links,
    "repeated_lines": repeated_lines,
    "repeated_phrase": repeated_phrase,
    "one_character": one_character,
    "shuffled": shuffled,
    "random_han": random_han,
    "mojibake_latin": mojibake_latin,
    "mojibake_gbk": mojibake_gbk,
    "mojibake_part": mojibake_part,
    "replaced": replaced,
    "asked": asked,
    "digits": digits,
    "spaced": spaced,
    "noisy": noisy,
    "bare": bare,
    "wrong_punctuation": wrong_punctuation,
    "broken_lines": broken_lines,
    "scrap": scrap,
    "advert": advert,
    "spun": spun,
    "furniture": furniture,
    "markup": markup,
    "encoded": encoded,
}
