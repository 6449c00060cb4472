"""The anonymise stage: Arrow in, Arrow out, the same whatever the batches; nothing left, nothing shown."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from curate.config import Document, validate
from curate.errors import ConfigError
from curate.industry import Profile, builtin_profiles
from curate.pii import ENTITIES
from curate.pii.recogniser import ChineseRecognizer
from curate.records import PII
from curate.stages.anonymise import Anonymise

from ..pii.values import CARD, ID, MOBILE, USCC, texts

SCHEMA = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("text", pa.string(), nullable=False),
        pa.field("n_chars", pa.int32()),
        pa.field("meta", pa.string()),
        pa.field("personal", pa.string()),
    ]
)


def batch(*rows: dict[str, Any]) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist(
        [
            {"id": str(i), "n_chars": len(row["text"]), "meta": None, "personal": None, **row}
            for i, row in enumerate(rows)
        ],
        SCHEMA,
    )


def run(rows: pa.RecordBatch, **fields: Any) -> list[dict[str, Any]]:
    out = Anonymise(**fields).open()(rows)
    assert out.schema.field("pii").type == PII
    assert out.column("id").equals(rows.column("id"))
    out.validate(full=True)
    return out.to_pylist()


ROWS = batch(
    {"text": "没有什么"},
    {"text": f"电话{MOBILE}，再打{MOBILE}，身份证{ID}"},
    {"text": "打400-123-4567"},
    {"text": "平安", "meta": '{"备注":"' + MOBILE + '","客户":"张三"}', "personal": '{"客户":"PERSON"}'},
    {"text": f"卡号{CARD}", "meta": '{"卡":' + CARD + "}"},
    {"text": "无", "meta": '{"a": 1}', "personal": "{}"},
    {"text": "只有申报的", "meta": '{"客户":"李四"}', "personal": '{"客户":"PERSON"}'},
    {"text": "", "meta": '{"a":"\\uff11\\uff17\\uff14\\uff17\\uff10\\uff10\\uff10\\uff11\\uff12\\uff13\\uff14"}'},
)


def test_text_and_meta_are_cleaned_and_counted() -> None:
    out = run(ROWS)
    assert [row["text"] for row in out] == [
        "没有什么",
        f"电话174****1234，再打174****1234，身份证11{'*' * 16}",
        "打400-123-4567",
        "平安",
        f"卡号{'*' * 12}{CARD[-4:]}",
        "无",
        "只有申报的",
        "",
    ]
    assert [row["meta"] for row in out] == [
        None,
        None,
        None,
        '{"备注":"174****1234","客户":"张*"}',
        '{"卡":"' + "*" * 12 + CARD[-4:] + '"}',
        '{"a": 1}',
        '{"客户":"李*"}',
        '{"a":"１７４****１２３４"}',
    ]
    assert [[(p["entity"], p["count"], p["operator"]) for p in row["pii"]] for row in out] == [
        [],
        [("CN_ID_CARD", 1, "mask"), ("CN_MOBILE", 2, "mask")],
        [("PUBLIC_PHONE", 1, "keep")],
        [("CN_MOBILE", 1, "mask"), ("PERSON", 1, "mask")],
        [("BANK_CARD", 2, "mask")],
        [],
        [("PERSON", 1, "mask")],
        [("CN_MOBILE", 1, "mask")],
    ]


def test_characters_are_counted_anew() -> None:
    out = run(batch({"text": f"电话{MOBILE}"}, {"text": "无"}), CN_MOBILE={"operator": "redact"})
    assert [(row["text"], row["n_chars"]) for row in out] == [("电话<手机号>", 7), ("无", 1)]


def test_n_chars_and_pii_are_there_for_every_batch() -> None:
    bare = pa.RecordBatch.from_pydict({"id": ["a"], "text": ["无"]})
    out = Anonymise().open()(bare)
    assert out.to_pylist() == [{"id": "a", "text": "无", "n_chars": 1, "pii": []}]


OPERATORS: list[tuple[dict[str, Any], str, str, str]] = [
    ({"operator": "mask", "keep_head": 3}, "174********", "mask", "mask"),
    ({"operator": "mask", "char": "×"}, "×" * 11, "mask", "mask by another sign"),
    ({"operator": "redact"}, "<手机号>", "redact", "label"),
    ({"operator": "keep"}, MOBILE, "keep", "kept and counted"),
]


@pytest.mark.parametrize(("spec", "text", "operator", "why"), OPERATORS)
def test_operators(spec: dict[str, Any], text: str, operator: str, why: str) -> None:
    (row,) = run(batch({"text": MOBILE}), CN_MOBILE=spec)
    assert row["text"] == text, why
    assert row["pii"] == [{"entity": "CN_MOBILE", "count": 1, "operator": operator}]


def test_id_cards_can_be_generalised() -> None:
    (row,) = run(batch({"text": f"身份证{ID}。"}), CN_ID_CARD={"operator": "generalise"})
    assert row["text"] == "身份证<身份证号 北京市 1990年>。"


def test_keep_wins_over_the_entitys_own_field() -> None:
    (row,) = run(batch({"text": f"{MOBILE}，{USCC}"}), keep=("CN_MOBILE",), CN_USCC={"operator": "redact"})
    assert row["text"] == f"{MOBILE}，<统一社会信用代码>"
    assert [p["operator"] for p in row["pii"]] == ["keep", "redact"]


def test_least() -> None:
    text = f"编号{MOBILE}"
    assert run(batch({"text": text}))[0]["text"] == text
    assert run(batch({"text": text}), least=0.2)[0]["text"] == "编号174****1234"


def test_a_configuration_reads_as_in_the_example() -> None:
    stage = validate(
        Anonymise,
        Document(
            "industry.yaml",
            {
                "PERSON": {"operator": "redact"},
                "CN_MOBILE": {"operator": "mask", "keep_head": 3, "keep_tail": 4},
                "CN_ID_CARD": {"operator": "generalise"},
                "keep": ["CN_PLATE"],
            },
            {},
        ),
    )
    assert stage.keep == ("CN_PLATE",)
    assert Anonymise.model_validate_json(stage.model_dump_json()) == stage


MISTAKES: list[tuple[dict[str, Any], str]] = [
    ({"CN_MOBIL": {"operator": "mask"}}, "Did you mean CN_MOBILE?"),
    ({"CN_MOBILE": {"operator": "mask", "keep_hed": 3}}, "Did you mean keep_head?"),
    ({"CN_MOBILE": {"operator": "forget"}}, "forget"),
    ({"CN_MOBILE": {"operator": "mask", "keep_head": -1}}, "greater than or equal to 0"),
    ({"keep": ["CN_MOBIL"]}, "CN_MOBILE"),
    ({"least": 2.0}, "less than or equal to 1"),
    ({"kept": ["甲[0-9]", "[0-9]{11}"]}, r"kept\[1\]: would leave personal data as they are: CN_MOBILE"),
    ({"kept": ["("]}, r"kept\[0\]: no regular expression"),
]


@pytest.mark.parametrize(("fields", "expected"), MISTAKES)
def test_mistakes_are_named(fields: dict[str, Any], expected: str) -> None:
    with pytest.raises(ConfigError, match=expected.replace("?", r"\?")):
        validate(Anonymise, Document("industry.yaml", fields, {}))


def test_every_entity_is_a_field() -> None:
    assert set(ENTITIES) <= set(Anonymise.model_fields)


def test_frozen_and_picklable() -> None:
    stage = pickle.loads(pickle.dumps(Anonymise(least=0.6)))  # our own bytes
    assert stage == Anonymise(least=0.6)
    with pytest.raises(ValidationError):
        stage.least = 0.7


def test_empty_and_sliced_batches() -> None:
    work = Anonymise().open()
    whole = work(ROWS).to_pylist()
    assert work(ROWS.slice(0, 0)).to_pylist() == []
    assert work(ROWS.slice(0, 0)).schema.equals(work(ROWS).schema)
    for size in (1, 2, 3):
        parts = [work(ROWS.slice(at, size)).to_pylist() for at in range(0, len(ROWS), size)]
        assert [row for part in parts for row in part] == whole


lines = st.one_of(
    st.none(), st.dictionaries(texts, st.one_of(texts, st.integers(), st.none()), max_size=3).map(json.dumps)
)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(texts, lines), max_size=5))
def test_a_second_pass_finds_only_what_is_kept(some: list[tuple[str, str | None]]) -> None:
    work, recognizer = Anonymise().open(), ChineseRecognizer()
    once = work(batch(*({"text": text, "meta": meta} for text, meta in some)))
    again = work(once)
    assert again.column("text").equals(once.column("text"))
    assert again.column("meta").equals(once.column("meta"))
    assert {p["operator"] for row in again.column("pii").to_pylist() for p in row} <= {"keep"}
    for row in once.to_pylist():
        assert {hit.entity for hit in recognizer.hits(row["text"])} <= {"CN_USCC", "PUBLIC_PHONE"}


def test_presidio_is_imported_for_the_first_text_with_a_likely_find_only() -> None:
    code = f"""
