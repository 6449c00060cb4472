"""Strict models: every mistake is reported with file, line and field."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Literal, TypeVar, get_args, get_origin

from pydantic import BaseModel, ConfigDict, ValidationError

from .errors import ConfigError, Problem

__all__ = ["Document", "Path_", "Strict", "dotted", "nearest", "problems_of", "validate"]

Model = TypeVar("Model", bound=BaseModel)
Path_ = tuple[str | int, ...]
SHOWN = 60  # characters of a wrong value that a message may show; configuration holds no personal data


class Strict(BaseModel):
    """Base of all configuration: frozen, no unknown fields, no silent conversion of types."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Document:
    """A YAML file as plain data, with the line on which each value stands."""

    def __init__(self, file: str, data: Any, lines: dict[Path_, int]) -> None:
        self.file, self.data, self.lines = file, data, lines

    def line(self, path: Iterable[str | int]) -> int:
        """The line of the value at `path`, or of the nearest value that encloses it."""
        at = tuple(path)
        while at and at not in self.lines:
            at = at[:-1]
        return self.lines.get(at, 1)

    def problem(self, path: Iterable[str | int], what: str, **more: str) -> Problem:
        """A problem of this file at `path`."""
        at = tuple(path)
        return Problem(self.file, self.line(at), dotted(at), what, **more)


def dotted(path: Iterable[str | int]) -> str:
    """`sources[2].paths` for a path of keys and indices."""
    out = ""
    for part in path:
        out += f"[{part}]" if isinstance(part, int) else f".{part}" if out else part
    return out or "(top)"


def validate(model: type[Model], document: Document, *, at: Path_ = (), data: Any = None) -> Model:
    """`data` (or the whole document) as a `model`; `at` says where in the document it stands.

    Raises:
        ConfigError: with every problem found.
    """
    value = document.data if data is None else data
    value = {} if value is None else value
    try:
        return model.model_validate_json(json.dumps(value))
    except ValidationError as error:
        raise ConfigError(problems_of(model, error, document, at, value)) from None


def problems_of(
    model: type[BaseModel], error: ValidationError, document: Document, at: Path_, data: Any
) -> list[Problem]:
    """Pydantic's errors on `data` in our words: what was got, what was expected, and the nearest valid name."""
    problems: dict[Path_, Problem] = {}
    for e in error.errors(include_url=False):
        if e["type"] == "too_short" and len(e["input"]) >= e["ctx"]["min_length"]:
            continue  # only because items that are wrong, each reported by itself, were not counted
        loc = _written(e["loc"], data, e["type"] == "extra_forbidden")
        if loc in problems:
            # the other members of a union, which each say why the value is none of theirs
            first = problems[loc]
            problems[loc] = replace(first, what=f"{first.what}, or {_sentence(e['msg'])}")
        elif e["type"] == "extra_forbidden":
            names, got = _fields_at(model, e["loc"][:-1]), str(loc[-1])
            expected = "one of " + ", ".join(names) if names else ""
            problems[loc] = document.problem(
                (*at, *loc), "unknown field", got=got, expected=expected, hint=nearest(got, names)
            )
        elif e["type"] == "missing":
            problems[loc] = document.problem((*at, *loc), "missing field", expected=str(loc[-1]))
        else:
            got = e.get("input")
            permitted = re.findall(r"'([^']*)'", str(e.get("ctx", {}).get("expected", "")))
            hint = nearest(got, permitted) if isinstance(got, str) else ""
            problems[loc] = document.problem((*at, *loc), _sentence(e["msg"]), got=_shown(got), hint=hint)
    return sorted(problems.values(), key=lambda p: p.line)


def _sentence(message: str) -> str:
    message = message.removeprefix("Value error, ")
    return message[0].lower() + message[1:]


def _written(loc: Path_, data: Any, last: bool) -> Path_:
    """`loc` without what pydantic adds to it and nobody wrote, the members of unions it tried; `last` is known to be real."""
    out: list[str | int] = []
    for i, part in enumerate(loc):
        if _has(data, part):
            data = data[part]
        elif i < len(loc) - 1 or not (last or isinstance(data, dict)):
            continue
        out.append(part)
    return tuple(out)


def _has(data: Any, part: str | int) -> bool:
    return (isinstance(data, dict) and part in data) or (isinstance(data, list) and isinstance(part, int))


def nearest(got: str, names: Iterable[str]) -> str:
    """`Did you mean X?` for the nearest of `names`, or nothing."""
    import difflib  # half the cost of this module, and only for mistakes

    close = difflib.get_close_matches(got, list(names), n=1, cutoff=0.5)
    return f"Did you mean {close[0]}?" if close else ""


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"


def _fields_at(model: Any, loc: Path_) -> list[str]:
    """Names of the fields that may stand at `loc` below `model`."""
    here: list[Any] = [model]
    for part in loc:
        below: list[Any] = []
        for candidate in here:
            steps_in = isinstance(part, int) or _is_mapping(candidate)
            for one in _unfold(candidate):
                if not (isinstance(one, type) and issubclass(one, BaseModel)):
                    continue
                info = one.model_fields.get(str(part))
                if steps_in or str(part) in _tags(one):
                    below.append(one)
                elif info is not None:
                    below.append(info.annotation)
        here = below or here
    names: list[str] = []
    for candidate in here:
        for one in _unfold(candidate):
            if isinstance(one, type) and issubclass(one, BaseModel):
                names += [name for name in one.model_fields if name != "kind"]  # a stage's kind is its key
    return sorted(set(names))


def _tags(model: type[BaseModel]) -> set[str]:
    """What a discriminated union may call this member: the defaults of its literal fields."""
    return {str(f.default) for f in model.model_fields.values() if get_origin(f.annotation) is Literal}


def _is_mapping(annotation: Any) -> bool:
    origin = getattr(annotation, "__origin__", None)
    return isinstance(origin, type) and issubclass(origin, Mapping)


def _unfold(annotation: Any) -> list[Any]:
    """The classes inside unions, lists, tuples, dictionaries and Annotated."""
    args = get_args(annotation)
    return [x for a in args for x in _unfold(a)] if args else [annotation]
