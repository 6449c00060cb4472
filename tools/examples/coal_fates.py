"""The texts of the example domain coal, and what must become of each record: the entries of its expected.json.

The texts stand in coal_texts/*.txt, one paragraph a line, the first one being the title; marks in them are those of
`marked`. Behind a name, between bars:

    @@ name | <- base              a near copy of `base`: its lines are `old => new`
    @@ name | quality too_short    made to be dropped, with stage and reason
    @@ name | 列=值 | 列=值         the other columns of its row in a table
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

from curate.records import record_id

from .marked import Entry, Rendered, load, render, shingles

__all__ = ["Placed", "Text", "Unread", "expected", "load_texts"]

ALIKE = 0.85
"""Planted near copies have at least this Jaccard similarity of character 5-grams …"""
APART = 0.6
"""… and all other pairs less than this."""


@dataclass(frozen=True, eq=False)
class Text:
    """One text with what is declared about it."""

    name: str
    body: Rendered
    columns: Mapping[str, Rendered]
    dropped: tuple[str, str] | None
    """Stage and reason, for a text made to be dropped."""
    base: str | None
    """The text that it is a near copy of."""

    @property
    def names(self) -> list[str]:
        """Names of persons in columns; the texts name nobody."""
        return [name for cell in self.columns.values() for name in cell.names]

    @property
    def whole(self) -> str:
        """All lines as one document."""
        return self.body.text

    @property
    def title(self) -> str:
        """The first line."""
        return self.whole.split("\n")[0]

    @property
    def paragraphs(self) -> list[str]:
        """The lines below the title."""
        return self.whole.split("\n")[1:]


def load_texts() -> dict[str, Text]:
    """All texts, by name.

    Raises:
        ValueError: a name is used twice, or a near copy changes what its base does not hold exactly once.
    """
    entries: dict[str, Entry] = {}
    for file in sorted((Path(__file__).parent / "coal_texts").glob("*.txt")):
        for entry in load(file):
            if entry.head[0] in entries:
                raise ValueError(f"{file.name}: {entry.head[0]} is used twice")
            entries[entry.head[0]] = entry
    return {name: _text(entry, entries) for name, entry in entries.items()}


def _text(entry: Entry, entries: Mapping[str, Entry]) -> Text:
    name, *more = entry.head
    columns, dropped, base = {}, None, None
    for cell in more:
        column, is_column, value = cell.partition("=")
        if cell.startswith("<- "):
            base = cell[3:]
        elif is_column:
            columns[column] = render(value)
        else:
            stage, _, reason = cell.partition(" ")
            dropped = (stage, reason)
    body = render(entry.text) if base is None else render(entries[base].text, _edits(entry.text))
    return Text(name, body, columns, dropped, base)


def _edits(lines: str) -> list[tuple[str, str]]:
    return [(old, new) for old, _, new in (line.partition(" => ") for line in lines.split("\n"))]


class Placed(NamedTuple):
    """One record: where it stands and what its text is."""

    path: str
    locator: str
    text: Text


class Unread(NamedTuple):
    """A file, or a record at `locator` of it, that cannot be read and must be quarantined under `kind`."""

    path: str
    locator: str
    kind: str


def expected(placed: Sequence[Placed], unread: Sequence[Unread], source_of: Mapping[str, str]) -> list[dict[str, Any]]:
    """What must become of each record, and of what cannot be read; sorted by path, then in the order of the file."""
    exact = exact_duplicates(placed, source_of)
    near = near_duplicates([p for p in placed if p not in exact and p.text.dropped is None], source_of)
    out = []
    for place in placed:
        if place in exact:
            fate = duplicate("exact_dedup", "exact_duplicate", exact[place])
        elif place.text.dropped is not None:
            stage, reason = place.text.dropped
            fate = {"fate": "dropped", "stage": stage, "reason": reason}
        elif place in near:
            fate = duplicate("near_dedup", "near_duplicate", near[place])
        else:
            fate = kept(place.text)
        out.append({"path": place.path, "locator": place.locator, **fate})
    out += [{"path": u.path, "locator": u.locator, "fate": "quarantined", "stage": "ingest", "reason": u.kind} for u in unread]
    return sorted(out, key=lambda entry: str(entry["path"]))


def duplicate(stage: str, reason: str, survivor: Placed) -> dict[str, Any]:
    """The fate of a record dropped for `survivor`."""
    where = {"path": survivor.path, "locator": survivor.locator}
    return {"fate": "dropped", "stage": stage, "reason": reason, "duplicate_of": where}


def kept(text: Text) -> dict[str, Any]:
    """The fate of a record that stays: how many of each entity it holds, and what must be gone or still be there."""
    parts = [text.body, *text.columns.values()]
    pii = Counter(PERSON=len(text.names))
    for part in parts:
        pii += part.pii
    return {
        "fate": "kept",
        "pii": dict(sorted(pii.items())),
        "must_not_appear": sorted({*text.names, *(value for part in parts for value in part.gone)}),
        "must_appear": list(dict.fromkeys(text.body.stays)),
    }


def exact_duplicates(placed: Sequence[Placed], source_of: Mapping[str, str]) -> dict[Placed, Placed]:
    """Records with the same text as another → the one of them with the smallest id."""
    same: dict[str, list[Placed]] = defaultdict(list)
    for place in placed:
        same[place.text.whole].append(place)
    out = {}
    for group in same.values():
        first = min(group, key=lambda p: record_id(source_of[p.path], p.path, p.locator))
        out.update({place: first for place in group if place is not first})
    return out


def near_duplicates(placed: Sequence[Placed], source_of: Mapping[str, str]) -> dict[Placed, Placed]:
    """Near copies → the longer of the two texts, or the one with the smaller id.

    Raises:
        ValueError: a near copy is not alike enough, or two other texts are too much alike.
    """
    out = {}
    grams = [shingles(place.text.whole) for place in placed]
    for (i, one), (j, other) in combinations(enumerate(placed), 2):
        jaccard = len(grams[i] & grams[j]) / len(grams[i] | grams[j])
        planted = one.text.base == other.text.name or other.text.base == one.text.name
        if jaccard < ALIKE if planted else jaccard >= APART:
            raise ValueError(f"{one.text.name} and {other.text.name}: Jaccard similarity {jaccard:.3f}")
        if planted:
            best, rest = sorted(
                (one, other),
                key=lambda p: (-len(p.text.whole), record_id(source_of[p.path], p.path, p.locator)),
            )
            out[rest] = best
    return out
