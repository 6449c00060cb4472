"""Whatever is changed in a dataset is found, and nothing is found in one that is whole."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from curate.errors import DatasetError
from curate.manifest import MANIFEST, RUN, seal
from curate.records import RECORD, record_id
from curate.report.verify import verify
from tests.report.tampering import found, load, reseal, rewrite_parquet, rewrite_shard, shard

Rows = list[dict[str, Any]]
LEDGER = "ledger/part-00000.parquet"


def names(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def test_a_whole_dataset(small_dataset: Path) -> None:
    assert found(small_dataset) == []


def test_resealing_alone_changes_nothing(small_dataset: Path) -> None:
    """Otherwise the tests below would find only that."""
    before = load(small_dataset)
    reseal(small_dataset)
    assert load(small_dataset) == before
    assert found(small_dataset) == []


def test_a_flipped_bit_anywhere(small_dataset: Path) -> None:
    chance = random.Random(1)
    for name in names(small_dataset):
        path = small_dataset / name
        data = path.read_bytes()
        for at in (0, len(data) - 1, *(chance.randrange(len(data)) for _ in range(3))):
            changed = bytearray(data)
            changed[at] ^= 1 << chance.randrange(8)
            path.write_bytes(changed)
            findings = verify(small_dataset)
            assert name in {f.file for f in findings}, (name, at)
        path.write_bytes(data)
    assert found(small_dataset) == []


def test_every_missing_file(small_dataset: Path, tmp_path: Path) -> None:
    for name in names(small_dataset):
        moved = shutil.move(small_dataset / name, tmp_path / "away")
        if name == MANIFEST:
            with pytest.raises(DatasetError):
                verify(small_dataset)
        else:
            assert f"{name}: is missing" in found(small_dataset)
        shutil.move(moved, small_dataset / name)


def test_a_removed_shard_though_the_manifest_no_longer_names_it(small_dataset: Path) -> None:
    gone = shard(small_dataset)
    name = gone.relative_to(small_dataset).as_posix()
    gone.unlink()
    reseal(small_dataset, lambda m: m["outputs"].pop(name))
    assert any("number of shards differs; got 0; expected 1" in f for f in found(small_dataset))


def test_what_does_not_belong(small_dataset: Path) -> None:
    (small_dataset / "data" / "more.arrow").write_bytes(b"x")
    (small_dataset / ".hidden").write_bytes(b"x")
    (small_dataset / "link").symlink_to(MANIFEST)
    (small_dataset / "folder").symlink_to("data")
    assert found(small_dataset) == [
        "folder: is a link; expected a file or a folder",
        "link: is a link; expected a file or a folder",
        ".hidden: is no file of this dataset",
        "data/more.arrow: is no file of this dataset",
    ]


def test_a_link_in_place_of_a_file(small_dataset: Path, tmp_path: Path) -> None:
    """Its content is what it should be, but it lies elsewhere."""
    shutil.move(small_dataset / "README.md", tmp_path / "README.md")
    (small_dataset / "README.md").symlink_to(tmp_path / "README.md")
    assert found(small_dataset) == ["README.md: is a link; expected a file or a folder", "README.md: is missing"]


def add_count(*path: str, by: int = 1) -> Callable[[dict[str, Any]], None]:
    def edit(manifest: dict[str, Any]) -> None:
        at: Any = manifest
        for key in path[:-1]:
            at = at[int(key)] if isinstance(at, list) else at[key]
        at[path[-1]] += by

    return edit


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (("counts", "in"), "kept + dropped + quarantined is not in"),
        (("counts", "kept"), "the splits do not hold counts.kept"),
        (("counts", "dropped"), "the stages did not drop counts.dropped"),
        (("counts", "quarantined"), "faults are not counts.quarantined"),
        (("ingest", "records"), "records + faults is not counts.in"),
        (("ingest", "files"), "files are not the inputs listed"),
        (("ingest", "faults", "empty"), "ingest: faults are not counts.quarantined"),
        (("inputs", "sources", "0", "files"), "files per source differ"),
        (("stages", "0", "in"), "stage normalise: rows in are not those the stage before kept"),
        (("stages", "1", "kept"), "stage language: kept + dropped is not in"),
        (("stages", "2", "dropped", "too_short"), "stage quality: kept + dropped is not in"),
        (("splits", "train", "rows"), "split train: rows are not those of the subsets"),
        (("splits", "train", "chars"), "split train: chars are not those of the subsets"),
        (("splits", "train", "shards"), "split train: shards are not those of the subsets"),
        (("subsets", "small", "train", "rows"), "number of rows differs"),
        (("subsets", "small", "train", "chars"), "number of characters differs"),
        (("subsets", "small", "train", "shards"), "small/train: number of shards differs"),
    ],
    ids=".".join,
)
def test_a_changed_count(small_dataset: Path, path: tuple[str, ...], expected: str) -> None:
    reseal(small_dataset, add_count(*path))
    assert any(expected in f for f in found(small_dataset)), found(small_dataset)


def test_counts_changed_so_that_they_add_up(small_dataset: Path) -> None:
    """One record more dropped for being short, one less in another language: only the ledger knows better."""

    def edit(manifest: dict[str, Any]) -> None:
        language, quality = manifest["stages"][1], manifest["stages"][2]
        language["dropped"]["other_language"] -= 1
        language["kept"] += 1
        quality["in"] += 1
        quality["dropped"]["too_short"] += 1

    reseal(small_dataset, edit)
    assert [f for f in found(small_dataset) if f.startswith("ledger")] == [
        "ledger: number of rows dropped by language for other_language differs; got 1; expected 0",
        "ledger: number of rows dropped by quality for too_short differs; got 1; expected 2",
    ]


def one_more(rows: Rows) -> Rows:
    source = {**rows[0]["source"], "locator": "99"}
    new = record_id(source["source_id"], source["path"], "99")
    return [*rows, {**rows[0], "id": new, "source": source, "cluster": rows[0]["cluster"] or rows[0]["id"]}]


def test_an_added_row_with_every_count_and_hash_fitted(small_dataset: Path) -> None:
    split = shard(small_dataset).name.split("-")[0]
    text = len(pa.ipc.open_stream(shard(small_dataset)).read_all()["text"][0].as_py())
    rewrite_shard(small_dataset, one_more)

    def edit(manifest: dict[str, Any]) -> None:
        for stage in manifest["stages"]:
            stage["in"] += 1
            stage["kept"] += 1
        manifest["counts"]["in"] += 1
        manifest["counts"]["kept"] += 1
        manifest["ingest"]["records"] += 1
        for splits in (manifest["splits"], manifest["subsets"]["small"]):
            splits[split]["rows"] += 1
            splits[split]["chars"] += text

    reseal(small_dataset, edit)
    findings = found(small_dataset)
    assert any(f.startswith("data: records that the ledger does not keep; got 1 (") for f in findings), findings
    assert any(f.startswith("README.md: does not say what") for f in findings)


def edited(**fields: Any) -> Callable[[Rows], Rows]:
    return lambda rows: [{**rows[0], **fields}, *rows[1:]]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param(lambda rows: rows[1:], "number of rows differs", id="a row taken out"),
        pytest.param(
            lambda rows: [rows[1], *rows[1:]], "ids stand in more than one row", id="a row in place of another"
        ),
        pytest.param(edited(text="另一段文字"), "n_chars is not the length of the text", id="another text"),
        pytest.param(edited(text="短", n_chars=1), "number of characters differs", id="another text with its length"),
        pytest.param(edited(id="0" * 20), "id does not follow from the place", id="another id"),
        pytest.param(
            edited(id="x" * 20), "cannot be read as an Arrow stream of records; got ValueError", id="what is no id"
        ),
        pytest.param(edited(split="test"), "split is not train", id="another split in the row"),
        pytest.param(
            edited(cluster="0" * 20), "in the wrong split by the manifest's shares and seed", id="another cluster"
        ),
        pytest.param(edited(grade="核心"), "licence, authorisation or grade is not its source's", id="another grade"),
        pytest.param(edited(lang="en"), "README.md: does not say what", id="another language"),
        pytest.param(edited(pii=[]), "stats.json: does not say what", id="personal data forgotten"),
        pytest.param(lambda rows: rows[::-1], None, id="another order is the same records"),
    ],
)
def test_a_changed_record(small_dataset: Path, change: Callable[[Rows], Rows], expected: str | None) -> None:
    before = pa.ipc.open_stream(shard(small_dataset)).read_all().to_pylist()
    assert shard(small_dataset).name.startswith("train")
    rewrite_shard(small_dataset, lambda rows: change(sorted(rows, key=lambda r: -sum(p["count"] for p in r["pii"]))))
    if expected is None:
        assert sorted(r["id"] for r in before)
        reseal(small_dataset)
        assert found(small_dataset) == []
        return
    reseal(small_dataset)
    assert any(expected in f for f in found(small_dataset)), found(small_dataset)


def where(fate: str, change: Callable[[dict[str, Any]], dict[str, Any] | None]) -> Callable[[Rows], Rows]:
    """Change the first row of that fate; None takes it out."""

    def apply(rows: Rows) -> Rows:
        at = next(i for i, row in enumerate(rows) if row["fate"] == fate)
        new = change(rows[at])
        return [*rows[:at], *([new] if new else []), *rows[at + 1 :]]

    return apply


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param(
            where("kept", lambda r: None), "records that the ledger does not keep; got 1", id="a kept row taken out"
        ),
        pytest.param(where("dropped", lambda r: None), "number of rows dropped differs", id="a dropped row taken out"),
        pytest.param(
            where("quarantined", lambda r: None), "rows that the ledger does not have; got 1", id="a fault taken out"
        ),
        pytest.param(
            where("dropped", lambda r: {**r, "fate": "kept"}),
            "a fate without a reason, or a reason without one",
            id="kept, with a reason",
        ),
        pytest.param(
            where("dropped", lambda r: {**r, "fate": "kept", "stage": None, "reason": None}),
            "keeps records that are in no shard; got 1",
            id="said to be kept",
        ),
        pytest.param(
            where("dropped", lambda r: {**r, "reason": "mojibake"}),
            "for mojibake differs; got 1; expected 0",
            id="another reason",
        ),
        pytest.param(where("dropped", lambda r: {**r, "fate": "lost"}), "has no known fate", id="another fate"),
        pytest.param(
            where("dropped", lambda r: {**r, "locator": "7"}), "id does not follow from the place", id="another place"
        ),
        pytest.param(
            where("kept", lambda r: {**r, "source_path": "raw/x"}),
            "comes from no input of the manifest",
            id="another file",
        ),
        pytest.param(lambda rows: rows[::-1], "id is not after the one before it", id="out of order"),
        pytest.param(lambda rows: [*rows, rows[-1]], "id is not after the one before it", id="a row twice"),
        pytest.param(
            lambda rows: [{**r, "duplicate_of": r["duplicate_of"] and "f" * 20} for r in rows],
            "names duplicates of records that were never read",
            id="a partner that is nowhere",
        ),
    ],
)
def test_a_changed_ledger(small_dataset: Path, change: Callable[[Rows], Rows], expected: str) -> None:
    rewrite_parquet(small_dataset / LEDGER, change)
    reseal(small_dataset)
    assert any(expected in f for f in found(small_dataset)), found(small_dataset)


def test_a_changed_quarantine(small_dataset: Path) -> None:
    rewrite_parquet(small_dataset / "quarantine.parquet", lambda rows: [{**rows[0], "kind": "bomb"}, *rows[1:]])
    reseal(small_dataset)
    assert [f for f in found(small_dataset) if "numbers by kind differ" in f]


@pytest.mark.parametrize("name", ["README.md", "stats.json", "hf_disk/small/train/state.json"])
def test_words_beside_the_shards(small_dataset: Path, name: str) -> None:
    """Hashes fitted, but a card that says something else than manifest and records."""
    path = small_dataset / name
    path.write_text(path.read_text("utf-8").replace("train", "trian", 1).replace("6", "7", 1), "utf-8")
    reseal(small_dataset)
    assert found(small_dataset) == [f"{name}: does not say what the manifest and the records say"]


def test_another_schema(small_dataset: Path) -> None:
    path = shard(small_dataset)
    table = pa.ipc.open_stream(path).read_all().drop_columns(["grade"])
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_stream(sink, table.schema) as out:
        out.write_table(table)
    reseal(small_dataset)
    assert any("schema differs; got no column grade" in f for f in found(small_dataset))
    assert "grade" in RECORD.names


def test_run_json_of_another_dataset(small_dataset: Path) -> None:
    run = json.loads((small_dataset / RUN).read_bytes())
    (small_dataset / RUN).write_bytes(seal({**run, "manifest": "0" * 64}))
    assert [f for f in found(small_dataset) if f.startswith("run.json: speaks of another manifest")]


def test_canonical_form(small_dataset: Path) -> None:
    """The same content in another form is not what was sealed."""
    (small_dataset / MANIFEST).write_text(json.dumps(load(small_dataset)), "utf-8")
    assert any("was changed" in f for f in found(small_dataset))


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"null", b"\xff", b'{"schema": 3}', b"1" * 400], ids=repr)
def test_a_manifest_of_rubbish(small_dataset: Path, data: bytes) -> None:
    (small_dataset / MANIFEST).write_bytes(data)
    assert {f.file for f in verify(small_dataset)} == {MANIFEST}


def test_names_that_leave_the_folder_are_not_opened(small_dataset: Path) -> None:
    reseal(small_dataset, lambda m: m["outputs"].update({"../../etc/passwd": {"bytes": 1, "sha256": "0" * 64}}))
    assert any(f.startswith("../../etc/passwd: is missing") for f in found(small_dataset))


@pytest.mark.parametrize("seed", range(40))
def test_rubbish_with_the_right_hash_is_a_finding_and_never_a_traceback(small_dataset: Path, seed: int) -> None:
    chance = random.Random(seed)
    path = small_dataset / chance.choice([n for n in names(small_dataset) if n.endswith((".arrow", ".parquet"))])
    data = bytearray(path.read_bytes())
    if seed % 4 == 0:
        del data[chance.randrange(len(data)) :]
    else:
        for _ in range(chance.choice([1, 3, 20])):
            data[chance.randrange(len(data))] = chance.randrange(256)
    path.write_bytes(data)
    reseal(small_dataset)
    verify(small_dataset)


def test_no_value_of_a_record_in_a_finding(small_dataset: Path) -> None:
    rewrite_shard(small_dataset, edited(text="王小明 13912345678", split="13912345678", grade="王小明"))
    reseal(small_dataset)
    findings = " ".join(found(small_dataset))
    assert findings
    assert "13912345678" not in findings
    assert "王小明" not in findings
