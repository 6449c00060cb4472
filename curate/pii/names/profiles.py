"""The profiles of the search for names, from the fastest to the one that misses least."""

from __future__ import annotations

from functools import cache
from importlib.resources import as_file, files
from typing import Literal

from pydantic import Field

from ...config import Strict, validate
from ...yaml_files import load_yaml
from . import data

__all__ = ["Name", "Profile", "profile"]

Name = Literal["fast", "balanced", "recall"]


class Profile(Strict):
    """A row of data/profiles.yaml, which explains the fields."""

    name: Name
    cascade: bool
    low: float = Field(gt=0, lt=1)
    peak: float = Field(gt=0, lt=1)
    single: float = Field(gt=0, le=1)
    edge: float = Field(ge=0, lt=1)
    latin: float = Field(gt=0, le=1)
    propagate: float = Field(gt=0, le=1)


class Profiles(Strict):
    """data/profiles.yaml."""

    profiles: tuple[Profile, ...]


def profile(name: Name) -> Profile:
    """The profile called `name`."""
    return _profiles()[name]


@cache
def _profiles() -> dict[str, Profile]:
    with as_file(files(data.__name__).joinpath("profiles.yaml")) as file:
        return {row.name: row for row in validate(Profiles, load_yaml(file, shown="profiles.yaml")).profiles}
