"""The tables that the set is put together from, read once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from typing import Any

from ...yaml_files import load_yaml
from . import data

__all__ = ["Kind", "Place", "kinds", "names", "places", "rows", "yaml"]


@dataclass(frozen=True, slots=True)
class Kind:
    """What is generated, and as which entity it is labelled."""

    name: str
    entity: str
    weight: float
    checked: bool
    """A check digit makes it certain."""


@dataclass(frozen=True, slots=True)
class Place:
    """A county and what numbers given out there begin with."""

    code: str
    province: str
    city: str
    county: str
    area: str
    plate: str
    post: str


@cache
def rows(name: str) -> tuple[tuple[str, ...], ...]:
    """The rows of `<name>.tsv`, comments left out."""
    lines = files(data.__name__).joinpath(f"{name}.tsv").read_text("utf-8").splitlines()
    return tuple(tuple(line.split("\t")) for line in lines if line and not line.startswith("#"))


@cache
def yaml(name: str) -> dict[str, Any]:
    """What stands in `<name>.yaml`."""
    with as_file(files(data.__name__).joinpath(f"{name}.yaml")) as file:
        return dict(load_yaml(file, shown=file.name).data)


@cache
def names() -> dict[str, tuple[str, ...]]:
    """The lists of names.yaml; what is written as one word there is a list of characters."""
    return {name: tuple(words) for name, words in yaml("names").items()}


@cache
def kinds() -> dict[str, Kind]:
    """All kinds by name."""
    return {
        name: Kind(name, entity, float(weight), check == "checked") for name, entity, weight, check in rows("kinds")
    }


@cache
def places() -> tuple[Place, ...]:
    """Counties all over the country; a city of its own has the city `-`."""
    return tuple(Place(*row) for row in rows("places"))
