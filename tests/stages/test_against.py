"""Against earlier datasets: which records go, what the ledger is told of them, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pydantic import ValidationError

from curate.errors import DomainError
from curate.manifest import MANIFEST, seal
from curate.signatures import ABOUT, Layout, place_of, signed, write_store
from curate.stages.against import Against

from .rows import batch, check_promises

TEXTS = [
    "曲房温度每两小时记录一次，超过六十度即翻曲，翻曲后复测并签字。" * 3,
    "下沙前润粮，水温不得低于九十度，粮堆须翻拌三遍。" * 3,
]


def earlier(root: Path, name: str, texts: list[str]) -> str:
    """A dataset of which the manifest and the signatures are left."""
    folder = root / "outbox" / name / "0.1.0"
    folder.mkdir(parents=True)
    (folder / MANIFEST).write_bytes(seal({"schema": "qiancui/manifest/1", "name": name, "version": "0.1.0"}))
    layout = Layout(5, 128, 21, 6)
    records = signed(pa.array([f"e{i}" for i in range(len(texts))]), pa.array(texts), layout)
    digest = json.loads((folder / MANIFEST).read_bytes())["digest"]
    write_store(root / place_of(name, "0.1.0"), [records], layout, name=name, version="0.1.0", manifest=digest)
    return f"outbox/{name}/0.1.0"


def test_what_the_ledger_is_told(tmp_path: Path) -> None:
    stage = Against(datasets=(earlier(tmp_path, "first", TEXTS[:1]), earlier(tmp_path, "second", TEXTS)))
    near = TEXTS[1][:-1] + "；"
    out = stage.open(tmp_path)(batch([TEXTS[0], near, "今日无事，照常生产。", ""]))
    same, alike, other, empty = out["dropped"].to_pylist()
    assert other is None
    assert empty is None
    assert same == {
        "reason": "exact_earlier",
        "value": None,
        "threshold": None,
        "duplicate_of": "first/0.1.0:e0",
        "cluster": None,
    }
    assert (alike["reason"], alike["threshold"], alike["duplicate_of"]) == ("near_earlier", 0.8, "second/0.1.0:e1")
    assert 0.8 <= alike["value"] < 1


def test_promises_of_a_stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    stage = Against(datasets=(earlier(tmp_path, "first", TEXTS),))
    check_promises(stage, [TEXTS[0], "", "今日无事。", TEXTS[1] + "。", TEXTS[0]])


def test_without_datasets_nothing_is_done() -> None:
    records = batch(TEXTS)
    assert Against().open()(records) is records
    assert Against().reads(Path()) == ()


def test_an_estimate_below_the_threshold_stays(tmp_path: Path) -> None:
    dataset = earlier(tmp_path, "first", TEXTS)
    near = batch([TEXTS[0][:-3] + "。记录存档。"])
    estimate = Against(datasets=(dataset,), threshold=0.3).open(tmp_path)(near)["dropped"].to_pylist()[0]["value"]
    assert 0.3 < estimate < 1
    above = Against(datasets=(dataset,), threshold=float(np.nextafter(estimate, 1)))
    assert above.open(tmp_path)(near)["dropped"].to_pylist() == [None]


def test_what_it_reads_changes_with_any_file_of_the_store(tmp_path: Path) -> None:
    """The hash of `about.json` stands for all of them."""
    stage = Against(datasets=(earlier(tmp_path, "first", TEXTS),))
    assert stage.reads(tmp_path) == (f"work/signatures/first/0.1.0/{ABOUT}",)
    before = (tmp_path / stage.reads(tmp_path)[0]).read_bytes()
    digest = json.loads((tmp_path / stage.datasets[0] / MANIFEST).read_bytes())["digest"]
    layout = Layout(5, 128, 21, 6)
    write_store(
        tmp_path / place_of("first", "0.1.0"),
        [signed(pa.array(["e0", "e1"]), pa.array([TEXTS[0], TEXTS[1] + "。"]), layout)],
        layout,
        name="first",
        version="0.1.0",
        manifest=digest,
    )
    assert (tmp_path / stage.reads(tmp_path)[0]).read_bytes() != before


def test_missing_and_damaged_signatures_are_told_before_anything_runs(tmp_path: Path) -> None:
    stage = Against(datasets=(earlier(tmp_path, "first", TEXTS),))
    (tmp_path / "work/signatures/first/0.1.0/keys.u64").write_bytes(b"")
    for act in (stage.reads, stage.open):
        with pytest.raises(DomainError, match=r"keys\.u64: is damaged"):
            act(tmp_path)
        with pytest.raises(DomainError, match="not a dataset"):
            act(tmp_path / "outbox")


@pytest.mark.parametrize("path", ["/srv/x", "../x", "outbox/../../x", "", "."])
def test_a_path_that_leaves_the_domain(path: str) -> None:
    with pytest.raises(ValidationError, match="leaves the domain"):
        Against(datasets=(path,))


def test_a_path_is_written_in_one_way() -> None:
    assert Against(datasets=("./outbox//a/0.1.0/",)).datasets == ("outbox/a/0.1.0",)
