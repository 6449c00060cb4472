"""Templates with slots: compiled once, filled from a random source, remembering where the values came to stand."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import accumulate
from random import Random

from ..validators import id_check_digit
from .tables import kinds, places, rows, yaml
from .values import VALUES
from .written import LETTERS, digits, wide

__all__ = ["Draft", "Setting", "fill"]

SLOT = re.compile(r"\{([^{}\" ]*)\}")
COUNTED = re.compile(r"(\d+)([dcU])|(U)(\d)|(wide|hex)(\d+)")
HAN = "〇一二三四五六七八九"


SURE = ("：",) * 24 + (":",) * 8 + (" ",) * 4 + ("： ", ": ", " : ", "\u3000", "\t", "=", "：\n")
JOINTS = {"=": SURE, ":": (*SURE, "", "", "", "为", "为", "是", "是")}
"""What stands between a lead word and its value, the usual as often as it is usual."""


@dataclass(frozen=True, slots=True)
class Setting:
    """An industry, as far as its documents show it."""

    name: str
    title: str
    scenes: tuple[str, ...]
    documents: tuple[str, ...]
    terms: tuple[str, ...]


@dataclass(slots=True)
class Draft:
    """A document in the making."""

    random: Random
    setting: Setting
    parts: list[str] = field(default_factory=list)
    length: int = 0
    spans: list[tuple[int, int, str]] = field(default_factory=list)
    """Values: [start, end) and kind."""
    traps: list[tuple[int, int, str]] = field(default_factory=list)
    known: dict[str, str] = field(default_factory=dict)
    """Values that stand again later, by slot."""

    def add(self, text: str) -> None:
        """Append text."""
        self.parts.append(text)
        self.length += len(text)


Action = Callable[[Draft], None]


def fill(draft: Draft, template: str, kind: str = "") -> None:
    """Append a template with all slots filled; the slot {} is a value of `kind`.

    Raises:
        KeyError: there is no such slot.
    """
    for literal, action in _compiled(template, kind):
        draft.add(literal)
        if action is not None:
            action(draft)


@cache
def _compiled(template: str, kind: str) -> tuple[tuple[str, Action | None], ...]:
    pieces = SLOT.split(template)
    actions = [_action(slot or kind) for slot in pieces[1::2]]
    return tuple(zip(pieces[::2], [*actions, None], strict=True))


def _action(slot: str) -> Action:
    """What a slot does to a draft."""
    if slot == "?":
        return _trap
    if slot in JOINTS:
        return partial(_chosen, words=JOINTS[slot])
    if slot == "+":
        return _anything
    if slot.startswith("+"):
        return partial(_announced, kind=slot[1:])
    name, _, which = slot.partition(".")
    if name in VALUES:
        return partial(_value, kind=name, slot=slot if which else "")
    if name == "word":
        return partial(_chosen, words=tuple(yaml("words")[which]))
    if name == "place":
        named = sorted({getattr(place, which) for place in places()} - {"-"})
        return partial(_chosen, words=tuple(named))
    if slot in SETTING:
        return partial(_of_setting, of=SETTING[slot])
    if slot == "plain":
        return _plain
    make = WORDS.get(slot) or _counted(slot)
    return lambda draft: draft.add(make(draft.random))


def _value(draft: Draft, kind: str, slot: str) -> None:
    text = draft.known.get(slot) or VALUES[kind](draft.random)
    if slot:
        draft.known[slot] = text
    draft.spans.append((draft.length, draft.length + len(text), kind))
    draft.add(text)


def _announced(draft: Draft, kind: str) -> None:
    fill(draft, draft.random.choice(_phrases()[kind]), kind)


def _anything(draft: Draft) -> None:
    names, weights = _loose()
    _announced(draft, draft.random.choices(names, cum_weights=weights)[0])


def _trap(draft: Draft) -> None:
    name, template = draft.random.choice(rows("traps"))
    start = draft.length
    fill(draft, template)
    draft.traps.append((start, draft.length, name))


def _plain(draft: Draft) -> None:
    fill(draft, draft.random.choice(rows("plain"))[0])


def _chosen(draft: Draft, words: Sequence[str]) -> None:
    draft.add(draft.random.choice(words))


def _of_setting(draft: Draft, of: Callable[[Setting], Sequence[str]]) -> None:
    draft.add(draft.random.choice(of(draft.setting)))


@cache
def _phrases() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for kind, phrase in rows("phrases"):
        found.setdefault(kind, []).append(phrase)
    return {kind: tuple(phrases) for kind, phrases in found.items()}


@cache
def _loose() -> tuple[tuple[str, ...], tuple[float, ...]]:
    loose = [kind for kind in kinds().values() if kind.weight]
    return tuple(kind.name for kind in loose), tuple(accumulate(kind.weight for kind in loose))


def _counted(slot: str) -> Callable[[Random], str]:
    """5d five digits, 3c thousands in groups, U3 three capitals, hex8 and wide8 that many digits of that sort."""
    found = COUNTED.fullmatch(slot)
    if found is None:
        raise KeyError(slot)
    count, sort = int(found[1] or found[4] or found[6]), found[2] or found[3] or found[5]
    match sort:
        case "d":
            return lambda r: digits(r, count)
        case "c":
            return lambda r: ",".join([str(r.randint(1, 999)), *(digits(r, 3) for _ in range(count - 1))])
        case "U":
            return lambda r: "".join(r.choices(LETTERS, k=count))
        case "wide":
            return lambda r: wide(digits(r, count))
    return lambda r: "".join(r.choices("0123456789abcdef", k=count))


def _id_like(r: Random) -> str:
    """18 digits like those of an identity card, but for the last."""
    first = (
        f"{r.choice(places()).code}{r.randint(1950, 2005)}{r.randint(1, 12):02d}{r.randint(1, 28):02d}{digits(r, 3)}"
    )
    return first + r.choice([c for c in "0123456789" if c != id_check_digit(first)])


SETTING: dict[str, Callable[[Setting], Sequence[str]]] = {
    "title": lambda setting: (setting.title,),
    "scene": lambda setting: setting.scenes,
    "document": lambda setting: setting.documents,
    "term": lambda setting: setting.terms,
}

WORDS: dict[str, Callable[[Random], str]] = {
    "D": lambda r: r.choice("123456789"),
    "U": lambda r: r.choice(LETTERS),
    "cd": lambda r: r.choice(HAN[1:]),
    "date": lambda r: f"20{r.randint(15, 26)}年{r.randint(1, 12)}月{r.randint(1, 28)}日",
    "dd": lambda r: f"{r.randint(1, 28):02d}",
    "hh": lambda r: f"{r.randint(0, 23):02d}",
    "mi": lambda r: f"{r.randint(0, 59):02d}",
    "mm": lambda r: f"{r.randint(1, 12):02d}",
    "y2": lambda r: f"{r.randint(10, 26)}",
    "stamp": lambda r: str(r.randint(1_500_000_000_000, 1_790_000_000_000)),
    "mobile_like": lambda r: f"1{r.choice('3578')}{digits(r, 9)}",
    "card_like": lambda r: f"62{digits(r, r.choice((14, 17)))}",
    "id_like": _id_like,
    "uscc_like": lambda r: f"{digits(r, 2)}{''.join(r.choices(LETTERS, k=4))}{digits(r, 9)}I0O",
    "imei_like": lambda r: f"86{digits(r, 13)}",
}
"""Slots that stand for a few characters which mean nobody."""
