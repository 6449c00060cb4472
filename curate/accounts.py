"""The accounts of a run: what could not be read, whether the counts add up, and the manifest that states them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from . import __version__
from .catalog import Domain
from .deidentification import deidentification
from .errors import IntegrityError, QuotaError
from .pii.places import clean
from .planner import Planner
from .scan import RawFile, ReadFile
from .stage import TaskResult
from .stages.recheck import Recheck
from .summary import add_up

__all__ = ["check_quota", "check_residual", "faults_of", "ingest_text", "manifest_of", "part_of", "stage_text"]


def faults_of(ingested: Sequence[TaskResult]) -> Counter[str]:
    """What was quarantined, by kind."""
    faults: Counter[str] = Counter()
    for r in ingested:
        faults.update(r.marker["faults"])
    return faults


def part_of(shard: str) -> tuple[str, str]:
    """Subset and split of `data/coal/train-00000-of-00004`."""
    _, subset, name = shard.rsplit("/", 2)
    return subset, name.rsplit("-", 3)[0]


def check_quota(domain: Domain, ingested: Sequence[TaskResult]) -> None:
    """Hold what could not be read against the domain's policy.

    Raises:
        QuotaError: more of the files, or of the records, than it allows; or nothing at all was read.
    """
    most = domain.policy.max_quarantined
    files = len(ingested)
    bad_files = sum(r.marker["unreadable"] for r in ingested)
    rows = sum(r.marker["rows"] for r in ingested)
    faults = faults_of(ingested)
    bad = faults.total() - faults["empty"]  # an empty line, or an empty file counted below, holds no record to lose
    kinds = ", ".join(f"{k} {n}" for k, n in sorted(faults.items()))
    for what, part, whole in (("files", bad_files, files), ("records", bad, rows + bad)):
        if whole and part / whole > most:
            raise QuotaError(
                f"{part} of {whole} {what} cannot be read ({kinds})",
                where="ingest",
                expected=f"at most {most:.1%} (policy.max_quarantined in domain.yaml)",
                fix="`curate extract` on a file says what is wrong with it; mend the files, or raise the quota.",
            )
    if rows == 0:
        raise QuotaError(
            "no record could be read", where="ingest", got=kinds or "no content", fix="Check the catalog's paths."
        )


def manifest_of(
    planner: Planner,
    domain: Domain,
    files: Sequence[RawFile],
    read_files: Sequence[ReadFile],
    ingested: list[TaskResult],
    mapped: list[list[TaskResult]],
    shards: list[TaskResult],
    ledger: list[TaskResult],
    quarantine: list[TaskResult],
    risk: list[TaskResult],
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The manifest without its outputs, and the totals over the records kept.

    Raises:
        IntegrityError: the counts do not add up.
    """
    faults = faults_of(ingested)
    stages = _stage_counts(planner, mapped)
    read = sum(sum(n for n, _ in r.marker["batches"]) for r in ingested)
    if planner.limit is not None:
        read = min(read, planner.limit)
    counts = {
        "in": read + sum(faults.values()),
        "kept": sum(r.marker["rows"] for r in mapped[-1]),
        "dropped": sum(sum(s["dropped"].values()) for s in stages),
        "quarantined": sum(faults.values()),
    }
    _check_counts(counts, stages, read, shards, ledger, quarantine)
    used = {r.id: f for r, f in zip(ingested, files, strict=False)}
    sources = sorted(planner.catalog.sources, key=lambda s: s.id)
    told = iter(clean([domain.holder, *(text for s in sources for text in (s.title, s.holder, s.obtained.how))]))
    manifest = {
        "schema": "qiancui/manifest/1",
        "name": planner.pipeline.name,
        "version": planner.version,
        "code": {"package": "qiancui", "version": __version__},
        "config": planner.pipeline.model_dump(mode="json", exclude={"work"}),
        "limit": planner.limit,
        "inputs": {
            "holder": next(told),
            "sources": [
                {
                    "id": s.id,
                    "title": next(told),
                    "holder": next(told),
                    "licence": s.licence,
                    "grade": s.grade,
                    "authorisation": s.authorisation,
                    "quasi": list(s.quasi),
                    "sensitive": list(s.sensitive),
                    "obtained": {**s.obtained.model_dump(mode="json"), "how": next(told)},
                    "files": sum(f.source.id == s.id for f in used.values()),
                }
                for s in sources
            ],
            "files": [
                {"source_id": f.source.id, "path": f.path, "bytes": f.bytes, "sha256": f.sha256} for f in used.values()
            ],
            "reads": [vars(f) for f in read_files],
        },
        "counts": counts,
        "ingest": {
            "files": len(ingested),
            "unreadable": sum(r.marker["unreadable"] for r in ingested),
            "records": read,
            "faults": dict(sorted(faults.items())),
        },
        "stages": stages,
        **_part_counts(shards),
    }
    summary = add_up([r.marker["summary"] for r in mapped[-1]])
    classes = risk[0].marker["classes"] if risk else {}
    highest = domain.policy.max_reidentification
    manifest["deidentification"] = deidentification(planner.pipeline.stages, summary, classes, highest)
    return manifest, summary


