"""How a name is written where something announces it: from its first character on, or up to its last."""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt

from .words import DOTS, HAN, common_surnames, covered, foreign, is_han, surname

__all__ = ["FAINT", "HINT", "LINKS", "SPACED", "free_left", "free_right", "name_at", "name_before"]

Likely = npt.NDArray[np.float32]

FAINT = 0.02  # below this the network speaks against a name
HINT = 0.2  # from here it speaks for one
CLEAR = 0.5  # from here it speaks clearly
LINKS = frozenset("的和跟与同请给让对找问是叫向由及被为把替陪见谢或、")
"""Characters that stand beside a name and belong to none."""

DOTTED = re.compile(f"[{HAN}]{{1,8}}(?:[{DOTS}][{HAN}]{{1,8}}){{1,3}}")
HIDDEN = re.compile(rf"某{{1,3}}[甲乙丙丁]?|[×＊*]{{1,3}}(?:[{HAN}](?![{HAN}]))?|[xXＸ]{{2,3}}(?![A-Za-z0-9])")
GIVEN = re.compile(f"[{HAN}]{{1,20}}")
SPACED = re.compile(f"[ \u3000]{{1,3}}([{HAN}])(?![{HAN}])")
TAIL = re.compile(
    "电话|手机|性别|年龄|身份|证件|证号|地址|住址|职务|职称|职业|联系|微信|邮箱|出生|男|女|汉族|籍贯|部门|单位|日期|时间|签字|签名|签章|盖章|等[0-9人一二三四五六七八九十]|先生|女士|小姐|同志|老师|医生|主任|经理|教授|书记|局长|院长|科长|处长|班长|护士|律师|法官"
)
ORGANISATION = re.compile(
    "[部处科室局厅委会院司所站队组办厂店社团库校馆中心]$|公司|单位|部门|中心|集团|人员|机构|企业|负责|管理|工程|安全|技术|质量"
)
LONGEST = 20  # Han characters that are read at most


def name_at(text: str, at: int, per: Likely, *, strict: bool = False) -> int:
    """Where the name that begins at `at` ends, or -1 if none does; `strict` if only a weak word announces it."""
    dotted = DOTTED.match(text, at)
    if dotted:
        return dotted.end()
    parts = foreign()[1].match(text, at, at + LONGEST)
    if parts and parts.end() - at > 1 and free_right(text, parts.end()):
        return parts.end()
    own = surname(text, at)
    if not own:
        return _unknown(text, at, per) if not strict else -1
    hidden = HIDDEN.match(text, at + own)
    if hidden:
        return hidden.end()
    spaced = SPACED.match(text, at + own)
    if spaced and own == 1:
        return spaced.end()
    given = GIVEN.match(text, at + own, at + own + 3)
    if not given:
        return -1
    end = _given_end(text, at + own, given.end(), per)
    free, common = free_right(text, end), text[at] in common_surnames()
    heard = float(per[at:end].max()) >= (FAINT if free or (common and not strict) else HINT)
    allowed = heard or (free or not strict if common else free and not strict)
    if not allowed or ((strict or not (common or float(per[at:end].max()) >= CLEAR)) and covered(text, at, end)):
        return -1  # a word by itself, unless a field stands before it: 联系人：李宁
    return -1 if not heard and ORGANISATION.search(text, at, _word_end(text, end)) else end


def _given_end(text: str, start: int, end: int, per: Likely) -> int:
    """Where a given name that begins at `start` ends, `end` at the latest: two characters if nothing says otherwise."""
    for cut in range(start + 1, min(end, start + 2) + 1):
        if TAIL.match(text, cut) or text[cut : cut + 1] in LINKS:
            return cut
    if end - start == 3:  # more Han characters follow: the network says where the name ends
        two = min(end, start + 2)
        return start + 1 if per[start] >= HINT > 4 * float(per[start + 1]) else two
    return end


def _word_end(text: str, end: int) -> int:
    """The end of the Han characters from `end` on, some way at most."""
    more = GIVEN.match(text, end)
    return more.end() if more else end


def _unknown(text: str, at: int, per: Likely) -> int:
    """The end of two to four characters by themselves that the network does not speak against."""
    han = GIVEN.match(text, at, at + 5)
    if not han or not 2 <= han.end() - at <= 4 or float(per[at : han.end()].max()) < HINT:
        return -1
    return -1 if covered(text, at, han.end()) else han.end()


def name_before(text: str, end: int, per: Likely) -> int:
    """Where the name that ends at `end` begins, or -1: a whole run of Han characters, or the likely end of one."""
    for length in (3, 2, 4):
        start = end - length
        if start < 0 or not GIVEN.fullmatch(text, start, end):
            continue
        own = surname(text, start)
        if not own or own >= length or length - own > 2:
            continue
        top = float(per[start:end].max())
        if (free_left(text, start) and (top >= FAINT or text[start] in common_surnames())) or per[start] >= HINT:
            return start  # a title behind it tells a person from a word: 李宁先生
    return -1


def free_left(text: str, start: int) -> bool:
    """Whether nothing before `start` can belong to a name."""
    return start == 0 or text[start - 1] in LINKS or not is_han(text, start - 1)


def free_right(text: str, end: int) -> bool:
    """Whether nothing from `end` on can belong to a name."""
    return end >= len(text) or text[end] in LINKS or not is_han(text, end) or TAIL.match(text, end) is not None
