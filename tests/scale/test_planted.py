"""The scale run in small: what it plants is found, and what it says of an outcome is so."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from curate.budget import group_cuts
from curate.jobs.files import open_mapped

from .dedup import wrong_values
from .outcome import Verdict, judge
from .planted import Planted
from .steps import STAGE, emit, group, merge, reduce


@pytest.fixture(scope="module")
def corpus() -> Planted:
    return Planted(30_000)


@pytest.fixture(scope="module")
def decisions(corpus: Planted, tmp_path_factory: pytest.TempPathFactory) -> pa.Table:
    folder = tmp_path_factory.mktemp("scale")
    for shard in range(corpus.shards):
        emit(folder, corpus.documents, shard)
    files = []
    for k, cut in enumerate(group_cuts(STAGE.keys(), corpus.documents, 10)):
        files.append(folder / f"{k}.groups.arrow")
        group(folder, corpus.shards, *cut, files[-1])
    parts = [folder / f"{shard}.edges.arrow" for shard in range(corpus.shards)]
    for shard, part in enumerate(parts):
        reduce(corpus.documents, files, (shard, shard + 1), part)
    merge(corpus.documents, parts, folder / "decisions.arrow")
    return open_mapped(folder / "decisions.arrow").read_all()


def found(verdict: Verdict) -> float:
    return sum(o.pairs_found for o in verdict.outcomes) / sum(o.pairs for o in verdict.outcomes)


def test_what_was_planted_is_found_and_nothing_else(corpus: Planted, decisions: pa.Table) -> None:
    verdict = judge(corpus, decisions, STAGE)
    assert all(o.documents and o.pairs for o in verdict.outcomes)
    assert found(verdict) > 0.999
    assert all(o.removed >= 0.995 * o.removable for o in verdict.outcomes)
    assert verdict.strangers == 0
    assert wrong_values(corpus, decisions) == 0


def test_what_is_missing_is_told(corpus: Planted, decisions: pa.Table) -> None:
    assert found(judge(corpus, decisions.slice(0, decisions.num_rows // 2), STAGE)) < 0.9


@pytest.mark.parametrize(("column", "value"), [("cluster", "one cluster for all"), ("address", None)])
def test_strangers_are_told(corpus: Planted, decisions: pa.Table, column: str, value: str | None) -> None:
    """Records of two clusters in one; records without a partner among the removed."""
    n = decisions.num_rows
    alone = np.arange(corpus.planted, corpus.planted + n)
    changed = corpus.addresses_of(alone) if value is None else pa.array([value] * n)
    table = decisions.set_column(decisions.schema.get_field_index(column), column, pa.array(changed))
    assert judge(corpus, table, STAGE).strangers > n // 2


def test_addresses_and_roles_are_two_names_of_a_document(corpus: Planted) -> None:
    roles = np.arange(corpus.documents)
    addresses = corpus.addresses_of(roles)
    assert (corpus.roles(addresses) == roles).all()
    every = np.concatenate([corpus.addresses(shard) for shard in range(corpus.shards)])
    assert (np.sort(addresses) == every).all()
    assert len(set(corpus.ids(roles).to_pylist())) == corpus.documents


def test_texts_do_not_depend_on_what_else_is_taken(corpus: Planted) -> None:
    roles = np.random.default_rng(1).integers(0, corpus.documents, 500)
    texts = corpus.texts(roles).to_pylist()
    assert [corpus.texts(roles[i : i + 1])[0].as_py() for i in range(0, 500, 50)] == texts[::50]
