"""The signatures of a dataset's records, kept in mapped files, so that a later run can tell what the dataset already has.

A store is a folder of files of fixed width, read through the memory map: what a search holds does not grow with the store.
N is the number of records, in the order in which they were written.

    about.json       canonical JSON: whose signatures, how they were made, SHA-256 of the other files; written last
    ids.arrow        ids, large_string
    digests.u8       N × 16: digest of each text, of `records.text_digests`
    signatures.u32   N × permutations: MinHash of each text, of `kernels.minhash`
    ranks.u32        N: the place of each record by its id
    keys.u64         (bands + 1) × N: the keys of each band, sorted; at last the first 8 bytes of the digests
    rows.u32         (bands + 1) × N: the record of each key; where keys are equal, in the order of the ids

Numbers are little-endian. A text stands here as its hash and its signature, yet whoever holds them can test whether a text,
or many of the shingles of one, was in the dataset.
"""

from __future__ import annotations

from .form import ABOUT, FILES, FOLDER, SCHEMA, Layout, about
from .store import Matches, Store, find_store, match, place_of
from .writing import signed, write_files, write_store

__all__ = [
    "ABOUT",
    "FILES",
    "FOLDER",
    "SCHEMA",
    "Layout",
    "Matches",
    "Store",
    "about",
    "find_store",
    "match",
    "place_of",
    "signed",
    "write_files",
    "write_store",
]
