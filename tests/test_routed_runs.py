"""One run that writes several industries: each record goes to the subset of its own, whatever the catalog says."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from datasets import load_dataset, load_from_disk

from curate.errors import ConfigError
from curate.recipe import Pipeline, resolve
from curate.report.show import describe, description_lines
from curate.runner import run
from curate.summary import confusion
from tests.report.tampering import found, reseal, rewrite_shard
from tests.runs import ROOT, Watch, dataset_digest, read_records

CONFIG = """\
recipe: pretrain-industry
name: mixed
industry: {name: mixed, title: 多行业}
relevance: {action: route, routes: [coal, tourism]}
near_dedup: {threshold: 0.95}
splits: {train: 0.6, validation: 0.2, test: 0.2}
"""
SOURCE = """\
  - id: %s
    title: 混合来源
    paths: [raw/%s/*.txt]
    industry: %s
    holder: 示例单位
    licence: internal
    grade: 一般1
    obtained: {on: 2026-11-23, how: 导出}
"""
FROM = ("coal", "tourism", "baijiu")
SAID = {"coal": "coal", "tourism": "coal", "baijiu": "mixed"}
"""What the catalog says of each folder: of tourism it is wrong."""


@pytest.fixture(scope="module")
def domain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mixed")
    (folder / "domain.yaml").write_text("name: mixed\nholder: 示例单位\n", "utf-8")
    (folder / "catalog.yaml").write_text("sources:\n" + "".join(SOURCE % (f, f, SAID[f]) for f in FROM), "utf-8")
    (folder / "config.yaml").write_text(CONFIG, "utf-8")
    for name in FROM:
        (folder / "raw" / name).mkdir(parents=True)
        for text in sorted((ROOT / "examples/industries" / name / "raw").glob("own-*.txt")):
            shutil.copyfile(text, folder / "raw" / name / text.name)
    return folder


def pipeline(domain: Path, *sets: str) -> Pipeline:
    return resolve(domain / "config.yaml", sets)


@pytest.fixture(scope="module")
def dataset(domain: Path) -> Path:
    return run(pipeline(domain), domain, progress=Watch()).dataset


def files_of(domain: Path, name: str) -> int:
    return len(list((domain / "raw" / name).iterdir()))


def test_each_record_is_in_the_subset_of_its_industry(domain: Path, dataset: Path) -> None:
    assert sorted(p.name for p in (dataset / "data").iterdir()) == ["coal", "tourism"]
    for name in ("coal", "tourism"):
        loaded = load_dataset(str(dataset), name)
        rows = [row for split in loaded.values() for row in split]
        assert len(rows) == files_of(domain, name)
        assert {row["source"]["path"].split("/")[1] for row in rows} == {name}
        assert {row["industry"] for row in rows} == {name}, "what was found takes the place of what the catalog says"
        from_disk = load_from_disk(str(dataset / "hf_disk" / name))
        assert {split: part.num_rows for split, part in from_disk.items()} == {s: p.num_rows for s, p in loaded.items()}


def test_what_is_of_no_route_is_dropped_and_counted(domain: Path, dataset: Path) -> None:
    told = describe(dataset)
    relevance = next(s for s in told["stages"] if s["kind"] == "relevance")
    assert relevance["dropped"] == {"other_industry": files_of(domain, "baijiu")}
    assert relevance["tally"] == {
        "coal > coal": files_of(domain, "coal"),
        "coal > tourism": files_of(domain, "tourism"),
        "mixed > baijiu": files_of(domain, "baijiu"),
    }
    lines = "\n".join(description_lines(told))
    assert "said by the catalog (rows) and found (columns)" in lines
    card = (dataset / "README.md").read_text("utf-8")
    assert "|  | baijiu | coal | tourism |" in card
    assert f"| coal | 0 | {files_of(domain, 'coal')} | {files_of(domain, 'tourism')} |" in card
    assert "- config_name: coal" in card
    assert "- config_name: tourism" in card


def test_it_is_whole_and_the_same_however_it_is_cut(domain: Path, dataset: Path, tmp_path: Path) -> None:
    assert found(dataset) == []
    other = shutil.copytree(domain, tmp_path / "other", ignore=shutil.ignore_patterns("work", "outbox"))
    again = run(pipeline(other, "work.task_mb=0.01", "work.batch_rows=1"), other, workers=2, progress=Watch())
    assert dataset_digest(again.dataset) == dataset_digest(dataset)


def test_a_record_in_the_subset_of_another_industry_is_found(dataset: Path, tmp_path: Path) -> None:
    forged = shutil.copytree(dataset, tmp_path / "forged")

    def change(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        rows[0]["industry"] = "coal" if rows[0]["industry"] == "tourism" else "tourism"
        return rows

    rewrite_shard(forged, change)
    reseal(forged)
    assert any("industry is not" in f for f in found(forged)), found(forged)


@pytest.mark.parametrize(
    ("sets", "expected", "why"),
    [
        (["relevance.routes=[]"], "needs routes", "nothing could be written"),
        (["relevance.routes=[coal, coal]"], "named twice", "one subset would be written twice"),
        (["relevance.action=drop"], "routes are for", "they would do nothing"),
        (["relevance.industry=coal"], "no single industry", "it says both: all routes, and one"),
    ],
)
def test_what_contradicts_itself_is_refused(domain: Path, sets: list[str], expected: str, why: str) -> None:
    with pytest.raises(ConfigError, match=expected):
        pipeline(domain, *sets)


def test_the_same_records_without_routes_are_one_subset(domain: Path, tmp_path: Path) -> None:
    other = shutil.copytree(domain, tmp_path / "other", ignore=shutil.ignore_patterns("work", "outbox"))
    done = run(pipeline(other, "relevance.action=label", "relevance.routes=[]"), other, progress=Watch())
    assert [p.name for p in (done.dataset / "data").iterdir()] == ["mixed"]
    assert {r["industry"] for r in read_records(done.dataset)} == {"coal", "mixed"}, "what the catalog says stays"


def test_a_table_of_what_is_said_and_found() -> None:
    tally = {"coal > coal": 3, "coal > -": 1, "a > b > coal": 2}
    expected = [("", "-", "coal"), ("a > b", 0, 2), ("coal", 1, 3)]
    assert confusion(tally) == expected, "only the last part is one of ours: a catalog may say anything"
