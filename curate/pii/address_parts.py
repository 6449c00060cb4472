"""The parts of an address, read to the left of a number and to the right of a start, in folded text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from .address_regions import Region, region_at, region_before
from .address_words import is_han, stops, suffix_before, words

__all__ = ["NUMBER", "PLACE", "REACH", "UNIT", "Parts", "Seen", "leftwards", "name_before", "rightwards"]

NUMBER: Final = r"(?:[甲乙丙丁]|[A-Za-z]-?)?(?:[0-9]{1,5}|[一二三四五六七八九十百零〇两]{1,5})(?:[-—/#&][0-9A-Za-z]{1,4}){0,3}[A-Za-z]?"
UNITS: Final = {
    "building": ("号楼", "号院", "栋", "幢", "座", "号库", "号公寓", "号宿舍"),
    "entrance": ("号单元", "单元", "梯", "门"),
    "floor": ("楼", "层", "F"),
    "room": ("号房", "室", "房", "户"),
    "group": ("村民小组", "村民组", "小组", "组", "社", "队", "屯", "村"),
    "house": ("支弄", "号", "弄", "巷"),
    "block": ("里", "段", "排", "邻", "期", "区", "街坊"),
}
UNIT_OF: Final = {unit: kind for kind, units in UNITS.items() for unit in units}
_UNIT = "|".join(sorted(UNIT_OF, key=len, reverse=True))
UNIT: Final = re.compile(
    rf"[ \t]{{0,2}}\n?[ \t]{{0,2}}(?:附|之|第|负|地下|B(?=[0-9]))?(?:{NUMBER}|[A-Za-z东南西北甲乙丙丁](?=[座栋幢区室单]))[ \t]{{0,2}}\n?(?P<unit>{_UNIT})"
    r"(?:之(?:[0-9]{1,3}|[一二三四五六七八九十]{1,2}))?"
)
"""附3号, 12栋, A座, 三单元, 5 号楼."""
BARE: Final = re.compile(
    r"(?:[ \t]{0,2}|[ ]?\n(?=[0-9]{1,3}[-#][0-9]))(?:[-—#][ ]?)?(?:[A-Za-z]-?)?(?:[0-9]{1,5}|[一二三四五六七八九十]{1,3}(?=[-#][0-9]))(?:[ ]?[-—/#][ ]?[0-9A-Za-z]{1,5}){0,4}[A-Za-z]?"
    r"(?![0-9A-Za-z.%°℃:]|[号栋幢座层楼室井组队期线年月日元米个人名万亿岁吨多余时分秒度公千百条次台天家路])"
)
"""501, 3-2-501, #12, with nothing behind that says it is a quantity."""
BRACKETS: Final = re.compile(r"[ ]?\((?![^()\n]{0,4}邮)[^()\n]{0,20}?(?:号|路|室|楼|旁|口|面|侧|[0-9])\)")
"""What a bracket behind an address adds to it; a postcode is found by itself."""
SECTION: Final = re.compile(r"(?<=[道路街巷])(?:[东南西北中上下前后]|[一二三四五六七八九十]{1,2}|[0-9]{1,2})段\Z")
AFTER_STREET: Final = re.compile(r"(?<=[道路街巷])(?:[东南西北中上下前后]|[一二三四五六七八九十]{1,2}|[0-9]{1,2})段")
"""The section of a street: 大道中段, 路一段."""
GAP: Final = re.compile(r"[ \t]{0,3}\n?[ \t]{0,3}")
SIDES: Final = frozenset("东南西北中上下前后一二三四五六七八九十")
"""Of which alone no name is made: 西路, 二路."""
LETTERED: Final = frozenset({"区", "期", "条", "国道", "省道", "县道", "乡道"})
"""Suffixes before which a letter or a number may be the name: A区, 318国道."""
MILD: Final = frozenset("和为等")
"""Stops that right behind another part are the beginning of a name."""
LIMIT: Final = 8
"""Characters of the name of a street, village or estate."""
LIKELY: Final = 4
"""Of these, those taken where nothing says where the name begins."""
UNITS_ALONE: Final = 4
"""Numbers read in a row before there is a part with a name."""
PARTS: Final = 9
"""Parts before the first number."""
REACH: Final = 90
"""Characters of an address on either side of its first number."""
PLACE: Final = 0.5
"""The network's probability from which a character is held to be of a place."""


