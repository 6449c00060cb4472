"""The files in `schemas/`: what recipes, configs, catalogs, domains and manifests may hold, and what a record is.

`python -m curate.json_schemas` writes them anew; a test holds them against the models they come from.
"""

from __future__ import annotations

import ast
import inspect
import itertools
import json
import textwrap
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
from pydantic import BaseModel

from .catalog import Catalog, Domain
from .config import Strict
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


def _describe(part: dict[str, Any], title: str) -> None:
    """Add to each property the docstring that stands below its field.

    Pydantic can do this itself, but then reads every model's source at each start of the program.
    """
    for cls in _models().get(title, Strict).__mro__:
        if (
            not (issubclass(cls, Strict) and cls.__module__.startswith("curate."))
            or cls.__module__ == Strict.__module__
        ):
            continue
        try:
            body = ast.parse(textwrap.dedent(inspect.getsource(cls))).body[0]
        except (OSError, TypeError):  # a model made by a call has no source
            continue
        nodes = body.body if isinstance(body, ast.ClassDef) else []
        for field, text in itertools.pairwise(nodes):
            if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(text, ast.Expr):
                known = part.get("properties", {}).get(field.target.id)
                if known is not None and isinstance(text.value, ast.Constant):
                    known.setdefault("description", inspect.cleandoc(str(text.value.value)))


@cache
def _models() -> dict[str, type[Strict]]:
    """Every model of the package by its name."""
    found: dict[str, type[Strict]] = {}
    waiting = [Strict]
    while waiting:
        cls = waiting.pop()
        found[cls.__name__] = cls
        waiting += cls.__subclasses__()
    return found


def _model_schema(name: str, model: type[BaseModel]) -> dict[str, Any]:
    schema = model.model_json_schema(by_alias=True)
    for title, part in ({model.__name__: schema} | schema.get("$defs", {})).items():
        _describe(part, title)
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
