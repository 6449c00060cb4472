"""The wheel carries what the program reads: recipes, configs, schemas, tables, templates."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

from tests.runs import ROOT


def test_wheel_carries_its_data(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    names = set(zipfile.ZipFile(next(tmp_path.glob("*.whl"))).namelist())
    for folder in ("configs", "pipelines", "schemas"):
        shipped = {f"curate/{folder}/{p.name}" for p in (ROOT / folder).iterdir()}
        assert shipped <= names
    tables = {p.relative_to(ROOT).as_posix() for p in (ROOT / "curate").rglob("data/*") if p.is_file()}
    assert len(tables) > 15
    assert tables <= names
    assert not [n for n in names if n.startswith(("tests/", "examples/", "tools/"))]
