"""Reading the tables in `data/`: tab-separated, the first line a comment with source and date."""

from __future__ import annotations

from importlib.resources import files

__all__ = ["points", "rows"]


def rows(name: str) -> list[list[str]]:
    """The fields of every line of table `name` that is not a comment."""
    text = (files(__package__) / "data" / name).read_text("utf-8")
    return [line.split("\t") for line in text.splitlines() if not line.startswith("#")]


def points(field: str) -> slice:
    """The code points of `0020` or `2000-200A` as a slice of a table."""
    first, _, last = field.partition("-")
    return slice(int(first, 16), int(last or first, 16) + 1)
