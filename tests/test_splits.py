"""Splits: what belongs together stays together, shares hold as exactly as they can, and nothing but content and seed decides."""

from __future__ import annotations

import json
import math
import random
from collections import Counter, defaultdict
from fractions import Fraction

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from curate.pipeline import Splits
from curate.records import record_id
from curate.splits import settled_units, split_bounds, split_indices, strata_of, stratified_indices, unit_bits

SHARES = [
    (0.98, 0.01, 0.01),
    (0.8, 0.1, 0.1),
    (0.5, 0.5),
    (1.0,),
    (0.29, 0.01, 0.7),
    (0.333333333, 0.333333333, 0.333333334),
]

Units = list[tuple[int, int]]
"""For each unit its stratum and its number of records."""

UNITS = st.lists(
    st.tuples(st.integers(0, 4), st.one_of(st.just(1), st.integers(1, 3), st.integers(1, 60))), min_size=1, max_size=150
)


def bits(name: object) -> int:
    return int(record_id("s", "raw/a", str(name))[:16], 16)


def rows_of(units: Units) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64], npt.NDArray[np.uint64]]:
    """Unit, size of the unit and stratum of every record."""
    rows = [(bits(i), n, bits(f"stratum {at}")) for i, (at, n) in enumerate(units) for _ in range(n)]
    unit, size, stratum = zip(*rows, strict=True)
    return np.array(unit, np.uint64), np.array(size, np.int64), np.array(stratum, np.uint64)


def divided(units: Units, shares: tuple[float, ...], seed: int = 0) -> dict[int, list[int]]:
    """How many records of each stratum are in each split."""
    which = stratified_indices(*rows_of(units), shares, seed)
    at = [at for at, n in units for _ in range(n)]
    counts: dict[int, list[int]] = {stratum: [0] * len(shares) for stratum, _ in units}
    for stratum, split in zip(at, which.tolist(), strict=True):
        counts[stratum][split] += 1
    return counts


def quota(n: int, share: float, shares: tuple[float, ...]) -> Fraction:
    return n * Fraction(str(share)) / sum(Fraction(str(s)) for s in shares)


def rounded(counts: list[int], shares: tuple[float, ...]) -> bool:
    """Whether each count is its share of all, rounded up or down."""
    quotas = [quota(sum(counts), share, shares) for share in shares]
    return all(math.floor(q) <= n <= math.ceil(q) for n, q in zip(counts, quotas, strict=True))


@settings(max_examples=150, deadline=None)
@given(UNITS, st.sampled_from(SHARES), st.integers(0, 1 << 62), st.randoms(use_true_random=False))
def test_units_stay_whole_and_the_order_of_records_does_not_matter(
    units: Units, shares: tuple[float, ...], seed: int, chance: random.Random
) -> None:
    unit, size, stratum = rows_of(units)
    which = stratified_indices(unit, size, stratum, shares, seed)
    split_of: dict[int, set[int]] = defaultdict(set)
    for u, split in zip(unit.tolist(), which.tolist(), strict=True):
        split_of[u].add(split)
    assert all(len(found) == 1 for found in split_of.values())
    order = list(range(len(unit)))
    chance.shuffle(order)
    assert stratified_indices(unit[order], size[order], stratum[order], shares, seed).tolist() == which[order].tolist()


@settings(max_examples=150, deadline=None)
@given(UNITS, st.sampled_from(SHARES), st.integers(0, 1 << 62))
def test_shares_hold_in_every_stratum_as_exactly_as_clusters_allow(
    units: Units, shares: tuple[float, ...], seed: int
) -> None:
    for stratum, counts in divided(units, shares, seed).items():
        sizes = [n for at, n in units if at == stratum]
        largest, alone = max(sizes), sizes.count(1)
        if largest == 1 or alone >= (len(shares) - 1) * largest:
            assert rounded(counts, shares), "any cluster fits somewhere, so the rest can be made good"
        quotas = [quota(sum(sizes), share, shares) for share in shares]
        assert all(n - math.ceil(q) < largest for n, q in zip(counts, quotas, strict=True))


@pytest.mark.parametrize(
    ("units", "shares", "expected", "why"),
    [
        ([(0, 1)] * 100, (0.98, 0.01, 0.01), [98, 1, 1], "exact"),
        ([(0, 1)] * 10, (0.98, 0.01, 0.01), [10, 0, 0], "a tenth of a record is none"),
        ([(0, 1)] * 60, (0.98, 0.01, 0.01), [59, 0, 1], "of equal remainders the last split's counts first"),
        ([(0, 1)] * 150, (0.98, 0.01, 0.01), [147, 1, 2], "the one left over has equal remainders too"),
        ([(0, 1)], (0.98, 0.01, 0.01), [1, 0, 0], "one record"),
        ([(0, 1)], (0.5, 0.5), [0, 1], "one record, and a tie"),
        ([(0, 100)], (0.8, 0.1, 0.1), [100, 0, 0], "one cluster larger than any share: where the most room is"),
        ([(0, 15), *[(0, 1)] * 85], (0.8, 0.1, 0.1), [80, 10, 10], "a cluster larger than the test share: in train"),
        ([(0, 90), *[(0, 1)] * 10], (0.8, 0.1, 0.1), [90, 5, 5], "larger than train: the others share what is left"),
        ([(0, 9), (0, 1)], (0.8, 0.1, 0.1), [9, 0, 1], "one left for two"),
        ([(0, 2)] * 50, (0.5, 0.5), [50, 50], "pairs only"),
        ([*[(0, 2)] * 45, (0, 10)], (0.9, 0.1), [90, 10], "pairs find room after the large one, not it after them"),
        ([(0, 2)] * 5, (0.5, 0.5), [4, 6], "five pairs, nearest to 5 and 5"),
    ],
)
def test_counts(units: Units, shares: tuple[float, ...], expected: list[int], why: str) -> None:
    found = [divided(units, shares, seed)[0] for seed in range(20)]
    if len(shares) == 2 and units == [(0, 2)] * 5:
        found = [sorted(counts) for counts in found]
    assert all(counts == expected for counts in found), (why, found)