import sys, pyarrow as pa
from curate.stages.anonymise import Anonymise
assert "presidio_analyzer" not in sys.modules
work = Anonymise().open()
work(pa.RecordBatch.from_pydict({{"id": ["a"], "text": ["2024-01-12 12:30:45，3.1415926，新GB/T 1234567，a@b"]}}))
assert "presidio_analyzer" not in sys.modules and "spacy" not in sys.modules
work(pa.RecordBatch.from_pydict({{"id": ["a"], "text": ["{MOBILE}"]}}))
assert "presidio_analyzer" in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)  # our own code


PROFILE = Profile.model_validate_json(
    '{"name":"mine","title":"我的","keep":[{"name":"标签号","example":"签 110199850607123"},{"name":"重","example":"1吨"}]}'
)
LABELLED = "证号：签 110199850607123"


def test_the_industrys_numbers_are_filled_in_and_left_alone() -> None:
    stage = Anonymise().settled(PROFILE)
    assert stage.kept == tuple(kept.regex for kept in PROFILE.keep)
    rows = batch({"text": f"{LABELLED}，手机{MOBILE}，身份证{ID}，证号：110199850607123"})
    (row,) = run(rows, kept=stage.kept)
    assert row["text"] == f"{LABELLED}，手机174****1234，身份证11{'*' * 16}，证号：11{'*' * 13}"
    assert [(p["entity"], p["count"]) for p in row["pii"]] == [("CN_ID_CARD", 2), ("CN_MOBILE", 1)]
    (row,) = run(rows)
    assert row["text"].startswith(f"证号：签 11{'*' * 13}，"), "without it the number is lost"


