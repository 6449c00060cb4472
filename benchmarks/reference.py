"""The exact reference of the deduplication benchmark, and the score of a tool against it.

`reference.py pairs CORPUS.jsonl OUT.npz` finds every pair of documents whose sets of 5 code points in a row have a Jaccard
similarity of at least 0.8. Nothing is estimated or hashed, and nothing of `curate` is used: shingles are numbered by
sorting, and pairs are found by prefix filtering (Bayardo, Ma, Srikant, Scaling up all pairs similarity search, 2007).

`reference.py score OUT.npz KEPT` prints as JSON how a tool that kept KEPT did; KEPT is a JSON list of ids, or the ledger of
`curate dedup`.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from numba import njit

SHINGLE = 5
THRESHOLD = 0.8


def documents(corpus: Path) -> tuple[list[str], list[str]]:
    ids, texts = [], []
    with corpus.open("rb") as lines:
        for line in lines:
            document = json.loads(line)
            ids.append(str(document["id"]))
            texts.append(document["text"])
    if len(set(ids)) < len(ids):
        raise SystemExit(f"{corpus}: an id occurs twice")
    return ids, texts


def numbered(values: np.ndarray) -> tuple[np.ndarray, int]:
    """Each value's place among the distinct ones, and how many those are."""
    distinct, places = np.unique(values, return_inverse=True)
    return places, len(distinct)


