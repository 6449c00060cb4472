"""Lines that come again and again, with the same surroundings, and are read once."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from .network import CONTEXT, Reading

__all__ = ["LONGEST", "Line", "Memory", "lines", "stretches"]

LONGEST = 240
"""Characters of the longest line that is remembered: what is repeated in many texts is short."""

ROOM = 1 << 20
"""Characters of lines that are remembered before all are forgotten; each takes some twenty bytes."""

WORTH = 3 * CONTEXT
"""Known characters in a row that are worth reading the two sides apart: the surroundings of both are read again."""

Key = tuple[str, str, str]

Line = tuple[int, int, Key]
"""Where a line starts and ends in its text, its break included, and all that its reading depends on."""


class Memory:
    """What was read of lines that were met at least twice."""

    def __init__(self, room: int = ROOM) -> None:
        self._room, self._held = room, 0
        self._readings: dict[Key, Reading | None] = {}

    def get(self, key: Key) -> Reading | None:
        """What was read of a line, if it is known."""
        return self._readings.get(key)

    def put(self, key: Key, reading: Reading) -> None:
        """Remember a line's reading; the first time only that it was met, since most lines are met once."""
        size = sum(map(len, key))
        if len(key[1]) > LONGEST:
            return
        if key in self._readings:
            self._readings[key] = Reading(
                reading.person.copy(), reading.place.copy(), reading.organisation.copy()
            )  # not a view: it would keep alive all that was read with it
            return
        if self._held + size > self._room:
            self._readings.clear()
            self._held = 0
        self._readings[key] = None
        self._held += size


def lines(text: str) -> Iterator[Line]:
    """The lines of a text."""
    start = 0
    while start < len(text):
        end = text.find("\n", start) + 1 or len(text)
        yield start, end, (text[max(0, start - CONTEXT) : start], text[start:end], text[end : end + CONTEXT])
        start = end


def stretches(known: list[tuple[int, int, bool]]) -> Iterator[tuple[int, int]]:
    """What is to be read of a text whose lines start, end and are known so: all but long stretches of known lines."""
    start = end = -1
    for is_known, group in groupby(known, key=lambda line: line[2]):
        part = list(group)
        first, last = part[0][0], part[-1][1]
        if is_known and last - first >= WORTH:
            if end > start:
                yield start, end
            start = end = -1
        else:
            start, end = (first if start < 0 else start), last
    if end > start:
        yield start, end
