"""Texts in which somebody marked personal data: JSON lines of our own or of doccano, a Label Studio export, IOB2."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, pairwise
from pathlib import Path
from typing import Any

from ..errors import UserError

__all__ = ["Labelled", "Mark", "of_document", "read_labelled"]

OUTSIDE = "O"
TAG = re.compile(r"O|[BIESMLU]-\S+")
COLUMN = 2
"""The column of tags in the ten-column form of Universal NER, from 0."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A marked stretch: code points [start, end) of the text, and what it was called."""

    start: int
    end: int
    label: str
    kind: str = ""
    """How the value is written or what sort it is, where the file tells."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text, what is marked in it, and stretches that only look like something, with their names."""

    text: str
    marks: tuple[Mark, ...]
    traps: tuple[Mark, ...] = ()


class _Wrong(Exception):
    """A row is not what it should be; the message holds nothing of it."""


def read_labelled(path: Path, bad: list[str]) -> Iterator[Labelled]:
    """The labelled texts of a file; its form is known by how it begins.

    `[`: a Label Studio export in JSON, with all tasks or the short form; `{`: lines of JSON with `text` and `spans`
    ({start, end, entity}), `label`, `labels` or `entities`, as doccano writes them; anything else: IOB2, one token a line.
    For what cannot be used a complaint with its line or task goes to `bad`; tasks that nobody has labelled are one.

    Raises:
        UserError: there is no such file, or it is no text in UTF-8.
    """
    if not path.is_file():
        raise UserError("no such file", where=str(path))
    try:
        with path.open(encoding="utf-8-sig") as file:
            first = next((line for line in file if line.strip()), "")
            file.seek(0)
            if _tagged(first):
                yield from _iob(file, bad)
            elif first.lstrip().startswith("["):
                yield from _tasks(file.read(), str(path), bad)
            elif first.lstrip().startswith("{"):
                yield from _json_lines(file, bad)
            else:
                yield from _iob(file, bad)
    except UnicodeDecodeError:
        raise UserError("not a text in UTF-8", where=str(path)) from None


def _json_lines(lines: Iterator[str], bad: list[str]) -> Iterator[Labelled]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            yield of_document(json.loads(line))
        except _Wrong as wrong:
            bad.append(f"line {number}: {wrong}")
        except ValueError:
            bad.append(f"line {number}: not JSON")


def of_document(row: Any) -> Labelled:
    """An object with `text` and `spans`, `label`, `labels` or `entities`, perhaps `traps`."""
    if not isinstance(row, dict) or not isinstance(row.get("text"), str):
        raise _Wrong("expected an object with text as a string")
    text = row["text"]
    given = next((row[name] for name in ("spans", "label", "labels", "entities") if name in row), None)
    if not isinstance(given, list):
        raise _Wrong("expected spans, label, labels or entities as a list")
    traps = row.get("traps", [])
    if not isinstance(traps, list):
        raise _Wrong("expected traps as a list")
    marks = tuple(_mark(text, item) for item in given)
    return Labelled(text, _apart(marks), tuple(_mark(text, item) for item in traps))


def _mark(text: str, item: Any) -> Mark:
    """A mark given as [start, end, label] or as an object."""
    if isinstance(item, list) and len(item) == 3:
        start, end, label, kind = *item, ""
    elif isinstance(item, Mapping):
        start = item.get("start", item.get("start_offset"))
        end = item.get("end", item.get("end_offset"))
        labels = item.get("labels")
        named = labels[0] if isinstance(labels, list) and labels else None
        label = item.get("entity", item.get("label", item.get("trap", named)))
        kind = item.get("kind", "")
    else:
        raise _Wrong("expected each label as [start, end, label] or as an object")
    if type(start) is not int or type(end) is not int or not isinstance(label, str) or not isinstance(kind, str):
        raise _Wrong("expected start and end as whole numbers and label as a string")
    if isinstance(item, Mapping) and isinstance(item.get("text"), str):
        start, end = _code_points(text, start, end, item["text"])
    if not 0 <= start < end <= len(text):
        raise _Wrong("a label is not within the text")
    return Mark(start, end, label, kind)


