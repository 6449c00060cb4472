"""YAML 1.2 as plain data that knows the line on which each value stands."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from .config import Document, Path_, dotted
from .errors import ConfigError, Problem

__all__ = ["load_yaml", "plain_yaml"]


def load_yaml(file: Path, *, shown: str | None = None) -> Document:
    """Read a YAML 1.2 file; `shown` is the name used in messages.

    Raises:
        ConfigError: the file is missing, is not UTF-8, or is not YAML.
    """
    name = shown or str(file)
    try:
        text = file.read_text("utf-8-sig")
    except FileNotFoundError:
        raise ConfigError([Problem(name, 0, "(file)", "no such file")]) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            [Problem(name, 0, "(file)", "cannot be read", got=type(error).__name__, expected="a text file in UTF-8")]
        ) from None
    lines: dict[Path_, int] = {(): 1}
    return Document(name, _plain(_parse(text, name), name, (), lines), lines)


def plain_yaml(text: str, name: str) -> Any:
    """A value written as YAML, as plain data; `name` is the name used in messages.

    Raises:
        ConfigError: it is not YAML, or holds what configuration does not.
    """
    return _plain(_parse(text, name), name, (), {(): 1})


class _Constructor(RoundTripConstructor):
    """Leaves dates as they are written, so that a wrong one is a mistake of its field."""


_Constructor.add_constructor("tag:yaml.org,2002:timestamp", RoundTripConstructor.construct_scalar)


def _parse(text: str, name: str) -> Any:
    yaml = YAML(typ="rt", pure=True)
    yaml.Constructor = _Constructor
    try:
        return yaml.load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigError([Problem(name, line, "(yaml)", (error.problem or "not valid YAML").strip())]) from None
    except YAMLError:
        raise ConfigError([Problem(name, 1, "(yaml)", "holds a character that YAML forbids")]) from None


def _plain(node: Any, name: str, path: Path_, lines: dict[Path_, int]) -> Any:
    """Plain JSON-able data, noting the line of every key and item on the way."""
    if isinstance(node, CommentedMap) and node.tag.value is None:
        out = {}
        for key, value in node.items():
            at = (*path, str(key))
            # a key that came in by a merge (<<) stands elsewhere: it counts as standing where it is merged
            lines[at] = node.lc.key(key)[0] + 1 if key in (node.lc.data or ()) else lines[path]
            out[str(key)] = _plain(value, name, at, lines)
        return out
    if isinstance(node, CommentedSeq) and node.tag.value is None:
        for i in range(len(node)):
            lines[(*path, i)] = node.lc.item(i)[0] + 1
        return [_plain(value, name, (*path, i), lines) for i, value in enumerate(node)]
    if isinstance(node, bool) or node is None:
        return node
    if isinstance(node, int):
        return int(node)
    if isinstance(node, float):
        return float(node)
    if isinstance(node, str):
        return str(node)
    raise ConfigError(
        [
            Problem(
                name,
                lines[path],
                dotted(path),
                "tagged value",
                expected="text, a number, true, false, a list or a mapping",
            )
        ]
    )
