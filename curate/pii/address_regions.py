"""Regions of GB/T 2260 in running text: which name ends or begins at a place, and the regions above one."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final, NamedTuple

from . import data

__all__ = ["Region", "names", "parents", "region_at", "region_before", "within"]

KINDS: Final = r"特别行政区|自治区|自治州|自治县|自治旗|地区|林区|特区|新区|矿区|联合旗|[省市区县旗州盟]"
PEOPLES: Final = (
    "阿昌族|白族|保安族|布朗族|布依族|朝鲜族|达斡尔族|傣族|德昂族|东乡族|侗族|独龙族|俄罗斯族|鄂伦春族?|鄂温克族?|哈尼族|哈萨克族?|回族|基诺族|景颇族|柯尔克孜族?|拉祜族|黎族|傈僳族|满族|毛南族"
    "|(?<!内)蒙古族?|苗族|仫佬族|纳西族|怒族|普米族|羌族|撒拉族|畲族|水族|塔吉克族?|土家族|土族|佤族|维吾尔族?|锡伯族?|瑶族|彝族|仡佬族|裕固族|藏族|壮族|各族"
)
ENDING: Final = re.compile(f"(?:(?:{PEOPLES})+(?:自治[区州县旗])|{KINDS})$")
AUTONOMOUS: Final = re.compile(f"^(.+?)(?:{PEOPLES})+自治([州县旗])$")
NAMESAKE: Final = re.compile(
    "[东南西北中大小新老支横环一二三四五六七八九十]{0,2}(?:[路街道巷弄里村镇乡庄]|大道|胡同|社区|小区|花园|公寓|大厦|广场|饭店|酒店|山)"
)
"""What makes the short form of a region part of another name: 中山路, 南京西路."""


class Region(NamedTuple):
    """A name in a text, [start, end), and the codes of the regions that bear it."""

    start: int
    end: int
    codes: tuple[str, ...]
    whole: bool
    """Whether it is said what kind of region it is: 贵州省, not 贵州."""

    @property
    def county(self) -> bool:
        """Whether it is certainly none larger."""
        return all(code[4:] != "00" for code in self.codes)


@cache
def names() -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    """Codes by full name (also 威宁县 of 威宁彝族回族苗族自治县) and by short form (贵州, 黔东南, 威宁)."""
    full: defaultdict[str, list[str]] = defaultdict(list)
    short: defaultdict[str, list[str]] = defaultdict(list)
    for code, name, *_ in data.rows("regions"):
        if name.endswith("社区"):  # two districts of Taiwan, 新社 and 大社: the end of very many other names
            continue
        if len(name) == 2 and name[1] == "区":  # 城区, 矿区 and 东区 are words, too
            short[name].append(code)
            continue
        full[name].append(code)
        if autonomous := AUTONOMOUS.match(name):
            full[autonomous[1] + autonomous[2]].append(code)
        base = ENDING.sub("", name)
        if base != name and len(base) > 1:
            short[base].append(code)
    return _fixed(full), _fixed(short)


@cache
def _sizes() -> tuple[dict[str, tuple[int, ...]], dict[str, tuple[int, ...]]]:
    """How many characters names have that begin, and that end, with two characters, the most first."""
    out: tuple[defaultdict[str, set[int]], defaultdict[str, set[int]]] = defaultdict(set), defaultdict(set)
    for name in (*names()[0], *names()[1]):
        out[0][name[:2]].add(len(name))
        out[1][name[-2:]].add(len(name))
    begun, ended = ({two: tuple(sorted(sizes, reverse=True)) for two, sizes in side.items()} for side in out)
    return begun, ended


def _fixed(codes: dict[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(dict.fromkeys(of)) for name, of in codes.items()}


def parents(code: str) -> Iterator[str]:
    """The codes of the province and the prefecture above a region, the province first."""
    for digits in (2, 4):
        above = code[:digits].ljust(6, "0")
        if above != code:
            yield above


def within(codes: Sequence[str], above: Sequence[str]) -> bool:
    """Whether one of the regions may lie in one of those `above`."""
    return any(a in parents(c) for c in codes for a in above)


def region_before(text: str, end: int) -> Region | None:
    """The longest name that ends at `end`; the short form of a county only right behind a region it belongs to."""
    full, short = names()
    for size in _sizes()[1].get(text[max(0, end - 2) : end], ()):
        if size > end:
            continue
        name = text[end - size : end]
        if codes := full.get(name):
            return Region(end - size, end, codes, True)
        if (codes := short.get(name)) and (codes := _sure(codes, text, end - size)):
            return Region(end - size, end, codes, False)
    return None


def _sure(codes: tuple[str, ...], text: str, start: int) -> tuple[str, ...]:
    """Of regions named in short, those that need no other before them, and those that have theirs."""
    large = tuple(code for code in codes if code.endswith("00"))
    if large:
        return large
    above = region_before(text, start)
    return codes if above and within(codes, above.codes) else ()


def region_at(text: str, start: int, above: Sequence[str] = ()) -> Region | None:
    """The longest name that begins at `start`; the short form of a county only if one of `above` holds it."""
    full, short = names()
    for size in _sizes()[0].get(text[start : start + 2], ()):
        name = text[start : start + size]
        if codes := full.get(name):
            return Region(start, start + size, codes, True)
        if (codes := short.get(name)) and not NAMESAKE.match(text, start + size):
            large = tuple(code for code in codes if code.endswith("00"))
            if large or within(codes, above):
                return Region(start, start + size, large or codes, False)
    return None
