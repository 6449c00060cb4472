"""The manifest of a finished dataset as typed models: what `manifest.json` may hold."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..config import Strict
from ..errors import DatasetError
from ..industry import Industry
from ..manifest import MANIFEST, load_manifest
from ..pipeline import Splits

__all__ = ["Manifest", "RunRecord", "StageCount", "complaint", "open_dataset"]

Count = Annotated[int, Field(ge=0)]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Tally = dict[str, Count]


class Code(Strict):
    """The program that built the dataset."""

    package: str
    version: str


class InputFile(Strict):
    """One raw file that went in."""

    source_id: str
    path: str
    bytes: Count
    sha256: Digest


class InputSource(Strict):
    """One source of the catalog, as it stood when the dataset was built."""

    id: str
    title: str
    holder: str
    licence: str
    grade: str
    authorisation: str | None
    quasi: tuple[str, ...]
    sensitive: tuple[str, ...]
    obtained: dict[str, str]
    files: Count


class ReadFile(Strict):
    """One file that a stage read beside its records."""

    stage: str
    path: str
    bytes: Count
    sha256: Digest


class Inputs(Strict):
    """All that went in."""

    holder: str
    sources: tuple[InputSource, ...]
    files: tuple[InputFile, ...]
    reads: tuple[ReadFile, ...] = ()


class Counts(Strict):
    """Rows in = kept + dropped + quarantined."""

    rows_in: Count = Field(alias="in")
    kept: Count
    dropped: Count
    quarantined: Count


class Ingested(Strict):
    """What reading the files gave."""

    files: Count
    unreadable: Count
    records: Count
    faults: Tally


class StageCount(Strict):
    """What one stage did, in counts."""

    kind: str
    version: int
    rows_in: Count = Field(alias="in")
    kept: Count
    dropped: Tally
    tally: Tally
    """Records by what the stage tells of them: `relevance` the industry said and the one found, `safety` its verdict."""


class Split(Strict):
    """What one split holds."""

    rows: Count
    chars: Count
    shards: Count


class OutputFile(Strict):
    """One file of the dataset; `rows` and `ids_sha256` where it holds records."""

    bytes: Count
    sha256: Digest
    rows: Count | None = None
    ids_sha256: Digest | None = None


class StageParameters(BaseModel):
    """One stage as it was run; its parameters are those of the version that ran it."""

    model_config = ConfigDict(extra="allow", frozen=True, strict=True)
    kind: str


class BuiltConfig(Strict):
    """The resolved pipeline."""

    name: str
    version: str
    recipe: str
    industry: Industry
    stages: tuple[StageParameters, ...]
    splits: Splits
    output: dict[str, Any]


class Risk(Strict):
    """How well the records of a source hide among each other."""

    rows: Count
    classes: Count
    k: Count
    unique: Count
    at_risk: Count
    diversity: Tally
    """The least number of different values of each sensitive field in a class (l-diversity)."""


class Deidentification(Strict):
    """The level of GB/T 42460 that was reached, what the law calls it, and what it rests on."""

    level: Annotated[int, Field(ge=1, le=3)]
    law: str
    reasons: tuple[str, ...]
    residual: Tally | None
    classes: dict[str, Risk]
    max_reidentification: float


class Manifest(Strict):
    """What went in, what was done and what came out; a pure function of inputs, config and code version."""

    format: Literal["qiancui/manifest/1"] = Field(alias="schema")
    name: str
    version: str
    code: Code
    config: BuiltConfig
    limit: int | None
    inputs: Inputs
    counts: Counts
    ingest: Ingested
    stages: tuple[StageCount, ...]
    splits: dict[str, Split]
    subsets: dict[str, dict[str, Split]]
    """The splits of each part that can be loaded by itself: one, or one for each industry that records were routed to."""
    deidentification: Deidentification
    outputs: dict[str, OutputFile]
    digest: Digest
    """SHA-256 of the canonical JSON of all the rest."""

    def shards(self) -> dict[tuple[str, str], list[str]]:
        """The data files of each split of each subset, in order."""
        out: dict[tuple[str, str], list[str]] = {
            (subset, split): [] for subset, splits in self.subsets.items() for split in splits
        }
        for name in sorted(self.outputs):
            if name.startswith("data/"):
                _, subset, file = f"{name}//".split("/")[:3]
                out.setdefault((subset, file.rsplit("-", 3)[0]), []).append(name)
        return out

    def routes(self) -> tuple[str, ...]:
        """The industries that have a subset each; none where all records are one subset."""
        return tuple(self.parameters().get("relevance", {}).get("routes", ()))

    def ledger(self) -> list[str]:
        """The ledger's files, in order; ids ascend from each to the next."""
        return sorted(name for name in self.outputs if name.startswith("ledger/"))

    def parameters(self) -> dict[str, dict[str, Any]]:
        """Each stage's parameters by its kind."""
        return {s.kind: s.model_dump(mode="json") for s in self.config.stages}


class RunRecord(Strict):
    """`run.json`: what may differ between two runs that give the same dataset."""

    format: Literal["qiancui/run/1"] = Field(alias="schema")
    manifest: Digest
    started: str
    finished: str
    machine: dict[str, Any]
    python: str
    isolation: str
    tasks: dict[str, Count]
    engine: str
    workers: int
    digest: Digest


def open_dataset(folder: Path) -> Manifest:
    """The manifest of the dataset in `folder`; `curate verify` says whether it is true.

    Raises:
        DatasetError: there is none, or it is not of this form.
    """
    data = load_manifest(folder)
    try:
        return Manifest.model_validate(data, strict=False)
    except ValidationError as error:
        raise DatasetError(
            "the manifest is not of a form that this version reads",
            where=str(folder / MANIFEST),
            got=complaint(error),
            fix="`curate verify` says whether the dataset was changed.",
        ) from None


def complaint(error: ValidationError) -> str:
    """The first of pydantic's errors in one line, without the value."""
    first = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(str(p) for p in first['loc'])}: {first['msg']}"
