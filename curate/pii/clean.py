"""Take personal data out of texts and of the other fields of records; Presidio is loaded when a `Cleaner` is made."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from .operators import Operators
from .recogniser import ChineseRecognizer, resolve
from .rules import Hit

__all__ = ["Cleaner", "Counts"]

Counts = Counter[tuple[str, str]]
"""How many of each (entity, operator)."""

Look = Callable[[Sequence[str]], list[list[Hit]]]
"""Finds names and addresses in many texts at once."""


class Cleaner:
    """Applies one operator per entity; what it counts is (entity, operator), never a value.

    `kept` are patterns of professional numbers, which are left as they are.
    """

    def __init__(self, operators: Operators, least: float, kept: Sequence[str] = ()) -> None:
        self.recognizer = ChineseRecognizer(least, kept)
        self._operators = operators
        self._named: dict[str, list[Hit]] = {}

    def text(self, text: str, counts: Counts, lead: str = "", named: Sequence[Hit] = ()) -> str:
        """`text` without personal data; `lead` stands before it, as its field's name, but is left as it is.

        `named` are names and addresses found in the lead and the text. Numbers are looked for until none is found: what
        stays of two neighbours may look like a third. What stands in the place of a number is never found as one, so it
        ends.
        """
        while True:
            whole, done, kept = lead + text, False, Counts()
            parts, at = [], len(lead)
            for found in resolve([*self.recognizer.hits(whole), *named]):
                if found.start < at:
                    continue
                name = self._operators.name(found.entity)
                if name == "keep":
                    kept[found.entity, name] += 1
                    continue
                parts += [whole[at : found.start], self._operators.apply(found.entity, whole[found.start : found.end])]
                at = found.end
                counts[found.entity, name] += 1
                done = True
            if not done:
                counts.update(kept)
                return text
            text, named = "".join(parts) + whole[at:], ()

    def flush(self) -> None:
        """Wait until vaults hold on the disk what was put into them."""
        self._operators.flush()

    def look_ahead(self, metas: Sequence[tuple[str, str | None]], look: Look) -> list[bool]:
        """Find the names and addresses in the values of fields that are not declared, of many records at once.

        `metas` are (other fields, declared entities) as `meta` takes them; what is found serves its next calls. Tells which
        of them hold any.
        """
        of: list[list[str]] = []
        for meta, personal in metas:
            try:
                fields = json.loads(meta)
            except ValueError:
                fields = None
            declared = _declared(personal) if personal else {}
            if isinstance(fields, dict):
                fields = {name: value for name, value in fields.items() if name not in declared}
            of.append(list(_strings(fields, "")))
        values = list(dict.fromkeys(value for some in of for value in some))
        self._named = {value: hits for value, hits in zip(values, look(values), strict=True) if hits}
        return [any(value in self._named for value in some) for some in of]

    def meta(self, meta: str, personal: str | None, counts: Counts) -> str:
        """A record's other fields, a JSON object, without personal data.

        `personal` is JSON, {field: entity}: such a field is treated as that entity whatever it holds. In the others
        every string, number and name of a field is looked through; what is no JSON is looked through as text.
        """
        try:
            fields = json.loads(meta)
        except ValueError:
            return self.text(meta, counts)
        declared = _declared(personal) if personal else {}
        if isinstance(fields, dict):
            cleaned = self._object(fields, counts, declared)
        else:
            cleaned = self._value(fields, "", counts)
        if cleaned == fields:
            return meta
        out = json.dumps(cleaned, ensure_ascii=False, separators=(",", ":"))
        # half of a surrogate pair is JSON when escaped, but no UTF-8
        return out if _is_utf8(out) else json.dumps(cleaned, separators=(",", ":"))

    def _object(self, fields: dict[str, Any], counts: Counts, declared: Mapping[str, str]) -> dict[str, Any]:
        """The fields with clean names and values; a name that would then stand twice is numbered."""
        out: dict[str, Any] = {}
        for name, value in fields.items():
            clean = key = self.text(name, counts)
            number = 2
            while key in out or (key != name and key in fields):
                key, number = f"{clean} #{number}", number + 1
            entity = declared.get(name)
            out[key] = self._value(value, name, counts) if entity is None else self._whole(value, entity, counts, name)
        return out

    def _value(self, value: Any, name: str, counts: Counts) -> Any:
        """A value of any JSON type; its field's name stands before it, as in running text."""
        if isinstance(value, dict):
            return self._object(value, counts, {})
        if isinstance(value, list):
            return [self._value(one, name, counts) for one in value]
        if isinstance(value, str):
            return self.text(value, counts, f"{name}:", self._named.get(f"{name}:{value}", ()))
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            clean = self.text(str(value), counts, f"{name}:")
            return value if clean == str(value) else clean
        return value

    def _whole(self, value: Any, entity: str, counts: Counts, name: str) -> Any:
        """A value that is all one entity; one that is kept is still looked through for others."""
        if value is None or value == "":
            return value
        if isinstance(value, list):
            return [self._whole(one, entity, counts, name) for one in value]
        operator = self._operators.name(entity)
        counts[entity, operator] += 1
        if operator == "keep":
            return self._value(value, name, counts)
        plain = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        return self._operators.apply(entity, plain)


def _strings(value: Any, name: str) -> Iterator[str]:
    """The strings in a value of any JSON type that may hold a name, each behind its field's name."""
    if isinstance(value, dict):
        for field, one in value.items():
            yield from _strings(one, field)
    elif isinstance(value, list):
        for one in value:
            yield from _strings(one, name)
    elif isinstance(value, str) and len(value) > 1:
        yield f"{name}:{value}"


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


@cache
def _declared(personal: str) -> dict[str, str]:
    """The entity of each declared field; one source declares the same for all its records."""
    found: dict[str, str] = json.loads(personal)
    return found
