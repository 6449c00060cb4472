"""Two datasets side by side: parameters, inputs, counts, and the fate of every record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ..errors import DatasetError
from .ids import Ids, join, packed, unpacked
from .layout import table
from .model import Manifest, open_dataset

__all__ = ["compare", "comparison_lines"]

FIRST = 5
"""Ids that are named of each kind of change."""

ABSENT = "absent"


def compare(left: Path, right: Path) -> dict[str, Any]:
    """What differs between two datasets, as plain data; records are matched by id, texts are not compared.

    Raises:
        DatasetError: one of them is no dataset, or its ledger cannot be read.
    """
    a, b = open_dataset(left), open_dataset(right)
    return {
        "left": _identity(a),
        "right": _identity(b),
        "same": a.digest == b.digest,
        "config": _changed(_flat(_config(a)), _flat(_config(b))),
        "inputs": _inputs(a, b),
        "counts": _changed(_flat(_counts(a)), _flat(_counts(b))),
        "records": _records(left, a, right, b),
    }


def comparison_lines(d: dict[str, Any]) -> list[str]:
    """The comparison for people to read."""
    a, b = d["left"], d["right"]
    head = table([("A", a["name"], a["version"], a["digest"][:16]), ("B", b["name"], b["version"], b["digest"][:16])])
    if d["same"]:
        return [*head, "the same dataset"]
    lines = [*head]
    for title in ("config", "counts"):
        rows = [(name, _written(x), "→", _written(y)) for name, (x, y) in d[title].items()]
        lines += ["", title, *(table(rows, indent="  ") or ["  no difference"])]
    files = d["inputs"]
    lines += [
        "",
        "inputs",
        *table([(k, len(files[k]), ", ".join(files[k][:FIRST])) for k in files], indent="  ", right=(1,)),
    ]
    changes = [(c["from"], "→", c["to"], c["count"], ", ".join(c["first"])) for c in d["records"]["changes"]]
    lines += [
        "",
        f"records: {d['records']['unchanged']:,} with the same fate",
        *table(changes, indent="  ", right=(3,)),
    ]
    return lines


def _written(value: Any) -> str:
    return ABSENT if value is None else f"{value:,}" if type(value) is int else str(value)


def _identity(manifest: Manifest) -> dict[str, str]:
    return {
        "name": manifest.name,
        "version": manifest.version,
        "digest": manifest.digest,
        "code": manifest.code.version,
    }


def _config(manifest: Manifest) -> dict[str, Any]:
    plain = manifest.config.model_dump(mode="json", exclude={"stages"})
    stages = {s.kind: s.model_dump(mode="json", exclude={"kind"}) for s in manifest.config.stages}
    versions = {s.kind: {"(version)": s.version} for s in manifest.stages}
    return {**plain, "stages": list(stages), **{k: {**v, **versions.get(k, {})} for k, v in stages.items()}}


def _counts(manifest: Manifest) -> dict[str, Any]:
    plain = manifest.model_dump(mode="json", by_alias=True)
    stages = {s["kind"]: {k: v for k, v in s.items() if k in ("in", "kept", "dropped")} for s in plain["stages"]}
    return {**plain["counts"], "ingest": plain["ingest"], **stages, "splits": plain["splits"]}


def _flat(data: Mapping[str, Any], at: str = "") -> dict[str, Any]:
    """`{"quality.chars.least": 80}` for nested mappings; a list is one value."""
    out: dict[str, Any] = {}
    for key, value in data.items():
        if isinstance(value, dict):
            out.update(_flat(value, f"{at}{key}."))
        else:
            out[f"{at}{key}"] = value
    return out


def _changed(a: Mapping[str, Any], b: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    return {k: (a.get(k), b.get(k)) for k in dict.fromkeys([*a, *b]) if a.get(k) != b.get(k)}


def _inputs(a: Manifest, b: Manifest) -> dict[str, list[str]]:
    x = {(f.source_id, f.path): f.sha256 for f in a.inputs.files}
    y = {(f.source_id, f.path): f.sha256 for f in b.inputs.files}
    return {
        "added": sorted(path for _, path in y.keys() - x.keys()),
        "removed": sorted(path for _, path in x.keys() - y.keys()),
        "changed": sorted(k[1] for k in x.keys() & y.keys() if x[k] != y[k]),
    }


def _records(left: Path, a: Manifest, right: Path, b: Manifest) -> dict[str, Any]:
    """How many records went from which fate to which, and the first few of each."""
    labels: dict[str, int] = {ABSENT: 0}
    ids_a, fates_a = _fates(left, a, labels)
    ids_b, fates_b = _fates(right, b, labels)
    every = np.union1d(ids_a, ids_b)
    before, after = np.zeros(len(every), np.int64), np.zeros(len(every), np.int64)
    before[np.searchsorted(every, ids_a)] = fates_a
    after[np.searchsorted(every, ids_b)] = fates_b
    moved = before != after
    pairs = Counter(zip(before[moved].tolist(), after[moved].tolist(), strict=True))
    names = list(labels)
    changes = []
    for (x, y), count in sorted(pairs.items(), key=lambda item: (-item[1], names[item[0][0]], names[item[0][1]])):
        first = every[(before == x) & (after == y)][:FIRST]
        changes.append({"from": names[x], "to": names[y], "count": count, "first": [unpacked(i) for i in first]})
    return {"unchanged": int(len(every) - moved.sum()), "changes": changes}


def _fates(folder: Path, manifest: Manifest, labels: dict[str, int]) -> tuple[Ids, npt.NDArray[np.int64]]:
    """All ids of a ledger, ascending, with the number of each one's fate; new fates are added to `labels`."""
    ids: list[Ids] = []
    fates: list[npt.NDArray[np.int64]] = [np.zeros(0, np.int64)]
    try:
        for name in manifest.ledger():
            with pq.ParquetFile(folder / name) as file:
                for batch in file.iter_batches(columns=["id", "fate", "stage", "reason"]):
                    ids.append(packed(batch["id"]))
                    told = pc.binary_join_element_wise(
                        batch["fate"], batch["stage"], batch["reason"], " ", null_handling="skip"
                    )
                    encoded = told.dictionary_encode()
                    numbers = [labels.setdefault(label, len(labels)) for label in encoded.dictionary.to_pylist()]
                    fates.append(np.array(numbers, np.int64)[encoded.indices.to_numpy()])
    except (OSError, ValueError, KeyError, pa.ArrowException) as error:
        raise DatasetError(
            "the ledger cannot be read",
            where=str(folder),
            got=type(error).__name__,
            fix="`curate verify` says what was changed.",
        ) from None
    return join(ids), np.concatenate(fates)
