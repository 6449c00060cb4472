"""Train the quality score: write curate/stages/data/quality_model.tsv.

    python -m tools.train_quality_model [--check]

Good texts are the documents of examples/ and what tools/quality/good.py makes of them, bad ones what tools/quality/damage.py
makes; every fifth domain is held out, with all that is made of its documents. `--check` writes nothing and exits 1
if the file is not what training gives.
"""

from __future__ import annotations

import sys
from pathlib import Path
from random import Random
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curate.kernels.quality import measure
from curate.records import text_buffers
from curate.stages.quality import character_classes, character_traits, shares
from curate.stages.quality_model import TAKEN, Feature, Model, raw_features
from tools.quality.damage import BAD
from tools.quality.good import GOOD
from tools.quality.phrases import example_texts, stock

TABLE = Path(__file__).parents[1] / "curate" / "stages" / "data" / "quality_model.tsv"
FEATURES = Path(__file__).parent / "quality" / "features.tsv"
DATE = "2026-11-23"
SEED = 4
TRAINING, HELD_OUT = 10_000, 2_600
"""Texts; half good and half bad, the same number of each kind."""
RIDGE = 1.0

Floats = npt.NDArray[np.float64]


class Texts(NamedTuple):
    """Texts by kind, the good kinds first."""

    kinds: list[str]
    texts: list[str]

    def good(self) -> npt.NDArray[np.bool_]:
        return np.array([kind in GOOD for kind in self.kinds])


def make(documents: list[str], count: int, random: Random) -> Texts:
    """About `count` texts made of `documents`."""
    materials = stock(documents, random)
    kinds, texts = [], []
    for group in (GOOD, BAD):
        for kind, generate in group.items():
            for _ in range(count // 2 // len(group)):
                kinds.append(kind)
                texts.append(generate(materials, random))
    return Texts(kinds, texts)


def split(count: int = 1) -> tuple[Texts, Texts]:
    """The texts to train on and those held out, both `count` times fewer than there are."""
    training: list[str] = []
    held_out: list[str] = []
    for i, texts in enumerate(example_texts().values()):
        (held_out if i % 5 == 4 else training).extend(texts)
    return make(training, TRAINING // count, Random(SEED)), make(held_out, HELD_OUT // count, Random(SEED + 1))


def columns_of(texts: list[str]) -> dict[str, Floats]:
    """The measures of texts by name."""
    classes, lost = character_classes()
    encoded = pa.array([text.encode("utf-8", "replace").decode() for text in texts], pa.string())
    return shares(measure(*text_buffers(encoded), classes, lost, *character_traits()))


def bounded(columns: dict[str, Floats], good: npt.NDArray[np.bool_]) -> list[Feature]:
    """The features of features.tsv, each with its bound, a quantile of the good texts."""
    features = []
    for line in FEATURES.read_text("utf-8").splitlines():
        if not line.startswith("#"):
            name, taken, side, quantile = line.split("\t")
            values = TAKEN[taken](columns[name], columns)[good]
            features.append(Feature(name, taken, side, float(f"{np.quantile(values, float(quantile)):.6g}")))
    return features


def fit(x: Floats, y: Floats, ridge: float = RIDGE) -> tuple[Floats, float]:
    """The weights, none positive, and the intercept that make ridge-penalised logistic loss least.

    Newton's method; each step minimises its quadratic by coordinates, a weight that would be positive is 0.
    """
    x = np.column_stack([x, np.ones(len(x))])
    penalty = np.full(x.shape[1], ridge)
    penalty[-1] = 0.0
    w = np.zeros(x.shape[1])
    for _ in range(50):
        p = 0.5 * (1.0 + np.tanh(0.5 * (x @ w)))
        gradient = x.T @ (p - y) + penalty * w
        hessian = (x * (p * (1 - p))[:, None]).T @ x + np.diag(penalty)
        step = np.zeros(len(w))
        for _ in range(1_000):
            before = step.copy()
            for k in range(len(w)):
                step[k] -= (gradient[k] + hessian[k] @ step) / hessian[k, k]
                if k < len(w) - 1:
                    step[k] = min(step[k], -w[k])
            if np.abs(step - before).max() < 1e-12:
                break
        w += step
        if np.abs(step).max() < 1e-10:
            break
    return w[:-1], float(w[-1])


def train(texts: Texts) -> Model:
    """The model of good and bad texts."""
    columns, good = columns_of(texts.texts), texts.good()
    features = bounded(columns, good)
    x = raw_features(features, columns)
    mean, scale = x.mean(axis=0), x.std(axis=0)
    scale[scale == 0] = 1.0
    weight, intercept = fit((x - mean) / scale, good.astype(np.float64))
    return Model(features, mean, scale, weight, intercept)


def auc(good: Floats, bad: Floats) -> float:
    """The share of pairs of which the good text has the higher score, equal ones half."""
    ordered = np.sort(bad)
    below, upto = np.searchsorted(ordered, good, "left"), np.searchsorted(ordered, good, "right")
    return float((below + upto).mean() / 2 / len(bad))


def figures(model: Model, texts: Texts) -> list[tuple[str, int, float, float]]:
    """For each kind: texts, AUC against the other side, share on the right side of 0.5; then for all."""
    score, good, kinds = model.score(columns_of(texts.texts)), texts.good(), np.array(texts.kinds)
    out = []
    for kind in [*GOOD, *BAD]:
        of = kinds == kind
        better, worse = (score[of], score[~good]) if kind in GOOD else (score[good], score[of])
        out.append((kind, int(of.sum()), auc(better, worse), float(((score[of] > 0.5) == good[of]).mean())))
    out.append(("all", len(good), auc(score[good], score[~good]), float(((score > 0.5) == good).mean())))
    return out


def table(model: Model, made: int, held_out: list[tuple[str, int, float, float]]) -> str:
    """The file's text."""
    *kinds, (_, _, whole, right) = held_out
    lines = [
        "# measure, how it is taken, side that lowers the score, bound, mean, scale, weight of what lies beyond the bound; first the "
        f"intercept. Made by tools/train_quality_model.py on {made:,} texts of {len(GOOD)} good and {len(BAD)} bad kinds, {DATE}.",
        f"# Held out, {sum(n for _, n, _, _ in kinds):,} texts: AUC {whole:.3f}, {right:.1%} on the right side of 0.5. "
        "Share on the right side by kind: " + ", ".join(f"{kind} {share:.2f}" for kind, _, _, share in kinds) + ".",
        f"intercept\t\t\t\t\t\t{model.intercept:.6f}",
    ]
    for f, mean, scale, weight in zip(model.features, model.mean, model.scale, model.weight, strict=True):
        if weight < 0:
            lines.append(f"{f.measure}\t{f.taken}\t{f.side}\t{f.bound:.6g}\t{mean:.6g}\t{scale:.6g}\t{weight:.6f}")
    return "\n".join(lines) + "\n"


def main(check: bool) -> int:
    """Train, and write or compare the table."""
    training, held_out = split()
    model = train(training)
    text = table(model, len(training.texts), figures(model, held_out))
    if check:
        return int(text != TABLE.read_text("utf-8"))
    TABLE.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
