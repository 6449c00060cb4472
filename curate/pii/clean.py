"""Take personal data out of texts and of the other fields of records; Presidio is loaded when a `Cleaner` is made."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from ..config import Strict
from . import specs
from .operators import OPERATORS, config
from .recogniser import ChineseRecognizer

__all__ = ["Cleaner", "Counts"]

Counts = Counter[tuple[str, str]]
"""How many of each (entity, operator)."""


class Cleaner:
    """Applies one operator per entity; what it counts is (entity, operator), never a value.

    `plan` says what is done with each entity; an entity it does not name is redacted. `kept` are patterns of
    professional numbers, which are left as they are.
    """

    def __init__(self, plan: Mapping[str, Strict], least: float, kept: Sequence[str] = ()) -> None:
        self.recognizer = ChineseRecognizer(least, kept)
        self._plan = dict(plan)
        self._apply: dict[str, tuple[str, Callable[[str], str]]] = {}

    def text(self, text: str, counts: Counts, lead: str = "") -> str:
        """`text` without personal data; `lead` stands before it, as its field's name, but is left as it is.

        It is looked through until nothing is found: what stays of two neighbours may look like a third number. Each
        turn leaves fewer letters and digits of ASCII (no mask is one), so it ends.
        """
        while True:
            whole, done, kept = lead + text, False, Counts()
            parts, at = [], len(lead)
            for found in self.recognizer.analyze(whole):
                if found.start < at:
                    continue
                name, operate = self._operator(found.entity_type)
                if name == "keep":
                    kept[found.entity_type, name] += 1
                    continue
                parts += [whole[at : found.start], operate(whole[found.start : found.end])]
                at = found.end
                counts[found.entity_type, name] += 1
                done = True
            if not done:
                counts.update(kept)
                return text
            text = "".join(parts) + whole[at:]

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

    def _operator(self, entity: str) -> tuple[str, Callable[[str], str]]:
        """The operator's name, and a function that does it."""
        if entity not in self._apply:
            setting = config(entity, self._plan.get(entity, specs.Redact()))
            operator = OPERATORS[setting.operator_name]()
            self._apply[entity] = (
                setting.operator_name,
                lambda text: str(operator.operate(text=text, params=setting.params)),
            )
        return self._apply[entity]

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
            return self.text(value, counts, f"{name}:")
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
        operator, operate = self._operator(entity)
        counts[entity, operator] += 1
        if operator == "keep":
            return self._value(value, name, counts)
        return operate(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


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
