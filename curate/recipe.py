"""Which stages in what order (recipe) with which values (config): read, merged once, here, into a pipeline.

Merge order: stage default ‹ recipe ‹ config ‹ `--set`. Mappings are merged key by key, anything else is replaced; so is a
mapping whose `operator` changes, since each operator has parameters of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from .builtin import find, shown
from .config import Document, Path_, dotted, nearest, validate
from .errors import ConfigError, Problem
from .industry import Profile
from .pipeline import Config, Pipeline, Recipe
from .stages import STAGES, Settles
from .yaml_files import load_yaml, plain_yaml

__all__ = ["Pipeline", "load_config", "load_recipe", "read_sets", "resolve", "resolve_with_origins"]

OUTSIDE = ("version", "splits", "output", "work")
"""What `--set` may change beside the stages' parameters."""


def load_recipe(file: Path) -> Recipe:
    """The recipe in `file`.

    Raises:
        ConfigError: with every problem found.
    """
    document = load_yaml(file, shown=shown(file))
    problems = _recipe_problems(document)
    if problems:
        raise ConfigError(problems)
    return validate(Recipe, document)


def load_config(file: Path) -> Any:
    """The config in `file`.

    Raises:
        ConfigError: with every problem found.
    """
    return validate(Config, load_yaml(file, shown=shown(file)))


def resolve(config_file: Path, sets: Sequence[str] = ()) -> Pipeline:
    """The pipeline of a config: its recipe found beside it or built in, and all values merged.

    `sets` are `stage.field=value` strings; a value is read as YAML.

    Raises:
        ConfigError: with every problem found in config, recipe and `sets`.
    """
    return _Layers(config_file, sets).pipeline()


def resolve_with_origins(config_file: Path, sets: Sequence[str] = ()) -> tuple[Pipeline, dict[str, str]]:
    """The pipeline, and for each of its values, `stage.field` or `splits.train`, where it was given.

    An origin is `file:line`, `--set`, or `default`.

    Raises:
        ConfigError: with every problem found in config, recipe and `sets`.
    """
    layers = _Layers(config_file, sets)
    pipeline = layers.pipeline()
    origins: dict[str, str] = {}
    for stage in pipeline.stages:
        parameters = stage.model_dump(mode="json")
        for path in _leaves(parameters):
            if path != ("kind",):
                origins[dotted((stage.kind, *path))] = layers.origin((stage.kind, *path))
    for part in ("splits", "output", "work"):
        for path in _leaves(getattr(pipeline, part).model_dump(mode="json")):
            origins[dotted((part, *path))] = layers.origin((part, *path))
    return pipeline, origins


def read_sets(sets: Sequence[str], names: Sequence[str], problems: list[Problem]) -> dict[str, Any]:
    """What `stage.field=value` strings say, as one mapping; `names` are what may be set, mistakes go to `problems`."""
    out: dict[str, Any] = {}
    for text in sets:
        name, equals, value = text.partition("=")
        parts = name.strip().split(".")
        if not equals or not all(parts) or (len(parts) < 2 and name.strip() != "version"):
            problems.append(Problem("--set", 0, name, "cannot be understood", got=text, expected="stage.field=value"))
            continue
        if parts[0] not in names and parts[0] not in STAGES:
            expected, hint = "one of " + ", ".join(names), nearest(parts[0], names)
            problems.append(Problem("--set", 0, parts[0], "unknown stage", got=parts[0], expected=expected, hint=hint))
            continue
        try:
            plain = plain_yaml(value, "--set")
        except ConfigError as error:
            problems.append(Problem("--set", 0, name, error.problems[0].what, got=value))
            continue
        for part in reversed(parts):
            plain = {part: plain}
        out = _merge(out, plain)
    return out


