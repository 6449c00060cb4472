"""What deduplication decided on a planted corpus against what it should have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curate.kernels.clusters import components, jaccard_pairs
from curate.kernels.minhash import shingle_sets
from curate.records import text_buffers
from curate.stages.near_dedup import NearDedup

from .planted import CHARS, KINDS, Ints, Planted

AT_ONCE = 200_000  # documents
PAGE = 0  # the kind whose one cluster is too large for all its pairs, and all alike


@dataclass(frozen=True)
class Outcome:
    """Of one kind of documents: pairs at or over the threshold, those in one cluster; records to remove, removed."""

    name: str
    documents: int
    pairs: int
    pairs_found: int
    removable: int
    removed: int


@dataclass(frozen=True)
class Verdict:
    """`outcomes` by kind; `strangers` are records removed or kept that belong to no cluster or to another one."""

    outcomes: list[Outcome]
    strangers: int


def judge(corpus: Planted, decisions: pa.Table, stage: NearDedup) -> Verdict:
    """Compare with all pairs of every planted cluster, measured exactly."""
    roles = corpus.roles(decisions["address"].to_numpy())
    names = decisions["cluster"].combine_chunks().dictionary_encode().indices.to_numpy()
    alone = roles >= corpus.planted
    label = np.full(corpus.planted, -1, np.int64)
    label[roles[~alone]] = names[~alone]
    gone = np.zeros(corpus.planted, np.bool_)
    gone[roles[~alone]] = decisions["reason"].combine_chunks().is_valid().to_numpy(zero_copy_only=False)[~alone]
    left, right = _true_pairs(corpus, stage)
    connected = components(left, right, corpus.planted)
    kind = np.repeat(corpus.kinds, corpus.sizes)
    found = (label[left] >= 0) & (label[left] == label[right])
    outcomes = []
    for number, known in enumerate(KINDS):
        here, pair = kind == number, kind[left] == number
        roots = len(np.unique(connected[here]))
        outcomes.append(
            Outcome(
                known.name,
                int(here.sum()),
                int(pair.sum()),
                int(found[pair].sum()),
                int(here.sum()) - roots,
                int(gone[here].sum()),
            )
        )
    return Verdict(outcomes, int(alone.sum()) + _mixed(label, connected))


def _mixed(label: Ints, connected: Ints) -> int:
    """Records in a decided cluster with one that no chain of true pairs leads to."""
    inside = np.flatnonzero(label >= 0)
    whose = np.full(int(label.max(initial=-1)) + 1, -1, np.int64)
    whose[label[inside]] = connected[inside]
    return int((whose[label[inside]] != connected[inside]).sum())


def _true_pairs(corpus: Planted, stage: NearDedup) -> tuple[Ints, Ints]:
    """All pairs of roles of one cluster whose Jaccard is at least the threshold; of copies, those of neighbours."""
    copies = np.flatnonzero(corpus.kinds == PAGE)
    pages = np.concatenate([np.arange(corpus.starts[c], corpus.starts[c + 1] - 1) for c in copies])
    found = [np.stack([pages, pages + 1])]
    for size in range(2, int(corpus.sizes[corpus.kinds != PAGE].max(initial=1)) + 1):
        here = np.flatnonzero((corpus.sizes == size) & (corpus.kinds != PAGE))
        i, j = np.triu_indices(size, 1)
        for some in np.array_split(here, -(-len(here) * size // AT_ONCE) or 1):
            roles = (corpus.starts[some][:, None] + np.arange(size)).ravel()
            first = size * np.arange(len(some))[:, None]
            left, right = (first + i).ravel(), (first + j).ravel()
            near = _jaccard(corpus, stage, roles, left, right) >= stage.threshold
            found.append(np.stack([roles[left[near]], roles[right[near]]]))
    pairs = np.concatenate(found, axis=1)
    return np.ascontiguousarray(pairs[0]), np.ascontiguousarray(pairs[1])


def _jaccard(corpus: Planted, stage: NearDedup, roles: Ints, left: Ints, right: Ints) -> npt.NDArray[np.float64]:
    values = np.empty(len(roles) * CHARS[1], np.uint64)
    bounds = np.empty(len(roles) + 1, np.int64)
    shingle_sets(*text_buffers(corpus.texts(roles)), stage.shingle, values, bounds)
    out = np.empty(len(left), np.float64)
    jaccard_pairs(values, bounds, left, right, out)
    return out


def removed_pairs(corpus: Planted, decisions: pa.Table, most: int) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Of up to `most` records that were removed: the text, the text of the one it is said to repeat, the decision."""
    gone = np.flatnonzero(decisions["reason"].combine_chunks().is_valid().to_numpy(zero_copy_only=False))
    some = decisions.take(pa.array(gone[:: max(1, len(gone) // most)]))
    roles = corpus.roles(some["address"].to_numpy())
    kept = np.array([int(name[10:], 16) for name in some["duplicate_of"].to_pylist()], np.int64)
    texts = zip(corpus.texts(roles).to_pylist(), corpus.texts(kept).to_pylist(), strict=True)
    for (text, other), decision in zip(texts, some.to_pylist(), strict=True):
        yield text, other, decision
