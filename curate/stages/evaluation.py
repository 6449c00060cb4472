"""Evaluation sets: which files, which fields of them are text, and what their items are called.

A set that cannot be read whole is a mistake of the user's: what is not read would match nothing, and nobody would know.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import Field, field_validator

from ..config import Strict, nearest
from ..errors import DomainError
from ..pii.places import clean

__all__ = ["EvaluationItem", "EvaluationSet", "items_of", "phrases_of"]

SUFFIXES = (".jsonl", ".parquet", ".arrow")
LONGEST_NAME = 64
"""Characters of an item's name: what is longer is likely its text, which may not be reported."""
ROWS = 1024
SHOWN = 12
"""Fields that a message names."""

EvaluationItem = tuple[str, list[str]]
"""The name of an item and its texts."""


def inside(path: str) -> str:
    """`path` if it is one below the domain, for validators."""
    if not path or path.startswith("/") or ".." in PurePosixPath(path).parts:
        raise ValueError("leaves the domain; expected the path of a file below it")
    return path


class EvaluationSet(Strict):
    """One file of items that a model will be tested with, and that it must not have been trained on."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    """What reports call it; with the item's name, `SET:ITEM`."""
    file: str
    """Its path relative to the domain: JSON Lines in UTF-8 (jsonl), parquet or Arrow IPC (arrow)."""
    fields: tuple[str, ...] = ()
    """The fields that are text: question, choices, answer; strings in lists and objects below them too. None: all but `id`."""
    id: str | None = None
    """The field that names an item; otherwise its number, from 1."""

    @field_validator("file")
    @classmethod
    def _readable(cls, file: str) -> str:
        if not inside(file).endswith(SUFFIXES):
            raise ValueError(f"no such format; expected a file that ends in one of {' '.join(SUFFIXES)}")
        return file


def items_of(root: Path, wanted: EvaluationSet) -> Iterator[EvaluationItem]:
    """The items of a set in the order of its file, each with its texts in the order of `fields`.

    Raises:
        DomainError: the file is missing, part of it cannot be read, it holds no items, or a field named is in none of them.
    """
    path = existing(root, wanted.file)
    rows = _lines(path, wanted) if path.suffix == ".jsonl" else _table(path, wanted)
    absent, known = set(wanted.fields), set[str]()
    number = 0
    for number, row in enumerate(rows, 1):
        known |= row.keys()
        absent -= row.keys()
        names = wanted.fields or [name for name in row if name != wanted.id]
        yield _name(row, number, wanted), [text for name in names for text in _strings(row.get(name))]
    if not number:
        raise DomainError("evaluation set holds no items", where=wanted.file, fix="Take it out or name another file.")
    if absent:
        raise _no_field(wanted, sorted(absent), known)


def phrases_of(root: Path, file: str) -> list[str]:
    """The lines of a list of phrases that are not empty.

    Raises:
        DomainError: the file is missing or is not text in UTF-8.
    """
    try:
        lines = existing(root, file).read_text("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise DomainError("list of phrases is not text", where=file, expected="UTF-8, one phrase a line") from None
    return [line for line in lines if line.strip()]


def existing(root: Path, file: str) -> Path:
    """The path of a file of the domain that can be opened.

    Raises:
        DomainError: there is none, or it is behind a link.
    """
    path = root / file
    parts = PurePosixPath(file).parts
    linked = any(root.joinpath(*parts[: i + 1]).is_symlink() for i in range(len(parts)))
    if linked or not path.is_file():
        raise DomainError(
            "no such file in the domain",
            where=file,
            fix="Correct the path or put the file there; links are not followed.",
        )
    try:
        path.open("rb").close()
    except OSError as error:
        raise DomainError("file cannot be opened", where=file, got=type(error).__name__) from None
    return path


def _lines(path: Path, wanted: EvaluationSet) -> Iterator[dict[str, Any]]:
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            written = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
            if not written.strip():
                continue
            try:
                row = orjson.loads(written)
            except orjson.JSONDecodeError:
                row = None
            if not isinstance(row, dict):
                raise DomainError(
                    "evaluation set has a line that cannot be read",
                    where=f"{wanted.file}:{number}",
                    expected="one JSON object a line, in UTF-8",
                    fix="Mend or take out the line: what is not read could not be found in any record.",
                )
            yield row


def _table(path: Path, wanted: EvaluationSet) -> Iterator[dict[str, Any]]:
    rows = 0
    try:
        for batch in _parquet(path, wanted) if path.suffix == ".parquet" else _arrow(path, wanted):
            for row in batch.to_pylist():
                rows += 1
                yield row
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise DomainError(
            "evaluation set cannot be read",
            where=wanted.file,
            got=f"{type(error).__name__} after {rows} items",
            expected=f"a whole file of the format that its name says, {path.suffix[1:]}",
        ) from None


def _parquet(path: Path, wanted: EvaluationSet) -> Iterator[pa.RecordBatch]:
    with pq.ParquetFile(path) as file:
        columns = _columns(file.schema_arrow, wanted)
        yield from file.iter_batches(batch_size=ROWS, columns=columns, use_threads=False)


def _arrow(path: Path, wanted: EvaluationSet) -> Iterator[pa.RecordBatch]:
    with pa.memory_map(str(path)) as source:
        try:
            file = pa.ipc.open_file(source)
            batches = (file.get_batch(i) for i in range(file.num_record_batches))
        except pa.ArrowInvalid:  # datasets writes streams under this suffix
            source.seek(0)
            file = pa.ipc.open_stream(source)
            batches = iter(file)
        columns = _columns(file.schema, wanted)
        yield from (batch.select(columns) for batch in batches)


def _columns(schema: pa.Schema, wanted: EvaluationSet) -> list[str]:
    """The columns that are read: images and sounds stay on disk."""
    needed = [*wanted.fields, *([wanted.id] if wanted.id is not None else [])]
    if absent := [name for name in needed if name not in schema.names]:
        raise _no_field(wanted, absent, set(schema.names))
    return list(dict.fromkeys(needed)) if wanted.fields else schema.names


def _no_field(wanted: EvaluationSet, absent: list[str], known: set[str]) -> DomainError:
    return DomainError(
        "evaluation set has no such field",
        where=wanted.file,
        got=", ".join(absent),
        expected=f"some of {', '.join(sorted(known)[:SHOWN])}",
        fix=nearest(absent[0], sorted(known)),
    )


def _name(row: dict[str, Any], number: int, wanted: EvaluationSet) -> str:
    if wanted.id is None:
        return str(number)
    if wanted.id not in row:
        raise _no_field(wanted, [wanted.id], set(row))
    name = row[wanted.id]
    if isinstance(name, bool) or not isinstance(name, str | int) or not 0 < len(str(name)) <= LONGEST_NAME:
        raise DomainError(
            f"field {wanted.id} does not name an item",
            where=f"{wanted.file}, item {number}",
            got=f"{len(name)} characters" if isinstance(name, str) else type(name).__name__,
            expected=f"a number, or text of 1 to {LONGEST_NAME} characters",
            fix="Name another field, or none: items are then called by their numbers.",
        )
    return clean([str(name)])[0]  # it stands in ledger and records


def _strings(value: Any) -> list[str]:
    """All strings in a value, in their order; without recursion, whatever the depth."""
    found, rest = [], [value]
    while rest:
        one = rest.pop()
        if isinstance(one, str):
            found.append(one)
        elif isinstance(one, dict):
            rest.extend(reversed(one.values()))
        elif isinstance(one, list | tuple):  # Arrow gives maps as lists of pairs
            rest.extend(reversed(one))
    return found
