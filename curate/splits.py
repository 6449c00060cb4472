"""Which split a record falls into; records of one cluster always fall into the same.

By default a record's cluster or id and the seed decide, and nothing else: more files never move a record to another split.
Stratified splits have exact shares in every stratum instead; there more records, or fewer, may move others.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

__all__ = [
    "id_bits",
    "settled_units",
    "split_bounds",
    "split_indices",
    "strata_of",
    "stratified_indices",
    "unit_bits",
]

DIGITS = 16  # of an id, which is the start of a SHA-256 in hex: 64 evenly spread bits

Bits = npt.NDArray[np.uint64]
Ints = npt.NDArray[np.int64]
Indices = npt.NDArray[np.int8]


def split_bounds(shares: Mapping[str, float]) -> tuple[list[str], list[float]]:
    """Names of the splits that can hold records, and the upper bounds of all but the last, in [0, 1]."""
    names = [name for name, share in shares.items() if share > 0]
    bounds: list[float] = []
    for name in names[:-1]:
        bounds.append((bounds[-1] if bounds else 0.0) + shares[name])
    return names, bounds


def split_indices(keys: Sequence[str], bounds: Sequence[float], seed: int) -> list[int]:
    """The split of each key (a record's cluster, or its id where it has none), as an index into the names."""
    found = np.searchsorted(bounds, _fractions(_seeded(_bits(keys), seed)), side="right")
    return [int(i) for i in found]


def id_bits(batch: pa.RecordBatch) -> Bits:
    """The first 64 bits of each record's id."""
    return _bits(batch["id"].to_pylist())


def unit_bits(batch: pa.RecordBatch) -> Bits:
    """What must stay together: the first 64 bits of each record's cluster, or of its id where it has none."""
    if batch.schema.get_field_index("cluster") < 0:
        return id_bits(batch)
    return _bits(pc.coalesce(batch["cluster"], batch["id"]).to_pylist())


def strata_of(batch: pa.RecordBatch, by: Sequence[str]) -> Bits:
    """The stratum of each record: 64 bits of the SHA-256 of its industry, its source's id, or both, as `by` says."""
    values = [batch["industry"]] if "industry" in by else []
    if "source" in by:
        values.append(pc.struct_field(batch["source"], "source_id"))
    codes = np.zeros(batch.num_rows, np.int64)
    for value in values:
        encoded = pc.dictionary_encode(value, null_encoding="encode")
        codes = codes * len(encoded.dictionary) + encoded.indices.to_numpy()
    _, first, which = np.unique(codes, return_index=True, return_inverse=True)
    names = [json.dumps([value[i].as_py() for value in values]) for i in first.tolist()]
    digests = b"".join(hashlib.sha256(name.encode()).digest()[:8] for name in names)
    return np.frombuffer(digests, "<u8").astype(np.uint64)[which]


def settled_units(units: Bits, ids: Bits, strata: Bits) -> tuple[Ints, Bits]:
    """For each record how many its unit has, and the stratum of its unit: that of the record with the least id.

    Of each unit either all records are there or none.
    """
    order = np.lexsort((strata, ids, units))
    ordered = units[order]
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]])[: len(ordered)])
    counts = np.diff(starts, append=len(ordered))
    sizes, of_units = np.empty(len(units), np.int64), np.empty(len(units), np.uint64)
    sizes[order], of_units[order] = np.repeat(counts, counts), np.repeat(strata[order][starts], counts)
    return sizes, of_units


