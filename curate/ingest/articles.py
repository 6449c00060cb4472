"""Several articles on one page: where one ends and the next begins, or nothing where that is not clear.

A page of text is split at titles with bylines below them, at lines of one mark that stand between parts with titles, or at
第一篇, 第二篇 with titles; of a web page, see `markup.article_texts`. Each part must read like an article: a title of its own
and running text below it. One part that does not, and the page stays whole. Statutes, manuals, forums, chats, lists of news and
collections of teasers stay whole by these rules; their patterns and numbers are `data/articles.tsv` and `data/article_lines.tsv`.

Nothing is lost: what stands before the first title is a part of its own if it is long, else it belongs to the first article;
what follows an article belongs to it. Only blanks and separators between parts are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from .data import rows, values

__all__ = ["are_articles", "cut", "is_forum", "spans"]

_RAW_LINE = re.compile(r"[^\r\n]+")
_HEADING = re.compile(r"#{1,6}\s+|\*\*(?=.*\*\*$)")
_SENTENCE = re.compile("[。！？!?]")
_BREAKS = ("\n", "\r\n", "\r")
_BLANK = "\ufeff\x00 \t\f\v\xa0\u3000"
_DIGITS = ("", *"一二三四五六七八九")


class _Line(NamedTuple):
    start: int
    stop: int
    text: str


class _Cut(NamedTuple):
    """Indexes of lines: where an article begins, where its body begins, both in order."""

    title: int
    body: int


def cut(text: str) -> dict[int, str]:
    """Number → text of each article of a page, by `spans`."""
    return {number: text[start:stop] for number, (start, stop) in spans(text).items()}


def spans(text: str) -> dict[int, tuple[int, int]]:
    """Number → start and end (code points) of each article of a page; empty if it is not clear that there are several.

    Number 0 is what comes before the first, where that is a part of its own.
    """
    lines = _lines(text)
    if _is_forum(lines):
        return {}
    cuts = _by_bylines(lines)
    if cuts:
        marks = _marks_before(lines, cuts)
    elif _count(lines, "chapter") < values("articles")["chapters_least"]:
        cuts, marks = _by_separators(text, lines) or _by_numbers(lines) or ([], frozenset())
    return _spans(lines, cuts, marks) if cuts else {}


def is_forum(text: str) -> bool:
    """Whether a page is of a forum, of questions and answers, or a chat."""
    return _is_forum(_lines(text))


def are_articles(parts: Sequence[tuple[str, str]], *, separated: bool = False) -> bool:
    """Whether each of several (title, body) reads like an article of its own; `separated`: the titles have no bylines."""
    rule = values("articles")
    title_least = rule["separated_title_least" if separated else "title_least"]
    body_least = rule["separated_body_least" if separated else "body_least"]
    titles = {_bare(title) for title, _ in parts}
    return (
        1 < len(parts) == len(titles)
        and all(_is_title(title) and len(_bare(title)) >= title_least for title, _ in parts)
        and not (separated and any(_match("section", _bare(title)) for title, _ in parts))
        and all(len(body) >= body_least for _, body in parts)
        and all(len(_SENTENCE.findall(body)) >= rule["sentences_least"] for _, body in parts)
        and not any(_pattern("teaser").search(body.rstrip()[-20:]) for _, body in parts)
    )


@cache
def _pattern(kind: str) -> re.Pattern[str]:
    own = [row[1] for row in rows("article_lines") if row[0] == kind]
    return re.compile("|".join(f"(?:{pattern})" for pattern in own))


def _match(kind: str, line: str) -> re.Match[str] | None:
    return _pattern(kind).fullmatch(line) if len(line) <= values("articles")["line_most"] else None


def _lines(text: str) -> list[_Line]:
    """The lines that are not blank."""
    return [_Line(m.start(), m.end(), stripped) for m in _RAW_LINE.finditer(text) if (stripped := m[0].strip(_BLANK))]


def _is_forum(lines: Iterable[_Line]) -> bool:
    return _count(lines, "forum") >= values("articles")["forum_least"]


def _count(lines: Iterable[_Line], kind: str) -> int:
    return sum(1 for line in lines if _match(kind, line.text))


def _bare(title: str) -> str:
    """The title without the marks of Markdown."""
    return _HEADING.sub("", title).rstrip("*# ").strip()


def _is_title(line: str) -> bool:
    bare = _bare(line)
    return len(bare) >= values("articles")["title_least"] and not (
        _runs_on(bare) or _match("byline", bare) or _match("separator", bare)
    )


def _runs_on(line: str) -> bool:
    """Whether a line is too long for a title, or of another kind."""
    return len(line) > values("articles")["title_most"] or _match("other", line) is not None


def _is_byline(line: str) -> bool:
    return _match("byline", line) is not None and not _SENTENCE.search(line)


def _body(lines: Iterable[_Line]) -> str:
    return "".join(line.text for line in lines if not _match("separator", line.text))


def _by_bylines(lines: Sequence[_Line]) -> list[_Cut]:
    """Articles whose titles have bylines below them."""
    found: list[_Cut] = []
    at = 1
    while at < len(lines):
        title = at - 1
        if not (_is_byline(lines[at].text) and _is_title(lines[title].text)):
            at += 1
            continue
        if lines[title].text.startswith(("—", "――")) and title and _is_title(lines[title - 1].text):
            title -= 1  # a subtitle
        at += 1
        while at < len(lines) and (_is_byline(lines[at].text) or _holds_value(lines, at)):
            at += 1
        found.append(_Cut(title, at))
    if len(found) < 2:
        return []
    ends = [cut.title for cut in found[1:]] + [len(lines)]
    # With nothing below it, it is the signature of what comes before, or an entry of a list.
    cuts = [cut for cut, end in zip(found, ends, strict=True) if _body(lines[cut.body : end])]
    if len(cuts) < 2:
        return []
    ends = [cut.title for cut in cuts[1:]] + [len(lines)]
    parts = [(lines[cut.title].text, _body(lines[cut.body : end])) for cut, end in zip(cuts, ends, strict=True)]
    return cuts if are_articles(parts) else []


def _holds_value(lines: Sequence[_Line], at: int) -> bool:
    """Whether the line above ends in a label whose value this line is."""
    return _match("open", lines[at - 1].text) is not None and len(lines[at].text) <= values("articles")["title_most"]


def _marks_before(lines: Sequence[_Line], cuts: Iterable[_Cut]) -> frozenset[int]:
    """The separators directly above titles."""
    marks = set()
    for cut in cuts:
        at = cut.title - 1
        while at >= 0 and (_match("separator", lines[at].text) or _match("numbered", lines[at].text)):
            marks.add(at)
            at -= 1
    return frozenset(marks)


def _by_separators(text: str, lines: Sequence[_Line]) -> tuple[list[_Cut], frozenset[int]] | None:
    """Articles between lines of one mark; each mark is tried by itself, so that another may stand inside an article."""
    places: dict[str, list[int]] = {}
    for i, line in enumerate(lines):
        found = _match("separator", line.text)
        if found and not _is_underline(text, lines, i):
            places.setdefault(next(filter(None, found.groups())), []).append(i)
    for marks in places.values():
        borders = [-1, *marks, len(lines)]
        groups = [(a + 1, b) for a, b in pairwise(borders) if b > a + 1]
        cuts = [_Cut(first, first + 1) for first, _ in groups]
        parts = [(lines[a].text, _body(lines[a + 1 : b])) for a, b in groups]
        if are_articles(parts, separated=True) and not any(title.startswith("##") for title, _ in parts):
            return cuts, frozenset(marks)
    return None


def _is_underline(text: str, lines: Sequence[_Line], at: int) -> bool:
    """Whether a line of marks belongs to a heading: directly below one, or one of two around it."""
    above = lines[at - 1] if at else None
    if above and text[above.stop : lines[at].start] in _BREAKS and not _runs_on(_bare(above.text)):
        return True
    mark = lines[at].text[0]
    return at + 2 < len(lines) and lines[at + 2].text.startswith(mark) and bool(_match("separator", lines[at + 2].text))


def _by_numbers(lines: Sequence[_Line]) -> tuple[list[_Cut], frozenset[int]] | None:
    """Articles that are numbered from one on: 第一篇, 第二篇."""
    cuts: list[_Cut] = []
    parts: list[tuple[str, str]] = []
    numbered = {i: found for i, line in enumerate(lines) if (found := _match("numbered", _bare(line.text)))}
    if len(numbered) < 2:
        return None
    ends = [*list(numbered)[1:], len(lines)]
    for number, ((at, found), end) in enumerate(zip(numbered.items(), ends, strict=True), 1):
        title = found[2] or (lines[at + 1].text if at + 1 < end else "")
        cut = _Cut(at, at + 1) if found[2] else _Cut(at + 1, at + 2)
        if found[1] not in (str(number), _numeral(number)):
            return None
        cuts.append(cut)
        parts.append((title, _body(lines[cut.body : end])))
    if not are_articles(parts) or min(len(body) for _, body in parts) < values("articles")["separated_body_least"]:
        return None
    return cuts, frozenset(at for at, found in numbered.items() if not found[2])


def _numeral(number: int) -> str:
    """1 to 99 in Chinese characters."""
    tens, ones = divmod(number, 10)
    return f"{_DIGITS[tens] if tens > 1 else ''}{'十' if tens else ''}{_DIGITS[ones]}" if number < 100 else ""


def _spans(lines: Sequence[_Line], cuts: Sequence[_Cut], marks: frozenset[int]) -> dict[int, tuple[int, int]]:
    """From lines to places in the text, without the separators around each part."""
    head = [i for i in range(cuts[0].title) if i not in marks]
    firsts = [cut.title for cut in cuts]
    own_head = sum(len(lines[i].text) for i in head) >= values("articles")["head_least"]
    if own_head:
        firsts.insert(0, head[0])
    elif head:
        firsts[0] = head[0]
    found = {}
    for number, (first, end) in enumerate(zip(firsts, [*firsts[1:], len(lines)], strict=True), 0 if own_head else 1):
        last = max(i for i in range(first, end) if i not in marks)
        found[number] = (lines[first].start, lines[last].stop)
    return found
