"""A run computes how far its records are de-identified, `verify` computes it again, and too much left over fails it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from curate.errors import QuotaError
from curate.manifest import load_manifest
from curate.recipe import resolve
from curate.runner import run
from tests.report.tampering import found, reseal
from tests.runs import Watch

RECIPE = """\
name: rows
about: Rows of a table, looked through twice.
stages:
  - normalise
  - anonymise
  - recheck
"""
CONFIG = """\
recipe: rows.yaml
name: rows
industry: {name: medical, title: 医疗}
anonymise: {}
recheck: {names: false}
splits: {train: 1, validation: 0, test: 0}
"""
CATALOG = """\
sources:
  - id: visits
    title: 就诊登记
    paths: [raw/visits.csv]
    industry: medical
    holder: 示例医院
    licence: internal
    grade: 一般3
    obtained: {on: 2026-11-23, how: 导出}
    text: 主诉
    personal: {电话: CN_MOBILE}
    quasi: [地区, 年龄段]
    sensitive: [诊断]
"""
NOTE = """\
  - id: notes
    title: 值班记录
    paths: [raw/*.txt]
    industry: medical
    holder: 示例医院
    licence: internal
    grade: 一般2
    obtained: {on: 2026-11-23, how: 导出}
"""
COMPLAINTS = ["反复咳嗽一周，夜间较重", "右膝上下楼疼痛半年", "饭后上腹胀，常打嗝", "头晕两天，起身时明显"]


def make(folder: Path, *, per_class: int = 20, lonely: bool = False, notes: str = "") -> Path:
    (folder / "raw").mkdir(parents=True)
    (folder / "domain.yaml").write_text("name: rows\nholder: 示例医院\n", "utf-8")
    (folder / "catalog.yaml").write_text(CATALOG + (NOTE if notes else ""), "utf-8")
    (folder / "config.yaml").write_text(CONFIG, "utf-8")
    (folder / "rows.yaml").write_text(RECIPE, "utf-8")
    lines = ["主诉,电话,地区,年龄段,诊断"]
    for i in range(2 * per_class):
        region = "甲县" if i % 2 else "乙县"
        lines.append(f"{COMPLAINTS[i % 4]}，第{i}次随访,1390000{i:04d},{region},30-39,{'感冒' if i % 3 else '胃炎'}")
    if lonely:
        lines.append("手抖，写字困难,13900009999,丙县,90+,帕金森病")
    (folder / "raw" / "visits.csv").write_text("\n".join(lines) + "\n", "utf-8")
    if notes:
        (folder / "raw" / "note.txt").write_text(notes, "utf-8")
    return folder


def build(folder: Path, *sets: str) -> Path:
    return run(resolve(folder / "config.yaml", sets), folder, progress=Watch()).dataset


def test_rows_that_hide_among_each_other(tmp_path: Path) -> None:
    dataset = build(make(tmp_path / "domain"))
    told = load_manifest(dataset)["deidentification"]
    assert told["classes"] == {
        "visits": {"rows": 40, "classes": 2, "k": 20, "unique": 0, "at_risk": 0, "diversity": {"诊断": 2}}
    }
    assert (told["level"], told["law"], told["reasons"]) == (3, "匿名化", [])
    assert found(dataset) == []
    card = (dataset / "README.md").read_text("utf-8")
    assert "3 级 level 3" in card
    assert "| visits | 40 | 2 | 20 | 0 | 0 | 诊断 2 |" in card


@pytest.mark.parametrize(
    ("how", "sets", "level", "reason", "why"),
    [
        ({"lonely": True}, [], 2, "1 of 41", "one patient is alone in a class"),
        ({"per_class": 19}, [], 2, "38 of 38", "1 / 19 is more than 0.05"),
        ({"notes": "夜班平稳，交接三名留观病人。"}, [], 2, "free text", "no model covers what a note says"),
    ],
)
def test_what_keeps_the_level_down(
    tmp_path: Path, how: dict[str, object], sets: list[str], level: int, reason: str, why: str
) -> None:
    told = load_manifest(build(make(tmp_path / "domain", **how), *sets))["deidentification"]  # type: ignore[arg-type]
    assert told["level"] == level, why
    assert told["law"] == "去标识化"
    assert reason in told["reasons"][0], told["reasons"]


def test_columns_are_generalised_before_they_are_counted(tmp_path: Path) -> None:
    """Ages, dates and addresses that tell somebody become bands, months and counties, which many share."""
    folder = make(tmp_path / "domain")
    catalog = CATALOG.replace("quasi: [地区, 年龄段]", "quasi: [住址, 年龄, 就诊日期]").replace(
        "personal: {电话: CN_MOBILE}", "personal: {电话: CN_MOBILE, 住址: ADDRESS, 年龄: AGE, 就诊日期: DATE}"
    )
    (folder / "catalog.yaml").write_text(catalog, "utf-8")
    lines = ["主诉,电话,住址,年龄,就诊日期,诊断"]
    lines += [
        f"{COMPLAINTS[i % 4]}，第{i}次随访,1390000{i:04d},贵州省遵义市湄潭县青溪路{i + 1}号,{30 + i % 10},2026-05-{1 + i % 28:02d},"
        + ("感冒" if i % 3 else "胃炎")
        for i in range(40)
    ]
    (folder / "raw" / "visits.csv").write_text("\n".join(lines) + "\n", "utf-8")
    told = load_manifest(build(folder, "anonymise.ADDRESS={operator: generalise}"))["deidentification"]
    assert told["classes"]["visits"] == {
        "rows": 40, "classes": 1, "k": 40, "unique": 0, "at_risk": 0, "diversity": {"诊断": 2}
    }  # fmt: skip
    assert told["level"] == 3
    plain = load_manifest(build(folder, "version=0.2.0", "anonymise.keep=[ADDRESS, AGE, DATE]"))["deidentification"]
    assert (plain["classes"]["visits"]["k"], plain["level"]) == (1, 2), "as they are, each tells its patient"


def test_what_a_second_detector_finds_fails_the_run(tmp_path: Path) -> None:
    folder = make(tmp_path / "domain", notes="病人家属电话１３９１２３４５６７８，请回电。")
    assert build(folder), "the first detector finds it"
    with pytest.raises(QuotaError, match="1 of 41 records still hold numbers or addresses") as caught:
        build(folder, "anonymise.least=1.0", "version=0.2.0")
    assert "CN_MOBILE 1" in str(caught.value)
    assert "13912345678" not in str(caught.value)
    assert not (folder / "outbox/rows/0.2.0").exists()
    told = load_manifest(build(folder, "anonymise.least=1.0", "version=0.3.0", "recheck.most=0.05"))
    assert told["deidentification"]["level"] == 1
    assert told["deidentification"]["residual"] == {"CN_MOBILE": 1}


def test_a_level_that_was_only_declared_is_found(tmp_path: Path) -> None:
    dataset = build(make(tmp_path / "domain", lonely=True))
    forged = shutil.copytree(dataset, tmp_path / "forged")

    def edit(manifest: dict[str, dict[str, object]]) -> None:
        manifest["deidentification"] |= {"level": 3, "law": "匿名化", "reasons": []}

    reseal(forged, edit)
    assert any("deidentification is not what" in f for f in found(forged)), found(forged)