class _Layers:
    """What recipe, config and `--set` say, as plain data, with all their mistakes."""

    def __init__(self, config_file: Path, sets: Sequence[str]) -> None:
        self.problems: list[Problem] = []
        self.config = load_yaml(config_file, shown=shown(config_file))
        self._note(lambda: validate(Config, self.config))
        self.values = self.config.data if isinstance(self.config.data, dict) else {}
        self.recipe = self._read_recipe(config_file.parent)
        self.entries = _kinds(self.recipe)
        self.kinds = [kind for kind in dict.fromkeys(self.entries) if kind]
        self.given = read_sets(sets, [*(self.kinds or STAGES), *OUTSIDE], self.problems)

    def pipeline(self) -> Pipeline:
        """All layers merged and checked."""
        for kind in STAGES:
            if self.recipe.data is not None and kind not in self.kinds:
                if kind in self.values:
                    self._not_in_recipe(self.config.file, self.config.line((kind,)), kind)
                if kind in self.given:
                    self._not_in_recipe("--set", 0, kind)
        stages = [self._stage(kind) for kind in self.kinds]
        if self.problems:
            files = list(dict.fromkeys(p.file for p in self.problems))
            in_order = sorted(dict.fromkeys(self.problems), key=lambda p: (files.index(p.file), p.line))
            raise ConfigError(in_order)
        industry = validate(Profile, self.config, at=("industry",), data=self.values["industry"])
        stages = [stage.settled(industry) if isinstance(stage, Settles) else stage for stage in stages]
        data = {
            **{k: self.values[k] for k in ("name", "version", "splits", "output", "work") if k in self.values},
            "industry": industry.brief().model_dump(mode="json"),
            "recipe": self.recipe.data["name"],
            "stages": [stage.model_dump(mode="json") for stage in stages],
        }
        data = _merge(data, {k: v for k, v in self.given.items() if k in OUTSIDE})
        return validate(Pipeline, _Given(self.config, self.given), data=data)

    def origin(self, path: Path_) -> str:
        """Where the value at `path`, which begins with a stage or a part of the config, was given."""
        if _holds(self.given, path):
            return "--set"
        if path in self.config.lines:
            return f"{self.config.file}:{self.config.lines[path]}"
        in_recipe = self._in_recipe(path)
        return f"{self.recipe.file}:{self.recipe.lines[in_recipe]}" if in_recipe in self.recipe.lines else "default"

    def problem(self, path: Path_, what: str, **more: str) -> Problem:
        """A mistake of a merged value, shown where the value was given."""
        if _holds(self.given, path):
            return Problem("--set", 0, dotted(path), what, **more)
        for length in range(len(path), 0, -1):
            if path[:length] in self.config.lines:
                return self.config.problem(path, what, **more)
            if self._in_recipe(path[:length]) in self.recipe.lines:
                return self.recipe.problem(self._in_recipe(path), what, **more)
        return self.config.problem(path, what, **more)

    def _in_recipe(self, path: Path_) -> Path_:
        """Where a recipe says what stands at `path` of a config, which may be nowhere."""
        return ("stages", self.entries.index(str(path[0])), *path) if path[0] in self.kinds else path

    def _stage(self, kind: str) -> Any:
        """One stage with its merged parameters; None where they are wrong."""
        own = self.recipe.data["stages"][self.entries.index(kind)]
        parameters: dict[str, Any] = {"kind": kind}
        for layer in (own.get(kind) if isinstance(own, dict) else None, self.values.get(kind), self.given.get(kind)):
            if isinstance(layer, dict):
                parameters = _merge(parameters, layer)
            elif layer is not None:
                self.problems.append(
                    self.problem(
                        (kind,), "is no mapping", got=type(layer).__name__, expected=f"{kind}: {{field: value}}"
                    )
                )
        return self._note(lambda: validate(STAGES[kind], _OfStage(self, kind), data=parameters))

    def _note(self, read: Any) -> Any:
        """What `read` gives; its problems are kept for later."""
        try:
            return read()
        except ConfigError as error:
            self.problems += error.problems
            return None

    def _read_recipe(self, beside: Path) -> Document:
        name = self.values.get("recipe")
        nothing = Document(self.config.file, None, {})
        if not isinstance(name, str):
            return nothing
        try:
            file = find(name, "pipelines", beside)
        except ConfigError as error:
            p = error.problems[0]
            self.problems.append(self.config.problem(("recipe",), p.what, got=name, expected=p.expected, hint=p.hint))
            return nothing
        document = self._note(lambda: load_yaml(file, shown=shown(file)))
        if document is None:
            return nothing
        self.problems += _recipe_problems(document)
        return document if isinstance(document.data, dict) else nothing

    def _not_in_recipe(self, file: str, line: int, kind: str) -> None:
        what = f"recipe {self.recipe.data.get('name')} has no such stage"
        expected = "one of " + ", ".join(self.kinds)
        self.problems.append(Problem(file, line, kind, what, got=kind, expected=expected))


