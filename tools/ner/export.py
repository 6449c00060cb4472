"""The weights that ship: `python -m tools.ner.export CHECKPOINT.pt TABLES.npz CALIBRATION.txt OUT_FOLDER`.

Writes per_int8.onnx and per_numpy.npz. Needs torch and onnx (the extra `train`). `python -m tools.ner.weights` then writes the sums and the self-test.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from curate.pii.names.features import Features, code_points
from curate.pii.names.network import BITS

__all__ = ["small_embedding"]

TABLES = "ubl"
LINES, TOGETHER, BATCHES = 4000, 40, 100  # of the text by which ranges of whole numbers are set
PERCENTILE = 99.99  # of an embedding, what becomes 127


def small_embedding(table: np.ndarray) -> tuple[np.ndarray, np.float32]:
    """int8 of the table's shape and what to multiply it by; the few numbers beyond the percentile are cut."""
    scale = np.float32(np.percentile(np.abs(table), PERCENTILE) / 127)
    return np.clip(np.round(table / scale), -127, 127).astype(np.int8), scale


def main() -> None:
    import onnx
    import torch
    from onnx import TensorProto, helper, numpy_helper
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("checkpoint", "tables", "calibration", "out"):
        parser.add_argument(name, type=Path)
    chosen = parser.parse_args()
    saved = torch.load(chosen.checkpoint)
    weights = {name: value.float().numpy() for name, value in saved["weights"].items()}
    gaps = saved["gaps"]

    initial, nodes = [], []

    def constant(name: str, value: np.ndarray) -> str:
        initial.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(kind: str, inputs: list[str], output: str, **options: object) -> str:
        nodes.append(helper.make_node(kind, inputs, [output], **options))
        return output

    looked_up = [node("Gather", [constant("E" + t, weights[f"{t}.weight"]), t], "e" + t) for t in TABLES]
    rows = node("Transpose", [node("Concat", looked_up, "e", axis=-1)], "et", perm=[0, 2, 1])
    state = node("Unsqueeze", [rows, constant("axis", np.array([2], np.int64))], "h")
    for layer, gap in enumerate(gaps):
        inputs = [
            state,
            constant(f"w{layer}", weights[f"c.{layer}.weight"]),
            constant(f"b{layer}", weights[f"c.{layer}.bias"]),
        ]
        summed = node("Conv", inputs, f"c{layer}", kernel_shape=[1, 3], dilations=[1, gap], pads=[0, gap, 0, gap])
        active = node("Relu", [summed], f"r{layer}")
        state = node("Add", [state, active], f"a{layer}") if layer else active
    last = [constant("wo", weights["o.weight"][:, :, None, None]), constant("bo", weights["o.bias"])]
    node("Conv", [state, *last], "y", kernel_shape=[1, 1])
    inputs = [helper.make_tensor_value_info(t, TensorProto.INT32, ["b", "t"]) for t in TABLES]
    output = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
    graph = helper.make_graph(nodes, "per", inputs, [output], initial)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 9
    chosen.out.mkdir(parents=True, exist_ok=True)
    floats = chosen.out / "per_f32.onnx"
    onnx.save(model, floats)

    tables = np.load(chosen.tables)
    features = Features(tables["ids"], tables["words"], BITS)
    lines = [line for line in chosen.calibration.read_text("utf-8").splitlines() if len(line) > 8][:LINES]
    texts = ["\n".join(lines[at : at + TOGETHER]) for at in range(0, len(lines), TOGETHER)][:BATCHES]

    class Ranges(CalibrationDataReader):
        def __init__(self) -> None:
            self._left = iter(texts)

        def get_next(self):
            text = next(self._left, None)
            return text and {t: part[None] for t, part in zip(TABLES, features(code_points(text)), strict=True)}

    quantize_static(
        floats, chosen.out / "per_int8.onnx", Ranges(), quant_format=QuantFormat.QDQ,
        activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8, per_channel=True,
    )  # fmt: skip
    out = {"dil": np.array(gaps), "wo": weights["o.weight"].T, "bo": weights["o.bias"]}
    for t in TABLES:
        out["E" + t], out["s" + t] = small_embedding(weights[f"{t}.weight"])
    for layer in range(len(gaps)):
        out[f"w{layer}"] = weights[f"c.{layer}.weight"][:, :, 0, :].transpose(2, 1, 0).astype(np.float16)
        out[f"b{layer}"] = weights[f"c.{layer}.bias"]
    np.savez_compressed(chosen.out / "per_numpy.npz", **out)


if __name__ == "__main__":
    main()
