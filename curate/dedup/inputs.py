"""The files that `curate dedup` reads: their records, block by block, each with where it stands in its file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa

from ..errors import UserError
from ..lossless_json import parse
from ..records import is_utf8
from .rows import Bad, Fields, Format, InputFile, Rows, date_of, own_ids, score_of
from .tables import read_table

__all__ = ["LONGEST", "Bad", "Fields", "InputFile", "Rows", "find_inputs", "read"]

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
            names = ((f, f.relative_to(top)) for f in files)
            parts = [(f, name) for f, name in names if not any(p.startswith(".") for p in name.parts)]
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
            whole = name if len(paths) == 1 or path.is_file() else Path(path.resolve().name) / name
            found.append(InputFile(file, whole.as_posix(), n, SUFFIXES[file.suffix]))
    taken: dict[str, Path] = {}
    for each in found:
        if each.name in taken:
            raise UserError(
                "two inputs would be kept under one name",
                where=f"{taken[each.name]}, {each.path}",
                fix="Put them into folders with different names and give the folders.",
            )
        taken[each.name] = each.path
    return found


def read(file: InputFile, fields: Fields) -> Iterator[Rows]:
    """All records of a file, a few MB at a time.

    Raises:
        UserError: it is not what its name says, or has no text field.
    """
    return _Lines(file, fields).blocks() if file.format == "jsonl" else read_table(file, fields)


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
                if whole > held:
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
        last = buffer[:held].tobytes()
        if (last.removeprefix(MARK) if at == 0 else last).strip():
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
        if len(taken) == len(firsts) and is_utf8(taken):
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
            own_ids([rest.get(self._fields.id) for rest in rests]),
            rows + line + 1,
            starts[:-1][rows] + at + mark,
            starts[1:][rows] + at + mark,
            [date_of(rest.get(self._fields.date)) for rest in rests] if self._fields.date else [],
            [score_of(rest.get(self._fields.score)) for rest in rests] if self._fields.score else [],
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
