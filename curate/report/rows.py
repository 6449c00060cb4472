"""Read every row of a dataset, as a stranger would, and hold it against the manifest."""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ..jobs.files import FAULTS, LEDGER
from ..pii.classes import Classes
from ..records import RECORD, record_id
from ..splits import (
    id_bits,
    settled_units,
    split_bounds,
    split_indices,
    strata_of,
    stratified_indices,
    unit_bits,
)
from ..stages.against import EXACT, NEAR
from ..stages.decontaminate import CONTAMINATED
from ..summary import Summary
from .finding import Findings
from .ids import Ids, join, packed
from .model import Manifest

__all__ = ["LedgerReader", "QuarantineReader", "ShardReader"]

LEDGER_BATCH = 65_536
EARLIER = "^[^/:]+/[^/:]+:."
"""`NAME/VERSION:ID`."""
FATES = ("kept", "dropped", "quarantined")


class ShardReader:
    """Adds up the data shards one by one; keeps the ids and the totals."""

    def __init__(self, manifest: Manifest, findings: Findings) -> None:
        self._manifest, self._findings = manifest, findings
        self._files = {(f.source_id, f.path, f.sha256) for f in manifest.inputs.files}
        self._rights = {(s.id, s.licence, s.authorisation, s.grade) for s in manifest.inputs.sources}
        self._splits = manifest.config.splits
        self._names, self._bounds = split_bounds(self._splits.shares())
        self._strata: list[pa.RecordBatch] = []
        self._classes = {s.id: Classes(s.quasi, s.sensitive) for s in manifest.inputs.sources if s.quasi}
        self._ids: list[Ids] = []
        self.summary = Summary()
        self.rows: Counter[tuple[str, str]] = Counter()
        self.chars: Counter[tuple[str, str]] = Counter()

    @property
    def ids(self) -> Ids:
        """All ids, sorted."""
        return np.sort(join(self._ids))

    def read(self, name: str, path: Path, part: tuple[str, str]) -> None:
        """One shard of a subset and split: its schema, rows, ids, and whether each record is where it should be."""
        rows = 0
        ids = hashlib.sha256()
        wrong = _Wrong(self._findings, name)
        with pa.OSFile(str(path)) as file, pa.ipc.open_stream(file) as reader:
            if not reader.schema.equals(RECORD):
                self._findings.add(name, "schema differs", got=_difference(reader.schema, RECORD))
                return
            for batch in reader:
                batch.validate(full=True)
                rows += batch.num_rows
                ids.update("\n".join(batch["id"].to_pylist()).encode() + b"\n")
                self._ids.append(packed(batch["id"]))
                self.chars[part] += pc.sum(pc.utf8_length(batch["text"])).as_py() or 0
                self.summary.add(batch)
                for source, classes in self._classes.items():
                    of = pc.equal(pc.struct_field(batch["source"], "source_id"), source)
                    classes.add(batch["meta"].filter(of).to_pylist())
                self._check(batch, part, wrong)
        wrong.report()
        self.rows[part] += rows
        told = self._manifest.outputs[name]
        self._findings.equal(name, "number of rows differs", rows, told.rows)
        self._findings.equal(name, "digest of the ids differs", ids.hexdigest(), told.ids_sha256)

    def classes(self, highest: float) -> dict[str, dict[str, Any]]:
        """How well the records of each source with quasi-identifiers hide; after all shards were read."""
        return {source: classes.told(highest) for source, classes in self._classes.items()}

    def check_strata(self) -> None:
        """Whether each record is in the split that the whole of its stratum gives it; after all shards were read."""
        if not self._strata:
            return
        table = pa.Table.from_batches(self._strata)
        units, ids, strata, split = (column.to_numpy() for column in table.columns)
        sizes, strata = settled_units(units, ids, strata)
        shares = [self._splits.shares()[name] for name in self._names]
        wrong = np.count_nonzero(stratified_indices(units, sizes, strata, shares, self._splits.seed) != split)
        self._findings.equal("data", "records in the wrong split by the manifest's shares, strata and seed", wrong, 0)

    def _check(self, batch: pa.RecordBatch, part: tuple[str, str], wrong: _Wrong) -> None:
        subset, split = part
        ids, source = batch["id"].to_pylist(), batch["source"]
        source_ids, paths, locators, hashes, licences, authorisations = (
            pc.struct_field(source, field).to_pylist()
            for field in ("source_id", "path", "locator", "sha256", "licence", "authorisation")
        )
        grades = batch["grade"].to_pylist()
        chars = pc.utf8_length(batch["text"])
        wrong.note("n_chars is not the length of the text", ids, _false(pc.equal(batch["n_chars"], chars)))
        wrong.note(f"split is not {split}", ids, _false(pc.equal(batch["split"], split)))
        if self._manifest.routes():
            wrong.note(f"industry is not {subset}", ids, _false(pc.equal(batch["industry"], subset)))
        if self._splits.stratify:
            units, strata = unit_bits(batch), strata_of(batch, self._splits.stratify)
            where = np.full(batch.num_rows, self._names.index(split), np.int8)
            columns = {"unit": units, "id": id_bits(batch), "stratum": strata, "split": where}
            self._strata.append(pa.record_batch({name: pa.array(values) for name, values in columns.items()}))
        else:
            keys = pc.coalesce(batch["cluster"], batch["id"]).to_pylist()
            which = split_indices(keys, self._bounds, self._splits.seed)
            wrong.note(
                "in the wrong split by the manifest's shares and seed", ids, [self._names[i] != split for i in which]
            )
        places = zip(ids, source_ids, paths, locators, strict=True)
        wrong.note("id does not follow from the place", ids, [i != record_id(s, p, at) for i, s, p, at in places])
        inputs = zip(source_ids, paths, hashes, strict=True)
        wrong.note("comes from no input of the manifest", ids, [file not in self._files for file in inputs])
        rights = zip(source_ids, licences, authorisations, grades, strict=True)
        wrong.note("licence, authorisation or grade is not its source's", ids, [r not in self._rights for r in rights])


