"""What `curate dedup` writes: the records that stay, in files like those they came in, and the ledger of all."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from ..jobs.files import LEDGER, pack_address, row_of
from .corpus import Shards
from .driver import Fates
from .inputs import LONGEST, Fields, InputFile
from .tables import arrow_batches

__all__ = ["write_kept", "write_ledger"]

ARROW_FILE = b"ARROW1"
"""How Arrow's file format begins; what begins otherwise is a stream."""
ROW_GROUP = 32 << 20
"""Bytes of a row group of Parquet before they are packed, about."""


def write_kept(
    folder: Path, files: Sequence[InputFile], fields: Fields, shards: Shards, fates: Fates, *, edited: bool
) -> None:
    """Each file again without the records that were dropped, under its name in `folder`.

    Lines of JSON are copied as they are, but for those whose text was `edited`.
    """
    made: set[Path] = set()
    for shard in range(len(shards.paths)):
        columns = ["file", "row", "start", "stop", *(["text"] if edited else [])]
        table = shards.select(columns, shard)
        number = table["file"].to_numpy()
        for n in np.unique(number).tolist():
            lo, hi = np.searchsorted(number, [n, n + 1])
            file, target = files[n], folder / files[n].name
            part = _Part(table.slice(int(lo), int(hi - lo)), fates.alive[shard][lo:hi], edited=edited)
            if file.format == "jsonl":
                target.parent.mkdir(parents=True, exist_ok=True)
                _copy_lines(file, target, part, fields, append=target in made)
            made.add(target)
    tables = {n for n, file in enumerate(files) if file.format != "jsonl"}
    if tables:
        _write_tables(folder, files, fields, shards, fates, tables, edited=edited)
    for file in files:
        if folder / file.name not in made and file.format == "jsonl":
            (folder / file.name).parent.mkdir(parents=True, exist_ok=True)
            (folder / file.name).touch()


class _Part:
    """The records of one file in one shard."""

    def __init__(self, table: pa.Table, alive: npt.NDArray[np.bool_], *, edited: bool) -> None:
        self.alive = alive
        self.start, self.stop = table["start"].to_numpy(), table["stop"].to_numpy()
        self.text = table["text"].combine_chunks() if edited else None


def _copy_lines(file: InputFile, target: Path, part: _Part, fields: Fields, *, append: bool) -> None:
    start, stop = part.start[part.alive], part.stop[part.alive]
    with file.path.open("rb") as source, target.open("r+b" if append else "wb") as out:
        out.seek(0, os.SEEK_END)
        if part.text is None:
            joint = np.flatnonzero(start[1:] != stop[:-1]) + 1
            for lo, hi in zip([0, *joint.tolist()], [*joint.tolist(), len(start)], strict=True):
                if lo < hi:
                    _copy(source.fileno(), out.fileno(), int(start[lo]), int(stop[hi - 1]))
        else:
            texts = part.text.filter(pa.array(part.alive)).to_pylist()
            for lo, hi, text in zip(start.tolist(), stop.tolist(), texts, strict=True):
                source.seek(lo)
                out.write(_with_text(source.read(hi - lo), fields.text, text))


def _with_text(line: bytes, name: str, text: str) -> bytes:
    """The line with another string in the field `name`, and all else as it is."""
    from ..kernels.json_lines import take_strings

    whole = line if line.endswith(b"\n") else line + b"\n"
    wanted = np.frombuffer(name.encode(), np.uint8)
    _, first, last, offsets, data = take_strings(np.frombuffer(whole, np.uint8), wanted, LONGEST)
    if first[0] >= 0:
        if data[: offsets[1]].tobytes() == text.encode():
            return whole
        return whole[: first[0]] + orjson.dumps(text) + whole[last[0] :]
    value = json.loads(whole)
    if value[name] == text:
        return whole
    value[name] = text
    return json.dumps(value, ensure_ascii=False).encode() + b"\n"


def _copy(source: int, out: int, start: int, stop: int) -> None:
    """Copy bytes from file to file inside the kernel."""
    while start < stop:
        sent = os.sendfile(out, source, start, stop - start)
        if sent == 0:  # the last line has no line feed
            os.write(out, b"\n")
            return
        start += sent


def _write_tables(
    folder: Path,
    files: Sequence[InputFile],
    fields: Fields,
    shards: Shards,
    fates: Fates,
    wanted: set[int],
    *,
    edited: bool,
) -> None:
    """Parquet and Arrow files again, batch by batch, with only the rows that stay."""
    kept = _Rows(shards, fates, edited=edited)
    for n, file in enumerate(files):
        if n not in wanted:
            continue
        target = folder / file.name
        target.parent.mkdir(parents=True, exist_ok=True)
        row = 1
        with ExitStack() as stack:
            write: Any = None
            held: list[pa.RecordBatch] = []
            for batch in arrow_batches(file):
                if write is None:
                    write = _table_writer(stack, file, target, batch.schema)
                rows, texts = kept.of(n, row, row + batch.num_rows)
                row += batch.num_rows
                batch = batch.take(pa.array(rows))
                if texts is not None:
                    at = batch.schema.get_field_index(fields.text)
                    batch = batch.set_column(at, batch.schema.field(at), texts.cast(batch.schema.field(at).type))
                held.append(batch)
                if sum(each.nbytes for each in held) > ROW_GROUP:
                    write(pa.Table.from_batches(held))
                    held = []
            if write is None:
                target.write_bytes(file.path.read_bytes())
            elif held:
                write(pa.Table.from_batches(held))


