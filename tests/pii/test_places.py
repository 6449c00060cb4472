"""Names without personal data: what becomes of them, that they stay apart, and that a real name leads to its written one."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.errors import ConfigError, Problem
from curate.pii.places import (
    Names,
    clean,
    clean_column,
    clean_error,
    clean_paths,
    locator_pattern,
    path_pattern,
    structured,
)
from curate.pii.rules import Hit

from .values import CARD, ID, MOBILE, USCC, emails, ids, mobiles, plates, spaced

SHA = "3f2a910c55de" + 52 * "0"

PATHS = [
    ("raw/记录.txt", "raw/记录.txt", "nothing to find"),
    ("raw/20260301/2026-03-01 120000.txt", "raw/20260301/2026-03-01 120000.txt", "dates and times"),
    ("raw/GB-T 26760-2011.pdf", "raw/GB-T 26760-2011.pdf", "a standard's number"),
    (f"raw/{USCC}.pdf", f"raw/{USCC}.pdf", "organisations are no persons"),
    (f"raw/客户{MOBILE}.xlsx", "raw/客户<手机号>-3f2a910c55de.xlsx", "mobile"),
    (f"raw/客户_{MOBILE}_终稿.docx", "raw/客户_<手机号>_终稿-3f2a910c55de.docx", "between underscores"),
    (f"raw/{MOBILE[:3]} {MOBILE[3:7]} {MOBILE[7:]}.txt", "raw/<手机号>-3f2a910c55de.txt", "in groups"),
    ("raw/１７４７０００１２３４.txt", "raw/<手机号>-3f2a910c55de.txt", "full width"),
    (f"raw/{ID}/a.txt", "raw/<身份证号>/a-3f2a910c55de.txt", "a folder"),
    (f"raw/{ID}/{CARD}.tar.gz", "raw/<身份证号>/<银行卡号>.tar-3f2a910c55de.gz", "two finds"),
    ("raw/zhang@example.com.txt", "raw/<邮箱>-3f2a910c55de.txt", "an address that takes the suffix in keeps it"),
    (f"raw/a.{MOBILE}", "raw/a.<手机号>-3f2a910c55de", "no suffix but a find"),
    ("raw/贵AD12345.jpg", "raw/<车牌号>-3f2a910c55de.jpg", "plate"),
]


@pytest.mark.parametrize(("path", "shown", "why"), PATHS)
def test_paths(path: str, shown: str, why: str) -> None:
    assert clean_paths([path], [SHA]) == [shown], why
    pattern = path_pattern(path)
    assert pattern is None if path == shown else pattern is not None and re.search(pattern, shown), why


def test_paths_that_become_alike_are_told_apart_by_content_then_numbered() -> None:
    paths = ["raw/17470000001.txt", "raw/17470000002.txt", "raw/17470000003.txt", f"raw/<手机号>-{'a' * 12}.txt"]
    shown = clean_paths(paths, ["a" * 64, "b" * 64, "a" * 64, "c" * 64])
    assert shown == [
        f"raw/<手机号>-{'a' * 12}~2.txt",
        f"raw/<手机号>-{'b' * 12}.txt",
        f"raw/<手机号>-{'a' * 12}~3.txt",
        f"raw/<手机号>-{'a' * 12}.txt",
    ], "a file that has such a name keeps it"


values = st.one_of(mobiles.flatmap(spaced), ids, emails, plates)
names = st.tuples(st.sampled_from(["", "客户", "a_", "张/"]), values, st.sampled_from(["", ".txt", "_2.csv", "/b.md"]))


@settings(deadline=None, max_examples=60)
@given(st.lists(names.map("".join), unique=True, max_size=8), st.data())
def test_paths_stay_apart_whatever_files_there_are(paths: list[str], data: st.DataObject) -> None:
    paths = [f"raw/{path}" for path in paths]
    digests = [data.draw(st.sampled_from("abc")) * 64 for _ in paths]
    shown = clean_paths(paths, digests)
    assert len(set(shown)) == len(shown)
    some = [i for i in range(len(paths)) if i % 2]
    fewer = clean_paths([paths[i] for i in some], [digests[i] for i in some])
    stem = [re.sub("~[0-9]+", "", path) for path in shown]
    assert [re.sub("~[0-9]+", "", path) for path in fewer] == [stem[i] for i in some]
    assert set(fewer) <= set(shown), "other files only add names"
    for path, written in zip(paths, shown, strict=True):
        pattern = path_pattern(path)
        assert written == path if pattern is None else re.search(pattern, written)


def test_names_within_a_file_are_numbered_in_its_order() -> None:
    written = Names()
    assert [written.unique(name) for name in ("甲17470000001", "a", "甲17470000002", "a", "甲<手机号>")] == [
        "甲<手机号>",
        "a",
        "甲<手机号>~2",
        "a~2",
        "甲<手机号>~3",
    ]


def test_a_locator_leads_to_its_written_form() -> None:
    pattern = locator_pattern("名单17470000001.zip::甲17470000002.xlsx::17470000003!R5")
    assert pattern is not None
    assert re.search(pattern, "名单<手机号>.zip::甲<手机号>.xlsx~2::<手机号>~12!R5")
    assert not re.search(pattern, "名单<手机号>.zip::甲<手机号>.xlsx~2::<手机号>~12!R55")
    assert locator_pattern("a.zip::表!R5") is None


def test_own_ids() -> None:
    column = pa.array(["A-1", None, MOBILE, "20260301-000123", ID], pa.string())
    assert clean_column(column).to_pylist() == ["A-1", None, "<手机号>", "20260301-000123", "<身份证号>"]
    plain = pa.array(["A-1", None], pa.string())
    assert clean_column(plain) is plain
    assert clean_column(pa.array([], pa.string())).to_pylist() == []


def test_what_is_left_of_two_neighbours_is_looked_through_again() -> None:
    def pairs(texts: Sequence[str]) -> list[list[Hit]]:
        return [[Hit("X", at, at + 2, 1.0)] if (at := text.find("ab")) >= 0 else [] for text in texts]

    assert clean(["aabb", "c", "abab"], pairs) == ["a<X>b", "c", "<X><X>"]


def test_finds_of_another_finder_may_overlap() -> None:
    def finder(texts: Sequence[str]) -> list[list[Hit]]:
        return [[Hit("B", 2, 6, 1.0), Hit("PERSON", 1, 4, 1.0)] if text == "abcdefg" else [] for text in texts]

    assert clean(["abcdefg"], finder) == ["a<姓名>g"]


def test_names_that_are_no_utf8() -> None:
    assert structured(["\udcff"]) == [[]]
    assert clean([f"\udcff{MOBILE}"]) == ["\udcff<手机号>"]


def test_errors_say_no_value_but_their_own_bounds() -> None:
    problem = Problem(f"{MOBILE}.yaml", 3, f"sources[0].{MOBILE}", "unknown field", MOBILE, "17179869184", "Did you?")
    told = clean_error(ConfigError([problem]))
    assert MOBILE not in str(told)
    assert "17179869184" in str(told)
    assert "<手机号>.yaml:3" in str(told)
