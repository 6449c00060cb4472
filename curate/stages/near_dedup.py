"""Near deduplication: of records whose character shingles nearly agree one stays.

Candidates are found by MinHash and locality-sensitive hashing (Leskovec, Rajaraman, Ullman, Mining of Massive Datasets,
chapter 3) and verified by exact Jaccard; verified pairs make clusters, and each cluster keeps one record.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import pairwise
from typing import ClassVar, Literal, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field, model_validator

from ..config import Strict
from ..records import set_column, text_buffers
from ..stage import Corpus
from .decisions import DECISION, aligned, mark_decided
from .survivors import Survivor, standing

__all__ = ["NearDedup"]

EDGES = pa.schema(
    [
        pa.field("a", pa.uint64(), nullable=False),
        pa.field("b", pa.uint64(), nullable=False),
        pa.field("jaccard", pa.float64(), nullable=False),
        pa.field("a_chars", pa.uint32(), nullable=False),
        pa.field("b_chars", pa.uint32(), nullable=False),
    ]
)
"""Verified pairs of one partition, as addresses: a forest, at most one edge for each record but one of a cluster."""

CHUNK_CHARS = 4 << 20
"""Code points of text held at once; with their shingle sets about 11 bytes each."""

SORTED_ROWS = 1 << 19
"""Rows of crowded groups that are sorted at once, or one group more; while they are, their ids are in memory."""

REFUTED = 1 << 18
"""Refuted pairs remembered, 8 bytes each."""

WEIGHTS = (0.01, 0.99)
"""Weights of a false candidate and of a missed pair: the first costs one comparison, the second cannot be made good."""

Ints = npt.NDArray[np.int64]


class NearDedup(Strict):
    """Drop records that nearly repeat another, or only name their cluster; of each cluster one record stays."""

    kind: Literal["near_dedup"] = "near_dedup"
    version: ClassVar[int] = 2
    adds: ClassVar[Mapping[str, pa.DataType]] = {"cluster": pa.string()}
    reasons: ClassVar[tuple[str, ...]] = ("near_duplicate",)

    threshold: float = Field(0.8, gt=0, le=1)
    """Least Jaccard similarity of two records' shingle sets, 0 to 1."""
    shingle: int = Field(5, ge=1, le=64)
    """Characters in a shingle; a text shorter than that is one shingle."""
    permutations: int = Field(128, ge=8, le=1024, multiple_of=8)
    """Values in a MinHash signature."""
    bands: int | Literal["auto"] = 21
    """Bands of the signature: records that agree in one whole band are compared. `auto` with `rows: auto`."""
    rows: int | Literal["auto"] = 6
    """Values in a band. `auto` lets datasketch choose bands and rows for the threshold."""
    look_back: int = Field(64, ge=1)
    """In a larger group than this, sorted by length and id, each record is compared with this many before it.

    Copies miss each other only where every band they share is so crowded.
    """
    survivor: Survivor = ("longest",)
    """Which record of a cluster stays, by the first of these that tells them apart; at last the one with the least id."""
    sources: tuple[str, ...] = ()
    """Ids of sources, the preferred first, for `source_order`; sources that are not named come after them."""
    action: Literal["drop", "mark"] = "drop"
    """`mark` drops nothing: the records of a cluster carry its name and fall into one split."""

    singles: ClassVar[bool] = False
    edits: ClassVar[bool] = False
    stores: ClassVar[tuple[str, ...]] = ("signature",)

    @model_validator(mode="after")
    def _bands_fit(self) -> Self:
        if (self.bands == "auto") != (self.rows == "auto"):
            raise ValueError("bands and rows are either both auto or both numbers")
        if self.bands != "auto" and self.rows != "auto":
            if self.bands < 1 or self.rows < 1:
                raise ValueError("bands and rows must be at least 1")
            if self.bands * self.rows > self.permutations:
                raise ValueError("bands × rows must not be more than permutations")
        return self

    def layout(self) -> tuple[int, int]:
        """The number of bands and of rows in a band."""
        if self.bands == "auto" or self.rows == "auto":
            return _chosen_layout(self.threshold, self.permutations)
        return self.bands, self.rows

    def keys(self) -> tuple[str, ...]:
        """One key for each band."""
        return tuple(f"band_{i:03d}" for i in range(self.layout()[0]))

    def emit(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """One row for each record that has text: its keys, its length in code points and its signature."""
        from ..kernels import minhash

        bands, rows = self.layout()
        n = batch.num_rows
        signature, chars = minhash.sign(batch.column("text"), self.shingle, self.permutations)
        keys = np.empty((bands, n), np.uint64)
        minhash.band_keys(signature, rows, keys)
        emitted = pa.record_batch(
            {
                **{name: pa.array(key) for name, key in zip(self.keys(), keys, strict=True)},
                "row": pa.array(np.arange(n, dtype=np.uint32)),
                "n_chars": pa.array(chars),
                "signature": pa.FixedSizeBinaryArray.from_buffers(
                    pa.binary(4 * self.permutations), n, [None, pa.py_buffer(signature)]
                ),
            }
        )
        return emitted if chars.all() else emitted.filter(pa.array(chars > 0))

    def reduce(self, group: pa.Table, corpus: Corpus) -> pa.Table:
        """The verified pairs (EDGES) of some groups: a forest, so that the merge gets no more than it needs."""
        from ..kernels import clusters

        if not group.num_rows:
            return EDGES.empty_table()
        rows, sets = _Rows(group, corpus, self.look_back), _Sets(corpus, self.shingle)
        m = len(rows.address)
        parent = np.arange(m)
        refuted = np.zeros(REFUTED, np.uint64)
        index = np.full(m, -1, np.int64)
        edges = np.empty((m, 2), np.int64)
        measured = np.empty(m, np.float64)
        count = 0
        for lo, hi in pairwise(clusters.chunks(rows.doc, rows.n_chars, CHUNK_CHARS).tolist()):
            wanted = np.zeros(m, np.bool_)
            clusters.pending(rows.doc, rows.start, lo, hi, self.look_back, parent, refuted, wanted)
            documents = np.flatnonzero(wanted)
            if not len(documents):
                continue
            index[documents] = np.arange(len(documents))
            values, bounds = sets.of(rows.address[documents], int(rows.n_chars[documents].sum()))
            count = clusters.link(
                rows.doc,
                rows.start,
                lo,
                hi,
                self.look_back,
                parent,
                refuted,
                index,
                values,
                bounds,
                self.threshold,
                edges,
                measured,
                count,
            )
            index[documents] = -1
        a, b = edges[:count, 0], edges[:count, 1]
        return pa.table(
            [rows.address[a], rows.address[b], measured[:count], rows.n_chars[a], rows.n_chars[b]], schema=EDGES
        )

    def merge(self, parts: Iterable[pa.Table], corpus: Corpus) -> pa.Table:
        """The decisions: each member of a cluster, the kept one with a null reason.

        `value` is the exact Jaccard with the kept record; where a record came to the cluster by way of others it may
        be less than the threshold.
        """
        from ..kernels import clusters

        edges = pa.concat_tables([EDGES.empty_table(), *parts])
        jaccard = edges["jaccard"].to_numpy()
        address, ends = np.unique(np.concatenate([edges["a"].to_numpy(), edges["b"].to_numpy()]), return_inverse=True)
        left, right = ends.reshape(2, -1).astype(np.int64)
        chars = np.empty(len(address), np.uint32)
        chars[left], chars[right] = edges["a_chars"].to_numpy(), edges["b_chars"].to_numpy()
        ids, place = standing(corpus, address, self.survivor, self.sources, chars)
        root = clusters.components(left, right, len(address))
        by_policy = np.lexsort((place, root))
        roots, first = np.unique(root[by_policy], return_index=True)
        keeper = by_policy[first][np.searchsorted(roots, root)]
        cluster = ids.take(pa.array(keeper))
        if self.action == "mark":
            nothing = [pa.nulls(len(address), field.type) for field in list(DECISION)[1:-1]]
            return pa.table([address, *nothing, cluster], schema=DECISION)
        dropped = keeper != np.arange(len(address))
        value = np.full(len(address), np.nan)
        for x, y in ((left, right), (right, left)):
            direct = keeper[x] == y
            value[x[direct]] = jaccard[direct]
        far = np.flatnonzero(dropped & np.isnan(value))
        far = far[np.argsort(keeper[far], kind="stable")]
        value[far] = self._measure(far, keeper[far], address, chars, corpus)
        kept = pa.array(~dropped)
        null = pa.scalar(None)
        return pa.table(
            [
                address,
                pc.if_else(kept, null, "near_duplicate"),
                pa.array(value, mask=~dropped),
                pc.if_else(kept, null, self.threshold),
                pc.if_else(kept, null, cluster),
                cluster,
            ],
            schema=DECISION,
        )

    def _measure(
        self,
        left: Ints,
        right: Ints,
        address: npt.NDArray[np.uint64],
        chars: npt.NDArray[np.uint32],
        corpus: Corpus,
    ) -> npt.NDArray[np.float64]:
        """The exact Jaccard of each pair of documents, which stand at `address` and have `chars` code points."""
        from ..kernels import clusters

        sets = _Sets(corpus, self.shingle)
        jaccard = np.empty(len(left), np.float64)
        texts = np.stack([left, right], axis=1).ravel()
        for lo, hi in pairwise(np.unique(clusters.chunks(texts, chars, CHUNK_CHARS) // 2).tolist()):
            documents, place = np.unique(np.stack([left[lo:hi], right[lo:hi]]), return_inverse=True)
            place = place.reshape(2, -1).astype(np.int64)
            values, bounds = sets.of(address[documents], int(chars[documents].sum()))
            clusters.jaccard_pairs(values, bounds, place[0], place[1], jaccard[lo:hi])
        return jaccard

    def mark(self, batch: pa.RecordBatch, decisions: pa.Table) -> pa.RecordBatch:
        """The batch with its near duplicates marked, and `cluster` set for every member of a cluster."""
        batch = set_column(batch, "cluster", aligned(decisions, "cluster", batch.num_rows))
        return mark_decided(batch, decisions)


class _Sets:
    """Shingle sets of the corpus, made in one buffer used again and again: fresh memory would cost more than hashing."""

    def __init__(self, corpus: Corpus, shingle: int) -> None:
        self._corpus, self._shingle = corpus, shingle
        self._values = np.empty(0, np.uint64)

    def of(self, addresses: npt.NDArray[np.uint64], chars: int) -> tuple[npt.NDArray[np.uint64], Ints]:
        """The sets of the texts at `addresses`, which have `chars` code points together; valid until the next call."""
        from ..kernels.minhash import shingle_sets

        text = self._corpus.take(addresses, ["text"])["text"].combine_chunks()
        if len(self._values) < chars:
            self._values = np.empty(chars, np.uint64)
        bounds = np.empty(len(addresses) + 1, np.int64)
        shingle_sets(*text_buffers(text), self._shingle, self._values, bounds)
        return self._values, bounds


class _Rows:
    """The rows of some groups in the order in which they are compared.

    Row i is document `doc[i]`, in the group that begins at row `start[i]`; document d stands at `address[d]` and has
    `n_chars[d]` code points. Groups stand in the order of their first document, so that the text of a document is
    seldom read twice. A group of more than `look_back` + 1 rows is sorted by length and id, so that which pairs are
    compared depends on the records alone.
    """

    def __init__(self, group: pa.Table, corpus: Corpus, look_back: int) -> None:
        key = group["group"].to_numpy()
        first = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]]))
        sizes = np.diff(first, append=len(key))
        self.start: Ints = np.repeat(first, sizes)
        self.address, doc = np.unique(group["address"].to_numpy(), return_inverse=True)
        self.n_chars = np.empty(len(self.address), np.uint32)
        self.n_chars[doc] = group["n_chars"].to_numpy()
        self.doc: Ints = doc.astype(np.int64)
        crowded = np.flatnonzero(sizes > look_back + 1)
        block = np.cumsum(sizes[crowded]) // SORTED_ROWS
        for some in np.split(crowded, np.flatnonzero(np.diff(block)) + 1) if len(crowded) else []:
            self._sort(corpus, np.concatenate([np.arange(first[i], first[i] + sizes[i]) for i in some]))

    def _sort(self, corpus: Corpus, rows: Ints) -> None:
        """Sort the rows of whole groups by length and id, within each."""
        doc = self.doc[rows]
        documents, which = np.unique(doc, return_inverse=True)
        place = standing(corpus, self.address[documents], (), ())[1]
        self.doc[rows] = doc[np.lexsort((place[which], self.n_chars[doc], self.start[rows]))]


@lru_cache(maxsize=16)
def _chosen_layout(threshold: float, permutations: int) -> tuple[int, int]:
    from datasketch import MinHashLSH

    chosen = MinHashLSH(threshold=threshold, num_perm=permutations, weights=WEIGHTS)
    return chosen.b, chosen.r
