"""Weights and tables of the names package; the tables are tab-separated, first line a comment with source and date."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

__all__ = ["rows"]


@cache
def rows(name: str) -> tuple[tuple[str, ...], ...]:
    """The rows of `<name>.tsv`, comments and empty lines left out."""
    lines = files(__name__).joinpath(f"{name}.tsv").read_text("utf-8").splitlines()
    return tuple(tuple(line.split("\t")) for line in lines if line and not line.startswith("#"))
