"""The rows of data/entities.yaml and data/safe.yaml, and how one row is matched and scored."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from typing import Literal

from pydantic import Field

from ..config import Strict, validate
from ..yaml_files import load_yaml
from . import data
from .validators import CHECKS

__all__ = ["Hit", "Rule", "labels", "rules", "safe"]

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
    gate: Literal["digits", "at", "plate"]
    patterns: tuple[str, ...]
    check: str | None = None
    verified: bool = False
    firm: bool = False
    scores: Scores
    reach: int = 16
    words: tuple[str, ...] = Field(alias="for")
    against: tuple[str, ...] = ()


class SafeRow(Strict):
    """A kind of number that is never personal data."""

    name: str
    why: str
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


class Rule:
    """A row, compiled."""

    def __init__(self, row: Row) -> None:
        self.row = row
        self.patterns = tuple(re.compile(p, re.VERBOSE) for p in row.patterns)
        self.check = CHECKS[row.check] if row.check else None

    def hits(self, text: str, start: int = 0, stop: int | None = None) -> Iterator[Hit]:
        """What lies within [start, stop) of a text in normal form; no letter or digit may stand at `stop`."""
        limit = len(text) if stop is None else stop
        for pattern in self.patterns:
            at = start
            while found := pattern.search(text, at, limit):
                if self.check is None or self.check(found[0]):
                    yield self.hit(text, found.start(), found.end())
                    at = found.end()
                else:
                    at = found.start() + 1

    def hit(self, text: str, start: int, end: int) -> Hit:
        """The find at [start, end), scored by the words around it."""
        side, scores = self._context(text, start, end), self.row.scores
        score = {1: scores.with_, 0: scores.plain, -1: scores.against}[side]
        return Hit(self.row.entity, start, end, score, 2 if self.row.verified else int(side > 0))

    def announced(self, text: str, start: int, end: int) -> bool:
        """Whether a word of `text` announces what stands at [start, end)."""
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
def safe() -> tuple[re.Pattern[str], ...]:
    """The patterns of data/safe.yaml."""
    with as_file(files(data.__name__).joinpath("safe.yaml")) as file:
        kinds = validate(Safe, load_yaml(file, shown="safe.yaml")).safe
    return tuple(re.compile(p, re.VERBOSE) for kind in kinds for p in kind.patterns)


@cache
def labels() -> dict[str, str]:
    """The word that stands for a redacted entity."""
    return {row[0]: row[1] for row in data.rows("labels")}


@cache
def _our_labels() -> re.Pattern[str]:
    """What stands for redacted data: no word that speaks for the number behind it."""
    return re.compile(f"<(?:{'|'.join(map(re.escape, labels().values()))})(?: [^<>]*)?>")
