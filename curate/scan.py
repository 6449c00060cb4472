"""The raw files of a domain and the files that stages read, each with its hash."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from .catalog import Catalog, Source, source_files
from .errors import DomainError
from .manifest import file_entry
from .pii.places import clean, clean_error, clean_paths
from .stage import ReadsFiles
from .stages import AnyStage
from .work import write_whole

__all__ = ["RawFile", "ReadFile", "files_read", "scan"]

CLOCK_GRAIN_NS = 2_000_000_000


@dataclass(frozen=True)
class RawFile:
    """One catalogued file: its source, its path in the domain, its size and hash.

    `path` is what may be written anywhere; where the name in raw/ holds personal data they are replaced in it
    (`pii.places`), and `named` is that name, which stands in work/ only.
    """

    source: Source
    path: str
    bytes: int
    sha256: str
    named: str | None = None

    @property
    def real(self) -> str:
        """What it is opened by."""
        return self.named or self.path


@dataclass(frozen=True)
class ReadFile:
    """One file that a stage reads beside its records: the stage's kind, its path in the domain, its size and hash."""

    stage: str
    path: str
    bytes: int
    sha256: str


def files_read(folder: Path, stages: Iterable[AnyStage]) -> list[ReadFile]:
    """The files that the result of `stages` depends on, in the order of the stages.

    Raises:
        DomainError: one of them is missing or is not what it should be.
    """
    found = []
    for stage in stages:
        if isinstance(stage, ReadsFiles):
            for path in stage.reads(folder):
                try:
                    found.append(ReadFile(stage.kind, path, **file_entry(folder / path)))
                except OSError as error:
                    raise DomainError(
                        "cannot be read",
                        where=path,
                        got=type(error).__name__,
                        fix=f"It is named by stage {stage.kind}.",
                    ) from None
    return found


def scan(folder: Path, catalog: Catalog, work: Path) -> list[RawFile]:
    """Every raw file with its hash, in order of source and path.

    Hashes are remembered by size, time of change and inode, so that a file is read again only when one of them moved.
    """
    memory = work / "inputs.json"
    try:
        known: dict[str, list[Any]] = json.loads(memory.read_bytes())
    except (FileNotFoundError, ValueError):
        known = {}
    now = time.time_ns()
    files: list[tuple[Source, str, int, str]] = []
    seen = {}
    for source, path in _source_files(folder, catalog):
        try:
            stat = (folder / path).stat()
            state = [stat.st_size, stat.st_mtime_ns, stat.st_ino]
            if path in known and known[path][:3] == state:
                digest = known[path][3]
            else:
                digest = file_entry(folder / path)["sha256"]
        except OSError as error:
            raise DomainError(
                "cannot be read", where=clean([path])[0], got=type(error).__name__, fix="Check its permissions."
            ) from None
        files.append((source, path, stat.st_size, digest))
        if now - stat.st_mtime_ns > CLOCK_GRAIN_NS:  # one changed just now may change again unseen
            seen[path] = [*state, digest]
    write_whole(memory, json.dumps(seen).encode())
    return _named(files)


def _source_files(folder: Path, catalog: Catalog) -> list[tuple[Source, str]]:
    try:
        return source_files(folder, catalog)
    except DomainError as error:
        raise clean_error(error) from None


def _named(files: Sequence[tuple[Source, str, int, str]]) -> list[RawFile]:
    """The files, source by source, under the paths that may be written."""
    out = []
    for _, group in groupby(files, key=lambda file: file[0].id):
        of_source = list(group)
        shown = clean_paths([path for _, path, _, _ in of_source], [digest for *_, digest in of_source])
        for path, (source, real, size, digest) in zip(shown, of_source, strict=True):
            out.append(RawFile(source, path, size, digest, real if real != path else None))
    return out
