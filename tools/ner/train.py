"""Train the network: `python -m tools.ner.train OUT.pt TABLES.npz DICT.txt --taught TAUGHT.npz... --labelled FILE...`.

Needs torch (the extra `train`). One epoch has every taught piece with a name and its copy with made-up names, a share of the others, labelled
sentences thrice and thrice with made-up names, and sentences of templates.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from curate.pii.names.features import Features, code_points
from curate.pii.names.network import BITS
from curate.pii.names.words import foreign, surname

from .labelled import Span, read
from .made_up import Maker, sentence, templates
from .targets import Targets, of_labels, of_teacher, swapped, together

__all__ = ["Corpus", "Piece", "given_names"]

WIDTHS = {"u": 48, "b": 32, "l": 16}
CHANNELS, GAPS, CLASSES = 64, (1, 2, 4, 8), 5
EPOCHS, RATE, TOKENS, DROPPED = 8, 3e-3, 16384, 0.1
PLAIN, GOLD = 0.35, 3  # share of pieces without a name, copies of labelled sentences
TEMPLATES, TRAPS = 25000, 6000
GIVEN = 1300  # characters of given names
KNOWN = 0.6  # how much the names of the texts count beside those of the dictionary

Row = tuple[npt.NDArray[np.uint32], Targets]


@dataclass(frozen=True)
class Piece:
    """A piece of text, what the network is to say of it, and the names in it."""

    text: str
    targets: Targets
    names: list[Span]


class Corpus:
    """What is trained on."""

    def __init__(
        self,
        taught: list[Path],
        labelled: list[Path],
        dictionary: Path,
        features: Features,
        folded: npt.NDArray[np.uint16],
    ) -> None:
        self._features, self._folded = features, folded
        self._taught, self._gold = [], []
        for path in taught:
            file, at = np.load(path), 0
            for text in map(str, file["pieces"]):
                self._taught.append(
                    Piece(text, *of_teacher(text, file["said"][at : at + len(text)].astype(np.float32)))
                )
                at += len(text)
        for one in (one for path in labelled for one in read(path)):
            self._gold.append(Piece(one[0], of_labels(one), [span for span in one[1] if span[2] == "PER"]))
        words = (line.split() for line in dictionary.read_text("utf-8").splitlines())
        names = [piece.text[a:b] for piece in self._taught for a, b, _ in piece.names]
        self._given = given_names(names, [word for word, _, tag in words if tag == "nr"])
        sounds, _ = foreign()
        parts = {part for name in names for part in re.split("[·•・．]", name)}
        self._foreign = sorted(part for part in parts if 2 <= len(part) <= 6 and set(part) <= sounds)

    def epoch(self, seed: int) -> list[Row]:
        """Rows of ids and targets."""
        maker, random = Maker(self._given, self._foreign, seed), np.random.default_rng(seed)
        pairs: list[tuple[str, Targets]] = []
        for piece in self._taught:
            if piece.names or random.random() < PLAIN:
                pairs.append((piece.text, piece.targets))
            pairs += filter(None, [swapped(piece.text, piece.targets, piece.names, maker)])
        for piece in self._gold:
            pairs += [(piece.text, piece.targets)] * GOLD
            pairs += filter(None, (swapped(piece.text, piece.targets, piece.names, maker) for _ in range(GOLD)))
        for name, count in (("with_names", TEMPLATES), ("without_names", TRAPS)):
            lines = templates(name)
            made = (sentence(maker, maker.random.choice(lines)) for _ in range(count))
            pairs += [(one[0], of_labels(one)) for one in made]
        rows = [(self._features.ids(self._read(text)), targets) for text, targets in pairs if text]
        return together(rows, random)

    def _read(self, text: str) -> npt.NDArray[np.uint32]:
        codes = code_points(text)
        return np.where(codes < len(self._folded), self._folded[np.minimum(codes, 0xFFFF)], codes).astype(np.uint32)


def given_names(found: list[str], known: list[str]) -> dict[str, float]:
    """How often characters are in given names: those of Chinese names found in texts, and those of a dictionary."""
    shares: dict[str, float] = {}
    for names, weight in ((found, KNOWN), (known, 1 - KNOWN)):
        counts = Counter(c for name in names if 2 <= len(name) <= 3 and surname(name, 0) == 1 for c in name[1:])
        for character, count in counts.items():
            shares[character] = shares.get(character, 0) + weight * count / counts.total()
    return dict(sorted(shares.items(), key=lambda row: (-row[1], row[0]))[:GIVEN])


def batches(
    rows: list[Row], features: Features, random: np.random.Generator
) -> Iterator[tuple[list[npt.NDArray[np.int32]], Targets]]:
    """Rows of about one length, padded, `TOKENS` characters at once."""
    lengths = np.array([len(ids) for ids, _ in rows])
    groups: list[list[int]] = [[]]
    for which in np.argsort(lengths + random.random(len(rows)) * 6):
        if (len(groups[-1]) + 1) * (lengths[which] + 8) > TOKENS and groups[-1]:
            groups.append([])
        groups[-1].append(int(which))
    for at in random.permutation(len(groups)):
        group = groups[at]
        width = int(lengths[group].max()) + 4
        ids, targets = np.zeros((len(group), width), np.uint32), np.zeros((len(group), width, CLASSES), np.float32)
        for place, which in enumerate(group):
            ids[place, : lengths[which]], targets[place, : lengths[which]] = rows[which]
        flat = ids.ravel()  # rows end in zeros, so what is known of the flat array is known of the rows
        known = flat.astype(np.int32), features.pairs(flat), features.words(flat)
        yield [part.reshape(ids.shape) for part in known], targets


def main() -> None:
    import torch
    from torch import nn
    from torch.nn import functional

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("tables", type=Path)
    parser.add_argument("dictionary", type=Path)
    parser.add_argument("--taught", type=Path, nargs="+", required=True)
    parser.add_argument("--labelled", type=Path, nargs="*", default=[])
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    chosen = parser.parse_args()
    torch.set_num_threads(1)  # two are slower here
    torch.manual_seed(0)
    tables = np.load(chosen.tables)
    features = Features(tables["ids"], tables["words"], BITS)
    corpus = Corpus(chosen.taught, chosen.labelled, chosen.dictionary, features, tables["fold"])

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            sizes = {"u": int(tables["ids"].max()) + 1, "b": 1 << BITS, "l": 1 << 12}
            for name, spread in (("u", 0.3), ("b", 0.05), ("l", 0.1)):
                table = nn.Embedding(sizes[name], WIDTHS[name])
                nn.init.normal_(table.weight, 0, spread)
                setattr(self, name, table)
            widths = [sum(WIDTHS.values()), *[CHANNELS] * (len(GAPS) - 1)]
            # in two dimensions, channels last: twice as fast on a processor as in one
            self.c = nn.ModuleList(
                nn.Conv2d(width, CHANNELS, (1, 3), dilation=(1, gap), padding=(0, gap)).to(
                    memory_format=torch.channels_last
                )
                for width, gap in zip(widths, GAPS, strict=True)
            )
            self.o = nn.Linear(CHANNELS, CLASSES)

        def forward(self, parts):
            state = torch.cat([getattr(self, name)(part) for name, part in zip("ubl", parts, strict=True)], -1)
            state = functional.dropout(state, DROPPED, self.training).unsqueeze(1).permute(0, 3, 1, 2)
            for layer, convolution in enumerate(self.c):
                out = functional.relu(convolution(state))
                state = state + out if layer else out
            return self.o(state.permute(0, 2, 3, 1).squeeze(1))

    net, step = Net(), 0
    tables_of = [net.u.weight, net.b.weight, net.l.weight]
    others = [*net.c.parameters(), *net.o.parameters()]
    groups = [{"params": tables_of, "weight_decay": 1e-4}, {"params": others, "weight_decay": 1e-3}]
    optimiser = torch.optim.AdamW(groups, lr=RATE, betas=(0.9, 0.98))
    for epoch in range(chosen.epochs):
        made = list(batches(corpus.epoch(epoch), features, np.random.default_rng(epoch)))
        losses = []
        for parts, targets in made:
            rate = RATE * min(1, step / 200) * max(0.02, 1 - step / (len(made) * chosen.epochs))
            optimiser.param_groups[0]["lr"], optimiser.param_groups[1]["lr"] = rate, 0.6 * rate
            wanted = torch.from_numpy(targets)
            said = functional.log_softmax(net([torch.from_numpy(part.astype(np.int64)) for part in parts]), -1)
            loss = -(wanted * said).sum(-1)[wanted.sum(-1) > 0].mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            step += 1
            losses.append(float(loss.detach()))
        print(f"epoch {epoch}: loss {np.mean(losses):.4f}", flush=True)
        torch.save({"weights": net.state_dict(), "gaps": list(GAPS)}, chosen.out)


if __name__ == "__main__":
    main()
