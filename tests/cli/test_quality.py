"""`curate quality`: what other rules would do to a built dataset, by the measures that its records hold."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from curate.cli.quality import QUANTILES
from curate.records import QUALITY
from curate.stages.quality import Quality
from tests.cli.conftest import Call
from tests.runs import read_records
from tests.stages.rows import batch


def test_rules_of_a_preset_do_what_the_stage_would(curate: Call, small_built: Path) -> None:
    told = json.loads(curate("quality", small_built, "--preset", "web", "--set", "chars.least=150", "--json").out)
    records = read_records(small_built)
    out = Quality.model_validate({"preset": "web", "chars": {"least": 150}}).open()(batch([r["text"] for r in records]))
    flags = [reason for row in out["quality"].to_pylist() for reason in row["flags"]]
    found = {rule["reason"]: rule["records"] for rule in told["rules"]}
    assert {reason: n for reason, n in found.items() if n} == {reason: flags.count(reason) for reason in set(flags)}
    assert 0 < found["too_short"] < len(records) == told["records"] == told["looked_at"]
    (short,) = [rule for rule in told["rules"] if rule["reason"] == "too_short"]
    assert (short["measure"], short["side"], short["threshold"]) == ("chars", "least", 150)
    assert short["between"] == [short["share"], short["share"]], "all were looked at"
    assert told["any"]["records"] == sum(bool(row["flags"]) for row in out["quality"].to_pylist())


def test_quantiles_are_those_of_the_measures(curate: Call, small_built: Path) -> None:
    told = json.loads(curate("quality", small_built, "--json").out)
    records = read_records(small_built)
    assert list(told["quantiles"]) == [field.name for field in QUALITY if field.name != "flags"]
    for name, quantiles in told["quantiles"].items():
        values = np.array([r["quality"][name] for r in records], np.float32)
        assert list(quantiles.values()) == pytest.approx(np.percentile(values, QUANTILES).tolist())


def test_without_options_the_rules_are_those_of_the_dataset(curate: Call, small_built: Path) -> None:
    told = json.loads(curate("quality", small_built, "--json").out)
    assert told["preset"] == "document"
    assert told["rules"][0] | {"records": 0} == told["rules"][0], "what missed them is not in it"
    assert {r["reason"]: r["threshold"] for r in told["rules"]}["too_short"] == 30, "as its config says"
    assert told["any"]["records"] == 0
    assert told["dropped_before"] == {"too_short": 1}
    without = json.loads(curate("quality", small_built, "--set", "chars.least=null", "--json").out)
    assert [r["reason"] for r in without["rules"]] == [r["reason"] for r in told["rules"][1:]]


def test_a_table_for_people_and_no_text(curate: Call, small_built: Path) -> None:
    called = curate("quality", small_built, "--set", "chars.least=150")
    assert called.code == 0
    lines = [line.split() for line in called.out.splitlines()]
    short = next(line for line in lines if line[:2] == ["too_short", "chars"])
    assert short[2:4] == ["least", "150"]
    assert short[-1].endswith("%")
    assert ["measure", *(part for q in QUANTILES for part in (str(q), "%"))] in lines
    assert not any(r["text"][:12] in called.out for r in read_records(small_built))


def test_a_sample_is_told_with_its_interval(curate: Call, small_built: Path) -> None:
    told = json.loads(curate("quality", small_built, "--sample", "3", "--set", "chars.least=150", "--json").out)
    assert (told["records"], told["looked_at"]) == (5, 3)
    rule = told["rules"][0]
    low, high = rule["between"]
    assert low < rule["share"] < high or rule["share"] in (0, 1)
    assert "95 %" in curate("quality", small_built, "--sample", "3").out
    assert "95 %" not in curate("quality", small_built).out.split("\n\n")[1].splitlines()[0]


@pytest.mark.parametrize(
    ("options", "message", "why"),
    [
        (["--preset", "wb"], "'web', 'document', 'dialogue', 'tabular' or 'none'", "no such preset"),
        (["--set", "digit.most=1"], "digit_share", "no such measure, and the nearest"),
        (["--set", "digit_share.least=0.1"], "one of most", "no such side"),
        (["--set", "digit_share"], "cannot be understood", "no value"),
        (["--set", "digit_share.most=30"], "less than or equal to 1", "a share is no percentage"),
    ],
)
def test_mistakes(curate: Call, small_built: Path, options: list[str], message: str, why: str) -> None:
    called = curate("quality", small_built, *options)
    assert (called.code, called.out) == (2, ""), why
    assert message in called.err, why


def test_what_is_no_dataset(curate: Call, tmp_path: Path) -> None:
    assert curate("quality", tmp_path).code == 2


def _without_measures(batch: pa.RecordBatch) -> pa.RecordBatch:
    at = batch.schema.get_field_index("quality")
    return batch.set_column(at, batch.schema.field(at), pa.nulls(len(batch), QUALITY))


def _of_another_version(batch: pa.RecordBatch) -> pa.RecordBatch:
    at = batch.schema.get_field_index("quality")
    return batch.set_column(at, "quality", pa.StructArray.from_arrays([batch["quality"].field("score")], ["score"]))


@pytest.mark.parametrize(
    ("change", "message"),
    [(_without_measures, "records hold no measures"), (_of_another_version, "not those of this version")],
)
def test_records_without_these_measures(curate: Call, small_dataset: Path, change: object, message: str) -> None:
    assert callable(change)
    for shard in small_dataset.glob("data/**/*.arrow"):
        with pa.OSFile(str(shard)) as file, pa.ipc.open_stream(file) as reader:
            parts = [change(part) for part in reader]
        with pa.OSFile(str(shard), "wb") as file, pa.ipc.new_stream(file, parts[0].schema) as writer:
            for part in parts:
                writer.write_batch(part)
    called = curate("quality", small_dataset)
    assert called.code == 2
    assert message in called.err
    assert "Build the dataset again" in called.err
