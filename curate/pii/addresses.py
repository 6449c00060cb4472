"""Addresses (地址) in running text: those that say where a person lives, not names of cities, offices or laws.

An address is found by its detail: street or village with a number, estate with a building or a room, a chain of region, town
and village, or less where a word announces it or a person stands near. The search is for the detail; from there the parts are
read to the left, by their suffixes, the regions of GB/T 2260 and what the network takes for a place, and to the right.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

from . import data
from .address_english import in_english
from .address_parts import NUMBER, PLACE, REACH, Parts, Seen, leftwards, name_before, rightwards
from .address_parts import UNIT as PART
from .address_regions import names, parents, region_at
from .address_words import longest_first, words
from .names.network import weights
from .normal import MAP
from .rules import Hit, labels

__all__ = ["AddressFinder", "addresses_in", "generalised"]

NEAR: Final = 40
"""Characters between an address and a person within which less detail is enough."""

SCORES: Final = {"announced": 0.95, "placed": 0.9, "near": 0.8, "plain": 0.7, "village": 0.6}
"""How sure a find is: a word announces it, it names a region, a person stands near, none of these; a village has no number."""

HAN: Final = 0x3400

_DIGIT = "0-9A-Z一二三四五六七八九十百零〇"
UNIT: Final = re.compile(
    rf"[号栋幢座单室房户弄楼层组社队村屯](?:(?<=[{_DIGIT}a-z东南西北甲乙丙丁].)|(?<=[{_DIGIT}] .))"
)
"""The unit behind a number: 12号, 3 栋."""
NUMBER_END: Final = re.compile(rf"(?:附|第)?(?:{NUMBER}|[A-Za-z东南西北甲乙丙丁])[ ]?\Z")
SURE: Final = frozenset({"building", "entrance", "room"})
"""Units of houses people live in: two of them are detail enough."""
UNSUFFIXED: Final = re.compile(rf"[\u4e00-\u9fff·]{{2,10}}?(?={NUMBER}(?:栋|幢|座|号|单元|室))")
"""An estate whose name has no suffix, up to its first number."""
TOWN: Final = re.compile("[镇乡道](?=[\u4e00-\u9fff]{1,6}(?:村|社区|路|街))")
"""A township before the name of a village or a street."""
END: Final = re.compile(r"[ \t]{0,3}(?:[,。;、.()|\n\"'<]|$)")
BEHIND_LEAD: Final = re.compile(
    r"(?:\([^()\n]{0,12}\)|栏)?[ \t\"'*\])}|]{0,4}(?P<mark>(?:[:=>|]|为|是|在|于|系)?)[ \t\"'*|\[(]{0,6}\n?[ \t]{0,4}"
)
"""What may stand between a lead word and the address."""


@cache
def _map() -> npt.NDArray[np.uint16]:
    """What each UTF-16 unit becomes: traditional characters simplified ones, full-width ones ASCII."""
    fold = np.load(weights("tables.npz"))["fold"]
    # of what the network folds, only Han: its 、 is a comma
    return np.where(fold >= HAN, fold, MAP)


def folded(text: str) -> str:
    """`text` in simplified characters and plain ASCII, of the same length."""
    if text.isascii():
        return text
    units = np.frombuffer(text.encode("utf-16-le", "surrogatepass"), np.uint16)
    return _map()[units].tobytes().decode("utf-16-le", "surrogatepass")


class AddressFinder:
    """Finds addresses; one object serves any number of texts, which do not influence each other."""

    def __init__(self) -> None:
        known = words()
        suffixes = "".join(sorted({suffix[-1] for suffix in known.kind}))
        self._bare = re.compile(rf"[{suffixes}](?=[ ]?[-#]?[A-Z]?[0-9]|[一二三四五六七八九十]{{1,3}}[-#][0-9])")
        self._lead = re.compile(f"(?:{longest_first(known.of['lead'] + known.of['lead_weak'])})")
        self._labels = frozenset(known.of["lead"])
        self._soft = frozenset(known.of["soft"] + known.of["public"])
        _map()
        names()

    def find_many(
        self,
        texts: Sequence[str],
        locs: Sequence[npt.NDArray[np.float32] | None] | None = None,
        persons: Sequence[Sequence[Hit]] | None = None,
    ) -> list[list[Hit]]:
        """The addresses of each text, by position, none overlapping another."""
        return [
            self.find(text, locs[n] if locs else None, persons[n] if persons else ()) for n, text in enumerate(texts)
        ]

    def find(self, text: str, loc: npt.NDArray[np.float32] | None = None, persons: Sequence[Hit] = ()) -> list[Hit]:
        """The addresses of a text.

        Args:
            text: Any text.
            loc: float32[len(text)], how likely each character is part of a place's name.
            persons: Names of persons found in it.
        """
        plain = folded(text)
        hits: list[Hit] = []
        done = 0
        place = b"" if loc is None else (loc >= PLACE).tobytes()
        seen = Seen(place, frozenset(person.end for person in persons))
        persons = sorted(persons, key=lambda hit: hit.start)
        firsts = [person.start for person in persons]
        failed = 0
        for at, lead, numbered in self._starts(plain, persons):
            if at < done or (at < failed and not numbered):
                continue
            if lead:
                found = self._announced(plain, at, lead, seen)
            else:
                found, failed = self._detailed(plain, at, done, seen, persons, firsts)
            if found:
                hits.append(found)
                done = found.end
        english = [Hit("ADDRESS", start, end, SCORES["plain"]) for start, end in in_english(plain)]
        if not english:
            return hits
        starts = [hit.start for hit in hits]
        free = [hit for hit in english if not _touching(hits, starts, hit.start, hit.end)]
        return sorted(hits + free, key=lambda hit: hit.start)

    def _starts(self, text: str, persons: Sequence[Hit]) -> list[tuple[int, str, bool]]:
        """Where an address may have its first number or, without one, its last part, and where a word announces one.

        Each is a place, the word, and whether it is worth trying where a part without number failed.
        """
        out: list[tuple[int, str, bool]] = []
        for unit in UNIT.finditer(text):
            low = max(0, unit.start() - 14)
            number = NUMBER_END.search(text[low : unit.start()])
            if number and text[unit.start() : unit.start() + 2] not in words().of["not_unit"]:
                out.append((low + number.start(), "", True))
        out += ((bare.end(), "", True) for bare in self._bare.finditer(text))
        for town in TOWN.finditer(text):
            end = max(
                text.find(suffix, town.end(), town.end() + 8) + len(suffix) for suffix in ("村", "社区", "路", "街")
            )
            out.append((end, "", False))
        out += ((lead.end(), lead[0], True) for lead in self._lead.finditer(text))
        for person in persons:
            for near in _NAMED.finditer(text, max(0, person.start - NEAR), person.end + NEAR):
                out.append((near.end(), "", False))
        return sorted(set(out))

    def _announced(self, text: str, at: int, lead: str, seen: Seen) -> Hit | None:
        """The address that stands behind a lead word."""
        label = lead in self._labels
        behind = BEHIND_LEAD.match(text, at)
        start = behind.end() if behind else at
        parts = Parts(start, start)
        rightwards(text, parts, False)
        if parts.end == start or not (parts.kinds or parts.regions):
            limit = min(len(text), start + REACH)
            # an estate's name without a suffix, up to its first number
            number = UNSUFFIXED.match(text, start, limit)
            if number is None or name_before(text, number.end(), start, seen) > start:
                return None
            parts = Parts(start, number.end(), {"compound"})
            rightwards(text, parts, True)
            if not label and not set(parts.units) & SURE:
                return None
        deep = bool(parts.units or parts.kinds) and bool(parts.regions or parts.units)
        county = any(region.county for region in parts.regions) or len(parts.regions) > 2
        marked = bool(behind and behind["mark"] and behind["mark"] in ":=>|")
        closed = END.match(text, parts.end) is not None
        if label and (deep or ((marked or closed) and (closed or county) and (parts.regions or parts.kinds))):
            return Hit("ADDRESS", start, min(parts.end, len(text)), SCORES["announced"], 1)
        if not label and ((parts.units and (parts.kinds or parts.regions)) or (deep and not self._public(parts))):
            return Hit("ADDRESS", start, min(parts.end, len(text)), SCORES["announced"], 1)
        return None

    def _public(self, parts: Parts) -> bool:
        return bool(parts.suffixes) and parts.suffixes <= self._soft

    def _detailed(
        self, text: str, at: int, done: int, seen: Seen, persons: Sequence[Hit], starts: Sequence[int]
    ) -> tuple[Hit | None, int]:
        """The address around the number at `at`, and how far its parts were read."""
        floor = max(done, at - REACH)
        parts = leftwards(text, at, floor, seen)
        named = bool(parts.kinds or parts.regions)
        if not named and not PART.match(text, at):
            return None, at
        rightwards(text, parts, bool(parts.kinds))
        units = set(parts.units)
        if not named:
            if len(units & SURE) < 2:
                return None, parts.end
            parts.start = name_before(text, at, floor, seen)
        near = _touching(persons, starts, parts.start - NEAR, parts.end + NEAR)
        placed = any(region.whole for region in parts.regions) or len(parts.regions) > 1
        if not self._enough(text, parts, units, near, placed, seen):
            return None, parts.end
        by = "village" if not units else "placed" if placed else "near" if near else "plain"
        return Hit("ADDRESS", parts.start, min(parts.end, len(text)), SCORES[by]), parts.end

    def _enough(self, text: str, parts: Parts, units: set[str], near: bool, placed: bool, seen: Seen) -> bool:
        """Whether it has the detail of an address."""
        kinds = parts.kinds
        if not units:
            before = text[max(0, parts.start - 4) : parts.start]
            sight = before.endswith(words().of["landmark"])
            if near and "compound" in kinds and any(len(suffix) > 1 for suffix in parts.suffixes):
                return placed or before.endswith("住") or b"\1" in seen.place[parts.start : parts.end]
            return (near or (placed and not sight)) and "village" in kinds and ("town" in kinds or placed)
        if len(units & SURE) > 1:
            return True
        if not kinds:
            return near and placed
        if self._public(parts) and not (placed or near or len(parts.units) > 1):
            return False
        if units == {"bare"}:
            return ((placed or near) and (kinds != {"area"})) or ("compound" in kinds and len(parts.units) > 1)
        if "road" in kinds:
            return bool(units & {"house", "building", "entrance", "room"})
        if "village" in kinds:
            return bool(units & {"group", "house", "building", "entrance", "room"})
        if "compound" in kinds:
            return bool(units & (SURE | {"house"}))
        return (placed or near) and bool(units & (SURE | {"house"})) and kinds != {"area"}


_NAMED: Final = re.compile("(?:小区|花园|家园|公寓|新村|社区|家属院|宿舍|村)(?![\u4e00-\u9fff]?[民委])")


def _touching(hits: Sequence[Hit], starts: Sequence[int], start: int, end: int) -> bool:
    """Whether one of `hits`, by position and apart from each other, shares a character with [start, end)."""
    before = bisect_left(starts, end)
    return before > 0 and hits[before - 1].end > start


@cache
def _finder() -> AddressFinder:
    return AddressFinder()


def addresses_in(text: str, loc: npt.NDArray[np.float32] | None = None, persons: Sequence[Hit] = ()) -> list[Hit]:
    """The addresses of one text; see `AddressFinder.find`."""
    return _finder().find(text, loc, persons)


def generalised(address: str) -> str:
    """An address without its detail: `贵州省遵义市<地址>`; the county where neither province nor prefecture is known."""
    text = folded(address)
    codes: tuple[str, ...] = ()
    written = ""
    at = 0
    while at < min(len(text), REACH):
        region = region_at(text, at, codes)
        if region is None:
            if codes:
                break
            at += 1
            continue
        fitting = tuple(
            c for c in region.codes if not codes or any(a in codes or a == b for a in parents(c) for b in codes)
        )
        if fitting or not codes:
            codes, written = fitting or region.codes, text[region.start : region.end]
        at = region.end
    label = f"<{labels()['ADDRESS']}>"
    if not codes:
        return label
    if len(codes) > 1:
        return f"{written}{label}"
    return "".join(_names_above(codes[0])) + label


def _names_above(code: str) -> list[str]:
    """Names of the province and the prefecture of a region, or its own where it has none."""
    by_code = _by_code()
    chain = [*parents(code), code][:2]
    out = [by_code[c] for c in chain if c in by_code]
    if len(out) < 2 and code in by_code and by_code[code] not in out:
        out.append(by_code[code])
    return list(dict.fromkeys(out))


@cache
def _by_code() -> dict[str, str]:
    """The name of each region today."""
    out: dict[str, str] = {}
    for code, name, *_note in data.rows("regions"):
        out.setdefault(code, name)
    return out
