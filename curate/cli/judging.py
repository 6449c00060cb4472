"""Tell by name and content what a file is, and find all its mistakes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..catalog import load_catalog, read_catalog, read_domain, source_files
from ..errors import ConfigError, DomainError, Problem
from ..industry import load_industries
from ..pii.places import clean, clean_problems
from ..recipe import load_recipe, resolve
from ..yaml_files import load_yaml

__all__ = ["Verdict", "judge"]


@dataclass(frozen=True)
class Verdict:
    """What one file was taken for, and what is wrong with it."""

    file: str
    kind: str
    problems: tuple[Problem, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain data, for JSON."""
        problems = clean_problems(self.problems)
        return {"file": clean([self.file])[0], "kind": self.kind, "problems": [vars(p) for p in problems]}


def _read_industry(file: Path) -> object:
    return load_industries([str(file)])


READ: dict[str, Callable[[Path], object]] = {
    "domain": read_domain,
    "catalog": read_catalog,
    "recipe": load_recipe,
    "config": resolve,
    "industry": _read_industry,
}
"""What reads each kind of file, and reports its mistakes."""

NAMES = {"domain.yaml": "domain", "catalog.yaml": "catalog"}
FIELDS = {"sources": "catalog", "stages": "recipe", "recipe": "config", "holder": "domain", "industry": "industry"}
"""The field by which a file is known, where its name says nothing."""


def judge(path: Path) -> list[Verdict]:
    """The verdict on one file; on a folder, those on the domain in it and on the files that its catalog names."""
    if path.is_dir():
        return [_read(path / "domain.yaml", "domain"), _read_catalog(path)]
    kind = NAMES.get(path.name)
    if kind is None:
        try:
            data = load_yaml(path).data
        except ConfigError as error:
            return [Verdict(str(path), "file", tuple(error.problems))]
        fields = data if isinstance(data, dict) else {}
        kind = next((FIELDS[field] for field in FIELDS if field in fields), None)
    if kind is None:
        expected = "a recipe (with stages), a config (recipe), an industry (industry), a catalog (sources) or a domain (holder)"
        return [
            Verdict(str(path), "file", (Problem(str(path), 1, "(top)", "cannot tell what this is", expected=expected),))
        ]
    return [_read(path, kind)]


def _read(path: Path, kind: str) -> Verdict:
    try:
        READ[kind](path)
    except ConfigError as error:
        return Verdict(str(path), kind, tuple(error.problems))
    return Verdict(str(path), kind, ())


def _read_catalog(folder: Path) -> Verdict:
    verdict = _read(folder / "catalog.yaml", "catalog")
    if verdict.problems:
        return verdict
    try:
        source_files(folder, load_catalog(folder))
    except DomainError as error:
        problem = Problem(
            verdict.file,
            1,
            error.where.removeprefix("catalog.yaml, "),
            error.what,
            error.got,
            error.expected,
            error.fix,
        )
        return Verdict(verdict.file, "catalog", (problem,))
    return verdict
