"""Safety: which records hold terms of a lexicon of sensitive and illegal content, and of which risk classes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import AfterValidator, Field

from ..config import Strict, nearest
from ..errors import DomainError
from ..records import SAFETY, mark, set_column, text_buffers
from .evaluation import existing, inside
from .safety_lexicon import (
    Covered,
    Listing,
    contexts_of,
    coverage,
    digest_of,
    group_of,
    read_lexicon,
    risk_named,
    risks,
    sample,
    signs,
    spelling,
)

__all__ = ["SENSITIVE", "Matcher", "Matches", "Safety"]

SENSITIVE = "sensitive"
DIGITS = 12
"""Hex digits of a lexicon's digest that a record holds."""


def _risk(code: str) -> str:
    """The code of a risk or of a group of them, for validators."""
    known = risk_named(code) or (code if code in risks() else None)
    if known is None:
        raise ValueError(
            f"no such risk; expected a code such as A.1.a or a group such as A.1. {nearest(code, risks())}"
        )
    return known


class Safety(Strict):
    """Counts the terms of the operator's lexicons in each record, by risk class, and flags or drops records with many.

    A term is found whatever the width, case or script (simplified, traditional) it is written in, and with up to `gap` signs
    or spaces between its characters, but not over clause marks, quotation marks, brackets, or the end of a line. Terms found
    in each other each count; a term does not count in the contexts that its line names.

    A record is flagged if its hits, each as many as the level of its term, are more than `most` per 1,000 characters. The
    length matters: a statute on terrorism names it and is not illegal, and in a long report one hit says little. Even so
    hits make a record a candidate that a person looks at (GB/T 45652: keywords, a classifier and samples read by people),
    so that by default nothing is dropped. `safety` has the verdict, and the hits of all risks of records that are
    clean, too.

    Without lexicons a sample of a few dozen phrases is used, which is no protection: `curate safety lexicon` tells what
    is missing of the 10,000 terms of the standard.
    """

    kind: Literal["safety"] = "safety"
    lexicons: tuple[Annotated[str, AfterValidator(inside)], ...] = ()
    """Files below the domain, one term a line: `term, tab, risk[, tab, level[, tab, contexts]]`; none: the sample."""
    risks: tuple[Annotated[str, AfterValidator(_risk)], ...] = ()
    """Risks (A.1.a) and groups of them (A.2) that count; none: all."""
    most: float = Field(1.0, ge=0)
    """Most hits times level per 1,000 characters of a clean record (ROOTS allows Chinese 1 flagged word in 1,000); 0: no hit."""
    gap: int = Field(2, ge=0, le=16)
    """Most signs or spaces between two characters of a term; 0: a term is found only as it stands."""
    action: Literal["label", "drop"] = "label"
    """Whether flagged records are dropped, or all only labelled."""

    version: ClassVar[int] = 1  # raise it when the sample changes
    adds: ClassVar[Mapping[str, pa.DataType]] = {"safety": SAFETY, "tally": pa.string()}
    reasons: ClassVar[tuple[str, ...]] = (SENSITIVE,)

    def reads(self, root: Path) -> tuple[str, ...]:
        """The lexicons.

        Raises:
            DomainError: one is missing or has a mistake, or they have no term of the risks that count.
        """
        self._listings(root)
        return self.lexicons

    def coverage(self, root: Path) -> list[Covered]:
        """How many terms there are of each risk that counts, of the groups and of all together, and how many should be.

        Raises:
            DomainError: as `reads`.
        """
        return coverage(self._listings(root))

    def open(self, root: Path = Path()) -> Callable[[pa.RecordBatch], pa.RecordBatch]:
        """A function that adds `safety` and marks what is flagged; it holds the lexicons.

        Raises:
            DomainError: as `reads`.
        """
        listings = self._listings(root)
        matcher = Matcher(listings, self.gap)
        method, lexicon = pa.scalar("lexicon"), pa.scalar(digest_of(listings)[:DIGITS])

        def safety(batch: pa.RecordBatch) -> pa.RecordBatch:
            text = batch.column("text")
            found = matcher.match(text)
            chars = pc.utf8_length(text).to_numpy(zero_copy_only=False)
            value = found.weighed * 1000 / np.maximum(chars, 1)
            flagged = value > self.most
            verdict = pc.if_else(pa.array(flagged), "flagged", "clean")
            columns = [
                verdict,
                found.listed(),
                pa.repeat(method, batch.num_rows),
                pa.repeat(lexicon, batch.num_rows),
            ]
            batch = set_column(batch, "safety", pa.StructArray.from_arrays(columns, fields=list(SAFETY)))
            batch = set_column(batch, "tally", verdict)
            drops = (flagged if self.action == "drop" else np.zeros(batch.num_rows, np.bool_)).tolist()
            return mark(
                batch,
                [SENSITIVE if drop else None for drop in drops],
                values=[v if drop else None for v, drop in zip(value.tolist(), drops, strict=True)],
                thresholds=[self.most if drop else None for drop in drops],
            )

        return safety

    def _listings(self, root: Path) -> list[Listing]:
        """The lines of all lexicons that are of the risks that count."""
        found = [] if self.lexicons else list(sample())
        for name in self.lexicons:
            lines, problems = read_lexicon(existing(root, name).read_bytes(), name)
            if problems:
                p = problems[0]
                raise DomainError(
                    p.what,
                    where=f"{p.file}:{p.line}: {p.field}",
                    got=p.got,
                    expected=p.expected,
                    fix=f"`curate safety lexicon` lists all mistakes of this file, {len(problems)}.",
                )
            found += lines
        wanted = [x for x in found if not self.risks or x.risk in self.risks or group_of(x.risk) in self.risks]
        if not wanted:
            raise DomainError(
                "no term of the risks that count",
                where=", ".join(self.lexicons) or "the sample",
                got=f"{len(found)} terms",
                fix="Name other lexicons or other risks.",
            )
        return wanted


