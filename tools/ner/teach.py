"""LAC's labels for training: `python -m tools.ner.teach OUT.npz FOLDER...` reads every .txt and .md below the folders.

Texts are cut into pieces of at most 128 characters at the ends of sentences. The file holds the pieces and float16[n, 4] over all their
characters: beginning and inside of a person's name, place, organisation.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from curate.pii.names.features import code_points
from curate.pii.names.lac import Lac
from curate.pii.names.network import Network

__all__ = ["cut", "taught"]

LONGEST = 128
TEXTS = (".txt", ".md")
CLAUSE = re.compile(r"[^。！？；，\n]*[。！？；，\n]?")
TAGS = (("PER-B",), ("PER-I",), ("LOC-B", "LOC-I"), ("ORG-B", "ORG-I"))


def cut(text: str) -> Iterator[str]:
    """The pieces of a text: clauses put together as long as they fit, none with a line break inside."""
    piece = ""
    for clause in CLAUSE.findall(text):
        if len(piece) + len(clause) > LONGEST:
            yield from _slices(piece)
            piece = ""
        piece += clause
        if clause.endswith("\n"):
            yield from _slices(piece.strip())
            piece = ""
    yield from _slices(piece.strip())


def _slices(piece: str) -> Iterator[str]:
    yield from (piece[at : at + LONGEST] for at in range(0, len(piece), LONGEST))


def taught(pieces: list[str], network: Network, lac: Lac) -> npt.NDArray[np.float16]:
    """What LAC says of all characters of the pieces, one piece after another."""
    codes = network.folded(code_points("".join(pieces)))
    lengths = np.array([len(piece) for piece in pieces], np.int64)
    starts = np.cumsum(lengths) - lengths
    out = np.zeros((len(codes), len(TAGS)), np.float16)
    for which, said in lac.read(codes, starts, lengths):
        at = starts[which][:, None] + np.arange(said.shape[1])
        out[at] = np.stack([said[..., [lac.tags[tag] for tag in tags]].sum(2) for tags in TAGS], 2)
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("folders", type=Path, nargs="+")
    chosen = parser.parse_args()
    files = (file for folder in chosen.folders for file in sorted(folder.rglob("*")) if file.suffix in TEXTS)
    pieces = list(dict.fromkeys(piece for file in files for piece in cut(file.read_text("utf-8", "replace")) if piece))
    said = taught(pieces, Network(), Lac())
    np.savez_compressed(chosen.out, pieces=np.array(pieces), said=said)
    print(f"{len(pieces):,} pieces, {len(said):,} characters")


if __name__ == "__main__":
    main()
