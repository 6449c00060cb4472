"""What the network says of a text depends on the text alone: not on its place in a row, its company or where the row is cut."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.errors import IntegrityError
from curate.pii.names import network as module
from curate.pii.names.network import CHUNKS, CONTEXT, Network, Reading, weights

PATHS = ("onnxruntime", "numpy")
NETWORKS = {path: Network(path) for path in PATHS}

LETTER = "联系人：欧阳雪梅，电话见附页。\n李建国师傅和买买提·艾力检查了锅炉。"

pieces = st.text(st.sampled_from("王李张伟敏欧阳某建国，。：·\n\r aZ0８Ａ於陳𠮷\ud800\u0301"), max_size=40)


def same(a: Reading, b: Reading) -> bool:
    return all(np.array_equal(getattr(a, part), getattr(b, part)) for part in Reading.__slots__)


@pytest.fixture(params=PATHS)
def network(request: pytest.FixtureRequest) -> Network:
    return NETWORKS[request.param]


@pytest.mark.parametrize("path", PATHS)
@settings(max_examples=25, deadline=None)
@given(texts=st.lists(pieces, max_size=6), cut=st.integers(0, 6))
def test_batches_and_order_change_nothing(path: str, texts: list[str], cut: int) -> None:
    whole = NETWORKS[path].read_many(texts)
    parts = NETWORKS[path].read_many(texts[:cut]) + NETWORKS[path].read_many(texts[cut:])
    turned = NETWORKS[path].read_many(texts[::-1])[::-1]
    for text, one, two, three in zip(texts, whole, parts, turned, strict=True):
        assert len(one.person) == len(text)
        assert same(one, two)
        assert same(one, three)


@pytest.mark.parametrize("seam", [0, 1, 5, 8, 17, 24, len(LETTER)])
def test_chunks_leave_no_seam(network: Network, seam: int) -> None:
    """A chunk ends inside the letter, `seam` characters from where it begins."""
    before = "检查" * CHUNKS[network.path]
    found = network.read_many([before[: CHUNKS[network.path] - 2 * CONTEXT - seam] + "\n" * CONTEXT + LETTER])[0]
    alone = network.read_many([LETTER])[0]
    assert np.array_equal(found.person[-len(LETTER) :], alone.person)


def test_context_is_wide_enough(network: Network) -> None:
    """A character `CONTEXT` places away may be anything."""
    near = "检查" * (CONTEXT // 2)
    one, other = (network.read_many([far + near + LETTER + near + far])[0] for far in ("王", "·"))
    inside = slice(1 + len(near), -1 - len(near))
    assert np.array_equal(one.person[inside], other.person[inside])


@pytest.mark.parametrize(
    ("written", "read", "why"),
    [
        ("陳建國和張偉說話", "陈建国和张伟说话", "traditional characters"),
        ("联系人：Ｚｈａｎｇ　１２３", "联系人:Zhang　123", "full-width ASCII; the wide space has no form there"),
        ("乾隆", "乾隆", "left alone in names"),
        ("𠮷田", "𠮷田", "beyond the first plane"),
    ],
)
def test_folded(network: Network, written: str, read: str, why: str) -> None:
    codes = network.folded(module.code_points(written))
    assert codes.astype("<u4").tobytes().decode("utf-32-le") == read, why
    assert same(network.read_many([written])[0], network.read_many([read])[0]), why


@pytest.mark.parametrize("name", ["欧阳雪梅", "李建国", "买买提·艾力"])
def test_names_stand_out(network: Network, name: str) -> None:
    person = network.read_many([LETTER])[0].person
    at = LETTER.index(name)
    assert person[at : at + len(name)].min() > 0.5
    assert person[LETTER.index("电话") : LETTER.index("。")].max() < 0.1


def test_self_test_passes_here_or_numpy_takes_over() -> None:
    network = Network()
    assert network.path == ("onnxruntime" if NETWORKS["onnxruntime"].self_test() <= module.SLACK else "numpy")
    assert NETWORKS["numpy"].self_test() < 0.05  # floats: the same network, not the same hundredths


def test_a_processor_that_adds_otherwise_reads_with_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    class Off(module._Onnx):
        def __call__(self, row: module.Row) -> np.ndarray:
            return super().__call__(row) * np.float32(0.8)

    monkeypatch.setitem(module._PATHS, "onnxruntime", Off)
    network = Network()
    assert network.path == "numpy"
    assert same(network.read_many([LETTER])[0], NETWORKS["numpy"].read_many([LETTER])[0])


def test_other_weights_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_sums", lambda: {"tables.npz": "0" * 64})
    with pytest.raises(IntegrityError):
        weights("tables.npz")
