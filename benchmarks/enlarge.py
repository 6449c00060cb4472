"""Make a larger corpus of a smaller one: `python benchmarks/enlarge.py IN.jsonl OUT.jsonl MEGABYTES`.

The documents come again, each time with the 2,500 commonest Chinese characters exchanged among each other once more: such
a text has little in common with the one it was made from, and its near duplicates are as near as before. Ids must be
numbers below 1,000,000. The same input gives the same bytes.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
from collections import Counter
from pathlib import Path

SAMPLE, CHARACTERS, SEED = 5000, 2500, 11
ID_STEP = 1_000_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("megabytes", type=float)
    arguments = parser.parse_args()
    with arguments.corpus.open("rb") as lines:
        documents = [json.loads(line) for line in lines]
    counts = Counter(c for document in documents[:SAMPLE] for c in document["text"] if "\u4e00" <= c <= "\u9fff")
    common = [c for c, _ in counts.most_common(CHARACTERS)]
    exchanged = common.copy()
    random.Random(SEED).shuffle(exchanged)
    table = str.maketrans(dict(zip(common, exchanged, strict=True)))
    left = arguments.megabytes * 1e6
    with arguments.out.open("wb") as out:
        for turn in itertools.count():
            for document in documents:
                line = json.dumps({"id": document["id"] + turn * ID_STEP, "text": document["text"]}, ensure_ascii=False)
                data = line.encode() + b"\n"
                left -= len(data)
                if left < 0:
                    return
                out.write(data)
                document["text"] = document["text"].translate(table)


if __name__ == "__main__":
    main()
