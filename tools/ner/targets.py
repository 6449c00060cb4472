"""What the network is to say of each character: five numbers that make one, outside a name, at its beginning, inside it, place, organisation.

Labels of a teacher are doubted: what it says quietly of a run that has the shape of a name counts as said aloud, what it says of anything
but Han characters counts only for names in capitals.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from curate.pii.names.cascade import runs
from curate.pii.names.words import foreign, surname

from .labelled import Sentence, Span
from .made_up import Maker

__all__ = ["Targets", "accepted", "of_labels", "of_teacher", "swapped", "together"]

Targets = npt.NDArray[np.float32]
"""float32[n, 5], rows that sum to one."""

OUTSIDE, BEGIN, INSIDE, PLACE, ORGANISATION = range(5)

FIRM = {
    None: (0.98, 0.005, 0.005, 0.005, 0.005),
    "PER-B": (0.02, 0.94, 0.02, 0.01, 0.01),
    "PER": (0.02, 0.02, 0.94, 0.01, 0.01),
    "LOC": (0.04, 0.005, 0.005, 0.94, 0.01),
    "ORG": (0.04, 0.005, 0.005, 0.01, 0.94),
}
"""What a label by hand makes: not all of one, since hands err."""

HAN = re.compile(r"[\u4e00-\u9fff][\u4e00-\u9fff·•・．]*")
CAPITALS = re.compile(r"(?<![A-Za-z0-9_.])[A-Z][a-z]{2,14}(?:[ .·][A-Z][a-z]{1,14})*(?![A-Za-z0-9_(])")

LOW = 0.1  # below, a teacher has not said anything
ALONE, LOUD, QUIET, SHAPED = 0.8, 0.5, 0.2, 0.1  # what one character needs, any run, a foreign shape, a surname
RAISED = 0.5  # an accepted name is at least so likely
DAMPED = 0.9  # what was not accepted counts a little less
SURE = 0.67  # a name is swapped if every character is so likely


def of_labels(sentence: Sentence) -> Targets:
    """The targets of a sentence labelled by hand."""
    text, spans = sentence
    out = np.tile(np.array(FIRM[None], np.float32), (len(text), 1))
    for start, end, label in spans:
        out[start:end] = FIRM[label]
        if label == "PER":
            out[start] = FIRM["PER-B"]
    return out


def accepted(text: str, person: npt.NDArray[np.float32]) -> Iterator[tuple[int, int]]:
    """The spans of a teacher's reading that are taken for names of persons."""
    sounds, _ = foreign()
    for start, end in zip(*(edges.tolist() for edges in runs(person > LOW)), strict=True):
        for found in HAN.finditer(text, start, end):
            a, b = found.span()
            top = float(person[a:b].max())
            if b - a == 1:
                if top >= ALONE:
                    yield a, b
            elif top >= LOUD:
                heard = np.flatnonzero(person[a:b] > QUIET)
                yield a + int(heard[0]), a + int(heard[-1]) + 1
            elif (top >= SHAPED and surname(text, a) and b - a <= 4) or (
                top >= QUIET and sum(c in sounds or not HAN.match(c) for c in found[0]) >= 0.8 * (b - a)
            ):
                yield a, b
    for found in CAPITALS.finditer(text):
        if person[found.start() : found.end()].mean() >= LOUD:
            yield found.span()


def of_teacher(text: str, said: npt.NDArray[np.float32]) -> tuple[Targets, list[Span]]:
    """Targets from a teacher's float32[n, 4] (beginning and inside of a person, place, organisation), and the names among them."""
    begin, person = said[:, 0], said[:, 0] + said[:, 1]
    out = np.zeros((len(text), 5), np.float32)
    han = np.array([HAN.match(c) is not None for c in text], np.float32)
    out[:, BEGIN : INSIDE + 1] = said[:, :2] * DAMPED * han[:, None]
    out[:, PLACE:] = said[:, 2:]
    spans: list[Span] = []
    for start, end in accepted(text, person):
        share = np.maximum(person[start:end], RAISED)
        out[start:end, BEGIN], out[start:end, INSIDE] = 0, share
        firsts = [start] + [at for at in range(start + 1, end) if begin[at] > 0.5]
        out[firsts, BEGIN], out[firsts, INSIDE] = out[firsts, INSIDE], 0
        others = out[start:end, PLACE:].sum(1)
        out[start:end, PLACE:] *= np.minimum(1, (1 - share) / np.maximum(others, 1e-6))[:, None]
        spans.append((start, end, "PER"))
    out[:, OUTSIDE] = np.maximum(0, 1 - out[:, BEGIN:].sum(1))
    return out / out.sum(1, keepdims=True), spans


def swapped(text: str, targets: Targets, spans: Sequence[Span], maker: Maker) -> tuple[str, Targets] | None:
    """The sentence with made-up names in place of those that are sure and Chinese or foreign in shape; None if there are none."""
    sounds, _ = foreign()
    texts: list[str] = []
    parts: list[Targets] = []
    at = 0
    for start, end, label in spans:
        name = text[start:end]
        if label != "PER" or start < at or targets[start:end, BEGIN : INSIDE + 1].sum(1).min() < SURE:
            continue
        if not HAN.fullmatch(name):
            continue
        make: Callable[[], str]
        if surname(name, 0) and 2 <= len(name) <= 4:
            make = maker.any
        elif len(name) > 1 and sum(c in sounds or c in "·•・．" for c in name) >= 0.8 * len(name):
            make = maker.foreign
        else:
            continue
        new = make()
        texts += [text[at:start], new]
        parts += [targets[at:start], of_labels((new, [(0, len(new), "PER")]))]
        at = end
    if not texts:
        return None
    return "".join(texts) + text[at:], np.concatenate([*parts, targets[at:]])


def together(
    pairs: Sequence[tuple[npt.NDArray[np.uint32], Targets]], random: np.random.Generator, size: int = 110
) -> list[tuple[npt.NDArray[np.uint32], Targets]]:
    """Rows of ids and targets in another order, most short ones joined by one or two line breaks: in a document a line has neighbours.

    A line break has id 0 and targets of zero, which count for nothing.
    """
    out: list[tuple[npt.NDArray[np.uint32], Targets]] = []
    ids: list[npt.NDArray[np.uint32]] = []
    targets: list[Targets] = []
    length = 0
    for which in random.permutation(len(pairs)):
        row, wanted = pairs[which]
        if len(row) > 100 or random.random() < 0.3:
            out.append((row, wanted))
            continue
        if ids:
            gap = int(random.integers(1, 3))
            ids.append(np.zeros(gap, np.uint32))
            targets.append(np.zeros((gap, 5), np.float32))
        ids.append(row)
        targets.append(wanted)
        length += len(row)
        if length > size:
            out.append((np.concatenate(ids), np.concatenate(targets)))
            ids, targets, length = [], [], 0
    if ids:
        out.append((np.concatenate(ids), np.concatenate(targets)))
    return out
