"""The measured pairs of statutes in shared/data/neardup-dev, and their texts reduced to CJK characters."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from pathlib import Path

NOT_CJK = re.compile("[^㐀-鿿]")


@lru_cache(maxsize=1)
def near_pairs(shared: Path) -> tuple[list[tuple[int, int, float]], list[str]]:
    """Pairs (i, j, exact Jaccard of 5-grams to four places) and the texts they index."""
    lines = (shared / "data/neardup-dev/pairs.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    names = sorted({row[side] for row in rows for side in "ab"})
    place = {name: i for i, name in enumerate(names)}
    texts = [NOT_CJK.sub("", (shared / "data" / name).read_text("utf-8")) for name in names]
    return [(place[row["a"]], place[row["b"]], row["jaccard5"]) for row in rows], texts
