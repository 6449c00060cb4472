"""Lines of a file of any size and encoding, in bounded memory: what JSON Lines and CSV are read from."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import TypeVar

from ..errors import Unreadable
from .decoding import STATEFUL, decode_line, detect_or_refuse, without_mark
from .encoding import sample_of
from .feed import Feed

__all__ = ["Lines", "binary_lines", "peek"]

T = TypeVar("T")

_BLOCK = 1 << 20  # bytes: what fits the processor's cache is split faster than larger blocks


class Lines:
    """The lines of a feed as bytes, in UTF-8 or in `encoding`.

    `encoding` is the file's codec, or None where no one codec is certain: then each line is judged by itself. A file
    in UTF-16, UTF-32, HZ or ISO-2022-JP, which cannot be cut at line feeds, is turned into UTF-8 on the way.
    """

    def __init__(self, feed: Feed) -> None:
        limits = feed.limits
        self._least = limits.encoding_confidence
        self.longest = min(limits.document_bytes, 6 * limits.record_chars)
        """Bytes of a line; a character takes at most 6, escaped."""
        first = feed.read(_BLOCK)
        self.encoding: str | None = None
        try:
            self.encoding = detect_or_refuse(sample_of(first), feed.source.encoding, self._least)
        except Unreadable as error:
            if error.kind != "encoding" or feed.source.encoding is not None:
                raise
        blocks: Iterator[bytes] = chain([first], feed.blocks(_BLOCK))
        if self.encoding is not None:
            blocks = chain([without_mark(first, self.encoding)], feed.blocks(_BLOCK))
        self.is_utf8 = self.encoding in ("utf-8", "utf-8-sig")
        if self.encoding in STATEFUL:
            blocks = _as_utf8(blocks, self.encoding)
            self.is_utf8 = True
        self._lines = binary_lines(blocks, self.longest)

    def __iter__(self) -> Iterator[bytes | None]:
        return self._lines

    def decode(self, line: bytes) -> tuple[str, str] | None:
        """The text of a line and its codec, or None where that is not certain."""
        if self.encoding in STATEFUL:
            return line.decode("utf-8"), self.encoding
        name = "utf-8" if self.is_utf8 else self.encoding
        found = decode_line(line, name, self._least)
        return (found[0], self.encoding) if found and self.encoding and found[1] == name else found


def _as_utf8(blocks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        for block in blocks:
            yield decoder.decode(block).encode("utf-8")
        yield decoder.decode(b"", True).encode("utf-8")
    except UnicodeDecodeError as error:
        raise Unreadable("encoding", f"bytes do not fit {encoding} from here on", got=error.reason) from None


def binary_lines(blocks: Iterable[bytes], longest: int) -> Iterator[bytes | None]:
    """Lines without their LF or CRLF; None for one of more than `longest` bytes, of which no more is held."""
    rest: list[bytes] = []
    held = 0
    for block in blocks:
        lines = block.split(b"\n")
        tail = lines.pop()
        if lines:
            rest.append(lines[0])
            yield None if held + len(lines[0]) > longest else b"".join(rest).removesuffix(b"\r")
            fits = len(block) <= longest
            for line in lines[1:]:
                if fits or len(line) <= longest:
                    yield line[:-1] if line.endswith(b"\r") else line
                else:
                    yield None
            rest, held = [], 0
        held += len(tail)
        if tail:
            rest = [] if held > longest else [*rest, tail]
    if held > longest:
        yield None
    elif rest:
        yield b"".join(rest)


def peek(stream: Iterator[T], count: int) -> tuple[list[T], Iterator[T]]:
    """The first `count` of a stream, and the whole stream again; a fault in it is raised where it stands."""
    first: list[T] = []
    try:
        first.extend(islice(stream, count))
    except Unreadable as error:
        return first, _then_raise(first, error)
    return first, chain(first, stream)


def _then_raise(first: list[T], error: Unreadable) -> Iterator[T]:
    yield from first
    raise error
