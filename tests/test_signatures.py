"""Stores of signatures: what they find, that nothing but the records decides their bytes, and what is refused."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from curate.errors import DomainError
from curate.jobs.files import batches_of
from curate.jobs.keys import Keys
from curate.manifest import MANIFEST, seal
from curate.signatures import ABOUT, FILES, Layout, Store, find_store, match, place_of, signed, write_store
from curate.stages.near_dedup import NearDedup

LAYOUT = Layout(shingle=5, permutations=128, bands=21, rows=6)
LETTERS = "黔山秀水赤河清流酒曲窖池蒸煮发酵堆积入库勾调"


def text_of(seed: int, length: int = 300) -> str:
    return "".join(random.Random(seed).choices(LETTERS, k=length))


def edited(text: str, edits: int) -> str:
    chars = list(text)
    for i in range(edits):
        chars[(i * 997 + 13) % len(chars)] = "改"
    return "".join(chars)


def strings(values: Sequence[str]) -> pa.Array:
    return pa.array(values, pa.string())


def store(folder: Path, texts: dict[str, str], layout: Layout = LAYOUT, batch: int = 1000, **of: Any) -> Store:
    ids = list(texts)
    parts = [ids[i : i + batch] for i in range(0, len(ids), batch)]
    write_store(folder, (signed(strings(p), strings([texts[i] for i in p]), layout) for p in parts), layout, **of)
    return Store.open(folder)


def found(one: Store | list[Store], *texts: str, **how: Any) -> list[tuple[str | None, bool]]:
    stores = one if isinstance(one, list) else [one]
    matches = match(stores, strings(texts), **how)
    return list(zip(matches.id.to_pylist(), matches.exact.tolist(), strict=True))


def test_same_near_and_other_texts(tmp_path: Path) -> None:
    one = store(tmp_path, {f"r{i}": text_of(i) for i in range(50)})
    assert len(one) == 50
    matches = one.match(strings([text_of(7), edited(text_of(8), 3), edited(text_of(9), 200), text_of(99), ""]))
    assert matches.id.to_pylist() == ["r7", "r8", None, None, None]
    assert matches.exact.tolist() == [True, False, False, False, False]
    assert matches.store.tolist() == [0, 0, -1, -1, -1]
    assert matches.estimate[0] == 1.0
    assert matches.estimate[2:].tolist() == [0.0, 0.0, 0.0]
    shingles = [{t[i : i + 5] for i in range(296)} for t in (text_of(8), edited(text_of(8), 3))]
    jaccard = len(shingles[0] & shingles[1]) / len(shingles[0] | shingles[1])
    assert abs(matches.estimate[1] - jaccard) < 4 * (jaccard * (1 - jaccard) / 128) ** 0.5


def test_slices_and_empty_columns(tmp_path: Path) -> None:
    """Offsets of a slice do not start at 0."""
    one = store(tmp_path, {"a": text_of(1), "b": text_of(2)})
    column = strings([text_of(3), text_of(1), edited(text_of(2), 2), text_of(4)])
    assert one.match(column.slice(1, 2)).id.to_pylist() == ["a", "b"]
    assert one.match(column.slice(0, 0)).id.to_pylist() == []


def test_the_threshold_is_the_least_estimate(tmp_path: Path) -> None:
    one = store(tmp_path, {"a": text_of(1)})
    near = edited(text_of(1), 5)
    estimate = float(one.match(strings([near]), threshold=0.01).estimate[0])
    assert 0.5 < estimate < 1
    assert found(one, near, threshold=estimate) == [("a", False)]
    assert found(one, near, threshold=estimate + 1 / 256) == [(None, False)]


@pytest.mark.parametrize("ids", [("b", "a", "c"), ("a", "b", "c"), ("c", "b", "a")])
def test_of_equally_near_records_the_least_id(tmp_path: Path, ids: tuple[str, ...]) -> None:
    one = store(tmp_path, dict.fromkeys(ids, text_of(1)))
    assert found(one, text_of(1), edited(text_of(1), 2)) == [("a", True), ("a", False)]


def test_a_nearer_record_of_a_greater_id_wins(tmp_path: Path) -> None:
    one = store(tmp_path, {"a": edited(text_of(1), 6), "b": edited(text_of(1), 1)})
    assert found(one, text_of(1)) == [("b", False)]


def test_a_crowded_bucket_is_looked_at_in_part(tmp_path: Path) -> None:
    """Of many records that agree in a band the least ids are looked at: the nearest may be missed, always the same way."""
    texts = {f"r{i:03d}": edited(text_of(1), 1 + i % 3) for i in range(100)} | {"z": edited(text_of(1), 1) + "。"}
    one = store(tmp_path, texts, Layout(shingle=5, permutations=128, bands=1, rows=1))  # one bucket for all of them
    assert found(one, texts["z"] + "。", look_back=101) == [("z", False)]
    assert found(one, texts["z"] + "。", look_back=100) == [("r000", False)]
    assert found(one, texts["z"], look_back=1) == [("z", True)], "the same text is always found"


def test_several_stores(tmp_path: Path) -> None:
    """The same text wins, then the nearest, then the first store; stores may differ in how they were made."""
    first = store(tmp_path / "1", {"a": edited(text_of(1), 3), "b": text_of(2), "x": text_of(5)})
    other = Layout(shingle=3, permutations=64, bands=16, rows=4)
    second = store(tmp_path / "2", {"c": text_of(1), "d": text_of(2), "e": edited(text_of(3), 3)}, other)
    matches = match([first, second], strings([text_of(1), text_of(2), text_of(3), edited(text_of(2), 30), text_of(5)]))
    assert matches.id.to_pylist() == ["c", "b", "e", None, "x"]
    assert matches.store.tolist() == [1, 0, 1, -1, 0]
    again = store(tmp_path / "3", {"0": text_of(2)})
    assert match([first, again], strings([edited(text_of(2), 2)])).id.to_pylist() == ["b"]
    assert match([again, first], strings([edited(text_of(2), 2)])).id.to_pylist() == ["0"]


def test_an_empty_store_and_empty_texts(tmp_path: Path) -> None:
    one = store(tmp_path / "none", {})
    assert len(one) == 0
    assert found(one, text_of(1), "") == [(None, False), (None, False)]
    assert len(store(tmp_path / "empty", {"a": "", "b": "酒"})) == 1, "an empty text has no signature"
    assert found(Store.open(tmp_path / "empty"), "", "酒", "曲") == [(None, False), ("b", True), (None, False)]


def digest(folder: Path) -> str:
    return hashlib.sha256(b"".join((folder / file).read_bytes() for file in (*FILES, ABOUT))).hexdigest()


def test_bytes_depend_on_the_records_alone(tmp_path: Path) -> None:
    texts = {f"r{i * 7919 % 1000:03d}": text_of(i, 40) for i in range(200)}
    folders = [tmp_path / str(batch) for batch in (1, 7, 1000)]
    for folder, batch in zip(folders, (1, 7, 1000), strict=True):
        store(folder, texts, batch=batch)
    assert len({digest(folder) for folder in folders}) == 1
    store(folders[0], dict(list(texts.items())[:100]))
    assert digest(folders[0]) != digest(folders[1]), "a store is written anew where one was"


def test_ids_beyond_one_batch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("curate.signatures.writing.BATCH", 16)
    texts = {f"r{i}": text_of(i, 40) for i in range(50)}
    one = store(tmp_path, texts)
    assert found(one, *texts.values()) == [(i, True) for i in texts]


def test_what_near_dedup_stores_is_what_is_written(tmp_path: Path) -> None:
    texts = {"a": text_of(1), "b": "", "c": text_of(2)}
    stage = NearDedup()
    records = pa.record_batch({"id": strings(list(texts)), "text": strings(list(texts.values()))})
    keys = Keys(stage)
    keys.add(stage.emit(records), records, np.arange(3, dtype=np.uint64))
    keys.write([tmp_path / "keys.arrow", tmp_path / "stored.arrow"])
    layout = Layout(stage.shingle, stage.permutations, *stage.layout())
    write_store(tmp_path / "emitted", batches_of(tmp_path / "stored.arrow"), layout)
    store(tmp_path / "signed", texts, layout)
    assert digest(tmp_path / "emitted") == digest(tmp_path / "signed")


def test_signatures_of_this_form_stay_what_they_are(tmp_path: Path) -> None:
    """If this fails, texts now get other digests or signatures: stores written before cannot be read, raise SCHEMA's number."""
    store(tmp_path, {"a": "制曲车间每班记录曲房温度，超过六十度时翻曲。", "b": "空"})
    numbers = [(tmp_path / file).read_bytes() for file in ("digests.u8", "signatures.u32", "keys.u64")]
    assert hashlib.sha256(b"".join(numbers)).hexdigest()[:16] == "4fc6f624be7d761e"


