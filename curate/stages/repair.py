"""Repair: what conversion, scanning, page layout and other people did to a text before it came here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from ..config import Strict
from ..records import REPAIRS, mark, set_column, text_buffers
from .repairs.escapes import decode_escapes, remove_soft_hyphens
from .repairs.layout import close_spaces, join_lines
from .repairs.mojibake import mend_mojibake
from .repairs.pinyin import remove_glosses
from .repairs.simplify import simplifier
from .repairs.web import (
    cut_keywords,
    cut_links,
    furniture_pairs,
    keyword_pairs,
    link_pairs,
    remove_furniture,
)
from .tables import points, rows

__all__ = ["Repair"]

STEPS: tuple[tuple[str, Callable[[str], tuple[str, int]]], ...] = (
    ("escapes", decode_escapes),
    ("soft_hyphens", remove_soft_hyphens),
    ("glosses", remove_glosses),
    ("spaces", close_spaces),
    ("furniture", remove_furniture),
    ("links", cut_links),
    ("lines", join_lines),
)
"""The repairs that stand alone, in their order; mojibake goes before them, keywords between spaces and furniture."""

KINDS = ("mojibake", "mojibake_left", *(name for name, _ in STEPS), "hijacked", "simplified")


class Repair(Strict):
    """Undoes damage that can be told with certainty, each kind under a switch of its own and counted in `repairs`.

    It goes before normalise, and leaves what is only in doubt. Repairs are repeated until nothing changes, so that what was
    encoded twice is decoded twice and a text repaired once is not changed again. Dropped is `hijacked`: a record of which
    keywords were at least the share `hijacked_share` (the value).
    """

    kind: Literal["repair"] = "repair"
    mojibake: bool = True
    """Text read in a wrong encoding (乱码), where that lost nothing; what is left is counted as `mojibake_left`."""
    escapes: bool = True
    """Entities and escapes outside code: `&amp;`, `\\u4e2d\\u6587`, `%E4%B8%AD`."""
    soft_hyphens: bool = True
    """U+00AD."""
    glosses: bool = True
    """Pinyin in brackets behind characters, put there by converters."""
    spaces: bool = True
    """Single spaces between the Han characters of scanned text."""
    lines: bool = True
    """Line feeds that a page's layout put into sentences."""
    furniture: bool = True
    """Lines of a web page that are not its text: `data/repair_furniture.tsv`."""
    links: bool = True
    """Lists of links behind the text: `data/repair_links.tsv`."""
    hijacked: bool = True
    """Runs of advertising keywords put into a page by others: `data/repair_spam.tsv`."""
    hijacked_share: float = Field(0.5, gt=0, le=1)
    """Share of a record's visible characters in such runs from which it is dropped."""
    simplify: bool = False
    """Traditional sentences to simplified ones by OpenCC; `script` says that the text was traditional."""

    version: ClassVar[int] = 1
    adds: ClassVar[Mapping[str, pa.DataType]] = {"repairs": REPAIRS, "script": pa.string()}
    reasons: ClassVar[tuple[str, ...]] = ("hijacked",)

    def open(self, root: Path = Path()) -> Callable[[pa.RecordBatch], pa.RecordBatch]:  # noqa: ARG002
        """A function that repairs `text` and adds `repairs`, and `script`, null but where it simplified."""
        from ..kernels.suspects import FLAGS, pairs, suspects

        table = _bits()
        keys, kinds = pairs(_pairs(FLAGS))
        wanted = sum(bit for name, bit in FLAGS.items() if getattr(self, name))
        named = [{name for name, bit in FLAGS.items() if bit & flags} for flags in range(2 * max(FLAGS.values()))]
        simplify = simplifier() if self.simplify else None

        def look(text: str) -> set[str]:
            found = suspects(*text_buffers(pa.array([text], pa.string())), table, keys, kinds)
            return named[int(found[0]) & wanted]

        def repair(batch: pa.RecordBatch) -> pa.RecordBatch:
            n = batch.num_rows
            text = batch.column("text")
            data, offsets = text_buffers(text)
            flags = suspects(data, offsets, table, keys, kinds) & np.uint16(wanted)
            at = np.arange(n) if simplify else np.flatnonzero(flags)
            reasons: list[str | None] = [None] * n
            values: list[float | None] = [None] * n
            thresholds: list[float | None] = [None] * n
            scripts: list[str | None] = [None] * n
            done: list[tuple[str, int]] = []
            sizes = np.zeros(n + 1, np.int32)
            new, changed = [], np.zeros(n, bool)
            for row, old in zip(at.tolist(), text.take(pa.array(at)).to_pylist(), strict=True):
                counts: Counter[str] = Counter()
                fixed, share = self._repaired(old, counts, look) if flags[row] else (old, 0.0)
                if simplify:
                    fixed, counts["simplified"] = simplify(fixed)
                    scripts[row] = "Hant" if counts["simplified"] else None
                found = [(kind, counts[kind]) for kind in KINDS if counts[kind]]
                done += found
                sizes[row + 1] = len(found)
                if share >= self.hijacked_share:
                    reasons[row], values[row], thresholds[row] = "hijacked", share, self.hijacked_share
                if fixed != old:
                    changed[row] = True
                    new.append(fixed)
            if new:
                text = pc.replace_with_mask(text, pa.array(changed), pa.array(new, pa.string()))
                batch = set_column(batch, "text", text)
            batch = set_column(batch, "repairs", _listed(done, np.cumsum(sizes, dtype=np.int32)))
            batch = set_column(batch, "script", pa.array(scripts, pa.string()))
            return mark(batch, reasons, values=values, thresholds=thresholds)

        return repair

    def _repaired(self, text: str, counts: Counter[str], look: Callable[[str], set[str]]) -> tuple[str, float]:
        """The text repaired, what was done added to `counts`, and the share of it that was keywords.

        What `look` suspects is tried, again and again until nothing changes.
        """
        original, keywords = text, 0
        before = None
        while text != before:  # every repair takes characters away, so this ends
            before, tried = text, look(text)
            if "mojibake" in tried:
                text, mended, counts["mojibake_left"] = mend_mojibake(text)
                counts["mojibake"] += mended
            for name, step in STEPS:
                if name == "furniture" and "hijacked" in tried:
                    text, runs, characters = cut_keywords(text)
                    counts["hijacked"] += runs
                    keywords += characters
                if name in tried:
                    text, count = step(text)
                    counts[name] += count
        visible = sum(map(len, original.split())) if keywords else 1
        return text, min(keywords / visible, 1.0)


