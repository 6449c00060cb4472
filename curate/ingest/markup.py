"""The main text of a web page, by where Chinese running text is densest; menus, scripts and footers stay out.

Each text outside links that has Chinese punctuation gives a score to the blocks around it; the subtree of the best block
is printed without navigation, asides and blocks that are mostly links. Where that gives too little, the whole body is
printed by the same exclusions, and where even that gives next to nothing though the page shows text, trafilatura is
asked. The title (the one `h1`, else the cut `<title>`) is put before the text unless the text begins with it.

Where the source is to be split, sibling `article` elements that hold nearly all of that text, each with a heading of its own,
are records of their own.
"""

from __future__ import annotations

import html
import re

from ..errors import Unreadable
from .articles import are_articles, cut, is_forum
from .data import values
from .decoding import Decoded, decode
from .feed import Feed
from .html_tree import Tree, depth_of, strip_tags, words
from .items import Parts
from .text import whole

__all__ = ["article_texts", "main_text", "read_html"]

_ARTICLE = re.compile(r"<article\b", re.IGNORECASE)
_HEADINGS = frozenset(f"h{level}" for level in range(1, 7))
_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_-]{2,20})", re.IGNORECASE)
_CJK = re.compile("[\u3400-\u9fff]")
_MARKS = re.compile("[，。；：！？、“”（）]")
_SENTENCE = re.compile("[。；！？]")
_SPACE = re.compile(r"[ \t\r\n\f\xa0]+")
_TITLE_END = re.compile(r"\s*[_|]\s*|\s+[-–—]\s+|——|-(?=[^-]*$)")
_LINES = re.compile(r"[ \t]*\n\s*")


def read_html(feed: Feed, media_type: str) -> Parts:
    """The page's main text as one record, or its articles if its source is to be split.

    Raises:
        Unreadable: `no_text` if the page shows none; `too_large`, `encoding`, `unsupported`.
    """
    data = feed.whole()
    decoded = _decode(feed, data)
    if not decoded.text.strip("\ufeff\x00 \t\r\n\f\v"):
        raise Unreadable("empty", "nothing but white space")
    text = main_text(decoded.text)
    if not text:
        raise Unreadable("no_text", "the page shows no text")
    parts = article_texts(decoded.text) if feed.source.split == "articles" else {}
    yield from whole(feed, text, media_type, decoded.encoding, decoded.lost, parts)


def _decode(feed: Feed, data: bytes) -> Decoded:
    """By the encoding rule; where it is not sure, by what the page says of itself if all of it fits."""
    try:
        return decode(data, feed.source.encoding, feed.limits.encoding_confidence)
    except Unreadable as error:
        named = _CHARSET.search(feed.head)
        if error.kind != "encoding" or feed.source.encoding is not None or named is None:
            raise
        try:
            return decode(data, named[1].decode("ascii"), feed.limits.encoding_confidence)
        except Unreadable:
            raise error from None


def main_text(page: str) -> str:
    """The main text of a page, a line per block; `""` if it shows none."""
    rule = values("html")
    if len(page) > rule["max_chars"] or depth_of(page) > rule["max_depth"]:
        return _tidy(html.unescape(strip_tags(page)))
    tree = Tree(page)
    if not tree.tags:
        return ""
    everything = _print(tree, 0)
    text = everything
    best = _densest(tree)
    if best is not None:
        dense = _print(tree, best)
        cjk = len(_CJK.findall(dense))
        if cjk >= max(rule["least_cjk"], rule["least_share"] * len(_CJK.findall(everything))):
            text = dense
    if len(text) < rule["second_opinion"]:
        text = _second_opinion(page, tree, text)
    return _with_title(tree, text)


def article_texts(page: str) -> dict[int, str]:
    """Number → text of each article of a page, 0 a long text before the first; empty if it is not clear that there are several.

    Sibling `article` elements are looked for, then lines of its text, as in other documents. The rule of density may have
    chosen one article among several, so both its text and that of the whole page are looked at.
    """
    rule = values("html")
    if len(page) > rule["max_chars"] or depth_of(page) > rule["max_depth"]:
        return {}
    tree = Tree(page)
    everything = _print(tree, 0) if tree.tags else ""
    found = _elements(tree, everything) if len(_ARTICLE.findall(page)) > 1 else {}
    if found:
        return found
    return max((cut(text) for text in (main_text(page), everything)), key=len)


def _elements(tree: Tree, everything: str) -> dict[int, str]:
    """The texts of sibling `article` elements, each with a heading, that hold nearly all of the page's text.

    All that stands beside them in the same element is kept: before the first with it, behind one with that one.
    """
    limit = values("articles")
    hidden, inside = words("dropped"), [False] * len(tree.tags)
    siblings: dict[int, list[int]] = {}
    for i, tag in enumerate(tree.tags):
        above = tree.parents[i]
        inside[i] = tag in hidden or tree.boilerplate[i] or (i > 0 and (inside[above] or tree.tags[above] == "article"))
        if tag == "article" and not inside[i]:
            siblings.setdefault(above, []).append(i)
    for parent, found in siblings.items():
        head = _print(tree, parent, parent, found[0])
        ends = [*found[1:], tree.end[parent]]
        texts = [_print(tree, parent, first, end) for first, end in zip(found, ends, strict=True)]
        titles = [_heading(tree, first) for first in found]
        bodies = [text.partition(title)[2] if title else "" for text, title in zip(texts, titles, strict=True)]
        own = len(_CJK.findall(head + "".join(texts)))
        if (
            own >= limit["html_share"] * len(_CJK.findall(everything))
            and are_articles(list(zip(titles, bodies, strict=True)))
            and not is_forum("\n".join(texts))
        ):
            parts = dict(enumerate(texts, 1))
            return (
                {0: head, **parts} if len(head) >= limit["head_least"] else {**parts, 1: _tidy(f"{head}\n{texts[0]}")}
            )
    return {}


