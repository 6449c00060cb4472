"""Recompute everything that a dataset says of itself; offline, and from its folder alone."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from .. import __version__
from ..deidentification import deidentification
from ..errors import DatasetError
from ..manifest import MANIFEST, RUN, file_entry, sealed
from ..pipeline import Splits
from ..stages import STAGES
from ..summary import add_up
from ..writer import card, hf_disk_files, stats
from .finding import Finding, Findings
from .ids import compared, shown
from .model import Manifest, RunRecord, complaint
from .rows import LedgerReader, QuarantineReader, ShardReader

__all__ = ["verify"]

QUARANTINE = "quarantine.parquet"


def verify(folder: Path) -> list[Finding]:
    """Every difference between what the dataset in `folder` says and what it holds; empty if it is whole.

    Files are hashed first; the rows of those that are as they should be are then read and added up. What has no
    signature can still be replaced as a whole: this shows that a dataset is whole, not who made it.

    Raises:
        DatasetError: the folder holds no manifest at all.
    """
    if not (folder / MANIFEST).is_file():
        raise DatasetError("not a dataset", where=str(folder), expected=f"a folder with {MANIFEST}")
    findings = Findings()
    there = dict(_files(folder, folder, findings))
    manifest = _manifest(there, findings)
    if manifest is None:
        return findings.all
    _check_sums(manifest, findings)
    _check_run(there, manifest, findings)
    sound = _check_files(there, manifest, findings)
    _check_rows({name: there[name] for name in sound}, manifest, findings)
    return findings.all


def _files(top: Path, folder: Path, findings: Findings) -> Iterator[tuple[str, Path]]:
    """Every regular file below `top` by its name there; anything else but a folder is a finding."""
    try:
        entries = sorted(os.scandir(folder), key=lambda e: e.name)
    except OSError as error:
        findings.add(folder.relative_to(top).as_posix(), "cannot be listed", got=type(error).__name__)
        return
    for entry in entries:
        path = folder / entry.name
        name = path.relative_to(top).as_posix()
        if entry.is_symlink():
            findings.add(name, "is a link", expected="a file or a folder")
        elif entry.is_dir():
            yield from _files(top, path, findings)
        elif entry.is_file():
            yield name, path
        else:
            findings.add(name, "is neither a file nor a folder")


def _manifest(there: Mapping[str, Path], findings: Findings) -> Manifest | None:
    data = b""
    with findings.reading(MANIFEST, "a file"):
        data = there[MANIFEST].read_bytes()
        if not sealed(data):
            findings.add(MANIFEST, "was changed: it is not the canonical JSON that its digest was made of")
    try:
        return Manifest.model_validate_json(data)
    except ValidationError as error:
        findings.add(MANIFEST, "is not of the form of a manifest", got=complaint(error))
        return None


def _check_sums(manifest: Manifest, findings: Findings) -> None:
    """Rows in = kept + dropped + quarantined: in total, stage by stage, and over the splits."""

    def equal(what: str, got: object, expected: object) -> None:
        findings.equal(MANIFEST, what, got, expected)

    counts, ingest = manifest.counts, manifest.ingest
    faults = sum(ingest.faults.values())
    equal(
        "counts: kept + dropped + quarantined is not in",
        counts.kept + counts.dropped + counts.quarantined,
        counts.rows_in,
    )
    equal("ingest: records + faults is not counts.in", ingest.records + faults, counts.rows_in)
    equal("ingest: faults are not counts.quarantined", faults, counts.quarantined)
    equal("ingest: files are not the inputs listed", ingest.files, len(manifest.inputs.files))
    per_source = Counter(f.source_id for f in manifest.inputs.files)
    equal(
        "inputs: files per source differ", {s.id: s.files for s in manifest.inputs.sources if s.files}, dict(per_source)
    )
    kinds = [s.kind for s in manifest.config.stages]
    equal("stages are not those of the config", [s.kind for s in manifest.stages], kinds)
    rows = ingest.records
    for stage in manifest.stages:
        equal(f"stage {stage.kind}: rows in are not those the stage before kept", stage.rows_in, rows)
        equal(f"stage {stage.kind}: kept + dropped is not in", stage.kept + sum(stage.dropped.values()), stage.rows_in)
        rows = stage.kept
    equal("the last stage did not keep counts.kept", rows, counts.kept)
    equal(
        "the stages did not drop counts.dropped", sum(sum(s.dropped.values()) for s in manifest.stages), counts.dropped
    )
    equal("the splits do not hold counts.kept", sum(s.rows for s in manifest.splits.values()), counts.kept)
    for split in manifest.splits | {split: None for splits in manifest.subsets.values() for split in splits}:
        for what in ("rows", "chars", "shards"):
            in_all = sum(getattr(splits[split], what) for splits in manifest.subsets.values() if split in splits)
            equal(
                f"split {split}: {what} are not those of the subsets",
                getattr(manifest.splits.get(split), what, 0),
                in_all,
            )
    for (subset, split), shards in manifest.shards().items():
        told = manifest.subsets.get(subset, {}).get(split)
        names = [f"data/{subset}/{split}-{k:05d}-of-{len(shards):05d}.arrow" for k in range(len(shards))]
        equal(f"{subset}/{split}: files are not its shards in order", shards, names)
        equal(f"{subset}/{split}: number of shards differs", len(shards), told.shards if told else 0)


def _check_run(there: Mapping[str, Path], manifest: Manifest, findings: Findings) -> None:
    if RUN not in there:
        findings.add(RUN, "is missing")
        return
    with findings.reading(RUN, "a file"):
        data = there[RUN].read_bytes()
        if not sealed(data):
            findings.add(RUN, "was changed: it is not the canonical JSON that its digest was made of")
        try:
            findings.equal(
                RUN, "speaks of another manifest", RunRecord.model_validate_json(data).manifest, manifest.digest
            )
        except ValidationError as error:
            findings.add(RUN, "is not of the form of run.json", got=complaint(error))


def _check_files(there: Mapping[str, Path], manifest: Manifest, findings: Findings) -> list[str]:
    """Missing, extra and changed files; gives the names of those that are as they should be."""
    for name in sorted(set(there) - set(manifest.outputs) - {MANIFEST, RUN}):
        findings.add(name, "is no file of this dataset")
    sound = []
    for name, told in sorted(manifest.outputs.items()):
        if name not in there:
            findings.add(name, "is missing")
            continue
        with findings.reading(name, "a file"):
            entry = file_entry(there[name])
            if entry["bytes"] != told.bytes:
                findings.add(name, "size differs", got=f"{entry['bytes']:,} bytes", expected=f"{told.bytes:,} bytes")
            elif entry["sha256"] != told.sha256:
                findings.add(name, "was changed: SHA-256 differs", got=entry["sha256"], expected=told.sha256)
            else:
                sound.append(name)
    return sound


def _check_rows(sound: Mapping[str, Path], manifest: Manifest, findings: Findings) -> None:
    """Read the rows, and hold shards, ledger, quarantine and manifest against each other."""
    before = len(findings.all)
    shards, ledger, quarantine = (
        ShardReader(manifest, findings),
        LedgerReader(manifest, findings),
        QuarantineReader(findings),
    )
    for part, names in manifest.shards().items():
        for name in names:
            if name in sound:
                with findings.reading(name, "an Arrow stream of records"):
                    shards.read(name, sound[name], part)
    for name in manifest.ledger():
        if name in sound:
            with findings.reading(name, "a ledger"):
                ledger.read(name, sound[name])
    if QUARANTINE in sound:
        with findings.reading(QUARANTINE, "a list of faults"):
            quarantine.read(QUARANTINE, sound[QUARANTINE])
    if len(sound) < len(manifest.outputs) or len(findings.all) > before:
        return  # sums over what could not all be read would only repeat it
    for subset, splits in manifest.subsets.items():
        for split, told in splits.items():
            where, part = f"data/{subset}/{split}-*", (subset, split)
            findings.equal(where, "number of rows differs", shards.rows[part], told.rows)
            findings.equal(where, "number of characters differs", shards.chars[part], told.chars)
    shards.check_strata()
    _check_ids(shards, ledger, quarantine, findings)
    _check_tallies(manifest, ledger, quarantine, findings)
    _check_projections(sound, manifest, shards, findings)


def _check_ids(shards: ShardReader, ledger: LedgerReader, quarantine: QuarantineReader, findings: Findings) -> None:
    kept = shards.ids
    twice = kept[1:][kept[1:] == kept[:-1]]
    if len(twice):
        findings.add("data", "ids stand in more than one row", got=shown(twice))
    only_data, only_ledger = compared(kept, ledger.ids("kept"))
    if len(only_data):
        findings.add("data", "records that the ledger does not keep", got=shown(only_data))
    if len(only_ledger):
        findings.add("ledger", "keeps records that are in no shard", got=shown(only_ledger))
    only_list, only_ledger = compared(quarantine.ids, ledger.ids("quarantined"))
    if len(only_list):
        findings.add(QUARANTINE, "rows that the ledger does not have", got=shown(only_list))
    if len(only_ledger):
        findings.add("ledger", f"quarantines what {QUARANTINE} does not list", got=shown(only_ledger))
    strangers = ledger.unknown_partners()
    if len(strangers):
        findings.add("ledger", "names duplicates of records that were never read", got=shown(strangers))


def _check_tallies(manifest: Manifest, ledger: LedgerReader, quarantine: QuarantineReader, findings: Findings) -> None:
    counts = manifest.counts
    for fate, expected in (("kept", counts.kept), ("dropped", counts.dropped), ("quarantined", counts.quarantined)):
        findings.equal("ledger", f"number of rows {fate} differs", ledger.fates[fate], expected)
    told = {(s.kind, reason): n for s in manifest.stages for reason, n in s.dropped.items()}
    for stage, reason in sorted(set(told) | set(ledger.dropped)):
        got, expected = ledger.dropped[stage, reason], told.get((stage, reason), 0)
        findings.equal("ledger", f"number of rows dropped by {stage} for {reason} differs", got, expected)
    findings.equal(
        QUARANTINE,
        "numbers by kind differ",
        dict(sorted(quarantine.kinds.items())),
        dict(sorted(manifest.ingest.faults.items())),
    )


def _check_projections(sound: Mapping[str, Path], manifest: Manifest, shards: ShardReader, findings: Findings) -> None:
    """What stands in words and totals beside the shards, written anew; another version words it in its own way."""
    if manifest.code.version != __version__:
        return
    plain = manifest.model_dump(mode="json", by_alias=True)
    plain["splits"] = _in_order(plain["splits"], Splits.model_fields)
    subsets = _in_order(plain["subsets"], manifest.routes() or (manifest.name,))
    plain["subsets"] = {name: _in_order(splits, Splits.model_fields) for name, splits in subsets.items()}
    summary = add_up([shards.summary.counts])
    try:
        stages = [STAGES[s.kind].model_validate_json(s.model_dump_json()) for s in manifest.config.stages]
    except (KeyError, ValidationError):
        findings.add(MANIFEST, "config: a stage is not one of this version")
        return
    told, highest = plain["deidentification"], manifest.deidentification.max_reidentification
    if told != deidentification(stages, summary, shards.classes(highest), highest):
        findings.add(MANIFEST, "deidentification is not what stages and records give")
    files = manifest.shards()
    written = {
        **hf_disk_files({s: {split: files[s, split] for split in splits} for s, splits in plain["subsets"].items()}),
        "README.md": card(plain, summary),
        "stats.json": stats(plain, summary),
    }
    for name, data in written.items():
        if name not in sound:
            findings.add(name, "is missing")
        elif sound[name].read_bytes() != data:
            findings.add(name, "does not say what the manifest and the records say")


def _in_order(of: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """A mapping in the order in which it was written, which canonical JSON does not keep."""
    return {name: of[name] for name in names if name in of}
