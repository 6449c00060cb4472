"""The level of de-identification follows from what was found."""

from __future__ import annotations

from typing import Any

import pytest

from curate.pii.level import ANONYMISED, DEIDENTIFIED, level_of

SAFE = {"cards": {"rows": 40, "at_risk": 0}}
RISKY = {"cards": {"rows": 40, "at_risk": 3}}


@pytest.mark.parametrize(
    ("given", "level", "law", "reasons", "why"),
    [
        ({"anonymised": False}, 1, DEIDENTIFIED, ["no anonymise"], "nothing was taken out"),
        ({"residual": None}, 1, DEIDENTIFIED, ["no recheck"], "what nobody looked for may be there"),
        ({"residual": {"CN_MOBILE": 2}}, 1, DEIDENTIFIED, ["found 2"], "direct identifiers are there"),
        ({"residual": {}}, 3, ANONYMISED, [], "nothing found, and no class is small"),
        ({"residual": {"CN_MOBILE": 0}}, 3, ANONYMISED, [], "a count of none"),
        ({"classes": RISKY}, 2, DEIDENTIFIED, ["3 of 40"], "quasi-identifiers tell some"),
        ({"free_text": True}, 2, DEIDENTIFIED, ["free text"], "a text may tell a person in its own words"),
        (
            {"reversible": True},
            3,
            DEIDENTIFIED,
            ["a key or a vault"],
            "level 3 by its effect, but never anonymous in law",
        ),
        ({"classes": {}, "free_text": False}, 3, ANONYMISED, [], "no records of any source"),
    ],
)
def test_level(given: dict[str, Any], level: int, law: str, reasons: list[str], why: str) -> None:
    usual = {"anonymised": True, "residual": {}, "classes": SAFE, "free_text": False, "reversible": False}
    told = level_of(**{**usual, **given}, highest=0.05)
    assert (told["level"], told["law"]) == (level, law), why
    assert len(told["reasons"]) == len(reasons), told["reasons"]
    assert all(part in reason for part, reason in zip(reasons, told["reasons"], strict=True)), told["reasons"]
