"""Addresses: speed of the search, and what it takes for one in texts that name hardly any.

`python benchmarks/addresses.py NAME=FOLDER ...` prints CPU seconds of one thread and the finds in 100,000 characters of
the .txt, .md, .rst and .csv files below each folder; `--show` prints each find, so mind whose texts they are.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from curate.pii.addresses import AddressFinder

ENCODINGS = {".txt": "utf-8", ".md": "utf-8", ".rst": "utf-8", ".csv": "gb18030"}
ROUNDS = 3
AROUND = 12


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", metavar="NAME=FOLDER")
    parser.add_argument("--show", action="store_true")
    arguments = parser.parse_args()
    finder = AddressFinder()
    for name, folder in (one.split("=", 1) for one in arguments.folders):
        files = [file for file in sorted(Path(folder).rglob("*")) if file.suffix in ENCODINGS]
        texts = [file.read_text(ENCODINGS[file.suffix], "replace") for file in files]
        characters, megabytes = sum(map(len, texts)), sum(len(text.encode()) for text in texts) / 1e6
        rounds = []
        for _ in range(ROUNDS):
            start = time.process_time()
            found = finder.find_many(texts)
            rounds.append(time.process_time() - start)
        count = sum(map(len, found))
        print(
            f"{name}: {count} finds in {characters:,} characters ({1e5 * count / max(1, characters):.2f} in 100,000), "
            f"{megabytes:.1f} MB, {megabytes / min(rounds):.0f} MB/CPU s"
        )
        if arguments.show:
            for text, hits in zip(texts, found, strict=True):
                for hit in hits:
                    print(f"  {hit.score} {text[max(0, hit.start - AROUND) : hit.end + AROUND]!r}")


if __name__ == "__main__":
    main()
