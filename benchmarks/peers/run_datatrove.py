"""datatrove: its four MinHash stages, one task and one worker, 14 buckets of 8, 64-bit hashes, characters for words.

Its own tokeniser of Chinese (words) would be slower and find less.
"""

import json
import sys
from pathlib import Path

import datatrove.pipeline.dedup.minhash as minhash
from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers.jsonl import JsonlWriter
from datatrove.utils.hashing import HashConfig


class Characters:
    def word_tokenize(self, text):
        return list(text)


def run(*pipeline, tasks=1):
    LocalPipelineExecutor(pipeline=list(pipeline), tasks=tasks, workers=1).run()  # writes logs where it is run


def main():
    corpus, out, work = (Path(argument).absolute() for argument in sys.argv[1:])
    signatures, buckets, removed, kept = (str(work / name) for name in ("signatures", "buckets", "removed", "kept"))
    minhash.load_word_tokenizer = lambda _language: Characters()
    config = minhash.MinhashConfig(n_grams=5, num_buckets=14, hashes_per_bucket=8, hash_config=HashConfig(precision=64))
    reader = JsonlReader(str(corpus.parent), glob_pattern=corpus.name, compression=None)
    run(reader, minhash.MinhashDedupSignature(output_folder=signatures, config=config, language="zho"))
    run(minhash.MinhashDedupBuckets(input_folder=signatures, output_folder=buckets, config=config), tasks=14)
    run(minhash.MinhashDedupCluster(input_folder=buckets, output_folder=removed, config=config))
    run(reader, minhash.MinhashDedupFilter(input_folder=removed), JsonlWriter(kept, compression=None))
    ids = []
    for file in Path(kept).iterdir():
        with file.open("rb") as lines:
            ids += [json.loads(line).get("id", 0) for line in lines]  # it leaves out an id that is 0
    out.write_text(json.dumps(ids))


if __name__ == "__main__":
    main()
