"""Labelled files of others: offsets, labels, and what is wrong named by its line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from curate.errors import UserError
from curate.pii.labelled import Labelled, Mark, read_labelled

PER = Mark(3, 6, "PER")
TEXT = "联系人钱小茜，𠮷"


def read(file: Path, content: str) -> tuple[list[Labelled], list[str]]:
    file.write_text(content, "utf-8")
    bad: list[str] = []
    return list(read_labelled(file, bad)), bad


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"text": TEXT, "label": [[3, 6, "PER"]]}, "doccano"),
        ({"text": TEXT, "labels": [[3, 6, "PER"]], "id": 7}, "doccano, older"),
        (
            {"text": TEXT, "entities": [{"id": 1, "start_offset": 3, "end_offset": 6, "label": "PER"}]},
            "doccano, relations",
        ),
        ({"text": TEXT, "spans": [{"start": 3, "end": 6, "entity": "PER"}]}, "our own"),
        ({"text": TEXT, "label": [[3, 6, "PER"], [3, 6, "PER"]]}, "two annotators marked the same"),
    ],
)
def test_lines_of_json(tmp_path: Path, row: dict[str, Any], why: str) -> None:
    assert read(tmp_path / "f", json.dumps(row) + "\n\n") == ([Labelled(TEXT, (PER,))], []), why


def test_our_own_lines_have_traps_and_kinds(tmp_path: Path) -> None:
    row = {
        "text": TEXT,
        "spans": [{"start": 3, "end": 6, "entity": "PERSON", "kind": "person"}],
        "traps": [{"start": 0, "end": 2, "trap": "batch_number"}],
    }
    assert read(tmp_path / "f", json.dumps(row))[0] == [
        Labelled(TEXT, (Mark(3, 6, "PERSON", "person"),), (Mark(0, 2, "batch_number"),))
    ]


@pytest.mark.parametrize(
    ("line", "says", "why"),
    [
        ('{"text": "钱小茜"', "not JSON", "cut off"),
        ('["钱小茜"]', "expected an object", "no object"),
        ('{"text": 1, "label": []}', "text as a string", "text is a number"),
        ('{"text": "钱小茜"}', "as a list", "not labelled at all"),
        ('{"text": "钱小茜", "label": [[0, 9, "PER"]]}', "not within the text", "beyond the end"),
        ('{"text": "钱小茜", "label": [[2, 2, "PER"]]}', "not within the text", "empty"),
        ('{"text": "钱小茜", "label": [[-1, 2, "PER"]]}', "not within the text", "before the beginning"),
        ('{"text": "钱小茜", "label": [[0, 2, "PER"], [1, 3, "PER"]]}', "overlap", "two overlap"),
        ('{"text": "钱小茜", "label": [[0, true, "PER"]]}', "whole numbers", "true is no number"),
        ('{"text": "钱小茜", "label": [[0, 1]]}', "[start, end, label]", "no label"),
        (
            '{"text": "钱小茜", "label": [{"start": 0, "end": 2, "text": "茜", "labels": ["PER"]}]}',
            "offsets",
            "other text",
        ),
    ],
)
def test_a_wrong_row_is_named_by_its_line_and_the_others_are_read(
    tmp_path: Path, line: str, says: str, why: str
) -> None:
    good = json.dumps({"text": TEXT, "label": [[3, 6, "PER"]]})
    rows, bad = read(tmp_path / "f", f"{good}\n{line}\n{good}\n")
    assert rows == [Labelled(TEXT, (PER,))] * 2, why
    [complaint] = bad
    assert complaint.startswith("line 2: "), why
    assert says in complaint, why
    assert "茜" not in complaint, why


def task(text: str, *values: dict[str, Any], **more: Any) -> dict[str, Any]:
    results = [{"from_name": "label", "to_name": "text", "type": "labels", "value": value} for value in values]
    return {"id": 1, "data": {"text": text}, "annotations": [{"result": results}], **more}


def test_label_studio(tmp_path: Path) -> None:
    tasks = [
        task(TEXT, {"start": 3, "end": 6, "text": "钱小茜", "labels": ["PER"]}),
        task(
            "𠮷𠮷钱小茜", {"start": 4, "end": 7, "text": "钱小茜", "labels": ["PER"]}
        ),  # UTF-16 units, as browsers count
        task("没有"),
    ]
    rows, bad = read(tmp_path / "f", json.dumps(tasks))
    assert rows == [Labelled(TEXT, (PER,)), Labelled("𠮷𠮷钱小茜", (Mark(2, 5, "PER"),)), Labelled("没有", ())]
    assert bad == []


def test_label_studio_takes_the_ground_truth_and_no_cancelled_work(tmp_path: Path) -> None:
    def one(end: int, **more: Any) -> dict[str, Any]:
        return task(TEXT, {"start": 3, "end": end, "labels": ["PER"]})["annotations"][0] | more

    tasks = [
        {"data": {"text": TEXT}, "annotations": [one(5), one(6, ground_truth=True)]},
        {"data": {"body": TEXT}, "annotations": [one(5, was_cancelled=True), one(6)]},
        {"data": {"text": TEXT}, "annotations": []},
        {"data": {"text": TEXT}, "annotations": [one(5, was_cancelled=True)]},
        {"data": {"text": TEXT}, "annotations": [one(99)]},
    ]
    rows, bad = read(tmp_path / "f", json.dumps(tasks))
    assert rows == [Labelled(TEXT, (PER,))] * 2
    assert bad == [
        "task 3: nobody has labelled it",
        "task 4: nobody has labelled it",
        "task 5: a label is not within the text",
    ]


def test_label_studio_in_its_short_form(tmp_path: Path) -> None:
    tasks = [
        {"id": 1, "text": TEXT, "label": [{"start": 3, "end": 6, "text": "钱小茜", "labels": ["PER"]}]},
        {"text": "无"},
    ]
    assert read(tmp_path / "f", json.dumps(tasks)) == ([Labelled(TEXT, (PER,)), Labelled("无", ())], [])


def test_iob2_of_ten_columns(tmp_path: Path) -> None:
    content = (
        "# sent_id = 1\n# text = 昨天 Anna Bell 到了\n1\t昨天\tO\t-\t-\n2\tAnna\tB-PER\t-\t-\n3\tBell\tI-PER\t-\t-\n4\t到\tO\t-\t-\n5\t了\tO\t-\t-\n"
        "\n# text = 钱小茜\n1\t李\tB-PER\t-\t-\n"
        "\n# text = 钱钱\n1\t钱\tB-PER\t-\t-\n2\t钱\tB-PER\t-\t-\n"
    )
    rows, bad = read(tmp_path / "f", content)
    assert rows == [
        Labelled("昨天 Anna Bell 到了", (Mark(3, 12, "PER"),)),
        Labelled("钱钱", (Mark(0, 1, "PER"), Mark(1, 2, "PER"))),
    ]
    assert bad == ["line 10: a token does not stand in the text"]


def test_iob2_of_two_columns(tmp_path: Path) -> None:
    content = "[ O\n钱 B-PER\n小 M-PER\n茜 E-PER\n] O\n\n没 O\n有\n\n茜 S-PER\n好 I-LOC"
    rows, bad = read(tmp_path / "f", content)
    assert rows == [
        Labelled("[钱小茜]", (Mark(1, 4, "PER"),)),
        Labelled("茜好", (Mark(0, 1, "PER"), Mark(1, 2, "LOC"))),
    ]
    assert bad == ["line 7: expected a token and its tag on each line"]


def test_files_that_cannot_be_used(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such file"):
        list(read_labelled(tmp_path / "none", []))
    (tmp_path / "gb").write_bytes("{钱小茜}".encode("gb18030"))
    with pytest.raises(UserError, match="UTF-8"):
        list(read_labelled(tmp_path / "gb", []))
    (tmp_path / "cut").write_text("[{", "utf-8")
    with pytest.raises(UserError, match="not JSON"):
        list(read_labelled(tmp_path / "cut", []))
    (tmp_path / "empty").write_text("", "utf-8")
    assert list(read_labelled(tmp_path / "empty", [])) == []


def test_the_ner_sets_of_universal_ner_are_read_whole(shared: Path) -> None:
    bad: list[str] = []
    file = shared / "data/ner-dev/UNER_Chinese-GSDSIMP/zh_gsdsimp-ud-train.iob2"
    rows = list(read_labelled(file, bad))
    assert bad == []
    assert len(rows) == file.read_text("utf-8").count("# text = ")
    begun = sum(
        line.split("\t")[2].startswith("B-") for line in file.read_text("utf-8").splitlines() if line[:1].isdigit()
    )
    assert sum(len(row.marks) for row in rows) == begun
