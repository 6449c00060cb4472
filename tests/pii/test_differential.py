"""Gates against none on generated text: every pattern over everything finds what the gated pass finds."""

from __future__ import annotations

from random import Random

import pyarrow as pa
import pytest

from curate.pii.gate import Gate
from curate.pii.recogniser import ChineseRecognizer
from curate.pii.rules import lead_rules

from .test_recogniser import naive
from .values import CARD, CARD_19, ID, ID_X, LED, MOBILE, USCC, VISA, WORDS, wide

FIXED = [
    MOBILE,
    ID,
    ID_X,
    CARD,
    CARD_19,
    VISA,
    USCC,
    "0851-85000000",
    "(0851) 8500 0000转1",
    "400-123-4567",
    "贵A12345",
    "a.b@example.com",
]
SIGNS = " \n\t-.:：()（），,、·°′″/@_=#\"'\u200b\u3000年月日号生IPx"
HAN = (
    "的一是在有和人中大为上国以要他时来用们生到作地于出就分对成会可主发动同工也能下过子说产种面而方后多定行学法所民得经"
)


def generated(r: Random, size: int) -> str:
    """Text of about `size` characters with lead words, values, parts and mixtures of values, and signs."""
    leads = list(lead_rules())
    parts: list[str] = []
    while size > 0:
        way = r.randrange(9)
        if way == 0:
            part = r.choice(leads)
        elif way == 1:
            part = r.choice(WORDS)
        elif way <= 3:
            part = r.choice(LED + FIXED)
            if r.random() < 0.2:
                part = wide(part)
            if r.random() < 0.3:  # one character added, lost or another
                at = r.randrange(len(part))
                part = part[:at] + r.choice(["", *SIGNS, "0", "7", "A", "x"]) + part[at + r.randrange(2) :]
        elif way == 4:
            part = "".join(r.choices("0123456789", k=r.randint(1, 20)))
        elif way == 5:
            part = "".join(r.choices("0123456789ABCDEFabcdefXWZ", k=r.randint(1, 20)))
        elif way == 6:
            part = "".join(r.choices(HAN, k=r.randint(1, 30)))
        else:
            part = r.choice(SIGNS)
        parts.append(part)
        size -= len(part)
    return "".join(parts)


def compare(seed: int, characters: int) -> None:
    """The gated pass, none, and the gates for columns on so many characters of generated text."""
    r = Random(seed)
    recognizers = {least: ChineseRecognizer(least) for least in (0.5, 0.0)}
    gates = {least: Gate(least) for least in recognizers}
    slow = {least: ChineseRecognizer(least) for least in recognizers}
    for one in slow.values():  # every safe number is tried, whatever it needs
        one._safe = tuple((("",), patterns) for _, patterns in one._safe)
    found = 0
    while characters > 0:
        texts = [generated(r, r.choice((20, 60, 200, 600))) for _ in range(100)]
        characters -= sum(map(len, texts))
        least = r.choice((0.5, 0.5, 0.0))
        column = pa.array(texts)
        kept = zip(gates[least].texts(column), gates[least].fields(column), strict=True)
        for text, (running, field) in zip(texts, kept, strict=True):
            hits = recognizers[least].hits(text)
            assert hits == naive(slow[least], text)
            assert (running and field) or not hits
            assert all(0 <= hit.start < hit.end <= len(text) for hit in hits)
            found += len(hits)
    assert found > 0


def test_gates_lose_nothing_on_a_little_text() -> None:
    compare(1, 600_000)


@pytest.mark.slow
def test_gates_lose_nothing_on_50_megabytes() -> None:
    compare(2, 25_000_000)  # half of it Han
