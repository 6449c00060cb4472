"""From a file to its records: what it is, who reads it, and every failure as a fault with its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path

from ..catalog import Limits, Source
from ..errors import Unreadable
from .archives import read_tar, read_zip
from .columnar import read_arrow_file, read_arrow_stream, read_parquet
from .delimited import read_delimited
from .feed import Budget, Feed
from .inflate import INFLATERS, Inflated
from .items import Block, Fault, Item, Parts
from .json_ import read_json, read_notebook
from .jsonl import read_jsonl
from .markup import read_html
from .office import read_office, read_ole
from .pdf import read_pdf
from .sniff import inner_name, media_type
from .text import read_text

__all__ = ["READERS", "read_blocks", "read_feed", "read_file"]


def read_file(path: Path, name: str, source: Source, limits: Limits) -> Iterator[Item | Fault]:
    """The records of the file at `path` and the faults of what could not be read, in the order of the file.

    `name` is its path in the domain, by which its suffix is judged. At least one part comes out of every file, and
    nothing is raised for what a file holds: all of that is a `Fault`.
    """
    for part in read_blocks(path, name, source, limits):
        if isinstance(part, Block):
            yield from part.items()
        else:
            yield part


def read_blocks(path: Path, name: str, source: Source, limits: Limits) -> Parts:
    """The same as `read_file`, with many records at once where the format allows it."""
    try:
        size = path.stat().st_size
        if size > limits.file_bytes:
            raise Unreadable("too_large", "the file is too large", expected=f"at most {limits.file_bytes} bytes")
        with path.open("rb", buffering=0) as file:
            feed = Feed(file, name, at="", depth=0, source=source, budget=Budget(limits, size), path=path)
            yield from read_feed(feed)
    except OSError as error:
        yield Fault("", "corrupt", f"the file cannot be read ({type(error).__name__})")
    except Unreadable as error:
        yield Fault("", error.kind, str(error))


def read_feed(feed: Feed) -> Parts:
    """The parts of what a feed holds; a failure of the whole stands at the feed's own place."""
    kind = "any"
    try:
        kind = media_type(feed)
        parts = READERS[kind](feed, kind)
        first = next(parts, None)
        if first is None:
            raise Unreadable("empty", "no record in it")
        yield from chain([first], parts)
    except Unreadable as error:
        yield Fault(feed.at, error.kind, str(error))
    except ImportError:
        raise  # the installation is incomplete; that is no fault of the file
    except MemoryError:
        yield Fault(feed.at, "too_large", f"more than the memory that the reader of {kind} may take")
    except (
        Exception
    ) as error:  # whatever a library raises on a broken file; its message may hold text, so it is not kept
        yield Fault(feed.at, "corrupt", f"{type(error).__name__} in the reader of {kind}")


def _read_packed(feed: Feed, kind: str) -> Parts:
    inflated = Inflated(feed, kind, feed.budget)
    yield from read_feed(feed.below(inflated, inner_name(feed.name)))
    if inflated.rubbish:
        yield Fault(feed.at, "corrupt", "bytes that are no part of it follow the end of the packed stream")


def _read_zip(feed: Feed, _kind: str) -> Parts:
    return read_zip(feed, read_feed, read_office)


def _read_tar(feed: Feed, _kind: str) -> Parts:
    return read_tar(feed, read_feed)


READERS: dict[str, Callable[[Feed, str], Parts]] = {
    "text/plain": read_text,
    "text/markdown": read_text,
    "text/x-rst": read_text,
    "text/html": read_html,
    "text/csv": read_delimited,
    "text/tab-separated-values": read_delimited,
    "application/json": read_json,
    "application/x-ndjson": read_jsonl,
    "application/x-ipynb+json": read_notebook,
    "application/pdf": read_pdf,
    "application/x-ole-storage": read_ole,
    "application/vnd.apache.parquet": read_parquet,
    "application/vnd.apache.arrow.file": read_arrow_file,
    "application/vnd.apache.arrow.stream": read_arrow_stream,
    "application/zip": _read_zip,
    "application/x-tar": _read_tar,
    **dict.fromkeys(INFLATERS, _read_packed),
}
"""Media type → reader. Office documents are zip files: `read_zip` tells them from archives."""
