"""The files that `curate dedup` reads: their records, block by block, each with where it stands in its file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, cast

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa

from ..errors import UserError
from ..ingest.parse import parse

__all__ = ["Bad", "Fields", "InputFile", "Rows", "arrow_batches", "find_inputs", "read"]

Format = Literal["jsonl", "parquet", "arrow"]
SUFFIXES: dict[str, Format] = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".arrow": "arrow",
}
BLOCK = 8 << 20
"""Bytes of JSON Lines read at once; a longer line is read whole."""
LONGEST = 1 << 30
"""Bytes of a line: Arrow's offsets reach twice as far."""
TAIL = 1 << 16
LF, MARK = 10, b"\xef\xbb\xbf"
ROWS = 4096
"""Rows of Parquet read at once."""


@dataclass(frozen=True)
class InputFile:
    """One file: where it is, the name of what is kept of it, and the place of its argument on the command line."""

    path: Path
    name: str
    argument: int
    format: Format


@dataclass(frozen=True)
class Fields:
    """Which fields of a record are what; `id`, `date` and `score` may be missing."""

    text: str = "text"
    id: str = "id"
    date: str | None = None
    score: str | None = None

    def names(self) -> list[str]:
        """Their names, once each."""
        return list(dict.fromkeys(n for n in (self.text, self.id, self.date, self.score) if n))


@dataclass(frozen=True)
class Bad:
    """A row that is no record, with its number and why."""

    row: int
    reason: str


@dataclass
class Rows:
    """Some records of one file, in its order: `row` counts from 1, `start` and `stop` are bytes of JSON Lines."""

    texts: pa.StringArray
    ids: list[str | None]
    row: npt.NDArray[np.int64]
    start: npt.NDArray[np.int64]
    stop: npt.NDArray[np.int64]
    dates: list[str | None]
    scores: list[float | None]
    bad: list[Bad] = field(default_factory=list)


def find_inputs(paths: Sequence[Path]) -> list[InputFile]:
    """The files named, and those in the folders named; of a built dataset those that hold its records.

    Raises:
        UserError: there is no such file, none that can be read, or two would be kept under one name.
    """
    found: list[InputFile] = []
    for n, path in enumerate(paths):
        if path.is_dir():
            top = path / "data" if (path / "manifest.json").is_file() else path
            files = sorted(f for f in top.rglob("*") if f.suffix in SUFFIXES and f.is_file())
            parts = [(f, f.relative_to(top)) for f in files if not any(p.startswith(".") for p in f.parts)]
            if not parts:
                raise UserError("nothing to read", where=str(path), expected=f"files named {' '.join(SUFFIXES)}")
        elif path.is_file():
            parts = [(path, Path(path.name))]
        else:
            raise UserError("no such file or folder", where=str(path))
        for file, name in parts:
            if file.suffix not in SUFFIXES:
                fix = "Turn other files into lines of JSON with `curate extract`."
                raise UserError("cannot tell what this is", where=str(file), expected=" ".join(SUFFIXES), fix=fix)
            whole = name if len(paths) == 1 or path.is_file() else Path(path.name) / name
            found.append(InputFile(file, whole.as_posix(), n, SUFFIXES[file.suffix]))
    names: dict[str, Path] = {}
    for each in found:
        if each.name in names:
            raise UserError(
                "two inputs would be kept under one name",
                where=f"{names[each.name]}, {each.path}",
                fix="Put them into folders with different names and give the folders.",
            )
        names[each.name] = each.path
    return found


def read(file: InputFile, fields: Fields) -> Iterator[Rows]:
    """All records of a file, a few MB at a time.

    Raises:
        UserError: it is not what its name says, or has no text field.
    """
    return _Lines(file, fields).blocks() if file.format == "jsonl" else _table_rows(file, fields)


