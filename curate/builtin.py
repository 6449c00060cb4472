"""The configs and recipes that ship with the package, and files found by name or path."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Literal

from .config import nearest
from .errors import ConfigError, Problem

__all__ = ["builtin_names", "find", "find_config", "shown"]

Folder = Literal["configs", "pipelines"]


def builtin_names(folder: Folder) -> list[str]:
    """Names of the configs or recipes that ship with the package."""
    return sorted(p.stem for p in _builtin(folder).glob("*.yaml"))


def _builtin(folder: str) -> Path:
    """The folder inside an installed wheel, or beside the package in a checkout."""
    inside = Path(str(files("curate"))) / folder
    return inside if inside.is_dir() else inside.parent.parent / folder


def find_config(name_or_path: str) -> Path:
    """A config by path, or a built-in one by name.

    Raises:
        ConfigError: there is neither.
    """
    return find(name_or_path, "configs", Path())


def find(name_or_path: str, folder: Folder, beside: Path) -> Path:
    """A config or recipe by its path from `beside`, or a built-in one by name.

    Raises:
        ConfigError: there is neither.
    """
    if name_or_path.endswith((".yaml", ".yml")) or "/" in name_or_path:
        if not (beside / name_or_path).is_file():
            raise ConfigError([Problem(name_or_path, 0, "(file)", "no such file")])
        return beside / name_or_path
    built_in = _builtin(folder) / f"{name_or_path}.yaml"
    if built_in.is_file():
        return built_in
    names = builtin_names(folder)
    raise ConfigError(
        [
            Problem(
                name_or_path,
                0,
                "(file)",
                f"no built-in {folder[:-1]} of this name",
                expected="a path ending in .yaml, or one of " + ", ".join(names),
                hint=nearest(name_or_path, names),
            )
        ]
    )


def shown(file: Path) -> str:
    """The path as a user would type it: relative where it is below the current folder; of what is built in, its name."""
    whole, here = file.resolve(), Path.cwd()
    if whole.is_relative_to(here):
        return str(whole.relative_to(here))
    built_in = [folder for folder in ("configs", "pipelines") if whole.parent == _builtin(folder).resolve()]
    return f"built-in {built_in[0]}/{whole.name}" if built_in else str(file)
