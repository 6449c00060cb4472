"""Tokens (假名) that stand for values: the same for the same value under one key, not to be linked to those under another."""

from __future__ import annotations

import re

from .canonical import canonical, form_of
from .keys import Hash, Key, mac
from .rules import labels

__all__ = ["LENGTH", "LETTERS", "TOKEN", "Pseudonyms", "label"]

LETTERS = "bcdfghjkmnpqrtvw"
"""The 16 signs of a token: no digit, so that none looks like a number, and no vowel, so that none is a word."""

LENGTH = 18
# 72 bits: two of 1 million values share a token with probability 1e-10, two of 100 million with 1e-6; 64 bits would give
# 3e-4 there, and 18 letters are hardly more to read than 16.

TOKEN = re.compile(rf"<[^<>\s]{{1,64}}_([{LETTERS}]{{{LENGTH}}})>")
"""A token as it stands in a text; the group is what tells values apart."""

TO_LETTERS = str.maketrans("0123456789abcdef", LETTERS)


def label(entity: str) -> str:
    """What stands for a redacted entity; entities without a name of ours stand for themselves."""
    return labels().get(entity, entity)


class Pseudonyms:
    """Makes tokens with one key: `<姓名_` and 18 letters of HMAC-SHA-256 or HMAC-SM3 over the value's canonical form."""

    def __init__(self, key: Key, of: Hash = "sha256") -> None:
        self._key, self._hash = key.derive("pseudonym", of), of

    def __call__(self, entity: str, text: str) -> str:
        """`<姓名_bcdfghjkmnpqrtvwbc>`."""
        return f"<{label(entity)}_{self.letters(entity, text)}>"

    def letters(self, entity: str, text: str) -> str:
        """The letters of the token; the same number has the same ones as any entity of its form."""
        message = f"{form_of(entity)}\0{canonical(entity, text)}".encode("utf-8", "surrogatepass")
        return mac(self._key, message, self._hash).hex()[:LENGTH].translate(TO_LETTERS)

    def __repr__(self) -> str:
        return f"Pseudonyms({self._hash})"
