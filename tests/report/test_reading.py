"""show, trace and diff over a small dataset."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from curate.errors import DatasetError
from curate.manifest import MANIFEST
from curate.recipe import resolve
from curate.report.diff import compare, comparison_lines
from curate.report.layout import size, table
from curate.report.show import describe, description_lines
from curate.report.trace import life, life_lines
from curate.runner import run
from tests.report.tampering import reseal, rewrite_parquet
from tests.runs import Watch
from tests.small import BOILER, CELLAR, STEAMING, TICKET

TEXTS = (BOILER, CELLAR, STEAMING, TICKET)


def row(folder: Path, path: str, locator: str = "1") -> dict[str, Any]:
    rows = pq.read_table(folder / "ledger").to_pylist()
    return next(r for r in rows if (r["source_path"], r["locator"]) == (path, locator))


def test_description(small_dataset: Path) -> None:
    told = describe(small_dataset)
    assert told["counts"] == {"in": 13, "kept": 5, "dropped": 5, "quarantined": 3}
    assert {s["id"]: (s["files"], s["kept"]) for s in told["sources"]} == {"notes": (9, 3), "tickets": (2, 2)}
    lines = description_lines(told)
    assert "13 records in = 5 kept + 5 dropped + 3 quarantined" in lines
    assert any(line.split() == ["quality", "9", "8", "too_short", "1"] for line in lines), lines
    assert any(
        line.startswith("ingest") and line.endswith("quarantined: bad_record 1, empty 1, unsupported 1")
        for line in lines
    )
    json.dumps(told)


@pytest.mark.parametrize(
    ("path", "locator", "expected"),
    [
        (
            "raw/notes/steaming-revised.txt",
            "1",
            [
                "normalise 0 characters changed",
                "language zh-Hans 1.00",
                "quality score 0.98",
                "near_dedup passed",
                "anonymise no personal data found",
            ],
        ),
        (
            "raw/notes/cellar.txt",
            "1",
            [
                "normalise 11 characters changed",
                "anonymise CN_MOBILE 1 mask",
                "ingest read from text/plain, utf-8, ",
            ],
        ),
        (
            "raw/notes/short.txt",
            "1",
            [
                "ingest read from 15 bytes, sha256 ",
                "language passed",
                "quality dropped: too_short, measured 5, bound 30",
            ],
        ),
        ("raw/notes/english.txt", "1", ["language dropped: other_language, measured 0, bound 0.65"]),
        ("raw/notes/boiler.txt", "1", ["(raw/notes/boiler-copy.md#1, kept), cluster of 2"]),
        (
            "raw/notes/steaming.txt",
            "1",
            [
                "near_dedup dropped: near_duplicate of ",
                "(raw/notes/steaming-revised.txt#1, kept), Jaccard 0.90, from 0.8, cluster of 2",
            ],
        ),
        (
            "raw/tickets.csv",
            "R2",
            ["input id T2", "anonymise CN_MOBILE 1 mask, PERSON 1 mask", "of 2, of which it is the one kept"],
        ),
        ("raw/notes/dump.bin", "", ["ingest quarantined: unsupported: "]),
        ("raw/tickets.jsonl", "L2", ["ingest quarantined: bad_record: "]),
    ],
)
def test_a_life(small_dataset: Path, path: str, locator: str, expected: list[str]) -> None:
    record = row(small_dataset, path, locator)["id"]
    told = life(small_dataset, record)
    text = "\n".join(
        " ".join(line.split()) for line in life_lines(told)
    )  # columns are as wide as the longest stage's name
    assert [e for e in expected if e not in text] == [], text
    assert not any(t[:20] in json.dumps(told, ensure_ascii=False) for t in TEXTS)


def test_the_life_of_a_record_of_an_industry(small_domain: Path) -> None:
    config = small_domain / "config.yaml"
    config.write_text(config.read_text("utf-8").replace("recipe: pretrain", "recipe: pretrain-industry"), "utf-8")
    dataset = run(resolve(config, ["relevance.action=label"]), small_domain, workers=1, progress=Watch()).dataset
    told = life(dataset, "raw/notes/cellar.txt")
    record = told["record"]
    assert record["relevance"] > 0
    assert record["margin"] > 0
    line = next(line for line in life_lines(told) if line.startswith("relevance"))
    measured = f"relevance {record['relevance']:.2f}, margin {record['margin']:.2f}"
    assert " ".join(line.split()) == f"relevance {', '.join(filter(None, ('baijiu', record['scene'], measured)))}"
    unknown = {**told, "record": {**record, "industry": None, "scene": None, "relevance": None, "margin": None}}
    assert "no industry" in "\n".join(life_lines(unknown)), "where the config names no industry that is known"


def test_stages_after_the_one_that_dropped_it_are_not_told(small_dataset: Path) -> None:
    told = life(small_dataset, row(small_dataset, "raw/notes/short.txt")["id"])
    assert told["stages"] == ["normalise", "language"]


def test_what_a_query_may_be(small_dataset: Path) -> None:
    record = row(small_dataset, "raw/tickets.csv", "R1")
    others = [r["id"] for r in pq.read_table(small_dataset / "ledger").to_pylist() if r["id"] != record["id"]]
    short = next(record["id"][:n] for n in range(1, 21) if not any(o.startswith(record["id"][:n]) for o in others))
    for query in (record["id"], short, record["id"].upper(), "T1", "raw/tickets.csv#R1"):
        assert life(small_dataset, query)["id"] == record["id"]
    assert life(small_dataset, "raw/notes/short.txt")["reason"] == "too_short"


def test_a_query_that_means_several_or_nothing(small_dataset: Path) -> None:
    with pytest.raises(DatasetError, match="more than one") as caught:
        life(small_dataset, "raw/tickets.csv")
    assert str(caught.value).count("raw/tickets.csv#") == 2
    for query in ("zz", "", "0" * 40, "raw/nothing", "raw/tickets.csv#R9", "'; drop"):
        with pytest.raises(DatasetError, match="no such record"):
            life(small_dataset, query)


def test_datasets_that_cannot_be_read(small_dataset: Path, tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    for read in (describe, lambda f: life(f, "0"), lambda f: compare(f, f)):
        with pytest.raises(DatasetError, match="not a dataset"):
            read(tmp_path / "none")
    (small_dataset / "stats.json").write_text("{}")
    with pytest.raises(DatasetError, match="statistics"):
        describe(small_dataset)
    (small_dataset / "ledger" / "part-00000.parquet").write_bytes(b"rubbish")
    for read in (lambda f: life(f, "0"), lambda f: compare(f, f)):
        with pytest.raises(DatasetError, match="cannot be read"):
            read(small_dataset)
    (small_dataset / MANIFEST).write_text('{"schema": "qiancui/manifest/1", "name": 3}')
    with pytest.raises(DatasetError, match="not of a form"):
        describe(small_dataset)


def test_a_dataset_is_the_same_as_itself(small_dataset: Path) -> None:
    told = compare(small_dataset, small_dataset)
    assert told["same"]
    assert told["records"] == {"unchanged": 13, "changes": []}
    assert comparison_lines(told)[-1] == "the same dataset"


def test_a_difference(small_dataset: Path, small_built: Path) -> None:
    """One kept record now dropped, one taken out; a threshold, a file's hash and a count changed."""
    kept = row(small_dataset, "raw/notes/cellar.txt")["id"]
    gone = row(small_dataset, "raw/notes/short.txt")["id"]

    def change(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        other = {"fate": "dropped", "stage": "quality", "reason": "too_short"}
        return [{**r, **other} if r["id"] == kept else r for r in rows if r["id"] != gone]

    def edit(manifest: dict[str, Any]) -> None:
        next(s for s in manifest["config"]["stages"] if s["kind"] == "near_dedup")["threshold"] = 0.5
        manifest["counts"]["kept"] -= 1
        manifest["inputs"]["files"][0]["sha256"] = "0" * 64
        manifest["inputs"]["files"].pop()

    rewrite_parquet(small_dataset / "ledger" / "part-00000.parquet", change)
    reseal(small_dataset, edit)
    told = compare(small_built, small_dataset)
    assert told["config"] == {"near_dedup.threshold": (0.8, 0.5)}
    assert told["counts"] == {"kept": (5, 4)}
    assert (told["inputs"]["added"], told["inputs"]["removed"], told["inputs"]["changed"]) == (
        [],
        ["raw/tickets.jsonl"],
        ["raw/notes/boiler-copy.md"],
    )
    assert told["records"] == {
        "unchanged": 11,
        "changes": [
            {"from": "dropped quality too_short", "to": "absent", "count": 1, "first": [gone]},
            {"from": "kept", "to": "dropped quality too_short", "count": 1, "first": [kept]},
        ],
    }
    text = "\n".join(comparison_lines(told))
    assert "near_dedup.threshold  0.8  →  0.5" in text
    assert kept in text


def test_columns_are_aligned_by_width() -> None:
    assert table([("a", "b", 3), ("汉字", "b", 4000)], right=(2,)) == ["a     b      3", "汉字  b  4,000"]
    assert table([]) == []


@pytest.mark.parametrize(
    ("count", "expected"),
    [(0, "0 bytes"), (999, "999 bytes"), (1000, "1.0 kB"), (1_900_000, "1.9 MB"), (5e15, "5000.0 TB")],
)
def test_sizes(count: float, expected: str) -> None:
    assert size(count) == expected