def _heading(tree: Tree, root: int) -> str:
    """The text of the first heading below `root`."""
    for i in range(root, tree.end[root]):
        if tree.tags[i] in _HEADINGS:
            return _SPACE.sub(" ", "".join(tree.texts[i : tree.end[i]])).strip()
    return ""


def _densest(tree: Tree) -> int | None:
    """The block with most running text around it, none if nothing has Chinese punctuation."""
    rule = values("html")
    inline, dropped = words("inline"), words("dropped")
    scores: dict[int, float] = {}
    skip_to = 0
    for i, text in enumerate(tree.texts):
        if tree.tags[i] in dropped and i >= skip_to:
            skip_to = tree.end[i]
        if i < skip_to or tree.linked[i]:
            continue
        text = text.strip()
        marks = len(_MARKS.findall(text))
        if not marks:
            continue
        weight = min(1.0, rule["text_floor"] + marks / max(1.0, len(text) / rule["chars_per_mark"]))
        score, level, node = len(text) * weight, 0, tree.parents[i]
        while node > 0 and level < rule["levels"]:
            if tree.tags[node] not in inline:
                scores[node] = scores.get(node, 0.0) + score
                score *= rule["decay"] if level else rule["first_decay"]
                level += 1
            node = tree.parents[node]
    return max(scores, key=lambda node: (scores[node], -node), default=None)


def _print(tree: Tree, root: int, first: int | None = None, end: int | None = None) -> str:
    """The text below `root` without dropped elements, boilerplate, and blocks that are mostly links.

    With `first` and `end`, indexes of nodes, only that stretch of it.
    """
    dropped, inline, mostly_links = words("dropped"), words("inline"), _mostly_links(tree, root)
    pieces: list[str] = []
    open_ends: list[int] = []
    i, stop = root if first is None else first, tree.end[root] if end is None else end
    while i < stop:
        while open_ends and open_ends[-1] <= i:
            open_ends.pop()
            pieces.append("\n")
        tag = tree.tags[i]
        if tag in dropped or (i != root and (tree.boilerplate[i] or i in mostly_links)):
            i = tree.end[i]
            continue
        if tag == "":
            text = tree.texts[i]
            pieces.append(text if tree.tags[tree.parents[i]] == "pre" else _SPACE.sub(" ", text))
        elif tag == "br":
            pieces.append("\n")
        elif tag in ("td", "th"):
            pieces.append("\t")
        elif tag not in inline:
            pieces.append("\n")
            open_ends.append(tree.end[i])
        i += 1
    return _tidy("".join(pieces))


def _mostly_links(tree: Tree, root: int) -> set[int]:
    """Blocks below `root` at least half of whose text is link text; a link that holds a sentence is no such text."""
    inline, least = words("inline"), values("html")["link_share"]
    stop = tree.end[root]
    total, linked = [0] * (stop - root), [0] * (stop - root)
    found: set[int] = set()
    for i in range(stop - 1, root, -1):
        text = tree.texts[i].strip()
        if text:
            total[i - root] = len(text)
            linked[i - root] = len(text) if tree.linked[i] and not _SENTENCE.search(text) else 0
        here, above = i - root, tree.parents[i] - root
        if total[here] and linked[here] >= least * total[here] and tree.tags[i] and tree.tags[i] not in inline:
            found.add(i)
        total[above] += total[here]
        linked[above] += linked[here]
    return found


def _tidy(text: str) -> str:
    return _LINES.sub("\n", text).strip()


def _second_opinion(page: str, tree: Tree, text: str) -> str:
    """The text by trafilatura where ours is next to nothing though the page shows more."""
    dropped = words("dropped")
    shown, skip_to = 0, 0
    for i, tag in enumerate(tree.tags):
        if tag in dropped and i >= skip_to:
            skip_to = tree.end[i]
        if i >= skip_to:
            shown += len(tree.texts[i].strip())
    if shown < values("html")["second_visible"]:
        return text
    import trafilatura

    other = trafilatura.extract(page, favor_recall=True, include_comments=False) or ""
    return other if len(other) > len(text) else text


def _with_title(tree: Tree, text: str) -> str:
    headings = [i for i, tag in enumerate(tree.tags) if tag == "h1"]
    title = _TITLE_END.split(tree.title)[0]
    if len(headings) == 1:
        title = "".join(tree.texts[headings[0] : tree.end[headings[0]]])
    title = _SPACE.sub(" ", title).strip()
    if not title or title in text[: int(values("html")["title_within"]) + len(title)]:
        return text
    return f"{title}\n{text}" if text else ""
