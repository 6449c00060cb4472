"""A corpus of any size that is nowhere stored: every text follows from its place, and which texts are near copies is known.

Documents stand in shards as a run cuts them. What a document is, is decided by its *role*, a number that is spread over the
corpus by a product: members of one cluster have neighbouring roles and stand far from each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import gcd

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from numba import njit

from curate.jobs.files import SHARD_BITS, pack_address, row_of, shard_of

Ints = npt.NDArray[np.int64]
Addresses = npt.NDArray[np.uint64]

SHARD_ROWS = 25_000  # 64 MB of text, at 2.6 kB each
CHARS = (100, 200)  # of a text
FRAMES, FRAME_CHARS = 20, 160  # forms filled in by many: the first `FRAME_SHARE` of the text is the form's
FRAME_SHARE = 0.7
FIRST, KINDS_OF_CHARS = 0x4E00, 20_000  # CJK, three bytes each in UTF-8


@dataclass(frozen=True)
class Kind:
    """Clusters of one kind: their share of the corpus, how many documents each has, and how many edits each of those."""

    name: str
    share: float
    sizes: tuple[int, int]
    edits: tuple[int, int]
    framed: bool = False


KINDS = (
    Kind("page copied", 0.005, (0, 0), (0, 0)),  # one cluster
    Kind("near copies", 0.10, (2, 50), (0, 2)),
    Kind("not near enough", 0.02, (2, 5), (2, 5)),
    Kind("form filled in", 0.015, (1, 2), (0, 1), framed=True),
)
"""One edit of 100 to 200 characters leaves a Jaccard of 0.90 to 0.95, two 0.81 to 0.90, three 0.73 to 0.86, ten 0.3 to 0.6."""

SEED, STEP = np.uint64(0x51A7E5), np.uint64(0x9E3779B97F4A7C15)
A, B = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


@njit(inline="always")
def mixed(x):  # type: ignore[no-untyped-def]
    """The finaliser of SplitMix64."""
    x = (x + STEP) & np.uint64(0xFFFFFFFFFFFFFFFF)
    x = (x ^ (x >> np.uint64(30))) * A
    x = (x ^ (x >> np.uint64(27))) * B
    return x ^ (x >> np.uint64(31))


@njit(inline="always")
def below(x, n):  # type: ignore[no-untyped-def]
    return np.int64((mixed(x) >> np.uint64(32)) * np.uint64(n) >> np.uint64(32))


@njit(nogil=True, cache=True)
def lengths(base, framed, least, most):  # type: ignore[no-untyped-def]
    out = np.empty(len(base), np.int32)
    for i in range(len(base)):
        size = below(mixed(np.uint64(base[i])) ^ SEED, most - least + 1) + least
        out[i] = FRAME_CHARS if framed[i] else size
    return out


@njit(nogil=True, cache=True)
def write(base, member, framed, low, high, offsets, out):  # type: ignore[no-untyped-def]
    """The texts of documents, each the text of its base with some characters replaced, as UTF-8."""
    frame_chars = int(FRAME_CHARS * FRAME_SHARE)
    for i in range(len(base)):
        start, n = offsets[i], (offsets[i + 1] - offsets[i]) // 3
        own = mixed(np.uint64(base[i]) + SEED)
        frame = mixed(np.uint64(base[i] % FRAMES) ^ (SEED << np.uint64(20)))
        for j in range(n):
            source = frame if framed[i] and j < frame_chars else own
            put(out, start + 3 * j, below(source + np.uint64(j), KINDS_OF_CHARS))
        edit = mixed(own + np.uint64(member[i]) + np.uint64(1))
        for k in range(low[i] + below(edit, high[i] - low[i] + 1)):
            at = below(edit + np.uint64(2 * k + 1), n)
            put(out, start + 3 * at, below(edit + np.uint64(2 * k + 2), KINDS_OF_CHARS))


@njit(inline="always")
def put(out, at, char):  # type: ignore[no-untyped-def]
    point = FIRST + char
    out[at] = 0xE0 | point >> 12
    out[at + 1] = 0x80 | point >> 6 & 0x3F
    out[at + 2] = 0x80 | point & 0x3F


@njit(nogil=True, cache=True)
def write_ids(roles, out):  # type: ignore[no-untyped-def]
    """20 hexadecimal digits, as a record's id has: half of a hash, then the role."""
    for i in range(len(roles)):
        head = mixed(np.uint64(roles[i]) ^ SEED)
        for j in range(20):
            digit = head >> np.uint64(4 * j) if j < 10 else np.uint64(roles[i]) >> np.uint64(4 * (19 - j))
            value = np.uint8(digit & np.uint64(15))
            out[20 * i + j] = value + (48 if value < 10 else 87)


