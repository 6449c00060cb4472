"""Made-up people, addresses and organisations."""

from __future__ import annotations

from random import Random

from .tables import names, places
from .written import pick, wide

__all__ = ["address", "familiar", "handle", "org", "person"]

HAN_FIGURES = "一二三四五六七八九"


def person(r: Random) -> str:
    """A name: Han with common, rare and compound surnames, minority, foreign, Latin, masked."""
    words = names()
    way = pick(
        r, (58, "han"), (7, "rare"), (6, "compound"), (5, "dotted"), (2, "tibetan"), (3, "foreign"), (3, "latin"),
        (7, "masked"), (2, "rare_given"), (2, "four"),
    )  # fmt: skip
    match way:
        case "rare":
            return r.choice(words["rare"]) + _given(r)
        case "compound":
            return r.choice(words["compound"]) + _given(r)
        case "rare_given":
            return r.choice(words["common"]) + r.choice(("", r.choice(words["given"]))) + r.choice(words["rare_given"])
        case "four":
            first, second = r.sample(words["common"], 2)
            return first + second + r.choice(words["given"]) + r.choice(words["given"])
        case "dotted":
            return r.choice("··•・").join(r.sample(words["minority"], 2))
        case "tibetan":
            return "".join(r.sample(words["tibetan"], 2))
        case "foreign":
            return "·".join(r.sample(words["foreign"], 2))
        case "latin":
            return f"{r.choice(words['latin_first'])} {r.choice(words['latin_last'])}"
        case "masked":
            return r.choice(words["common"]) + r.choice(
                ("某某", "某", "××", "**", "某某", "*" + r.choice(words["given"]))
            )
    return r.choice(words["common"]) + _given(r)


def familiar(r: Random) -> str:
    """小王, 老李 and the like."""
    return r.choice("小老阿") + r.choice(names()["common"])


def _given(r: Random) -> str:
    given = names()["given"]
    return r.choice(given) + (r.choice(given) if r.random() < 0.75 else "")


def handle(r: Random) -> str:
    """What somebody is called in a chat."""
    return r.choice(names()["handle"])


def address(r: Random) -> str:
    """An address with a detail that leads to a door or a village, at one of many levels."""
    words, place = names(), r.choice(places())
    city = "" if place.city == "-" else place.city
    before = r.choice(
        (place.province + city + place.county, city + place.county, place.county, "", place.province + city)
    )
    road, estate, town, village = (r.choice(words[name]) for name in ("road", "estate", "town", "village"))
    number, house, unit, room = r.randint(1, 399), r.randint(1, 38), r.randint(1, 4), _room(r)
    way = r.choices(range(10), (12, 12, 12, 10, 10, 12, 2, 10, 10, 10))[0]
    if way == 0:
        line = f"{before}{road}{number}号"
    elif way == 1:
        line = f"{before}{road}{number}号{estate}{house}栋{unit}单元{room}室"
    elif way == 2:
        line = f"{before}{estate}{house}{r.choice('栋幢')}{unit}单元{room}{r.choice(('室', '号', ''))}"
    elif way == 3:
        line = f"{before}{estate}{r.choice('ABCDEFG')}区{house}栋{room}"
    elif way == 4:
        line = f"{before or place.county}{town}{village}{r.choice(HAN_FIGURES)}组"
    elif way == 5:
        line = f"{before or place.county}{town}{village}{r.choice(HAN_FIGURES)}组{r.randint(1, 199)}号"
    elif way == 6:
        line = f"{before}{road}与{r.choice(words['road'])}交叉口{estate}{house}号楼{room}"
    elif way == 7:
        line = f"{before}{road}{number}号附{r.randint(1, 20)}号"
    elif way == 8:
        line = f"{before}{estate}{house}-{unit}-{room}"
    else:
        line = f"{before}{road}{r.randint(1, 99)}弄{r.randint(1, 60)}号{room}室"
    return wide(line) if r.random() < 0.06 else line


def _room(r: Random) -> str:
    return f"{r.randint(1, 32)}{r.randint(1, 8):02d}"


def org(r: Random) -> str:
    """A company or an office."""
    words, place = names(), r.choice(places())
    if r.random() < 0.3:
        return place.county + r.choice(words["office"])
    where = r.choice((place.province, place.city, place.province.removesuffix("省")))
    if where in ("-", "") or where.endswith("自治州"):
        where = place.county
    return where + r.choice(words["brand"]) + r.choice(words["trade"]) + r.choice(words["form"])
