"""Recheck: what is left is counted, but for what the config means to show."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from curate.records import PII, set_column
from curate.stages.recheck import Recheck
from tests.stages.rows import batch

MOBILE = "17470001234"


def residual(
    text: str, *, meta: str | None = None, pii: list[dict[str, Any]] | None = None, names: bool = False
) -> Any:
    rows = batch([text, "没有"])
    if meta is not None:
        rows = set_column(rows, "meta", pa.array([meta, None], pa.string()))
    if pii is not None:
        rows = set_column(rows, "pii", pa.array([pii, []], PII))
    first, second = Recheck(names=names).open()(rows)["residual"].to_pylist()
    assert second == []
    return {one["entity"]: one["count"] for one in first}


def done(entity: str, operator: str) -> list[dict[str, Any]]:
    return [{"entity": entity, "count": 1, "operator": operator}]


@pytest.mark.parametrize(
    ("given", "expected", "why"),
    [
        ({"text": f"电话{MOBILE}"}, {"CN_MOBILE": 1}, "left in the text"),
        ({"text": "无", "meta": f'{{"电话": "{MOBILE}"}}'}, {"CN_MOBILE": 1}, "left in another field"),
        ({"text": f"电话{MOBILE}", "meta": f'{{"电话": "{MOBILE}"}}'}, {"CN_MOBILE": 2}, "in both"),
        ({"text": f"电话{MOBILE}", "pii": done("CN_MOBILE", "keep")}, {}, "kept on purpose"),
        ({"text": f"电话{MOBILE}", "pii": done("CN_MOBILE", "surrogate")}, {}, "made up in place of a real one"),
        ({"text": f"电话{MOBILE}", "pii": done("CN_MOBILE", "mask")}, {"CN_MOBILE": 1}, "one masked, another missed"),
        ({"text": f"电话{MOBILE}", "pii": done("PERSON", "keep")}, {"CN_MOBILE": 1}, "another entity was kept"),
        ({"text": "联系人张伟芳到场", "names": True}, {"PERSON": 1}, "a name"),
        ({"text": "联系人张伟芳到场"}, {}, "names are not looked for"),
    ],
)
def test_what_is_left(given: dict[str, Any], expected: dict[str, int], why: str) -> None:
    assert residual(**given) == expected, why
