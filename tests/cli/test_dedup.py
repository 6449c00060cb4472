"""`curate dedup` as a command: what it says, what it leaves behind, and its exit codes."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.cli.conftest import Call
from tests.dedup.making import jsonl, page

TEXT = page(1)
NEAR = TEXT + "。"
MENU = "首页 关于我们 联系方式 网站地图 版权所有"
RECORDS: list[dict[str, Any]] = [
    {"id": "b", "text": TEXT, "at": "2024", "score": 1},
    {"id": "a", "text": TEXT, "at": "2023", "score": 3},
    {"id": "c", "text": NEAR, "at": "2022", "score": 2},
    {"id": "d", "text": page(2)},
]


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return jsonl(tmp_path / "in" / "pages.jsonl", RECORDS)


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the command has its temporary files, so that a test sees what is left of them."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def everything(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def kept(out: Path, name: str = "pages.jsonl") -> list[str]:
    return [json.loads(line)["id"] for line in (out / "data" / name).read_text("utf-8").splitlines()]


def test_what_it_says_and_writes(curate: Call, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    called = curate("dedup", corpus, "--out", "out")
    assert (called.code, called.err) == (0, "")
    first = TEXT[0] + "*" + TEXT[2]
    assert called.out.splitlines()[:7] == [
        "1 files   4 records   2 kept",
        "exact_dedup              4 in           1 dropped: exact_duplicate 1",
        "near_dedup               3 in           1 dropped: near_duplicate 1",
        "",
        "1 clusters; the largest (every other character of a title is masked):",
        "  records  kept id                   title",
        f"        3  c                         {first}" + "".join(f"*{c}" for c in TEXT[4:20:2]) + "*",
    ]
    assert called.out.splitlines()[-1] == "wrote out"
    assert sorted(everything(tmp_path / "out")) == ["data/pages.jsonl", "ledger.parquet", "report.json"]
    assert kept(tmp_path / "out") == ["c", "d"]


def test_json_is_the_report_without_the_parameters(curate: Call, corpus: Path, tmp_path: Path) -> None:
    called = curate("dedup", corpus, "--out", tmp_path / "out", "--json")
    said = json.loads(called.out)
    report = json.loads((tmp_path / "out" / "report.json").read_bytes())
    assert said.items() <= report.items()
    assert said["clusters"]["sizes"] == {"3": 1}
    assert said["clusters"]["largest"][0]["id"] == "c"
    assert report["inputs"] == [{"name": "pages.jsonl", "bytes": corpus.stat().st_size}]
    assert [p["kind"] for p in report["parameters"]] == ["exact_dedup", "near_dedup"]
    assert TEXT[:10] not in called.out + json.dumps(report, ensure_ascii=False), "no text of a record"
    assert str(tmp_path) not in json.dumps(report), "no path of this machine"


def test_the_same_again_gives_the_same_bytes(curate: Call, corpus: Path, tmp_path: Path) -> None:
    curate("dedup", corpus, "--out", tmp_path / "one")
    curate("dedup", corpus, "--out", tmp_path / "two", "--workers", "3", "--memory-mb", "1")
    assert everything(tmp_path / "one") == everything(tmp_path / "two")


def test_a_dry_run_writes_nothing(curate: Call, corpus: Path, tmp_path: Path, temporary: Path) -> None:
    before = everything(tmp_path)
    called = curate("dedup", corpus, "--dry-run")
    assert called.code == 0
    assert "4 records   2 kept" in called.out
    assert "wrote" not in called.out
    wet = curate("dedup", corpus, "--out", tmp_path / "out", "--json")
    assert json.loads(curate("dedup", corpus, "--dry-run", "--json").out) == json.loads(wet.out)
    assert {k: v for k, v in everything(tmp_path).items() if not k.startswith("out/")} == before
    assert not list(temporary.iterdir())


def test_a_dry_run_that_fails_leaves_nothing_either(
    curate: Call, corpus: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr("curate.dedup.driver.groups", fail)
    assert curate("dedup", corpus, "--dry-run").code == 70
    assert not list(temporary.iterdir())


def test_bad_rows_are_named_and_the_rest_is_done(curate: Call, tmp_path: Path) -> None:
    lines = [b"broken 13912345678", b'{"id": 1}', b"", "名".encode("gb18030"), b'{"id": "x", "text": "a"}']
    (tmp_path / "a.jsonl").write_bytes(b"\n".join(lines))
    pq.write_table(pa.table({"id": ["y", "z"], "text": ["b", None]}), tmp_path / "b.parquet")
    called = curate("dedup", tmp_path / "a.jsonl", tmp_path / "b.parquet", "--out", tmp_path / "out")
    assert called.code == 3
    assert called.err.splitlines() == [
        "a.jsonl, row 1: not JSON in UTF-8",
        "a.jsonl, row 2: the field 'text' should be a string, got nothing",
        "a.jsonl, row 3: a blank line",
        "a.jsonl, row 4: not JSON in UTF-8",
        "b.parquet, row 2: the field 'text' should be a string, got nothing",
        "5 rows left out, they are no records",
    ]
    assert called.out.startswith("2 files   2 records   2 kept\n")
    assert kept(tmp_path / "out", "a.jsonl") == ["x"]
    assert len(json.loads((tmp_path / "out" / "report.json").read_bytes())["bad"]) == 5
    assert "13912345678" not in called.err + called.out


def test_of_many_bad_rows_ten_are_named(curate: Call, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("x\n" * 1234)
    called = curate("dedup", tmp_path / "a.jsonl", "--dry-run")
    assert called.code == 3
    assert len(called.err.splitlines()) == 11
    assert called.err.splitlines()[-1] == "1,234 rows left out, they are no records"


@pytest.mark.parametrize("made", ["file", "folder"])
def test_what_stands_at_out_is_not_touched(curate: Call, corpus: Path, tmp_path: Path, made: str) -> None:
    out = tmp_path / "out"
    mine = out / "mine.txt" if made == "folder" else out
    mine.parent.mkdir(exist_ok=True)
    mine.write_text("mine")
    before = everything(tmp_path)
    called = curate("dedup", corpus, "--out", out)
    assert (called.code, called.out) == (2, "")
    assert "something is there already" in called.err
    assert everything(tmp_path) == before


MISTAKES: list[tuple[str, list[str], list[str]]] = [
    ("neither --out nor --dry-run", [], ["--out DIR or --dry-run"]),
    ("both", ["--out", "out", "--dry-run"], ["--out DIR or --dry-run"]),
    ("threshold of 0", ["--dry-run", "--threshold", "0"], ["--threshold"]),
    ("threshold over 1", ["--dry-run", "--threshold", "1.1"], ["--threshold"]),
    ("no workers", ["--dry-run", "--workers", "0"], ["--workers"]),
    ("no memory", ["--dry-run", "--memory-mb", "0"], ["--memory-mb"]),
    ("a stage that cannot be added", ["--dry-run", "--also", "quality"], ["--also", "boilerplate or substrings"]),
    ("a stage that does not exist", ["--dry-run", "--set", "near_dedupe.threshold=1"], ["Did you mean near_dedup?"]),
    (
        "a stage that is not run",
        ["--dry-run", "--set", "boilerplate.most_records=3"],
        ["boilerplate", "this stage is not run", "one of exact_dedup, near_dedup"],
    ),
    ("a field that does not exist", ["--dry-run", "--set", "near_dedup.treshold=1"], ["near_dedup", "threshold"]),
    ("a value of another type", ["--dry-run", "--set", "near_dedup.shingle=five"], ["shingle", "five"]),
    ("a value out of range", ["--dry-run", "--set", "near_dedup.threshold=2"], ["near_dedup", "threshold"]),
    ("values that do not fit together", ["--dry-run", "--set", "near_dedup.bands=40"], ["near_dedup", "permutations"]),
    ("no value", ["--dry-run", "--set", "near_dedup"], ["stage.field=value"]),
    ("a survivor by no date", ["--dry-run", "--set", "near_dedup.survivor=newest"], ["near_dedup", "--date FIELD"]),
    ("a survivor by no score", ["--dry-run", "--set", "exact_dedup.survivor=[best_quality]"], ["--score FIELD"]),
    ("one field for two things", ["--dry-run", "--id", "text"], ["text"]),
]


@pytest.mark.parametrize(("arguments", "said"), [row[1:] for row in MISTAKES], ids=[row[0] for row in MISTAKES])
def test_mistakes(
    curate: Call,
    corpus: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    said: list[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    before = everything(tmp_path)
    called = curate("dedup", corpus, *arguments)
    assert (called.code, called.out) == (2, "")
    for part in said:
        assert part in called.err
    assert "Traceback" not in called.err
    assert everything(tmp_path) == before


def test_all_mistakes_of_sets_are_told_at_once(curate: Call, corpus: Path) -> None:
    sets = ["near_dedup.shingle=0", "exact_dedup.no=1", "quality.chars=1"]
    called = curate("dedup", corpus, "--dry-run", *(a for s in sets for a in ("--set", s)))
    assert called.code == 2
    assert all(part in called.err for part in ("near_dedup", "exact_dedup", "quality"))


SETS: list[tuple[str, list[str], list[str]]] = [
    ("as it is", [], ["c", "d"]),
    ("a threshold that the pair does not reach", ["--threshold", "0.999"], ["a", "c", "d"]),
    ("the same by --set", ["--set", "near_dedup.threshold=0.999"], ["a", "c", "d"]),
    ("--set is the last word", ["--threshold", "0.5", "--set", "near_dedup.threshold=0.999"], ["a", "c", "d"]),
    ("the least id", ["--set", "near_dedup.survivor=smallest_id"], ["a", "d"]),
    (
        "the newest",
        ["--date", "at", "--set", "near_dedup.survivor=[newest]", "--set", "exact_dedup.survivor=newest"],
        ["b", "d"],
    ),
    (
        "the best",
        ["--score", "score", "--set", "near_dedup.survivor=best_quality", "--set", "exact_dedup.survivor=best_quality"],
        ["a", "d"],
    ),
    ("marked only", ["--set", "near_dedup.action=mark"], ["a", "c", "d"]),
]


@pytest.mark.parametrize(("arguments", "stays"), [row[1:] for row in SETS], ids=[row[0] for row in SETS])
def test_values_that_are_set(
    curate: Call, corpus: Path, tmp_path: Path, arguments: list[str], stays: list[str]
) -> None:
    assert curate("dedup", corpus, "--out", tmp_path / "out", *arguments).code == 0
    assert kept(tmp_path / "out") == stays


def test_also(curate: Call, tmp_path: Path) -> None:
    records = [{"id": i, "text": f"{MENU}\n{page(i)}"} for i in range(10)]
    path = jsonl(tmp_path / "pages.jsonl", records)
    more = ("--also", "boilerplate", "--also", "substrings", "--set", "boilerplate.most_records=5")
    called = curate("dedup", path, "--out", tmp_path / "out", *more)
    assert called.code == 0
    assert [line.split()[0] for line in called.out.splitlines()[1:5]] == [
        "exact_dedup",
        "near_dedup",
        "boilerplate",
        "substrings",
    ]
    lines = (tmp_path / "out/data/pages.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line) for line in lines] == [{"id": i, "text": page(i)} for i in range(10)]
    ledger = pq.read_table(tmp_path / "out" / "ledger.parquet")
    assert ledger["boilerplate"].to_pylist() == [len(MENU) + 1] * 10
    assert [p["kind"] for p in json.loads((tmp_path / "out" / "report.json").read_bytes())["parameters"]] == [
        "exact_dedup",
        "near_dedup",
        "boilerplate",
        "substrings",
    ]


@pytest.mark.parametrize("name", ["pages.jsonl", "pages.parquet"])
def test_other_names_of_fields(curate: Call, tmp_path: Path, name: str) -> None:
    rows = [{"编号": r["id"], "正文": r["text"]} for r in RECORDS]
    if name.endswith("jsonl"):
        jsonl(tmp_path / name, rows)
    else:
        pq.write_table(pa.Table.from_pylist(rows), tmp_path / name)
    assert curate("dedup", tmp_path / name, "--out", tmp_path / "out", "--text", "正文", "--id", "编号").code == 0
    ledger = pq.read_table(tmp_path / "out" / "ledger.parquet")
    assert [f for f in zip(ledger["id"].to_pylist(), ledger["fate"].to_pylist(), strict=True) if f[1] == "kept"] == [
        ("c", "kept"),
        ("d", "kept"),
    ]


def test_inputs_that_cannot_be_read(curate: Call, corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR1 not really")
    (tmp_path / "a.txt").write_text("text")
    pq.write_table(pa.table({"body": ["x"]}), tmp_path / "b.parquet")
    cases = [
        (tmp_path / "none", "no such file or folder"),
        (tmp_path / "a.parquet", "a whole parquet file"),
        (tmp_path / "a.txt", "curate extract"),
        (tmp_path / "b.parquet", "--text"),
        (corpus, "under one name"),
    ]
    for path, said in cases:
        called = curate("dedup", corpus, path, "--out", tmp_path / "out")
        assert (called.code, called.out) == (2, "")
        assert said in called.err
        assert "Traceback" not in called.err
        assert not [p for p in tmp_path.iterdir() if "out" in p.name]


def test_a_corpus_of_nothing(curate: Call, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").touch()
    called = curate("dedup", tmp_path / "a.jsonl", "--out", tmp_path / "out", "--also", "boilerplate")
    assert (called.code, called.err) == (0, "")
    assert called.out.startswith("1 files   0 records   0 kept\n")
    assert (tmp_path / "out/data/a.jsonl").read_bytes() == b""
    assert pq.read_table(tmp_path / "out" / "ledger.parquet").num_rows == 0


def test_what_dedup_keeps_has_no_duplicates_left(curate: Call, corpus: Path, tmp_path: Path) -> None:
    curate("dedup", corpus, "--out", tmp_path / "out")
    called = curate("dedup", tmp_path / "out" / "data", "--out", tmp_path / "again")
    assert called.out.startswith("1 files   2 records   2 kept\n")
    assert everything(tmp_path / "again" / "data") == everything(tmp_path / "out" / "data")
