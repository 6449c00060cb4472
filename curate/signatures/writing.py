"""Write a store, holding about 60 bytes for each record: keys are sorted band by band."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ..manifest import file_entry
from ..records import DIGEST, text_digests
from ..work import write_whole
from .form import ABOUT, BATCH, FILES, IDS, Layout, about

__all__ = ["signed", "write_files", "write_store"]


def signed(id: pa.Array, text: pa.Array, layout: Layout) -> pa.RecordBatch:
    """What `write_store` wants of records: `id`, `digest` and `signature`; texts that are empty are left out."""
    from ..kernels.minhash import sign

    signature, chars = sign(text, layout.shingle, layout.permutations)
    width = pa.binary(4 * layout.permutations)
    batch = pa.record_batch(
        {
            "id": id,
            "digest": text_digests(text),
            "signature": pa.FixedSizeBinaryArray.from_buffers(width, len(text), [None, pa.py_buffer(signature)]),
        }
    )
    return batch if chars.all() else batch.filter(pa.array(chars > 0))


def write_store(
    folder: Path,
    batches: Iterable[pa.RecordBatch],
    layout: Layout,
    *,
    name: str = "",
    version: str = "",
    manifest: str | None = None,
) -> int:
    """Write a store of `batches` of `id`, `digest` and `signature` into `folder`; returns the number of records.

    `name`, `version` and `manifest`, the digest of its manifest, say which dataset the records are of. Memory: about 60 bytes
    for each record.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ABOUT).unlink(missing_ok=True)
    records = write_files([folder / file for file in FILES], batches, layout)
    files = {file: file_entry(folder / file) for file in FILES}
    write_whole(folder / ABOUT, about(files, records, layout, name, version, manifest))
    return records


def write_files(paths: Sequence[Path], batches: Iterable[pa.RecordBatch], layout: Layout) -> int:
    """Write FILES to `paths`, which stand in that order; returns the number of records. See `write_store`."""
    ids, digests, signatures, ranks, keys, rows = paths
    order = _write_records(ids, digests, signatures, batches)
    n = len(order)
    rank = np.empty(n, "<u4")
    rank[order] = np.arange(n, dtype=np.uint32)
    rank.tofile(ranks)
    _write_keys(keys, digests, signatures, n, layout)
    # Read and written, not mapped: pages of a map that were written count as memory of the process.
    with keys.open("r+b") as key_file, rows.open("wb") as row_file:
        for band in range(layout.bands + 1 if n else 0):
            key_file.seek(8 * n * band)
            by_id = np.fromfile(key_file, "<u8", n)[order]
            by_key = np.argsort(by_id, kind="stable")
            key_file.seek(8 * n * band)
            by_id[by_key].tofile(key_file)
            order[by_key].tofile(row_file)
    return n


def _write_records(
    ids: Path, digests: Path, signatures: Path, batches: Iterable[pa.RecordBatch]
) -> npt.NDArray[np.uint32]:
    """Write what each record has by itself; returns the records in the order of their ids."""
    parts = []
    with digests.open("wb") as digest_out, signatures.open("wb") as signature_out:
        for batch in batches:
            parts.append(batch["id"].cast(pa.large_string()))
            for column, out in ((batch["digest"], digest_out), (batch["signature"], signature_out)):
                width = column.type.byte_width
                out.write(
                    memoryview(column.buffers()[1])[column.offset * width : (column.offset + len(column)) * width]
                )
    names = pa.chunked_array(parts, pa.large_string())
    with pa.OSFile(str(ids), "wb") as sink, pa.ipc.new_file(sink, IDS) as out:
        for start in range(0, len(names), BATCH):
            out.write_table(pa.table([names.slice(start, BATCH).combine_chunks()], schema=IDS))
    order: npt.NDArray[np.uint64] = pc.sort_indices(names).to_numpy()
    return order.astype(np.uint32)


def _write_keys(keys: Path, digests: Path, signatures: Path, n: int, layout: Layout) -> None:
    """The keys of all records, not yet sorted."""
    from ..kernels.minhash import band_keys

    with keys.open("wb") as out, digests.open("rb") as digest_file, signatures.open("rb") as signature_file:
        for lo in range(0, n, BATCH):
            count = min(BATCH, n - lo)
            signature = np.fromfile(signature_file, "<u4", count * layout.permutations).reshape(count, -1)
            part = np.empty((layout.bands + 1, count), "<u8")
            band_keys(signature, layout.rows, part[:-1])
            part[-1] = np.fromfile(digest_file, "<u8", count * DIGEST // 8)[:: DIGEST // 8]
            for band, values in enumerate(part):
                out.seek(8 * (band * n + lo))
                values.tofile(out)
