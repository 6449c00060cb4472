"""The stage quality: its speed, and what its presets keep of texts that are known to be good.

`python benchmarks/quality.py --corpus CORPUS.jsonl` prints CPU seconds of one thread, the texts read and the kernels loaded
before; `--good NAME=FOLDER ... --preset web` prints what the preset keeps of the files below each folder, by what reasons
files are flagged, and the extremes and quantiles of each measure: what the thresholds were chosen by.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.json

from curate.records import QUALITY
from curate.stages.normalise import Normalise
from curate.stages.quality import PRESETS, Quality

BLOCK = 16 << 20
ROUNDS = 3
TEXTS = (".txt", ".md", ".rst")
QUANTILES = (0, 0.5, 1, 5, 50, 95, 99, 99.5, 100)


def batch(texts: list[str] | pa.Array) -> pa.RecordBatch:
    return pa.record_batch({"id": pa.array(map(str, range(len(texts)))), "text": pa.array(texts, pa.string())})


def speed(corpus: Path, stage: Quality) -> None:
    """The best of some rounds over the whole corpus."""
    options = pyarrow.json.ReadOptions(block_size=BLOCK, use_threads=False)
    batches = [batch(part["text"]) for part in pyarrow.json.read_json(corpus, read_options=options).to_batches()]
    megabytes = sum(part["text"].nbytes for part in batches) / 1e6
    work = stage.open()
    work(batches[0].slice(0, 9))
    rounds = []
    for _ in range(ROUNDS):
        start = time.process_time()
        for part in batches:
            work(part)
        rounds.append(time.process_time() - start)
    best = min(rounds)
    print(
        f"preset {stage.preset}: {megabytes:.1f} MB in {best:.2f} CPU s, {100 * best / megabytes:.2f} CPU s for 100 MB"
    )


def kept(name: str, folder: Path, stage: Quality) -> None:
    """What the preset keeps of a folder, and the quantiles of each measure."""
    texts = [file.read_text("utf-8", "replace") for file in sorted(folder.rglob("*")) if file.suffix in TEXTS]
    out = stage.open()(Normalise().open()(batch([text for text in texts if text.strip()])).select(["id", "text"]))
    flags = Counter(reason for row in out["quality"].to_pylist() for reason in row["flags"])
    share = out["dropped"].null_count / out.num_rows
    print(
        f"\n{name}: preset {stage.preset} keeps {share:.2%} of {out.num_rows:,} texts; flags {dict(flags.most_common())}"
    )
    print("measure".ljust(24) + "".join(f"{f'{q} %':>10}" for q in QUANTILES))
    for field in QUALITY:
        if field.name != "flags":
            values = np.percentile(out["quality"].field(field.name).to_numpy(), QUANTILES)
            print(field.name.ljust(24) + "".join(f"{value:10.4g}" for value in values))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, help="JSONL with `text`")
    parser.add_argument("--good", nargs="*", default=[], metavar="NAME=FOLDER")
    parser.add_argument("--preset", choices=PRESETS, default="document")
    arguments = parser.parse_args()
    pa.set_cpu_count(1)
    stage = Quality(preset=arguments.preset)
    if arguments.corpus:
        speed(arguments.corpus, stage)
    for given in arguments.good:
        name, _, folder = given.partition("=")
        kept(name, Path(folder), stage)


if __name__ == "__main__":
    main()
