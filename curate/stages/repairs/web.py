"""What does not belong to the text of a web page: furniture, lists of links, keywords put there by others."""

from __future__ import annotations

import re
from functools import cache

from ..tables import rows

__all__ = ["cut_keywords", "cut_links", "furniture_pairs", "keyword_pairs", "link_pairs", "remove_furniture"]

LONGEST = 200
"""Characters of the longest line taken for furniture."""

HEAD, FOOT = 12, 15
"""Lines that are not blank at the beginning and the end of a page."""

BLANKS = " \t\u3000\xa0\u200b\ufeff"

Pair = tuple[int, int]


def _pairs(words: list[str]) -> list[Pair]:
    return [(ord(word[0]), ord(word[1])) for word in words]


def _inner(words: list[str]) -> list[Pair]:
    """The second and third characters of each: the first two stand in many other words."""
    return _pairs([word[1:] if len(word) > 2 else word for word in words])


@cache
def _furniture() -> tuple[list[tuple[str, str, re.Pattern[str]]], list[Pair]]:
    table = rows("repair_furniture.tsv")
    return [(place, pair, re.compile(pattern)) for place, pair, pattern, _ in table], _pairs([row[1] for row in table])


def furniture_pairs() -> tuple[list[Pair], list[Pair]]:
    """Neighbouring code points, one pair of which stands near the beginning of every line of furniture, or before its end."""
    table, pairs = _furniture()
    tails = [pair for (place, _, _), pair in zip(table, pairs, strict=True) if place == "tail"]
    return pairs, tails


def remove_furniture(text: str) -> tuple[str, int]:
    """The text without lines of page furniture, and how many went."""
    rules = [rule for rule in _furniture()[0] if rule[1] in text]
    if not rules:
        return text, 0
    lines = text.splitlines(keepends=True)
    shown = [i for i, line in enumerate(lines) if line.strip(BLANKS + "\r\n")]
    edge = {*shown[:HEAD], *shown[-FOOT:]}
    out = []
    count = 0
    for i, line in enumerate(lines):
        ends = line[len(line.rstrip("\r\n")) :]
        bare = line.strip(BLANKS + "\r\n")
        hits = [(place, rule) for place, pair, rule in rules if pair in line]
        whole = [rule for place, rule in hits if place == "any" or (place == "edge" and i in edge)]
        if hits and len(bare) <= LONGEST and any(rule.fullmatch(bare) for rule in whole):
            count += 1
            continue
        for place, rule in hits:
            if place == "tail":
                new = rule.sub("", line.rstrip(BLANKS + "\r\n"))
                if len(new) < len(line.rstrip(BLANKS + "\r\n")):
                    line = new + ends
                    count += 1
        out.append(line)
    return ("".join(out), count) if count else (text, 0)


@cache
def _headings() -> tuple[re.Pattern[str], list[Pair]]:
    words = [word for (word,) in rows("repair_links.tsv")]
    return re.compile(rf"[【\[■●◆>]?\s?(?:{'|'.join(words)})\s?[】\]]?\s?[:：]?(?:\s?更多.{{0,4}})?"), _inner(words)


def link_pairs() -> list[Pair]:
    """Neighbouring code points, one pair of which stands near the beginning of every heading of a list of links."""
    return _headings()[1]


LINK = 60
"""Characters of the longest title in a list of links."""

SENTENCE = re.compile("[。；]|，.*，|[！？]$")
BODY = 40
"""Visible characters that must stand before the list: it follows a text."""


def cut_links(text: str) -> tuple[str, int]:
    """The text without the list of links behind it, and how many lines of it went, its heading included.

    The list begins with a heading and goes on to the end; no line of it is long or has a sentence.
    """
    headings, _ = _headings()
    lines = text.splitlines(keepends=True)
    bare = [line.strip(BLANKS + "\r\n") for line in lines]
    begin = len(lines)
    for i in range(len(lines) - 1, -1, -1):
        if len(bare[i]) > LINK or SENTENCE.search(bare[i]):
            break
        if headings.fullmatch(bare[i]):
            begin = i
    gone = [line for line in bare[begin:] if line]
    if len(gone) < 3 or sum(map(len, bare[:begin])) < BODY:
        return text, 0
    return "".join(lines[:begin]).rstrip(BLANKS + "\r\n") + "\n", len(gone)


@cache
def _terms() -> tuple[re.Pattern[str], re.Pattern[str], list[Pair]]:
    """Any term; the strong ones; two neighbouring characters of each of these."""
    strong = [term for _, strength, terms in rows("repair_spam.tsv") for term in terms.split() if strength == "strong"]
    every = [term for _, _, terms in rows("repair_spam.tsv") for term in terms.split()]
    longer = [term for term in strong if len(term) > 1]
    return (
        re.compile("|".join(sorted(map(re.escape, every), key=len, reverse=True)), re.IGNORECASE),
        re.compile("|".join(sorted(map(re.escape, strong), key=len, reverse=True)), re.IGNORECASE),
        _inner([*longer, *(term.upper() for term in longer)]),
    )


def keyword_pairs() -> list[Pair]:
    """Neighbouring code points, one pair of which stands in every strong term of two characters or more."""
    return _terms()[2]


PIECE = r"[^\s_|,，。！？；：、()（）《》]{1,24}"
RUN = re.compile(rf"{PIECE}(?:[ \t\u3000]*[_|｜,\-][ \t\u3000]*{PIECE}|[ \t\u3000]{{1,4}}{PIECE}){{3,}}")
PIECES = re.compile(PIECE)
LEAST, STRONG, SHARE = 4, 3, 0.6
"""Pieces of a run with a term, those with a strong one, and the share of pieces with a term."""


def cut_keywords(text: str) -> tuple[str, int, int]:
    """The text without runs of advertising keywords joined by `_`, `|`, `,` or blanks; how many runs, and their characters.

    A run is cut from its first piece with a term to its last.
    """
    every, strong, _ = _terms()
    parts: list[str] = []
    at = count = characters = 0
    if len(strong.findall(text)) < STRONG:
        return text, 0, 0
    for run in RUN.finditer(text):
        pieces = [(m.start(), m.end(), every.search(m[0]), strong.search(m[0])) for m in PIECES.finditer(run[0])]
        hit = [k for k, piece in enumerate(pieces) if piece[2]]
        if len(hit) < LEAST or sum(piece[3] is not None for piece in pieces) < STRONG:
            continue
        if len(hit) < SHARE * (hit[-1] - hit[0] + 1) or len({m[2][0] for m in pieces if m[2]}) < STRONG:
            continue
        start, stop = run.start() + pieces[hit[0]][0], run.start() + pieces[hit[-1]][1]
        parts.append(text[at:start])
        count += 1
        characters += stop - start
        at = stop
    return "".join([*parts, text[at:]]), count, characters