class Seen(NamedTuple):
    """What is known of a text beforehand: one byte a character, 1 where the network sees a place, and where persons' names end."""

    place: bytes = b""
    ends: frozenset[int] = frozenset()


@dataclass(slots=True)
class Parts:
    """What an address holds: the kinds of its parts, their suffixes, its units and the codes of its regions."""

    start: int
    end: int
    kinds: set[str] = field(default_factory=set)
    suffixes: set[str] = field(default_factory=set)
    units: list[str] = field(default_factory=list)
    regions: list[Region] = field(default_factory=list)

    def add(self, suffix: str) -> None:
        """Notes a part that ends with `suffix`."""
        self.kinds.add(words().kind[suffix])
        self.suffixes.add(suffix)


def region_left(text: str, end: int) -> Region | None:
    """The region named right before `end`; a short form only where a word ends before it: not 镇江 in 德兴镇江林社区."""
    found = region_before(text, end)
    if found is None or found.whole or found.start == 0 or not is_han(text[found.start - 1]):
        return found
    return found if stops(text, found.start) or region_before(text, found.start) else None


def _stopped(text: str, at: int, end: int) -> bool:
    """Whether a stop ends at `at` that is no part of the name: 镇|和康村, 岭和西路."""
    if not stops(text, at) or all(character in SIDES for character in text[at:end]):
        return False
    return (at > 1 and is_han(text[at - 2]) and not _part_ends(text, at - 1, end)) or text[at - 1] not in MILD


def name_before(text: str, end: int, floor: int, seen: Seen) -> int:
    """Where the name begins that ends at `end`; `end` if there is none."""
    at = end
    coded = False
    while at > floor and end - at < LIMIT:
        last = text[at - 1]
        if last == "\n" and end - at < 2 and at - 2 >= floor and is_han(text[at - 2]):
            at -= 1
            continue
        if last.isascii() and last.isalnum() and (at == end or coded):
            coded = True
        elif coded or not (is_han(last) or last == "·"):
            break
        if text[at:end].strip() and (_part_ends(text, at, end) or _stopped(text, at, end)):
            break
        if at in seen.ends and end - at > 1:
            break
        at -= 1
    else:
        if at > floor and is_han(text[at - 1]):
            likely = end - LIKELY
            while likely > at and seen.place[likely - 1 : likely] == b"\1":
                likely -= 1
            at = likely
    return at + 1 if at < end and text[at] == "\n" else at


def _part_ends(text: str, at: int, end: int) -> bool:
    """Whether a region ends at `at`, or another part that leaves a name of two characters."""
    region = region_left(text, at)
    if region and (region.whole or not all(character in SIDES for character in text[at:end])):
        return True
    suffix = suffix_before(text, at) if end - at > 1 else None
    return (
        suffix is not None and words().kind[suffix] in ("town", "village", "road") and suffix not in words().of["soft"]
    )


def leftwards(text: str, at: int, floor: int, seen: Seen) -> Parts:
    """The parts that end at `at`, not beyond `floor`."""
    parts = Parts(at, at)
    known = words()
    for _ in range(PARTS):
        here = parts.start
        gap = here
        while gap > floor and here - gap < 3 and text[gap - 1] in " \t\n":
            gap -= 1
        if parts.start < at and gap > floor and text[gap - 1] in ",-—·/>的":
            gap -= 1
        crossed = "\n" in text[gap:here] or text[gap : gap + 1] in tuple(",-—·/>")
        region = region_left(text, gap)
        if region and region.start >= floor:
            parts.regions.append(region)
            parts.start = region.start
            continue
        if section := SECTION.search(text, max(floor, gap - 4), gap):
            gap = section.start()
        suffix = suffix_before(text, gap)
        if suffix is None or (crossed and parts.start < at and known.kind[suffix] == "compound"):
            break
        start = name_before(text, gap - len(suffix), floor, seen)
        if start == gap - len(suffix) or text[start:gap] in known.alone:
            break
        if text[start].isascii() and suffix not in LETTERED:
            break
        parts.add(suffix)
        parts.start = start
    while parts.start > floor and seen.place[parts.start - 1 : parts.start] == b"\1" and at - parts.start < REACH:
        if not is_han(text[parts.start - 1]):
            break
        parts.start -= 1
    return parts


