"""k-anonymity and l-diversity of quasi-identifiers, against a slow count of the same."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.pii.classes import Classes


def metas(rows: list[dict[str, Any]]) -> list[str]:
    return [json.dumps(row, ensure_ascii=False) for row in rows]


def told(rows: list[dict[str, Any]], quasi: list[str], sensitive: list[str], highest: float = 0.05) -> dict[str, Any]:
    classes = Classes(quasi, sensitive)
    classes.add(metas(rows))
    return classes.told(highest)


@pytest.mark.parametrize(
    ("rows", "expected", "why"),
    [
        ([], {"rows": 0, "classes": 0, "k": 0, "unique": 0, "at_risk": 0, "diversity": {"病": 0}}, "no record"),
        (
            [{"区": "甲", "岁": "30-39", "病": "感冒"}] * 2 + [{"区": "乙", "岁": "30-39", "病": "感冒"}],
            {"rows": 3, "classes": 2, "k": 1, "unique": 1, "at_risk": 1, "diversity": {"病": 1}},
            "one is alone, and a class whose records all have one illness tells it",
        ),
        (
            [{"区": "甲", "岁": "30-39", "病": "感冒"}, {"区": "甲", "岁": "30-39", "病": "骨折"}],
            {"rows": 2, "classes": 1, "k": 2, "unique": 0, "at_risk": 0, "diversity": {"病": 2}},
            "two records, two illnesses",
        ),
        (
            [{"区": "甲"}, {"区": "甲", "岁": None}],
            {"rows": 2, "classes": 1, "k": 2, "unique": 0, "at_risk": 0, "diversity": {"病": 1}},
            "a field that is not there is as one without a value",
        ),
        (
            [{"区": "甲", "岁": 3}, {"区": "甲", "岁": "3"}],
            {"rows": 2, "classes": 2, "k": 1, "unique": 2, "at_risk": 2, "diversity": {"病": 1}},
            "a number and a string are shown differently",
        ),
    ],
)
def test_counts(rows: list[dict[str, Any]], expected: dict[str, Any], why: str) -> None:
    assert told(rows, ["区", "岁"], ["病"], highest=0.5) == expected, why


@pytest.mark.parametrize(("size", "at_risk"), [(19, 19), (20, 0), (21, 0)])
def test_the_highest_probability_is_allowed(size: int, at_risk: int) -> None:
    assert told([{"区": "甲"}] * size, ["区"], [], highest=0.05)["at_risk"] == at_risk, "1 / 20 is 0.05"


def test_what_is_no_object_has_no_fields() -> None:
    classes = Classes(["区"], [])
    classes.add([None, "", "[1]", '{"区": null}'])
    assert classes.told(0.5)["classes"] == 1


ROWS = st.lists(
    st.fixed_dictionaries({"a": st.sampled_from("xyz"), "b": st.integers(0, 2), "s": st.sampled_from("pq")}),
    max_size=40,
)


@given(ROWS, st.integers(1, 5))
def test_against_a_slow_count(rows: list[dict[str, Any]], cut: int) -> None:
    classes = Classes(["a", "b"], ["s"])
    for i in range(0, len(rows), cut):
        classes.add(metas(rows[i : i + cut]))
    groups: dict[tuple[str, int], list[str]] = defaultdict(list)
    for row in rows:
        groups[row["a"], row["b"]].append(row["s"])
    assert classes.told(0.3) == {
        "rows": len(rows),
        "classes": len(groups),
        "k": min(map(len, groups.values()), default=0),
        "unique": sum(len(g) == 1 for g in groups.values()),
        "at_risk": sum(len(g) for g in groups.values() if 1 / len(g) > 0.3),
        "diversity": {"s": min((len(set(g)) for g in groups.values()), default=0)},
    }
