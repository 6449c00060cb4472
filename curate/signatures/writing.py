"""Write a store, holding about 40 bytes for each record: keys are sorted band by band."""

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
from .form import ABOUT, BATCH, FILES, IDS, Layout, about, mapped

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

    `name`, `version` and `manifest`, the digest of its manifest, say which dataset the records are of. Memory: about 40 bytes
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
    _write_keys(keys, mapped(digests, "u1", (n, DIGEST)), mapped(signatures, "<u4", (n, layout.permutations)), layout)
    with rows.open("wb") as out:
        for band in range(layout.bands + 1 if n else 0):
            key = np.memmap(keys, "<u8", "r+", 8 * n * band, (n,))
            by_id = key[order]
            by_key = np.argsort(by_id, kind="stable")
            key[:] = by_id[by_key]
            order[by_key].tofile(out)
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


def _write_keys(path: Path, digests: npt.NDArray[np.uint8], signatures: npt.NDArray[np.uint32], layout: Layout) -> None:
    """The keys of all records, not yet sorted."""
    from ..kernels.minhash import band_keys

    n = len(digests)
    path.touch()
    if n == 0:
        return
    keys = np.memmap(path, "<u8", "w+", 0, (layout.bands + 1, n))
    for lo in range(0, n, BATCH):
        some = slice(lo, min(n, lo + BATCH))
        part = np.empty((layout.bands, some.stop - lo), np.uint64)
        band_keys(signatures[some], layout.rows, part)
        keys[:-1, some] = part
        keys[-1, some] = digests[some].view("<u8")[:, 0]