def truncated(folder: Path) -> None:
    path = folder / "keys.u64"
    path.write_bytes(path.read_bytes()[:-8])


def about(change: Callable[[dict[str, Any]], None]) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        content = json.loads((folder / ABOUT).read_bytes())
        change(content)
        (folder / ABOUT).write_text(json.dumps(content))

    return damage


def garbled(folder: Path) -> None:
    (folder / "ids.arrow").write_bytes(b"x" * (folder / "ids.arrow").stat().st_size)


@pytest.mark.parametrize(
    ("damage", "text"),
    [
        (truncated, "keys.u64: is damaged; got"),
        (garbled, "ids.arrow: is damaged"),
        (lambda folder: (folder / "rows.u32").unlink(), "rows.u32: is missing"),
        (lambda folder: (folder / ABOUT).unlink(), "no signatures are kept here"),
        (lambda folder: (folder / ABOUT).write_text("{"), "not of a form"),
        (lambda folder: (folder / ABOUT).write_text("[]"), "not of a form"),
        (about(lambda c: c.update(schema="qiancui/signatures/2")), "expected qiancui/signatures/1"),
        (about(lambda c: c.update(records=3)), "is damaged"),
        (about(lambda c: c.update(records=-1)), "not of a form"),
        (about(lambda c: c["layout"].update(bands="21")), "not of a form"),
        (about(lambda c: c["layout"].update(rows=7)), "not of a form"),
        (about(lambda c: c["layout"].pop("shingle")), "not of a form"),
        (about(lambda c: c["files"].update({"ids.arrow": 3})), "not of a form"),
    ],
    ids=[
        "truncated", "no Arrow file", "missing", "no about", "no JSON", "no object", "another schema", "more records",
        "a negative number", "text for a number", "more bands than values", "no shingle", "no size",
    ],
)  # fmt: skip
def test_a_damaged_store_is_refused(tmp_path: Path, damage: Callable[[Path], None], text: str) -> None:
    store(tmp_path, {"a": text_of(1), "b": text_of(2)})
    damage(tmp_path)
    with pytest.raises(DomainError, match=text) as caught:
        Store.open(tmp_path)
    assert "Build the dataset again" in str(caught.value)


