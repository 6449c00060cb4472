"""Streams packed with gzip, zstd, bzip2 or xz: unpacked as they are read, every member checked, cuts and rubbish named."""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable
from typing import Protocol

import zstandard

from ..errors import Unreadable
from .feed import Budget, Readable

__all__ = ["INFLATERS", "Inflated"]

_STEP = 64 << 10  # bytes unpacked at most in one step, where the library can bound it: what damage costs
_INPUT = 64 << 10
_ZSTD_INPUT = 4 << 10  # its library cannot bound a step: 4 KiB unpack to at most 128 MiB
_ZSTD_WINDOW = 128 << 20


class _Inflater(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


class _Zlib:
    """zlib's decompressor, which hands back what it did not take, keeping that itself as the others do."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=31)
        self._rest = b""

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        out = self._inner.decompress(self._rest + data, max_length)
        self._rest = self._inner.unconsumed_tail
        return out


class _Zstd:
    """zstandard's decompressor; it takes all it is given, so it is given little."""

    def __init__(self) -> None:
        self._inner = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW).decompressobj()

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, _max_length: int, /) -> bytes:
        return self._inner.decompress(data)


INFLATERS: dict[str, tuple[bytes, int, Callable[[], _Inflater]]] = {
    "application/gzip": (b"\x1f\x8b", _INPUT, _Zlib),
    "application/zstd": (b"\x28\xb5\x2f\xfd", _ZSTD_INPUT, _Zstd),
    "application/x-bzip2": (b"BZh", _INPUT, bz2.BZ2Decompressor),
    "application/x-xz": (b"\xfd7zXZ\x00", _INPUT, lambda: lzma.LZMADecompressor(memlimit=512 << 20)),
}
"""Media type → the mark of a member, bytes of input a step, decompressor."""


class Inflated:
    """The unpacked bytes of all members of a packed stream."""

    def __init__(self, packed: Readable, media_type: str, budget: Budget) -> None:
        self._mark, self._input, self._new = INFLATERS[media_type]
        self._packed, self._budget = packed, budget
        self._inner: _Inflater | None = self._new()
        self.rubbish = False
        """Whether bytes of no member follow the last one; known once all is read."""

    def read(self, size: int = -1, /) -> bytes:
        """Some unpacked bytes, at most `size` where the library can bound it; `b""` at the end.

        Raises:
            Unreadable: `truncated`, `corrupt` or `bomb`.
        """
        most = _STEP if size < 0 else min(size, _STEP)
        while self._inner is not None:
            if self._inner.eof:
                self._next_member(self._inner.unused_data)
                continue
            out = self._step(b"", most) or self._more(most)
            if out:
                self._budget.spend(len(out))
                return out
        return b""

    def _more(self, most: int) -> bytes:
        if self._inner is None or self._inner.eof:
            return b""
        data = self._packed.read(self._input)
        if not data:
            raise Unreadable("truncated", "the packed stream ends before its end mark")
        return self._step(data, most)

    def _step(self, data: bytes, most: int) -> bytes:
        if self._inner is None or (not data and isinstance(self._inner, _Zstd)):
            return b""
        try:
            return self._inner.decompress(data, most)
        except (zlib.error, lzma.LZMAError, zstandard.ZstdError, OSError, EOFError, ValueError) as error:
            raise Unreadable("corrupt", "the packed stream is damaged", got=type(error).__name__) from None

    def _next_member(self, rest: bytes) -> None:
        """Go on to the next member; zeros between members are padding."""
        self._inner = None
        while True:
            rest = rest.lstrip(b"\x00")
            if len(rest) < len(self._mark):
                more = self._packed.read(self._input)
                if not more:
                    self.rubbish = bool(rest)
                    return
                rest += more
                continue
            if not rest.startswith(self._mark):
                self.rubbish = True
                return
            self._packed = _Rejoined(rest, self._packed)
            self._inner = self._new()
            return


class _Rejoined:
    """A stream with bytes put back before it."""

    def __init__(self, head: bytes, stream: Readable) -> None:
        self._head, self._stream = head, stream

    def read(self, size: int = -1, /) -> bytes:
        if self._head:
            head = self._head if size < 0 else self._head[:size]
            self._head = b"" if size < 0 else self._head[size:]
            return head
        return self._stream.read(size)
