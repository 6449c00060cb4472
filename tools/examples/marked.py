"""Texts with marks: each says which invented personal value stands there, or that a look-alike must come through.

- `{CN_MOBILE:3}`: the third invented mobile number; `:dash` and `:spaced` write it in groups
- `{CN_PLATE:E3}`: a plate of an electric car; `{CN_USCC:C3}`: a company's credit code
- `{EMAIL_ADDRESS:a@b.c}`, `{PUBLIC_PHONE:400-…}`, `{PERSON:name}`: the value as it stands
- `{=GB/T 26760-2011}`: no personal data, must come through unchanged

Credit codes and public telephones are found and counted, but by default kept.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from . import formats

__all__ = ["Entry", "Rendered", "load", "render", "shingles"]

KEPT = ("CN_USCC", "PUBLIC_PHONE")

_MARK = re.compile(r"\{(=|[A-Z_]+:)([^{}]+)\}")


class Entry(NamedTuple):
    """One text of a file of texts."""

    head: tuple[str, ...]
    """What stands behind `@@`, split at `|`."""
    text: str


@dataclass(frozen=True)
class Rendered:
    """A text with its marks replaced, and what they promise."""

    text: str
    pii: Counter[str] = field(default_factory=Counter)
    """How many of each entity; names in running text are not among them."""
    gone: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    stays: list[str] = field(default_factory=list)


def load(file: Path) -> list[Entry]:
    """The texts of a file: `@@ head | head` lines, each with the lines below it."""
    parts = re.split(r"^@@ ", file.read_text("utf-8"), flags=re.MULTILINE)[1:]
    entries = []
    for part in parts:
        head, _, text = part.partition("\n")
        entries.append(Entry(tuple(cell.strip() for cell in head.split("|")), text.strip()))
    return entries


def render(marked: str, edits: Sequence[tuple[str, str]] = ()) -> Rendered:
    """`marked` with its values in place, after each of `edits` has replaced the one place it names.

    Raises:
        ValueError: an edit fits nowhere or in several places, or a mark is unknown.
    """
    for old, new in edits:
        if marked.count(old) != 1:
            raise ValueError(f"the edit {old!r} fits {marked.count(old)} places")
        marked = marked.replace(old, new)
    out = Rendered("")
    pieces, end = [], 0
    for mark in _MARK.finditer(marked):
        pieces.append(marked[end : mark.start()])
        pieces.append(_value(mark[1].rstrip(":"), mark[2], out))
        end = mark.end()
    text = "".join([*pieces, marked[end:]])
    return replace(out, text=text)


def _value(kind: str, argument: str, out: Rendered) -> str:
    if kind == "=":
        out.stays.append(argument)
        return argument
    if kind == "PERSON":
        out.names.append(argument)
        return argument
    value = _number(kind, argument)
    out.pii[kind] += 1
    (out.stays if kind in KEPT else out.gone).append(value)
    return value


def _number(kind: str, argument: str) -> str:
    if kind in ("EMAIL_ADDRESS", "PUBLIC_PHONE"):
        return argument
    number, _, form = argument.partition(":")
    n = int(number.lstrip("CE"))
    match kind:
        case "CN_MOBILE":
            value = formats.mobile(n)
            return {"": "", "dash": "-", "spaced": " "}[form].join((value[:3], value[3:7], value[7:]))
        case "CN_ID_CARD":
            return formats.id_card(birth=f"{1962 + n % 40}{1 + n % 12:02d}{1 + n % 28:02d}", seq=n)
        case "CN_LANDLINE":
            return formats.landline(n)
        case "BANK_CARD":
            return formats.bank_card(n)
        case "CN_USCC":
            return formats.uscc(n, kind="91" if number.startswith("C") else "92")
        case "CN_PLATE":
            return formats.plate(n, new_energy=number.startswith("E"))
        case _:
            raise ValueError(f"unknown mark {kind}")


def shingles(text: str) -> set[str]:
    """The character 5-grams of a text without white space."""
    dense = re.sub(r"\s+", "", text)
    return {dense[i : i + 5] for i in range(len(dense) - 4)}