def test_the_name_of_a_field_is_the_label_of_its_number() -> None:
    rows = batch({"text": "无", "meta": '{"签":"110199850607123","证号":"110199850607123"}'})
    (row,) = run(rows, kept=Anonymise().settled(PROFILE).kept)
    assert row["meta"] == '{"签":"110199850607123","证号":"11' + "*" * 13 + '"}'


@pytest.mark.parametrize("kept", [(), ("甲[0-9]",)])
def test_what_the_config_says_of_kept_numbers_stands(kept: tuple[str, ...]) -> None:
    assert Anonymise(kept=kept).settled(PROFILE).kept == kept


def test_kept_numbers_are_parameters() -> None:
    settled = [Anonymise().settled(profile) for profile in builtin_profiles().values()]
    assert len({stage.model_dump_json() for stage in settled}) == len(settled), "each industry has its own"
    for stage in settled:
        assert stage.settled(PROFILE) == stage
        assert Anonymise.model_validate_json(stage.model_dump_json()) == stage


def test_kept_numbers_in_batches_of_any_size() -> None:
    work = Anonymise().settled(PROFILE).open()
    rows = batch(*({"text": f"{LABELLED}{'，' * n}{MOBILE}"} for n in range(5)))
    whole = work(rows).to_pylist()
    assert [row["text"][: len(LABELLED)] for row in whole[1:]] == [LABELLED] * 4
    for size in (1, 2, 3):
        parts = [work(rows.slice(at, size)).to_pylist() for at in range(0, len(rows), size)]
        assert [row for part in parts for row in part] == whole


@settings(max_examples=50, deadline=None)
@given(st.lists(st.one_of(texts, st.just(LABELLED)), max_size=4).map("，".join))
def test_a_second_pass_leaves_kept_numbers_too(text: str) -> None:
    work = Anonymise().settled(PROFILE).open()
    once = work(batch({"text": text}))
    assert work(once).column("text").equals(once.column("text"))
