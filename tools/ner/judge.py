"""Train the judge of LAC's answers on labelled sentences: `python -m tools.ner.judge OUT.npz LABELLED...`.

Prints what it does on sentences left out, then trains on all and writes the weights. The sentences must be none that LAC was trained on, and
what the network says counts for nothing here: it has seen the train split of UNER by heart.
"""

from __future__ import annotations

import argparse
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from curate.pii.names import data
from curate.pii.names.cascade import Gate, gates, pieces
from curate.pii.names.features import code_points
from curate.pii.names.judge import CAPITAL, SMALL, Evidence, evidence, kinds_of
from curate.pii.names.lac import Lac
from curate.pii.names.network import CONTEXT, Network, between

from .labelled import Sentence, marked, read

__all__ = ["Examples", "Layer", "examples", "kinds", "nameless", "predict", "train"]

Floats = npt.NDArray[np.float32]

UNITS, EPOCHS, BATCH, RATE, DROPPED, DECAY = 32, 8, 512, 2e-3, 0.15, 1e-3
FOLDS = 5
LIKELY, SPOTS = 0.08, 0.012  # where LAC sees a name, and what share of other places is learnt from
AROUND = (4, 6, 10)
SURE = 0.8  # LAC is hardly ever wrong
LETTERS = re.compile("[A-Za-z]+")
TEXTS = (".txt", ".md", ".rst")
THRESHOLDS = (0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5)


@dataclass(frozen=True)
class Examples:
    """Characters: what is known of each, whether it is part of a name, which sentence it is from, and whether in a whole sentence."""

    facts: Evidence
    person: npt.NDArray[np.bool_]
    sentence: npt.NDArray[np.int64]
    whole: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Layer:
    """Weights over facts as they are."""

    inner: Floats
    inner_shift: Floats
    outer: Floats
    outer_shift: Floats


def kinds() -> npt.NDArray[np.uint8]:
    """uint8[65536], code point to kind: 0 Han, 1 capital, 2 small letter, 3 digit, 4 dot inside names, 5 and 6 brackets, 7 space, 8 break, 10 stop, 9 others."""
    out = np.full(0x10000, 9, np.uint8)
    out[0x4E00:0xA000] = 0
    out[ord("A") : ord("Z") + 1] = CAPITAL
    out[ord("a") : ord("z") + 1] = out[0xC0:0x250] = SMALL
    out[ord("0") : ord("9") + 1] = 3
    for kind, characters in (
        (4, "·•・．-"),
        (5, "（(《“「‘【["),
        (6, "）)》”」’】]"),
        (7, " "),
        (8, "\n\r"),
        (10, "，。、；：！？,.;:!?"),
    ):
        out[[ord(c) for c in characters]] = kind
    return out


def examples(sentences: list[Sentence], network: Network, lac: Lac, first: int = 0, seed: int = 0) -> Examples:
    """Whole sentences, and pieces of them as the cascade cuts them: around names, around what LAC takes for one, and elsewhere."""
    texts = [text for text, _ in sentences]
    codes = network.folded(code_points(between(texts)))
    lengths = np.array([len(text) for text in texts])
    starts = CONTEXT + np.concatenate([[0], np.cumsum(lengths + CONTEXT)[:-1]])
    person, owner = np.zeros(len(codes), np.bool_), np.full(len(codes), -1)
    for which, (start, sentence) in enumerate(zip(starts, sentences, strict=True)):
        person[start : start + len(sentence[0])] = marked(sentence, "PER")
        owner[start : start + len(sentence[0])] = first + which
    words, table = network.features.words(network.features.ids(codes)), kinds()
    facts, places, whole = [], [], []

    def add(starts: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64], is_whole: bool) -> None:
        for which, said in lac.read(codes, starts, lengths):
            at = starts[which][:, None] + np.arange(said.shape[1])
            known = evidence(said, lac.tags, kinds_of(codes[at], table), words[at])
            facts.append(known.reshape(-1, known.shape[2]))
            places.append(at.ravel())
            whole.append(np.full(at.size, is_whole))

    add(starts, lengths, True)
    likely = np.zeros(len(codes), np.bool_)
    # see `evidence`: the logarithms of the names come first, then the names themselves
    likely[np.concatenate(places)] = np.concatenate([known[:, 6] + known[:, 7] for known in facts]) > LIKELY
    random = np.random.default_rng(seed)
    for around in AROUND:
        spots = random.random(len(codes)) < SPOTS
        asked = (person | likely | spots | np.roll(spots, 1)) & (owner >= 0)
        gate = Gate(profile="train", low=0.1, high=1, around=around, longest=128, weight=1)
        some, ends = pieces(codes, asked.astype(np.float32) * np.float32(0.5), gate)
        add(some, ends - some, False)
    at = np.concatenate(places)
    return Examples(np.concatenate(facts), person[at], owner[at], np.concatenate(whole))


