"""The files of a store, and `about.json`, which says what they are."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import rfc8785

from ..errors import DomainError

__all__ = ["ABOUT", "BATCH", "FILES", "FOLDER", "IDS", "REBUILD", "SCHEMA", "Layout", "about", "mapped", "read_about"]

SCHEMA = "qiancui/signatures/1"
"""Another number where `kernels.minhash` makes other signatures or keys of the same text."""

ABOUT, FOLDER = "about.json", "signatures"
FILES = ("ids.arrow", "digests.u8", "signatures.u32", "ranks.u32", "keys.u64", "rows.u32")

IDS = pa.schema([pa.field("id", pa.large_string(), nullable=False)])
BATCH = 65_536
"""Records in a batch of ids."""

REBUILD = "Build the dataset again, with near_dedup in its recipe and output.signatures `work` or `dataset`."


@dataclass(frozen=True)
class Layout:
    """How signatures are made: characters in a shingle, values in a signature, bands, and values in a band."""

    shingle: int
    permutations: int
    bands: int
    rows: int


def about(
    files: Mapping[str, Mapping[str, Any]], records: int, layout: Layout, name: str, version: str, manifest: str | None
) -> bytes:
    """`about.json` of a store; `files` are sizes and hashes of FILES as `manifest.file_entry` gives them."""
    return rfc8785.dumps(
        {
            "schema": SCHEMA,
            "name": name,
            "version": version,
            "manifest": manifest,
            "records": records,
            "layout": dict(vars(layout)),
            "files": {file: {key: files[file][key] for key in ("bytes", "sha256")} for file in FILES},
        }
    )


def read_about(folder: Path) -> dict[str, Any]:
    """The content of a store's `about.json`, of the form that `about` gives it.

    Raises:
        DomainError: there is none, or it is of another form.
    """
    try:
        content = json.loads((folder / ABOUT).read_bytes())
    except FileNotFoundError:
        raise DomainError("no signatures are kept here", where=str(folder), expected=ABOUT, fix=REBUILD) from None
    except ValueError:
        content = None
    if not _is_ours(content):
        raise DomainError(
            "is not of a form that this version reads", where=str(folder / ABOUT), expected=SCHEMA, fix=REBUILD
        )
    plain: dict[str, Any] = content
    return plain


def _is_ours(content: Any) -> bool:
    if not isinstance(content, dict) or content.get("schema") != SCHEMA:
        return False
    layout, files = content.get("layout"), content.get("files")
    if not isinstance(layout, dict) or set(layout) != set(Layout.__dataclass_fields__):
        return False
    if not isinstance(files, dict) or set(files) != set(FILES) or not all(isinstance(f, dict) for f in files.values()):
        return False
    numbers = [content.get("records"), *layout.values(), *(f.get("bytes") for f in files.values())]
    if not all(type(n) is int and n >= 0 for n in numbers) or min(layout.values()) < 1:
        return False
    named = isinstance(content.get("name"), str) and isinstance(content.get("version"), str) and "manifest" in content
    return named and layout["permutations"] % 8 == 0 and layout["bands"] * layout["rows"] <= layout["permutations"]


def mapped(path: Path, kind: str, shape: tuple[int, ...]) -> npt.NDArray[Any]:
    """A file of numbers as an array; one without any cannot be mapped."""
    if 0 in shape:
        return np.empty(shape, kind)
    numbers: npt.NDArray[Any] = np.asarray(np.memmap(path, kind, "r", 0, shape))
    return numbers
