"""The recipe pretrain-thorough from files to a dataset: evaluation items, repeated lines and repeated runs, each told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from ruamel.yaml import YAML

from curate.recipe import load_recipe, resolve
from curate.report.trace import life, life_lines
from curate.report.verify import verify
from curate.runner import run
from tests.runs import ROOT, Watch, dataset_digest, domain_copy, read_records

QUESTION = "接酒时看花摘酒，酒花由大清花转为小清花时，说明酒精度已降到五十八度左右，此时应当换坛另接。"
FOOTER = "本资料版权归酱酒示例企业所有，未经书面许可不得转载或用于商业目的。"
RUN = "窖池起糟须自上而下分层进行，每层厚度以二十五厘米为宜，起出的糟醅当日蒸完，不得隔夜堆放，以免杂菌侵入影响下一轮次的发酵，班长逐窖签字。"
TOPICS = ("润粮", "蒸粮", "摊晾", "拌曲", "堆积", "入窖", "封窖", "起窖", "上甑", "量质", "盘勾", "陈酿")


def text_of(topic: str, at: int) -> str:
    own = "".join(
        f"{topic}工序第{'一二三四五六七八九'[i]}步由{'甲乙丙'[(i + at) % 3]}班负责，要点是{topic}的{'水温时间厚度湿度次序人数'[2 * (i % 6) : 2 * (i % 6) + 2]}与第{at * 7 + i * 13}号记录相符。"
        for i in range(6)
    )
    return f"{own}\n{FOOTER}"


def planted(folder: Path) -> Path:
    """A copy of the example with twelve notes that share a footer, two that share a run, and one that holds a question."""
    notes = folder / "raw/process/2026"
    for at, topic in enumerate(TOPICS):
        body = text_of(topic, at)
        if topic in ("润粮", "起窖"):
            body = f"{body[:60]}{RUN}{body[60:]}"
        if topic == "陈酿":
            body = f"{body[:40]}{QUESTION}{body[40:]}"
        (notes / f"note-{at:02d}.txt").write_text(body, "utf-8")
    (folder / "evaluation").mkdir()
    (folder / "evaluation/exam.jsonl").write_text(
        json.dumps({"no": "K-7", "question": QUESTION.replace("，", ",")}, ensure_ascii=False) + "\n", "utf-8"
    )
    yaml = YAML()
    config: Any = yaml.load((ROOT / "configs/baijiu.yaml").read_text("utf-8"))
    config["recipe"] = "pretrain-thorough"
    config["decontaminate"] = {"sets": [{"name": "exam", "file": "evaluation/exam.jsonl", "id": "no"}]}
    config["substrings"] = {"remove": True}
    yaml.dump(config, folder / "thorough.yaml")
    return folder


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """The dataset by one worker, and by two in smaller tasks with little memory."""
    out = {}
    for workers in (1, 2):
        folder = planted(domain_copy("baijiu", tmp_path_factory.mktemp(f"thorough-{workers}")))
        sets = () if workers == 1 else ("work.task_mb=0.02", "work.batch_rows=7", "work.memory_mb=1")
        report = run(resolve(folder / "thorough.yaml", sets), folder, workers=workers, progress=Watch())
        out[workers] = report.dataset
    return out


def notes(dataset: Path) -> dict[str, dict[str, Any]]:
    return {Path(r["source"]["path"]).stem: r for r in read_records(dataset) if "/note-" in r["source"]["path"]}


def test_the_same_bytes_and_a_whole_dataset(built: dict[int, Path]) -> None:
    assert dataset_digest(built[1]) == dataset_digest(built[2])
    assert verify(built[1]) == []


def test_a_footer_of_twelve_goes_and_is_counted(built: dict[int, Path]) -> None:
    found = notes(built[1])
    assert len(found) == len(TOPICS) - 1, "all but the one that holds a question"
    assert not [name for name, r in found.items() if FOOTER in r["text"]]
    assert {r["boilerplate"] for r in found.values()} == {len(FOOTER) + 1}, "with its line break"
    assert all(r["n_chars"] == len(r["text"]) for r in found.values())
    others = [r for r in read_records(built[1]) if "/note-" not in r["source"]["path"]]
    assert {r["boilerplate"] for r in others} == {0}


def test_a_run_of_two_stays_in_one_and_is_told_in_both(built: dict[int, Path]) -> None:
    both = [notes(built[1])[name] for name in ("note-00", "note-07")]
    assert sum(RUN in r["text"] for r in both) == 1
    assert RUN in min(both, key=lambda r: r["id"])["text"]
    assert all(r["repeated"] >= len(RUN) for r in both)


def test_a_question_goes_and_its_item_is_named(built: dict[int, Path]) -> None:
    rows = pq.read_table(built[1] / "ledger").to_pylist()
    (row,) = [r for r in rows if r["reason"] == "contaminated"]
    assert row["source_path"].endswith("note-11.txt")
    assert row["duplicate_of"] == "exam:K-7"
    assert row["value"] >= row["threshold"] == 13
    (line,) = [line for line in life_lines(life(built[1], row["id"])) if "contaminated" in line]
    assert "item K-7 of the evaluation set exam" in line
    reads = [r["path"] for r in json.loads((built[1] / "manifest.json").read_bytes())["inputs"]["reads"]]
    assert reads == ["evaluation/exam.jsonl"], "what decides the result is in the manifest"


def test_the_recipe_is_pretrain_and_two_stages_more() -> None:
    plain, thorough = (
        load_recipe(ROOT / "pipelines" / f"{name}.yaml").model_dump(mode="json", exclude_none=True)["stages"]
        for name in ("pretrain", "pretrain-thorough")
    )
    more = [stage for stage in thorough if stage not in plain]
    assert [list(stage) for stage in more] == [["boilerplate"], ["substrings"]]
    assert [stage for stage in thorough if stage in plain] == plain
