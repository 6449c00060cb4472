"""The rows of data/entities.yaml and data/safe.yaml, and how one row is matched and scored."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from typing import Literal

from pydantic import Field

from ..config import Strict, validate
from ..yaml_files import load_yaml
from . import data
from .validators import CHECKS

__all__ = ["LED", "Hit", "Look", "Rule", "forms", "labels", "lead_rules", "rules", "safe"]

LED = ("lead", "before", "whole")
"""Gates that are a word at the find."""

JOINT = r"""["']?(?:[ ]?(?:号码|编号|账号|帐号|编码|字号|号|码|地址|ID|Id|id|No\.?|NO\.?|no\.?)){0,2}["']?(?:[ ]?\([^()\n]{1,8}\))?
    [ \t]{0,2}(?:[:=]{1,2}[ \t]{0,2}\n?|为|是)?[ \t]{0,2}["'(<\[【「“]?"""
"""What may stand between a lead word, or its row's `joint`, and the find."""

GUARD = "(?![A-Za-z])|(?=ID|Id|id|No|NO|no)"  # no longer word begins with a lead word in letters
BACK = 24  # characters before a word of the gate `before` in which its find begins

NEAR = 4  # characters between a word that speaks against a number and the number
LONGEST = 32  # characters of a label that stands for what was redacted
AFTER = 8  # characters behind a number in which a bracketed word is looked for


class Scores(Strict):
    """How sure a find is: with no word near it, with one for it, with one against it."""

    plain: float = Field(ge=0, le=1)
    with_: float = Field(ge=0, le=1, alias="for")
    against: float = Field(ge=0, le=1)


class Row(Strict):
    """One way in which an entity is written; data/entities.yaml explains the fields."""

    entity: str
    standard: str
    gate: Literal["digits", "at", "plate", "code", "quad", "colon", "degrees", "lead", "before", "whole"]
    patterns: tuple[str, ...]
    digits: int = 7
    check: str | None = None
    verified: bool = False
    firm: bool = False
    scores: Scores
    reach: int = 16
    words: tuple[str, ...] = Field(alias="for")
    against: tuple[str, ...] = ()
    joint: str = ""


class SafeRow(Strict):
    """A kind of number that is never personal data."""

    name: str
    why: str
    needs: tuple[str, ...]
    patterns: tuple[str, ...]


class Entities(Strict):
    """data/entities.yaml."""

    entities: tuple[Row, ...]


class Safe(Strict):
    """data/safe.yaml."""

    safe: tuple[SafeRow, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """A find: code points [start, end) of the text, and how sure it is, 0 to 1."""

    entity: str
    start: int
    end: int
    score: float
    rank: int = 0
    """2 a check confirmed it, 1 a word announced it, 0 neither; decides between finds that overlap."""


Look = Callable[[Sequence[str]], list[list[Hit]]]
"""Finds in each of several texts."""


class Rule:
    """A row, compiled."""

    def __init__(self, row: Row) -> None:
        self.row = row
        self.patterns = tuple(re.compile(p, re.VERBOSE) for p in row.patterns)
        self.check = CHECKS[row.check] if row.check else None
        self.firm = row.firm or row.gate in LED
        """Whether a safe number hides it; a word that leads to a find outweighs one that leads away."""
        if row.gate == "lead":
            self._placed = tuple(re.compile(f"(?:{row.joint}){JOINT}(?P<v>){p}", re.VERBOSE) for p in row.patterns)
        elif row.gate == "before":
            self._placed = tuple(re.compile(f"(?<![0-9])(?P<v>){p}[ ]?\\Z", re.VERBOSE) for p in row.patterns)

    def hits(self, text: str, start: int = 0, stop: int | None = None) -> Iterator[Hit]:
        """What lies within [start, stop) of a text in normal form; no letter or digit may stand at `stop`."""
        if self.row.gate in LED:
            for form in self.forms():
                at = text.find(form, start)
                while at >= 0:
                    yield from self.at(text, at, at + len(form))
                    at = text.find(form, at + 1)
            return
        limit = len(text) if stop is None else stop
        for pattern in self.patterns:
            at = start
            while found := pattern.search(text, at, limit):
                if self.check is None or self.check(found[0]):
                    yield self.hit(text, found.start(), found.end())
                    at = found.end()
                else:
                    at = found.start() + 1

    def forms(self) -> tuple[str, ...]:
        """The lead words as they may be written."""
        return forms(self.row.words) if self.row.gate == "lead" else self.row.words

    def at(self, text: str, start: int, end: int) -> Iterator[Hit]:
        """The finds that the lead word at [start, end) leads to."""
        gate = self.row.gate
        if (
            gate != "whole"
            and _latin(text[start])
            and ((start and _latin(text[start - 1])) or not LONE.match(text, end))
        ):
            return
        if text.endswith(self.row.against, 0, end):
            return
        if gate == "lead":
            found = [pattern.match(text, end) for pattern in self._placed]
        elif gate == "before":
            found = [pattern.search(text, max(0, start - BACK), start) for pattern in self._placed]
        else:
            found = [pattern.match(text, start) for pattern in self.patterns]
        rank, score = 1 + self.row.verified, self.row.scores.with_
        for one in found:
            if one:
                first, last = (one.start("v"), one.end()) if gate != "whole" else one.span()
                last -= gate == "before" and text[last - 1] == " "
                if self.check is None or self.check(text[first:last]):
                    yield Hit(self.row.entity, first, last, score, rank)

    def hit(self, text: str, start: int, end: int) -> Hit:
        """The find at [start, end), scored by the words around it."""
        side, scores = self._context(text, start, end), self.row.scores
        score = {1: scores.with_, 0: scores.plain, -1: scores.against}[side]
        return Hit(self.row.entity, start, end, score, 2 if self.row.verified else int(side > 0))

    def announced(self, text: str, start: int, end: int) -> bool:
        """Whether a word of `text` announces what stands at [start, end)."""
        if self.row.gate in LED:
            return True
        return self._context(text, start, end) > 0

    def _context(self, text: str, start: int, end: int) -> int:
        """1 if a word for the entity stands nearest before (or in brackets behind), -1 if one against it does."""
        before = text[max(0, start - self.row.reach - NEAR - LONGEST) : start].lower()
        if "<" in before:
            before = _our_labels().sub(lambda found: " " * len(found[0]), before)
        before = before[-self.row.reach - NEAR :]
        gain = _nearest(before, self.row.words, self.row.reach)
        loss = _nearest(before, self.row.against, NEAR)
        if loss > gain:
            return -1
        after = text[end : end + AFTER].lower()
        bracketed = after.startswith("(") and any(word in after for word in self.row.words)
        return int(gain > (0, 0) or bracketed)


LONE = re.compile(GUARD)


def _latin(character: str) -> bool:
    return character.isascii() and character.isalnum()


@cache
def forms(words: tuple[str, ...]) -> tuple[str, ...]:
    """Lead words as they may be written: those in letters small, in capitals, with one."""
    return tuple(
        dict.fromkeys(
            form
            for word in words
            for form in (
                (word, word.lower(), word.upper(), word.capitalize(), word.title()) if word.isascii() else (word,)
            )
        )
    )


def _nearest(before: str, words: tuple[str, ...], reach: int) -> tuple[int, int]:
    """Where the nearest of `words` ends and how long it is; (0, 0) if none ends within `reach` of the end."""
    best = (0, 0)
    for word in words:
        at = before.rfind(word)
        end = at + len(word)
        if at >= 0 and len(before) - end <= reach:
            best = max(best, (end, len(word)))
    return best


@cache
def rules() -> tuple[Rule, ...]:
    """The rows of data/entities.yaml, in their order."""
    with as_file(files(data.__name__).joinpath("entities.yaml")) as file:
        return tuple(Rule(row) for row in validate(Entities, load_yaml(file, shown="entities.yaml")).entities)


@cache
def lead_rules() -> dict[str, tuple[Rule, ...]]:
    """Each form of each lead word, and the rows to try at it, those of words that it begins with among them."""
    found: dict[str, list[Rule]] = {}
    for rule in rules():
        if rule.row.gate in LED:
            for form in rule.forms():
                found.setdefault(form, []).append(rule)
    return {form: tuple(some) for form, some in found.items()}


@cache
def safe() -> tuple[tuple[tuple[str, ...], tuple[re.Pattern[str], ...]], ...]:
    """The kinds of data/safe.yaml: what a match holds one of, and the patterns."""
    with as_file(files(data.__name__).joinpath("safe.yaml")) as file:
        kinds = validate(Safe, load_yaml(file, shown="safe.yaml")).safe
    return tuple((kind.needs, tuple(re.compile(p, re.VERBOSE) for p in kind.patterns)) for kind in kinds)


@cache
def labels() -> dict[str, str]:
    """The word that stands for a redacted entity."""
    return {row[0]: row[1] for row in data.rows("labels")}


@cache
def _our_labels() -> re.Pattern[str]:
    """What stands for redacted data: no word that speaks for the number behind it."""
    return re.compile(f"<(?:{'|'.join(map(re.escape, labels().values()))})(?:[ _][^<>]*)?>")
