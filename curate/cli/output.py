"""Where a command writes: results to stdout, messages to stderr, lines of JSON to a file that appears whole."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..errors import CurateError, UserError

__all__ = ["json_lines", "message", "read_json_lines", "relative", "result", "result_json", "told"]


def result(lines: Iterable[str]) -> None:
    """Lines of a result."""
    for line in lines:
        sys.stdout.write(f"{line}\n")


def result_json(value: Any) -> None:
    """A result for programs."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def message(line: str) -> None:
    """A line for whoever watches."""
    sys.stderr.write(f"{line}\n")


def told(error: CurateError | OSError) -> str:
    """What an error says, without personal data in what it quotes: names of files, and values of a configuration."""
    from ..pii.places import clean, clean_error

    if isinstance(error, CurateError):
        return str(clean_error(error))
    at = f": {clean([str(error.filename)])[0]}" if error.filename else ""
    return f"{error.strerror or clean([str(error)])[0] or type(error).__name__}{at}"


def relative(path: Path) -> str:
    """The path as a user would type it here."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


@contextmanager
def json_lines(out: str) -> Iterator[Any]:
    """A function that writes one object as one line to the file `out`, or to stdout for `-`.

    The file appears when all is written; what stood there before stays until then.
    """
    if out == "-":
        yield lambda value: sys.stdout.buffer.write(_line(value))
        sys.stdout.buffer.flush()
        return
    path = Path(out)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            yield lambda value: file.write(_line(value))
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _line(value: Mapping[str, Any]) -> bytes:
    # half of a surrogate pair, which JSON may hold and UTF-8 may not, becomes a question mark
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def read_json_lines(path: Path, bad: list[str]) -> Iterator[dict[str, Any]]:
    """Objects with `id` and `text` from a file of JSON lines; for what is none a complaint with its line goes to `bad`.

    Raises:
        UserError: there is no such file.
    """
    if not path.is_file():
        raise UserError("no such file", where=str(path))
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                value = json.loads(line)
            except ValueError:  # UnicodeDecodeError among them
                bad.append(f"line {number}: not JSON in UTF-8")
                continue
            if not isinstance(value, dict) or "id" not in value or not isinstance(value.get("text"), str):
                bad.append(f"line {number}: expected an object with id, and text as a string")
                continue
            yield {"id": value["id"], "text": value["text"].encode("utf-8", "replace").decode()}
