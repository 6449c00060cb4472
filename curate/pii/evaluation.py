"""How well a finder does on labelled texts: counts alone, no value ever."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Protocol, get_args

from ..errors import UserError
from ..estimates import interval
from . import DECLARED, ENTITIES
from .gold.tables import kinds
from .labelled import Labelled, Mark
from .rules import Hit

__all__ = ["COMMON_LABELS", "Evaluation", "Finder", "evaluate", "finder"]

BATCH = 256
LEAST = 0.5
COMMON_LABELS = {"PER": "PERSON", "person": "PERSON", "ADDR": "ADDRESS", "address": "ADDRESS", "organization": "ORG"}
"""What others call our entities."""

ORDINARY = "ordinary text"
EDGES = "wrong edges"
OTHER = "labelled as "


class Finder(Protocol):
    """What finds personal data."""

    def find_many(self, texts: Sequence[str]) -> list[list[Hit]]:
        """The finds in each text."""


def finder(profile: str = "balanced") -> Finder:
    """What `anonymise` finds with this profile of names.

    Raises:
        UserError: there is no such profile.
    """
    from .find import Finder as Everything
    from .find import Names

    for name in get_args(Names):
        if name == profile:
            return Everything(name, least=LEAST)
    raise UserError("no such profile", where="--profile", expected=", ".join(get_args(Names)))


@dataclass(slots=True)
class Tally:
    """What was counted of one entity; characters are code points."""

    gold: int = 0
    found: int = 0
    right: int = 0
    """Finds with the labelled edges and entity."""
    gold_chars: int = 0
    found_chars: int = 0
    leaked_chars: int = 0
    """Labelled characters that no find of any entity covers."""
    missed_chars: int = 0
    """Labelled characters that no find of this entity covers."""
    right_chars: int = 0
    """Characters of its finds that are labelled so."""

    def as_dict(self) -> dict[str, Any]:
        """Counts, and shares with their 95 % intervals (Wilson); a share of nothing is null."""
        return {
            "gold": self.gold,
            "found": self.found,
            "right": self.right,
            "recall": _share(self.right, self.gold),
            "precision": _share(self.right, self.found),
            "gold_chars": self.gold_chars,
            "leaked_chars": self.leaked_chars,
            "leaked": _part(self.leaked_chars, self.gold_chars),
            "missed": _part(self.missed_chars, self.gold_chars),
            "char_precision": _part(self.right_chars, self.found_chars),
        }


def _part(count: int, of: int) -> float | None:
    return round(count / of, 6) if of else None


def _share(count: int, of: int) -> dict[str, float] | None:
    if not of:
        return None
    low, high = interval(count / of, of, 0.0)
    return {"share": round(count / of, 6), "low": round(low, 6), "high": round(high, 6)}


@dataclass(slots=True)
class Evaluation:
    """The counts over all texts."""

    texts: int = 0
    chars: int = 0
    tallies: dict[str, Tally] = field(default_factory=dict)
    """By entity, those of the labels and those of the finds."""
    kinds: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    """Gold and right by entity and kind, where the labels tell a kind."""
    false: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Finds that are not right, by entity and what they fell into: a trap, ordinary text, wrong edges, another entity."""
    unknown: Counter[str] = field(default_factory=Counter)
    """Labels that are no entity; they count for nothing."""

    def add(self, row: Labelled, hits: Sequence[Hit], names: Mapping[str, str]) -> None:
        """Take in a text and the finds in it; `names` are the entities that labels stand for."""
        self.texts += 1
        self.chars += len(row.text)
        gold: list[Mark] = []
        for mark in row.marks:
            entity = names.get(mark.label, mark.label)
            if entity in KNOWN or mark.label in names:
                gold.append(Mark(mark.start, mark.end, entity, mark.kind))
            else:
                self.unknown[mark.label] += 1
        exact = {(mark.start, mark.end, mark.label) for mark in gold}
        found = {(hit.start, hit.end, hit.entity) for hit in hits}
        covered = {at for hit in hits for at in range(hit.start, hit.end)}
        by_entity: dict[str, set[int]] = {}
        for hit in hits:
            by_entity.setdefault(hit.entity, set()).update(range(hit.start, hit.end))
        labelled: dict[str, set[int]] = {}
        for mark in gold:
            chars = range(mark.start, mark.end)
            labelled.setdefault(mark.label, set()).update(chars)
            right = (mark.start, mark.end, mark.label) in found
            tally = self._of(mark.label)
            tally.gold += 1
            tally.right += right
            tally.gold_chars += len(chars)
            tally.leaked_chars += sum(at not in covered for at in chars)
            tally.missed_chars += sum(at not in by_entity.get(mark.label, ()) for at in chars)
            if mark.kind:
                counts = self.kinds.setdefault((mark.label, mark.kind), [0, 0])
                counts[0] += 1
                counts[1] += right
        for start, end, entity in sorted(found):
            self._of(entity).found += 1
            if (start, end, entity) not in exact:
                self.false[entity, _fell(start, end, entity, gold, row.traps)] += 1
        for entity, chars_of in by_entity.items():
            self._of(entity).found_chars += len(chars_of)
            self._of(entity).right_chars += len(chars_of & labelled.get(entity, set()))

    def _of(self, entity: str) -> Tally:
        return self.tallies.setdefault(entity, Tally())

    def as_dict(self) -> dict[str, Any]:
        """Plain data, for JSON. An entity the labels never name has finds alone: whether they are right nobody can tell."""
        named = {entity: tally for entity, tally in sorted(self.tallies.items()) if tally.gold}
        return {
            "texts": self.texts,
            "chars": self.chars,
            "entities": {entity: tally.as_dict() for entity, tally in named.items()},
            "kinds": [
                {"entity": entity, "kind": kind, "gold": gold, "right": right, "recall": _share(right, gold)}
                for (entity, kind), (gold, right) in sorted(self.kinds.items())
            ],
            "false": [
                {"entity": entity, "in": where, "count": count}
                for (entity, where), count in sorted(self.false.items(), key=lambda item: (-item[1], item[0]))
                if entity in named
            ],
            "not_labelled": {e: tally.found for e, tally in sorted(self.tallies.items()) if not tally.gold},
            "unknown_labels": sum(self.unknown.values()),
        }


KNOWN = frozenset((*ENTITIES, *DECLARED, *(kind.entity for kind in kinds().values())))


def _fell(start: int, end: int, entity: str, gold: Sequence[Mark], traps: Sequence[Mark]) -> str:
    """What a find that is not right fell into."""
    touched = [mark for mark in gold if mark.start < end and start < mark.end]
    if any(mark.label == entity for mark in touched):
        return EDGES
    if touched:
        return OTHER + touched[0].label
    return next((trap.label for trap in traps if trap.start < end and start < trap.end), ORDINARY)


def evaluate(rows: Iterable[Labelled], by: Finder, names: Mapping[str, str] = COMMON_LABELS) -> Evaluation:
    """Run a finder over labelled texts and count; `names` says which entity a label stands for where it is called otherwise."""
    counted = Evaluation()
    for batch in _batches(rows):
        for row, hits in zip(batch, by.find_many([row.text for row in batch]), strict=True):
            counted.add(row, hits, names)
    return counted


def _batches(rows: Iterable[Labelled]) -> Iterator[list[Labelled]]:
    remaining = iter(rows)
    while batch := list(islice(remaining, BATCH)):
        yield batch
