"""Relevance: of which industry a record is, by the terms of that industry's lexicon."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import AfterValidator, Field

from ..config import Strict, nearest
from ..errors import ConfigError, DomainError
from ..records import mark, set_column, text_buffers
from .evaluation import inside

if TYPE_CHECKING:
    from ..industry import Profile

__all__ = ["Relevance", "Scorer"]

SCENE_WEIGHT = 1.0
"""Weight of a scene's term for the industry, where its lexicon gives none; within the scene every term has it."""

SHORTEST = 200
"""Characters as which a shorter text counts: one term that got into it by chance is no evidence."""

Floats = npt.NDArray[np.float64]


class Relevance(Strict):
    """Tells the industry and the scene of each record by weighted terms, and drops records of other industries.

    For each industry the evidence is the sum over its terms found in the text of weight × rarity × ln(1 + count). Weights
    are those of its lexicon, from 3 down to negative ones, which speak against it; a scene's term weighs 1 where the lexicon does
    not give it another. Rarity is ln(1 + N / n) / ln(1 + N) for a term that speaks for n of N industries: 1 if for
    one alone, about a quarter if for all. Terms found in each other each count, letters as small ones.

    Evidence grows about with the square root of a text's length, so an industry's score is evidence / √(characters /
    1,000): what 1,000 characters of such text would give; texts under 200 characters count as 200. The margin is the
    log-odds ln((1 + own score) / (1 + greatest other score)), scores below 0 as 0: 0.7 is twice as much evidence,
    below 0 another industry has more.

    `relevance` and `margin` are those of the industry wanted, without one those of the best; null if the one wanted has no
    lexicon. `industry` stays what the
    catalog says, unless `relabel`; where that is null, it becomes the best industry if that reaches `least`. `scene` is
    the scene of that industry with the greatest score, null where no term of any is found.

    Dropped are, with `action: drop`, `other_industry`: another industry reaches `least`, and the margin (the value) is
    under `least_margin`; and `no_industry`: the score (the value) of the one wanted, or without one of the best, is
    under `least`.
    """

    kind: Literal["relevance"] = "relevance"
    industry: str | None = None
    """The industry wanted; filled in with the config's own."""
    among: tuple[str, ...] = ()
    """Names of the industries that are compared; without names all."""
    files: tuple[Annotated[str, AfterValidator(inside)], ...] = ()
    """Files below the domain, each with one more industry: a config, or its section `industry:` alone."""
    least: float = Field(5.0, ge=0)
    """Least score that makes a record one of an industry; 5 is reached by 3 % of textbook chapters on computing."""
    least_margin: float = 0.0
    """Least margin of the industry wanted over all others."""
    action: Literal["label", "drop"] = "label"
    """Whether records of other industries and of none are dropped, or all only labelled."""
    relabel: bool = False
    """Whether `industry` is set to the best one, or to null if none reaches `least`, whatever the catalog says."""
    lexicons: str = ""
    """SHA-256 of the terms of the built-in industries compared; filled in, so that a lexicon that changed is a changed stage.

    A run with others is refused.
    """

    version: ClassVar[int] = 1
    adds: ClassVar[Mapping[str, pa.DataType]] = {
        "industry": pa.string(),
        "scene": pa.string(),
        "relevance": pa.float32(),
        "margin": pa.float32(),
    }
    reasons: ClassVar[tuple[str, ...]] = ("other_industry", "no_industry")

    def settled(self, industry: str) -> Relevance:
        """The stage with what a config for `industry` leaves open: the industry wanted, and which lexicons there are."""
        wanted = self.industry or industry
        return self.model_copy(update={"industry": wanted, "lexicons": self.lexicons or self._digest(wanted)})

    def _digest(self, industry: str | None) -> str:
        """Of the built-in industries compared where `industry` is wanted."""
        from ..industry import builtin_profiles, digest_of

        return digest_of(p for name, p in builtin_profiles().items() if self._compares(name, industry))

    def _compares(self, name: str, industry: str | None) -> bool:
        return not self.among or name in self.among or name == industry

    def reads(self, root: Path) -> tuple[str, ...]:
        """The files of further industries.

        Raises:
            DomainError: one cannot be read or is wrong, an industry named has no lexicon, or the lexicons are others.
        """
        self._profiles(root)
        return self.files

    def _profiles(self, root: Path) -> list[Profile]:
        """The industries compared, in the order of names."""
        from ..industry import load_industries  # and YAML with it, which no other stage needs

        try:
            known = load_industries(self.files, root)
        except ConfigError as error:
            p = error.problems[0]
            raise DomainError(p.what, where=f"{p.file}:{p.line}: {p.field}", got=p.got, expected=p.expected) from None
        known = {name: profile for name, profile in known.items() if profile.terms()}
        wanted = [*self.among, *([self.industry] if self.industry and self.action == "drop" else [])]
        for name in wanted:
            if name not in known:
                raise DomainError(
                    "no lexicon of this industry",
                    where="relevance",
                    got=name,
                    expected="one of " + ", ".join(known),
                    fix=nearest(name, known) or "Name the file that has it in relevance.files.",
                )
        if self.lexicons and self.lexicons != self._digest(self.industry):
            raise DomainError(
                "the lexicons are not those that the config was made with",
                where="relevance.lexicons",
                got=self.lexicons,
                fix="Leave the field out to use those of this version.",
            )
        return [p for name, p in known.items() if self._compares(name, self.industry)]

    def open(self, root: Path = Path()) -> Callable[[pa.RecordBatch], pa.RecordBatch]:
        """A function that adds `industry`, `scene`, `relevance` and `margin` and marks what is of another industry.

        Raises:
            DomainError: as `reads`.
        """
        scorer = Scorer(self._profiles(root))
        names = scorer.names
        own = names.index(self.industry) if self.industry in names else None

        def relevance(batch: pa.RecordBatch) -> pa.RecordBatch:
            n = batch.num_rows
            scores = scorer.score(batch.column("text"))
            best = scores.industries.argmax(axis=1)
            highest = scores.industries[np.arange(n), best]
            wanted = best if own is None else np.full(n, own)
            score = scores.industries[np.arange(n), wanted]
            margin = margins(scores.industries, wanted)

            industry = pa.array(names, pa.string()).take(pa.array(best, mask=highest < self.least))
            if not self.relabel and "industry" in batch.schema.names:
                industry = pc.coalesce(batch["industry"], industry)
            unknown = np.full(n, self.industry is not None and own is None)
            batch = set_column(batch, "industry", industry)
            batch = set_column(batch, "scene", scorer.scenes(scores.scenes, industry))
            batch = set_column(batch, "relevance", pa.array(score.astype(np.float32), mask=unknown))
            batch = set_column(batch, "margin", pa.array(margin.astype(np.float32), mask=unknown))
            return self._mark(batch, score, margin, highest)

        return relevance

    def _mark(self, batch: pa.RecordBatch, score: Floats, margin: Floats, highest: Floats) -> pa.RecordBatch:
        reasons: list[str | None] = [None] * batch.num_rows
        values: list[float | None] = [None] * batch.num_rows
        thresholds: list[float | None] = [None] * batch.num_rows
        if self.action == "drop":
            other = (highest >= self.least) & (margin < self.least_margin)
            none = (score < self.least) & ~other
            for row in np.flatnonzero(other | none).tolist():
                if other[row]:
                    reasons[row], values[row], thresholds[row] = "other_industry", float(margin[row]), self.least_margin
                else:
                    reasons[row], values[row], thresholds[row] = "no_industry", float(score[row]), self.least
        return mark(batch, reasons, values=values, thresholds=thresholds)


