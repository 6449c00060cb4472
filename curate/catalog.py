"""The domain and its one register (一本账): who holds the data, which files, under what right, read how."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from .config import Document, Strict, validate
from .errors import ConfigError, DomainError, Problem
from .yaml_files import load_yaml

__all__ = [
    "Catalog",
    "Domain",
    "Limits",
    "Policy",
    "Source",
    "load_catalog",
    "load_domain",
    "read_catalog",
    "read_domain",
    "source_files",
]

Grade = Literal["核心", "重要", "一般4", "一般3", "一般2", "一般1"]
"""分级 by GB/T 43697: core, important, general 4 down to 1."""

MIB = 1 << 20
OURS = ("audit", "egress", "outbox", "vault", "work")
"""Folders of a domain that the toolkit writes: no raw data, whatever a pattern says."""

ENCODINGS = ("utf-8", "gb18030", "big5", "utf-16", "utf-16-le", "utf-16-be")
"""Those that a message names."""


class Limits(Strict):
    """How much one file may ask of the machine; what goes over is quarantined, never truncated in silence."""

    file_bytes: int = Field(16 << 30, gt=0)
    """Size of a file in raw/."""
    unpacked_bytes: int = Field(64 << 30, gt=0)
    """Bytes that all members of one compressed file may unpack to."""
    ratio: int = Field(200, gt=0)
    """Unpacked to packed bytes, looked at once 8 MiB are unpacked."""
    depth: int = Field(3, ge=0)
    """Archives inside archives."""
    members: int = Field(100_000, gt=0)
    """Files in one archive."""
    document_bytes: int = Field(256 * MIB, gt=0)
    """Size of a document that must be held whole: html, docx, pdf, sheets, a json array."""
    pages: int = Field(5_000, gt=0)
    """Pages of a pdf."""
    cells: int = Field(20_000_000, gt=0)
    """Rows × columns that the cells of a sheet span."""
    record_chars: int = Field(20_000_000, gt=0)
    """Code points of one record."""
    encoding_confidence: float = Field(0.5, ge=0, le=1)
    """Least confidence of the encoding rule; below it the file is quarantined."""


class Obtained(Strict):
    """When and how the data came to the holder."""

    on: date
    how: str


def _stays_inside(pattern: str) -> str:
    parts = PurePosixPath(pattern).parts
    if not parts:
        raise ValueError("is empty; expected a path or glob below the domain")
    if pattern.startswith("/") or ".." in parts:
        raise ValueError("leaves the domain; expected a path or glob below it")
    if parts[0] in OURS:
        raise ValueError("is a folder that the toolkit writes; expected one of your own, like raw")
    if any("**" in part and part != "**" for part in parts):
        raise ValueError("** must be a whole part of the path, like raw/**/*.txt")
    return pattern


def _is_codec(name: str) -> str:
    try:
        "".encode(name)
    except LookupError:
        raise ValueError(f"no such encoding; expected one of Python's, like {', '.join(ENCODINGS)}") from None
    return name


class Source(Strict):
    """One entry of the register."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")
    title: str
    paths: tuple[Annotated[str, AfterValidator(_stays_inside)], ...] = Field(min_length=1)
    """Globs relative to the domain; hidden files only match a pattern that names their dot."""
    industry: str
    holder: str
    licence: str
    grade: Grade
    authorisation: str | None = None
    obtained: Obtained
    encoding: Annotated[str, AfterValidator(_is_codec)] | None = None
    """The encoding of its text files, where the holder knows it; otherwise it is detected."""
    split: Literal["none", "articles"] = "none"
    """Whether a document of text that holds several articles, clearly set apart, becomes a record for each."""
    text: str | None = None
    """In tables and json: the column that is the text; the others go to `meta`."""
    record_id: str | None = None
    """In tables and json: the column that is the record's own id (`id` if there is one)."""
    personal: dict[str, str] = Field(default_factory=dict)
    """In tables and json: columns that hold personal data, and the entity each holds."""
    quasi: tuple[str, ...] = ()
    """In tables and json: columns by which, taken together, somebody may tell a person (准标识符), such as age, region, dates."""
    sensitive: tuple[str, ...] = ()
    """In tables and json: columns of which nobody should learn a person's value (敏感属性)."""


class Catalog(Strict):
    """All sources of a domain."""

    sources: tuple[Source, ...] = Field(min_length=1)
    limits: Limits = Limits()


