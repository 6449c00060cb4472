"""init, validate, industries, doctor."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from curate import doctor
from tests.cli.conftest import Call
from tests.runs import ROOT
from tests.small import STEAMING


def test_a_new_domain_validates_at_once(curate: Call, tmp_path: Path) -> None:
    made = curate("init", tmp_path / "mine", "--industry", "baijiu")
    assert (made.code, made.err) == (0, "")
    assert sorted(p.name for p in (tmp_path / "mine").iterdir()) == [".gitignore", "catalog.yaml", "domain.yaml", "raw"]
    called = curate("validate", tmp_path / "mine" / "domain.yaml", tmp_path / "mine" / "catalog.yaml")
    assert called.code == 0, called.err
    assert "@" not in (tmp_path / "mine" / "catalog.yaml").read_text("utf-8")


def test_a_new_domain_runs_once_there_is_a_file(curate: Call, tmp_path: Path) -> None:
    curate("init", tmp_path / "mine", "--industry", "mining")
    empty = curate("plan", tmp_path / "mine" / "mining.yaml", "--domain", tmp_path / "mine")
    assert empty.code == 2
    assert "pattern matches no file" in empty.err
    place = tmp_path / "mine" / "raw" / "documents" / "2026"
    place.mkdir(parents=True)
    (place / "a.txt").write_text(STEAMING, "utf-8")
    assert curate("plan", tmp_path / "mine" / "mining.yaml", "--domain", tmp_path / "mine").code == 0


def test_an_industry_that_is_not_built_in_gets_a_config_to_fill_in(curate: Call, tmp_path: Path) -> None:
    made = curate("init", tmp_path / "mine", "--industry", "baiju")
    assert made.code == 0
    assert made.err.rstrip().endswith("Did you mean baijiu?")
    assert curate("validate", tmp_path / "mine" / "baiju.yaml").code == 0


@pytest.mark.parametrize("name", ["Bai Jiu", "../x", "", "酱酒"])
def test_what_can_be_no_industry(curate: Call, tmp_path: Path, name: str) -> None:
    assert curate("init", tmp_path / "mine", "--industry", name).code == 2
    assert not (tmp_path / "mine").exists()


def test_a_folder_that_is_not_empty_is_left_alone(curate: Call, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "catalog.yaml").write_text("mine")
    assert curate("init", tmp_path / "mine", "--industry", "baijiu").code == 2
    assert [p.name for p in (tmp_path / "mine").iterdir()] == ["catalog.yaml"]
    (tmp_path / "file").write_text("x")
    assert curate("init", tmp_path / "file", "--industry", "baijiu").code == 2


def test_validate_reports_all_mistakes_of_all_files(
    curate: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.yaml").write_text("recipe: pretrian\nname: a\nindustry: {name: x, title: y}\nqualty: {}\n")
    (tmp_path / "b.yaml").write_text("name: b\nabout: c\nstages: [normalize]\n")
    (tmp_path / "c.yaml").write_text("something: else\n")
    (tmp_path / "catalog.yaml").write_text("sources:\n  - id: a\n")
    (tmp_path / "good.yaml").write_text("recipe: pretrain\nname: a\nindustry: {name: x, title: y}\n")
    called = curate("validate", "a.yaml", "b.yaml", "c.yaml", "catalog.yaml", "good.yaml", "none.yaml")
    assert called.code == 2
    assert called.out == "good.yaml: config, valid\n"
    places = [line.split(" ")[0] for line in called.err.splitlines()]
    assert places[:5] == ["a.yaml:1:", "a.yaml:4:", "b.yaml:3:", "c.yaml:1:", "catalog.yaml:2:"]
    assert "none.yaml" in called.err
    as_json = curate("validate", "--json", "b.yaml", "good.yaml")
    assert as_json.code == 2
    verdicts = json.loads(as_json.out)
    assert [(v["file"], v["kind"], len(v["problems"])) for v in verdicts] == [
        ("b.yaml", "recipe", 1),
        ("good.yaml", "config", 0),
    ]
    assert verdicts[0]["problems"][0]["line"] == 3


@pytest.mark.parametrize(
    ("text", "complaints", "why"),
    [
        ("industry:\n  name: tea\n  title: 茶叶\n  lexicon: {2: [红碎茶, 揉捻]}\n", [], "an industry of one's own"),
        ("industry:\n  name: tea\n", ["tea.yaml:1: industry.title"], "a field is missing"),
        ("industry:\n  name: tea\n  title: 茶叶\n  lexcon: {}\n", ["tea.yaml:4: industry.lexcon"], "a field misspelt"),
        ("industry:\n", ["tea.yaml:1: industry"], "nothing in it"),
        ("industry: {name: tea, title: 茶叶}\nstages: []\n", ["tea.yaml:1: industry"], "a recipe has no industry"),
    ],
)
def test_validate_an_industry(
    curate: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, complaints: list[str], why: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tea.yaml").write_text(text, "utf-8")
    called = curate("validate", "tea.yaml")
    assert called.code == (2 if complaints else 0), why
    assert called.out == ("" if complaints else "tea.yaml: industry, valid\n")
    for complaint in complaints:
        assert complaint in called.err, why


def test_validate_a_whole_domain(curate: Call, small_domain: Path) -> None:
    assert curate("validate", small_domain, small_domain / "config.yaml").code == 0
    (small_domain / "raw" / "tickets.csv").unlink()
    called = curate("validate", small_domain)
    assert called.code == 2
    assert "source tickets: pattern matches no file; got raw/tickets.csv" in called.err


def test_everything_shipped_is_valid(curate: Call) -> None:
    shipped = [
        *(ROOT / "configs").iterdir(),
        *(ROOT / "pipelines").iterdir(),
        *(p.parent for p in (ROOT / "examples").glob("*/domain.yaml")),
    ]
    called = curate("validate", *shipped)
    assert called.code == 0, called.err


def test_industries(curate: Call) -> None:
    assert "酱酒" in curate("industries").out
    assert curate("industries", "baijiu").out == (ROOT / "configs" / "baijiu.yaml").read_text("utf-8")
    assert {c["name"] for c in json.loads(curate("industries", "--json").out)} >= {"baijiu"}
    called = curate("industries", "baiju")
    assert called.code == 2
    assert "Did you mean baijiu?" in called.err


def test_doctor(curate: Call) -> None:
    called = curate("doctor")
    assert called.code == 0
    assert "isolation" in called.out
    told = json.loads(curate("doctor", "--json").out)
    assert told["packages"]["pyarrow"]
    assert told["engines"]["local"] is True
    assert "normalise" in told["kernels"]["modules"]


def test_doctor_misses_what_is_not_installed(curate: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_asked", lambda: ["pyarrow>=1", "no-such-package>=2", "no-such-extra; extra == 'ray'"])
    called = curate("doctor", "--json")
    assert called.code == 1
    told = json.loads(called.out)
    assert told["missing"] == ["no-such-package"], "an extra is not needed"