class LedgerReader:
    """Adds up the ledger part by part; keeps the ids by fate."""

    def __init__(self, manifest: Manifest, findings: Findings) -> None:
        self._manifest, self._findings = manifest, findings
        self._files = {(f.source_id, f.path) for f in manifest.inputs.files}
        self._last: Ids = join([])
        self._by_fate: dict[str, list[Ids]] = {fate: [] for fate in FATES}
        self._partners: list[Ids] = []
        self.fates: Counter[str] = Counter()
        self.dropped: Counter[tuple[str, str]] = Counter()

    def ids(self, fate: str) -> Ids:
        """The ids of all rows with this fate, sorted."""
        return join(self._by_fate[fate])

    def read(self, name: str, path: Path) -> None:
        """One part: its schema, its order, and whether each row is whole."""
        wrong = _Wrong(self._findings, name)
        rows = 0
        with pq.ParquetFile(path) as file:
            if not file.schema_arrow.equals(LEDGER):
                self._findings.add(name, "schema differs", got=_difference(file.schema_arrow, LEDGER))
                return
            for batch in file.iter_batches(LEDGER_BATCH):
                batch.validate(full=True)
                rows += batch.num_rows
                self._check(batch, wrong)
        wrong.report()
        self._findings.equal(name, "number of rows differs", rows, self._manifest.outputs[name].rows)

    def _check(self, batch: pa.RecordBatch, wrong: _Wrong) -> None:
        ids, packed_ids = batch["id"].to_pylist(), packed(batch["id"])
        with_last = np.concatenate([self._last, packed_ids])
        ascends = (with_last[1:] > with_last[:-1])[-len(ids) :]
        wrong.note("id is not after the one before it", ids[-len(ascends) :], ~ascends)
        self._last = with_last[-1:]
        fates, stages, reasons = (batch[c].to_pylist() for c in ("fate", "stage", "reason"))
        for fate in FATES:
            self._by_fate[fate].append(packed_ids[[f == fate for f in fates]])
        self.fates.update(fates)
        self.dropped.update(
            (s or "", r or "") for f, s, r in zip(fates, stages, reasons, strict=True) if f == "dropped"
        )
        partner = batch["duplicate_of"]
        reason = batch["reason"]
        earlier = pc.is_in(reason, value_set=pa.array([EXACT, NEAR]))
        item = pc.is_in(reason, value_set=pa.array([CONTAMINATED]))
        self._partners.append(np.unique(packed(partner.filter(pc.invert(pc.or_(earlier, item))).drop_null())))
        named = pc.match_substring_regex(partner, EARLIER)
        wrong.note("names no record of an earlier dataset", ids, ~_false(earlier) & _false(named))
        wrong.note("names no item of an evaluation set", ids, ~_false(item) & _false(pc.match_substring(partner, ":")))
        wrong.note("has no known fate", ids, [f not in FATES for f in fates])
        told = zip(fates, stages, reasons, strict=True)
        wrong.note(
            "has a fate without a reason, or a reason without one",
            ids,
            [(f == "kept") != (s is None and r is None) for f, s, r in told],
        )
        sources, paths, locators = (batch[c].to_pylist() for c in ("source_id", "source_path", "locator"))
        places = zip(fates, ids, sources, paths, locators, strict=True)
        wrong.note(
            "id does not follow from the place",
            ids,
            [f != "quarantined" and i != record_id(s, p, at) for f, i, s, p, at in places],
        )
        wrong.note(
            "comes from no input of the manifest",
            ids,
            [file not in self._files for file in zip(sources, paths, strict=True)],
        )

    def unknown_partners(self) -> Ids:
        """What rows name as the record they duplicate, and no row is."""
        read = np.concatenate([self.ids("kept"), self.ids("dropped")])
        return np.setdiff1d(join(self._partners), read)


