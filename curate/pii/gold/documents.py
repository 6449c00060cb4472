"""The documents of the synthetic labelled set, one after another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import accumulate
from random import Random
from typing import Any

from ...errors import UserError
from .tables import kinds, yaml
from .templates import Draft, Setting, fill

__all__ = ["documents"]

Line = str | list[Any]


def documents(count: int, seed: int, settings: Sequence[Setting]) -> Iterator[dict[str, Any]]:
    """`count` documents {id, text, spans, traps, industry, kind}, the industries of `settings` in turn.

    `spans` are {start, end, entity, kind} of values to be found, `traps` {start, end, trap} of what looks like one; offsets are
    code points of `text`, by position. Document n depends on the seed and n alone, whatever the count.

    Raises:
        UserError: there are no industries, or one has no words for its documents.
    """
    for setting in settings:
        if not (setting.scenes and setting.documents and setting.terms):
            raise UserError("industry without scenes, kinds of documents or terms", where=setting.name)
    if not settings:
        raise UserError("no industries to write documents of")
    entities = {name: kind.entity for name, kind in kinds().items()}
    names, weights, forms = _forms()
    for number in range(count):
        random = Random(f"{seed}/{number}")
        setting = settings[number % len(settings)]
        form = random.choices(names, cum_weights=weights)[0]
        draft = Draft(random, setting)
        _write(draft, forms[form])
        yield {
            "id": f"gold-{seed}-{number:07d}",
            "text": "".join(draft.parts),
            "spans": [{"start": s, "end": e, "entity": entities[kind], "kind": kind} for s, e, kind in draft.spans],
            "traps": [{"start": s, "end": e, "trap": trap} for s, e, trap in draft.traps],
            "industry": setting.name,
            "kind": form,
        }


def _write(draft: Draft, lines: Sequence[Line]) -> None:
    for line in lines:
        least, most, template = (1, 1, line) if isinstance(line, str) else line
        for _ in range(draft.random.randint(least, most)):
            if draft.length:
                draft.add("\n")
            fill(draft, template)


@cache
def _forms() -> tuple[tuple[str, ...], tuple[float, ...], dict[str, tuple[Line, ...]]]:
    forms = yaml("forms")["forms"]
    return (
        tuple(form["name"] for form in forms),
        tuple(accumulate(form["weight"] for form in forms)),
        {form["name"]: tuple(form["lines"]) for form in forms},
    )
