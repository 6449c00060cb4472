"""Personal data in Chinese text: what is looked for, how it is recognised, and what is done with it.

Importing this package is cheap; `recogniser` and `operators` import Presidio, which takes a second.
"""

from __future__ import annotations

__all__ = ["DECLARED", "ENTITIES"]

ENTITIES = (
    "BANK_CARD",
    "CN_ID_CARD",
    "CN_LANDLINE",
    "CN_MOBILE",
    "CN_PLATE",
    "CN_USCC",
    "EMAIL_ADDRESS",
    "PUBLIC_PHONE",
)
"""What is found in running text; each is one or more rows of data/entities.yaml."""

DECLARED = ("ADDRESS", "PERSON")
"""What a catalog may also declare a column to hold; any other name it declares is redacted."""
