"""Made-up names of persons of every kind, and sentences of templates that hold them."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files

from curate.pii.names.data import rows

from .labelled import Sentence

__all__ = ["Maker", "sentence", "templates"]

SHARES = {"common": 0.76, "rare": 0.12, "wordy": 0.06, "compound": 0.06}
"""Of Chinese names; rare surnames are far more common here than in life, so that they are learnt too."""

LENGTHS = (1, 1, 2, 2, 2, 2, 2)
"""Characters of given names, as often as listed."""

ODD_GIVEN = 0.01  # given names of any characters at all: enough to learn that there are such

PARTS = (1, 1, 1, 2, 2, 2, 2, 3)
"""Parts of a foreign name with dots between them, as often as listed."""

DOTS = "·" * 14 + "•・．."

PLACES = [
    "云州",
    "青石",
    "北京",
    "上海",
    "成都",
    "广东",
    "浙江",
    "新疆",
    "西藏",
    "内蒙古",
    "日本",
    "美国",
    "法国",
    "俄罗斯",
]
ROLES = [
    "主任",
    "经理",
    "书记",
    "局长",
    "部长",
    "院长",
    "教授",
    "工程师",
    "队长",
    "厂长",
    "矿长",
    "委员",
    "总统",
    "大使",
    "董事长",
    "校长",
]
NUMBERS = "0123456789"


class Maker:
    """Makes names from a seed; `given` says how often a character is in given names, `foreign` lists parts of foreign ones."""

    def __init__(self, given: Mapping[str, float], foreign: Sequence[str], seed: int) -> None:
        self.random = random.Random(seed)
        self._given, self._weights = list(given), list(given.values())
        self._foreign = list(foreign)
        self._surnames: dict[str, list[str]] = {kind: [] for kind in SHARES}
        for surname, kind in rows("surnames"):
            self._surnames[kind].append(surname)
        parts = [row[0] for row in rows("transliteration")]
        self._sounds = [part for part in parts if len(part) == 1]
        self._minority = [part for part in parts if len(part) > 1]

    def any(self) -> str:
        """A name of any kind, Chinese ones most often."""
        kinds: tuple[Callable[[], str], ...] = (self.chinese, self.foreign, self.minority, self.hidden, self.familiar)
        return self.random.choices(kinds, (82, 10, 4, 3, 1))[0]()

    def chinese(self) -> str:
        """A surname and one or two characters, now and then two surnames or a character twice."""
        pick = self.random.random()
        first, length = self.surname(), self.random.choice(LENGTHS)
        if pick < 0.03:
            return first + self.given() * 2
        if pick < 0.05 and len(first) == 1:
            return first + self.surname()[:1] + self.given() + self.given()
        return first + "".join(self.given() for _ in range(length))

    def surname(self) -> str:
        """A surname; early rows of the table are commoner."""
        kind = self.random.choices(list(SHARES), list(SHARES.values()))[0]
        names = self._surnames[kind]
        if kind == "common":
            return self.random.choices(names, [1 / (4 + place) for place in range(len(names))])[0]
        return self.random.choice(names)

    def given(self) -> str:
        """A character of a given name."""
        if self.random.random() < ODD_GIVEN:
            return self.random.choice(self._given)
        return self.random.choices(self._given, self._weights)[0]

    def foreign(self) -> str:
        """A name of another language, by its sound."""
        dot = self.random.choice(DOTS)
        return dot.join(self._sound() for _ in range(self.random.choice(PARTS)))

    def _sound(self) -> str:
        if self._foreign and self.random.random() < 0.75:
            one, other = self.random.choice(self._foreign), self.random.choice(self._foreign)
            return one if self.random.random() < 0.65 else (one[: (len(one) + 1) // 2] + other[len(other) // 2 :])[:7]
        return "".join(self.random.choices(self._sounds, k=self.random.randint(2, 5)))

    def minority(self) -> str:
        """A name of one of the peoples whose names are no Han names: one part, or two with or without a dot."""
        joint = self.random.choice(("", "·", "·"))
        return joint.join(self.random.sample(self._minority, self.random.choice((1, 2, 2))))

    def hidden(self) -> str:
        """A name that was made short: 张某, 李××, 王*."""
        end = self.random.choice(("某", "某某", "某甲", "某乙", "××", "×", "**", "*"))
        return self.surname() + end

    def familiar(self) -> str:
        """What friends say: 小王, 老李, 阿梅, 婷婷."""
        return self.random.choice(
            ("小" + self.surname()[:1], "老" + self.surname()[:1], "阿" + self.given(), self.given() * 2)
        )


def templates(name: str) -> list[str]:
    """The lines of `<name>.txt`: `{name}` is a name; `{place}`, `{role}`, `{number}`, `{sex}` are what they say."""
    lines = files(__package__).joinpath(f"{name}.txt").read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def sentence(maker: Maker, template: str) -> Sentence:
    """A template filled in, and where its names are."""
    text, spans = "", []
    for part in re.split(r"(\{[a-z]+\})", template):
        match part:
            case "{name}":
                name = maker.any()
                spans.append((len(text), len(text) + len(name), "PER"))
                text += name
            case "{place}":
                text += maker.random.choice(PLACES)
            case "{role}":
                text += maker.random.choice(ROLES)
            case "{number}":
                text += "".join(maker.random.choices(NUMBERS, k=maker.random.choice((1, 2, 4, 8))))
            case "{sex}":
                text += maker.random.choice("男女")
            case _:
                text += part
    return text, spans
