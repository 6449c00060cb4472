"""rensa: R-MinHash and its LSH, 16 bands of 8, 5 characters in a row; keeps a document unless one kept before it is a candidate.

A hundred documents go into a call: with thousands the lists of shingles leave the processor's cache, and it takes almost
twice as long. `RMinHashDeduplicator`, which also compares signatures, takes as long, with more precision and less recall.
"""

import itertools
import json
import sys
from pathlib import Path

import orjson
from rensa import RMinHash, RMinHashLSH

SHINGLE, BATCH = 5, 100

corpus, out, _ = sys.argv[1:]
index = RMinHashLSH(threshold=0.8, num_perm=128, num_bands=16)
kept = []
with Path(corpus).open("rb") as lines:
    while documents := [orjson.loads(line) for line in itertools.islice(lines, BATCH)]:
        shingles = [
            [text[i : i + SHINGLE] for i in range(max(1, len(text) - SHINGLE + 1))]
            for text in (document["text"] for document in documents)
        ]
        for document, sketch in zip(documents, RMinHash.from_token_sets(shingles, 128, 42), strict=True):
            if not index.query(sketch):
                index.insert(len(kept), sketch)
                kept.append(document["id"])
Path(out).write_text(json.dumps(kept))
