"""rensa by its matrix calls, 4,000 documents in each: R-MinHash, 16 bands of 8, 5 characters in a row.

A document whose flag is set is removed. Flags are set for every member of a group that comes in one call, the first too.
"""

import itertools
import json
import sys
from pathlib import Path

import orjson
from rensa import RMinHash, RMinHashLSH

SHINGLE, BATCH = 5, 4000

corpus, out, _ = sys.argv[1:]
index = RMinHashLSH(threshold=0.8, num_perm=128, num_bands=16)
kept = []
seen = 0
with Path(corpus).open("rb") as lines:
    while documents := [orjson.loads(line) for line in itertools.islice(lines, BATCH)]:
        shingles = [
            [text[i : i + SHINGLE] for i in range(max(1, len(text) - SHINGLE + 1))]
            for text in (document["text"] for document in documents)
        ]
        digests = RMinHash.digest_matrix_from_token_sets(shingles, 128, 42)
        flags = index.insert_matrix_and_query_duplicate_flags(digests, seen)
        kept += [document["id"] for document, flag in zip(documents, flags, strict=True) if not flag]
        seen += len(documents)
Path(out).write_text(json.dumps(kept))
