"""Put a dataset's files together beside their place, check that it loads, and move it there in one step.

The signatures of its records go into it, or to their own place in the domain.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from .accounts import part_of
from .manifest import MANIFEST, RUN, file_entry, seal
from .planner import Planner
from .signatures import ABOUT, FILES, FOLDER, Layout, about, place_of
from .stage import TaskResult
from .work import write_whole
from .writer import card, hf_disk_files, stats

__all__ = ["keep_signatures", "publish"]


def publish(
    planner: Planner,
    folder: Path,
    manifest: Mapping[str, Any],
    summary: Mapping[str, Any],
    written: Sequence[TaskResult],
    signatures: TaskResult | None,
    check: Callable[[str, dict[str, Any]], None],
    run_json: Callable[[str], Mapping[str, Any]],
) -> tuple[Path, dict[str, Any], bool]:
    """The dataset's folder, its manifest, and whether it had to be written.

    `check` is given the folder (relative to the domain) and the manifest before anything is moved, and raises
    if the dataset does not load; `run_json` makes the part that may differ from the manifest's digest.
    """
    work = f"{planner.work}/"
    within = signatures if planner.pipeline.output.signatures == "dataset" else None
    copied = [*written, *([within] if within else [])]
    outputs: dict[str, dict[str, Any]] = {}
    for r in copied:
        facts: dict[str, Any] = {k: r.marker[k] for k in ("rows", "ids_sha256") if k in r.marker}
        for name in r.outputs:
            outputs[name.removeprefix(work)] = {**r.marker["outputs"][name], **facts}
    place = folder / "outbox" / planner.pipeline.name / planner.version
    stage = place.with_name(f".{place.name}.partial")
    shutil.rmtree(stage, ignore_errors=True)
    small = _small_files(manifest, summary, outputs)
    if within:
        small[f"{FOLDER}/{ABOUT}"] = _about(planner, within, None)
    for name, data in small.items():
        write_whole(stage / name, data)
        outputs[name] = file_entry(stage / name)
    sealed = seal({**manifest, "outputs": outputs})
    final: dict[str, Any] = json.loads(sealed)
    if _is_there(place, sealed, outputs):
        shutil.rmtree(stage)
        return place, final, False
    for r in copied:
        for name in r.outputs:
            target = stage / name.removeprefix(work)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(folder / name, target)
    check(stage.relative_to(folder).as_posix(), final)
    write_whole(stage / RUN, seal(run_json(final["digest"])))
    write_whole(stage / MANIFEST, sealed)  # last: a folder with a manifest is a finished dataset
    _put(stage, place)
    return place, final, True


def keep_signatures(planner: Planner, folder: Path, signatures: TaskResult | None, digest: str) -> None:
    """Put the signatures of the dataset whose manifest has `digest` where the domain keeps them, unless they are there.

    Nothing is done where there are none, or where they are in the dataset.
    """
    if signatures is None or planner.pipeline.output.signatures != "work":
        return
    place = folder / place_of(planner.pipeline.name, planner.version)
    told = _about(planner, signatures, digest)
    files = dict(zip(FILES, signatures.outputs, strict=True))
    if (
        (place / ABOUT).is_file()
        and (place / ABOUT).read_bytes() == told
        and all(
            (place / file).is_file() and (place / file).stat().st_size == signatures.marker["outputs"][name]["bytes"]
            for file, name in files.items()
        )
    ):
        return
    stage = place.with_name(f".{place.name}.partial")
    shutil.rmtree(stage, ignore_errors=True)
    stage.mkdir(parents=True)
    for file, name in files.items():
        try:
            os.link(
                folder / name, stage / file
            )  # no task writes into a file that is there: it puts another in its place
        except OSError:  # a file system without links
            shutil.copyfile(folder / name, stage / file)
    write_whole(stage / ABOUT, told)
    _put(stage, place)


def _about(planner: Planner, signatures: TaskResult, digest: str | None) -> bytes:
    files = {file: signatures.marker["outputs"][name] for file, name in zip(FILES, signatures.outputs, strict=True)}
    layout = Layout(**signatures.marker["layout"])
    return about(files, signatures.marker["records"], layout, planner.pipeline.name, planner.version, digest)


def _put(stage: Path, place: Path) -> None:
    """Move a folder to its place, and away what stood there."""
    old = place.with_name(f".{place.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if place.exists():
        place.replace(old)
    stage.replace(place)
    shutil.rmtree(old, ignore_errors=True)


def _small_files(
    manifest: Mapping[str, Any], summary: Mapping[str, Any], outputs: Mapping[str, Any]
) -> dict[str, bytes]:
    """Card, statistics, and what `load_from_disk` reads."""
    shards: dict[str, dict[str, list[str]]] = {
        subset: {split: [] for split in splits} for subset, splits in manifest["subsets"].items()
    }
    for name in sorted(outputs):
        if name.startswith("data/"):
            subset, split = part_of(name)
            shards[subset][split].append(name)
    return {
        **hf_disk_files(shards),
        "README.md": card(manifest, summary),
        "stats.json": stats(manifest, summary),
    }


def _is_there(place: Path, sealed: bytes, outputs: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether this very dataset stands in its place, with all its files in the sizes they should have."""
    if not (place / MANIFEST).is_file() or (place / MANIFEST).read_bytes() != sealed or not (place / RUN).is_file():
        return False
    return all((place / n).is_file() and (place / n).stat().st_size == o["bytes"] for n, o in outputs.items())
