"""A pipeline cut at its corpus stages: what each task over a shard does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .pipeline import Pipeline
from .splits import split_bounds
from .stage import CorpusStage
from .stages import AnyStage, is_corpus_stage
from .stages.stratify import Stratify

__all__ = ["Segment", "segments_of", "with_splits"]


@dataclass(frozen=True)
class Segment:
    """Row-local stages between two corpus stages: `marks` before them, `emits` after."""

    marks: CorpusStage | None
    stages: tuple[Any, ...]
    emits: CorpusStage | None


def segments_of(stages: Sequence[AnyStage | Stratify]) -> list[Segment]:
    """A pipeline cut at its corpus stages; always one segment more than there are of them."""
    segments: list[Segment] = []
    marks: CorpusStage | None = None
    local: list[Any] = []
    for stage in stages:
        if is_corpus_stage(stage):
            segments.append(Segment(marks, tuple(local), stage))
            marks, local = stage, []
        else:
            local.append(stage)
    segments.append(Segment(marks, tuple(local), None))
    return segments


def with_splits(pipeline: Pipeline) -> list[AnyStage | Stratify]:
    """The pipeline's stages, and the one that stratifies splits where that is wanted.

    It stands before those at the end that drop nothing: they need not write their rows for it, and shares are of what is kept.
    """
    stages: list[AnyStage | Stratify] = list(pipeline.stages)
    splits = pipeline.splits
    if splits.stratify:
        at = len(stages)
        while at and not (is_corpus_stage(stages[at - 1]) or stages[at - 1].reasons):
            at -= 1
        names, _ = split_bounds(splits.shares())
        shares = tuple(splits.shares()[name] for name in names)
        stages.insert(at, Stratify(by=splits.stratify, splits=tuple(names), shares=shares, seed=splits.seed))
    return stages
