"""Relevance: of which industry a record is, by the terms of that industry's lexicon."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import AfterValidator, Field, model_validator

from ..config import Strict, nearest
from ..errors import ConfigError, DomainError
from ..records import mark, set_column
from ..summary import SAID_AND_FOUND
from .evaluation import inside
from .industry_scores import Floats, Scorer, margins

if TYPE_CHECKING:
    from ..industry import Profile

__all__ = ["Relevance"]


class Relevance(Strict):
    """Tells the industry and the scene of each record by weighted terms, and drops records of other industries.

    For each industry the evidence is the sum over its terms found in the text of weight × rarity × ln(1 + count). Weights
    are those of its lexicon, from 3 down to negative ones, which speak against it; a scene's term weighs 1 where the lexicon does
    not give it another. Rarity is ln(1 + N / n) / ln(1 + N) for a term that speaks for n of N industries: 1 if for
    one alone, about a quarter if for all. Terms found in each other each count, letters as small ones.

    Evidence grows about with the square root of a text's length, so an industry's score is evidence / √(characters /
    1,000): what 1,000 characters of such text would give; texts under 200 characters count as 200. To it comes three times
    the score of the title by itself, a first line of at most 80 characters that is no sentence, of its terms of weight 2
    and more, for or against; at most 20. The margin is the
    log-odds ln((1 + own score) / (1 + greatest other score)), scores below 0 as 0: 0.7 is twice as much evidence,
    below 0 another industry has more.

    `relevance` and `margin` are those of the industry wanted, without one those of the best; null if the one wanted has no
    lexicon. `industry` stays what the
    catalog says, unless `relabel`; where that is null, it becomes the best industry if that reaches `least`. `scene` is
    the scene of that industry with the greatest score, null where no term of any is found.

    Dropped are, with `action: drop`, `other_industry`: another industry reaches `least`, and the margin (the value) is
    under `least_margin`; and `no_industry`: the score (the value) of the one wanted, or without one of the best, is
    under `least`.

    With `action: route` every record is one of its best industry, whatever the catalog says, and the dataset gets a subset
    for each of `routes`. Dropped are, as `other_industry`, records whose best industry is not among them, or is best by
    less than `least_margin`; and `no_industry` as above.
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
    action: Literal["label", "drop", "route"] = "label"
    """Whether all records are only labelled, those of other industries and of none are dropped, or each goes to its own."""
    routes: tuple[str, ...] = ()
    """Industries that get a subset each, with `action: route`."""
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
        "tally": pa.string(),
    }
    reasons: ClassVar[tuple[str, ...]] = ("other_industry", "no_industry")

    @model_validator(mode="after")
    def _routed(self) -> Relevance:
        if self.action == "route":
            if not self.routes:
                raise ValueError("action route needs routes: the industries that get a subset each")
            if len(set(self.routes)) < len(self.routes):
                raise ValueError("an industry is named twice in routes")
            if self.industry is not None:
                raise ValueError("with action route no single industry is wanted")
        elif self.routes:
            raise ValueError("routes are for action: route")
        return self

    def settled(self, profile: Profile) -> Relevance:
        """The stage with what a config leaves open: the industry wanted, its own, and which lexicons there are."""
        wanted = self.industry if self.action == "route" else self.industry or profile.name
        return self.model_copy(update={"industry": wanted, "lexicons": self.lexicons or self._digest(wanted)})

    def _digest(self, industry: str | None) -> str:
        """Of the built-in industries compared where `industry` is wanted."""
        from ..industry import builtin_profiles, digest_of

        return digest_of(p for name, p in builtin_profiles().items() if self._compares(name, industry))

    def _compares(self, name: str, industry: str | None) -> bool:
        return not self.among or name in self.among or name in self.routes or name == industry

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
        wanted = [*self.among, *self.routes, *([self.industry] if self.industry and self.action == "drop" else [])]
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

            found = pa.array(names, pa.string()).take(pa.array(best, mask=highest < self.least))
            said = _said(batch)
            industry = found if self.relabel or self.action == "route" else pc.coalesce(said, found)
            tally = pc.binary_join_element_wise(pc.fill_null(said, "-"), pc.fill_null(found, "-"), SAID_AND_FOUND)
            unknown = np.full(n, self.industry is not None and own is None)
            batch = set_column(batch, "industry", industry)
            batch = set_column(batch, "scene", scorer.scenes(scores.scenes, industry))
            batch = set_column(batch, "relevance", pa.array(score.astype(np.float32), mask=unknown))
            batch = set_column(batch, "margin", pa.array(margin.astype(np.float32), mask=unknown))
            batch = set_column(batch, "tally", tally)
            away = np.isin(best, [i for i, name in enumerate(names) if name not in self.routes])
            return self._mark(batch, score, margin, highest, away)

        return relevance

    def _mark(
        self, batch: pa.RecordBatch, score: Floats, margin: Floats, highest: Floats, away: npt.NDArray[np.bool_]
    ) -> pa.RecordBatch:
        """Mark what goes; `away` are records whose best industry is no route."""
        reasons: list[str | None] = [None] * batch.num_rows
        values: list[float | None] = [None] * batch.num_rows
        thresholds: list[float | None] = [None] * batch.num_rows
        if self.action != "label":
            other = (highest >= self.least) & (margin < self.least_margin)
            if self.action == "route":
                other |= (highest >= self.least) & away
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
