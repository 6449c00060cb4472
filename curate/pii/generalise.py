"""Less exact forms of values (泛化): an age's band, a date's month, an address's city."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable

from .canonical import canonical, date_of, form_of, plain
from .pseudonyms import label
from .specs import Generalise
from .validators import born, id_card, province

__all__ = ["generalised"]

TOP = 90  # ages from here on are one band: so few are older that the band would tell them
NUMBER = re.compile(r"-?[0-9]{1,3}(?:\.[0-9]+)?")
DECIMALS = 2  # about one kilometre


def generalised(entity: str, text: str, spec: Generalise) -> str:
    """What stands for a value: `<身份证号 贵州省 1990年>`, `贵州省贵阳市<地址>`; its name alone where no less is known of it."""
    form = form_of(entity)
    if form == "address":
        from .addresses import generalised as without_detail  # the gazetteer, which nothing else here needs

        return without_detail(canonical(entity, text))
    less = FORMS.get(form)
    said = less(canonical(entity, text), spec) if less else None
    return f"<{label(entity)} {said}>" if said else f"<{label(entity)}>"


def _id(number: str, _: Generalise) -> str | None:
    if len(number) != 18 or not number[:17].isdecimal() or not id_card(number):
        return None
    birth = born(number)
    return f"{province(number)} {birth.year}年" if birth else None


def _age(text: str, spec: Generalise) -> str | None:
    found = re.search("[0-9]{1,3}", text)
    if found is None:
        return None
    age = int(found[0])
    low = age - age % spec.years
    return f"{TOP}岁以上" if age >= TOP else f"{low}-{low + spec.years - 1}岁"


def _date(text: str, spec: Generalise) -> str | None:
    found = date_of(text)
    if found is None or not 1 <= found[1] <= 12:
        return None
    # not 1990年5月, which stands for a date of birth behind the word for one
    return f"{found[0]}年({found[1]}月)" if spec.date == "month" else f"{found[0]}年"


def _gps(text: str, _: Generalise) -> str | None:
    found = NUMBER.findall(plain(text))
    if len(found) != 2 or not all("." in one for one in found):
        return None
    return ",".join(one[: one.index(".") + 1 + DECIMALS] for one in found)


def _postcode(text: str, _: Generalise) -> str | None:
    return text[:2] + "****" if len(text) == 6 and text.isdecimal() else None


def _ip(text: str, _: Generalise) -> str | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    if address.version == 4:
        return text.rpartition(".")[0] + ".*"
    return ":".join(address.exploded.split(":")[:3]) + ":*"


FORMS: dict[str, Callable[[str, Generalise], str | None]] = {
    "age": _age,
    "date": _date,
    "gps": _gps,
    "id": _id,
    "ip": _ip,
    "postcode": _postcode,
}
"""What is done with the forms of data/forms.tsv; the others have no less exact form."""