def check_residual(planner: Planner, summary: Mapping[str, Any], kept: int) -> None:
    """Hold what the second detector found against the quota of the stage.

    Raises:
        QuotaError: too many records still hold personal data.
    """
    stage = next((s for s in planner.pipeline.stages if isinstance(s, Recheck)), None)
    if stage is None:
        return
    for what, most, found in (
        ("numbers or addresses", stage.most, summary["residual_records"]),
        ("names", stage.most_names, summary["residual_names"]),
    ):
        if found > most * kept:
            left = ", ".join(f"{entity} {n:,}" for entity, n in summary["residual"].items())
            raise QuotaError(
                f"{found:,} of {kept:,} records still hold {what} that a second detector finds ({left})",
                where="recheck",
                expected=f"at most {most:.2%} of the records",
                fix="A run with a higher quota shows them: they have `residual`. Then look for names with another profile, or keep what may stay.",
            )


def _stage_counts(planner: Planner, mapped: Sequence[Sequence[TaskResult]]) -> list[dict[str, Any]]:
    """Rows in, kept and dropped by reason, of every stage over all shards."""
    stages: list[dict[str, Any]] = [
        {"kind": s.kind, "version": s.version, "in": 0, "kept": 0, "dropped": {}, "tally": {}}
        for s in planner.pipeline.stages
    ]
    for stage in stages:
        dropped: Counter[str] = Counter()
        tally: Counter[str] = Counter()
        for results in mapped:
            for r in results:
                count = r.marker["stages"].get(stage["kind"])
                if count:
                    stage["in"] += count["in"]
                    stage["kept"] += count["kept"]
                    dropped.update(count["dropped"])
                    tally.update(count["tally"])
        stage["dropped"], stage["tally"] = dict(sorted(dropped.items())), dict(sorted(tally.items()))
    return stages


def _part_counts(shards: Sequence[TaskResult]) -> dict[str, Any]:
    """Rows, characters and shards of the splits of every subset that have records, and of every split in all."""
    splits: dict[str, dict[str, int]] = {}
    subsets: dict[str, dict[str, dict[str, int]]] = {}
    for r in shards:
        subset, split = part_of(r.id)
        for of in (splits, subsets.setdefault(subset, {})):
            at = of.setdefault(split, {"rows": 0, "chars": 0, "shards": 0})
            at["rows"] += r.marker["rows"]
            at["chars"] += r.marker["chars"]
            at["shards"] += 1
    return {"splits": splits, "subsets": subsets}


def _check_counts(
    counts: dict[str, int],
    stages: list[dict[str, Any]],
    read: int,
    shards: list[TaskResult],
    ledger: list[TaskResult],
    quarantine: list[TaskResult],
) -> None:
    """Rows in = kept + dropped + quarantined, at every step, in the shards and in the ledger.

    Raises:
        IntegrityError: naming the first sum that is off.
    """
    rows = read
    for stage in stages:
        if stage["in"] != rows or stage["in"] != stage["kept"] + sum(stage["dropped"].values()):
            raise IntegrityError(
                "rows went missing",
                where=f"stage {stage['kind']}",
                got=f"{stage['in']} in, {stage['kept']} kept",
                expected=f"{rows} in",
            )
        rows = stage["kept"]
    fates: Counter[str] = Counter()
    for r in ledger:
        fates.update(r.marker["fates"])
    for what, got, expected in (
        ("records written", sum(r.marker["rows"] for r in shards), counts["kept"]),
        ("records in", counts["kept"] + counts["dropped"] + counts["quarantined"], counts["in"]),
        ("ledger rows kept", fates["kept"], counts["kept"]),
        ("ledger rows dropped", fates["dropped"], counts["dropped"]),
        ("ledger rows quarantined", fates["quarantined"], counts["quarantined"]),
        ("quarantine rows", sum(r.marker["rows"] for r in quarantine), counts["quarantined"]),
    ):
        if got != expected:
            raise IntegrityError("the counts do not add up", where=what, got=str(got), expected=str(expected))


def ingest_text(results: Sequence[TaskResult]) -> str:
    """`68 files   64 read   4 quarantined   412 records`."""
    rows = sum(r.marker["rows"] for r in results)
    bad = sum(r.marker["unreadable"] for r in results)
    faults = sum(sum(r.marker["faults"].values()) for r in results)
    return f"{len(results):,} files   {len(results) - bad:,} read   {faults:,} quarantined   {rows:,} records"


def stage_text(results: Sequence[TaskResult], kinds: Sequence[str]) -> str:
    """`412 in    57 dropped: language 9, too_short 21`."""
    rows, reasons = 0, Counter[str]()
    for r in results:
        stages = r.marker["stages"]
        if kinds and kinds[0] in stages:
            rows += stages[kinds[0]]["in"]
        for kind in kinds:
            reasons.update(stages.get(kind, {}).get("dropped", {}))
    text = f"{rows:,} in   {reasons.total():,} dropped"
    if reasons:
        text += ": " + ", ".join(f"{reason} {n:,}" for reason, n in sorted(reasons.items()))
    spans = sum(sum(r.marker["summary"]["pii"].values()) for r in results if r.marker["summary"])
    if "anonymise" in kinds:
        records = sum(r.marker["summary"]["pii_records"] for r in results if r.marker["summary"])
        text += f"   personal data: {spans:,} spans in {records:,} records"
    return text
