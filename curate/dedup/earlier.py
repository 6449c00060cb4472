"""Earlier datasets that records are held against: by the signatures kept of them, or made here of their texts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from ..jobs.files import open_mapped
from ..manifest import load_manifest
from ..signatures import ABOUT, FOLDER, Layout, Store, find_store, place_of, signed, write_store
from ..stages.against import Against
from ..stages.near_dedup import NearDedup
from .corpus import Shards, as_batch
from .driver import Fates
from .inputs import Fields, find_inputs, read

__all__ = ["held_against", "write_signatures"]


def held_against(
    stage: Against, earlier: Sequence[Path], near: NearDedup, fields: Fields, folder: Path
) -> Callable[[pa.RecordBatch], pa.RecordBatch]:
    """The function that drops what one of the `earlier` datasets has.

    Signatures are looked for in the dataset, then in the domain that it stands in; where none are kept they are made of its
    texts, as `near` makes them, into `folder`.

    Raises:
        UserError: there are neither signatures nor texts.
        DomainError: the signatures are damaged or of another dataset.
    """
    stores, names = [], []
    for i, path in enumerate(earlier):
        kept = _kept(path)
        if kept is None:
            kept = folder / f"earlier-{i}"
            write_store(kept, _signed(path, _layout(near), fields), _layout(near), name=path.name)
        store = Store.open(kept)
        stores.append(store)
        names.append(f"{store.name}/{store.version}" if store.version else store.name or path.name)
    return stage.holding(stores, names)


def _kept(dataset: Path) -> Path | None:
    """Where signatures of a dataset are kept, if they are: in it, or in the domain that it stands in."""
    if (dataset / "manifest.json").is_file():
        manifest = load_manifest(dataset)
        place = place_of(str(manifest.get("name")), str(manifest.get("version")))
        for domain in dataset.resolve().parents:
            if (domain / place / ABOUT).is_file():
                return domain / find_store(domain, dataset.resolve().relative_to(domain).as_posix())
    return dataset / FOLDER if (dataset / FOLDER / ABOUT).is_file() else None


def _layout(near: NearDedup) -> Layout:
    bands, rows = near.layout()
    return Layout(near.shingle, near.permutations, bands, rows)


def _signed(dataset: Path, layout: Layout, fields: Fields) -> Iterator[pa.RecordBatch]:
    top = dataset / "data" if (dataset / "ledger.parquet").is_file() else dataset
    for number, file in enumerate(find_inputs([top])):
        for rows in read(file, Fields(fields.text, fields.id)):
            if len(rows.texts):
                batch = as_batch(rows, file, number, Fields(fields.text, fields.id))
                yield signed(batch["id"], batch["text"], layout)


def write_signatures(folder: Path, name: str, near: NearDedup, shards: Shards, fates: Fates, work: Path) -> None:
    """Keep the signatures of the records that stay, which `near` stored in `work`, as a store in `folder`."""

    def kept() -> Iterator[pa.RecordBatch]:
        for shard in range(len(shards.paths)):
            stored = open_mapped(work / f"{near.kind}-stored-{shard:05d}.arrow").get_batch(0)
            ids = shards.select(["id"], shard)["id"].filter(pa.array(fates.alive[shard]))
            yield stored.filter(pc.is_in(stored["id"], value_set=ids.combine_chunks()))

    write_store(folder, kept(), _layout(near), name=name)
