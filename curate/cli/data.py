"""`extract`, `langid`, `pii scan`: one step of the toolkit on files, without a domain."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from .output import json_lines, message, read_json_lines

if TYPE_CHECKING:
    from ..catalog import Source

__all__ = ["COMMANDS", "PII_COMMANDS"]

Out = Annotated[str, typer.Option("--out", metavar="F.jsonl", help="Where the lines go; - is stdout.")]
Lines = Annotated[Path, typer.Argument(metavar="IN.jsonl", help="Lines of JSON with id and text.")]
DATA_AT_FAULT = 3
BATCH_ROWS = 1024
SHOWN = 10
"""Bad lines that are named."""


def extract(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Files of any kind that a catalog may name.")],
    out: Out,
    encoding: Annotated[str | None, typer.Option(help="Encoding of text files; detected if not given.")] = None,
    text: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="The column or field that is the text, in tables and JSON.")
    ] = None,
    split: Annotated[
        str, typer.Option(metavar="none|articles", help="A record for each of several articles on one page, or one.")
    ] = "none",
) -> None:
    """Read files and write their records as lines {path, media_type, encoding, locator, text, error}.

    What cannot be read is a line whose error says why, and whose text is null.
    """
    from ..catalog import Limits
    from ..errors import UserError
    from ..ingest import Fault, read_file

    missing = [str(f) for f in files if not f.is_file()]
    if missing:
        raise UserError("no such file", where=", ".join(missing))
    source, limits = _source(encoding, text, split), Limits()
    records = faults = 0
    with json_lines(out) as write:
        for file in files:
            for part in read_file(file, str(file), source, limits):
                line: dict[str, str | None] = {
                    "path": str(file),
                    "media_type": None,
                    "encoding": None,
                    "locator": part.locator,
                    "text": None,
                    "error": None,
                }
                if isinstance(part, Fault):
                    faults += 1
                    line["error"] = f"{part.kind}: {part.message}"
                else:
                    records += 1
                    line |= {"media_type": part.media_type, "encoding": part.encoding, "text": part.text}
                write(line)
    message(f"{len(files):,} files   {records:,} records   {faults:,} faults")


def _source(encoding: str | None, text: str | None, split: str) -> Source:
    """A source for files that no catalog speaks of."""
    from ..catalog import Source
    from ..config import Document, validate

    given = Document("extract", None, {})
    plain: dict[str, Any] = {
        "id": "files",
        "title": "",
        "paths": ["files"],
        "industry": "",
        "holder": "",
        "licence": "",
        "grade": "一般1",
    }
    plain |= {"obtained": {"on": "1970-01-01", "how": ""}, "encoding": encoding, "text": text, "split": split}
    return validate(Source, given, data=plain)


def langid(lines: Lines, out: Out) -> None:
    """Find language and script of each text: lines {id, lang, script, score}.

    `lang` is an ISO 639 code or und, `script` an ISO 15924 code, `score` from 0 to 1.
    """
    import pyarrow as pa

    from ..stages.language import Language

    find = Language(ask="all").open()
    bad: list[str] = []
    with json_lines(out) as write:
        records = read_json_lines(lines, bad)
        while held := list(islice(records, BATCH_ROWS)):
            numbers = pa.array([str(i) for i in range(len(held))], pa.string())
            texts = pa.array([record["text"] for record in held], pa.string())
            found = find(pa.record_batch({"id": numbers, "text": texts}))
            columns = (found[name].to_pylist() for name in ("lang", "script", "lang_score"))
            for record, lang, script, score in zip(held, *columns, strict=True):
                write({"id": record["id"], "lang": lang, "script": script, "score": round(score, 4)})
    _complain(bad)


def scan(
    lines: Lines,
    out: Out,
    least: Annotated[float, typer.Option(min=0, max=1, help="Least score of a find.")] = 0.5,
    names: Annotated[
        Literal["none", "fast", "balanced", "recall"], typer.Option(help="How names and addresses are looked for.")
    ] = "balanced",
) -> None:
    """Find personal data: lines {id, start, end, entity, score}, offsets in characters of the text; never a value."""
    from ..pii.scan import scan as finds

    bad: list[str] = []
    with json_lines(out) as write:
        for find in finds(read_json_lines(lines, bad), least, names):
            write(find)
    _complain(bad)


def _complain(bad: list[str]) -> None:
    """Lines that were no records do not vanish: they are named, and the exit code is 3."""
    for line in bad[:SHOWN]:
        message(line)
    if bad:
        message(f"{len(bad):,} lines left out")
        raise typer.Exit(DATA_AT_FAULT)


COMMANDS: dict[str, Callable[..., None]] = {"extract": extract, "langid": langid}
PII_COMMANDS: dict[str, Callable[..., None]] = {"scan": scan}
