"""The READMEs' commands are run, so that they cannot go stale; both languages show the same ones."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.runs import ROOT


def commands(readme: str) -> list[str]:
    text = (ROOT / readme).read_text("utf-8")
    return [
        line[2:]
        for block in re.findall(r"```console\n(.*?)```", text, re.S)
        for line in block.splitlines()
        if line.startswith("$ ")
    ]


def test_both_languages_show_the_same_commands() -> None:
    assert commands("README.md") == commands("README.zh-CN.md")
    assert len(commands("README.md")) >= 5


def test_commands_and_loading_lines_run(tmp_path: Path) -> None:
    for name in ("configs", "pipelines", "examples"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("work", "outbox"))
    for command in commands("README.md"):
        words = command.split()
        assert words[0] == "curate"
        done = subprocess.run(
            [sys.executable, "-m", "curate", *words[1:]], cwd=tmp_path, capture_output=True, text=True
        )
        assert done.returncode == 0, f"{command}\n{done.stderr}"
    code = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.S)[0]
    done = subprocess.run(
        [sys.executable, "-c", code + "\nprint(sum(s.num_rows for s in dataset.values()))"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 0


@pytest.mark.parametrize(
    "name", ["README.md", "README.zh-CN.md", "CHANGELOG.md", "DECISIONS.md", "benchmarks/README.md"]
)
def test_links_lead_somewhere(name: str) -> None:
    page = ROOT / name
    for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8")):
        assert (page.parent / link).exists(), link
