"""Which records are taken for contaminated, and what a wrong evaluation set says."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import ValidationError

from curate.errors import DomainError
from curate.records import CONTAMINATION, DROPPED
from curate.stage import ReadsFiles
from curate.stages.decontaminate import Coverage, Decontaminate
from curate.stages.evaluation import EvaluationSet, items_of

from .rows import batch, check_promises, reasons

QUESTION = "下列关于制曲车间温度记录的说法中，哪一项是错误的？"
PLAIN = "下列关于制曲车间温度记录的说法中哪一项是错误的"
ENGLISH = "Which of the following records of the fermentation workshop is wrong?"


def written(root: Path, name: str, items: Sequence[object]) -> str:
    (root / name).write_text("".join(json.dumps(item, ensure_ascii=False) + "\n" for item in items), "utf-8")
    return name


def stage(root: Path, *sets: Sequence[object], fields: tuple[str, ...] = (), **more: Any) -> Decontaminate:
    """A stage over sets `S0`, `S1`..., whose items are objects or the text of one."""
    made = []
    for number, items in enumerate(sets):
        whole = [{"q": item} if isinstance(item, str) else item for item in items]
        file = written(root, f"s{number}.jsonl", whole)
        made.append(EvaluationSet(name=f"S{number}", file=file, fields=fields))
    return Decontaminate(sets=tuple(made), **more)


def looked(root: Path, one: Decontaminate, *texts: str) -> list[list[tuple[str, str, int]]]:
    one.reads(root)
    out = one.open(root)(batch(texts))
    return [[(c["set"], c["item"], c["chars"]) for c in row] for row in out["contamination"].to_pylist()]


@pytest.mark.parametrize(
    ("item", "record", "chars"),
    [
        (QUESTION, QUESTION, 23),  # the item itself
        (QUESTION, f"某厂试题。{QUESTION}答案见后。", 23),  # inside a longer record
        (QUESTION, PLAIN, 23),  # without the signs
        (QUESTION, "\n".join(PLAIN), 23),  # a line feed after every character
        (QUESTION, "　".join(PLAIN), 23),  # ideographic spaces
        (QUESTION, "，".join(PLAIN), 23),  # a comma after every character
        (QUESTION, "\u200b".join(PLAIN), 23),  # zero-width spaces
        (QUESTION, "下列關於製曲車間溫度記錄的說法中，哪一項是錯誤的？", 23),  # traditional
        ("下列關於製曲車間溫度記錄的說法中，哪一項是錯誤的？", QUESTION, 23),  # a traditional item
        ("本批次ＡＢＣ１２３号酒样取自第五窖池的下层", "本批次abc123号酒样取自第五窖池的下层", 21),  # full width
        ("每坛装酒五百㎏并在窖池旁静置满三十天", "每坛装酒五百kg并在窖池旁静置满三十天", 19),  # one becomes two
        ("窖泥酒曲高粱小麦清水稻壳温度", "窖泥酒曲高粱小麦清水稻壳温", 13),  # just enough
        ("窖泥酒曲高粱小麦清水稻壳温度", "窖泥酒曲高粱小麦清水稻壳", None),  # one too few
        ("窖泥酒曲高粱小麦清水稻壳温度", "窖泥酒曲高粱小麦，糯稻壳温度", None),  # broken in the middle
        (QUESTION, "制曲车间的温度由班长每两小时记录一次", None),  # the same topic
        (QUESTION, "", None),  # nothing
        (QUESTION, "，。！？" * 20, None),  # signs alone
        (ENGLISH, ENGLISH.upper(), 58),  # capitals
        (ENGLISH, "Which of the following records was kept?", None),  # 29 letters: seven and a quarter
        (ENGLISH, ENGLISH.replace("e", "é"), 58),  # accents
        ("见网页 https://www.example.org/wiki/ 的说明", "又见 https://www.example.org/wiki/ 一页", None),  # a URL
        ("𠮷𠮷𠮷" + QUESTION, "𠮷" + QUESTION, 24),  # four bytes
    ],
)  # fmt: skip
def test_what_is_taken_for_the_same(tmp_path: Path, item: str, record: str, chars: int | None) -> None:
    (found,) = looked(tmp_path, stage(tmp_path, [item, "另外一道完全无关而且足够长的题目"]), record)
    assert found == ([] if chars is None else [("S0", "1", chars)])


def test_a_dropped_record_names_the_longest_run(tmp_path: Path) -> None:
    one = stage(tmp_path, [PLAIN[:14], PLAIN[:18]], [PLAIN[:18]])
    out = one.open(tmp_path)(batch([PLAIN[:20], "无关的一句话", PLAIN[:13]]))
    assert out["contamination"].to_pylist() == [
        [
            {"set": "S0", "item": "2", "chars": 18},
            {"set": "S1", "item": "1", "chars": 18},
            {"set": "S0", "item": "1", "chars": 14},
        ],
        [],
        [{"set": s, "item": i, "chars": 13} for s, i in [("S0", "1"), ("S0", "2"), ("S1", "1")]],
    ]
    dropped = {"reason": "contaminated", "threshold": 13.0, "cluster": None}
    assert out["dropped"].to_pylist() == [
        {**dropped, "value": 18.0, "duplicate_of": "S0:2"},
        None,
        {**dropped, "value": 13.0, "duplicate_of": "S0:1"},
    ]


def test_the_value_is_the_length_as_letters_weigh(tmp_path: Path) -> None:
    out = stage(tmp_path, [ENGLISH]).open(tmp_path)(batch([ENGLISH]))
    assert out["dropped"][0]["value"].as_py() == 58 / 4
    plain = stage(tmp_path, ["linear algebra"], letter_weight=1.0).open(tmp_path)(batch(["on linear algebra"]))
    assert plain["dropped"][0]["value"].as_py() == 13


def test_flagged_records_stay(tmp_path: Path) -> None:
    out = stage(tmp_path, [QUESTION], action="flag").open(tmp_path)(batch([QUESTION]))
    assert reasons(out) == [None]
    assert out["contamination"].to_pylist() == [[{"set": "S0", "item": "1", "chars": 23}]]


def test_least_run_leaves_shorter_ones(tmp_path: Path) -> None:
    one = stage(tmp_path, [QUESTION], least_run=20)
    assert looked(tmp_path, one, PLAIN[:19], PLAIN[:20]) == [[], [("S0", "1", 20)]]


def test_fields_are_texts_of_their_own(tmp_path: Path) -> None:
    item = {
        "question": "制曲温度",
        "options": {"A": "高温大曲的培养温度可以达到六十度", "B": ["中温"]},
        "n": 7,
        "x": None,
    }
    one = stage(tmp_path, [item])
    record = "高温大曲的培养温度可以达到六十度"
    assert list(items_of(tmp_path, one.sets[0])) == [("1", ["制曲温度", record, "中温"])]
    assert looked(tmp_path, one, record, "制曲温度高温大曲的培养温度可以") == [[("S0", "1", 16)], []]
    named = stage(tmp_path, [{**item, "stem": QUESTION}], fields=("stem",))
    assert looked(tmp_path, named, record, QUESTION) == [[], [("S0", "1", 23)]]


def test_a_common_phrase_is_no_evidence_but_what_goes_with_it_is(tmp_path: Path) -> None:
    stem = "根据本厂安全操作规程的规定，"
    subjects = ["蒸馏", "制曲", "发酵", "勾调", "包装", "储存", "检验", "运输", "清洗", "维修", "配电"]
    items = [f"{stem}{subject}岗位的下列做法中正确的是" for subject in subjects]
    assert len(items) == 11
    one = stage(tmp_path, items)
    assert looked(tmp_path, one, f"各班组应当{stem}做好记录", items[4]) == [[], [("S0", "5", 27)]]
    # In ten items it would be evidence, and in eleven that are of two sets.
    assert len(looked(tmp_path, stage(tmp_path, items[1:]), f"各班组应当{stem}做好记录")[0]) == 10
    assert len(looked(tmp_path, stage(tmp_path, items[:6], items[6:]), f"各班组应当{stem}做好记录")[0]) == 11


def test_phrases_are_no_evidence(tmp_path: Path) -> None:
    title = "《某省历史文化名城名镇名村保护条例》"
    (tmp_path / "phrases.txt").write_text(f"\n{title}\n短\n", "utf-8")
    record = f"依据{title}，村里立了石碑。"
    item = f"下列各项中，哪一项违反了{title}第三条？"
    assert looked(tmp_path, stage(tmp_path, [item]), record) == [[("S0", "1", 16)]]
    one = stage(tmp_path, [item], phrases="phrases.txt")
    assert looked(tmp_path, one, record, item) == [[], [("S0", "1", 30)]]
    assert one.reads(tmp_path) == ("s0.jsonl", "phrases.txt")


def test_coverage_counts_what_cannot_be_found(tmp_path: Path) -> None:
    one = stage(
        tmp_path,
        ["短题", PLAIN[:13], PLAIN[5:17], "What is it?", ""],
        ["蒸馏车间每班取样的次数与时刻"] * 11 + [QUESTION],
    )
    assert one.coverage(tmp_path) == (Coverage("S0", 5, 4, 0), Coverage("S1", 12, 0, 11))


def test_promises(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # where a path is relative to if nothing is said
    texts = ["", QUESTION, "无关", f"{QUESTION}{ENGLISH}", ENGLISH, "𠮷" * 40, QUESTION * 3]
    check_promises(stage(tmp_path, [QUESTION, ENGLISH], ["𠮷" * 20]), texts)
    assert isinstance(Decontaminate(), ReadsFiles)


def test_without_sets_nothing_is_looked_for(tmp_path: Path) -> None:
    one = Decontaminate()
    check_promises(one, ["", QUESTION])
    out = one.open(tmp_path)(batch([QUESTION]))
    assert one.reads(tmp_path) == ()
    assert out.schema.field("contamination").type == CONTAMINATION
    assert out.schema.field("dropped").type == DROPPED
    assert out["contamination"].to_pylist() == [None]


TABLE = pa.table({"key": [7, 8], "q": [QUESTION, None], "choices": [["甲", "乙"], []], "picture": [b"\xff", b"x"]})


def test_formats_give_the_same(tmp_path: Path) -> None:
    pq.write_table(TABLE, tmp_path / "s.parquet")
    with pa.ipc.new_stream(tmp_path / "stream.arrow", TABLE.schema) as sink:
        sink.write_table(TABLE)
    with pa.ipc.new_file(tmp_path / "file.arrow", TABLE.schema) as sink:
        sink.write_table(TABLE)
    rows = [{k: v for k, v in row.items() if k != "picture"} for row in TABLE.to_pylist()]
    (tmp_path / "s.jsonl").write_bytes(
        b"\xef\xbb\xbf" + "\r\n\n".join(json.dumps(r, ensure_ascii=False) for r in rows).encode()
    )
    for file in ("s.parquet", "stream.arrow", "file.arrow", "s.jsonl"):
        for fields in ((), ("q", "choices")):
            wanted = EvaluationSet(name="S", file=file, fields=fields, id="key")
            assert list(items_of(tmp_path, wanted)) == [("7", [QUESTION, "甲", "乙"]), ("8", [])], file
            one = Decontaminate(sets=(wanted,))
            assert one.reads(tmp_path) == (file,)
            assert looked(tmp_path, one, PLAIN) == [[("S", "7", 23)]]


def test_deep_nesting_is_read(tmp_path: Path) -> None:
    deep: Any = QUESTION
    for _ in range(900):
        deep = [deep]
    (tmp_path / "s.jsonl").write_text('{"q": ' + "[" * 900 + f'"{QUESTION}"' + "]" * 900 + "}")
    assert looked(tmp_path, Decontaminate(sets=(EvaluationSet(name="S", file="s.jsonl"),)), PLAIN)[0]


SECRET = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳"
GOOD = json.dumps({"id": "a", "q": SECRET}, ensure_ascii=False)


@pytest.mark.parametrize(
    ("content", "more", "says"),
    [
        (None, {}, "s.jsonl: no such file in the domain"),
        ("", {}, "s.jsonl: evaluation set holds no items"),
        ("\n \n", {}, "s.jsonl: evaluation set holds no items"),
        (f"{GOOD}\n\n{GOOD[:-4]}\n", {}, "s.jsonl:3: evaluation set has a line that cannot be read"),
        (f'{GOOD}\n"{SECRET}"\n', {}, "s.jsonl:2: evaluation set has a line that cannot be read"),
        (GOOD.encode("gb18030"), {}, "s.jsonl:1: evaluation set has a line that cannot be read"),
        (GOOD, {"fields": ("question", "q")}, "no such field; got question; expected some of id, q"),
        (GOOD, {"id": "ids"}, "no such field; got ids; expected some of id, q. Did you mean id?"),
        (f'{GOOD}\n{{"q": "{SECRET}"}}', {"id": "id"}, "no such field; got id; expected some of q"),
        (f'{{"q": "{SECRET * 5}"}}', {"id": "q"}, "item 1: field q does not name an item; got 80 characters"),
        ('{"id": null, "q": "x"}', {"id": "id"}, "item 1: field id does not name an item; got NoneType"),
        ('{"q": "短题"}', {}, "s.jsonl: no item of the evaluation set can be found"),
        (GOOD, {"fields": ("id",)}, "s.jsonl: no item of the evaluation set can be found"),
    ],
)
def test_a_wrong_set_is_told_without_its_text(
    tmp_path: Path, content: str | bytes | None, more: dict[str, Any], says: str
) -> None:
    if content is not None:
        (tmp_path / "s.jsonl").write_bytes(content.encode() if isinstance(content, str) else content)
    one = Decontaminate(sets=(EvaluationSet(name="S", file="s.jsonl", **more),))
    with pytest.raises(DomainError) as caught:
        one.reads(tmp_path)
    assert says in str(caught.value)
    assert SECRET[:4] not in str(caught.value)


def test_wrong_tables_are_told(tmp_path: Path) -> None:
    pq.write_table(TABLE, tmp_path / "s.parquet")
    whole = (tmp_path / "s.parquet").read_bytes()
    (tmp_path / "cut.parquet").write_bytes(whole[:-20])
    (tmp_path / "cut.arrow").write_bytes(whole)
    (tmp_path / "empty.arrow").write_bytes(b"")
    bad = pa.StringArray.from_buffers(1, pa.py_buffer(b"\0\0\0\0\2\0\0\0"), pa.py_buffer(b"\xff\xfe"))
    pq.write_table(pa.table({"q": bad}), tmp_path / "bytes.parquet")
    for file in ("cut.parquet", "cut.arrow", "empty.arrow", "bytes.parquet"):
        with pytest.raises(DomainError, match=f"{file}: evaluation set cannot be read; got .* after 0 items"):
            Decontaminate(sets=(EvaluationSet(name="S", file=file),)).reads(tmp_path)
    with pytest.raises(DomainError, match="no such field; got answer; expected some of choices, key, picture, q"):
        Decontaminate(sets=(EvaluationSet(name="S", file="s.parquet", fields=("q", "answer")),)).reads(tmp_path)


def test_links_and_missing_phrases_are_told(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    domain = tmp_path / "domain"
    outside.mkdir()
    domain.mkdir()
    written(outside, "s.jsonl", [{"q": QUESTION}])
    (domain / "s.jsonl").symlink_to(outside / "s.jsonl")
    (domain / "folder").symlink_to(outside)
    for file in ("s.jsonl", "folder/s.jsonl"):
        with pytest.raises(DomainError, match="links are not followed"):
            Decontaminate(sets=(EvaluationSet(name="S", file=file),)).reads(domain)
    with pytest.raises(DomainError, match=r"phrases\.txt: no such file"):
        Decontaminate(phrases="phrases.txt").reads(domain)
    (domain / "phrases.txt").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(DomainError, match=r"phrases\.txt: list of phrases is not text"):
        Decontaminate(phrases="phrases.txt").reads(domain)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"sets": [{"name": "S", "file": "/etc/s.jsonl"}]}, "leaves the domain"),
        ({"sets": [{"name": "S", "file": "a/../../s.jsonl"}]}, "leaves the domain"),
        ({"sets": [{"name": "S", "file": ""}]}, "leaves the domain"),
        ({"sets": [{"name": "S", "file": "s.csv"}]}, "no such format"),
        ({"sets": [{"name": "S:1", "file": "s.jsonl"}]}, "should match pattern"),
        ({"sets": [{"name": "S", "file": f"{i}.jsonl"} for i in range(2)]}, "used twice: S"),
        ({"least_run": 12}, "least_run is less than ngram"),
        ({"phrases": "../phrases.txt"}, "leaves the domain"),
        ({"letter_weight": 0}, "greater than 0"),
        ({"ngram": 3}, "greater than or equal to 4"),
    ],
)
def test_wrong_parameters_are_told(fields: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        Decontaminate.model_validate_json(json.dumps(fields))
