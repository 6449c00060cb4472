"""Make a domain: a folder with commented files that validate as they are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from .builtin import builtin_names, find_config
from .config import nearest
from .errors import DomainError, UserError
from .recipe import load_config

__all__ = ["Made", "make_domain"]

NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")


@dataclass(frozen=True)
class Made:
    """What was made: files relative to the domain, the config to run it with, and what the user should know."""

    files: tuple[str, ...]
    config: str
    hint: str = ""


def make_domain(folder: Path, industry: str) -> Made:
    """Make a domain for an industry in a new or empty folder.

    The config is the built-in one of that name; for another name a commented one is put beside the catalog.

    Raises:
        DomainError: the folder is not empty.
        UserError: the name of the industry cannot be one.
    """
    if not NAME.fullmatch(industry):
        raise UserError("not a name", where="--industry", got=industry, expected="small letters, digits, - and _")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise DomainError(
            "is not empty", where=str(folder), expected="a new or an empty folder", fix="Nothing was changed."
        )
    known = builtin_names("configs")
    title = load_config(find_config(industry)).industry.title if industry in known else industry
    names = {"domain.yaml": "domain.yaml", "catalog.yaml": "catalog.yaml", ".gitignore": "gitignore"}
    config, hint = industry, ""
    if industry not in known:
        names[f"{industry}.yaml"] = "config.yaml"
        config = str(folder / f"{industry}.yaml")
        hint = f"no built-in config {industry}; wrote {config}, fill it in. {nearest(industry, known)}".rstrip()
    (folder / "raw").mkdir(parents=True, exist_ok=True)
    name = _name_of(folder)
    templates = files("curate") / "templates"
    for target, template in names.items():
        text = (templates / template).read_text("utf-8")
        text = text.replace("@NAME@", name).replace("@INDUSTRY@", industry).replace("@TITLE@", title)
        (folder / target).write_text(text, "utf-8")
    return Made((*names, "raw/"), config, hint)


def _name_of(folder: Path) -> str:
    name = re.sub(r"[^a-z0-9_-]+", "-", folder.resolve().name.lower()).strip("-_")
    return name or "domain"