class QuarantineReader:
    """Reads the list of what could not be read."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._ids: list[Ids] = []
        self.kinds: Counter[str] = Counter()

    @property
    def ids(self) -> Ids:
        """All ids, sorted."""
        return np.sort(join(self._ids))

    def read(self, name: str, path: Path) -> None:
        """The file's schema, its ids, and how many of each kind."""
        with pq.ParquetFile(path) as file:
            if not file.schema_arrow.equals(FAULTS):
                self._findings.add(name, "schema differs", got=_difference(file.schema_arrow, FAULTS))
                return
            for batch in file.iter_batches(LEDGER_BATCH):
                batch.validate(full=True)
                self._ids.append(packed(batch["id"]))
                self.kinds.update(batch["kind"].to_pylist())


class _Wrong:
    """Rows of one file that break a rule: how many for each rule, and the first id."""

    def __init__(self, findings: Findings, file: str) -> None:
        self._findings, self._file = findings, file
        self._seen: dict[str, tuple[int, str]] = {}

    def note(self, rule: str, ids: list[str], broken: list[bool] | npt.NDArray[np.bool_]) -> None:
        """Remember the rows of `ids` that are broken."""
        at = np.flatnonzero(broken)
        if len(at):
            count, first = self._seen.get(rule, (0, ids[at[0]]))
            self._seen[rule] = (count + len(at), first)

    def report(self) -> None:
        """One finding for each rule."""
        for rule, (count, first) in self._seen.items():
            self._findings.add(self._file, rule, got=f"{count:,} rows, first {first}")


def _false(flags: pa.Array) -> npt.NDArray[np.bool_]:
    """Where a comparison is false or has no answer."""
    return ~np.asarray(pc.fill_null(flags, False).to_numpy(zero_copy_only=False), np.bool_)


def _difference(got: pa.Schema, expected: pa.Schema) -> str:
    """The first field that differs."""
    for field in expected:
        i = got.get_field_index(field.name)
        if i < 0:
            return f"no column {field.name}"
        if not got.field(i).equals(field):
            return f"{got.field(i)} for {field}"
    return "other columns, or another order: " + ", ".join(got.names)