def stratified_indices(units: Bits, sizes: Ints, strata: Bits, shares: Sequence[float], seed: int) -> Indices:
    """The split of each record as an index into `shares`, which are more than 0; `sizes` and `strata` are its unit's.

    What a stratum owes to each split is its number of records times the share, rounded up or down: up where the remainder
    is largest, counting what the strata before it (by the hash of their names) left owing, so that many small strata
    together have the shares too; of equal remainders that of the last split counts first. Clusters are placed first, the
    larger before the smaller: each where its hash with the seed would put it by default, if there is room for it, otherwise
    where there is most. Records that are alone fill what room is left, in the order of their hash. So counts are off only
    in a stratum with a cluster that fits nowhere. The order of the records does not matter.
    """
    exact = [Fraction(str(share)) for share in shares]
    exact = [share / sum(exact) for share in exact]
    bounds = split_bounds({str(i): share for i, share in enumerate(shares)})[1]
    which = np.zeros(len(units), np.int8)
    owing = [Fraction(0)] * len(exact)
    order = np.argsort(strata, kind="stable")
    ordered = strata[order]
    ends = [*(np.flatnonzero(ordered[1:] != ordered[:-1]) + 1).tolist(), len(order)]
    for lo, hi in pairwise([0, *ends]):
        rows = order[lo:hi]
        room = _rounded(hi - lo, exact, owing)
        which[rows] = _filled(_seeded(units[rows], seed), sizes[rows], room, bounds)
        got = np.bincount(which[rows], minlength=len(exact)).tolist()
        owing = [owed + (hi - lo) * share - n for owed, share, n in zip(owing, exact, got, strict=True)]
    return which


def _rounded(total: int, shares: Sequence[Fraction], owing: Sequence[Fraction]) -> list[int]:
    """`total` divided into whole numbers, each its share rounded up or down: up where remainder and `owing` are most."""
    quotas = [total * share for share in shares]
    counts = [int(quota) for quota in quotas]
    broken = [i for i, quota in enumerate(quotas) if quota != counts[i]]
    broken.sort(key=lambda i: (quotas[i] - counts[i] + owing[i], i), reverse=True)
    for i in broken[: total - sum(counts)]:
        counts[i] += 1
    return counts


def _filled(hashes: Bits, sizes: Ints, room: list[int], bounds: Sequence[float]) -> Indices:
    """The split of each record of one stratum; `room` is for how many records each split should have."""
    which = np.zeros(len(hashes), np.int8)
    members = np.flatnonzero(sizes > 1)
    if len(members):
        clusters, first, of = np.unique(hashes[members], return_index=True, return_inverse=True)
        counts = sizes[members][first]
        default = np.searchsorted(bounds, _fractions(clusters), side="right").tolist()
        place = np.zeros(len(clusters), np.int8)
        # a Python loop, because each place depends on those before it; near_dedup drops all clusters unless it only marks
        for i in np.lexsort((clusters, -counts)).tolist():
            n = int(counts[i])
            to = default[i] if room[default[i]] >= n else room.index(max(room))
            place[i] = to
            room[to] -= n
        which[members] = place[of]
    alone = np.flatnonzero(sizes == 1)
    if len(alone):
        left = [max(0, n) for n in room]
        fill = _rounded(len(alone), [Fraction(n, sum(left)) for n in left], [Fraction(0)] * len(left))
        which[alone[np.argsort(hashes[alone])]] = np.repeat(np.arange(len(fill)), fill)
    return which


def _bits(keys: Sequence[str]) -> Bits:
    return np.array([int(key[:DIGITS], 16) for key in keys], np.uint64)


def _seeded(bits: Bits, seed: int) -> Bits:
    """A hash of seed and key, of which no two keys have the same."""
    return _mixed(bits ^ _mixed(np.array([seed], np.uint64)))


def _fractions(hashes: Bits) -> npt.NDArray[np.float64]:
    """Numbers in [0, 1): the first 53 bits, so that they are exact as floats."""
    return (hashes >> np.uint64(11)).astype(np.float64) / (1 << 53)


def _mixed(bits: Bits) -> Bits:
    """The finaliser of SplitMix64, which spreads every bit over all; arithmetic is modulo 2^64."""
    bits = bits + np.uint64(0x9E3779B97F4A7C15)
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))
