"""Recipe and config: merge order, where a value came from, and all mistakes at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from curate.builtin import builtin_names, find_config
from curate.errors import ConfigError
from curate.recipe import load_config, load_recipe, resolve, resolve_with_origins
from curate.stages import STAGES

RECIPE = """\
name: mine
about: A recipe of the test.
stages:
  - normalise
  - language: {keep: [zh], least: 0.5}
  - quality:
      chars: {least: 10}
  - exact_dedup:
  - near_dedup: {threshold: 0.7}
  - anonymise: {CN_MOBILE: {operator: mask, keep_head: 3}}
"""
CONFIG = """\
recipe: ./mine.yaml
name: made
industry: {name: baijiu, title: 酱酒}
near_dedup:
  threshold: 0.9
quality:
  chars: {least: 20}
"""


class Files:
    """A recipe and a config in a folder that is the current one, so that messages name them as they are called here."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.write(RECIPE, CONFIG)

    def write(self, recipe: str | None = None, config: str | None = None) -> None:
        for name, text in (("mine.yaml", recipe), ("made.yaml", config)):
            if text is not None:
                (self.folder / name).write_text(text, "utf-8")

    def stages(self, *sets: str) -> dict[str, Any]:
        return {s.kind: s for s in resolve(self.folder / "made.yaml", sets).stages}

    def problems(self, *sets: str) -> list[str]:
        with pytest.raises(ConfigError) as caught:
            resolve(self.folder / "made.yaml", sets)
        return [str(p) for p in caught.value.problems]


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Files:
    monkeypatch.chdir(tmp_path)
    return Files(tmp_path)


def test_each_layer_goes_over_the_one_before(files: Files) -> None:
    default = STAGES["near_dedup"]()
    stages = files.stages("language.least=0.8")
    assert stages["near_dedup"].permutations == default.permutations, "the stage's default, set nowhere"
    assert stages["language"].keep == ("zh",), "the recipe's"
    assert stages["near_dedup"].threshold == 0.9, "the config's, over the recipe's"
    assert stages["language"].least == 0.8, "of --set, over the recipe's"
    assert files.stages("near_dedup.threshold=0.6")["near_dedup"].threshold == 0.6, "of --set, over the config's"


def test_mappings_are_merged_key_by_key_and_lists_replaced(files: Files) -> None:
    stages = files.stages("quality.chars.most=500", "language.keep=[en]")
    assert (stages["quality"].chars.least, stages["quality"].chars.most) == (20, 500)
    assert stages["language"].keep == ("en",)


def test_an_operator_brings_its_own_parameters(files: Files) -> None:
    """Merging `redact` into `{mask, keep_head: 3}` would give redact a field that it does not have."""
    assert files.stages("anonymise.CN_MOBILE={operator: redact}")["anonymise"].CN_MOBILE.operator == "redact"
    assert files.stages("anonymise.CN_MOBILE.operator=redact")["anonymise"].CN_MOBILE.operator == "redact"
    kept = files.stages("anonymise.CN_MOBILE.keep_tail=4")["anonymise"].CN_MOBILE
    assert (kept.keep_head, kept.keep_tail) == (3, 4)


def test_later_sets_go_over_earlier_ones(files: Files) -> None:
    assert files.stages("language.least=0.1", "language.least=0.2")["language"].least == 0.2


def test_what_stands_beside_the_stages_can_be_set(files: Files) -> None:
    pipeline = resolve(
        files.folder / "made.yaml", ["version=1.2.3", "splits.train=0.5", "splits.test=0.49", "output.shard_mb=7"]
    )
    assert (pipeline.version, pipeline.splits.train, pipeline.output.shard_mb) == ("1.2.3", 0.5, 7)


