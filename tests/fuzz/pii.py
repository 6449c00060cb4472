"""Feed the recogniser, its gates and the naive pass with what libFuzzer makes: `python -m tests.fuzz.pii -runs=N [folder]`."""

from __future__ import annotations

import sys

import atheris

import curate.kernels.pii_confirm
import curate.kernels.pii_gate
import curate.kernels.pii_marks  # noqa: F401  # numba compiles no instrumented code

with atheris.instrument_imports(include=["curate.pii"]):
    from curate.pii.gate import Gate
    from curate.pii.normal import normal
    from curate.pii.recogniser import ChineseRecognizer
    from curate.pii.rules import rules

import pyarrow as pa

RECOGNIZER, GATE = ChineseRecognizer(0.0), Gate(0.0)


def one(given: bytes) -> None:
    """The text that some bytes give: no exception, finds in place, and none that gates hide."""
    text = atheris.FuzzedDataProvider(given).ConsumeUnicodeNoSurrogates(2000)
    hits = RECOGNIZER.hits(text)
    end = 0
    for hit in hits:
        if not end <= hit.start < hit.end <= len(text):
            raise RuntimeError("finds overlap or lie outside")
        end = hit.end
    plain = normal(text)
    if RECOGNIZER.decide(plain, [(rule, hit) for rule in rules() for hit in rule.hits(plain)]) != hits:
        raise RuntimeError("a gate hides a find")
    column = pa.array([text])
    if hits and not (GATE.texts(column)[0] and GATE.fields(column)[0]):
        raise RuntimeError("a gate for columns hides a find")


if __name__ == "__main__":
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()
