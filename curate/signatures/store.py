"""Find a store, open it, and hold texts against it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ..errors import DatasetError, DomainError
from ..manifest import file_entry, load_manifest
from ..records import DIGEST, text_digests
from .form import ABOUT, FILES, FOLDER, REBUILD, Layout, mapped, read_about

__all__ = ["Matches", "Store", "find_store", "match", "place_of"]

NAME, VERSION = r"[a-z0-9][a-z0-9_-]*", r"[0-9]+\.[0-9]+\.[0-9]+(\+limit[0-9]+)?"
FOREIGN = "the signatures are not those of this dataset"

Ints = npt.NDArray[np.int64]
Signatures = npt.NDArray[np.uint32]


@dataclass(frozen=True)
class Matches:
    """For each of n texts the record that repeats it best."""

    store: Ints
    """Which of the stores has it; -1 where none has."""
    id: pa.Array
    """Its id, null where there is none."""
    estimate: npt.NDArray[np.float64]
    """The share of the signatures' values that agree, which estimates Jaccard; 1 where the texts are equal, 0 where there is none."""
    exact: npt.NDArray[np.bool_]
    """Whether the texts are byte for byte the same."""


class Store:
    """The signatures of one dataset, mapped."""

    def __init__(self, folder: Path, content: Mapping[str, Any]) -> None:
        """`content` is that of `about.json`; `Store.open` is for everyone else."""
        self.name, self.version, self.manifest = content["name"], content["version"], content["manifest"]
        self.layout = Layout(**content["layout"])
        n, bands = content["records"], self.layout.bands
        self._ids = pa.ipc.open_file(pa.memory_map(str(folder / FILES[0]))).read_all()["id"]
        self.digests = mapped(folder / FILES[1], "u1", (n, DIGEST))
        self.signatures = mapped(folder / FILES[2], "<u4", (n, self.layout.permutations))
        self.ranks = mapped(folder / FILES[3], "<u4", (n,))
        self.keys = mapped(folder / FILES[4], "<u8", (bands + 1, n))
        self.rows = mapped(folder / FILES[5], "<u4", (bands + 1, n))

    @classmethod
    def open(cls, folder: Path) -> Store:
        """The store in `folder`.

        Raises:
            DomainError: there is none, it is of another form, or its files have not the size they should have.
        """
        content = read_about(folder)
        n, layout = content["records"], Layout(**content["layout"])
        expected = (
            DIGEST * n,
            4 * n * layout.permutations,
            4 * n,
            8 * n * (layout.bands + 1),
            4 * n * (layout.bands + 1),
        )
        sizes = dict(zip(FILES, (content["files"][FILES[0]]["bytes"], *expected), strict=True))
        for file, size in sizes.items():
            path = folder / file
            got = path.stat().st_size if path.is_file() else None
            if got != size:
                raise DomainError(
                    "is damaged" if path.is_file() else "is missing",
                    where=str(path),
                    got="" if got is None else f"{got:,} bytes",
                    expected=f"{size:,} bytes",
                    fix=REBUILD,
                )
        try:
            store = cls(folder, content)
            whole = len(store._ids) == n
        except (pa.ArrowInvalid, KeyError):
            whole = False
        if not whole:
            raise DomainError("is damaged", where=str(folder / FILES[0]), expected=f"{n:,} ids", fix=REBUILD)
        return store

    def __len__(self) -> int:
        return len(self.ranks)

    def ids(self, rows: Ints) -> pa.Array:
        """The ids of some of its records."""
        return self._ids.take(pa.array(rows)).combine_chunks().cast(pa.string())

    def match(self, text: pa.Array, threshold: float = 0.8, look_back: int = 64) -> Matches:
        """See `match`."""
        return match([self], text, threshold, look_back)


