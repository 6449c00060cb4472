"""`--against`: which datasets may be named, and what a run and a plan make of them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Call
from tests.small import CELLAR

RUN = ("run", "config.yaml", "--domain", ".", "--workers", "1", "--set", "version=0.2.0")


@pytest.fixture
def first(small_built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The small domain with its dataset, and a text more."""
    folder = Path(shutil.copytree(small_built.parents[2], tmp_path / "small"))
    monkeypatch.chdir(folder)
    (folder / "raw/notes/new.txt").write_text(CELLAR[::-1].replace("，", "、"), "utf-8")
    return folder


def test_a_second_release_holds_what_the_first_has_not(curate: Call, first: Path) -> None:
    called = curate(*RUN, "--against", first / "outbox/small/0.1.0")
    assert called.code == 0, called.err
    assert "exact_earlier" in called.err
    assert called.out.startswith("wrote outbox/small/0.2.0   1 records")
    lines = [line.split() for line in curate("show", "outbox/small/0.2.0").out.splitlines()]
    shown = next(line for line in lines if line[:1] == ["against"])
    assert shown[2] == "1"
    assert {"exact_earlier", "near_earlier"} <= set(shown)
    config = json.loads(Path("outbox/small/0.2.0/manifest.json").read_bytes())["config"]
    stage = next(s for s in config["stages"] if s["kind"] == "against")
    assert stage["datasets"] == ["outbox/small/0.1.0"]
    twice = curate(*RUN, "--set", "against.datasets=[outbox/small/0.1.0]", "--against", "outbox/small/0.1.0", "--json")
    assert json.loads(twice.out)["rewritten"] is False, "named twice is named once"


def test_a_plan_says_who_named_it_and_forecasts(curate: Call, first: Path) -> None:
    told = json.loads(
        curate(
            "plan",
            "config.yaml",
            "--domain",
            ".",
            "--set",
            "version=0.2.0",
            "--against",
            "outbox/small/0.1.0",
            "--json",
        ).out
    )
    assert told["origins"]["against.datasets"] == "--against"
    stage = next(s for s in told["stages"] if s["kind"] == "against")
    assert stage["forecast"]
    assert stage["dropped"]["exact_earlier"] > 0
    assert not Path("outbox/small/0.2.0").exists()


@pytest.mark.parametrize(
    ("dataset", "text"),
    [
        ("outbox/small", "outbox/small: not a dataset"),
        ("../elsewhere", "the dataset is not in the domain; expected a folder below .. Copy it there"),
        ("outbox/small/0.2.0", "not a dataset"),
    ],
    ids=["no dataset", "outside the domain", "not there"],
)
def test_what_cannot_be_named(curate: Call, first: Path, dataset: str, text: str) -> None:
    shutil.copytree(first / "outbox/small/0.1.0", first.parent / "elsewhere")
    called = curate(*RUN, "--against", dataset)
    assert (called.code, called.out) == (2, "")
    assert text in called.err
    assert not Path("outbox/small/0.2.0").exists()


def test_a_dataset_is_not_held_against_itself(curate: Call, first: Path) -> None:
    """It would be replaced by what is new."""
    before = sorted(p for p in first.rglob("*") if p.is_file())
    called = curate("run", "config.yaml", "--domain", ".", "--against", "outbox/small/0.1.0")
    assert called.code == 2
    assert "outbox/small/0.1.0 would be held against itself" in called.err
    assert sorted(p for p in first.rglob("*") if p.is_file()) == before


def test_a_recipe_without_the_stage(curate: Call, first: Path) -> None:
    Path("mine.yaml").write_text("name: mine\nabout: x\nstages: [normalise, near_dedup, anonymise]\n", "utf-8")
    config = Path("config.yaml").read_text("utf-8")
    kept = [line for line in config.splitlines() if not line.startswith(("quality", "language"))]
    Path("config.yaml").write_text("\n".join(kept).replace("recipe: pretrain", "recipe: mine.yaml"), "utf-8")
    called = curate(*RUN, "--against", "outbox/small/0.1.0")
    assert called.code == 2
    assert "--against: against: recipe mine has no such stage. Put `- against` into the recipe" in called.err


def test_a_name_that_is_taken(curate: Call, first: Path) -> None:
    config = Path("config.yaml").read_text("utf-8")
    Path("config.yaml").write_text(config.replace("name: small", "name: signatures", 1), "utf-8")
    called = curate("validate", "config.yaml")
    assert called.code == 2
    assert "the name is taken" in called.err + called.out
