"""Kinds of good text about programs and mathematics."""

from __future__ import annotations

from random import Random

from .phrases import PHRASES, Stock

__all__ = ["aside", "manual", "mathematics", "reference"]


def manual(stock: Stock, random: Random) -> str:
    """Explanations with code and formulae."""
    parts = [f"# {stock.word(random)} {random.choice(('API', 'Python', 'SQL', 'C++', ''))}"]
    names = _names(random)
    for _ in range(random.randint(2, random.choice((8, 40)))):
        parts.append("".join(stock.phrase(random, "explains") for _ in range(random.randint(1, 2))))
        part = random.random()
        if part < 0.4:
            parts.append(_code(random, names, random.randint(1, 15)))
        elif part < 0.6:
            parts.append(random.choice(PHRASES["formulae"]))
        else:
            parts.append("".join(stock.some(random, 1, 4)) + random.choice(("", aside(stock, random))))
    return "\n\n".join(parts)


def reference(stock: Stock, random: Random) -> str:
    """Pages about programs that are more code and English names than sentences."""
    names = _names(random)
    name = _filled("…_…", names, random)
    parts = [f".. _{name}:", name, "-" * random.randint(5, 40)] if random.random() < 0.5 else [f"## {name}"]
    for _ in range(random.randint(2, 10)):
        parts.append(random.choice(PHRASES["headings"]))
        for _ in range(random.randint(1, 5)):
            parts.append(
                f"- **{random.choice(names)}** (Tensor|int，可选) - {random.choice((stock.word(random), stock.some(random, 1, 1)[0]))}"
            )
        if random.random() < 0.7:
            parts.append(_code(random, names, random.randint(3, 25)))
    return "\n\n".join(parts) if random.random() < 0.5 else "\n".join(parts)


def mathematics(stock: Stock, random: Random) -> str:
    """Sentences full of formulae."""
    parts, names = [], _names(random)
    for _ in range(random.randint(3, random.choice((15, 50)))):
        sentence = "".join(stock.some(random, 1, 2))
        for _ in range(random.randint(1, 4)):
            at = random.randrange(len(sentence))
            formula = " ".join(random.choices(PHRASES["symbols"], k=random.randint(1, 6)))
            sentence = f"{sentence[:at]} ${formula}$ {sentence[at:]}"
        parts.append(sentence)
        if random.random() < 0.5:
            parts.append("$$\n" + " ".join(random.choices(PHRASES["symbols"], k=random.randint(5, 25))) + "\n$$")
        if random.random() < 0.3:
            parts.append(_code(random, names, random.randint(3, 20)))
    return "\n\n".join(parts)


def _names(random: Random) -> list[str]:
    """The names of one page, few enough to come again."""
    return random.sample(PHRASES["names"], random.randint(4, 12))


def _code(random: Random, names: list[str], lines: int) -> str:
    deep = random.choice((0, 1, 3))
    code = [
        "    " * random.randint(0, deep) + _filled(random.choice(PHRASES["statements"]), names, random)
        for _ in range(lines)
    ]
    form = random.choice(("```\n{}\n```", "```python\n{}\n```", "::\n\n{}"))
    variants = [form.format("\n".join(code))]
    for _ in range(random.choice((0, 0, 0, 1, 3))):  # the same for other libraries
        variants.append(form.format("\n".join(line.replace(names[0], random.choice(names)) for line in code)))
    return "\n\n".join(variants)


def _filled(phrase: str, names: list[str], random: Random) -> str:
    while "…" in phrase:
        phrase = phrase.replace("…", random.choice(names), 1)
    return phrase


def aside(stock: Stock, random: Random) -> str:
    """A picture, a reference or a remark, in the words of markup."""
    phrase = random.choice(PHRASES["asides"])
    return phrase.replace("…", stock.word(random), 1).replace("…", random.choice(PHRASES["names"]))