def _table_writer(stack: ExitStack, file: InputFile, target: Path, schema: pa.Schema) -> Any:
    if file.format == "parquet":
        import pyarrow.parquet as pq

        return stack.enter_context(pq.ParquetWriter(target, schema, compression="zstd")).write_table
    with file.path.open("rb") as source:
        new = pa.ipc.new_file if source.read(len(ARROW_FILE)) == ARROW_FILE else pa.ipc.new_stream
    sink = stack.enter_context(pa.OSFile(str(target), "wb"))
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    return stack.enter_context(new(sink, schema, options=options)).write_table


class _Rows:
    """Finds which rows of a file stay; files are asked for in order, and rows in order in each."""

    def __init__(self, shards: Shards, fates: Fates, *, edited: bool) -> None:
        self._parts = self._all(shards, fates, edited)
        self._held: list[tuple[int, npt.NDArray[np.int64], Any]] = []
        self._edited = edited

    @staticmethod
    def _all(shards: Shards, fates: Fates, edited: bool) -> Iterator[tuple[int, npt.NDArray[np.int64], Any]]:
        """Of each batch: file, rows that stay, and their texts where they were edited."""
        for shard in range(len(shards.paths)):
            for at, batch in shards.read(shard):
                alive = pa.array(fates.alive[shard][at : at + batch.num_rows])
                left = batch.select(["file", "row", *(["text"] if edited else [])]).filter(alive)
                if left.num_rows:
                    yield left["file"][0].as_py(), left["row"].to_numpy(), left["text"] if edited else None

    def of(self, file: int, start: int, stop: int) -> tuple[npt.NDArray[np.int64], Any]:
        """The rows from `start` to `stop`, counted from `start`, that stay, and their texts."""
        rows: list[npt.NDArray[np.int64]] = []
        texts: list[Any] = []
        while True:
            part = self._held.pop() if self._held else next(self._parts, None)
            if part is None:
                break
            number, here, text = part
            if number < file:
                continue
            cut = int(np.searchsorted(here, stop)) if number == file else 0
            if cut:
                rows.append(here[:cut] - start)
                if text is not None:
                    texts.append(text[:cut])
            if cut < len(here):
                self._held.append((number, here[cut:], text[cut:] if text is not None else None))
                break
        none = pa.array([], pa.string())
        found = np.concatenate([np.empty(0, np.int64), *rows])
        return found, pa.concat_arrays([none, *texts]) if self._edited else None


def write_ledger(target: Path, files: Sequence[InputFile], shards: Shards, fates: Fates) -> None:
    """One row for each record: what became of it, why, and which record it duplicates; no text."""
    import pyarrow.parquet as pq

    decided = fates.table()
    address = decided["address"].to_numpy()
    extra = [pa.field(name, arrays[0].type) for name, arrays in fates.columns.items() if arrays]
    schema = pa.schema([*LEDGER, *extra])
    names = pa.array([file.name for file in files], pa.string())
    with pq.ParquetWriter(target, schema, compression="zstd") as out:
        for shard, rows in enumerate(shards.rows):
            lo, hi = np.searchsorted(address, [pack_address(shard, 0), pack_address(shard, rows)])
            here = decided.slice(int(lo), int(hi - lo))
            # of a record that one stage kept and a later one dropped the last word counts
            last = np.append(np.diff(address[lo:hi]) > 0, np.ones(min(hi - lo, 1), np.bool_))
            here = here.filter(pa.array(last))
            index = np.full(rows, -1, np.int64)
            index[row_of(here["address"].to_numpy())] = np.arange(here.num_rows)
            found = here.take(pa.array(index, mask=index < 0))
            table = shards.select(["id", "input_id", "file", "row"], shard)
            path = names.take(table["file"].combine_chunks())
            alive = pa.array(fates.alive[shard])
            letters = pa.array(["L" if f.format == "jsonl" else "R" for f in files], pa.string())
            letter = letters.take(table["file"].combine_chunks())
            row = table["row"].combine_chunks().cast(pa.string())
            columns = {
                "id": table["id"],
                "input_id": table["input_id"],
                "source_id": path,
                "source_path": path,
                "locator": pc.binary_join_element_wise(letter, row, ""),
                "fate": pc.if_else(alive, "kept", "dropped"),
                "stage": pc.if_else(alive, pa.scalar(None, pa.string()), found["stage"]),
                **{name: found[name] for name in ("reason", "value", "threshold", "duplicate_of", "cluster")},
                **{name: arrays[shard] for name, arrays in fates.columns.items()},
            }
            out.write_table(pa.table(columns, schema=schema))
