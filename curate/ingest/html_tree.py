"""A page as flat arrays in document order, so that every rule over it is one pass and depth costs nothing."""

from __future__ import annotations

import re
from functools import cache

from .data import rows

__all__ = ["Tree", "depth_of", "strip_tags", "words"]

_TAG_NAME = re.compile(r"/?([A-Za-z][A-Za-z0-9]*)")
_CLASS_WORD = re.compile(r"[^A-Za-z]+|(?<=[a-z])(?=[A-Z])")
_RAW_END = {tag: re.compile(f"</{tag}", re.IGNORECASE) for tag in ("script", "style")}
"""Elements whose content is not markup, and where they end."""


@cache
def words(kind: str) -> frozenset[str]:
    """The words of one kind in `data/html_words.tsv`."""
    return frozenset(word for row in rows("html_words") if row[0] == kind for word in row[1].split())


class Tree:
    """The elements and texts of a page's body; `end[i]` is the index after the last node below node `i`."""

    def __init__(self, page: str) -> None:
        from selectolax.lexbor import LexborHTMLParser  # loaded where a page is met

        parser = LexborHTMLParser(page)
        self.tags: list[str] = []
        self.texts: list[str] = []
        self.parents: list[int] = []
        self.boilerplate: list[bool] = []
        title = parser.css_first("title")
        self.title = title.text().strip() if title is not None else ""
        root = parser.body if parser.body is not None else parser.root
        if root is not None:
            index: dict[int, int] = {}
            for node in root.traverse(include_text=True):
                tag = node.tag or ""
                if tag in ("-comment", "-undef"):
                    continue
                here = len(self.tags)
                parent = node.parent if here else None
                self.parents.append(index.get(parent.mem_id, 0) if parent is not None else -1)
                if tag == "-text":
                    self.tags.append("")
                    self.texts.append(node.text_content or "")
                    self.boilerplate.append(False)
                else:
                    index[node.mem_id] = here
                    self.tags.append(tag)
                    self.texts.append("")
                    self.boilerplate.append(_is_boilerplate(tag, node.attributes))
        self.end = self._ends()
        self.linked = self._below("a")
        self._judge_forms()

    def _ends(self) -> list[int]:
        ends = list(range(1, len(self.tags) + 1))
        for i in range(len(self.tags) - 1, 0, -1):
            parent = self.parents[i]
            ends[parent] = max(ends[parent], ends[i])
        return ends

    def _judge_forms(self) -> None:
        """A form is boilerplate unless it holds most of the page's text, as on pages that are one form."""
        total = sum(map(len, self.texts))
        for i, tag in enumerate(self.tags):
            if tag == "form":
                self.boilerplate[i] = 2 * sum(map(len, self.texts[i : self.end[i]])) < total

    def _below(self, tag: str) -> list[bool]:
        """Whether each node is a `tag` or below one."""
        found = [False] * len(self.tags)
        for i, own in enumerate(self.tags):
            found[i] = own == tag or (i > 0 and found[self.parents[i]])
        return found


def _is_boilerplate(tag: str, attributes: dict[str, str | None]) -> bool:
    if tag in words("aside"):
        return True
    starts, equal = tuple(words("class_starts")), words("class_is")
    for name in ("class", "id"):
        for word in _CLASS_WORD.split(attributes.get(name) or ""):
            low = word.lower()
            if (low in equal or low.startswith(starts)) and low != "headline":
                return True
    return False


def depth_of(page: str) -> int:
    """How deep the tags nest, judged without parsing; tags whose end may be left out do not count."""
    depth = deepest = 0
    ignored = words("void") | words("optional_end")
    for tag, closing, _, _ in _tags(page):
        if tag in ignored:
            continue
        depth = max(0, depth - 1) if closing else depth + 1
        deepest = max(deepest, depth)
    return deepest


def strip_tags(page: str) -> str:
    """The text between tags, in time linear in the page; what stands in dropped elements is left out."""
    dropped, inline = words("dropped"), words("inline")
    pieces: list[str] = []
    skipping, nested, at = "", 0, 0
    for tag, closing, start, stop in _tags(page):
        if not skipping:
            pieces.append(page[at:start])
            if tag and tag not in inline:
                pieces.append("\n")
            if tag in dropped and not closing:
                skipping, nested = tag, 1
        elif tag == skipping:
            nested += -1 if closing else 1
            if nested == 0:
                skipping = ""
        at = stop
    if not skipping:
        pieces.append(page[at:])
    return "".join(pieces)


def _tags(page: str) -> list[tuple[str, bool, int, int]]:
    """Name, whether it closes, start and end of each tag and comment (name `""`), without ever looking back."""
    found: list[tuple[str, bool, int, int]] = []
    at = 0
    while True:
        start = page.find("<", at)
        if start < 0:
            return found
        if page.startswith("<!--", start):
            stop = page.find("-->", start + 4)
            stop = len(page) if stop < 0 else stop + 3
            found.append(("", True, start, stop))
            at = stop
            continue
        name = _TAG_NAME.match(page, start + 1)
        if name is None:
            at = start + 1
            if page.startswith(("<!", "<?"), start):
                stop = page.find(">", start)
                at = len(page) if stop < 0 else stop + 1
                found.append(("", True, start, at))
            continue
        stop = page.find(">", name.end())
        at = len(page) if stop < 0 else stop + 1
        tag, closing = name[1].lower(), page[start + 1] == "/"
        found.append((tag, closing, start, at))
        if tag in _RAW_END and not closing:
            end = _RAW_END[tag].search(page, at)
            at = len(page) if end is None else end.start()