@pytest.mark.parametrize(("strata", "each"), [(1000, 1), (1000, 10), (500, 60), (300, 7)])
def test_many_small_strata_have_the_shares_together(strata: int, each: int) -> None:
    shares = (0.98, 0.01, 0.01)
    counts = divided([(at, 1) for at in range(strata) for _ in range(each)], shares)
    assert all(rounded(c, shares) for c in counts.values())
    whole = [sum(c[split] for c in counts.values()) for split in range(3)]
    assert all(abs(n - strata * each * share) <= 1 for n, share in zip(whole, shares, strict=True)), whole


def test_another_seed_is_another_assignment_and_the_same_is_the_same() -> None:
    units = [(at, 1 + (i % 7 == 0) * 4) for at in range(3) for i in range(200)]
    rows = rows_of(units)
    one, two = (stratified_indices(*rows, (0.8, 0.1, 0.1), seed) for seed in (0, 1))
    assert np.count_nonzero(one != two) > 100
    assert one.tolist() == stratified_indices(*rows, (0.8, 0.1, 0.1), 0).tolist()


def test_clusters_are_in_every_split_as_often_as_other_records() -> None:
    units = [(0, 5)] * 400 + [(0, 1)] * 2000
    unit, size, stratum = rows_of(units)
    which = stratified_indices(unit, size, stratum, (0.8, 0.1, 0.1), 0)
    share = np.bincount(which[size > 1], minlength=3) / 2000
    assert share == pytest.approx([0.8, 0.1, 0.1], abs=0.04)


def test_most_records_are_where_they_would_be_without_strata() -> None:
    unit, size, stratum = rows_of([(0, 1)] * 5000)
    keys = [f"{u:016x}" for u in unit.tolist()]
    bounds = split_bounds({"train": 0.8, "validation": 0.1, "test": 0.1})[1]
    default = np.array(split_indices(keys, bounds, 3))
    assert np.count_nonzero(stratified_indices(unit, size, stratum, (0.8, 0.1, 0.1), 3) != default) < 150


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 99), st.integers(0, 2)), max_size=40))
def test_a_unit_belongs_to_the_stratum_of_its_record_with_the_least_id(rows: list[tuple[int, int, int]]) -> None:
    unit, ids, strata = np.array(rows, np.uint64).reshape(-1, 3).T
    sizes, of_units = settled_units(unit, ids, strata)
    for i, (u, _, _) in enumerate(rows):
        members = [row for row in rows if row[0] == u]
        assert sizes[i] == len(members)
        assert of_units[i] == min(members, key=lambda row: row[1:])[2]


def batch_of(rows: list[tuple[str | None, str]], cluster: list[str | None] | None = None) -> pa.RecordBatch:
    columns = {
        "id": pa.array([f"{i:020x}" for i in range(len(rows))]),
        "industry": pa.array([industry for industry, _ in rows], pa.string()),
        "source": pa.array([{"source_id": source} for _, source in rows], pa.struct([("source_id", pa.string())])),
    }
    return pa.record_batch(columns | ({"cluster": pa.array(cluster, pa.string())} if cluster else {}))


def test_strata_are_told_by_value_and_not_by_batch() -> None:
    rows: list[tuple[str | None, str]] = [
        ("coal", "a"), ("coal", "b"), (None, "a"), ("null", "a"), ("a", "coal"), ("coal", "a"), ("co", "ala")
    ]  # fmt: skip
    batch = batch_of(rows)
    for by, kinds in ((("industry",), 5), (("source",), 4), (("industry", "source"), 6), (("source", "industry"), 6)):
        found = strata_of(batch, by).tolist()
        names = [tuple(v for k, v in zip(("industry", "source"), row, strict=True) if k in by) for row in rows]
        assert len(set(found)) == len(set(names)) == kinds
        assert len(set(zip(found, names, strict=True))) == kinds
        assert [strata_of(batch.slice(i, 1), by)[0] for i in range(len(rows))] == found
        assert strata_of(batch.slice(0, 0), by).tolist() == []
    assert strata_of(batch, ("industry", "source")).tolist() == strata_of(batch, ("source", "industry")).tolist()


def test_a_unit_is_the_cluster_or_the_record() -> None:
    rows: list[tuple[str | None, str]] = [("coal", "a")] * 3
    assert unit_bits(batch_of(rows)).tolist() == [0, 0, 0], "the first 16 of 20 digits"
    clusters = ["f" * 20, None, "f" * 20]
    assert unit_bits(batch_of(rows, clusters)).tolist() == [(1 << 64) - 1, 0, (1 << 64) - 1]


def test_without_strata_more_records_move_none() -> None:
    bounds = split_bounds({"train": 0.8, "validation": 0.1, "test": 0.1})[1]
    keys = [record_id("s", "raw/a", str(i)) for i in range(500)]
    more = [record_id("t", "raw/b", str(i)) for i in range(500)]
    assert split_indices([*more, *keys], bounds, 0)[500:] == split_indices(keys, bounds, 0)
    assert set(Counter(split_indices(keys, bounds, 0))) == {0, 1, 2}


@pytest.mark.parametrize(
    ("fields", "said"),
    [({"stratify": ["scene"]}, "'industry' or 'source'"), ({"stratify": "source"}, "valid"), ({"train": 0.9}, "not 1")],
)
def test_wrong_fields(fields: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Splits.model_validate_json(json.dumps(fields))
