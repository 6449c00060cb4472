"""Names that a word or a sign announces: a form field, a title, 某, a sex behind them, a dot inside them, an @ in front.

Each rule looks for its sign first and reads the name from there, so that text without signs costs one search.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from .forms import FAINT, HINT, Likely, free_left, free_right, name_at, name_before
from .likely import Found
from .words import DOTS, HAN, common_surnames, foreign, is_han, kinds, surname

__all__ = ["anchored"]

FIELD, TITLE, HIDDEN, SEX, DOT, NICK, HANDLE, PARTS = 0.95, 0.8, 0.85, 0.9, 0.6, 0.8, 0.7, 0.75
"""How sure the rules are."""

COLON = re.compile(f"[:：][ \u3000\t]{{0,4}}(?=[{HAN}])")
LONGEST_LABEL = 30  # characters of a label with spaces and a note behind it
NEXT = re.compile(r"[ \u3000]?[、,，/;；][ \u3000]?|[ \u3000\t]{1,3}")
SEX_SIGN = re.compile(r"(?:[男女]|汉族)(?=[,，、;；）)|\t \u3000。\n0-9]|$)")
BEFORE_SEX = re.compile("[,，、:：（(|\t \u3000][ \u3000]?$")
INITIAL = re.compile(f"[A-Z]{{1,2}}[{DOTS}]")
DOTTED_SIGN = re.compile(f"[{DOTS}]")
FEW = re.compile(f"[{HAN}]{{1,4}}(?![{HAN}])")
SEEN = 80  # characters of a line that are looked at on either side
SIGNS = ("×", "＊", "*")
HIDING = re.compile(r"某|[×＊*]")
HIDDEN_NAME = re.compile(rf"某{{1,3}}[甲乙丙丁]?|[×＊*]{{1,3}}(?:[{HAN}](?![{HAN}]))?")
NO_PERSON = re.compile("[种个些地市县区省公单日年月学医件项时处]")
SHORT_TITLE = re.compile("[总工](?![作程会业人厂地体种资期商具是共理裁结计数量部统监之要得])")
HEARD = 0.1  # from here the network hears a part of a name
LONGEST_PART = 8  # characters of a part of a foreign name
AT = re.compile(r"@(?=[^\s@])")
HANDLE_TEXT = re.compile(rf"[{HAN}A-Za-z0-9_\-{DOTS}]{{2,20}}")
NICK_TEXT = re.compile(
    r"[ ]?(?:[:：][ ]?|(?:是|叫|为)?(?=[\"“「'‘]))([\"“「'‘]?)([^\s,，。;；:：、\"“”「」'‘’（）()<>|\[\]]{1,16})"
)


def anchored(text: str, per: Likely) -> list[Found]:
    """What announced names there are; spans may overlap. `per` as in `names_in`."""
    out: list[Found] = []
    for rule in (_fields, _titles, _hidden, _sexes, _dotted, _nicks, _handles):
        out += rule(text, per)
    return out


def _any_of(words: tuple[str, ...]) -> str:
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))


@cache
def _labels() -> tuple[frozenset[str], tuple[int, ...]]:
    words = frozenset(kinds("leads")["label"])
    return words, tuple(sorted({len(word) for word in words}))


@cache
def _said() -> re.Pattern[str]:
    return re.compile(rf"(?:{_any_of(kinds('leads')['said'])})[ \u3000\t|]{{0,4}}(?=[{HAN}])")


@cache
def _courtesy() -> re.Pattern[str]:
    return re.compile(_any_of(kinds("titles")["courtesy"]))


@cache
def _nick_words() -> re.Pattern[str]:
    return re.compile(_any_of(kinds("leads")["nick"]))


@cache
def _tags() -> frozenset[str]:
    return frozenset(kinds("stop")["tag"])


def _fields(text: str, per: Likely) -> Iterator[Found]:
    """联系人：王芳、李小明, 我叫王芳."""
    for colon in COLON.finditer(text):
        if not _labelled(text, colon.start()):
            continue
        at, strict = colon.end(), False
        while (end := name_at(text, at, per, strict=strict)) > 0 and (not strict or free_right(text, end)):
            yield at, end, FIELD
            more = NEXT.match(text, end)
            if not more or not surname(text, more.end()):
                break
            at, strict = more.end(), True
    for said in _said().finditer(text):
        end = name_at(text, said.end(), per, strict=True)
        if end > 0 and (free_right(text, end) or float(per[said.end() : end].max()) >= HINT):
            yield said.end(), end, TITLE


def _labelled(text: str, end: int) -> bool:
    """Whether a word that announces a name ends before the colon at `end`, spaces and a note in brackets left out."""
    before = text[max(0, end - LONGEST_LABEL) : end].rstrip(" \u3000\t")
    if before.endswith(("）", ")")):
        before = before[: max(before.rfind("（"), before.rfind("("), 0)].rstrip(" \u3000\t")
    words, lengths = _labels()
    return any(before[-length:] in words for length in lengths)


def _titles(text: str, per: Likely) -> Iterator[Found]:
    """王先生, 李小明女士, 欧阳师傅, 王总."""
    for found in _courtesy().finditer(text):
        end = found.start()
        if (start := name_before(text, end, per)) >= 0 or (start := _surname_before(text, end, per)) >= 0:
            yield start, end, TITLE
    for found in SHORT_TITLE.finditer(text):
        end = found.start()
        if end and text[end - 1] in common_surnames() and free_left(text, end - 1) and per[end - 1] >= FAINT:
            yield end - 1, end, TITLE


def _surname_before(text: str, end: int, per: Likely) -> int:
    """Where the bare surname that ends at `end` begins, or -1."""
    for length in (2, 1):
        start = end - length
        if start >= 0 and surname(text, start) == length:
            free = free_left(text, start) and (length == 2 or text[start] in common_surnames())
            return start if free or float(per[start:end].max()) >= 0.1 else -1
    return -1


def _hidden(text: str, per: Likely) -> Iterator[Found]:
    """张某某, 李××, 王*明."""
    for found in HIDING.finditer(text):
        at = found.start()
        start = at - 2 if at >= 2 and surname(text, at - 2) == 2 else at - 1
        if start < 0 or not surname(text, start) or text[at - 1] in "×＊*某":
            continue
        whole = HIDDEN_NAME.match(text, at)
        if not whole:
            continue
        end = whole.end()
        sure = text[start] in common_surnames() or free_left(text, start) or per[start] >= FAINT
        if found[0] == "某":
            if sure and not (end - at == 1 and NO_PERSON.match(text, end)):
                yield start, end, HIDDEN
        elif sure and free_left(text, start) and _hides(text, at, end, float(per[start])):
            yield start, end, HIDDEN


def _hides(text: str, at: int, end: int, heard: float) -> bool:
    """Whether the signs from `at` on hide characters: no product, no bold type, no footnote."""
    if text[end : end + 1] in SIGNS or (text[end : end + 1].isalnum() and not is_han(text, end)):
        return False
    signs = sum(c in SIGNS for c in text[at:end])
    if text[at] in "*＊":
        line = text[max(0, at - SEEN) : at].rpartition("\n")[2]
        if "*" in line or "*" in text[end : end + SEEN].partition("\n")[0]:
            return False
    return signs >= 2 or heard >= FAINT


def _sexes(text: str, per: Likely) -> Iterator[Found]:
    """李小明，男，."""
    for found in SEX_SIGN.finditer(text):
        gap = BEFORE_SEX.search(text, max(0, found.start() - 2), found.start())
        if gap and (start := name_before(text, gap.start(), per)) >= 0:
            yield start, gap.start(), SEX


def _dotted(text: str, per: Likely) -> Iterator[Found]:
    """买买提·艾力, 卡尔·马克思: as far as the network hears a name, or else as far as foreign names are written so."""
    done = 0
    for found in DOTTED_SIGN.finditer(text):
        at = found.start()
        if at < done:
            continue
        start = _left_part(text, at, per, max(done, at - LONGEST_PART))
        initial = INITIAL.match(text, at + 1)
        begin = initial.end() if initial else at + 1
        end = _right_part(text, begin, per)
        if end == begin and foreign()[1].fullmatch(text, start, at) and (few := FEW.match(text, begin)):
            end = few.end()
        while end < len(text) and end > begin and text[end] in DOTS:
            more = _right_part(text, end + 1, per)
            if more == end + 1:
                break
            end = more
        if start < at and end > begin and end - start > 3:
            yield start, end, DOT
            done = end


def _left_part(text: str, end: int, per: Likely, least: int) -> int:
    """Where the part of a foreign name that ends at `end` begins; `end` if nothing there is one."""
    characters, parts = foreign()
    first = end
    while first > least and is_han(text, first - 1):
        first -= 1
    for start in range(first, end - 1):
        if parts.fullmatch(text, start, end):
            return start
    heard = float(per[end - 1]) >= HEARD
    start = end
    while (
        start > least
        and is_han(text, start - 1)
        and (per[start - 1] >= HEARD if heard else text[start - 1] in characters)
    ):
        start -= 1
    return start


def _right_part(text: str, start: int, per: Likely) -> int:
    """Where the part of a foreign name that begins at `start` ends; `start` if nothing there is one."""
    characters, parts = foreign()
    known = parts.match(text, start, start + LONGEST_PART)
    heard = start < len(text) and float(per[start]) >= HEARD
    end = start
    while (
        end < min(len(text), start + LONGEST_PART)
        and is_han(text, end)
        and (per[end] >= HEARD if heard else text[end] in characters)
    ):
        end += 1
    return max(end, known.end()) if known else end


def _nicks(text: str, per: Likely) -> Iterator[Found]:  # noqa: ARG001
    """昵称：小小丸子, 网名“壮壮”."""
    for found in _nick_words().finditer(text):
        name = NICK_TEXT.match(text, found.end())
        if name and name.end(2) > name.start(2):
            yield name.start(2), name.end(2), NICK


def _handles(text: str, per: Likely) -> Iterator[Found]:  # noqa: ARG001
    """@壮壮麻麻 in a post: no e-mail address, no decorator, no tag of a comment in code."""
    for found in AT.finditer(text):
        at = found.start()
        name = HANDLE_TEXT.match(text, found.end())
        if not name or (
            at and (text[at - 1].isascii() and not text[at - 1].isspace() and text[at - 1] not in ",:;!?()[]>")
        ):
            continue
        behind = text[name.end() : name.end() + 1]
        if behind and behind in "./(@:=" and name[0].isascii():
            continue
        if name[0].isascii() and (name[0] in _tags() or name[0][0].isdigit() or _own_line(text, at, name.end())):
            continue
        yield name.start(), name.end(), HANDLE


def _own_line(text: str, start: int, end: int) -> bool:
    """Whether nothing else stands in the line, as with a decorator."""
    before = text[max(0, start - SEEN) : start].rpartition("\n")[2]
    behind = text[end : end + SEEN].partition("\n")[0]
    return not before.strip(" \t*#/") and not behind.strip()
