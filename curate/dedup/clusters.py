"""What a deduplication found, for a person: how large the clusters are, and which are the largest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..jobs.files import MappedCorpus, pack_address
from ..report.layout import masked
from .corpus import Shards
from .driver import Fates

__all__ = ["Cluster", "largest", "members", "sizes"]


@dataclass(frozen=True)
class Cluster:
    """Records of which one stays: its id, how many they are, and the masked title of the one that stays."""

    id: str
    records: int
    title: str

    def as_dict(self) -> dict[str, Any]:
        """Plain data, for JSON."""
        return asdict(self)


def members(fates: Fates) -> pa.Table:
    """Cluster and `records`, how many it has: those that were dropped, and the one that stays or all that are marked."""
    table = fates.table()
    table = (
        table.filter(pc.is_valid(table["cluster"]))
        .group_by("cluster")
        .aggregate([("reason", "count"), ([], "count_all")])
    )
    dropped = table["reason_count"]
    return table.append_column(
        "records", pc.add(dropped, pc.max_element_wise(1, pc.subtract(table["count_all"], dropped)))
    )


def sizes(clusters: pa.Table) -> Mapping[int, int]:
    """How many clusters there are of each size; `clusters` is of `members`."""
    counts = Counter(clusters["records"].to_pylist())
    return dict(sorted(counts.items()))


def largest(clusters: pa.Table, fates: Fates, shards: Shards, most: int) -> list[Cluster]:
    """The clusters with the most records, at most so many; of equal ones those with the least id."""
    first = clusters.sort_by([("records", "descending"), ("cluster", "ascending")]).slice(0, most)
    wanted = first["cluster"].combine_chunks()
    corpus = MappedCorpus(shards.paths)
    titles: dict[str, str] = {}
    for shard in range(len(shards.paths)):
        ids = shards.select(["id"], shard)["id"].combine_chunks()
        rows = np.flatnonzero(pc.is_in(ids, wanted).to_numpy(zero_copy_only=False) & fates.alive[shard])
        if len(rows):
            found = corpus.take(pack_address(shard, rows), ["id", "text"])
            titles.update(zip(found["id"].to_pylist(), map(masked, found["text"].to_pylist()), strict=True))
    pairs = zip(wanted.to_pylist(), first["records"].to_pylist(), strict=True)
    return [Cluster(name, count, titles.get(name, "")) for name, count in pairs]
