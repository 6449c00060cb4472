"""The built-in stages: one tagged union, in the order a pipeline usually takes them."""

from __future__ import annotations

from typing import Annotated, Any, TypeGuard

from pydantic import Field

from ..stage import CorpusStage
from .against import Against
from .anonymise import Anonymise
from .boilerplate import Boilerplate
from .decontaminate import Decontaminate
from .exact_dedup import ExactDedup
from .language import Language
from .near_dedup import NearDedup
from .normalise import Normalise
from .quality import Quality
from .relevance import Relevance
from .repair import Repair
from .substrings import Substrings

__all__ = ["STAGES", "AnyStage", "is_corpus_stage"]

AnyStage = Annotated[
    Repair
    | Normalise
    | Language
    | Quality
    | Relevance
    | Against
    | Decontaminate
    | ExactDedup
    | NearDedup
    | Boilerplate
    | Substrings
    | Anonymise,
    Field(discriminator="kind"),
]

STAGES: dict[str, type[Any]] = {
    "repair": Repair,
    "normalise": Normalise,
    "language": Language,
    "quality": Quality,
    "relevance": Relevance,
    "against": Against,
    "decontaminate": Decontaminate,
    "exact_dedup": ExactDedup,
    "near_dedup": NearDedup,
    "boilerplate": Boilerplate,
    "substrings": Substrings,
    "anonymise": Anonymise,
}


def is_corpus_stage(stage: object) -> TypeGuard[CorpusStage]:
    """Whether a stage needs the whole corpus, rather than one row at a time."""
    return hasattr(stage, "reduce")
