"""The level of de-identification (GB/T 42460-2023), computed from what was found, never declared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["ANONYMISED", "DEIDENTIFIED", "level_of"]

DEIDENTIFIED, ANONYMISED = "去标识化", "匿名化"
"""Personal Information Protection Law, article 73: with other information a person can be told, or can not and it cannot be undone."""


def level_of(
    *,
    anonymised: bool,
    residual: Mapping[str, int] | None,
    classes: Mapping[str, Mapping[str, Any]],
    free_text: bool,
    reversible: bool,
    highest: float,
) -> dict[str, Any]:
    """The level 1 to 3 with the reasons why it is not higher, and what the law calls the result.

    `residual` is what a second detector still found, by entity, None where none was run; `classes` are the sources with
    quasi-identifiers as `Classes.told` gives them; `free_text` says whether there are records of other sources, whose texts
    no model of quasi-identifiers covers; `reversible` whether a key or a vault can tell or restore values; `highest` is the highest
    probability of telling a record's person. Level 1: direct identifiers may remain; 2: they are gone, quasi-identifiers
    remain; 3: these too tell nobody with more than that probability. Level 4 is for aggregates, which a dataset of records
    is not.
    """
    reasons: list[str] = []
    if not anonymised:
        reasons.append("personal data were not taken out: the recipe has no anonymise")
    if residual is None:
        reasons.append("no second detector looked for what remained: the recipe has no recheck")
    elif sum(residual.values()):
        reasons.append(f"a second detector found {sum(residual.values()):,} direct identifiers")
    level = 1 if reasons else 2
    for name, told in classes.items():
        if told["at_risk"]:
            reasons.append(
                f"source {name}: {told['at_risk']:,} of {told['rows']:,} records are in classes of fewer than {1 / highest:g}"
            )
    if free_text:
        reasons.append("no model of quasi-identifiers covers free text")
    if level == 2 and not reasons:
        level = 3
    if reversible:
        reasons.append("a key or a vault can tell or restore values")
    return {"level": level, "law": ANONYMISED if level == 3 and not reversible else DEIDENTIFIED, "reasons": reasons}
