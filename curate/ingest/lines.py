"""Lines of a file of any size and encoding, in bounded memory: what JSON Lines and CSV are read from."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import TypeVar

from ..errors import Unreadable
from .decoding import STATEFUL, decode_line, detect_or_refuse, without_mark
from .encoding import sample_of
from .feed import Feed

__all__ = ["Lines", "binary_lines", "peek", "whole_lines"]

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
        self._blocks = blocks

    def __iter__(self) -> Iterator[bytes | None]:
        return binary_lines(self._blocks, self.longest)

    def runs(self) -> Iterator[bytes]:
        """Many lines at a time; see `whole_lines`."""
        return whole_lines(self._blocks, self.longest)

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


def whole_lines(blocks: Iterable[bytes], longest: int) -> Iterator[bytes]:
    """Runs of whole lines, each with its LF; what is held of a line of more than `longest` bytes still shows that it is."""
    rest: list[bytes] = []
    held = 0
    for block in blocks:
        cut = block.rfind(b"\n") + 1
        if cut:
            yield b"".join([*rest, block[:cut]])
            rest, held = [], 0
        if cut < len(block) and held <= longest:
            rest.append(block[cut : cut + longest + 1 - held])
            held += len(rest[-1])
    if rest:
        yield b"".join([*rest, b"\n"])


def binary_lines(blocks: Iterable[bytes], longest: int) -> Iterator[bytes | None]:
    """Lines without their LF or CRLF; None for one of more than `longest` bytes."""
    for run in whole_lines(blocks, longest):
        lines = run.split(b"\n")
        lines.pop()
        for line in lines:
            if len(line) > longest:
                yield None
            else:
                yield line[:-1] if line.endswith(b"\r") else line


def peek(stream: Iterator[T], count: int, size: Callable[[T], int] = lambda _: 1) -> tuple[list[T], Iterator[T]]:
    """The first of a stream that make up `count`, and the whole stream again; a fault in it is raised where it stands."""
    first: list[T] = []
    left = count
    try:
        for part in stream:
            first.append(part)
            left -= size(part)
            if left <= 0:
                break
    except Unreadable as error:
        return first, _then_raise(first, error)
    return first, chain(first, stream)


def _then_raise(first: list[T], error: Unreadable) -> Iterator[T]:
    yield from first
    raise error
