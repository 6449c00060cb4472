"""Names of files, folders, sheets and archive members, and records' own ids, without the personal data in them.

Such names go wherever a record goes: ledger, quarantine, manifest, messages. So a find in one gives way to its label before
anything but ingest sees it: `raw/客户17470001234.xlsx` becomes `raw/客户<手机号>-3f2a910c55de.xlsx`. What keeps two such files
apart is the beginning of the SHA-256 of the file's content, which the manifest states anyway: it says nothing of the
name (a digest of a number of eleven digits would be searched through in seconds), needs no key, is the same on every machine, and
stays when other files come or go. Inside a file, where order is content, names that become alike are numbered: `客户<手机号>~2!R5`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..errors import ConfigError, CurateError, Problem
from .rules import Hit, Look, labels

if TYPE_CHECKING:
    from .gate import Gate
    from .recogniser import ChineseRecognizer

__all__ = [
    "Names",
    "clean",
    "clean_column",
    "clean_error",
    "clean_paths",
    "clean_problems",
    "locator_pattern",
    "path_pattern",
    "structured",
]

OF_ORGANISATIONS = frozenset({"CN_USCC", "PUBLIC_PHONE"})
"""Entities that stay: they name no person."""

DIGITS = 12
"""Hex digits of a file's SHA-256 in its cleaned path."""

SUFFIX = re.compile(r"\.[A-Za-z]{1,8}")
TURN = "(~[0-9]+)?"
"""The number of a name that became like another, in a pattern."""

TURNS = 4
"""How often a name is looked through: what stays of two neighbours may look like a third number."""

PARTS = re.compile(r"(::|!)")
"""What parts the names in a locator."""


def structured(names: Sequence[str]) -> list[list[Hit]]:
    """Structured personal data in each name; Presidio is imported when the first name comes that may hold some."""
    found: list[list[Hit]] = [[] for _ in names]
    column = pa.array([name.encode("utf-8", "replace") for name in names], pa.binary()).cast(pa.string())
    for i in np.flatnonzero(_gate().texts(column)).tolist():
        found[i] = _recognizer().hits(names[i])
    return found


@cache
def _recognizer() -> ChineseRecognizer:
    from .recogniser import ChineseRecognizer

    return ChineseRecognizer()


@cache
def _gate() -> Gate:
    from .gate import Gate

    return Gate()


def clean(names: Sequence[str], finder: Look = structured) -> list[str]:
    """The names with a label in place of each find; two may become alike."""
    out = list(names)
    left = list(range(len(out)))
    for _ in range(TURNS):
        finds = finder([out[i] for i in left])
        found = [[hit for hit in hits if hit.entity not in OF_ORGANISATIONS] for hits in finds]
        left = [i for i, hits in zip(left, found, strict=True) if hits]
        for i, hits in zip(left, filter(None, found), strict=True):
            out[i] = _labelled(out[i], hits)
    return out


def _labelled(name: str, hits: Iterable[Hit]) -> str:
    parts, at = [], 0
    for hit in sorted(hits, key=lambda h: (h.start, -h.end)):
        if hit.start >= at:  # one that overlaps the find before goes with it
            parts += [name[at : hit.start], f"<{labels().get(hit.entity, hit.entity)}>"]
        at = max(at, hit.end)
    return "".join(parts) + name[at:]


def clean_column(ids: pa.StringArray, finder: Look = structured) -> pa.StringArray:
    """Records' own ids with a label in place of each find; null stays null."""
    names = ids.drop_null().to_pylist()
    cleaned = clean(names, finder)
    if cleaned == names:
        return ids
    return pc.replace_with_mask(ids, pc.is_valid(ids), pa.array(cleaned, pa.string()))


def clean_paths(paths: Sequence[str], sha256: Sequence[str], finder: Look = structured) -> list[str]:
    """The paths of one source as they may be written, no two alike; `sha256` is of each file's content, in hex digits.

    A path without finds stays. Files that are alike in content and cleaned name are numbered in the order of `paths`: which of
    them has which number decides nothing.
    """
    cleaned = clean(paths, finder)
    taken = {path for path, shown in zip(paths, cleaned, strict=True) if path == shown}
    copies: Counter[tuple[str, str]] = Counter()
    out = []
    for path, shown, digest in zip(paths, cleaned, sha256, strict=True):
        if path != shown:
            head, tail = _ends(path, shown)
            head = f"{head}-{digest[:DIGITS]}"
            while (shown := _numbered(head, tail, copies)) in taken:
                pass
        out.append(shown)
    return out


def _ends(path: str, cleaned: str) -> tuple[str, str]:
    """A cleaned path before and behind the place of its digest; behind is the suffix, by which files are told apart."""
    suffix = PurePosixPath(path).suffix
    if not SUFFIX.fullmatch(suffix):
        return cleaned, ""
    return cleaned.removesuffix(suffix), suffix  # an e-mail address may have taken it in


def _numbered(head: str, tail: str, copies: Counter[tuple[str, str]]) -> str:
    """`head tail`, then `head~2 tail`, `head~3 tail` …, one more each time it is called."""
    copies[head, tail] += 1
    turn = copies[head, tail]
    return f"{head}{tail}" if turn == 1 else f"{head}~{turn}{tail}"


class Names:
    """The names within one file as they may be written, in its own order: the second of a name gets `~2`."""

    def __init__(self, finder: Look = structured) -> None:
        self._finder = finder
        self._copies: Counter[tuple[str, str]] = Counter()
        self._given: set[str] = set()

    def unique(self, name: str) -> str:
        """`name` without finds, told apart from those given before."""
        name = clean([name], self._finder)[0]
        while (given := _numbered(name, "", self._copies)) in self._given:
            pass
        self._given.add(given)
        return given


def path_pattern(path: str, finder: Look = structured) -> str | None:
    """A regular expression for what `clean_paths` may make of a path, whatever its content; none if nothing is found in it."""
    cleaned = clean([path], finder)[0]
    if cleaned == path:
        return None
    head, tail = map(re.escape, _ends(path, cleaned))
    return f"^{head}-[0-9a-f]{{{DIGITS}}}{TURN}{tail}$"


def locator_pattern(locator: str, finder: Look = structured) -> str | None:
    """The same for a locator with names of sheets or members as the file has them."""
    parts = PARTS.split(locator)
    cleaned = clean(parts, finder)
    if cleaned == parts:
        return None
    pairs = zip(parts, cleaned, strict=True)
    return "^" + "".join(re.escape(new) + (TURN if new != old else "") for old, new in pairs) + "$"


def clean_problems(problems: Sequence[Problem], finder: Look = structured) -> list[Problem]:
    """The same problems with no find in the names of file and field, and in the value that was got."""
    told = iter(clean([text for p in problems for text in (p.file, p.field, p.got)], finder))
    return [replace(p, file=next(told), field=next(told), got=next(told)) for p in problems]


def clean_error(error: CurateError, finder: Look = structured) -> CurateError:
    """The same error with no find in what it says of the user's files: where, and what was got."""
    if isinstance(error, ConfigError):
        return ConfigError(clean_problems(error.problems, finder))
    error.where, error.got = clean([error.where, error.got], finder)
    error.args = (error.what, error.where, error.got, error.expected, error.fix)
    return error