def test_origins(files: Files) -> None:
    _, origins = resolve_with_origins(files.folder / "made.yaml", ["language.least=0.8", "splits.seed=3"])
    assert {
        k: origins[k]
        for k in (
            "language.least",
            "language.keep",
            "near_dedup.threshold",
            "near_dedup.bands",
            "quality.chars.least",
            "splits.seed",
            "splits.train",
            "output.compression",
        )
    } == {
        "language.least": "--set",
        "language.keep": "mine.yaml:5",
        "near_dedup.threshold": "made.yaml:5",
        "near_dedup.bands": "default",
        "quality.chars.least": "made.yaml:7",
        "splits.seed": "--set",
        "splits.train": "default",
        "output.compression": "default",
    }


INDUSTRY = "industry: {name: b, title: 酒}\n"


@pytest.mark.parametrize(
    ("recipe", "config", "sets", "expected"),
    [
        pytest.param(
            None,
            CONFIG.replace("near_dedup:", "near_dedupe:"),
            [],
            ["made.yaml:4: near_dedupe: unknown field; got near_dedupe; expected one of *. Did you mean near_dedup?"],
            id="stage misspelt in the config",
        ),
        pytest.param(
            None,
            CONFIG.replace("threshold: 0.9", "treshold: 0.9"),
            [],
            [
                "made.yaml:5: near_dedup.treshold: unknown field; got treshold; expected one of *. Did you mean threshold?"
            ],
            id="parameter misspelt in the config",
        ),
        pytest.param(
            None,
            CONFIG.replace("0.9", "1.9"),
            [],
            ["made.yaml:5: near_dedup.threshold: input should be less than or equal to 1; got 1.9"],
            id="out of bounds, named once though config and merged stage both have it",
        ),
        pytest.param(
            None,
            CONFIG.replace("industry: {name: baijiu, title: 酱酒}\n", ""),
            [],
            ["made.yaml:1: industry: missing field; expected industry"],
            id="missing field",
        ),
        pytest.param(
            None,
            CONFIG + "splits: {train: 0.5, validation: 0.1, test: 0.1}\n",
            [],
            ["made.yaml:8: splits: shares add up to 0.7, not 1; got *"],
            id="shares",
        ),
        pytest.param(
            None,
            CONFIG.replace("name: made", "name: Made!"),
            [],
            ["made.yaml:2: name: string should match pattern '^[a-z0-9][a-z0-9_-]*$'; got \"Made!\""],
            id="a name that can be no folder",
        ),
        pytest.param(
            None,
            CONFIG.replace("./mine.yaml", "pretrian"),
            [],
            [
                "made.yaml:1: recipe: no built-in pipeline of this name; got pretrian; expected a path ending in .yaml, or one of *. Did you mean pretrain?"
            ],
            id="recipe misspelt",
        ),
        pytest.param(
            None,
            CONFIG.replace("./mine.yaml", "./yours.yaml"),
            [],
            ["made.yaml:1: recipe: no such file; got ./yours.yaml"],
            id="recipe missing",
        ),
        pytest.param(
            RECIPE.replace("- quality:", "- qualty:"),
            "recipe: ./mine.yaml\nname: made\n" + INDUSTRY,
            [],
            ["mine.yaml:6: stages[2].qualty: unknown stage; got qualty; expected one of *. Did you mean quality?"],
            id="stage misspelt in the recipe",
        ),
        pytest.param(
            RECIPE.replace("- normalise", "- normalize"),
            "recipe: ./mine.yaml\nname: made\n" + INDUSTRY,
            [],
            [
                "mine.yaml:4: stages[0].normalize: unknown stage; got normalize; expected one of *. Did you mean normalise?"
            ],
            id="bare stage misspelt in the recipe",
        ),
        pytest.param(
            RECIPE.replace("  - exact_dedup:\n", "  - normalise\n"),
            None,
            [],
            ["mine.yaml:8: stages[3]: stage used twice; got normalise"],
            id="stage used twice",
        ),
        pytest.param(
            RECIPE.replace("threshold: 0.7", "threshold: 7"),
            "recipe: ./mine.yaml\nname: made\n" + INDUSTRY,
            [],
            [
                "mine.yaml:9: stages[4].near_dedup.threshold: input should be less than or equal to 1; got 7",
            ],
            id="a wrong value of the recipe is shown in the recipe",
        ),
        pytest.param(
            RECIPE.replace("  - exact_dedup:\n", "  - {exact_dedup: {}, near_dedup: {}}\n").replace(
                "  - near_dedup: {threshold: 0.7}\n", ""
            ),
            "recipe: ./mine.yaml\nname: made\n" + INDUSTRY,
            [],
            ["mine.yaml:8: stages[3]: a list item is one stage, with or without parameters; got *"],
            id="two stages in one item",
        ),
        pytest.param(
            RECIPE.replace("  - near_dedup: {threshold: 0.7}\n", ""),
            None,
            ["near_dedup.threshold=0.5"],
            [
                "made.yaml:4: near_dedup: recipe mine has no such stage; got near_dedup; expected one of normalise, language, quality, exact_dedup, anonymise",
                "--set: near_dedup: recipe mine has no such stage; got near_dedup; expected one of normalise, language, quality, exact_dedup, anonymise",
            ],
            id="a stage that the recipe does not have",
        ),
        pytest.param(
            None,
            None,
            [
                "near_dedup",
                "qualty.chars.least=3",
                "language.least=high",
                "language.keep=[",
                "splits.train=2",
                "near_dedup.treshold=1",
            ],
            [
                "--set: near_dedup: cannot be understood; got near_dedup; expected stage.field=value",
                "--set: qualty: unknown stage; got qualty; expected one of *. Did you mean quality?",
                "--set: language.keep: expected the node content, but found '<stream end>'; got [",
                '--set: language.least: input should be a valid number; got "high"',
                "--set: near_dedup.treshold: unknown field; got treshold; expected one of *. Did you mean threshold?",
            ],
            id="everything wrong on the command line at once",
        ),
        pytest.param(
            None,
            None,
            ["splits.train=0.5"],
            ["--set: splits: shares add up to 0.52, not 1; got *"],
            id="a set value that breaks the whole is blamed on --set",
        ),
        pytest.param(
            RECIPE.replace("- quality:", "- qualty:"),
            CONFIG.replace("0.9", "high").replace("title", "titel"),
            ["language.least=7"],
            [
                "made.yaml:3: industry.title: missing field; expected title",
                "made.yaml:3: industry.titel: unknown field; got titel; expected one of codes, documents, *. Did you mean title?",
                'made.yaml:5: near_dedup.threshold: input should be a valid number; got "high"',
                "made.yaml:6: quality: recipe mine has no such stage; got quality; expected one of *",
                "mine.yaml:6: stages[2].qualty: unknown stage; got qualty; expected one of *. Did you mean quality?",
                "--set: language.least: input should be less than or equal to 1; got 7",
            ],
            id="config, recipe and --set at once",
        ),
    ],
)
def test_mistakes(files: Files, recipe: str | None, config: str | None, sets: list[str], expected: list[str]) -> None:
    files.write(recipe, config)
    found = files.problems(*sets)
    assert len(found) == len(expected), found
    for got, wanted in zip(found, expected, strict=True):
        head, _, tail = wanted.partition("*")
        assert got.startswith(head), (got, wanted)
        assert got.endswith(tail), (got, wanted)


def test_what_is_built_in_resolves() -> None:
    assert builtin_names("configs")
    for name in builtin_names("configs"):
        pipeline = resolve(find_config(name))
        assert pipeline.name == load_config(find_config(name)).name
        assert all(s.kind in STAGES for s in pipeline.stages)


def test_a_recipe_alone(files: Files) -> None:
    assert load_recipe(files.folder / "mine.yaml").name == "mine"
    files.write(recipe="name: x\nabout: y\nstages: []\n")
    with pytest.raises(ConfigError, match=r"stages: .*at least 1"):
        load_recipe(files.folder / "mine.yaml")
