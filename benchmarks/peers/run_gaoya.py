"""gaoya: 16 bands of 8, 5 characters in a row; keeps a document unless one kept before it is similar by signature."""

import json
import sys
from pathlib import Path

import orjson
from gaoya.minhash import MinHashStringIndex

corpus, out, _ = sys.argv[1:]
index = MinHashStringIndex(
    hash_size=32,
    jaccard_threshold=0.8,
    num_bands=16,
    band_size=8,
    num_hashes=None,
    analyzer="char",
    lowercase=False,
    ngram_range=(5, 5),
    id_container="vec",
)
kept = []
with Path(corpus).open("rb") as lines:
    for line in lines:
        document = orjson.loads(line)
        if not index.query(document["text"]):
            index.insert_document(len(kept), document["text"])
            kept.append(document["id"])
Path(out).write_text(json.dumps(kept))
