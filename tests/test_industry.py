"""The industries: what a file of one may say, which are built in, and what pipelines keep of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from curate.errors import ConfigError
from curate.industry import Industry, Profile, builtin_profiles, digest_of, load_industries
from curate.recipe import resolve
from curate.stages.relevance import Relevance
from tests.runs import ROOT
from tests.stages.rows import batch, reasons
from tools.examples.industries import build

NAMES = [
    "baijiu",
    "coal",
    "chemicals",
    "materials",
    "steel",
    "nonferrous",
    "power",
    "building-materials",
    "agriculture",
    "tourism",
    "city",
    "government",
    "transport",
    "gas",
    "medical",
    "meteorology",
    "water",
    "education",
    "finance",
    "police",
    "geo-information",
    "broadcasting",
    "wildfire",
    "science",
]

CHEESE = """industry:
  name: cheese
  title: 奶酪
  codes: [{scheme: GB/T 4754, edition: 2017, code: C1449}]
  scenes:
    - 质量追溯
    - {name: 熟成管理, terms: [熟成库, 翻转奶酪]}
  lexicon:
    3: [凝乳酶, 乳清排放]
    1: [巴氏杀菌]
    -2: [豆腐脑]
"""


def made(text: str, folder: Path, name: str = "cheese.yaml") -> str:
    (folder / name).write_text(text, "utf-8")
    return name


def test_a_further_industry_is_one_file(tmp_path: Path) -> None:
    known = load_industries([made(CHEESE, tmp_path)], tmp_path)
    assert set(known) == {*builtin_profiles(), "cheese"}
    cheese = known["cheese"]
    assert cheese.lexicon[-2] == ("豆腐脑",)
    assert [(s.name, s.terms) for s in cheese.all_scenes()] == [("质量追溯", ()), ("熟成管理", ("熟成库", "翻转奶酪"))]
    assert cheese.terms() == 5
    assert cheese.brief() == Industry(name="cheese", title="奶酪", codes=cheese.codes, scenes=("质量追溯", "熟成管理"))


def test_a_file_takes_the_place_of_a_built_in_one(tmp_path: Path) -> None:
    made(CHEESE.replace("name: cheese", "name: coal"), tmp_path)
    assert load_industries(["cheese.yaml"], tmp_path)["coal"].title == "奶酪"
    made(CHEESE, tmp_path, "again.yaml")
    made(CHEESE, tmp_path)
    with pytest.raises(ConfigError) as raised:
        load_industries(["cheese.yaml", "again.yaml"], tmp_path)
    assert "two files of one industry" in str(raised.value.problems[0])


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("3: [凝乳酶", "4: [凝乳酶", 9, "less than or equal to 3"),
        ("1: [巴氏杀菌]", "0: [巴氏杀菌]", 2, "weight 0"),
        ("巴氏杀菌", "凝乳酶", 2, "twice in the lexicon: 凝乳酶"),
        ("翻转奶酪", "熟成库", 2, "twice in the scenes"),
        ("质量追溯", "熟成管理", 2, "twice in the names of scenes"),
        ("凝乳酶", "酶", 9, "at least 2"),
        ("凝乳酶", "PE管", 9, "capitals"),
        ("凝乳酶", '" 凝乳酶"', 9, "spaces around"),
        ("title", "titel", 2, "unknown field"),
        ("industry:", "industri:", 1, "missing field"),
    ],
)
def test_mistakes_name_file_and_line(old: str, new: str, line: int, says: str, tmp_path: Path) -> None:
    file = made(CHEESE.replace(old, new, 1), tmp_path)
    with pytest.raises(ConfigError) as raised:
        load_industries([file], tmp_path)
    shown = [str(p) for p in raised.value.problems]
    assert any(says in text for text in shown), shown
    assert all(p.file == "cheese.yaml" for p in raised.value.problems)
    assert min(abs(p.line - line) for p in raised.value.problems) <= 1


def test_the_digest_is_of_terms_weights_and_scenes_alone() -> None:
    coal = builtin_profiles()["coal"]
    plain = coal.model_dump(mode="json")

    def digest(**changed: object) -> str:
        return digest_of([Profile.model_validate_json(json.dumps(plain | changed))])

    same = digest_of([coal])
    assert digest(title="x", documents=["y"], keep=[]) == same
    assert digest(lexicon=dict(reversed(plain["lexicon"].items()))) == same
    assert digest(lexicon=plain["lexicon"] | {"3": plain["lexicon"]["3"][1:]}) != same
    assert digest(scenes=plain["scenes"][1:]) != same
    assert digest(name="x") != same
    others = list(builtin_profiles().values())
    assert digest_of(others) == digest_of(others[::-1])


def test_pipelines_hold_no_terms(tmp_path: Path) -> None:
    recipe = "name: r\nabout: x\nstages: [normalise, {relevance: {action: drop}}]\n"
    (tmp_path / "r.yaml").write_text(recipe, "utf-8")
    (tmp_path / "c.yaml").write_text(CHEESE + "recipe: ./r.yaml\nname: cheese\n", "utf-8")
    pipeline = resolve(tmp_path / "c.yaml")
    assert pipeline.industry.scenes == ("质量追溯", "熟成管理")
    assert "凝乳酶" not in pipeline.model_dump_json()
    stage = pipeline.stages[1]
    assert isinstance(stage, Relevance)
    assert (stage.industry, stage.lexicons) == ("cheese", digest_of(builtin_profiles().values()))
    pinned = resolve(tmp_path / "c.yaml", ["relevance.industry=coal", "relevance.among=[coal, baijiu]"]).stages[1]
    assert isinstance(pinned, Relevance)
    assert (pinned.industry, pinned.lexicons) == ("coal", digest_of(builtin_profiles()[n] for n in ("baijiu", "coal")))


@pytest.mark.parametrize("name", [name for name in NAMES if name in builtin_profiles()])
def test_a_built_in_industry_has_all_that_is_asked(name: str) -> None:
    profile = builtin_profiles()[name]
    for_it = [t for weight, terms in profile.lexicon.items() if weight > 0 for t in terms]
    against = [t for weight, terms in profile.lexicon.items() if weight < 0 for t in terms]
    assert len(for_it) >= 150
    assert len(against) >= 10
    assert min(len(scene.terms) for scene in profile.all_scenes()) >= 15
    assert len(profile.scenes) >= 2
    assert len(profile.documents) >= 5
    assert len(profile.sensitive) >= 4
    assert len(profile.keep) >= 3
    assert profile.english
    assert profile.grade
    assert profile.personal
    assert all(code.edition == 2017 for code in profile.codes)
    assert profile.codes


EXAMPLES = sorted(p.parent.name for p in (ROOT / "examples" / "industries").glob("*/raw"))


def test_examples_are_of_built_in_industries_and_fresh(tmp_path: Path) -> None:
    assert set(EXAMPLES) <= set(builtin_profiles())
    for name in EXAMPLES:
        (tmp_path / name / "raw").mkdir(parents=True)
    for file in build(tmp_path):
        there = ROOT / "examples" / "industries" / file.relative_to(tmp_path)
        assert there.read_text("utf-8") == file.read_text("utf-8"), "run python -m tools.examples.industries"


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_keeps_its_own_and_drops_its_neighbours(name: str) -> None:
    files = sorted((ROOT / "examples" / "industries" / name / "raw").glob("*.txt"))
    out = Relevance(industry=name, action="drop").open()(batch([file.read_text("utf-8") for file in files]))
    kept = {file.stem for file, reason in zip(files, reasons(out), strict=True) if reason is None}
    assert kept == {file.stem for file in files if file.stem.startswith("own-")}
    assert len(kept) >= 4
    assert len(files) >= 6
