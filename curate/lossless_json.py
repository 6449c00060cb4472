"""JSON by orjson, except that no whole number loses digits and nothing comes out that cannot be written again."""

from __future__ import annotations

import json
from typing import Any

import orjson

__all__ = ["parse"]

_DEPTH = 250  # levels; orjson reads 1024 and writes 254
_LEAST, _MOST = -(1 << 63), (1 << 64) - 1
_DIGITS = len(str(_MOST))


def parse(data: bytes | str) -> Any:
    """The value of a JSON text; whole numbers of more than 64 bits, which JSON has no type for here, as strings of digits.

    Raises:
        json.JSONDecodeError: it is no JSON, or nested in more than 250 levels.
    """
    value = orjson.loads(data)
    if _has_cut(value, _DEPTH):
        return json.loads(data, parse_int=_whole)
    return value


def _has_cut(value: Any, left: int) -> bool:
    """Whether a number in it may be a whole one that orjson, for lack of bits, made a float."""
    kind = type(value)
    if kind is float:
        return bool(abs(value) >= _MOST >> 1)
    if kind is not dict and kind is not list:
        return False
    if left == 0:
        raise json.JSONDecodeError("nested too deep", "", 0)
    found = False
    for part in value.values() if kind is dict else value:
        found |= _has_cut(part, left - 1)
    return found


def _whole(digits: str) -> int | str:
    if len(digits) > _DIGITS:
        return digits
    number = int(digits)
    return number if _LEAST <= number <= _MOST else digits
