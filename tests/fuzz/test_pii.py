"""The fuzz script with a bounded number of inputs, begun from one input for each sample and table row."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ..pii.test_entities import CASES

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_no_input_breaks_the_recogniser(tmp_path: Path) -> None:
    pytest.importorskip("atheris")
    for number, text in enumerate(row[0] for table in CASES.values() for row in table):
        # the first byte tells the provider which characters follow: 2 for all of them
        (tmp_path / str(number)).write_bytes(b"\x02" + text.encode("utf-32-le"))
    ran = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.pii", "-runs=20000", "-max_len=4000", "-seed=1", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    assert "Done 20000 runs" in ran.stderr
