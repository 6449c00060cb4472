"""`curate safety lexicon`: counts by risk, what is missing, twice or wrong, and its exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from curate.stages.safety_lexicon import Risk, group_of, risks, sample
from tests.cli.conftest import Call


@pytest.fixture
def own(tmp_path: Path) -> Path:
    file = tmp_path / "own.tsv"
    file.write_text("甜味骗局\tA.1.a\n酸味圈套\tA.2.b\t3\n甜味騙局\tA1-a\n", "utf-8")
    return file


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    """A lexicon with all that the standard asks for."""
    wanted = {c: {"A.1": 600, "A.2": 600}[group_of(c)] for c in risks() if group_of(c) in ("A.1", "A.2")}
    lines = (f"词{code}号{n}\t{code}\n" for code, count in wanted.items() for n in range(count))
    file = tmp_path / "whole.tsv"
    file.write_text("".join(lines), "utf-8")
    return file


def by_risk(out: str) -> dict[str, list[str]]:
    return {line.split()[0]: line.split() for line in out.splitlines()[1:]}


def test_counts_and_what_is_missing(curate: Call, own: Path) -> None:
    called = curate("safety", "lexicon", own)
    assert called.code == 0
    rows = by_risk(called.out)
    assert rows["all"][1:4] == ["2", "10,000", "9,998"]
    assert rows["A.1.a"][1:4] == ["1", "200", "199"]
    assert rows["A.2.b"][1:4] == ["1", "100", "99"]
    assert rows["A.4.a"][1] == "0"
    assert f"{own}:3: the same term and risk as {own}:1" in called.out
    assert "there are 2 of 10,000" in called.err
    assert "A.2.i" in called.err


def test_strict_is_a_check(curate: Call, own: Path, whole: Path) -> None:
    assert curate("safety", "lexicon", own, "--strict").code == 1
    called = curate("safety", "lexicon", whole, "--strict")
    assert called.code == 0
    assert called.err == ""
    assert curate("safety", "lexicon", whole, own, "--strict").code == 0


def test_for_programs(curate: Call, own: Path) -> None:
    called = curate("safety", "lexicon", own, "--json")
    told = json.loads(called.out)
    assert set(told) == {"digest", "files", "risks", "duplicates", "problems"}
    assert told["files"] == [{"file": str(own), "lines": 3}]
    assert [r["risk"] for r in told["risks"]] == list(risks())
    [row] = [r for r in told["risks"] if r["risk"] == "A.1.a"]
    risk: Risk = risks()["A.1.a"]
    assert row == {
        "risk": "A.1.a",
        "name": risk.title,
        "english": risk.english,
        "terms": 1,
        "least": 200,
        "missing": 199,
    }
    assert told["duplicates"] == [{"line": f"{own}:3", "first": f"{own}:1"}]
    assert told["problems"] == []


def test_all_mistakes_with_their_lines_and_no_term(curate: Call, own: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.tsv"
    wrong.write_text("辣味\n辣\tA.1.a\n甜味骗局\tA.8.a\n咸味把戏\tA.1.b\n", "utf-8")
    for more in ((), ("--json",)):
        called = curate("safety", "lexicon", own, wrong, *more)
        assert called.code == 2
        assert [line.removeprefix(f"{wrong}:")[:8] for line in called.err.splitlines()] == [
            "1: line:",
            "2: term:",
            "3: risk:",
        ]
        assert "A.1.b" in called.out, "what is right is counted all the same"
        for word in ("辣", "甜味", "酸味", "咸味"):
            assert word not in called.out + called.err, "no term is printed"
    assert [p["line"] for p in json.loads(called.out)["problems"]] == [1, 2, 3]


def test_without_a_file_the_sample(curate: Call) -> None:
    called = curate("safety", "lexicon")
    assert by_risk(called.out)["all"][1] == str(len(sample()))
    assert "built-in sample" in called.err
    assert curate("safety", "lexicon", "--strict").code == 1


def test_no_such_file(curate: Call, tmp_path: Path) -> None:
    called = curate("safety", "lexicon", tmp_path / "none.tsv")
    assert called.code == 2
    assert "no such file" in called.err


def test_many_duplicates_are_counted(curate: Call, tmp_path: Path) -> None:
    file = tmp_path / "twice.tsv"
    file.write_text("甜味骗局\tA.1.a\n" * 25, "utf-8")
    lines = curate("safety", "lexicon", file).out.splitlines()
    assert sum("the same term" in line for line in lines) == 20
    assert lines[-1] == "4 more duplicates"


def test_help_has_an_example(curate: Call) -> None:
    assert "curate safety lexicon lexicons/own.tsv --strict" in " ".join(
        curate("safety", "lexicon", "--help").out.split()
    )
