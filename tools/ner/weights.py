"""Write weights.tsv and self_test.tsv beside the weights: `python -m tools.ner.weights DATE`, after a file of weights was changed."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

from curate.pii.names import data, network

__all__ = ["TEXT", "self_test", "sums"]

FILES = ("judge.npz", "per_int8.onnx", "per_numpy.npz", "tables.npz")

TEXT = (
    "联系人：欧阳雪梅，住云州市青石路18号。昨天下午，王建国工程师和买买提·艾力到清河机械厂检查三号锅炉，"
    "李某某没有来。会议由张伟主持，安娜·科瓦连科介绍了管网改造的方案。"
)
"""Made up; no line break, no number sign: a character is a line of the table."""


def sums(folder: Path) -> str:
    """The lines of weights.tsv."""
    return "".join(f"{name}\t{hashlib.sha256((folder / name).read_bytes()).hexdigest()}\n" for name in FILES)


def self_test() -> str:
    """The lines of self_test.tsv, by onnxruntime on this processor."""
    reading = network.Network("onnxruntime").read_many([TEXT])[0]
    rows = zip(TEXT, reading.person, reading.place, reading.organisation, strict=True)
    return "".join("\t".join([character, *(f"{p:.4f}" for p in odds)]) + "\n" for character, *odds in rows)


def main() -> None:
    folder, date = Path(data.__file__).parent, sys.argv[1]
    head = f"# files of weights and their SHA-256; MODEL.md says where they come from. Written by tools/ner/weights.py, {date}.\n"
    (folder / "weights.tsv").write_text(head + sums(folder), "utf-8")
    data.rows.cache_clear()
    head = f"# a made-up text, a character a line, and the probabilities of person, place and organisation by per_int8.onnx (AVX-512 with VNNI). Written by tools/ner/weights.py, {date}.\n"
    (folder / "self_test.tsv").write_text(head + self_test(), "utf-8")


if __name__ == "__main__":
    main()
