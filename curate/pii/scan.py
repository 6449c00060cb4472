"""Say where personal data stand in records, without saying what they are: the lines of `curate pii scan`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from ..errors import Unreadable
from .find import Finder, Names

__all__ = ["scan"]

AT_ONCE = 256
"""Records that are looked through together."""


def scan(
    records: Iterable[Mapping[str, Any]], least: float = 0.5, names: Names = "balanced"
) -> Iterator[dict[str, Any]]:
    """One line {id, start, end, entity, score} for each find, by record and position.

    A record is a mapping with `id` and `text`; offsets are code points of that text, [start, end). Without `names` no
    names and addresses are looked for.

    Raises:
        Unreadable: a record has no `id` or its `text` is no string; `where` counts records from 1.
    """
    finder = Finder(names, names != "none", least)
    numbered = enumerate(records, 1)
    while some := [(record.get("id"), _text(number, record)) for number, record in islice(numbered, AT_ONCE)]:
        for (name, _), hits in zip(some, finder.find_many([text for _, text in some]), strict=True):
            for hit in hits:
                yield {
                    "id": name,
                    "start": hit.start,
                    "end": hit.end,
                    "entity": hit.entity,
                    "score": round(hit.score, 4),
                }


def _text(number: int, record: Mapping[str, Any]) -> str:
    text = record.get("text")
    if "id" not in record or not isinstance(text, str):
        raise Unreadable(
            "bad_record",
            "record cannot be scanned",
            where=f"record {number}",
            got=f"text is {type(text).__name__}, {'with' if 'id' in record else 'without'} id",
            expected="id, and text as a string",
        )
    return text