def rightwards(text: str, parts: Parts, begun: bool) -> None:
    """Adds to `parts` what follows its end; `begun` says whether there is a part a bare number may follow."""
    known = words()
    limit = min(len(text), parts.end + REACH)
    codes: tuple[str, ...] = tuple(code for region in parts.regions for code in region.codes)
    for _ in range(PARTS + 3):
        if len(parts.units) > UNITS_ALONE and not parts.kinds:
            break
        at = parts.end
        unit = UNIT.match(text, at, limit)
        if unit and text[unit.end() - 1 : unit.end() + 1] not in known.of["not_unit"]:
            parts.units.append(UNIT_OF[unit["unit"]])
            parts.end, begun = unit.end(), True
            continue
        if begun and (bare := BARE.match(text, at, limit)):
            parts.units += (
                ("building", "room")
                if len(re.findall("[-—/#]", bare[0].strip("- #"))) > 1 or "#" in bare[0][1:]
                else ("bare",)
            )
            parts.end = bare.end()
            continue
        if parts.units and (bracket := BRACKETS.match(text, at, limit)):
            parts.end = bracket.end()
            continue
        if section := AFTER_STREET.match(text, at, limit):
            parts.end = section.end()
            continue
        gap = GAP.match(text, at, limit)
        to = gap.end() if gap else at
        if text[to : to + 1] in tuple(",-·/>"):
            to += 1
            while text[to : to + 1] == " ":
                to += 1
        if not parts.units and (region := region_at(text[:limit], to, codes)):
            parts.regions.append(region)
            parts.end, codes = region.end, codes + region.codes
            continue
        end = _named(text, to, limit, parts, to > at)
        if end is None:
            break
        parts.end, begun = end, True


def _named(text: str, at: int, limit: int, parts: Parts, parted: bool) -> int | None:
    """Where a part with a name of its own ends; behind a number only an estate or, parted from it, one with a number."""
    known = words()
    placed = parts.end > parts.start and not parts.units
    for found in _names(text, at, limit):
        suffix = suffix_before(text, found)
        if suffix is not None:
            found, suffix = _longer(text, found, suffix)
        if suffix is None or text[at:found] in known.alone or found - at <= len(suffix):
            continue
        if any(stops(text, n) and not (placed and text[n - 1] in MILD) for n in range(at + 1, found - len(suffix) + 1)):
            return None
        numbered = UNIT.match(text, found, limit) or BARE.match(text, found, limit)
        kind = known.kind[suffix]
        if ((len(suffix) == 1 and kind == "compound") or kind == "area" or suffix in known.of["soft"]) and not numbered:
            continue
        if (parts.units and kind != "compound" and not numbered) or (parted and parts.units and not numbered):
            continue
        parts.add(suffix)
        return found
    return None


def _longer(text: str, end: int, suffix: str) -> tuple[int, str]:
    """The longest suffix that begins where `suffix` does, and its end: 街道办事处, not 街道; 国际公寓, not 国际."""
    kind, start = words().kind, end - len(suffix)
    for size in range(5, len(suffix), -1):
        longer = text[start : start + size]
        if len(longer) == size and longer in kind:
            return start + size, longer
    after = text[end : end + 2]
    return (end + len(after), after) if after in kind and kind[after] == kind[suffix] else (end, suffix)


def _names(text: str, at: int, limit: int) -> Iterator[int]:
    """Where what begins at `at` may end as a name with a suffix, the nearest first."""
    lasts = words().lasts
    for end in range(at + 1, min(limit, at + 11) + 1):
        last = text[end - 1]
        if not (is_han(last) or last == "·" or (last.isascii() and last.isalnum())):
            return
        if last in lasts and end > at + 1:
            yield end
