"""Training of the quality score: the file is what training gives, the kinds, the fit against its conditions."""

from __future__ import annotations

from pathlib import Path
from random import Random

import numpy as np
import pytest

from tools import train_quality_model as tool
from tools.quality.damage import BAD
from tools.quality.good import GOOD
from tools.quality.phrases import PHRASES, example_texts


def test_the_file_is_what_training_gives() -> None:
    assert tool.main(check=True) == 0, "run python -m tools.train_quality_model"


def test_a_changed_file_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    changed = tmp_path / "quality_model.tsv"
    changed.write_text(tool.TABLE.read_text("utf-8").replace("mojibake_share", "replacement_share"), "utf-8")
    monkeypatch.setattr(tool, "TABLE", changed)
    monkeypatch.setattr(tool, "split", lambda split=tool.split: split(20))
    assert tool.main(check=True) == 1
    assert tool.main(check=False) == 0
    assert tool.main(check=True) == 0


def test_every_kind_has_its_share() -> None:
    texts, held_out = tool.split(10)
    for made in (texts, held_out):
        assert set(made.kinds) == {*GOOD, *BAD}
        for group in (GOOD, BAD):
            assert len({made.kinds.count(kind) for kind in group}) == 1
        good = made.good()
        assert 0.45 < good.mean() < 0.55
        assert all(made.texts)


def test_the_same_seed_makes_the_same_texts() -> None:
    documents = example_texts()["baijiu"]
    assert tool.make(documents, 200, Random(1)) == tool.make(documents, 200, Random(1))
    assert tool.make(documents, 200, Random(1)) != tool.make(documents, 200, Random(2))


def test_what_is_left_out_exists() -> None:
    root = Path(tool.__file__).parents[1] / "examples"
    for pattern in PHRASES["left_out"]:
        assert list(root.glob(pattern)), pattern


def test_examples_of_all_domains_are_read() -> None:
    domains = example_texts()
    assert len(domains) >= 27
    assert all(domains.values())


def test_the_examples_that_are_learned_from_are_not_broken() -> None:
    columns = tool.columns_of([text for texts in example_texts().values() for text in texts])
    assert columns["mojibake_share"].max() == 0
    assert columns["replacement_share"].max() == 0
    assert columns["repeated_10gram_share"].max() < 0.3
    assert columns["han_share"].min() > 0.4


def test_fit_meets_its_conditions() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(400, 4))
    y = (x @ [-2.0, -0.5, 1.0, 0.0] + rng.normal(size=400) > 0).astype(np.float64)
    weight, intercept = tool.fit(x, y, ridge=2.0)
    p = 1 / (1 + np.exp(-(x @ weight + intercept)))
    gradient = x.T @ (p - y) + 2.0 * weight
    assert (weight <= 0).all()
    assert weight[2] == 0  # it would be positive
    assert gradient[2] < 0  # raising it would lower the loss, but it may not
    free = weight < 0
    assert np.abs(gradient[free]).max() < 1e-6
    assert abs((p - y).sum()) < 1e-6


def test_auc() -> None:
    assert tool.auc(np.array([0.9, 0.4]), np.array([0.4, 0.1, 0.2])) == pytest.approx((1 + (2 + 0.5) / 3) / 2)


def test_held_out_figures() -> None:
    training, held_out = tool.split(4)
    by_kind = {kind: (auc, right) for kind, _, auc, right in tool.figures(tool.train(training), held_out)}
    assert by_kind["all"][0] > 0.95
    for kind, (auc, _) in by_kind.items():
        assert auc > 0.7, kind
