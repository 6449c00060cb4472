"""Marked values: invented personal data, each made for one place, and a search for them in everything that was written."""

from __future__ import annotations

import io
import json
import random
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tests.ingest.making import ods
from tests.pii.values import card, id_card
from tests.small import BOILER, CELLAR, STEAMING, TICKET

__all__ = ["EXEMPT", "KINDS", "Marks", "files_below", "sheet", "story"]

EXEMPT = ("raw", "work", "vault")
"""Folders of a domain that hold what is original or reversible."""

KINDS = ("mobile", "id", "email", "card", "plate")


class Marks:
    """Makes values that nobody has (see `tests.pii.values`), no two alike, and remembers the place each was made for."""

    def __init__(self) -> None:
        self.place: dict[str, str] = {}

    def make(self, place: str, kind: str = "mobile") -> str:
        """A new value of this kind."""
        n = len(self.place) + 1
        value = {
            "mobile": f"1747{n:07d}",
            "id": id_card(f"11019919900101{n:03d}"),
            "email": f"marked{n}@example.com",
            "card": card(f"620000{n:09d}"),
            "plate": f"贵A{n:05d}",
        }[kind]
        self.place[value] = f"{place} ({kind})"
        return value

    def found_in(self, data: bytes | str) -> set[str]:
        """The places of all values that stand in `data`, in whatever way a value may be written there."""
        if isinstance(data, str):
            data = data.encode("utf-8", "surrogateescape")
        return {place for value, place in self.place.items() if any(form in data for form in _forms(value))}

    def found_below(self, *folders: Path) -> dict[str, set[str]]:
        """The same for names and contents of all files below the folders, by file."""
        found = {}
        for folder in folders:
            for path in files_below(folder):
                places = self.found_in(str(path.relative_to(folder)))
                for data in _contents(path):
                    places |= self.found_in(data)
                if places:
                    found[str(path)] = places
        return found


def wide(value: str) -> str:
    """In full width."""
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in value)


def _forms(value: str) -> Iterator[bytes]:
    for form in (value, wide(value)):
        yield form.encode()
        yield form.encode("gb18030")
        yield form.encode("utf-16-le")
        yield json.dumps(form)[1:-1].encode()
        yield "".join(f"\\u{ord(c):04x}" for c in form).encode()


def files_below(folder: Path) -> Iterator[Path]:
    """All files, without those of a domain's folders that are exempt."""
    for path in sorted(folder.rglob("*")):
        domain = next((p for p in path.parents if (p / "domain.yaml").exists()), None)
        if domain and path.relative_to(domain).parts[0] in (*EXEMPT, "domain.yaml", "catalog.yaml", "config.yaml"):
            continue
        if path.is_file():
            yield path


def _contents(path: Path) -> Iterator[bytes]:
    """The bytes of a file and, where they are packed, all that it holds: rows, names, metadata, statistics."""
    yield path.read_bytes()
    if path.suffix == ".parquet":
        with pq.ParquetFile(path) as file:
            yield str(file.metadata.to_dict()).encode()
            yield str(file.schema_arrow).encode()
            yield _rows(file.read())
    elif path.suffix == ".arrow":
        with pa.memory_map(str(path)) as source:
            try:
                table = pa.ipc.open_stream(source).read_all()
            except pa.ArrowInvalid:
                source.seek(0)
                table = pa.ipc.open_file(source).read_all()
            yield str(table.schema.metadata).encode()
            yield _rows(table)


def _rows(table: pa.Table) -> bytes:
    return "\n".join(str(row) for row in table.to_pylist()).encode()


def story(seed: int) -> str:
    """Some sentences of a workshop's notes, no two seeds alike."""
    sentences = [s for text in (STEAMING, BOILER, CELLAR, TICKET) for s in text.split("。") if s]
    draw = random.Random(seed)
    return "。".join(draw.sample(sentences, 6)) + "。"


def sheet(name: str, rows: list[list[str]]) -> bytes:
    """A workbook with one sheet of this name."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(ods(rows))) as old, zipfile.ZipFile(out, "w") as new:
        for member in old.infolist():
            data = old.read(member)
            new.writestr(member.filename, data.replace('table:name="表"'.encode(), f'table:name="{name}"'.encode()))
    return out.getvalue()
