"""From bytes to text: a whole document or line by line, strictly, with what was lost named and nothing replaced unseen."""

from __future__ import annotations

from typing import NamedTuple

from ..errors import Unreadable
from .data import values
from .encoding import MARKS, canonical, detect, is_binary, sample_of
from .items import Fault

__all__ = ["STATEFUL", "Decoded", "decode", "decode_line", "detect_or_refuse", "without_mark"]

STATEFUL = frozenset({"utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "hz", "iso2022_jp"})
"""Codecs whose bytes cannot be cut at line feeds."""
_CUT = ("incomplete multibyte sequence", "unexpected end of data", "truncated data", "incomplete escape sequence")
_LINE_IS_UTF8 = 0.9  # a valid UTF-8 line that `detect` does not hold for GB18030 by chance


class Decoded(NamedTuple):
    """A document's text, its codec, and a fault for each thing lost; their locators are `@<byte offset>`."""

    text: str
    encoding: str
    lost: list[Fault]


def detect_or_refuse(sample: bytes, declared: str | None, least: float) -> str:
    """The codec of `sample`: the declared one, or the detected one if its confidence is at least `least`.

    Raises:
        Unreadable: `unsupported` for binary data, `encoding` where the rule is not sure enough.
    """
    if declared is not None:
        try:
            return canonical(declared)
        except LookupError:
            raise Unreadable("encoding", "an unknown encoding is named", got=declared) from None
    found = detect(sample)
    if found.encoding is None and is_binary(sample):
        raise Unreadable("unsupported", "binary data of no known format")
    if found.encoding is None or found.confidence < least:
        raise Unreadable(
            "encoding",
            "the encoding is not certain",
            got=f"{found.encoding or 'nothing'} at {found.confidence:.2f}",
            expected=f"at least {least:.2f}",
        )
    return found.encoding


def decode(data: bytes, declared: str | None, least: float) -> Decoded:
    """The text of a whole document.

    A character cut at the end is left out and named as lost. Lines in another encoding than the rest are decoded by
    their own where it is certain; what then stays undecodable becomes U+FFFD and is named as lost, unless it is more
    than 2 % of the characters.

    Raises:
        Unreadable: `encoding` or `unsupported`; with a declared encoding also for any byte that does not fit it.
    """
    encoding = detect_or_refuse(sample_of(data), declared, least)
    body = without_mark(data, encoding)
    offset = len(data) - len(body)
    try:
        return Decoded(body.decode(encoding), encoding, [])
    except UnicodeDecodeError as error:
        if error.reason in _CUT and len(body) - error.start < 4:
            cut = Fault(f"@{offset + error.start}", "truncated", "the last character is cut off")
            return Decoded(body[: error.start].decode(encoding), encoding, [cut])
        if declared is not None:
            raise Unreadable(
                "encoding", "bytes do not fit the encoding the catalog names", got=f"byte {offset + error.start}"
            ) from None
    return _decode_broken(body, encoding, least, offset)


def without_mark(data: bytes, encoding: str) -> bytes:
    """`data` without the byte order mark of `encoding`, if it begins with it."""
    for mark, name in MARKS:
        if data.startswith(mark) and name.removesuffix("-sig") == encoding.removesuffix("-sig"):
            return data[len(mark) :]
    return data


def _decode_broken(body: bytes, encoding: str, least: float, offset: int) -> Decoded:
    plain = encoding.removesuffix("-sig")
    pieces: list[str] = []
    places, first, at = 0, -1, offset
    stateful = plain in STATEFUL
    for line in [body] if stateful else body.splitlines(keepends=True):
        found = None if stateful else decode_line(line, plain, least)
        text = found[0] if found else line.decode(plain, "replace")
        if found is None:
            places += text.count("\ufffd") - line.count(b"\xef\xbf\xbd") * (plain == "utf-8")
            first = at if first < 0 else first
        pieces.append(text)
        at += len(line)
    whole = "".join(pieces)
    if places > values("encoding")["broken_share"] * len(whole):
        raise Unreadable("encoding", "too much does not decode", got=f"{places} of {len(whole)} characters in {plain}")
    lost = [Fault(f"@{first}", "encoding", f"{places} places do not decode as {plain}; U+FFFD stands there")]
    return Decoded(whole, encoding, lost if places else [])


def decode_line(line: bytes, encoding: str | None, least: float) -> tuple[str, str] | None:
    """One line's text and codec in a file mostly in `encoding`; None where no codec is certain.

    Strict UTF-8 is tried first: longer text of another encoding is not UTF-8 by chance, but UTF-8 often reads as
    GB18030 without an error and all wrong.
    """
    if line.isascii():
        return line.decode("ascii"), encoding or "utf-8"
    try:
        text = line.decode("utf-8")
        if encoding == "utf-8" or detect(line).confidence >= _LINE_IS_UTF8:
            return text, "utf-8"
    except UnicodeDecodeError:
        pass
    found = detect(line)
    sure = found.encoding is not None and found.confidence >= least
    for name in (encoding, found.encoding if sure else None):
        if name is not None and name != "utf-8":
            try:
                return line.decode(name), name
            except UnicodeDecodeError:
                continue
    return None
