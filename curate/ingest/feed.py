"""The bytes on their way to a reader: what has been seen of them, where they stand, and what they may still ask for."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Protocol

from ..catalog import Limits, Source
from ..errors import Unreadable

__all__ = ["BLOCK", "Budget", "Feed", "Readable"]

BLOCK = 16 << 20  # bytes read at a time from what is streamed
HEAD = 64 << 10  # bytes looked at before a reader is chosen
_FREE = 8 << 20  # bytes that may be unpacked before the ratio is looked at
_SPOOL = 64 << 20  # bytes kept in memory before a nested archive goes to a private temporary file


class Readable(Protocol):
    """Anything with `read`, such as an open file, a member of an archive or a decompressor."""

    def read(self, size: int = -1, /) -> bytes:
        """At most `size` bytes, all of them if it is negative."""
        ...


@dataclass
class Budget:
    """What all layers of one file may unpack to, counted as they are read."""

    limits: Limits
    packed: int
    unpacked: int = 0

    def spend(self, count: int) -> None:
        """Count unpacked bytes.

        Raises:
            Unreadable: `bomb`, more than the limits allow for a file of this size.
        """
        self.unpacked += count
        if self.unpacked > self.limits.unpacked_bytes:
            raise Unreadable("bomb", "unpacks to too much", expected=f"at most {self.limits.unpacked_bytes} bytes")
        if self.unpacked > _FREE and self.unpacked > self.limits.ratio * self.packed:
            raise Unreadable("bomb", "unpacks to too many times its size", expected=f"at most {self.limits.ratio}")


class Feed:
    """One file, or one member of an archive, that has been opened but not yet read.

    `name` judges the suffix, `at` is the prefix of its locators, `path` is set where the bytes lie as they are on disk.
    """

    def __init__(
        self, stream: Readable, name: str, *, at: str, depth: int, source: Source, budget: Budget, path: Path | None
    ) -> None:
        self.name, self.at, self.depth, self.path = name, at, depth, path
        self.source, self.limits, self.budget = source, budget.limits, budget
        self._stream = stream
        self._broken: Unreadable | None = None
        self._held = b""
        self._held = self.read(HEAD)
        self.head = self._held

    def below(self, stream: Readable, name: str, *, at: str = "") -> Feed:
        """What `stream`, unpacked from this feed, holds: one layer deeper, under the same budget.

        Raises:
            Unreadable: `too_deep`.
        """
        if self.depth >= self.limits.depth:
            raise Unreadable("too_deep", "archives inside archives", expected=f"at most {self.limits.depth} layers")
        return Feed(
            stream, name, at=self.at + at, depth=self.depth + 1, source=self.source, budget=self.budget, path=None
        )

    def again(self, data: bytes) -> Feed:
        """`data`, which was read from this feed, as a feed in its place."""
        return Feed(
            BytesIO(data), self.name, at=self.at, depth=self.depth, source=self.source, budget=self.budget, path=None
        )

    def read(self, size: int = -1, /) -> bytes:
        """Up to `size` bytes, fewer only at the end or before a fault, which the next call raises.

        So what precedes a cut or a bad checksum reaches the readers that work line by line.
        """
        pieces, missing = [], size
        if self._held:
            pieces.append(self._held if size < 0 else self._held[:size])
            self._held = b"" if size < 0 else self._held[size:]
            missing -= len(pieces[0])
        while missing and not self._broken:
            try:
                piece = self._stream.read(min(missing, BLOCK) if size >= 0 else BLOCK)
            except Unreadable as error:
                self._broken = error
                break
            if not piece:
                break
            pieces.append(piece)
            missing -= len(piece)
        if self._broken and not pieces and size:
            raise self._broken
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def blocks(self, size: int = BLOCK) -> Iterator[bytes]:
        """All bytes in blocks of `size`; raises `Unreadable` after the last good byte."""
        while block := self.read(size):
            yield block

    def whole(self) -> bytes:
        """All bytes of a document that must be held whole.

        Raises:
            Unreadable: `too_large`, or whatever broke the stream.
        """
        limit = self.limits.document_bytes
        data = self.read(limit + 1)
        if len(data) > limit:
            raise Unreadable("too_large", "too large to be held whole", expected=f"at most {limit} bytes")
        self.read(1)  # raises what broke the stream, if anything did
        return data

    @contextmanager
    def seekable(self) -> Iterator[BinaryIO]:
        """The same bytes as a file that can be sought in; what is nested goes to a private temporary file."""
        if self.path is not None:
            with self.path.open("rb") as file:
                yield file
            return
        with tempfile.SpooledTemporaryFile(max_size=_SPOOL) as spool:
            for block in self.blocks():
                spool.write(block)
            spool.seek(0)
            yield spool  # type: ignore[misc]  # SpooledTemporaryFile is an IOBase from 3.11 on
