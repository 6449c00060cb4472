"""Which record of a cluster stays: a policy of the config, whose last word is always the id."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BeforeValidator

from ..stage import Corpus

__all__ = ["Criterion", "Survivor", "standing"]

Criterion = Literal["longest", "best_quality", "newest", "source_order", "smallest_id"]
"""`best_quality` is the greatest `quality.score`, `newest` the latest `source.obtained_at`; what has none stands last."""


def _as_tuple(given: object) -> object:
    """One criterion may stand without a list; a validator before the model's own sees JSON's list as a list."""
    if isinstance(given, str):
        return (given,)
    return tuple(given) if isinstance(given, list) else given


Survivor = Annotated[tuple[Criterion, ...], BeforeValidator(_as_tuple)]


def standing(
    corpus: Corpus,
    addresses: npt.NDArray[np.uint64],
    survivor: Sequence[Criterion],
    sources: Sequence[str],
    n_chars: npt.NDArray[np.uint32] | None = None,
) -> tuple[pa.Array, npt.NDArray[np.int64]]:
    """The ids of the records at `addresses`, and for each its place among them, 0 for the one that stays first.

    `sources` are source ids, the preferred first; `n_chars` is not needed where all records are equally long.
    """
    columns = {"best_quality": "quality", "newest": "source", "source_order": "source"}
    wanted = dict.fromkeys(columns[c] for c in survivor if c in columns)
    table = corpus.take(addresses, ["id", *wanted])
    ids = table["id"].combine_chunks()
    keys: list[npt.NDArray[np.int64]] = []
    for criterion in survivor:
        match criterion:
            case "longest":
                if n_chars is not None:
                    keys.append(-n_chars.astype(np.int64))
            case "best_quality":
                keys.append(_ranks(pc.struct_field(table["quality"].combine_chunks(), "score"), "descending"))
            case "newest":
                keys.append(_ranks(pc.struct_field(table["source"].combine_chunks(), "obtained_at"), "descending"))
            case "source_order":
                source = pc.struct_field(table["source"].combine_chunks(), "source_id")
                keys.append(_filled(pc.index_in(source, pa.array(sources, pa.string())), len(sources)))
            case "smallest_id":
                break
    place = np.empty(len(ids), np.int64)
    place[np.lexsort([_ranks(ids, "ascending"), *reversed(keys)])] = np.arange(len(ids))
    return ids, place


def _ranks(values: pa.Array, order: Literal["ascending", "descending"]) -> npt.NDArray[np.int64]:
    """Equal values have equal ranks; what is null or no number stands last."""
    if pa.types.is_floating(values.type):
        values = pc.if_else(pc.is_nan(values), None, values)
    ranks: npt.NDArray[np.uint64] = pc.rank(values, order, tiebreaker="dense").to_numpy()
    return ranks.astype(np.int64)


def _filled(values: pa.Array, null: int) -> npt.NDArray[np.int64]:
    filled: npt.NDArray[np.int32] = pc.fill_null(values, null).to_numpy()
    return filled.astype(np.int64)
