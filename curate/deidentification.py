"""What a manifest says of de-identification, computed from stages and counts: by a run, and again by `verify`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .pii.level import level_of
from .stages.anonymise import Anonymise
from .stages.recheck import Recheck

__all__ = ["deidentification"]


def deidentification(
    stages: Sequence[Any], summary: Mapping[str, Any], classes: Mapping[str, Mapping[str, Any]], highest: float
) -> dict[str, Any]:
    """The level reached, why it is not higher, and the figures it rests on; `classes` by source as `Classes.told` gives them."""
    anonymise = next((s for s in stages if isinstance(s, Anonymise)), None)
    residual = dict(summary["residual"]) if any(isinstance(s, Recheck) for s in stages) else None
    told = level_of(
        anonymised=anonymise is not None,
        residual=residual,
        classes=classes,
        free_text=any(n for source, n in summary["source"].items() if source not in classes),
        reversible=anonymise is not None and anonymise.reversible,
        highest=highest,
    )
    return {**told, "residual": residual, "classes": dict(classes), "max_reidentification": highest}