class Policy(Strict):
    """What the holder allows."""

    max_quarantined: float = Field(0.01, ge=0, le=1)
    """Share of the files, or of the records, that may be quarantined before a run fails."""
    max_reidentification: float = Field(0.05, gt=0, le=1)
    """Highest probability of telling a record's person by its quasi-identifiers: 1 / size of the class (GB/T 42460)."""


class Domain(Strict):
    """The place where data lives."""

    name: str
    holder: str
    policy: Policy = Policy()


def load_domain(folder: Path) -> Domain:
    """The domain in `folder`.

    Raises:
        DomainError: there is no such folder, or it is not a domain.
        ConfigError: `domain.yaml` is wrong.
    """
    if not (folder / "domain.yaml").is_file():
        raise DomainError(
            "not a domain",
            where=str(folder),
            expected="a folder with domain.yaml, catalog.yaml and raw/",
            fix="make one with: curate init DIR --industry NAME",
        )
    return read_domain(folder / "domain.yaml")


def read_domain(file: Path) -> Domain:
    """The domain that `file` describes.

    Raises:
        ConfigError: with every problem found.
    """
    return validate(Domain, load_yaml(file))


def load_catalog(folder: Path) -> Catalog:
    """The catalog of the domain in `folder`.

    Raises:
        ConfigError: with every problem found.
    """
    return read_catalog(folder / "catalog.yaml")


def read_catalog(file: Path) -> Catalog:
    """The catalog in `file`, its source ids unique and its paths inside the domain.

    Raises:
        ConfigError: with every problem found.
    """
    document = load_yaml(file)
    problems = _ids_used_twice(document)
    try:
        catalog = validate(Catalog, document)
    except ConfigError as error:
        raise ConfigError(sorted(error.problems + problems, key=lambda p: p.line)) from None
    if problems:
        raise ConfigError(problems)
    return catalog


def _ids_used_twice(document: Document) -> list[Problem]:
    """Looked for in the plain data, so that other mistakes do not hide it."""
    problems, seen = [], set()
    sources = document.data.get("sources") if isinstance(document.data, dict) else None
    for i, source in enumerate(sources if isinstance(sources, list) else []):
        name = source.get("id") if isinstance(source, dict) else None
        if isinstance(name, str):
            if name in seen:
                problems.append(document.problem(("sources", i, "id"), "id used twice", got=name))
            seen.add(name)
    return problems


def source_files(folder: Path, catalog: Catalog) -> list[tuple[Source, str]]:
    """Every raw file with its source, sorted by source id and path; paths are POSIX and relative to `folder`.

    Links are not followed; hidden files and folders are left out unless the pattern names their dot, and what the toolkit
    itself writes always is.

    Raises:
        DomainError: a pattern matches nothing, a file belongs to two sources, or its name is not UTF-8.
    """
    found: list[tuple[Source, str]] = []
    owner: dict[str, str] = {}
    for source in sorted(catalog.sources, key=lambda s: s.id):
        paths: set[str] = set()
        for pattern in source.paths:
            shown = [p for p in _matches(folder, pattern) if _names_dot(pattern) or not _hidden(p)]
            if not shown:
                raise DomainError(
                    "pattern matches no file",
                    where=f"catalog.yaml, source {source.id}",
                    got=pattern,
                    fix="Correct the pattern or take the source out; links are not followed.",
                )
            paths.update(p.as_posix() for p in shown)
        for path in sorted(paths):
            if path in owner:
                raise DomainError(
                    "file belongs to two sources",
                    where=f"catalog.yaml, sources {owner[path]} and {source.id}",
                    got=path,
                    expected="exactly one source for each file",
                )
            if not _is_utf8(path):
                raise DomainError(
                    "file name is not UTF-8",
                    where=f"catalog.yaml, source {source.id}",
                    got=ascii(path),
                    fix="Rename the file, for instance with: convmv -f gb18030 -t utf8.",
                )
            owner[path] = source.id
            found.append((source, path))
    return found


def _matches(folder: Path, pattern: str) -> Iterator[Path]:
    """Files below `folder` that the pattern matches, relative to it; no links, no files behind links."""
    linked: dict[Path, bool] = {}
    for path in folder.glob(pattern):
        below = path.relative_to(folder)
        if below.parts[0] in OURS or path.is_symlink() or not path.is_file():
            continue
        if path.parent not in linked:
            linked[path.parent] = any((folder / p).is_symlink() for p in below.parents)
        if not linked[path.parent]:
            yield below


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _names_dot(pattern: str) -> bool:
    return any(part.startswith(".") for part in PurePosixPath(pattern).parts)


def _is_utf8(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
