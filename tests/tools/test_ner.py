"""What the network is trained on, as far as that needs neither torch nor onnx: names, sentences, targets, tables, labelled files."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from curate.pii.names import data
from curate.pii.names.features import Features, code_points
from curate.pii.names.words import surname
from tools.ner import tables, targets, teach, weights
from tools.ner import train as train_network
from tools.ner.export import small_embedding
from tools.ner.fold import fold
from tools.ner.judge import kinds, predict, train
from tools.ner.labelled import marked, read
from tools.ner.made_up import Maker, sentence, templates
from tools.ner.train import Corpus, given_names

GIVEN = {"伟": 3.0, "敏": 2.0, "建": 1.0}
FOREIGN = ["科瓦连科", "安娜", "博登"]


def test_names_come_from_the_seed() -> None:
    one, same, other = ([Maker(GIVEN, FOREIGN, seed).any() for _ in range(200)] for seed in (1, 1, 2))
    assert one == same
    assert one != other


@pytest.mark.parametrize(
    ("kind", "right", "why"),
    [
        ("chinese", lambda name: surname(name, 0) > 0 and 2 <= len(name) <= 7, "a surname first"),
        ("foreign", lambda name: 2 <= len(name) <= 24 and surname(name, 0) < len(name), "sounds, perhaps with dots"),
        ("minority", lambda name: 1 < len(name) <= 24, "one part or two"),
        ("hidden", lambda name: name[-1] in "某甲乙×*" and surname(name, 0) > 0, "a surname and a sign"),
        ("familiar", lambda name: len(name) == 2, "two characters"),
    ],
)
def test_kinds_of_names(kind: str, right, why: str) -> None:
    maker = Maker(GIVEN, FOREIGN, 3)
    made = {getattr(maker, kind)() for _ in range(300)}
    assert len(made) > 5
    assert [name for name in made if not right(name)] == [], why


def test_all_kinds_of_surnames_are_met() -> None:
    maker, table = Maker(GIVEN, FOREIGN, 4), dict(data.rows("surnames"))
    met = Counter(table[maker.surname()] for _ in range(4000))
    assert {kind: met[kind] > 100 for kind in ("common", "rare", "wordy", "compound")} == dict.fromkeys(met, True)


@pytest.mark.parametrize(("name", "some"), [("with_names", True), ("without_names", False)])
def test_templates(name: str, some: bool) -> None:
    maker = Maker(GIVEN, FOREIGN, 5)
    for template in templates(name):
        text, spans = sentence(maker, template)
        assert "{" not in text
        assert len(spans) == template.count("{name}")
        assert bool(spans) is some
        at = 0
        for start, end, label in spans:
            assert at <= start < end <= len(text)
            assert label == "PER"
            at = end


def test_targets_of_labels() -> None:
    out = targets.of_labels(("请王小伟去云州", [(1, 4, "PER"), (5, 7, "LOC")]))
    assert out.argmax(1).tolist() == [0, 1, 2, 2, 0, 3, 3]
    assert np.allclose(out.sum(1), 1)


def said(*rows: tuple[float, float, float, float]) -> np.ndarray:
    return np.array(rows, np.float32)


NO = (0.0, 0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("text", "teacher", "names", "why"),
    [
        ("请王伟去", said(NO, (0.9, 0, 0, 0), (0, 0.9, 0, 0), NO), ["王伟"], "loud"),
        ("请王伟去", said(NO, (0.15, 0, 0, 0), (0, 0.12, 0, 0), NO), ["王伟"], "quiet, but a surname"),
        ("请检查去", said(NO, (0.15, 0, 0, 0), (0, 0.12, 0, 0), NO), [], "quiet and no shape of a name"),
        ("请王去看", said(NO, (0.5, 0, 0, 0), NO, NO), [], "one character must be louder"),
        ("请王去看", said(NO, (0.9, 0, 0, 0), NO, NO), ["王"], "one character, loud"),
        ("用kk吧", said(NO, (0.9, 0, 0, 0), (0, 0.9, 0, 0), NO), [], "no Han, no capitals"),
        ("见Bodon吧", said(NO, (0.9, 0, 0, 0), *[(0, 0.9, 0, 0)] * 4, NO), ["Bodon"], "capitals"),
    ],
)
def test_targets_of_a_teacher(text: str, teacher: np.ndarray, names: list[str], why: str) -> None:
    out, spans = targets.of_teacher(text, teacher)
    assert [text[a:b] for a, b, _ in spans] == names, why
    assert np.allclose(out.sum(1), 1, atol=1e-5)
    assert (out >= 0).all()
    inside = marked((text, spans), "PER")
    assert (out[inside, 1:3].sum(1) >= 0.45).all(), why
    for a, _, _ in spans:
        assert out[a, 1] > out[a, 2], "a name begins with a beginning"


def test_swapped_keeps_the_sentence_around() -> None:
    text = "昨天王伟和云州的陈敏说话"
    spans = [(2, 4, "PER"), (8, 10, "PER")]
    maker = Maker(GIVEN, FOREIGN, 6)
    seen = set()
    for _ in range(20):
        new, wanted = targets.swapped(text, targets.of_labels((text, spans)), spans, maker)
        assert len(new) == len(wanted)
        assert new.startswith("昨天")
        assert new.endswith("说话")
        assert "和云州的" in new
        assert wanted[:2].argmax(1).tolist() == [0, 0]
        assert wanted[2].argmax() == 1
        seen.add(new)
    assert len(seen) > 10
    assert targets.swapped("没有名字", targets.of_labels(("没有名字", [])), [], maker) is None


def test_together_loses_nothing() -> None:
    random = np.random.default_rng(0)
    pairs = [(np.full(n, n, np.uint32), np.full((n, 5), 0.2, np.float32)) for n in range(1, 150)]
    rows = targets.together(pairs, random)
    count = Counter(int(v) for ids, wanted in rows for v in ids)
    assert all(count[n] == n for n in range(1, 150))
    for ids, wanted in rows:
        assert len(ids) == len(wanted)
        assert (wanted[ids == 0] == 0).all(), "a break counts for nothing"
        assert (wanted[ids > 0] > 0).all()
    assert len(rows) < len(pairs)


def test_pieces_are_short_and_whole() -> None:
    text = "第一句。第二句很长" + "，检查检查" * 60 + "。\n  第三句！\n\n" + "长" * 300
    pieces = list(teach.cut(text))
    assert all(0 < len(piece) <= teach.LONGEST for piece in pieces)
    assert all("\n" not in piece for piece in pieces)
    assert "".join(pieces) == "".join(text.split())


def test_word_table_is_what_features_read() -> None:
    ids = tables.ids_of(Counter(dict.fromkeys("检查锅炉水位高压1", 9)))
    words = tables.word_table(
        [("检查", 2000, "v"), ("锅炉", 10, "n"), ("水位高", 5, "nr"), ("水位高压", 50, "i"), ("K检", 9, "n")], ids
    )
    found = Features(ids, words, 16).words(Features(ids, words, 16).ids(code_points("检查锅炉水位高压")))
    classes = [[(int(v) >> 4 * k) & 15 for k in range(3)] for v in found]
    assert classes[0][0] == 9 + 2, "a frequent verb"
    assert classes[2][0] == 6, "a rare noun"
    assert classes[4][1] == 1, "a rare name of three"
    assert classes[4][2] == 12, "a phrase of four"
    assert sum(v > 0 for row in classes for v in row) == 4


def test_ids() -> None:
    ids = tables.ids_of(Counter({"查": 4, "氦": 3, "k": 8, "q": 7, "\n": 99}))
    assert ids[ord("查")] > 7
    assert ids[ord("k")] > 7
    assert (ids[ord("氦")], ids[ord("q")], ids[10], ids[ord("か")]) == (2, 1, 0, 3)
    assert len({int(ids[ord(d)]) for d in "0123456789"}) == 1
    assert ids[ord("•")] == ids[ord("·")] > 7


def test_fold_is_what_ships() -> None:
    with Path(data.__file__).with_name("tables.npz").open("rb") as file:
        assert np.array_equal(np.load(file)["fold"], fold())


def test_sums_are_what_ship() -> None:
    folder = Path(data.__file__).parent
    lines = (folder / "weights.tsv").read_text("utf-8").split("\n", 1)[1]
    assert lines == weights.sums(folder)
    assert [row[0] for row in data.rows("self_test")] == list(weights.TEXT)


def test_labelled_files(tmp_path: Path) -> None:
    iob2 = tmp_path / "one.iob2"
    iob2.write_text(
        "# text = 王 伟在云州\n1\t王\tB-PER\t-\t-\n2\t伟\tI-PER\t-\t-\n3\t在\tO\t-\t-\n4\t云州\tB-LOC\t-\t-\n\n# text = 没有\n1\t没有\tO\t-\t-\n",
        "utf-8",
    )
    lines = tmp_path / "one.jsonl"
    lines.write_text("".join(json.dumps({"text": text, "spans": spans}) + "\n" for text, spans in read(iob2)), "utf-8")
    assert read(iob2) == [("王 伟在云州", [(0, 3, "PER"), (4, 6, "LOC")]), ("没有", [])]
    assert read(lines) == read(iob2)
    assert marked(read(iob2)[0], "PER").tolist() == [True, True, True, False, False, False]


def test_the_judge_learns() -> None:
    random = np.random.default_rng(0)
    facts = random.normal(size=(4096, 6)).astype(np.float32)
    person = (facts[:, 0] > 0) & (facts[:, 1] > 0)
    layer = train(facts, person, units=8, epochs=110)
    wrong = (predict(layer, facts) > 0.5) != person
    assert wrong.mean() < 0.1  # a quarter are names
    again = train(facts, person, units=8, epochs=110)
    assert np.array_equal(layer.inner, again.inner)


def test_kinds_are_eleven() -> None:
    table = kinds()
    assert {c: int(table[ord(c)]) for c in "王Aaé8·（） \n，+"} == dict(
        zip("王Aaé8·（） \n，+", [0, 1, 2, 2, 3, 4, 5, 6, 7, 8, 10, 9], strict=True)
    )


def test_an_epoch_of_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train_network, "TEMPLATES", 300)
    monkeypatch.setattr(train_network, "TRAPS", 100)
    pieces = ["请王伟去云州", "锅炉检查完了"]
    said_of = np.zeros((12, 4), np.float16)
    said_of[1, 0] = said_of[2, 1] = 0.9
    np.savez(tmp_path / "taught.npz", pieces=np.array(pieces), said=said_of)
    (tmp_path / "dict.txt").write_text("王伟 9 nr\n陈敏 9 nr\n检查 99 v\n", "utf-8")
    (tmp_path / "gold.jsonl").write_text(json.dumps({"text": "陈敏没来", "spans": [[0, 2, "PER"]]}) + "\n", "utf-8")
    ids = tables.ids_of(Counter())
    features = Features(ids, np.zeros(1 << 21, np.uint8), 16)
    corpus = Corpus([tmp_path / "taught.npz"], [tmp_path / "gold.jsonl"], tmp_path / "dict.txt", features, fold())
    rows = corpus.epoch(1)
    again = corpus.epoch(1)
    assert len(rows) > 50
    assert all(np.array_equal(a[0], b[0]) and np.array_equal(a[1], b[1]) for a, b in zip(rows, again, strict=True))
    assert all(len(row) == len(wanted) for row, wanted in rows)


def test_given_names() -> None:
    shares = given_names(["王小伟", "陈敏", "锅炉房的人"], ["李敏"])
    assert set(shares) == {"小", "伟", "敏"}
    assert shares["敏"] == pytest.approx(0.6 / 3 + 0.4)
    assert next(iter(shares)) == "敏"


def test_small_embeddings_come_back() -> None:
    table = np.random.default_rng(0).normal(size=(50, 8)).astype(np.float32)
    small, scale = small_embedding(table)
    assert small.dtype == np.int8
    assert np.abs(small * scale - table).max() <= scale
