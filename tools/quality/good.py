"""Kinds of good text, recombined from the examples and from phrases."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from curate.stages.tables import rows

from .phrases import PHRASES, Stock
from .technical import aside, manual, mathematics, reference

__all__ = ["GOOD"]

NUMERALS = "一二三四五六七八九十"
TRADITIONAL = {
    ord(simple): old for line in rows("simplified.tsv") for old, simple in zip(line[0], line[1], strict=True)
}


def document(stock: Stock, random: Random) -> str:
    """A document of the examples as it is."""
    return random.choice(stock.documents)


def passage(stock: Stock, random: Random) -> str:
    """Sentences that follow each other, in paragraphs."""
    sentences = stock.some(random, 2, random.choice((4, 10, 40)))
    size = random.randint(1, 6)
    return "\n".join("".join(sentences[i : i + size]) for i in range(0, len(sentences), size))


def joined(stock: Stock, random: Random) -> str:
    """Several documents behind each other, with an empty line between."""
    return "\n\n".join(random.sample(stock.documents, min(random.randint(2, 12), len(stock.documents))))


def dialogue(stock: Stock, random: Random) -> str:
    """Two speakers in turn."""
    first, second = random.choice(PHRASES["speakers"]).split("，")
    turns = []
    for _ in range(random.randint(1, 12)):
        question = random.choice((stock.phrase(random, "questions"), stock.some(random, 1, 1)[0]))
        turns += [
            f"{first}：{question}",
            f"{second}：{random.choice(PHRASES['replies'])}{''.join(stock.some(random, 1, 4))}",
        ]
    return "\n".join(turns)


def answer(stock: Stock, random: Random) -> str:
    """A short question with its answer, or one of them alone."""
    question = stock.phrase(random, "questions")
    reply = random.choice(PHRASES["replies"]) + "".join(stock.some(random, 1, 3))
    return random.choice((question + reply, f"{question}\n{reply}", reply))


def readings(stock: Stock, random: Random) -> str:
    """A table told in prose: names with values and units between sentences."""
    lines = [stock.word(random) + "记录"]
    for _ in range(random.randint(3, 20)):
        parts = []
        for _ in range(random.randint(1, 5)):
            number = random.choice((str(random.randint(1, 99)), f"{random.uniform(0, 300):.1f}"))
            parts.append(random.choice(PHRASES["readings"]).replace("…", number))
        lines.append(random.choice((stock.word(random) + "：", "")) + "，".join(parts) + "。")
        if random.random() < 0.4:
            lines += stock.some(random, 1, 2)
    return "\n".join(lines)


def listed(stock: Stock, random: Random) -> str:
    """Headings over items, with marks of Markdown or numbers."""
    lines = [f"# {stock.word(random)}{random.choice(PHRASES['headings'])}"]
    mark = random.choice(("- ", "* ", "{}. ", "（{}）", "{}、", "• "))
    for _ in range(random.randint(1, 5)):
        lines += ["", f"## {random.choice(PHRASES['headings'])}", ""]
        if random.random() < 0.6:
            lines.append("".join(stock.some(random, 1, 3)))
        for i in range(random.randint(2, 9)):
            item = random.choice((random.choice(PHRASES["items"]), stock.some(random, 1, 1)[0]))
            lines.append(mark.format(i + 1) + item)
    return "\n".join(lines)


def statute(stock: Stock, random: Random) -> str:
    """Articles with paragraphs and items."""
    lines = [
        f"{stock.word(random)}管理办法",
        f"（{random.randint(1990, 2025)}年{random.randint(1, 12)}月发布）",
        "第一章　总则",
    ]
    for i in range(1, random.randint(4, 40)):
        article = f"第{_numeral(i)}条　"
        who, matter = random.choice(PHRASES["who"]), random.choice(PHRASES["matters"])
        if random.random() < 0.3:
            lines.append(f"{article}有下列情形之一的，{who}{random.choice(PHRASES['duties'])}：")
            lines += [
                f"（{NUMERALS[k]}）{stock.some(random, 1, 1)[0].rstrip('。')}；" for k in range(random.randint(2, 6))
            ]
            lines[-1] = lines[-1][:-1] + "。"
        else:
            body = f"{matter}，{who}{random.choice(PHRASES['duties'])}。{''.join(stock.some(random, 0, 2))}"
            lines.append(article + body)
    return "\n".join(lines)


def _numeral(i: int) -> str:
    tens, ones = divmod(i, 10)
    return ("" if not tens else (NUMERALS[tens - 1] if tens > 1 else "") + "十") + (NUMERALS[ones - 1] if ones else "")


def poem(_stock: Stock, random: Random) -> str:
    """Lines of five or seven characters (诗), or of three to seven (词), with or without a title and line feeds."""
    long, free, lines = random.random() < 0.5, random.random() < 0.5, []
    for i in range(random.choice((4, 4, 8, 12))):
        words = random.sample(PHRASES["pairs"], 3)
        tail = random.choice(PHRASES["tails"])
        verb = random.choice(PHRASES["verbs"])
        if free:
            line = random.choice((tail, words[0] + words[1], words[0] + verb + words[1], words[0] + words[1] + tail))
        elif long:
            line = words[0] + words[1] + random.choice((tail, verb + words[2]))
        else:
            line = words[0] + random.choice((tail, verb + words[1]))
        lines.append(line + ("，。"[i % 2] if not free else random.choice("，，。、")))
    if random.random() < 0.5:
        lines = [lines[i] + lines[i + 1] for i in range(0, len(lines), 2)]
    text = "\n".join(lines)
    return text if random.random() < 0.5 else random.choice(PHRASES["pairs"]) + "\n" + text


def traditional(stock: Stock, random: Random) -> str:
    """A poem or a passage in traditional characters (繁體)."""
    return random.choice((poem, passage))(stock, random).translate(TRADITIONAL)


def recipe(stock: Stock, random: Random) -> str:
    """Instructions as short items without full stops, with pictures and references."""
    lines = [f"# {stock.word(random)}的做法", ""]
    if random.random() < 0.6:
        lines += [aside(stock, random), ""]
    lines += stock.some(random, 0, 2)
    for heading in random.sample(PHRASES["headings"], random.randint(2, 4)):
        lines += ["", f"## {heading}", ""]
        mark = random.choice(("- ", "* ", "1. "))
        for _ in range(random.randint(3, 10)):
            item = random.choice(
                (random.choice(PHRASES["items"]), stock.word(random), stock.some(random, 1, 1)[0].rstrip("。"))
            )
            lines.append(mark + item)
    if random.random() < 0.5:
        lines += ["", aside(stock, random)]
    return "\n".join(lines)


def informal(stock: Stock, random: Random) -> str:
    """What people type, without full stops."""
    parts = [stock.phrase(random, "doubts") for _ in range(random.randint(2, 4))]
    for _ in range(random.randint(0, 3)):
        parts.append("，".join(stock.some(random, 1, 1)).rstrip("。"))
    random.shuffle(parts)
    return random.choice(("，", " ", "。", "\n")).join(parts)


def notes(stock: Stock, random: Random) -> str:
    """Terms with what they mean, or remarks, a line each, some without full stops."""
    lines = [stock.word(random)]
    with_stops = random.random() < 0.5
    for _ in range(random.randint(3, 25)):
        sentence = stock.some(random, 1, 1)[0]
        lines.append(
            random.choice((stock.word(random) + "：", "")) + (sentence if with_stops else sentence.rstrip("。"))
        )
    return "\n".join(lines)


def tabled(stock: Stock, random: Random) -> str:
    """Sentences with a table of words and numbers between."""
    lines, columns = stock.some(random, 1, 6), random.randint(2, 5)
    cut = random.choice((" | ", "\t", "，", " "))
    for _ in range(random.randint(3, 15)):
        cells = [
            random.choice((stock.word(random), stock.word(random), str(random.randint(1, 500)))) for _ in range(columns)
        ]
        lines.append(cut.join(cells))
    return "\n".join([*lines, *stock.some(random, 1, 6)])


def fields(stock: Stock, random: Random) -> str:
    """A row of a table as ingestion composes it: a line for each field."""
    lines = []
    for _ in range(random.randint(3, 12)):
        value = random.choice(
            (
                stock.word(random),
                str(random.randint(1, 9_999)),
                f"{random.uniform(0, 200):.1f}",
                f"{random.randint(2015, 2026)}-{random.randint(1, 12):02}-{random.randint(1, 28):02}",
                stock.some(random, 1, 1)[0],
            )
        )
        lines.append(f"{stock.word(random)}: {value}")
    return "\n".join([*lines, f"{stock.word(random)}: {''.join(stock.some(random, 1, 3))}"])


def referring(stock: Stock, random: Random) -> str:
    """A passage with references and pictures."""
    lines = [passage(stock, random)]
    for _ in range(random.randint(1, random.choice((4, 20)))):
        lines += [aside(stock, random), *stock.some(random, 0, 3)]
    return "\n".join(lines)


GOOD: dict[str, Callable[[Stock, Random], str]] = {
    "document": document,
    "passage": passage,
    "joined": joined,
    "dialogue": dialogue,
    "answer": answer,
    "readings": readings,
    "listed": listed,
    "statute": statute,
    "poem": poem,
    "traditional": traditional,
    "manual": manual,
    "reference": reference,
    "mathematics": mathematics,
    "recipe": recipe,
    "informal": informal,
    "notes": notes,
    "tabled": tabled,
    "fields": fields,
    "referring": referring,
}