def match(stores: Sequence[Store], text: pa.Array, threshold: float = 0.8, look_back: int = 64) -> Matches:
    """For each of a `string` column's texts the record of `stores` that repeats it best.

    That is the one with the same text, in the first store that has one; else the one with the greatest estimate of at least
    `threshold`, of several that of the first store, there that of the least id. Of records that share a band's key only the
    `look_back` of the least ids are looked at. An empty text is near nothing. An estimate J of K values has a standard error
    of sqrt(J (1 - J) / K): 0.035 for 0.8 and 128.
    """
    n = len(text)
    store, row = np.full(n, -1, np.int64), np.full(n, -1, np.int64)
    estimate = np.zeros(n)
    _match_digests(stores, text_digests(text), store, row)
    exact = store >= 0
    estimate[exact] = 1.0
    rest = np.flatnonzero(~exact)
    if len(rest):
        _match_signatures(stores, text.take(pa.array(rest)), rest, threshold, look_back, store, row, estimate)
    in_order = np.argsort(store, kind="stable")
    place = np.empty(n, np.int64)
    place[in_order] = np.arange(n) - np.count_nonzero(store < 0)
    ids = pa.concat_arrays([one.ids(row[in_order][store[in_order] == i]) for i, one in enumerate(stores)])
    return Matches(store, ids.take(pa.array(place, mask=store < 0)), estimate, exact)


def _match_digests(stores: Sequence[Store], digest: pa.FixedSizeBinaryArray, store: Ints, row: Ints) -> None:
    from ..kernels.earlier import same

    digests = np.frombuffer(digest.buffers()[1], np.uint8).reshape(-1, DIGEST)
    heads = np.ascontiguousarray(digests.view("<u8")[:, 0])
    found = np.empty(len(digests), np.int64)
    for i, one in enumerate(stores):
        same(heads, digests, one.keys[-1], one.rows[-1], one.digests, found)
        new = (store < 0) & (found >= 0)
        store[new], row[new] = i, found[new]


def _match_signatures(
    stores: Sequence[Store],
    text: pa.Array,
    at: Ints,
    threshold: float,
    look_back: int,
    store: Ints,
    row: Ints,
    estimate: npt.NDArray[np.float64],
) -> None:
    """`at` are the places of the texts in `store`, `row` and `estimate`."""
    from ..kernels.earlier import nearest
    from ..kernels.minhash import band_keys, sign

    signatures: dict[tuple[int, int], tuple[Signatures, Signatures]] = {}
    found, equal = np.empty(len(text), np.int64), np.empty(len(text), np.int64)
    for i, one in enumerate(stores):
        layout = one.layout
        made = (layout.shingle, layout.permutations)
        if made not in signatures:
            signatures[made] = sign(text, *made)
        signature, chars = signatures[made]
        keys = np.empty((layout.bands, len(text)), np.uint64)
        band_keys(signature, layout.rows, keys)
        nearest(keys, signature, one.keys, one.rows, one.signatures, one.ranks, look_back, found, equal)
        share = equal / layout.permutations
        new = np.flatnonzero((found >= 0) & (chars > 0) & (share >= threshold) & (share > estimate[at]))
        store[at[new]], row[at[new]], estimate[at[new]] = i, found[new], share[new]


def place_of(name: str, version: str) -> str:
    """Where a domain keeps the signatures of one of its datasets, unless they are in the dataset itself."""
    return f"work/{FOLDER}/{name}/{version}"


def find_store(root: Path, dataset: str) -> Path:
    """The folder, relative to `root`, of the signatures of a dataset in this domain: in the dataset itself, else in `work`.

    `dataset` is the dataset's folder, relative to `root`; of it nothing but the manifest needs to be there.

    Raises:
        DomainError: it is no dataset, no signatures of it are kept, or those kept are of another one.
    """
    try:
        manifest = load_manifest(root / dataset)
    except DatasetError as error:
        raise DomainError(
            error.what, where=dataset, expected=error.expected, fix="Datasets are named relative to the domain."
        ) from None
    within = f"{dataset}/{FOLDER}"
    if (root / within / ABOUT).is_file():
        told = manifest.get("outputs", {}).get(f"{FOLDER}/{ABOUT}", {}).get("sha256")
        if file_entry(root / within / ABOUT)["sha256"] != told:
            raise DomainError(FOREIGN, where=within, fix="`curate verify` says what was changed.")
        return Path(within)
    name, version = str(manifest.get("name")), str(manifest.get("version"))
    if not re.fullmatch(NAME, name) or not re.fullmatch(VERSION, version):
        raise DomainError("its manifest has no name and version of a dataset", where=dataset)
    kept = place_of(name, version)
    if not (root / kept / ABOUT).is_file():
        raise DomainError(
            "no signatures of this dataset are kept", where=dataset, expected=f"{within} or {kept}", fix=REBUILD
        )
    if read_about(root / kept)["manifest"] != manifest.get("digest"):
        raise DomainError(FOREIGN, where=kept, expected=f"those of {dataset}", fix=REBUILD)
    return Path(kept)
