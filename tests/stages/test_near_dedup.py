"""Near deduplication: clusters are those of all pairs compared in plain Python, and nothing but texts and ids decides."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from curate.kernels.minhash import sign
from curate.stages.near_dedup import NearDedup

from ..near_pairs import near_pairs
from .driver import fates, records, run

LETTERS = "黔山秀水赤河清流酒曲窖池蒸煮发酵"

# One value in a band and 32 bands: a pair with Jaccard 0.5 is missed once in 2^32, so all pairs are compared.
EVERY_PAIR: dict[str, Any] = {"permutations": 32, "bands": 32, "rows": 1}


def shingles(text: str, width: int = 5) -> set[str]:
    return {text[i : i + width] for i in range(max(1, len(text) - width + 1))} if text else set()


def jaccard(a: str, b: str, width: int = 5) -> float:
    one, two = shingles(a, width), shingles(b, width)
    return len(one & two) / len(one | two)


def edited(text: str, edits: int, rng: random.Random) -> str:
    chars = list(text)
    for _ in range(edits):
        at = rng.randrange(len(chars) + 1)
        kind = rng.randrange(3)
        if kind == 0:
            chars.insert(at, rng.choice(LETTERS))
        elif chars and kind == 1:
            chars.pop(min(at, len(chars) - 1))
        elif chars:
            chars[min(at, len(chars) - 1)] = rng.choice(LETTERS)
    return "".join(chars)


def family(seed: int, sizes: list[int], length: int, edits: int) -> list[str]:
    """Texts in groups: each group is one random text with up to `edits` edits in each member."""
    rng = random.Random(seed)
    texts = []
    for size in sizes:
        base = "".join(rng.choices(LETTERS, k=rng.randrange(length)))
        texts += [edited(base, rng.randrange(edits + 1), rng) for _ in range(size)]
    return texts


FAMILIES = st.builds(
    family,
    st.integers(0, 1 << 30),
    st.lists(st.integers(1, 6), min_size=1, max_size=5),
    st.integers(2, 80),
    st.integers(0, 6),
)


def plain(texts: list[str], ids: list[str], threshold: float, width: int) -> dict[str, tuple[object, object]]:
    """What near deduplication must decide, by comparing all pairs."""
    near = {i: {i} for i in range(len(texts))}
    for i in range(len(texts)):
        for j in range(i):
            if texts[i] and texts[j] and jaccard(texts[i], texts[j], width) >= threshold and near[i] is not near[j]:
                joined = near[i] | near[j]
                for k in joined:
                    near[k] = joined
    out: dict[str, tuple[object, object]] = {}
    for i, members in near.items():
        keep = min(members, key=lambda k: (-len(texts[k]), ids[k]))
        cluster = ids[keep] if len(members) > 1 else None
        why = {
            "reason": "near_duplicate",
            "value": jaccard(texts[i], texts[keep], width) if cluster else None,
            "threshold": threshold,
            "duplicate_of": cluster,
            "cluster": cluster,
        }
        out[ids[i]] = (None if i == keep else why, cluster)
    return out


@settings(max_examples=60, deadline=None)
@given(
    texts=FAMILIES,
    threshold=st.sampled_from([0.5, 0.8, 1.0]),
    width=st.sampled_from([1, 3, 5]),
    order=st.randoms(use_true_random=False),
    cuts=st.integers(1, 3),
    batch_rows=st.integers(1, 30),
)
def test_clusters_are_those_of_all_pairs(
    texts: list[str], threshold: float, width: int, order: random.Random, cuts: int, batch_rows: int
) -> None:
    table = records(texts)
    rows = list(range(len(texts)))
    order.shuffle(rows)
    stage = NearDedup(threshold=threshold, shingle=width, **EVERY_PAIR)
    assert fates(run(stage, table.take(rows), batch_rows, cuts)) == plain(
        texts, table["id"].to_pylist(), threshold, width
    )


@settings(max_examples=40, deadline=None)
@given(
    texts=FAMILIES,
    look_back=st.integers(1, 3),
    order=st.randoms(use_true_random=False),
    cuts=st.integers(1, 3),
    batch_rows=st.integers(1, 30),
)
def test_only_texts_and_ids_decide_in_crowded_groups(
    texts: list[str], look_back: int, order: random.Random, cuts: int, batch_rows: int
) -> None:
    """With a short look-back not all pairs are compared; which are must not depend on the order of the rows."""
    table = records(texts)
    rows = list(range(len(texts)))
    order.shuffle(rows)
    layout: dict[str, Any] = {
        "permutations": 8,
        "bands": 2,
        "rows": 1,
        "shingle": 1,
        "threshold": 0.6,
        "look_back": look_back,
    }
    want = fates(run(NearDedup(**layout), table))
    assert fates(run(NearDedup(**layout), table.take(rows), batch_rows, cuts)) == want


@settings(max_examples=30, deadline=None)
@given(texts=FAMILIES)
def test_every_dropped_record_reaches_the_threshold_with_a_member_of_its_cluster(texts: list[str]) -> None:
    table = records(texts)
    found = fates(run(NearDedup(threshold=0.7), table))
    text = dict(zip(table["id"].to_pylist(), texts, strict=True))
    for i, (dropped, cluster) in found.items():
        if dropped is not None:
            others = [j for j, (_, c) in found.items() if c == cluster and j != i]
            assert max(jaccard(text[i], text[j]) for j in others) >= 0.7
            assert dropped["value"] == jaccard(text[i], text[str(dropped["duplicate_of"])])
            assert found[str(dropped["duplicate_of"])] == (None, cluster), "the record named as kept is kept"


@pytest.mark.parametrize(
    ("texts", "clusters", "why"),
    [
        (["赤水", "赤水河"], [], "short texts are compared as a whole, never merged for being short"),
        (["赤水", "赤水"], [{"a", "b"}], "short and the same"),
        (["赤", "水", "河", ""], [], "each another single character, and an empty text"),
        (["", ""], [], "empty texts have nothing in common to measure"),
        (["赤水河谷里", "赤水河谷里"], [{"a", "b"}], "exactly one shingle long"),
        (["赤水河谷里", "赤水河谷外"], [], "one shingle each, and they differ"),
        (["端午踩曲重阳下沙一年一个周期", "重阳下沙端午踩曲一年一个周期"], [], "the same characters in another order"),
    ],
)
def test_short_texts(texts: list[str], clusters: list[set[str]], why: str) -> None:
    found = fates(run(NearDedup(), records(texts, "abcdef"[: len(texts)])))
    got: dict[str | None, set[str]] = {}
    for i, (_, cluster) in found.items():
        got.setdefault(cluster, set()).add(i)
    got.pop(None, None)
    assert list(got.values()) == clusters, why


def test_the_longest_stays_and_a_chain_says_how_far_it_reaches() -> None:
    rng = random.Random(3)
    text = "".join(chr(rng.randrange(0x4E00, 0x9000)) for _ in range(150))
    chain = {"c": text[:100], "b": text[12:112], "a": text[24:125]}  # neighbours share 84 of 108 shingles, the ends 72
    found = fates(run(NearDedup(threshold=0.75, **EVERY_PAIR), records(list(chain.values()), list(chain))))
    assert found["a"] == (None, "a"), "101 characters are more than 100"
    assert found["b"][0] is not None
    assert found["b"][0]["value"] == jaccard(chain["a"], chain["b"]) > 0.75
    assert found["c"][0] is not None
    assert found["c"][0]["value"] == jaccard(chain["a"], chain["c"]) < 0.75
    assert found["c"][0]["duplicate_of"] == found["b"][0]["duplicate_of"] == "a"


def test_thousands_of_copies_make_one_cluster() -> None:
    """More copies than `look_back`, in every band: the windows chain them."""
    rng = random.Random(5)
    base = "".join(rng.choices(LETTERS, k=200))
    texts = [edited(base, 1, rng) for _ in range(3000)]
    table = records([*texts, "".join(rng.choices(LETTERS, k=200))])
    found = fates(run(NearDedup(), table))
    kept = [i for i, (dropped, _) in found.items() if dropped is None]
    assert len(kept) == 2
    assert len({cluster for _, cluster in found.values()}) == 2, "one cluster, and null for the other text"


def test_pairs_are_found_among_forms_that_share_most_of_their_text() -> None:
    """Forms with Jaccard about 0.7 crowd their groups far over `look_back`; copies in them must still meet."""
    rng = random.Random(9)
    form = "".join(chr(rng.randrange(0x4E00, 0x9000)) for _ in range(330))
    texts = [form + "".join(chr(rng.randrange(0x4E00, 0x9000)) for _ in range(70)) for _ in range(400)]
    copies = [t[:200] + "酒" + t[201:] for t in texts[::10]]
    table = records(texts + copies)
    ids = table["id"].to_pylist()
    found = fates(run(NearDedup(look_back=8), table))
    got = {frozenset((i, str(d["duplicate_of"]))) for i, (d, _) in found.items() if d}
    assert got == {frozenset((ids[10 * k], ids[400 + k])) for k in range(40)}


def test_marking_keeps_rows_and_gives_kept_members_their_cluster() -> None:
    text = "".join(random.Random(2).choices(LETTERS, k=60))
    table = records([text, "另外一件事情写在这里", text + "酒"], ["x", "y", "z"])
    marked = run(NearDedup(), table, batch_rows=2)
    assert marked["id"].to_pylist() == ["x", "y", "z"]
    assert marked.schema.field("cluster").type == NearDedup.adds["cluster"]
    assert marked["cluster"].to_pylist() == ["z", None, "z"]
    assert [d and d["reason"] for d in marked["dropped"].to_pylist()] == ["near_duplicate", None, None]


def test_emit_is_lean_and_says_nothing_of_empty_texts() -> None:
    batch = records(["", "黔山秀水", ""]).to_batches()[0]
    rows = NearDedup().emit(batch)
    assert rows.schema.names == [*NearDedup().keys(), "row", "n_chars", "signature"]
    assert rows["row"].to_pylist() == [1]
    assert rows["n_chars"].to_pylist() == [4]
    keys = {rows[name][0].as_py() for name in NearDedup().keys()}  # noqa: SIM118 - not a mapping
    assert len(keys) == 21


@pytest.mark.parametrize("texts", [[], [""], ["独此一篇"]])
def test_without_duplicates(texts: list[str]) -> None:
    assert all(fate == (None, None) for fate in fates(run(NearDedup(), records(texts))).values())


def test_auto_layout_follows_the_threshold_and_misses_little() -> None:
    for threshold in (0.5, 0.8, 0.95):
        bands, rows = NearDedup(bands="auto", rows="auto", threshold=threshold).layout()
        assert bands * rows <= 128
        assert 1 - (1 - threshold**rows) ** bands > 0.95, "chance that a pair at the threshold is compared"
    assert NearDedup().layout() == (21, 6)


@pytest.mark.parametrize(
    ("fields", "said", "why"),
    [
        ({"bands": "auto"}, "both auto", "rows would be a number"),
        ({"rows": "auto"}, "both auto", "bands would be a number"),
        ({"bands": 33, "rows": 4}, "more than permutations", "132 values of 128"),
        ({"bands": 0}, "at least 1", "no band"),
        ({"permutations": 132}, "multiple of 8", "signatures are computed eight values at a time"),
        ({"threshold": 0.0}, "greater than 0", "everything would be a duplicate"),
        ({"look_back": 0}, "greater than or equal to 1", "nothing would be compared"),
        ({"shingel": 5}, "not permitted", "an unknown field"),
    ],
)
def test_wrong_parameters(fields: dict[str, object], said: str, why: str) -> None:
    with pytest.raises(ValidationError, match=said):
        NearDedup.model_validate(fields)


def test_real_statutes(shared: Path) -> None:
    """Every pair of statutes with Jaccard 0.2 or more was measured: recall and precision at 0.8 are known."""
    pairs, texts = near_pairs(shared)
    table = records(texts)
    ids = table["id"].to_pylist()
    found = fates(run(NearDedup(), table))
    near = [(i, j) for i, j, exact in pairs if exact >= 0.80005]
    together = [found[ids[i]][1] is not None and found[ids[i]][1] == found[ids[j]][1] for i, j in near]
    assert len(near) > 300
    assert sum(together) / len(together) >= 0.99
    partnered = {ids[k] for i, j, exact in pairs if exact >= 0.79995 for k in (i, j)}
    dropped = [i for i, (fate, _) in found.items() if fate]
    assert sum(i in partnered for i in dropped) / len(dropped) >= 0.99


@pytest.mark.parametrize(
    ("survivor", "stays", "why"),
    [
        ("longest", "c", "the default: the most characters"),
        ([], "a", "without a criterion the least id"),
        ("smallest_id", "a", "the same, said"),
        ("newest", "b", "the latest date"),
        (["source_order", "longest"], "d", "the only record of the first source"),
        (["best_quality", "newest"], "b", "a tie on quality is broken by the next criterion"),
    ],
)
def test_which_record_of_a_cluster_stays(survivor: Any, stays: str, why: str) -> None:
    base = "".join(random.Random(4).choices(LETTERS, k=120))
    table = records([base, base + "酒", base + "酒曲窖", base + "曲"], ["a", "b", "c", "d"])
    dates = ["2024-05-01", "2026-01-01", "2025-01-01", None]
    source = pa.array([{"source_id": s, "obtained_at": d} for s, d in zip("xxyz", dates, strict=True)])
    quality = pa.array([{"score": s} for s in (0.5, 0.5, 0.2, None)])
    table = table.append_column("source", source).append_column("quality", quality)
    stage = NearDedup.model_validate_json(json.dumps({"survivor": survivor, "sources": ["z"]}))
    found = fates(run(stage, table, batch_rows=2))
    assert [i for i, (dropped, _) in found.items() if dropped is None] == [stays], why
    text = dict(zip("abcd", table["text"].to_pylist(), strict=True))
    for i, (dropped, cluster) in found.items():
        assert cluster == stays
        assert dropped is None or dropped["value"] == jaccard(text[i], text[stays])


@settings(max_examples=30, deadline=None)
@given(texts=FAMILIES)
def test_marking_drops_nothing_and_names_the_same_clusters(texts: list[str]) -> None:
    table = records(texts)
    dropping = fates(run(NearDedup(threshold=0.7), table))
    marking = fates(run(NearDedup(threshold=0.7, action="mark"), table))
    assert all(dropped is None for dropped, _ in marking.values())
    assert {i: c for i, (_, c) in marking.items()} == {i: c for i, (_, c) in dropping.items()}


def test_what_is_kept_for_later_runs_is_the_signature_of_the_text() -> None:
    batch = records(["黔山秀水赤河清流", "", "酒"]).to_batches()[0]
    rows = NearDedup().emit(batch)
    want, _ = sign(batch["text"], 5, 128)
    got = np.frombuffer(b"".join(rows["signature"].to_pylist()), np.uint32).reshape(-1, 128)
    assert (got == want[[0, 2]]).all()