def _said(batch: pa.RecordBatch) -> pa.Array:
    """What the catalog says of each record's industry."""
    return batch["industry"] if "industry" in batch.schema.names else pa.nulls(batch.num_rows, pa.string())


def margins(scores: Floats, wanted: npt.NDArray[np.int64]) -> Floats:
    """The log-odds of the industry wanted of each record against the best of the others; scores (records, industries)."""
    rows = np.arange(len(scores))
    positive = np.log1p(np.maximum(scores, 0.0))
    own = positive[rows, wanted]
    positive[rows, wanted] = 0.0
    difference: Floats = own - positive.max(axis=1, initial=0.0)
    return difference


@dataclass(frozen=True)
class Scores:
    """Scores of n records."""

    industries: Floats
    """Shape (n, industries)."""
    scenes: Floats
    """Shape (n, scenes of all industries)."""


class Scorer:
    """The terms of some industries, ready to score texts."""

    def __init__(self, profiles: Sequence[Profile]) -> None:
        from ..kernels.terms import vocabulary

        self.names = [p.name for p in profiles]
        self._scenes = [(i, scene.name) for i, p in enumerate(profiles) for scene in p.all_scenes()]
        said: dict[str, dict[int, float]] = {}  # term → slot → weight; slots are industries, then scenes
        slot = len(profiles)
        for i, profile in enumerate(profiles):
            for scene in profile.all_scenes():
                for term in scene.terms:
                    of_term = said.setdefault(term, {})
                    of_term[i] = of_term[slot] = SCENE_WEIGHT
                slot += 1
            for weight, terms in profile.lexicon.items():
                for term in terms:
                    said.setdefault(term, {})[i] = float(weight)
        self._slots = slot
        ordered = sorted(said)
        self._vocabulary = vocabulary(ordered)
        bounds, slots, weights = [0], [], []
        for term in ordered:
            speaks_for = sum(1 for s, weight in said[term].items() if s < len(profiles) and weight > 0)
            rarity = np.log1p(len(profiles) / max(1, speaks_for)) / np.log1p(len(profiles))
            slots += list(said[term])
            weights += [weight * rarity for weight in said[term].values()]
            bounds.append(len(slots))
        self._bounds = np.array(bounds, np.int64)
        self._slot = np.array(slots, np.int32)
        self._weight = np.array(weights, np.float64)

    def score(self, texts: pa.Array) -> Scores:
        """The scores of texts, an array of strings."""
        from ..kernels import terms

        found = terms.count(*text_buffers(texts), self._vocabulary)
        sums = np.zeros((len(texts), self._slots), np.float64)
        terms.weigh(found.starts, found.terms, found.counts, self._bounds, self._slot, self._weight, sums)
        sums /= np.sqrt(np.maximum(found.chars, SHORTEST) / 1000.0)[:, None]
        return Scores(sums[:, : len(self.names)], sums[:, len(self.names) :])

    def scenes(self, scores: Floats, industry: pa.Array) -> pa.Array:
        """The best scene of each record's industry by its scores, null where it has none above 0."""
        of = pc.fill_null(pc.index_in(industry, pa.array(self.names, pa.string())), -1).to_numpy(zero_copy_only=False)
        index = np.full(len(industry), -1, np.int64)
        for i in range(len(self.names)):
            own = np.array([k for k, (owner, _) in enumerate(self._scenes) if owner == i], np.int64)
            rows = np.flatnonzero(of == i)
            if len(own) and len(rows):
                here = scores[np.ix_(rows, own)]
                index[rows] = np.where(here.max(axis=1) > 0, here.argmax(axis=1) + own[0], -1)
        names = pa.array([name for _, name in self._scenes], pa.string())
        return names.take(pa.array(index, mask=index < 0))