def shingle_sets(texts: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """The distinct shingles of each text, the rarest of the corpus first, and the bounds of each text's share.

    A text shorter than a shingle is one shingle, the whole of it; an empty text has none.
    """
    lengths = np.array([len(text) for text in texts])
    starts = np.cumsum(lengths + SHINGLE - 1) - (lengths + SHINGLE - 1)
    padded = "".join(text + " " * (SHINGLE - 1) for text in texts).encode("utf-32-le", "surrogatepass")
    points = np.frombuffer(padded, np.uint32).astype(np.int64) + 1
    for k in range(SHINGLE - 1):
        points[starts + lengths + k] = 0  # no character: what a short text is filled up with
    one, characters = numbered(points)
    two, bigrams = numbered(one[:-1] * characters + one[1:])
    four, _ = numbered(two[:-2] * bigrams + two[2:])
    shingles, count = numbered(four[:-1] * characters + one[4:])
    sizes = np.where(lengths > 0, np.maximum(lengths - SHINGLE + 1, 1), 0)
    text = np.repeat(np.arange(len(texts)), sizes)
    shingles = shingles[np.arange(len(text)) - np.repeat(np.cumsum(sizes) - sizes, sizes) + np.repeat(starts, sizes)]
    text, shingles = np.divmod(np.unique(text * count + shingles), count)
    rarity = np.empty(count, np.int64)
    rarity[np.argsort(np.bincount(shingles, minlength=count), kind="stable")] = np.arange(count)
    shingles = np.sort(text * count + rarity[shingles]) % count
    return shingles, np.concatenate([[0], np.cumsum(np.bincount(text, minlength=len(texts)))])


@njit
def similar(shingles, bounds, order, distinct, threshold):  # type: ignore[no-untyped-def]
    """Every pair with a Jaccard of at least `threshold`; `order` names the texts from the smallest set to the largest.

    Of two such sets the rarest 1 - threshold of one and those of the other share a shingle.
    """
    texts = len(bounds) - 1
    prefix = np.zeros(texts, np.int64)
    occurs = np.zeros(distinct + 1, np.int64)
    for x in range(texts):
        size = bounds[x + 1] - bounds[x]
        if size:
            prefix[x] = size - np.int64(np.ceil(threshold * size - 1e-6)) + 1
        for shingle in shingles[bounds[x] : bounds[x] + prefix[x]]:
            occurs[shingle + 1] += 1
    first = np.cumsum(occurs)  # where a shingle's list of texts begins
    length = np.zeros(distinct, np.int64)
    lists = np.empty(first[-1], np.int64)
    met = np.full(texts, -1)
    left, right, measured = [], [], []
    for x in order:
        size = bounds[x + 1] - bounds[x]
        for shingle in shingles[bounds[x] : bounds[x] + prefix[x]]:
            for at in range(first[shingle], first[shingle] + length[shingle]):
                y = lists[at]
                other = bounds[y + 1] - bounds[y]
                if met[y] == x or other < threshold * size - 1e-6:
                    continue
                met[y] = x
                i, j, common = bounds[x], bounds[y], 0
                while i < bounds[x + 1] and j < bounds[y + 1]:
                    a, b = shingles[i], shingles[j]
                    common += a == b
                    i += a <= b
                    j += b <= a
                jaccard = common / (size + other - common)
                if jaccard >= threshold:
                    left.append(min(x, y))
                    right.append(max(x, y))
                    measured.append(jaccard)
            lists[first[shingle] + length[shingle]] = x
            length[shingle] += 1
    return np.array(left), np.array(right), np.array(measured)


def pairs(corpus: Path, out: Path) -> None:
    ids, texts = documents(corpus)
    shingles, bounds = shingle_sets(texts)
    order = np.argsort(np.diff(bounds), kind="stable")
    left, right, jaccard = similar(shingles, bounds, order, int(shingles.max()) + 1, THRESHOLD)
    np.savez(out, ids=np.array(ids), left=left, right=right, jaccard=jaccard)


def components(left: np.ndarray, right: np.ndarray, texts: int) -> np.ndarray:
    """For each text the least text that pairs lead to."""
    parent = list(range(texts))

    def find(x: int) -> int:
        while parent[x] != x:
            parent[x] = parent[parent[x]]
            x = parent[x]
        return x

    for x, y in zip(left.tolist(), right.tolist(), strict=True):
        x, y = find(x), find(y)
        parent[max(x, y)] = min(x, y)
    return np.array([find(x) for x in range(texts)])


def kept_ids(file: Path) -> list[str]:
    if file.suffix == ".json":
        return [str(kept) for kept in json.loads(file.read_bytes())]
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    ledger = pq.read_table(file, columns=["input_id", "fate"])
    return [str(kept) for kept in ledger.filter(pc.field("fate") == "kept")["input_id"].to_pylist()]


def score(reference: Path, file: Path) -> dict[str, float]:
    """What was removed, and how rightly.

    `recall`: of the pairs, those of which at least one side was removed. `precision`: of the removed, those that pairs
    connect with a kept document. `direct`: of the removed, those that are themselves a pair with a kept document.
    """
    found = np.load(reference)
    ids, left, right = found["ids"], found["left"], found["right"]
    row = {name: i for i, name in enumerate(ids.tolist())}
    kept = np.zeros(len(ids), bool)
    kept[[row[name] for name in kept_ids(file)]] = True
    removed = ~kept
    component = components(left, right, len(ids))
    connected = np.isin(component, component[kept])
    partner = np.zeros(len(ids), bool)
    partner[left[kept[right]]] = True
    partner[right[kept[left]]] = True
    return {
        "documents": len(ids),
        "pairs": len(left),
        "removed": int(removed.sum()),
        "recall": float((removed[left] | removed[right]).mean()) if len(left) else 1.0,
        "precision": float(connected[removed].mean()) if removed.any() else 1.0,
        "direct": float(partner[removed].mean()) if removed.any() else 1.0,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    tasks = parser.add_subparsers(dest="task", required=True)
    for task, names in (("pairs", ("corpus", "out")), ("score", ("reference", "kept"))):
        sub = tasks.add_parser(task)
        for name in names:
            sub.add_argument(name, type=Path)
    arguments = parser.parse_args()
    if arguments.task == "pairs":
        pairs(arguments.corpus, arguments.out)
    else:
        print(json.dumps(score(arguments.reference, arguments.kept)))


if __name__ == "__main__":
    main()
