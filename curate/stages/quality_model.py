"""The quality score: a logistic model over the measures of quality, each of which may only lower it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from .tables import rows

__all__ = ["TAKEN", "Feature", "Model", "load_model", "raw_features"]

Floats = npt.NDArray[np.float64]

TAKEN: dict[str, Callable[[Floats, Mapping[str, Floats]], Floats]] = {
    "plain": lambda x, _: x,
    "log": lambda x, _: np.log1p(x),
    "per_char": lambda x, columns: x / np.maximum(columns["chars"], 1.0),
    "per_log": lambda x, columns: x / np.log1p(np.maximum(columns["chars"], 1.0)),
    "heaps": lambda x, columns: 1.0 + np.log(np.maximum(x, 1e-9)) / np.log(np.maximum(columns["chars"], 2.0)),
    "less_half_latin": lambda x, columns: x - 0.5 * columns["latin_share"],
}
"""How a measure is taken: as it is, or as the length or the Latin letters of code and formulae let one expect."""


class Feature(NamedTuple):
    """How far a measure lies beyond a bound: `over` or `under` it; 0 on the other side."""

    measure: str
    taken: str
    """A key of `TAKEN`."""
    side: str
    bound: float


def raw_features(features: list[Feature], columns: Mapping[str, Floats]) -> Floats:
    """How far each record lies beyond each bound, shape (records, features)."""
    # Contiguous, since numpy may compute logarithms of strided columns in another way, and one row always is contiguous.
    columns = {name: np.ascontiguousarray(values) for name, values in columns.items()}
    out = np.empty((len(columns["chars"]), len(features)))
    for i, (measure, taken, side, bound) in enumerate(features):
        beyond = TAKEN[taken](columns[measure], columns) - bound
        out[:, i] = np.maximum(beyond if side == "over" else -beyond, 0.0)
    return out


class Model(NamedTuple):
    """A logistic model: sum of weights × (feature - mean) / scale."""

    features: list[Feature]
    mean: Floats
    scale: Floats
    weight: Floats
    """None is positive."""
    intercept: float

    def score(self, columns: Mapping[str, Floats]) -> Floats:
        """From 0 to 1 for each record of `columns`, the measures by name; 1 is the best."""
        x = (raw_features(self.features, columns) - self.mean) / self.scale
        # A sum by columns, not a matrix product, whose order of summing could depend on the number of records.
        z = np.full(len(x), self.intercept)
        for i, weight in enumerate(self.weight.tolist()):
            z += weight * x[:, i]
        score: Floats = 0.5 * (1.0 + np.tanh(0.5 * z))
        return score

    def why(self, columns: Mapping[str, Floats], row: int) -> list[tuple[str, float]]:
        """What lowers the score of record `row`, with how much in log-odds, the most first."""
        beyond = raw_features(self.features, {name: values[row : row + 1] for name, values in columns.items()})[0]
        lost: dict[str, float] = {}
        for feature, part in zip(self.features, (beyond * self.weight / self.scale).tolist(), strict=True):
            if part < 0:
                name = f"{feature.measure} {feature.side}"
                lost[name] = lost.get(name, 0.0) + part
        return sorted(lost.items(), key=lambda item: (item[1], item[0]))


def load_model() -> Model:
    """The model of `data/quality_model.tsv`, made by tools/train_quality_model.py."""
    (_, _, _, _, _, _, intercept), *lines = rows("quality_model.tsv")
    features = [Feature(measure, taken, side, float(bound)) for measure, taken, side, bound, *_ in lines]
    mean, scale, weight = (np.array([float(line[i]) for line in lines]) for i in (4, 5, 6))
    return Model(features, mean, scale, weight, float(intercept))