class Planted:
    """`documents` documents in shards; implements `curate.stage.Corpus` for `text` and `id`."""

    def __init__(self, documents: int) -> None:
        self.documents = documents
        rng = np.random.default_rng(7)
        sizes, kinds = [], []
        for number, kind in enumerate(KINDS):
            total = int(documents * kind.share)
            least, most = kind.sizes
            if most == 0:
                found = np.array([total])
            else:
                choices = np.arange(least, most + 1)
                weights = choices**-2.0
                found = rng.choice(choices, total // least + 1, p=weights / weights.sum())
                found = found[: np.searchsorted(np.cumsum(found), total)]
            sizes.append(found)
            kinds.append(np.full(len(found), number, np.int8))
        self.sizes: Ints = np.concatenate(sizes).astype(np.int64)
        self.kinds = np.concatenate(kinds)
        self.starts: Ints = np.concatenate([[0], np.cumsum(self.sizes)])
        """Cluster c has the roles starts[c] to starts[c + 1]; a role behind the last is a document of its own."""
        self.step = int(documents * 0.6180339887)
        while gcd(self.step, documents) != 1:
            self.step += 1
        self.framed = np.array([*(k.framed for k in KINDS), False])
        self.low = np.array([*(k.edits[0] for k in KINDS), 0])
        self.high = np.array([*(k.edits[1] for k in KINDS), 0])

    @property
    def shards(self) -> int:
        return -(-self.documents // SHARD_ROWS)

    @property
    def planted(self) -> int:
        """Roles that belong to clusters; none above does."""
        return int(self.starts[-1])

    @cached_property
    def _back(self) -> int:
        return pow(self.step, -1, self.documents)

    def addresses(self, shard: int) -> Addresses:
        return pack_address(shard, np.arange(min(SHARD_ROWS, self.documents - shard * SHARD_ROWS)))

    def roles(self, addresses: Addresses) -> Ints:
        place = shard_of(addresses) * np.uint64(SHARD_ROWS) + row_of(addresses)
        roles: Ints = (place * np.uint64(self.step) % np.uint64(self.documents)).astype(np.int64)
        return roles

    def addresses_of(self, roles: Ints) -> Addresses:
        place = roles.astype(np.uint64) * np.uint64(self._back) % np.uint64(self.documents)
        rows = np.uint64(SHARD_ROWS)
        return (place // rows << SHARD_BITS) | place % rows

    def clusters(self, roles: Ints) -> Ints:
        """The cluster of each role; documents of their own have the numbers behind."""
        alone = roles >= self.planted
        cluster = np.searchsorted(self.starts, np.where(alone, 0, roles), side="right") - 1
        return np.where(alone, len(self.sizes) + roles - self.planted, cluster)

    def texts(self, roles: Ints) -> pa.Array:
        cluster = self.clusters(roles)
        alone = cluster >= len(self.sizes)
        known = np.where(alone, 0, cluster)
        kind = np.where(alone, len(KINDS), self.kinds[known])
        member = np.where(alone, 0, roles - self.starts[known])
        framed = self.framed[kind]
        offsets = np.zeros(len(roles) + 1, np.int32)
        np.cumsum(3 * lengths(cluster, framed, *CHARS), out=offsets[1:])
        data = np.empty(offsets[-1], np.uint8)
        write(cluster, member, framed, self.low[kind], self.high[kind], offsets, data)
        return pa.StringArray.from_buffers(len(roles), pa.py_buffer(offsets), pa.py_buffer(data))

    def ids(self, roles: Ints) -> pa.Array:
        data = np.empty(20 * len(roles), np.uint8)
        write_ids(roles, data)
        offsets = np.arange(0, 20 * len(roles) + 1, 20, dtype=np.int32)
        return pa.StringArray.from_buffers(len(roles), pa.py_buffer(offsets), pa.py_buffer(data))

    def take(self, addresses: Addresses, columns: Sequence[str]) -> pa.Table:
        """See `curate.stage.Corpus.take`."""
        make = {"text": self.texts, "id": self.ids}
        roles = self.roles(addresses)
        return pa.table({name: make[name](roles) for name in columns})
