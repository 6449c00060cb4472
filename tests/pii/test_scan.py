"""Scanning: where finds stand, never what they are."""

from __future__ import annotations

import json

import pytest

from curate.errors import Unreadable
from curate.pii.scan import scan

from .values import ID, MOBILE


def test_lines() -> None:
    records = [
        {"id": "a", "text": f"𠮷，电话{MOBILE}，身份证{ID}"},
        {"id": 2, "text": "没有"},
        {"id": "c", "text": "打400-123-4567", "more": 1},
    ]
    assert list(scan(records)) == [
        {"id": "a", "start": 4, "end": 15, "entity": "CN_MOBILE", "score": 0.95},
        {"id": "a", "start": 19, "end": 37, "entity": "CN_ID_CARD", "score": 1.0},
        {"id": "c", "start": 1, "end": 13, "entity": "PUBLIC_PHONE", "score": 0.8},
    ]


def test_lines_hold_no_value() -> None:
    lines = json.dumps(list(scan([{"id": "a", "text": f"{MOBILE} {ID}"}])))
    assert MOBILE not in lines
    assert ID not in lines


def test_threshold() -> None:
    text = "订购17470001234，编号17470001234"
    assert len(list(scan([{"id": 1, "text": text}]))) == 1
    assert len(list(scan([{"id": 1, "text": text}], least=0.2))) == 2
    assert list(scan([{"id": 1, "text": text}], least=0.96)) == []


@pytest.mark.parametrize(
    "record", [{"text": MOBILE}, {"id": 1}, {"id": 1, "text": int(MOBILE)}, {"id": 1, "text": None}]
)
def test_a_record_that_cannot_be_scanned_is_named_without_its_value(record: dict[str, object]) -> None:
    lines = scan([{"id": 0, "text": ""}, record])
    with pytest.raises(Unreadable) as caught:
        list(lines)
    assert caught.value.kind == "bad_record"
    assert "record 2" in str(caught.value)
    assert MOBILE not in str(caught.value)
