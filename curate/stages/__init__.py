"""The built-in stages: one tagged union, in the order a pipeline usually takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Protocol, TypeGuard, runtime_checkable

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
from .recheck import Recheck
from .relevance import Relevance
from .repair import Repair
from .safety import Safety
from .substrings import Substrings

if TYPE_CHECKING:
    from ..industry import Profile

__all__ = ["STAGES", "AnyStage", "Settles", "is_corpus_stage"]

AnyStage = Annotated[
    Repair
    | Normalise
    | Language
    | Quality
    | Safety
    | Relevance
    | Against
    | Decontaminate
    | ExactDedup
    | NearDedup
    | Boilerplate
    | Substrings
    | Anonymise
    | Recheck,
    Field(discriminator="kind"),
]

STAGES: dict[str, type[Any]] = {
    "repair": Repair,
    "normalise": Normalise,
    "language": Language,
    "quality": Quality,
    "safety": Safety,
    "relevance": Relevance,
    "against": Against,
    "decontaminate": Decontaminate,
    "exact_dedup": ExactDedup,
    "near_dedup": NearDedup,
    "boilerplate": Boilerplate,
    "substrings": Substrings,
    "anonymise": Anonymise,
    "recheck": Recheck,
}


@runtime_checkable
class Settles(Protocol):
    """A stage with parameters that the industry of a config gives where recipe and config leave them open."""

    def settled(self, profile: Profile) -> Any:
        """The stage with those parameters filled in."""
        ...


def is_corpus_stage(stage: object) -> TypeGuard[CorpusStage]:
    """Whether a stage needs the whole corpus, rather than one row at a time."""
    return hasattr(stage, "reduce")
