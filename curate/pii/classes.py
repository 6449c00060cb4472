"""How well records hide among each other: k-anonymity and l-diversity of declared quasi-identifiers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import xxhash

__all__ = ["Classes"]


class Classes:
    """Records of one source in classes of equal quasi-identifiers (准标识符), as the dataset shows them.

    Values are held as 128-bit digests: two that differ fall into one class once in 10^38. A field that a record lacks is
    a value of its own.
    """

    def __init__(self, quasi: Sequence[str], sensitive: Sequence[str]) -> None:
        self._quasi, self._sensitive = tuple(quasi), tuple(sensitive)
        self._sizes: dict[bytes, int] = {}
        self._values: dict[bytes, list[set[bytes]]] = {}

    def add(self, metas: Iterable[str | None]) -> None:
        """Take in records by their other fields, JSON objects."""
        for meta in metas:
            fields = json.loads(meta) if meta else {}
            fields = fields if isinstance(fields, dict) else {}
            key = _digest([fields.get(name) for name in self._quasi])
            self._sizes[key] = self._sizes.get(key, 0) + 1
            if self._sensitive:
                seen = self._values.setdefault(key, [set() for _ in self._sensitive])
                for values, name in zip(seen, self._sensitive, strict=True):
                    values.add(_digest(fields.get(name)))

    def told(self, highest: float) -> dict[str, Any]:
        """Counts alone.

        `k` is the smallest class, `unique` are records alone in theirs, `at_risk` those of classes so small that 1 / size
        is over `highest`, `diversity` the least number of values of each sensitive field in a class.
        """
        sizes = list(self._sizes.values())
        return {
            "rows": sum(sizes),
            "classes": len(sizes),
            "k": min(sizes, default=0),
            "unique": sum(size for size in sizes if size == 1),
            "at_risk": sum(size for size in sizes if size * highest < 1),
            "diversity": {
                name: min((len(seen[i]) for seen in self._values.values()), default=0)
                for i, name in enumerate(self._sensitive)
            },
        }


def _digest(value: Any) -> bytes:
    plain = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return xxhash.xxh3_128_digest(plain.encode("utf-8", "surrogatepass"))
