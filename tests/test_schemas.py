"""The files in schemas/ say what the models say, and the files that ship with the package meet them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import datasets
import jsonschema
import pytest

from curate.json_schemas import schema_files, write_schemas
from curate.manifest import MANIFEST, RUN
from curate.records import RECORD
from curate.yaml_files import load_yaml
from tests.runs import ROOT


def test_schemas_are_fresh() -> None:
    there = {p.name: p.read_text("utf-8") for p in (ROOT / "schemas").iterdir()}
    assert there == schema_files(), "run `make schemas`"


def test_what_is_no_schema_any_more_goes(tmp_path: Path) -> None:
    (tmp_path / "old.schema.json").write_text("{}")
    write_schemas(tmp_path)
    assert {p.name for p in tmp_path.iterdir()} == set(schema_files())


def schema(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(schema_files()[f"{name}.schema.json"])
    jsonschema.Draft202012Validator.check_schema(found)
    return found


SHIPPED = [
    *(("recipe", p) for p in (ROOT / "pipelines").glob("*.yaml")),
    *(("config", p) for p in (ROOT / "configs").glob("*.yaml")),
    *(("catalog", p) for p in (ROOT / "examples").glob("*/catalog.yaml")),
    *(("domain", p) for p in (ROOT / "examples").glob("*/domain.yaml")),
]


@pytest.mark.parametrize(
    ("kind", "path"), SHIPPED, ids=lambda v: v if isinstance(v, str) else v.relative_to(ROOT).as_posix()
)
def test_shipped_files_meet_their_schema(kind: str, path: Path) -> None:
    jsonschema.validate(load_yaml(path).data, schema(kind))


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("recipe", {"name": "x", "about": "y", "stages": ["normalize"]}),
        ("config", {"recipe": "pretrain", "name": "x", "industry": {"name": "a", "title": "b"}, "qualty": {}}),
        ("domain", {"name": "x", "holder": "y", "policy": {"max_quarantined": 2}}),
        ("catalog", {"sources": []}),
    ],
)
def test_what_the_models_refuse_the_schemas_refuse(kind: str, data: object) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(data, schema(kind))


def test_a_built_dataset_meets_its_schemas(small_dataset: Path) -> None:
    for kind, name in (("manifest", MANIFEST), ("run", RUN)):
        jsonschema.validate(json.loads((small_dataset / name).read_bytes()), schema(kind))


def test_features_are_those_of_the_arrow_schema() -> None:
    """As the datasets library reads them: its own schema of these features is the record's, but for nullability."""
    features = datasets.Features.from_dict(json.loads(schema_files()["record.features.json"]))
    plain = [(f.name, f.type) for f in features.arrow_schema]
    assert plain == [(f.name, f.type) for f in RECORD]
