"""LAC's opinion where the network is unsure, and what becomes of the two."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import as_file, files

import numpy as np
import numpy.typing as npt
from pydantic import Field

from ...config import Strict, validate
from ...yaml_files import load_yaml
from . import data
from .features import Codes, Features
from .judge import Judge
from .lac import Lac
from .network import Probabilities, Reading, runs

__all__ = ["Cascade", "Gate", "Limits", "gates", "organisation_limits", "pieces", "runs"]

Ints = npt.NDArray[np.int64]

PLACE, ORGANISATION = ("LOC-B", "LOC-I"), ("ORG-B", "ORG-I")

LINE_BREAKS = np.array([0x0A, 0x0D], np.uint32)


class Gate(Strict):
    """A row of data/cascade.yaml, which explains the fields."""

    profile: str
    low: float = Field(gt=0, lt=1)
    high: float = Field(gt=0, le=1)
    around: int = Field(ge=1)
    also: str = ""
    longest: int = Field(ge=16)
    weight: float = Field(ge=0, le=1)


class Limits(Strict):
    """When a run of characters is an organisation's name; data/cascade.yaml explains the fields."""

    low: float = Field(gt=0, lt=1)
    peak: float = Field(gt=0, lt=1)
    shortest: int = Field(ge=1)


class Gates(Strict):
    """data/cascade.yaml."""

    cascade: tuple[Gate, ...]
    organisation: Limits


def gates() -> dict[str, Gate]:
    """The gates of data/cascade.yaml by profile; a profile without one has no cascade."""
    return {gate.profile: gate for gate in _settings().cascade}


def organisation_limits() -> Limits:
    """When a run of characters is an organisation's name."""
    return _settings().organisation


@cache
def _settings() -> Gates:
    with as_file(files(data.__name__).joinpath("cascade.yaml")) as file:
        return validate(Gates, load_yaml(file, shown="cascade.yaml"))


class Cascade:
    """LAC behind a gate, and the judge of what it says."""

    def __init__(self, gate: Gate, features: Features) -> None:
        self._gate, self._features, self._lac, self._judge = gate, features, Lac(), Judge()
        self._other = [[self._lac.tags[name] for name in names] for names in (PLACE, ORGANISATION)]

    def __call__(self, codes: Codes, reading: Reading) -> Reading:
        """The network's reading of a row of folded characters, LAC's counted in where it was asked.

        Two texts in the row are two lines, so that what is said of one depends on it alone.
        """
        starts, ends = pieces(codes, reading.person, self._gate)
        out = Reading(reading.person.copy(), reading.place.copy(), reading.organisation.copy())
        words = self._features.words(self._features.ids(codes))
        weight = np.float32(self._gate.weight)
        for which, said in self._lac.read(codes, starts, ends - starts):
            at = starts[which][:, None] + np.arange(said.shape[1])
            person = self._judge(said, self._lac.tags, codes[at], words[at])
            place, organisation = (said[..., tags].sum(2) for tags in self._other)
            for old, new in ((out.person, person), (out.place, place), (out.organisation, organisation)):
                old[at] += weight * (new - old[at])
        return out


def pieces(codes: Codes, person: Probabilities, gate: Gate) -> tuple[Ints, Ints]:
    """The pieces of a row of characters that LAC is asked about: starts and ends, none across a line break."""
    breaks = np.isin(codes, LINE_BREAKS)
    starts, ends = runs((person > gate.low) & ~breaks)
    if len(starts):
        # a run that is certain in every character needs no second opinion
        edges = np.stack([starts, ends], 1).ravel()
        unsure = np.minimum.reduceat(np.append(person, np.float32(1)), edges)[::2] < gate.high
        starts, ends = starts[unsure], ends[unsure]
    if gate.also:
        text = codes.astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")
        spans = np.array([found.span() for found in _pattern(gate.also).finditer(text)], np.int64).reshape(-1, 2)
        starts, ends = np.concatenate([starts, spans[:, 0]]), np.concatenate([ends, spans[:, 1]])
    edges = np.concatenate([[-1], np.flatnonzero(breaks), [len(codes)]])
    starts = np.maximum(starts - gate.around, edges[np.searchsorted(edges, starts, "right") - 1] + 1)
    ends = np.minimum(ends + gate.around, edges[np.searchsorted(edges, ends, "left")])
    asked = np.zeros(len(codes), np.bool_)
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        asked[start:end] = True
    return _cut(*runs(asked), gate.longest)


@cache
def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _cut(starts: Ints, ends: Ints, longest: int) -> tuple[Ints, Ints]:
    """Pieces of at most `longest` in place of longer ones, as even as can be."""
    parts = -(-(ends - starts) // longest)
    if len(parts) and parts.max() > 1:
        cuts = [np.linspace(a, b, n + 1).astype(np.int64) for a, b, n in zip(starts, ends, parts, strict=True)]
        return np.concatenate([cut[:-1] for cut in cuts]), np.concatenate([cut[1:] for cut in cuts])
    return starts, ends
