"""Names of persons, places and organisations in many texts: the network, LAC where a profile has it, then the rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

import numpy as np

from ..rules import Hit
from .cascade import Cascade, gates, organisation_limits
from .features import code_points
from .memory import Memory, lines, stretches
from .network import CONTEXT, Network, Probabilities, Reading, between, runs
from .profiles import Name, profile
from .rules import Figures, names_in

__all__ = ["Found", "NameFinder"]

AT_ONCE = 1 << 18
"""Characters read together: enough for LAC to find many pieces of one length, a few dozen megabytes at work."""


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in a text; `place` is how likely each character is part of a place's name, float32[len(text)]."""

    persons: list[Hit]
    organisations: list[Hit]
    place: Probabilities


class NameFinder:
    """Finds names as a profile says; each text on its own, whatever it is read with."""

    def __init__(self, name: Name = "balanced", figures: Figures = "mask") -> None:
        self._profile, self._figures = profile(name), figures
        self._network = Network()
        self._cascade = Cascade(gates()[name], self._network.features) if self._profile.cascade else None
        self._memory = Memory()

    @property
    def path(self) -> str:
        """What computes the network: "onnxruntime" or "numpy"."""
        return self._network.path

    def find_many(self, texts: Sequence[str]) -> list[Found]:
        """What each text holds, in their order."""
        return [
            self._found(text, reading)
            for some in _groups(texts)
            for text, reading in zip(some, self.read_many(some), strict=True)
        ]

    def read_many(self, texts: Sequence[str]) -> list[Reading]:
        """The probabilities in each text, before any rule."""
        rows = [list(lines(text)) for text in texts]
        known = [[self._memory.get(key) for *_, key in row] for row in rows]
        wanted = [
            (which, start, end)
            for which, (row, old) in enumerate(zip(rows, known, strict=True))
            for start, end in stretches([(a, b, o is not None) for (a, b, _), o in zip(row, old, strict=True)])
        ]
        out = [Reading(*(np.zeros(len(text), np.float32) for _ in fields(Reading))) for text in texts]
        for (which, start, _), reading in zip(wanted, self._read(texts, wanted), strict=True):
            _put(out[which], start, reading)
        for reading, row, old in zip(out, rows, known, strict=True):
            for (start, end, key), was in zip(row, old, strict=True):
                if was is not None:
                    _put(reading, start, was)
                else:
                    self._memory.put(key, _part(reading, start, end))
        return out

    def _read(self, texts: Sequence[str], wanted: Sequence[tuple[int, int, int]]) -> Iterator[Reading]:
        """What is in stretches of texts, each read with what it depends on."""
        pieces = [texts[which][max(0, start - CONTEXT) : end + CONTEXT] for which, start, end in wanted]
        codes = self._network.folded(code_points(between(pieces)))
        whole = self._network.read(codes)
        if self._cascade:
            whole = self._cascade(codes, whole)
        at = CONTEXT
        for (_, start, end), piece in zip(wanted, pieces, strict=True):
            first = at + min(start, CONTEXT)
            yield _part(whole, first, first + end - start)
            at += len(piece) + CONTEXT

    def _found(self, text: str, reading: Reading) -> Found:
        folded = self._network.folded(code_points(text)).astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")
        persons = names_in(folded, reading.person, self._profile, self._figures)
        return Found(persons, _organisations(reading.organisation), reading.place)


def _groups(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    """Texts in groups of `AT_ONCE` characters or one text."""
    start = size = 0
    for at, text in enumerate(texts):
        if at > start and size + len(text) > AT_ONCE:
            yield texts[start:at]
            start, size = at, 0
        size += len(text)
    if start < len(texts):
        yield texts[start:]


def _part(reading: Reading, start: int, end: int) -> Reading:
    return Reading(reading.person[start:end], reading.place[start:end], reading.organisation[start:end])


def _put(reading: Reading, start: int, part: Reading) -> None:
    end = start + len(part.person)
    reading.person[start:end] = part.person
    reading.place[start:end] = part.place
    reading.organisation[start:end] = part.organisation


def _organisations(likely: Probabilities) -> list[Hit]:
    """Runs of characters that are likely part of an organisation's name, sure of at least one."""
    limits = organisation_limits()
    hits = []
    for start, end in zip(*(edges.tolist() for edges in runs(likely > limits.low)), strict=True):
        top = float(likely[start:end].max())
        if top >= limits.peak and end - start >= limits.shortest:
            hits.append(Hit("ORG", start, end, round(top, 3)))
    return hits
