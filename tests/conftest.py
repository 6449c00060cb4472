"""Fixtures that several test folders use."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with real data beside the checkout; tests that need it are skipped where it is absent."""
    folder = ROOT.parent / "shared"
    if not (folder / "data" / "SOURCES.md").is_file():
        pytest.skip("the real data in ../shared is not here")
    return folder


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A plain run of every example with two workers: its domain folder."""
    from tests.runs import EXAMPLES, do, domain_copy

    place = tmp_path_factory.mktemp("undisturbed")
    folders = {}
    for name in EXAMPLES:
        folders[name] = domain_copy(name, place)
        do(folders[name], name, workers=2)
    return folders


@pytest.fixture
def small_domain(tmp_path: Path) -> Path:
    """A domain of its own with a dozen documents, one for each fate, and `config.yaml` to run it with."""
    from tests.small import make_domain

    return make_domain(tmp_path / "small")


@pytest.fixture(scope="session")
def small_built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tests.small import build, make_domain

    return build(make_domain(tmp_path_factory.mktemp("built") / "small"))


@pytest.fixture
def small_dataset(small_built: Path, tmp_path: Path) -> Path:
    """The dataset built from that domain; a copy, to be damaged at will."""
    return Path(shutil.copytree(small_built, tmp_path / "dataset"))
