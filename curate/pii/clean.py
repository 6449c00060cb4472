"""Take personal data out of texts and of the other fields of records; Presidio is loaded when a `Cleaner` is made."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from .fields import Named, behind, declared
from .operators import Operators
from .recogniser import ChineseRecognizer, resolve
from .rules import Hit

__all__ = ["Cleaner", "Counts"]

Counts = Counter[tuple[str, str]]
"""How many of each (entity, operator)."""

NOTHING: Named = MappingProxyType({})


class Cleaner:
    """Applies one operator per entity; what it counts is (entity, operator), never a value.

    `kept` are patterns of professional numbers, which are left as they are.
    """

    def __init__(self, operators: Operators, least: float, kept: Sequence[str] = ()) -> None:
        self.recognizer = ChineseRecognizer(least, kept)
        self._operators = operators

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
                    # numbers are found again in each turn, names only in this one
                    (counts if found in named else kept)[found.entity, name] += 1
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

    def meta(self, meta: str, personal: str | None, counts: Counts, named: Named = NOTHING) -> str:
        """A record's other fields, a JSON object, without personal data.

        `personal` is JSON, {field: entity}: such a field is treated as that entity whatever it holds. In the others
        every string, number and name of a field is looked through; what is no JSON is looked through as text. `named` is
        what `named_in_fields` found in this record, and maybe in others.
        """
        try:
            fields = json.loads(meta)
        except ValueError:
            return self.text(meta, counts)
        if isinstance(fields, dict):
            cleaned = self._object(fields, counts, named, declared(personal))
        else:
            cleaned = self._value(fields, "", counts, named)
        if cleaned == fields:
            return meta
        out = json.dumps(cleaned, ensure_ascii=False, separators=(",", ":"))
        # half of a surrogate pair is JSON when escaped, but no UTF-8
        return out if _is_utf8(out) else json.dumps(cleaned, separators=(",", ":"))

    def _object(
        self, fields: dict[str, Any], counts: Counts, named: Named, declared: Mapping[str, str]
    ) -> dict[str, Any]:
        """The fields with clean names and values; a name that would then stand twice is numbered."""
        out: dict[str, Any] = {}
        for name, value in fields.items():
            clean = key = self.text(name, counts)
            number = 2
            while key in out or (key != name and key in fields):
                key, number = f"{clean} #{number}", number + 1
            entity = declared.get(name)
            if entity is None:
                out[key] = self._value(value, name, counts, named)
            else:
                out[key] = self._whole(value, entity, name, counts, named)
        return out

    def _value(self, value: Any, name: str, counts: Counts, named: Named) -> Any:
        """A value of any JSON type; its field's name stands before it, as in running text."""
        if isinstance(value, dict):
            return self._object(value, counts, named, {})
        if isinstance(value, list):
            return [self._value(one, name, counts, named) for one in value]
        if isinstance(value, str):
            return self.text(value, counts, behind(name, ""), named.get(behind(name, value), ()))
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            clean = self.text(str(value), counts, behind(name, ""))
            return value if clean == str(value) else clean
        return value

    def _whole(self, value: Any, entity: str, name: str, counts: Counts, named: Named) -> Any:
        """A value that is all one entity; one that is kept is still looked through for others."""
        if value is None or value == "":
            return value
        if isinstance(value, list):
            return [self._whole(one, entity, name, counts, named) for one in value]
        operator = self._operators.name(entity)
        counts[entity, operator] += 1
        if operator == "keep":
            return self._value(value, name, counts, named)
        plain = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        return self._operators.apply(entity, plain)


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
