"""The files in `schemas/`: what recipes, configs, catalogs, domains and manifests may hold, and what a record is.

`python -m curate.json_schemas` writes them anew; a test holds them against the models they come from.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
from pydantic import BaseModel

from .catalog import Catalog, Domain
from .jobs.files import FAULTS, LEDGER
from .pipeline import Config, Pipeline, Recipe
from .records import RECORD
from .report.model import Manifest, RunRecord
from .writer import features_of

__all__ = ["schema_files", "write_schemas"]

MODELS: dict[str, type[BaseModel]] = {
    "recipe": Recipe,
    "config": Config,
    "pipeline": Pipeline,
    "domain": Domain,
    "catalog": Catalog,
    "manifest": Manifest,
    "run": RunRecord,
}
DIALECT = "https://json-schema.org/draft/2020-12/schema"
COLUMNS = {"record": RECORD, "ledger": LEDGER, "quarantine": FAULTS}


def schema_files() -> dict[str, str]:
    """The text of every file in `schemas/`, by its name."""
    out = {f"{name}.schema.json": _json(_model_schema(name, model)) for name, model in MODELS.items()}
    out |= {f"{name}.arrow.json": _json([_field(f) for f in schema]) for name, schema in COLUMNS.items()}
    out["record.features.json"] = _json(features_of(RECORD))
    return out


def write_schemas(folder: Path) -> None:
    """Write every file anew, and remove what is no longer one."""
    folder.mkdir(exist_ok=True)
    files = schema_files()
    for path in folder.glob("*.json"):
        if path.name not in files:
            path.unlink()
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")


def _model_schema(name: str, model: type[BaseModel]) -> dict[str, Any]:
    schema = model.model_json_schema(by_alias=True)
    if name == "recipe":
        _also_by_name(schema)
    return {"$schema": DIALECT, "$id": f"qiancui/{name}.schema.json", **schema}


def _also_by_name(recipe: dict[str, Any]) -> None:
    """An entry of a recipe may be the bare name of a stage; the model turns that into a mapping before it looks."""
    entry = recipe["properties"]["stages"]["items"]
    kinds = sorted(recipe["$defs"]["StageParameters"]["properties"])
    recipe["properties"]["stages"]["items"] = {"anyOf": [{"enum": kinds}, entry]}


def _field(field: pa.Field) -> dict[str, Any]:
    out: dict[str, Any] = {"name": field.name, "nullable": field.nullable}
    if pa.types.is_struct(field.type):
        return {**out, "type": "struct", "fields": [_field(f) for f in field.type]}
    if pa.types.is_list(field.type):
        return {**out, "type": "list", "item": _field(field.type.value_field)}
    return {**out, "type": str(field.type)}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    write_schemas(Path(__file__).resolve().parent.parent / "schemas")
