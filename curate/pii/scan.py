"""Say where personal data stand in records, without saying what they are: the lines of `curate pii scan`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..errors import Unreadable

__all__ = ["scan"]


def scan(records: Iterable[Mapping[str, Any]], least: float = 0.5) -> Iterator[dict[str, Any]]:
    """One line {id, start, end, entity, score} for each find, by record and position.

    A record is a mapping with `id` and `text`; offsets are code points of that text, [start, end).

    Raises:
        Unreadable: a record has no `id` or its `text` is no string; `where` counts records from 1.
    """
    from .recogniser import ChineseRecognizer

    recognizer = ChineseRecognizer(least)
    for number, record in enumerate(records, 1):
        text = record.get("text")
        if "id" not in record or not isinstance(text, str):
            raise Unreadable(
                "bad_record",
                "record cannot be scanned",
                where=f"record {number}",
                got=f"text is {type(text).__name__}, {'with' if 'id' in record else 'without'} id",
                expected="id, and text as a string",
            )
        for hit in recognizer.hits(text):
            yield {
                "id": record["id"],
                "start": hit.start,
                "end": hit.end,
                "entity": hit.entity,
                "score": hit.score,
            }