class _OfStage(Document):
    """The merged parameters of one stage, as a document: a mistake is shown where its value was given."""

    def __init__(self, layers: _Layers, kind: str) -> None:
        super().__init__(layers.config.file, None, {})
        self._layers, self._kind = layers, kind

    def problem(self, path: Iterable[str | int], what: str, **more: str) -> Problem:
        return self._layers.problem((self._kind, *path), what, **more)


class _Given(Document):
    """What stands outside the stages, of which `--set` may have changed a part."""

    def __init__(self, config: Document, given: dict[str, Any]) -> None:
        super().__init__(config.file, None, config.lines)
        self._given = given

    def problem(self, path: Iterable[str | int], what: str, **more: str) -> Problem:
        at: Path_ = tuple(path)
        if at and at[0] in self._given:
            return Problem("--set", 0, dotted(at), what, **more)
        return super().problem(at, what, **more)


def _recipe_problems(document: Document) -> list[Problem]:
    """Every mistake of a recipe: fields, unknown stages, a stage used twice."""
    problems: list[Problem] = []
    try:
        validate(Recipe, document)
    except ConfigError as error:
        problems = [_name_the_stage(p) for p in error.problems]
    kinds = _kinds(document)
    twice = [i for i, kind in enumerate(kinds) if kind and kind in kinds[:i]]
    return problems + [document.problem(("stages", i), "stage used twice", got=kinds[i]) for i in twice]


def _name_the_stage(problem: Problem) -> Problem:
    if problem.what == "unknown field" and re.fullmatch(r"stages\[\d+\]\.[^.]+", problem.field):
        return Problem(
            problem.file, problem.line, problem.field, "unknown stage", problem.got, problem.expected, problem.hint
        )
    return problem


def _kinds(recipe: Document) -> list[str]:
    """The stage of each entry of a recipe, in order; "" where the entry names none that is known."""
    entries = recipe.data.get("stages") if isinstance(recipe.data, dict) else None
    kinds = []
    for entry in entries if isinstance(entries, list) else []:
        names = list(entry) if isinstance(entry, dict) else [entry]
        kinds.append(names[0] if len(names) == 1 and names[0] in STAGES else "")
    return kinds


def _holds(data: Any, path: Path_) -> bool:
    for part in path:
        if not isinstance(data, dict):
            return True  # a value that replaced the whole
        if part not in data:
            return False
        data = data[part]
    return True


def _leaves(data: dict[str, Any], at: Path_ = ()) -> Iterable[Path_]:
    """The paths of all values that are not mappings; a list is one value."""
    for key, value in data.items():
        if isinstance(value, dict) and value:
            yield from _leaves(value, (*at, key))
        else:
            yield (*at, key)


def _merge(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """See the merge order above."""
    if "operator" in over and over["operator"] != base.get("operator"):
        return over
    out = dict(base)
    for key, value in over.items():
        known = out.get(key)
        out[key] = _merge(known, value) if isinstance(known, dict) and isinstance(value, dict) else value
    return out