def dataset(root: Path, name: str = "small", version: str = "0.1.0", **more: Any) -> str:
    """A dataset of which nothing is left but the manifest; gives its digest."""
    folder = root / "outbox" / name / version
    folder.mkdir(parents=True)
    manifest = {"schema": "qiancui/manifest/1", "name": name, "version": version, **more}
    (folder / MANIFEST).write_bytes(seal(manifest))
    sealed: str = json.loads((folder / MANIFEST).read_bytes())["digest"]
    return sealed


def test_a_dataset_finds_its_signatures(tmp_path: Path) -> None:
    sealed = dataset(tmp_path)
    at = place_of("small", "0.1.0")
    store(tmp_path / at, {"a": text_of(1)}, name="small", version="0.1.0", manifest=sealed)
    assert find_store(tmp_path, "outbox/small/0.1.0") == Path("work/signatures/small/0.1.0")


def test_signatures_within_a_dataset_come_first(tmp_path: Path) -> None:
    within = tmp_path / "outbox/small/0.1.0/signatures"
    store(within, {"a": text_of(1)}, name="small", version="0.1.0")
    entry = {"sha256": hashlib.sha256((within / ABOUT).read_bytes()).hexdigest()}
    for path in within.iterdir():
        path.rename(tmp_path / path.name)
    within.rmdir()
    within.parent.rmdir()
    sealed = dataset(tmp_path, outputs={f"signatures/{ABOUT}": entry})
    within.mkdir()
    for file in (*FILES, ABOUT):
        (tmp_path / file).rename(within / file)
    store(tmp_path / place_of("small", "0.1.0"), {}, name="small", version="0.1.0", manifest=sealed)
    assert find_store(tmp_path, "outbox/small/0.1.0") == Path("outbox/small/0.1.0/signatures")
    store(within, {"b": text_of(1)}, name="small", version="0.1.0")
    with pytest.raises(DomainError, match="not those of this dataset"):
        find_store(tmp_path, "outbox/small/0.1.0")


@pytest.mark.parametrize(
    ("prepare", "text"),
    [
        (lambda root: None, "not a dataset"),
        (dataset, "no signatures of this dataset are kept; expected outbox/small/0.1.0/signatures or work/signatures/"),
        (lambda root: of_another(root), "not those of this dataset"),
        (lambda root: hostile(root), "no name and version"),
    ],
    ids=["nothing there", "never kept", "of another manifest", "a name that is a path"],
)
def test_a_dataset_without_its_signatures(tmp_path: Path, prepare: Callable[[Path], Any], text: str) -> None:
    prepare(tmp_path)
    with pytest.raises(DomainError, match=text) as caught:
        find_store(tmp_path, "outbox/small/0.1.0")
    assert str(tmp_path) not in str(caught.value)


def of_another(root: Path) -> None:
    dataset(root)
    store(root / place_of("small", "0.1.0"), {}, name="small", version="0.1.0", manifest="0" * 64)


def hostile(root: Path) -> None:
    folder = root / "outbox/small/0.1.0"
    folder.mkdir(parents=True)
    (folder / MANIFEST).write_bytes(seal({"schema": "qiancui/manifest/1", "name": "../..", "version": "0.1.0"}))