def _code_points(text: str, start: int, end: int, marked: str) -> tuple[int, int]:
    """Offsets as code points; browsers count UTF-16 units, which the marked text shows."""
    if text[start:end] == marked:
        return start, end
    units = text.encode("utf-16-le", "surrogatepass")
    if units[2 * start : 2 * end] == marked.encode("utf-16-le", "surrogatepass"):
        first = len(units[: 2 * start].decode("utf-16-le", "surrogatepass"))
        return first, first + len(marked)
    raise _Wrong("the text of a label is not what stands at its offsets")


def _apart(marks: tuple[Mark, ...]) -> tuple[Mark, ...]:
    """Marks by position; a stretch that is marked twice alike counts once.

    Raises:
        _Wrong: two of them overlap.
    """
    ordered = sorted(set(marks), key=lambda mark: (mark.start, mark.end))
    if any(second.start < first.end for first, second in pairwise(ordered)):
        raise _Wrong("two labels overlap")
    return tuple(ordered)


def _tasks(content: str, name: str, bad: list[str]) -> Iterator[Labelled]:
    try:
        tasks = json.loads(content)
    except ValueError:
        raise UserError("begins like a Label Studio export, but is not JSON", where=name) from None
    for number, task in enumerate(tasks, 1):
        try:
            yield _task(task)
        except _Wrong as wrong:
            bad.append(f"task {number}: {wrong}")


def _task(task: Any) -> Labelled:
    if not isinstance(task, dict):
        raise _Wrong("expected an object")
    if not isinstance(task.get("data"), dict):  # JSON-MIN; a task with nothing to mark has no label there
        return of_document({"label": [], **{name: task[name] for name in ("text", "label", "spans") if name in task}})
    given = task.get("annotations", task.get("completions"))
    done = [a for a in given if isinstance(a, dict) and not a.get("was_cancelled")] if isinstance(given, list) else []
    if not done:
        raise _Wrong("nobody has labelled it")
    chosen = next((a for a in done if a.get("ground_truth")), done[0])
    data, results = task["data"], chosen.get("result")
    if not isinstance(results, list):
        raise _Wrong("expected result as a list")
    texts = [value for value in data.values() if isinstance(value, str)]
    text = data.get("text", texts[0] if len(texts) == 1 else None)
    values = [r["value"] for r in results if isinstance(r, dict) and r.get("type") == "labels" and "value" in r]
    return of_document({"text": text, "label": values})


def _iob(lines: Iterator[str], bad: list[str]) -> Iterator[Labelled]:
    """Sentences parted by empty lines; the text is the comment `# text =` before them, else the tokens together."""
    sentence: list[tuple[str, str]] = []
    text, begin, wrong = "", 0, ""
    for number, line in enumerate(chain(lines, [""]), 1):
        line = line.rstrip("\r\n")
        if not line.strip():
            if begin:
                try:
                    if wrong:
                        raise _Wrong(wrong)
                    yield _sentence(text, sentence)
                except _Wrong as error:
                    bad.append(f"line {begin}: {error}")
            sentence, text, begin, wrong = [], "", 0, ""
            continue
        if line.startswith("# ") and not sentence and not _tagged(line):
            text = line.partition("text = ")[2] if line.startswith("# text = ") else text
            continue
        begin = begin or number
        parts = line.split("\t") if "\t" in line else line.split()
        numbered = len(parts) > COLUMN and parts[0].isdigit() and TAG.fullmatch(parts[COLUMN])
        token, tag = (parts[1], parts[COLUMN]) if numbered else (parts[0], parts[-1])
        if len(parts) < 2 or not TAG.fullmatch(tag):
            wrong = "expected a token and its tag on each line"
        sentence.append((token, tag))


def _tagged(line: str) -> bool:
    """Whether a line is a token and its tag."""
    parts = line.split()
    return len(parts) > 1 and TAG.fullmatch(parts[-1]) is not None


def _sentence(text: str, tokens: list[tuple[str, str]]) -> Labelled:
    text = text or "".join(token for token, _ in tokens)
    marks: list[Mark] = []
    at, open_ = 0, False
    for token, tag in tokens:
        start = text.find(token, at)
        if start < 0:
            raise _Wrong("a token does not stand in the text")
        at = start + len(token)
        sort, _, label = tag.partition("-")
        if sort in "IEML" and tag != OUTSIDE and open_ and marks[-1].label == label:
            marks[-1] = Mark(marks[-1].start, at, label)
        elif tag != OUTSIDE:
            marks.append(Mark(start, at, label))
        open_ = tag != OUTSIDE
    return Labelled(text, tuple(marks))
