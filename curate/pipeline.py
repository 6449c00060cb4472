"""The models of the two files a person writes, recipe and config, and of what they are merged into: a pipeline."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, create_model, model_validator

from .config import Strict
from .industry import Industry, Profile
from .signatures import FOLDER
from .splits import split_bounds
from .stages import STAGES, AnyStage
from .stages.against import Against
from .stages.anonymise import Anonymise
from .stages.relevance import Relevance

__all__ = ["Config", "Industry", "Output", "Pipeline", "Recipe", "Splits", "Work"]

_FIELDS: dict[str, Any] = {
    kind: (stage | None, Field(None, description=(stage.__doc__ or "").split("\n")[0]))
    for kind, stage in STAGES.items()
}

StageParameters: Any = create_model("StageParameters", __base__=Strict, **_FIELDS)
"""One optional field per stage: its parameters, each with its own default."""


def _as_mapping(entry: object) -> object:
    """`normalise` and `normalise:` both mean the stage with no parameter set."""
    if isinstance(entry, str):
        entry = {entry: {}}
    if isinstance(entry, dict):
        plain = {k: {} if v is None else v for k, v in entry.items()}
        # as JSON again: a strict model takes a list for a tuple only from JSON
        return StageParameters.model_validate_json(json.dumps(plain))
    return entry


def _exactly_one(entry: Any) -> Any:
    if len(entry.model_fields_set) != 1:
        raise ValueError("a list item is one stage, with or without parameters")
    return entry


Entry = Annotated[StageParameters, BeforeValidator(_as_mapping), AfterValidator(_exactly_one)]


class Recipe(Strict):
    """Which stages, in what order; thresholds here hold for every industry that does not set its own."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")
    about: str
    stages: tuple[Entry, ...] = Field(min_length=1)


class Splits(Strict):
    """Shares of the records in each split; near-duplicates always fall on one side.

    Without `stratify` a record's cluster or id and the seed alone decide, so that more files move no record to another
    split; with it they may.
    """

    train: float = Field(0.98, ge=0, le=1)
    validation: float = Field(0.01, ge=0, le=1)
    test: float = Field(0.01, ge=0, le=1)
    seed: int = Field(0, ge=0, lt=1 << 63)
    stratify: tuple[Literal["industry", "source"], ...] = ()
    """What has the same shares in itself: every industry, every source, or with both every source of every industry.

    Counts are rounded as far as whole clusters allow, and so that small strata have the shares together.
    """

    @model_validator(mode="after")
    def _whole(self) -> Splits:
        total = self.train + self.validation + self.test
        if abs(total - 1) > 1e-9:
            raise ValueError(f"shares add up to {total:g}, not 1")
        return self

    def shares(self) -> dict[str, float]:
        """The share of each split, in order."""
        return {"train": self.train, "validation": self.validation, "test": self.test}


class Output(Strict):
    """How the dataset is written."""

    shard_mb: int = Field(256, gt=0)
    """Text of one shard, MB before compression."""
    compression: Literal["zstd", "lz4", "none"] = "zstd"
    signatures: Literal["work", "dataset", "none"] = "work"
    """Where the signatures of the kept records go, for later datasets to be held `against`: `work/signatures` of the domain, or
    the dataset itself; there are some only if the recipe has near_dedup.

    They are made before personal data are taken out, and whoever has them can test whether a text, or a shingle of it, was
    among the originals: so by default they stay in the domain.
    """


class Work(Strict):
    """How the work is cut; it changes speed and memory, never the dataset."""

    task_mb: float = Field(64, gt=0)
    """Text that one task reads, MB."""
    batch_rows: int = Field(4096, gt=0)
    """Most records of one batch."""
    batch_mb: int = Field(16, gt=0, le=1024)
    """Most text of one batch, MB."""
    memory_mb: int = Field(1024, ge=1)
    """Memory for the keys that one task groups or the groups that one reduces, MB: it decides how many tasks there are."""


def _not_taken(name: str) -> str:
    if name == FOLDER:
        raise ValueError(f"the name is taken: work/{FOLDER} is where signatures of datasets are kept")
    return name


class ConfigFields(Strict):
    """The part of a config that is not a stage's parameters."""

    recipe: str
    name: Annotated[str, AfterValidator(_not_taken)] = Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")
    version: str = Field("0.1.0", pattern=r"^[0-9]+\.[0-9]+\.[0-9]+$")
    industry: Profile
    splits: Splits = Splits()
    output: Output = Output()
    work: Work = Work()


Config: Any = create_model(
    "Config",
    __base__=(ConfigFields, StageParameters),
    __doc__="With which values a recipe is run: one file per industry.",
)


class Pipeline(Strict):
    """A recipe with its values: all that decides what a run does to its input."""

    name: str
    version: str = "0.1.0"
    recipe: str
    industry: Industry
    stages: tuple[AnyStage, ...]
    splits: Splits = Splits()
    output: Output = Output()
    work: Work = Work()

    def with_keys(self, root: Path) -> Pipeline:
        """The pipeline with the ids of the keys that its operators use in the domain at `root`.

        Raises:
            DomainError: a key is missing, or others may read it.
        """
        stages = tuple(stage.with_keys(root) if isinstance(stage, Anonymise) else stage for stage in self.stages)
        return self.model_copy(update={"stages": stages})

    def routes(self) -> tuple[str, ...]:
        """The industries that get a subset of the dataset each; none where all records are one subset."""
        return next(
            (stage.routes for stage in self.stages if isinstance(stage, Relevance) and stage.action == "route"), ()
        )

    def parts(self) -> list[tuple[str, str]]:
        """What the dataset is written in: (subset, split), for the splits that can hold records."""
        splits, _ = split_bounds(self.splits.shares())
        return [(subset, split) for subset in self.routes() or (self.name,) for split in splits]

    @model_validator(mode="after")
    def _not_against_itself(self) -> Pipeline:
        own = f"outbox/{self.name}/{self.version}"
        for stage in self.stages:
            if isinstance(stage, Against) and own in stage.datasets:
                raise ValueError(f"{own} would be held against itself; give the new dataset another version")
        return self
