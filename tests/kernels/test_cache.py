"""Kernels kept on disk: found again, made anew when a source they use changes, and done without where nothing is writable."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import curate.absent
import curate.kernels

USES = """
from . import kernel
from .steps import step

@kernel
def twice(x: int) -> int:
    return step(step(x))
"""
STEP = """
from . import inlined

@inlined
def step(x: int) -> int:
    return x + {size}
"""
ASK = """
from outer.kept import CACHED
from outer.kept.uses import twice
print(twice(0), sum(twice.stats.cache_hits.values()) if CACHED else "not kept")
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package made as `curate.kernels` is, of a kernel and what it inlines."""
    folder = tmp_path / "outer" / "kept"
    folder.mkdir(parents=True)
    shutil.copy(curate.absent.__file__, folder.parent)
    shutil.copy(curate.kernels.__file__, folder / "__init__.py")
    (folder / "uses.py").write_text(USES)
    (folder / "steps.py").write_text(STEP.format(size=1))
    (folder / "alone.py").write_text("")
    return folder


def ask(package: Path, cache: Path) -> str:
    """What a process that uses the package says: the result, and how many kernels it found on disk."""
    given = {k: v for k, v in os.environ.items() if not k.startswith("NUMBA_")}
    env = given | {"XDG_CACHE_HOME": str(cache), "PYTHONPATH": str(package.parents[1]), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([sys.executable, "-c", ASK], env=env, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_a_kernel_is_kept_until_a_source_it_uses_changes(package: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    assert ask(package, cache) == "2 0"
    assert ask(package, cache) == "2 1"
    (package / "alone.py").write_text("# nothing uses this\n")
    assert ask(package, cache) == "2 1"
    steps = package / "steps.py"
    before = steps.stat()
    steps.write_text(STEP.format(size=5))
    os.utime(steps, ns=(before.st_atime_ns, before.st_mtime_ns))  # as files of a wheel have
    assert ask(package, cache) == "10 0"
    assert not cache.exists()


def test_where_the_folder_is_read_only_the_users_cache_is_used(package: Path, tmp_path: Path) -> None:
    (package / "__pycache__").write_text("")  # in place of the folder: even root cannot write into it
    cache = tmp_path / "cache"
    assert ask(package, cache) == "2 0"
    assert ask(package, cache) == "2 1"
    assert list(cache.rglob("*.nbi"))


def test_where_nothing_is_writable_kernels_still_work(package: Path, tmp_path: Path) -> None:
    (package / "__pycache__").write_text("")
    (tmp_path / "cache").write_text("")
    assert ask(package, tmp_path / "cache") == "2 not kept"
