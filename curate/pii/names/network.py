"""The network that reads every character: how likely each is part of a name of a person, a place or an organisation.

A character's probabilities depend on those at most `CONTEXT` places away and on nothing else: not on where the text is cut,
nor on what else is read with it.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

import numpy as np
import numpy.typing as npt

from ...errors import IntegrityError
from . import data
from .features import Codes, Features, Row, code_points

__all__ = ["CONTEXT", "Network", "Probabilities", "Reading", "between", "runs", "weights"]

Probabilities = npt.NDArray[np.float32]

Logits = Callable[[Row], npt.NDArray[np.float32]]
"""What the network says of a row of n characters: float32[5, n], one line a class."""

CONTEXT: Final = 20
"""How far a character's surroundings count: 1 + 2 + 4 + 8 of the convolutions and three of the words make 18."""

CHUNKS: Final = {"onnxruntime": 4096, "numpy": 1024}
"""Characters read at once: where each path is fastest."""

BITS: Final = 16
SLACK: Final = 0.02  # what the self-test allows a processor


@dataclass(frozen=True, slots=True)
class Reading:
    """Probabilities per character of a text, float32[len(text)] each."""

    person: Probabilities
    place: Probabilities
    organisation: Probabilities


class Network:
    """Reads texts with the weights of `data/`; `path` says what computes: "onnxruntime" (whole numbers) or "numpy".

    Without a `path` it is onnxruntime, unless its answers to the text of `data/self_test.tsv` are off by more than 0.02: some processors
    add whole numbers otherwise. The two paths differ by some hundredths; each gives the same bits for the same text.
    """

    def __init__(self, path: str | None = None) -> None:
        tables = np.load(weights("tables.npz"))
        self._fold = tables["fold"].astype(np.uint32)
        self.features = Features(tables["ids"], tables["words"], BITS)
        self.path = path or "onnxruntime"
        self._logits = _PATHS[self.path]()
        if path is None and self.self_test() > SLACK:
            self.path = "numpy"
            self._logits = _PATHS[self.path]()

    def folded(self, codes: Codes) -> Codes:
        """Traditional characters as simplified ones, full-width ASCII as ASCII, one for one."""
        return np.where(codes < len(self._fold), self._fold[np.minimum(codes, len(self._fold) - 1)], codes)

    def read_many(self, texts: Sequence[str]) -> list[Reading]:
        """What each text holds, read on its own."""
        joined = between(texts)
        whole = self.read(self.folded(code_points(joined)))
        out, at = [], CONTEXT
        for text in texts:
            end = at + len(text)
            out.append(Reading(whole.person[at:end], whole.place[at:end], whole.organisation[at:end]))
            at = end + CONTEXT
        return out

    def read(self, codes: Codes) -> Reading:
        """What folded characters in one row hold; the first and last `CONTEXT` are right only where nothing stands beyond them."""
        row, size = self.features(codes), len(codes)
        chunk = CHUNKS[self.path]
        out = np.zeros((3, size), np.float32)
        for start in range(0, size, chunk):
            end = min(size, start + chunk)
            left, right = max(0, start - CONTEXT), min(size, end + CONTEXT)
            ids, pairs, words = row
            logits = self._logits((ids[left:right], pairs[left:right], words[left:right]))[:, start - left : end - left]
            odds = np.exp(logits - logits.max(0))
            odds /= odds.sum(0)
            out[0, start:end] = odds[1] + odds[2]
            out[1:, start:end] = odds[3:]
        return Reading(out[0], out[1], out[2])

    def self_test(self) -> float:
        """How far the answers are from those expected for a fixed text, at most."""
        lines = data.rows("self_test")
        reading = self.read_many(["".join(line[0] for line in lines)])[0]
        expected = np.array([line[1:] for line in lines], np.float32).T
        found = np.stack([reading.person, reading.place, reading.organisation])
        return float(np.abs(found - expected).max())


class _Onnx:
    """The network in whole numbers of eight bits, on one thread."""

    def __init__(self) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = onnxruntime.InferenceSession(
            weights("per_int8.onnx").read(), options, providers=["CPUExecutionProvider"]
        )

    def __call__(self, row: Row) -> npt.NDArray[np.float32]:
        ids, pairs, words = row
        inputs = {"u": ids[None], "b": pairs[None], "l": words[None]}
        out: npt.NDArray[np.float32] = self._session.run(None, inputs)[0][0, :, 0, :]
        return out


class _Numpy:
    """The same network in floats: embeddings in a row, convolutions of three with growing gaps, each added to what it read."""

    def __init__(self) -> None:
        file = np.load(weights("per_numpy.npz"))
        self._embeddings = [file["E" + k].astype(np.float32) * file["s" + k] for k in "ubl"]
        self._gaps = file["dil"].tolist()
        self._layers = [(file[f"w{i}"].astype(np.float32), file[f"b{i}"]) for i in range(len(self._gaps))]
        self._out, self._shift = file["wo"], file["bo"]

    def __call__(self, row: Row) -> npt.NDArray[np.float32]:
        count = len(row[0])
        # always one size: how a product of matrices is rounded may depend on it
        wide = [np.pad(part, (0, CHUNKS["numpy"] + 2 * CONTEXT - count)) for part in row]
        state = np.concatenate([table[part] for table, part in zip(self._embeddings, wide, strict=True)], 1)
        for layer, (gap, (weight, bias)) in enumerate(zip(self._gaps, self._layers, strict=True)):
            # beyond the row a convolution reads zeros, not what the layer before it made of zeros
            state[count:] = 0
            padded = np.pad(state, ((gap, gap), (0, 0)))
            size = len(state)
            out = sum((padded[k * gap : k * gap + size] @ weight[k] for k in range(3)), bias)
            np.maximum(out, 0, out=out)
            state = state + out if layer else out
        return np.ascontiguousarray((state @ self._out + self._shift)[:count].T)


_PATHS: dict[str, Callable[[], Logits]] = {"onnxruntime": _Onnx, "numpy": _Numpy}


def runs(mask: npt.NDArray[np.bool_]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Where the runs of true values begin and where they end."""
    edges = np.flatnonzero(np.diff(mask.view(np.int8), prepend=0, append=0))
    return edges[::2], edges[1::2]


def between(texts: Sequence[str]) -> str:
    """Texts in one row, so far from each other and from its ends that none tells on another."""
    gap = "\n" * CONTEXT
    return gap + gap.join(texts) + gap


@cache
def _sums() -> dict[str, str]:
    return {row[0]: row[1] for row in data.rows("weights")}


def weights(name: str) -> io.BytesIO:
    """A file of weights, which must be the one that data/weights.tsv names."""
    content = files(data.__name__).joinpath(name).read_bytes()
    if hashlib.sha256(content).hexdigest() != _sums()[name]:
        raise IntegrityError(f"curate/pii/names/data/{name} is not the file this version came with: install it again")
    return io.BytesIO(content)