def nameless(texts: list[str], network: Network, lac: Lac) -> Examples:
    """What the cascade asks about in texts that hold next to no names: statutes, recipes, manuals with phrases in capitals.

    Pieces with a name after all are left out: LAC is sure of one, or a word is a given name.
    """
    codes = network.folded(code_points(between(texts)))
    words, table = network.features.words(network.features.ids(codes)), kinds()
    names = {row[0] for row in data.rows("given_latin")}
    gate = gates()["recall"].model_copy(update={"around": AROUND[0]})
    starts, ends = pieces(codes, network.read(codes).person, gate)
    facts, owner = [], []
    for which, said in lac.read(codes, starts, ends - starts):
        at = starts[which][:, None] + np.arange(said.shape[1])
        person = said[..., [lac.tags["PER-B"], lac.tags["PER-I"]]].sum(2).max(1)
        written = [row.astype("<u4").tobytes().decode("utf-32-le", "surrogatepass") for row in codes[at]]
        plain = np.array([names.isdisjoint(LETTERS.findall(piece)) for piece in written]) & (person < SURE)
        known = evidence(said, lac.tags, kinds_of(codes[at], table), words[at])[plain]
        facts.append(known.reshape(-1, known.shape[2]))
        owner.append(np.repeat(which[plain], said.shape[1]))
    rows = np.concatenate(facts)
    return Examples(rows, np.zeros(len(rows), np.bool_), np.concatenate(owner), np.zeros(len(rows), np.bool_))


def train(
    facts: Evidence, person: npt.NDArray[np.bool_], units: int = UNITS, epochs: int = EPOCHS, seed: int = 0
) -> Layer:
    """Weights that make P(person) of facts: logistic loss, Adam, facts dropped at random."""
    random = np.random.default_rng(seed)
    mean, spread = facts.mean(0), facts.std(0) + np.float32(0.05)
    inner = random.normal(0, facts.shape[1] ** -0.5, (facts.shape[1], units)).astype(np.float32)
    outer = random.normal(0, units**-0.5, units).astype(np.float32)
    inner_shift, outer_shift = np.zeros(units, np.float32), np.full(1, -2, np.float32)
    weights = [inner, inner_shift, outer, outer_shift]
    first, second = [np.zeros_like(w) for w in weights], [np.zeros_like(w) for w in weights]
    step, steps = 0, epochs * (len(facts) // BATCH)
    for _ in range(epochs):
        order = random.permutation(len(facts))
        for at in range(0, len(order) - BATCH + 1, BATCH):
            some = order[at : at + BATCH]
            seen = (facts[some] - mean) / spread
            seen *= (random.random(seen.shape, dtype=np.float32) > DROPPED) / np.float32(1 - DROPPED)
            sums = seen @ inner + inner_shift
            active = np.maximum(sums, 0)
            wrong = ((_sigmoid(active @ outer + outer_shift) - person[some]) / BATCH).astype(np.float32)
            back = np.outer(wrong, outer) * (sums > 0)
            slopes = [seen.T @ back, back.sum(0), active.T @ wrong, wrong.sum(keepdims=True)]
            step += 1
            rate = RATE * (1 - step / steps) + 1e-5
            for weight, slope, m, v in zip(weights, slopes, first, second, strict=True):
                m += 0.1 * (slope - m)
                v += 0.01 * (slope * slope - v)
                weight -= rate * (m / (1 - 0.9**step)) / (np.sqrt(v / (1 - 0.99**step)) + 1e-8)
            inner -= rate * DECAY * inner
    scaled = inner / spread[:, None]
    return Layer(scaled, inner_shift - mean @ scaled, outer, outer_shift)


def predict(layer: Layer, facts: Evidence) -> Floats:
    """P(person) of each character."""
    active = np.maximum(facts @ layer.inner + layer.inner_shift, 0)
    return _sigmoid(active @ layer.outer + layer.outer_shift).astype(np.float32)


def _sigmoid(x: Floats) -> Floats:
    out: Floats = 1 / (1 + np.exp(-x.clip(-30, 30)))
    return out


def shown(person: npt.NDArray[np.bool_], likely: Floats) -> str:
    """Leak and precision in percent of characters, at several thresholds."""
    out = []
    for threshold in THRESHOLDS:
        said = likely > threshold
        leak, precision = (person & ~said).sum() / person.sum(), (person & said).sum() / max(1, said.sum())
        out.append(f"{threshold}: {leak:.1%}/{precision:.1%}")
    return "  ".join(out)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("labelled", type=Path, nargs="+")
    parser.add_argument("--plain", type=Path, nargs="*", default=[], help="folders of texts with next to no names")
    parser.add_argument("--every", type=int, default=1, help="read every n-th text of them")
    chosen = parser.parse_args()
    network, lac = Network(), Lac()
    texts = [
        file.read_text("utf-8", "replace")
        for folder in chosen.plain
        for file in sorted(folder.rglob("*"))
        if file.suffix in TEXTS
    ]
    files = [nameless(texts[:: chosen.every], network, lac)] if texts else []
    files += [examples(read(path), network, lac, seed=n) for n, path in enumerate(chosen.labelled)]
    joined = Examples(
        *(np.concatenate([getattr(one, part) for one in files]) for part in ("facts", "person", "sentence", "whole"))
    )
    likely, fold = np.zeros(len(joined.person), np.float32), joined.sentence % FOLDS
    for left_out in range(FOLDS):
        layer = train(joined.facts[fold != left_out], joined.person[fold != left_out])
        likely[fold == left_out] = predict(layer, joined.facts[fold == left_out])
    lac_says = joined.facts[:, 6] + joined.facts[:, 7]
    for name, part in (("sentences", joined.whole), ("pieces and plain texts", ~joined.whole)):
        print(f"leak/precision on {name} left out: LAC   {shown(joined.person[part], lac_says[part])}")
        print(f"leak/precision on {name} left out: judge {shown(joined.person[part], likely[part])}")
    layer = train(joined.facts, joined.person)
    np.savez_compressed(chosen.out, kinds=kinds(), **vars(layer))


if __name__ == "__main__":
    main()
