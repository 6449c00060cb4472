"""The other fields of records, JSON objects: which are declared, and what names and addresses stand in those that are not."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from .rules import Hit, Look

__all__ = ["Named", "behind", "declared", "named_in_fields"]

Named = Mapping[str, Sequence[Hit]]
"""Names and addresses by the value that holds them, its field's name before it."""


def behind(name: str, value: str) -> str:
    """A value behind its field's name, as in running text."""
    return f"{name}:{value}"


@cache
def declared(personal: str | None) -> Mapping[str, str]:
    """The entity of each declared field; one source declares the same for all its records."""
    found: dict[str, str] = json.loads(personal) if personal else {}
    return found


def named_in_fields(metas: Sequence[tuple[str, str | None]], look: Look) -> tuple[Named, list[bool]]:
    """The names and addresses in the fields of many records that are not declared, looked for at once; and which hold any.

    `metas` are (other fields, declared entities) of each record, both JSON.
    """
    of = [list(_undeclared(meta, personal)) for meta, personal in metas]
    values = list(dict.fromkeys(value for some in of for value in some))
    named = {value: hits for value, hits in zip(values, look(values), strict=True) if hits}
    return named, [any(value in named for value in some) for some in of]


def _undeclared(meta: str, personal: str | None) -> Iterator[str]:
    try:
        fields = json.loads(meta)
    except ValueError:
        return  # looked through as text, for numbers
    if isinstance(fields, dict):
        fields = {name: value for name, value in fields.items() if name not in declared(personal)}
    yield from _strings(fields, "")


def _strings(value: Any, name: str) -> Iterator[str]:
    """The strings in a value of any JSON type that may hold a name, each behind its field's name."""
    if isinstance(value, dict):
        for field, one in value.items():
            yield from _strings(one, field)
    elif isinstance(value, list):
        for one in value:
            yield from _strings(one, name)
    elif isinstance(value, str) and len(value) > 1:
        yield behind(name, value)
