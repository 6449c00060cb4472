"""`curate industries`: the list, and one of them."""

from __future__ import annotations

import json

from curate.builtin import builtin_names
from curate.industry import builtin_profiles
from tests.cli.conftest import Call
from tests.runs import ROOT


def test_every_built_in_industry_is_listed_once(curate: Call) -> None:
    lines = curate("industries").out.splitlines()
    assert lines[0].split() == ["name", "title", "codes", "terms", "scenes"]
    assert [line.split()[0] for line in lines[1:]] == builtin_names("configs")
    coal = next(line for line in lines if line.startswith("coal "))
    assert "煤矿" in coal
    assert "B06" in coal
    assert str(builtin_profiles()["coal"].terms()) in coal.split()
    assert "瓦斯监测" in coal


def test_the_list_for_programs_has_counts_and_no_terms(curate: Call) -> None:
    told = {each["name"]: each for each in json.loads(curate("industries", "--json").out)}
    assert list(told) == builtin_names("configs")
    assert set(told["coal"]) == {"name", "title", "codes", "scenes", "terms"}
    assert told["coal"]["terms"] == builtin_profiles()["coal"].terms() > 150
    assert told["coal"]["scenes"] == list(builtin_profiles()["coal"].brief().scenes)


def test_one_is_printed_whole(curate: Call) -> None:
    assert curate("industries", "coal").out == (ROOT / "configs" / "coal.yaml").read_text("utf-8")
    told = json.loads(curate("industries", "coal", "--json").out)
    assert len(told["lexicon"]["3"]) == len(builtin_profiles()["coal"].lexicon[3])
    assert {scene["name"] for scene in told["scenes"]} == set(builtin_profiles()["coal"].brief().scenes)


def test_a_name_that_is_none(curate: Call) -> None:
    for more in ((), ("--json",)):
        called = curate("industries", "coall", *more)
        assert called.code == 2
        assert "Did you mean coal?" in called.err