def _listed(done: list[tuple[str, int]], ends: npt.NDArray[np.int32]) -> pa.Array:
    """The repairs of all rows, those of row i between `ends[i]` and `ends[i + 1]`."""
    kinds, counts = pa.array([k for k, _ in done], pa.string()), pa.array([c for _, c in done], pa.int32())
    made = pa.StructArray.from_arrays([kinds, counts], fields=list(REPAIRS.value_type))
    return pa.ListArray.from_arrays(pa.array(ends), made, type=REPAIRS)


def _bits() -> npt.NDArray[np.uint16]:
    """The table of bits that the kernel reads."""
    from ..kernels.suspects import BITS, FLAGS
    from ..kernels.utf8 import CODE_POINTS

    table = np.zeros(CODE_POINTS, np.uint16)
    for field, name in rows("classes.tsv"):
        if name == "han":
            table[points(field)] |= BITS["han"]
    for field, name, _ in rows("mojibake.tsv"):
        if name in ("strong", "weak"):
            table[points(field)] |= BITS[name]
        elif name == "tone":
            table[points(field)] |= BITS["letter"]
    for (characters,) in rows("mojibake_han.tsv"):
        table[[ord(c) for c in characters]] |= BITS["strong"]
    table[0x61:0x7B] |= BITS["letter"]
    signs = {" ": "space", "\n": "feed", "\r": "skipped", "\xad": "soft", ":": "letter", "ü": "letter"}
    signs |= {"(": "open", "（": "open", ")": "close", "）": "close", "&": "escape", "\\": "escape", "%": "escape"}
    for character, name in signs.items():
        table[ord(character)] |= BITS[name]
    for a, b in _pairs(FLAGS):
        table[a] |= BITS["first"]
        table[b] |= BITS["second"]
    return table


def _pairs(flags: Mapping[str, int]) -> dict[tuple[int, int], int]:
    """The pairs of code points that the kernel looks for, and what each stands for."""
    from ..kernels.suspects import ANYWHERE

    furniture, tails = furniture_pairs()
    found: Counter[tuple[int, int]] = Counter()
    for flag, pairs in (
        (flags["furniture"], furniture),
        (ANYWHERE, tails),
        (flags["links"], link_pairs()),
        (flags["hijacked"], keyword_pairs()),
    ):
        for pair in set(pairs):
            found[pair] |= flag
    return dict(found)