class Matches:
    """What was found in n texts."""

    def __init__(self, hits: npt.NDArray[np.int64], weighed: npt.NDArray[np.int64]) -> None:
        self._hits = hits
        self.weighed = weighed
        """Hits times level of each text."""

    def listed(self) -> pa.ListArray:
        """Of each text the risks with hits, in the order of Annex A, and how many."""
        rows, which = np.nonzero(self._hits)
        codes = pa.array(list(risks()), pa.string()).take(pa.array(which))
        kind = SAFETY.field("risks").type
        each = pa.StructArray.from_arrays(
            [codes, pa.array(self._hits[rows, which].astype(np.int32))], fields=list(kind.value_type)
        )
        bounds = np.searchsorted(rows, np.arange(len(self._hits) + 1)).astype(np.int32)
        return pa.ListArray.from_arrays(pa.array(bounds), each, type=kind)


class Matcher:
    """The terms of lexicons, ready to be found in texts."""

    def __init__(self, listings: Sequence[Listing], gap: int) -> None:
        from ..kernels.terms import vocabulary

        order = {code: i for i, code in enumerate(risks())}
        factors: dict[str, dict[int, tuple[int, int]]] = {}  # text → risk → factors of hits, of hits times level
        for (term, risk), (level, unless) in _once(listings).items():
            for text, factor in (contexts_of(term, unless) if unless else {term: 1}).items():
                of_text = factors.setdefault(text, {})
                hits, weighed = of_text.get(order[risk], (0, 0))
                of_text[order[risk]] = hits + factor, weighed + factor * level
        self._gap, self._risks = gap, len(order)
        texts = list(factors)
        each = [(risk, *pair) for text in texts for risk, pair in factors[text].items()]
        self._bounds = np.cumsum([0, *(len(factors[text]) for text in texts)])
        self._factors = np.array(each, np.int64)
        self._vocabulary = vocabulary(texts)
        self._kinds = _alike(self._vocabulary.classes)

    def match(self, texts: pa.Array) -> Matches:
        """The hits in texts, an array of strings."""
        from ..kernels.joined import joined
        from ..kernels.terms import count

        found = count(*joined(*text_buffers(texts), self._kinds, self._gap), self._vocabulary)
        first = self._bounds[found.terms]
        many = self._bounds[found.terms + 1] - first
        row = np.repeat(np.repeat(np.arange(len(texts)), np.diff(found.starts)), many)
        place = np.repeat(first - (np.cumsum(many) - many), many) + np.arange(len(row))
        risk, hits, weighed = self._factors[place].T
        times = np.repeat(found.counts, many)
        of_risk = np.bincount(row * self._risks + risk, hits * times, len(texts) * self._risks)
        of_text = np.bincount(row, weighed * times, len(texts))
        return Matches(of_risk.astype(np.int64).reshape(len(texts), self._risks), of_text.astype(np.int64))


def _once(listings: Sequence[Listing]) -> dict[tuple[str, str], tuple[int, tuple[str, ...]]]:
    """The level and contexts of each term for each of its risks; of one listed twice the highest level and all contexts."""
    terms: dict[tuple[str, str], tuple[int, tuple[str, ...]]] = {}
    for listing in listings:
        level, unless = terms.get((listing.term, listing.risk), (0, ()))
        terms[listing.term, listing.risk] = max(level, listing.level), (*unless, *listing.unless)
    return terms


def _alike(classes: npt.NDArray[np.uint16]) -> npt.NDArray[np.uint8]:
    """Make a vocabulary take all ways to write a character for one; gives the kinds of code points that `joined` reads."""
    from ..kernels import joined

    kinds = np.full(len(classes), joined.LETTER, np.uint8)
    wordy = [c for c in range(128) if chr(c).isalnum()]
    kinds[wordy] = wordy
    for point, new in spelling().items():
        if new:
            classes[point] = classes[ord(new)]
            if new.isascii():
                kinds[point] = ord(new)
    for name, kind in (("break", joined.BREAK), ("between", joined.BETWEEN), ("nothing", joined.NOTHING)):
        for span in signs()[name]:
            kinds[span] = kind
    return kinds
