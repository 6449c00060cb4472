"""Sentences with labelled names, from IOB2 (the text in a comment `# text = `, tags in the third column) or JSON Lines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

__all__ = ["Sentence", "Span", "marked", "read"]

Span = tuple[int, int, str]
"""Start, end and label: PER, LOC or ORG."""

Sentence = tuple[str, list[Span]]

TEXT = "# text = "


def read(path: Path) -> list[Sentence]:
    """The sentences of a file; JSON Lines are `{"text": ..., "spans": [[start, end, label], ...]}`."""
    if path.suffix == ".jsonl":
        rows = (json.loads(line) for line in path.read_text("utf-8").splitlines())
        return [(row["text"], [(a, b, label) for a, b, label in row["spans"]]) for row in rows]
    return list(_iob2(path))


def _iob2(path: Path) -> Iterator[Sentence]:
    text, at = "", 0
    spans: list[Span] = []
    for line in path.read_text("utf-8").split("\n"):
        if line.startswith(TEXT):
            if text:
                yield text, spans
            text, at, spans = line.removeprefix(TEXT), 0, []
        elif line and not line.startswith("#"):
            _, token, tag = line.split("\t")[:3]
            start = text.index(token, at)
            at = start + len(token)
            if tag.startswith("B-"):
                spans.append((start, at, tag[2:]))
            elif tag.startswith("I-"):
                spans[-1] = (spans[-1][0], at, spans[-1][2])
    if text:
        yield text, spans


def marked(sentence: Sentence, label: str) -> npt.NDArray[np.bool_]:
    """Which characters of a sentence are part of a name with this label."""
    text, spans = sentence
    out = np.zeros(len(text), np.bool_)
    for start, end, of in spans:
        if of == label:
            out[start:end] = True
    return out
