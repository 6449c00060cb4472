"""Changing datasets the way a forger would: the hashes and the seal fitted to what was changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from curate.manifest import MANIFEST, RUN, file_entry, seal
from curate.report.verify import verify


def load(folder: Path) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_bytes())
    return manifest


def reseal(folder: Path, edit: Callable[[dict[str, Any]], None] = lambda m: None) -> None:
    """Fit sizes, hashes, row counts and ids in the manifest to the files, apply `edit`, and seal both files anew."""
    manifest = load(folder)
    for name, entry in manifest["outputs"].items():
        path = folder / name
        if not path.is_file():
            continue
        entry.update(file_entry(path))
        with suppress(pa.ArrowException, OSError, KeyError):
            if name.startswith("data/"):
                ids = pa.ipc.open_stream(path).read_all()["id"].to_pylist()
                entry["rows"] = len(ids)
                entry["ids_sha256"] = hashlib.sha256("".join(f"{i}\n" for i in ids).encode()).hexdigest()
            elif name.startswith("ledger/"):
                entry["rows"] = pq.read_metadata(path).num_rows
    edit(manifest)
    (folder / MANIFEST).write_bytes(seal(manifest))
    run = json.loads((folder / RUN).read_bytes())
    (folder / RUN).write_bytes(seal({**run, "manifest": load(folder)["digest"]}))


def shard(folder: Path) -> Path:
    return max((folder / "data").rglob("*.arrow"), key=lambda p: pa.ipc.open_stream(p).read_all().num_rows)


def rewrite_shard(folder: Path, change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]) -> None:
    path = shard(folder)
    table = pa.ipc.open_stream(path).read_all()
    changed = pa.Table.from_pylist(change(table.to_pylist()), table.schema)
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_stream(sink, table.schema) as out:
        out.write_table(changed)


def rewrite_parquet(path: Path, change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]) -> None:
    table = pq.read_table(path)
    pq.write_table(pa.Table.from_pylist(change(table.to_pylist()), table.schema), path)


def found(folder: Path) -> list[str]:
    return [str(finding) for finding in verify(folder)]
