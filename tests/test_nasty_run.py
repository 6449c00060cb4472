"""The broken files of `nasty/crafted` through a whole run: what the ledger says of each, and which text is kept."""

from __future__ import annotations

import json
import re
import shutil
import unicodedata
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from curate.recipe import resolve
from curate.runner import run
from tests.runs import Watch, read_records

RECIPE = """\
name: broken-text
about: The first stages of pretrain-industry, without those that compare records.
stages:
  - repair
  - normalise
  - language: {keep: [zh], least: 0.65}
  - quality:
      chars: {least: 60}
      han_share: {least: 0.15}
      digit_share: {most: 0.3}
      symbol_share: {most: 0.4}
      space_share: {most: 0.4}
      duplicate_line_share: {most: 0.35}
      repeated_10gram_share: {most: 0.5}
      replacement_share: {most: 0.005}
      mojibake_share: {most: 0.02}
"""
CONFIG = """\
recipe: broken-text.yaml
name: nasty
industry: {name: government, title: 政务}
splits: {train: 1, validation: 0, test: 0}
"""
DOMAIN = "name: nasty\nholder: 示例\npolicy: {max_quarantined: 1}\n"
CATALOG = """\
sources:
  - id: nasty
    title: 损坏的文件
    paths: [raw/*]
    industry: government
    holder: 示例
    licence: Apache-2.0
    grade: 一般1
    obtained: {on: 2026-03-01, how: 拷贝}
"""
LAWS = "data/corpora/laws"

TABLE: list[tuple[str, tuple[str, str] | None, dict[str, int], str | None, str]] = [
    # file, stage and reason that drop it, what was repaired, the statute it was made from, why
    (
        "mojibake-double-utf8.txt",
        None,
        {"mojibake": 188},
        "wtw__城市生活垃圾管理办法.md",
        "decoded twice, nothing lost",
    ),
    (
        "mojibake-gbk-as-latin1.txt",
        None,
        {"mojibake": 135},
        "lrb__青岛市实施《烟草专卖法》办法(2011-11-25).md",
        "decoded, nothing lost",
    ),
    (
        "mojibake-utf8-as-gbk.txt",
        ("quality", "replacement_characters"),
        {},
        None,
        "bytes are lost in one of twelve characters, so it cannot be decoded",
    ),
    (
        "repeat-one-char.txt",
        ("quality", "repeated_text"),
        {},
        None,
        "one line, whose sequences of ten are all the same",
    ),
    ("repeat-one-sentence.txt", ("quality", "duplicate_lines"), {}, None, "3,000 lines, all the same"),
    (
        "digits-table.txt",
        ("language", "no_letters"),
        {},
        None,
        "figures alone are no language",
    ),
    ("replacement-chars.txt", ("quality", "replacement_characters"), {}, None, "8 % of the characters are U+FFFD"),
    (
        "half-width-ocr.txt",
        None,
        {"spaces": 8152},
        "lrb__驻马店市城市市容和环境卫生管理条例(2019-01-14).md",
        "the spaces between characters are taken out",
    ),
    ("control-chars.txt", None, {}, "lrb__商业银行法(2015-08-29).md", "normalise takes the controls out"),
    ("null-bytes.txt", None, {}, "wtw__生猪屠宰管理条例.md", "normalise takes the NULs out"),
    ("pinyin-annotated-traditional.txt", None, {"glosses": 85}, None, "the glosses are taken out"),
]

Outcome = tuple[dict[str, dict[str, Any]], dict[str, dict[str, Any]]]


@pytest.fixture(scope="module")
def outcome(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """Of each file the row of the ledger, and the record if it was kept."""
    folder = tmp_path_factory.mktemp("nasty")
    (folder / "raw").mkdir()
    files = {"domain.yaml": DOMAIN, "catalog.yaml": CATALOG, "broken-text.yaml": RECIPE, "config.yaml": CONFIG}
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    for name, *_ in TABLE:
        shutil.copyfile(shared / "data/nasty/crafted" / name, folder / "raw" / name)
    dataset = run(resolve(folder / "config.yaml"), folder, workers=1, progress=Watch()).dataset
    ledger = {Path(row["source_path"]).name: row for row in pq.read_table(dataset / "ledger").to_pylist()}
    return ledger, {Path(record["source"]["path"]).name: record for record in read_records(dataset)}


@pytest.mark.parametrize(("name", "drops", "repairs", "original", "why"), TABLE, ids=[row[0] for row in TABLE])
def test_each_file_is_repaired_or_dropped_for_the_right_reason(
    outcome: Outcome,
    shared: Path,
    name: str,
    drops: tuple[str, str] | None,
    repairs: dict[str, int],
    original: str | None,
    why: str,
) -> None:
    ledger, records = outcome
    row = ledger[name]
    if drops:
        assert (row["fate"], row["stage"], row["reason"]) == ("dropped", *drops), why
        assert name not in records
        return
    assert (row["fate"], row["reason"]) == ("kept", None), why
    assert {r["kind"]: r["count"] for r in records[name]["repairs"]} == repairs
    if original:
        (file,) = (shared / LAWS).rglob(original)
        assert bare(records[name]["text"]) == bare(file.read_text("utf-8")), why
    else:
        old = (shared / "data/nasty/crafted" / name).read_text("utf-8")
        assert bare(records[name]["text"]) == bare(re.sub("(?<=[一-鿿])[(][a-zà-ǜ]+[)]", "", old)), why


def bare(text: str) -> str:
    """Without spaces, with letters and marks of one width, and without headings' marks and comments."""
    return unicodedata.normalize("NFKC", re.sub(r"\s|^#+ |<!--.*?-->", "", text, flags=re.MULTILINE))


def test_every_broken_file_of_these_kinds_is_in_the_table(shared: Path) -> None:
    kinds = ("mojibake-*", "repeat-*", "digits-*", "replacement-*")
    expected = (shared / "data/nasty/crafted/EXPECT.jsonl").read_text("utf-8").splitlines()
    files = [Path(json.loads(line)["file"]) for line in expected]
    names = {file.name for file in files if any(file.match(kind) for kind in kinds)}
    assert names == {name for name, *_ in TABLE if any(Path(name).match(kind) for kind in kinds)}
