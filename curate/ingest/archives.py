"""Archives: every member is a file of its own, read as a stream and never written under its name."""

from __future__ import annotations

import re
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from functools import partial
from typing import BinaryIO

from ..errors import Unreadable
from ..pii.places import Names
from .feed import Budget, Feed, Readable
from .items import Fault, Parts
from .office import office_type

__all__ = ["read_tar", "read_zip"]

Read = Callable[[Feed], Parts]
ReadOffice = Callable[[Feed, str, BinaryIO, zipfile.ZipFile], Parts]
_ENCRYPTED = 0x1
_UTF8_NAME = 0x800
_SEPARATORS = re.compile(r"[/\\]")


def read_zip(feed: Feed, read: Read, read_office: ReadOffice) -> Parts:
    """The members of a zip in its own order, or the one document that it is in truth (docx, xlsx, ods).

    Hidden members and `__MACOSX` are left out, as the catalog leaves out hidden files.
    """
    with feed.seekable() as file:
        try:
            archive = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, OSError, ValueError) as error:
            raise Unreadable("truncated", "the zip has no whole directory", got=type(error).__name__) from None
        with archive:
            members = archive.infolist()
            kind = office_type(archive)
            if kind is None:
                yield from _zip_members(feed, archive, members, read)
            else:
                yield from read_office(feed, kind, file, archive)


def _zip_members(feed: Feed, archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], read: Read) -> Parts:
    if len(members) > feed.limits.members:
        raise Unreadable("too_large", "too many members", got=str(len(members)), expected=f"{feed.limits.members}")
    names = Names()
    for member in members:
        name = _zip_name(member)
        if member.is_dir() or _left_out(name):
            continue
        at = f"{names.unique(name)}::"
        if not _is_safe(name) or stat.S_ISLNK(member.external_attr >> 16):
            yield Fault(feed.at + at, "unsafe_path", "the member's name leaves the archive, or it is a link")
        elif member.flag_bits & _ENCRYPTED:
            yield Fault(feed.at + at, "encrypted", "the member is encrypted")
        else:
            yield from _member(feed, partial(archive.open, member), name, at, read)


def read_tar(feed: Feed, read: Read) -> Parts:
    """The members of a tar in its own order, hidden ones left out."""
    names = Names()
    count = 0
    try:
        with tarfile.open(fileobj=feed, mode="r|", errors="surrogateescape") as archive:  # type: ignore[call-overload]
            for member in archive:
                count += 1
                if count > feed.limits.members:
                    raise Unreadable("too_large", "too many members", expected=f"at most {feed.limits.members}")
                name = _tar_name(member.name)
                if member.isdir() or _left_out(name):
                    continue
                at = f"{names.unique(name)}::"
                if not member.isfile() or not _is_safe(name):
                    yield Fault(feed.at + at, "unsafe_path", "the member's name leaves the archive, or it is no file")
                    continue
                yield from _member(feed, partial(archive.extractfile, member), name, at, read)
    except tarfile.TarError as error:
        raise Unreadable("truncated", "the tar breaks off", got=type(error).__name__) from None


def _member(feed: Feed, open_member: Callable[[], Readable | None], name: str, at: str, read: Read) -> Parts:
    """What one member holds; its own faults end the member, not the archive, except a bomb."""
    try:
        stream = open_member()
        if stream is None:
            raise Unreadable("unsafe_path", "no regular file")
        below = feed.below(_Member(stream, feed.budget), name, at=at)
    except Unreadable as error:
        if error.kind == "bomb":
            raise
        yield Fault(feed.at + at, error.kind, str(error))
    except NotImplementedError:
        yield Fault(feed.at + at, "unsupported", "a compression method that is not known")
    except (zipfile.BadZipFile, tarfile.TarError, OSError) as error:
        yield Fault(feed.at + at, "corrupt", f"the member cannot be opened ({type(error).__name__})")
    else:
        yield from read(below)


class _Member:
    """A member's bytes, counted; the library's errors as ours."""

    def __init__(self, stream: Readable, budget: Budget) -> None:
        self._stream, self._budget = stream, budget

    def read(self, size: int = -1, /) -> bytes:
        try:
            data = self._stream.read(size)
        except (EOFError, tarfile.ReadError) as error:
            raise Unreadable("truncated", "the member breaks off", got=type(error).__name__) from None
        except (zipfile.BadZipFile, zlib.error, OSError) as error:
            raise Unreadable("corrupt", "the member is damaged", got=type(error).__name__) from None
        self._budget.spend(len(data))
        return data


def _is_safe(name: str) -> bool:
    parts = _SEPARATORS.split(name)
    return bool(name) and parts[0] != "" and ".." not in parts and not re.match(r"[A-Za-z]:", name)


def _left_out(name: str) -> bool:
    parts = _SEPARATORS.split(name)
    return parts[0] == "__MACOSX" or any(part.startswith(".") and part not in (".", "..") for part in parts)


def _zip_name(member: zipfile.ZipInfo) -> str:
    """The member's name; one without the UTF-8 flag is often UTF-8 or GB18030 all the same."""
    if member.flag_bits & _UTF8_NAME:
        return member.filename
    return _decoded_name(member.filename.encode("cp437", "replace")) or member.filename


def _tar_name(name: str) -> str:
    plain = name.removeprefix("./")
    return _decoded_name(plain.encode("utf-8", "surrogateescape")) or plain.encode("utf-8", "replace").decode()


def _decoded_name(name: bytes) -> str | None:
    for encoding in ("utf-8", "gb18030"):
        try:
            return name.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None
