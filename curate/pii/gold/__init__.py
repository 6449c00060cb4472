"""A synthetic labelled set of personal data in Chinese documents, of any size and seed, to measure finders with.

Every name, address and number in it is put together at random; check digits are right so that recall can be measured. None is
taken from anywhere; a number that somebody holds is one by chance. The set must not be used as test data that looks real.
"""

from __future__ import annotations

from .documents import documents
from .tables import kinds
from .templates import Setting

__all__ = ["Setting", "documents", "kinds"]