class _Lines:
    """Reads lines of JSON; a line that a kernel does not take is parsed by itself to the same result."""

    def __init__(self, file: InputFile, fields: Fields) -> None:
        self._file, self._fields = file, fields
        self._rest = [n for n in fields.names() if n != fields.text]

    def blocks(self) -> Iterator[Rows]:
        """Runs of whole lines, read into one buffer that grows to the longest line."""
        buffer = np.empty(2 * BLOCK, np.uint8)
        at = line = held = 0  # bytes and lines before the buffer, bytes of a line that is not whole yet
        with self._file.path.open("rb", buffering=0) as source:
            while read := source.readinto(buffer[held : held + BLOCK].data):
                whole = held + _last_line_end(buffer[held : held + read])
                if whole > held or buffer[held] == LF:
                    rows = self._rows(buffer[:whole], at, line)
                    at, line = at + whole, line + len(rows.row) + len(rows.bad)
                    yield rows
                else:
                    whole = 0
                held += read - whole
                rest = buffer[whole : whole + held]
                if held + BLOCK > len(buffer):
                    buffer = np.concatenate([rest, np.empty(held + BLOCK, np.uint8)])
                else:
                    buffer[:held] = rest
        if held and buffer[:held].tobytes().strip():
            yield self._rows(np.append(buffer[:held], np.uint8(LF)), at, line)

    def _rows(self, run: npt.NDArray[np.uint8], at: int, line: int) -> Rows:
        from ..kernels.json_lines import take_strings

        mark = len(MARK) if at == 0 and run[: len(MARK)].tobytes() == MARK else 0
        run = run[mark:]
        name = np.frombuffer(self._fields.text.encode(), np.uint8)
        starts, firsts, lasts, offsets, data = take_strings(run, name, LONGEST)
        places = starts.tolist()
        taken = pa.Array.from_buffers(
            pa.string(), len(offsets) - 1, [None, pa.py_buffer(offsets), pa.py_buffer(data[: offsets[-1]])]
        )
        rests: list[Any] = []
        view = run.data
        if len(taken) == len(firsts) and _is_utf8(taken):
            for start, first, last, stop in zip(places, firsts.tolist(), lasts.tolist(), places[1:], strict=False):
                try:
                    rests.append(orjson.loads(bytes(view[start:first]) + b'""' + bytes(view[last:stop])))
                except orjson.JSONDecodeError:
                    break
        bad: list[Bad] = []
        rows = np.arange(len(firsts))
        if len(rests) < len(firsts):
            rests, texts, good = [], [], []
            for i, (start, stop) in enumerate(pairwise(places)):
                value, why = self._parsed(bytes(view[start:stop]))
                if why is None:
                    rests.append(value)
                    texts.append(value[self._fields.text])
                    good.append(i)
                else:
                    bad.append(Bad(line + i + 1, why))
            rows, taken = np.array(good, np.int64), pa.array(texts, pa.string())
        return Rows(
            taken,
            [own_id(rest.get(self._fields.id)) for rest in rests],
            rows + line + 1,
            starts[:-1][rows] + at + mark,
            starts[1:][rows] + at + mark,
            [_date(rest.get(self._fields.date)) for rest in rests] if self._fields.date else [],
            [_score(rest.get(self._fields.score)) for rest in rests] if self._fields.score else [],
            bad,
        )

    def _parsed(self, line: bytes) -> tuple[Any, str | None]:
        """The object of a line, or why it is none with a text."""
        if not line.strip():
            return None, "a blank line"
        try:
            value = parse(line)
        except json.JSONDecodeError:
            return None, "not JSON in UTF-8"
        if not isinstance(value, dict):
            return None, f"expected an object, got {type(value).__name__}"
        text = value.get(self._fields.text)
        if not isinstance(text, str):
            got = "nothing" if text is None else type(text).__name__
            return None, f"the field {self._fields.text!r} should be a string, got {got}"
        return value, None


def _last_line_end(run: npt.NDArray[np.uint8]) -> int:
    """How many bytes there are up to the end of the last whole line."""
    tail = run[-TAIL:].tobytes().rfind(b"\n")
    return len(run) - min(TAIL, len(run)) + tail + 1 if tail >= 0 else run.tobytes().rfind(b"\n") + 1


def _is_utf8(texts: pa.StringArray) -> bool:
    try:
        texts.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def own_id(value: object) -> str | None:
    """A record's own id where it has one that can be written: a string or a whole number."""
    if isinstance(value, str):
        return value or None
    return str(value) if type(value) is int else None


def _date(value: object) -> str | None:
    return None if value is None else str(value)


def _score(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def arrow_batches(file: InputFile, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
    """The batches of a Parquet or Arrow file, of the columns named or all.

    Raises:
        UserError: it is not what its name says.
    """
    try:
        if file.format == "parquet":
            import pyarrow.parquet as pq

            with pq.ParquetFile(file.path) as table:
                wanted = None if columns is None else [c for c in columns if c in table.schema_arrow.names]
                yield from table.iter_batches(ROWS, columns=wanted)
            return
        with pa.memory_map(str(file.path)) as source:
            try:
                reader: Any = pa.ipc.open_file(source)
                batches = (reader.get_batch(i) for i in range(reader.num_record_batches))
            except pa.ArrowInvalid:
                source.seek(0)
                batches = iter(pa.ipc.open_stream(source))
            for batch in batches:
                yield batch if columns is None else batch.select([c for c in columns if c in batch.schema.names])
    except (pa.ArrowInvalid, OSError):
        raise UserError("cannot be read", where=str(file.path), expected=f"a whole {file.format} file") from None


def _table_rows(file: InputFile, fields: Fields) -> Iterator[Rows]:
    row = 0
    for whole in arrow_batches(file, fields.names()):
        if fields.text not in whole.schema.names:
            raise UserError(f"no column {fields.text!r}", where=str(file.path), fix="Name the column with --text.")
        for lo in range(0, whole.num_rows, ROWS):
            batch = whole.slice(lo, ROWS)
            texts = batch[fields.text]
            if not (pa.types.is_string(texts.type) or pa.types.is_large_string(texts.type)):
                got = str(texts.type)
                raise UserError(f"column {fields.text!r} is no text", where=str(file.path), got=got, expected="string")
            here = np.arange(row + 1, row + 1 + batch.num_rows)
            row += batch.num_rows
            bad: list[Bad] = []
            if texts.null_count:
                good = texts.is_valid().to_numpy(zero_copy_only=False)
                bad = [
                    Bad(n, f"the field {fields.text!r} should be a string, got nothing") for n in here[~good].tolist()
                ]
                batch, here = batch.filter(pa.array(good)), here[good]
            n = batch.num_rows
            yield Rows(
                batch[fields.text].cast(pa.string()),
                [own_id(v) for v in batch[fields.id].to_pylist()] if fields.id in batch.schema.names else [None] * n,
                here,
                np.zeros(n, np.int64),
                np.zeros(n, np.int64),
                [_date(v) for v in _column(batch, fields.date)] if fields.date else [],
                [_score(v) for v in _column(batch, fields.score)] if fields.score else [],
                bad,
            )


def _column(batch: pa.RecordBatch, name: str) -> list[Any]:
    return cast(list[Any], batch[name].to_pylist()) if name in batch.schema.names else [None] * batch.num_rows
