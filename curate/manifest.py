"""The manifest: what went in, what was done and what came out, as canonical JSON that hashes itself."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import rfc8785

from .errors import DatasetError

__all__ = ["MANIFEST", "RUN", "file_entry", "load_manifest", "seal", "sealed"]

MANIFEST, RUN = "manifest.json", "run.json"
CHUNK = 8 << 20


def seal(content: Mapping[str, Any]) -> bytes:
    """Canonical JSON (RFC 8785) of `content` with `digest`, the SHA-256 of the same without it."""
    plain = {k: v for k, v in content.items() if k != "digest"}
    digest = hashlib.sha256(rfc8785.dumps(plain)).hexdigest()
    return rfc8785.dumps({**plain, "digest": digest})


def sealed(data: bytes) -> bool:
    """Whether `data` is exactly what `seal` gives for its content."""
    try:
        return seal(json.loads(data)) == data
    except (ValueError, AttributeError, rfc8785.CanonicalizationError):
        return False


def load_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of the dataset in `folder`, unverified.

    Raises:
        DatasetError: there is none, or it is not JSON.
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
    except FileNotFoundError:
        raise DatasetError("not a dataset", where=str(folder), expected=f"a folder with {MANIFEST}") from None
    except ValueError:
        raise DatasetError("the manifest is not JSON", where=str(folder / MANIFEST)) from None
    if not isinstance(manifest, dict) or not str(manifest.get("schema", "")).startswith("qiancui/manifest/"):
        raise DatasetError("the manifest is not one of ours", where=str(folder / MANIFEST))
    return manifest


def file_entry(path: Path) -> dict[str, Any]:
    """Size in bytes and SHA-256 of a file, read in chunks."""
    digest = hashlib.sha256()
    size = 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return {"bytes": size, "sha256": digest.hexdigest()}
